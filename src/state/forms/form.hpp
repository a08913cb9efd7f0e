// Form: what is filled in, what is wrong with it, and the way to submit it. No drawing; ui/widgets/form.hpp binds it to controls.
//
//   state::Form form(schema::object({{"email", schema::string().trim().email("This is no email address")}, ...}),
//                    base::Json{{"email", ""}});
//   form.set("email", "ada@");                     // nothing is shown yet
//   form.submit([&](base::Json values) { call = api.register_user(values, [&](auto reply) {
//       if (!reply) return form.failed(reply.error(), kWords);    // under the fields it is about, else form_error()
//       form.succeeded();
//   }); });                                        // refused: error("email"), and take_focus_path() is "email"
//   form.set("email", "ada@example.org");          // from now on each change is checked at once
//
// Promises
//   - Nothing is shown as wrong before the first submit; after it every change is checked at once (the mode may say otherwise).
//     submit() hands out values only when they hold, as the schema gives them (trimmed, converted, defaults in), and once at a time:
//     until succeeded() or failed() a further submit() does nothing.
//   - An asynchronous check runs `delay_ms` after the last change of its field, on the value as the schema gives it, and only when
//     the schema has nothing to say against it. The latest wins: a change drops the run before it and its late answer. submit()
//     starts what has not been answered for the current value, and waits.
//   - What a server said of a field stands until that field is changed; what it said of the whole, until the next submit.
//   - Rows of a list keep their ids, their touched marks and their errors through insert, remove and move.
//   - After a refused submit, take_focus_path() gives the first field that is wrong, in the order of the schema, once.
//
// Paths as in state/forms/paths.hpp. Values are JSON; what a field shows is the owner's matter. Not copied and not moved: checks hold
// on to it. `send` may destroy the form, the other callbacks may not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "base/unique_function.hpp"
#include "state/forms/schema.hpp"
#include "state/forms/server_issues.hpp"

namespace state {

// When a mistake is shown before the first submit. After it: always.
enum class FormMode : std::uint8_t { on_submit, on_touched, always };

// Asks whether `value` will do and calls `answer` once with the words for why not, or with "" (also when it could not find out: the
// server has the last word). What it returns is kept until the answer is there or nobody wants it any more: a request handle that
// cancels when dropped, say.
using AsyncAnswer = base::UniqueFunction<void(std::string problem)>;
using AsyncCheck = base::UniqueFunction<std::shared_ptr<void>(const base::Json& value, AsyncAnswer answer)>;

using RowId = std::uint32_t;  // never 0, unique within a form

class Form {
public:
    explicit Form(Schema schema, base::Json initial = base::Json::object(), FormMode mode = FormMode::on_submit);
    ~Form();
    Form(const Form&) = delete;
    Form& operator=(const Form&) = delete;

    // For a field outside lists. The scheduler must outlive the form.
    void add_check(std::string path, base::Scheduler& scheduler, AsyncCheck check, std::int64_t delay_ms = 300);
    // Called after anything changed, also when a check answered.
    void on_change(base::UniqueFunction<void()> callback);

    // ---- values
    [[nodiscard]] const Schema& schema() const { return schema_; }
    [[nodiscard]] const base::Json& values() const { return values_; }
    [[nodiscard]] const base::Json& initial() const { return initial_; }
    [[nodiscard]] const base::Json* value(std::string_view path) const;  // null: absent
    [[nodiscard]] std::string text(std::string_view path) const;         // "" when it is no text
    // False when there is no such place (see set_at).
    bool set(std::string_view path, base::Json value);
    // Makes the field absent: an emptied number.
    void erase(std::string_view path);
    // New defaults: values, errors, marks, rows and running checks start over; a submit under way is forgotten.
    void reset(base::Json initial);
    void reset() { reset(initial_); }
    // Raised by every change of anything.
    [[nodiscard]] std::uint64_t version() const { return version_; }

    // ---- marks
    [[nodiscard]] bool dirty() const { return values_ != initial_; }
    [[nodiscard]] bool dirty(std::string_view path) const;  // differs from the default; elements of lists by position
    [[nodiscard]] bool touched(std::string_view path) const;
    void touch(std::string_view path);  // the keyboard has left the field

    // ---- mistakes
    [[nodiscard]] bool valid() const { return issues_.empty(); }         // by the schema, shown or not
    [[nodiscard]] const std::vector<Issue>& issues() const { return issues_; }
    // What to show under the field: the schema's first word, else the check's, else the server's. Empty: nothing.
    [[nodiscard]] std::string_view error(std::string_view path) const;
    // What to show above the form.
    [[nodiscard]] std::string_view form_error() const;
    [[nodiscard]] bool checking(std::string_view path) const;            // a check of it is under way or due
    [[nodiscard]] bool checking() const;
    [[nodiscard]] bool submitted() const { return submitted_; }          // a submit was tried since the last reset

    // ---- submit
    // True when the values hold (or may, after asynchronous checks): `send` gets them then, within the call when nothing has to be
    // waited for. False when refused, or while another submit is under way.
    bool submit(base::UniqueFunction<void(base::Json values)> send);
    [[nodiscard]] bool submitting() const { return submitting_; }
    void succeeded();
    void failed(std::vector<Issue> issues, std::string message = {});    // issues of unknown paths join the message
    void failed(const base::Error& error, std::span<const FieldWords> words = {});

    // ---- focus
    void focus(std::string path) { focus_path_ = std::move(path); }
    [[nodiscard]] const std::string& focus_path() const { return focus_path_; }
    [[nodiscard]] std::string take_focus_path();

    // ---- lists
    // The ids of the elements at `path`, in order; none when there is no list.
    [[nodiscard]] const std::vector<RowId>& rows(std::string_view path);
    // index <= size; makes the list when it is absent.
    bool insert_row(std::string_view path, std::size_t index, base::Json value);
    bool append_row(std::string_view path, base::Json value);
    bool remove_row(std::string_view path, std::size_t index);
    bool move_row(std::string_view path, std::size_t from, std::size_t to);

private:
    struct Field {
        bool touched = false;
        std::string server_error;
    };
    struct Check;
    // Where the element that was at an index goes; nothing: it is gone.
    using Shift = std::optional<std::size_t> (*)(std::size_t index, std::size_t a, std::size_t b);

    void changed();
    void validate();
    // `rows_only`: elements were added, removed or moved, and what is known of them still holds.
    void value_changed(std::string_view path, bool rows_only = false);
    void plan_check(Check& check);
    void run_check(Check& check);
    void answered(Check& check, std::string problem);
    void start_checks();
    void finish_submit();
    void focus_first_error();
    [[nodiscard]] Field& field_at(std::string_view path);
    [[nodiscard]] bool shows(std::string_view path) const;
    [[nodiscard]] base::Json* list_at(std::string_view path);
    void shift_rows(std::string_view path, Shift shift, std::size_t a, std::size_t b);

    Schema schema_;
    base::Json initial_;
    base::Json values_;
    base::Json output_;  // as the schema gives it; null while something is wrong
    FormMode mode_;
    std::vector<Issue> issues_;
    std::string form_error_;
    std::map<std::string, Field, std::less<>> fields_;
    std::map<std::string, std::vector<RowId>, std::less<>> rows_;
    std::vector<std::unique_ptr<Check>> checks_;
    base::UniqueFunction<void(base::Json)> waiting_send_;  // for checks
    base::UniqueFunction<void()> on_change_;
    std::shared_ptr<Form*> self_;  // null once the form is gone
    std::string focus_path_;
    std::uint64_t version_ = 0;
    RowId last_row_ = 0;
    bool submitted_ = false;
    bool submitting_ = false;
    bool starting_checks_ = false;
};

}  // namespace state
