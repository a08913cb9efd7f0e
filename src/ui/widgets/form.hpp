// FormFields: the controls of a state::Form, for one frame. Every form of the app is made of these.
//
//   ui::FormFields fields(ctx, form);
//   fields.alert();                                                      // what is wrong with the whole
//   fields.text("email", {.label = "Email"});
//   fields.text("password", {.label = "Password", .help = "At least 6 characters", .password = true});
//   fields.rows("tools", {.label = "Tools", .item = "Tool"});
//   if (fields.submit("Create account", {.busy_label = "Creating…"}))
//       form.submit([&](model::Json values) { ... });                    // then form.succeeded() or form.failed(...)
//
// What it adds to the controls of ui/widgets.hpp: the value comes from and goes to the form; the required mark comes from the schema;
// the error stands under its field; leaving a field touches it; Enter in a one-line field (Ctrl/Cmd+Enter in a longer one) submits;
// while a submit is under way everything is disabled and the button busy; after a refusal the first wrong field takes the keyboard
// and is scrolled into view. The path is the id, so a form's fields stand under one id of the ImGui stack (a dialog, a region).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "state/forms/form.hpp"
#include "ui/widgets.hpp"

namespace ui {

// One member of each row of a list of objects, edited as text.
struct RowColumn {
    std::string_view member = {};
    std::string_view label = {};      // accessible name, with the row's number: "Path 2"
    std::string_view placeholder = {};
    float share = 1;                  // of the row's width
    bool mono = false;
};
struct RowsOptions {
    std::string_view label = {};      // above the list
    std::string_view item = {};       // accessible name of a row of texts, with its number: "Tool 2"; and of what Add adds
    std::string_view help = {};
    std::string_view placeholder = {};
    std::span<const RowColumn> columns = {};  // none: a list of texts
    bool mono = false;
};
struct SubmitOptions {
    std::string_view busy_label = {};  // default: the label
    std::string_view name = {};        // accessible name; default: the label
    ButtonStyle style = ButtonStyle::primary;
    Icon icon = Icon::none;
    bool disabled = false;
    float width = 0;
    float height = 0;
};

class FormFields {
public:
    // `busy`: something else is under way that the form has to wait for.
    FormFields(UiContext& ctx, state::Form& form, bool busy = false);
    ~FormFields();
    FormFields(const FormFields&) = delete;
    FormFields& operator=(const FormFields&) = delete;

    // The form's own error, else `other`; nothing when both are empty. Announced.
    void alert(std::string_view other = {});

    // Each returns true when the value changed. `error`, `required`, `disabled` and `focus` of the options are the form's; set, they
    // add to it.
    bool text(std::string_view path, FieldOptions options = {});
    // An emptied field is absent; what is no number is kept as the text it is, for the schema to refuse. Arrow keys step within
    // `number`'s bounds; which numbers are right is the schema's.
    bool number(std::string_view path, const NumberOptions& number = {}, FieldOptions options = {});
    bool choice(std::string_view path, std::span<const SelectItem> items, FieldOptions options = {});
    bool check(std::string_view path, std::string_view label, std::string_view help = {});
    bool toggle(std::string_view path, std::string_view label, std::string_view help = {});
    // A list with a field or a line of fields for each element, a button to remove it, and one to add another.
    bool rows(std::string_view path, const RowsOptions& options);

    // The button. True when it was pressed, or Enter was, and the form may be submitted.
    bool submit(std::string_view label, const SubmitOptions& options = {});

    [[nodiscard]] bool busy() const { return busy_; }

private:
    bool text_at(std::string_view id, std::string_view path, FieldOptions options);
    bool box(std::string_view path, std::string_view label, std::string_view help, bool is_switch);
    void prepare(std::string_view path, FieldOptions& options);
    void after(std::string_view path, const FieldResult& result, const FieldOptions& options, float top);
    void note(std::string_view path);
    [[nodiscard]] bool takes_focus(std::string_view path);
    void follow_focus(std::string_view path, bool takes, float top) const;

    UiContext& ctx_;
    state::Form& form_;
    std::string focus_;
    bool busy_;
    bool entered_ = false;
};

}  // namespace ui
