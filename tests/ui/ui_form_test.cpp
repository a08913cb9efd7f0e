// The form controls by mouse and keyboard: on a page of their own, then the forms of the app.
#include <imgui_internal.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ui/commands.hpp"
#include "ui/ui_rig.hpp"
#include "ui/widgets/form.hpp"

using namespace ui;  // a test file
using model::Json;
using ui::testing::Interceptor;
using ui::testing::Rig;
namespace schema = state::schema;

namespace {

// A window with nothing in it but what `draw` draws; the rig lends its App, its ImGui context and its fonts.
class Page {
public:
    explicit Page(std::function<void(UiContext&)> draw_form) : draw(std::move(draw_form)) {
        semantics.set_full(true);
        apply_style(theme_, false);
        const ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
        fonts_ = {.ui = atlas.Fonts[0], .semibold = atlas.Fonts[1], .mono = atlas.Fonts[2]};
    }

    void frame() {
        ImGui::SetCurrentContext(rig_.context);
        ImGui::GetIO().DisplaySize = ImVec2(input.width, input.height);
        ImGui::GetIO().DeltaTime = 1.0f / 60;
        input.now_ms = rig_.time.monotonic_ms();
        semantics.begin_frame();
        ImGui::NewFrame();
        UiContext ctx{.app = *rig_.app, .theme = theme_, .fonts = fonts_, .semantics = semantics, .commands = commands_, .input = input,
                      .platform = rig_.platform, .wake_at_ms = -1, .layers = &layers_};
        ImGui::SetNextWindowPos(ImVec2(0, 0));
        ImGui::SetNextWindowSize(ImVec2(input.width, input.height));
        ImGui::Begin("page", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove);
        draw(ctx);
        end_placed();
        scroll_y = ImGui::GetScrollY();
        ImGui::End();
        ImGui::Render();
        for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
            texture->SetTexID(1);
            texture->SetStatus(ImTextureStatus_OK);
        }
        semantics.finish_frame();
        semantics.expire_actions();
        wants_frame_ = ctx.wake_at_ms >= 0 && ctx.wake_at_ms <= input.now_ms + 20;
    }
    void settle() {
        frame();
        for (int i = 0; i < 100; ++i) {
            rig_.time.run_ready();
            if (!wants_frame_ && !semantics.has_actions()) return;
            rig_.time.advance(8);
            frame();
        }
        FAIL("the form asks for frames without end");
    }
    void pass(std::int64_t duration_ms) {
        rig_.time.advance(duration_ms);
        settle();
    }
    const SemanticRecord& at(Role role, std::string_view name) {
        const SemanticRecord* record = semantics.find(role, name);
        if (record == nullptr) FAIL("no " << role_word(role) << " \"" << name << "\"");
        return *record;
    }
    bool has(Role role, std::string_view name) const { return semantics.find(role, name) != nullptr; }
    void click(Role role, std::string_view name) {
        const SemanticRect rect = at(role, name).rect;
        ImGuiIO& io = ImGui::GetIO();
        io.AddMousePosEvent(rect.x + rect.w / 2, rect.y + rect.h / 2);
        frame();
        io.AddMouseButtonEvent(0, true);
        frame();
        io.AddMouseButtonEvent(0, false);
        settle();
    }
    void type(std::string_view words) {
        for (const char c : words) {
            ImGui::GetIO().AddInputCharacter(static_cast<unsigned char>(c));
            frame();
        }
        settle();
    }
    void press(ImGuiKey key, ImGuiKey modifier = ImGuiKey_None) {
        ImGuiIO& io = ImGui::GetIO();
        if (modifier != ImGuiKey_None) io.AddKeyEvent(modifier, true);
        io.AddKeyEvent(key, true);
        frame();
        io.AddKeyEvent(key, false);
        if (modifier != ImGuiKey_None) io.AddKeyEvent(modifier, false);
        settle();
    }
    bool focused(Role role, std::string_view name) { return (at(role, name).flags & kFocused) != 0; }
    base::testing::VirtualScheduler& time() { return rig_.time; }

private:
    Rig rig_;  // first: the context that the fonts are taken from

public:
    std::function<void(UiContext&)> draw;
    Semantics semantics;
    FrameInput input{.width = 400, .height = 600};
    float scroll_y = 0;

private:
    CommandTable commands_;
    Layers layers_;
    Theme theme_ = dark_theme();
    Fonts fonts_;
    bool wants_frame_ = false;
};

constexpr std::array<SelectItem, 2> kKinds{{{"a", "Apples"}, {"b", "Bananas"}}};

state::Schema order() {
    return schema::object({{"name", schema::string().trim().min(1, "Enter a name")},
                           {"count", schema::number().integer("Enter a whole number").min(1).max(10)},
                           {"kind", schema::one_of({"a", "b"}).required("Choose one")},
                           {"note", schema::string().optional()},
                           {"terms", schema::boolean().refine([](const Json& on) { return on == true; }, "Agree to the terms")},
                           {"tags", schema::array(schema::string().min(1, "Empty tag")).or_default(Json::array())}});
}
const Json kOrder{{"name", ""}, {"count", 1}, {"kind", ""}, {"note", ""}, {"terms", false}, {"tags", Json::array()}};
const Json kGoodOrder{{"name", "Ada"}, {"count", 1}, {"kind", "a"}, {"note", ""}, {"terms", true}, {"tags", Json::array()}};

struct OrderForm {
    state::Form form{order(), kOrder};
    std::vector<Json> sent;
    void draw(UiContext& ctx) {
        FormFields fields(ctx, form);
        fields.alert();
        fields.text("name", {.label = "Name", .help = "As on the parcel"});
        fields.number("count", {.min = 1, .max = 10}, {.label = "Count"});
        fields.choice("kind", kKinds, {.label = "Kind"});
        fields.text("note", {.label = "Note", .rows = 3});
        fields.check("terms", "Agree");
        fields.rows("tags", {.label = "Tags", .item = "Tag"});
        if (fields.submit("Order", {.busy_label = "Ordering…"})) form.submit([this](Json values) { sent.push_back(std::move(values)); });
    }
};

}  // namespace

TEST_CASE("a form is filled in and sent by mouse and keyboard, and gets what its schema made of it [V2]") {
    OrderForm order_form;
    Page page([&](UiContext& ctx) { order_form.draw(ctx); });
    page.settle();
    page.click(Role::textbox, "Name");
    page.type(" Ada ");
    page.click(Role::textbox, "Count");
    page.press(ImGuiKey_UpArrow);
    page.press(ImGuiKey_UpArrow);
    CHECK(page.at(Role::textbox, "Count").value == "3");
    page.click(Role::combobox, "Kind");
    page.click(Role::option, "Bananas");
    page.click(Role::checkbox, "Agree");
    page.click(Role::button, "Order");
    REQUIRE(order_form.sent.size() == 1);
    CHECK(order_form.sent[0] == Json{{"name", "Ada"}, {"count", 3}, {"kind", "b"}, {"note", ""}, {"terms", true}, {"tags", Json::array()}});
}

TEST_CASE("a refused submit shows every error in place and gives the first field the keyboard [V2]") {
    OrderForm order_form;
    Page page([&](UiContext& ctx) { order_form.draw(ctx); });
    page.settle();
    CHECK(page.at(Role::textbox, "Name").description == "As on the parcel");
    CHECK((page.at(Role::textbox, "Name").flags & kRequired) != 0);
    CHECK((page.at(Role::combobox, "Kind").flags & kRequired) != 0);
    CHECK((page.at(Role::textbox, "Note").flags & kRequired) == 0);
    page.click(Role::button, "Order");
    CHECK(order_form.sent.empty());
    CHECK(page.at(Role::textbox, "Name").description == "Enter a name");
    CHECK((page.at(Role::textbox, "Name").flags & kInvalid) != 0);
    CHECK(page.at(Role::combobox, "Kind").description == "Choose one");
    CHECK(page.has(Role::text, "Agree to the terms"));
    CHECK(page.focused(Role::textbox, "Name"));
    page.type("Ada");  // it is there: no click needed
    CHECK(page.at(Role::textbox, "Name").value == "Ada");
    CHECK(page.at(Role::textbox, "Name").description == "As on the parcel");
    // The next one is a choice, then a check box.
    page.click(Role::button, "Order");
    CHECK(page.focused(Role::combobox, "Kind"));
    page.press(ImGuiKey_Enter);
    page.click(Role::option, "Apples");
    page.click(Role::button, "Order");
    CHECK(page.focused(Role::checkbox, "Agree"));
    page.press(ImGuiKey_Space);
    page.click(Role::button, "Order");
    CHECK(order_form.sent.size() == 1);
}

TEST_CASE("Enter submits from a one-line field, Ctrl+Enter from a longer one [V2]") {
    OrderForm order_form;
    order_form.form.reset(kGoodOrder);
    Page page([&](UiContext& ctx) { order_form.draw(ctx); });
    page.settle();
    page.click(Role::textbox, "Name");
    page.press(ImGuiKey_Enter);
    CHECK(order_form.sent.size() == 1);
    order_form.form.succeeded();
    page.settle();
    page.click(Role::textbox, "Note");
    page.type("a");
    page.press(ImGuiKey_Enter);
    page.type("b");
    CHECK(order_form.sent.size() == 1);
    CHECK(order_form.form.text("note") == "a\nb");
    page.press(ImGuiKey_Enter, ImGuiMod_Ctrl);
    REQUIRE(order_form.sent.size() == 2);
    CHECK(order_form.sent[1]["note"] == Json("a\nb"));
}

TEST_CASE("while a submit is under way the form is disabled and its button busy [V2]") {
    OrderForm order_form;
    order_form.form.reset(kGoodOrder);
    Page page([&](UiContext& ctx) { order_form.draw(ctx); });
    page.settle();
    page.click(Role::button, "Order");
    REQUIRE(page.has(Role::button, "Ordering…"));
    CHECK((page.at(Role::button, "Ordering…").flags & kDisabled) != 0);
    CHECK((page.at(Role::textbox, "Name").flags & kDisabled) != 0);
    CHECK((page.at(Role::checkbox, "Agree").flags & kDisabled) != 0);
    CHECK((page.at(Role::button, "Add Tag").flags & kDisabled) != 0);
    page.click(Role::button, "Ordering…");
    CHECK(order_form.sent.size() == 1);
    order_form.form.failed({{"count", "Only one left"}}, "Out of stock");
    page.settle();
    CHECK((page.at(Role::alert, "Out of stock").flags & kLive) != 0);
    CHECK(page.at(Role::textbox, "Count").description == "Only one left");
    CHECK(page.focused(Role::textbox, "Count"));
    CHECK((page.at(Role::button, "Order").flags & kDisabled) == 0);
}

TEST_CASE("a field is touched when the keyboard leaves it, changed or not [V2]") {
    state::Form form(order(), kOrder, state::FormMode::on_touched);
    Page page([&](UiContext& ctx) {
        FormFields fields(ctx, form);
        fields.text("name", {.label = "Name"});
        fields.number("count", {}, {.label = "Count"});
    });
    page.settle();
    page.click(Role::textbox, "Name");
    CHECK_FALSE(form.touched("name"));
    CHECK(page.at(Role::textbox, "Name").description.empty());
    page.press(ImGuiKey_Tab);
    CHECK(page.focused(Role::textbox, "Count"));
    CHECK(form.touched("name"));
    CHECK(page.at(Role::textbox, "Name").description == "Enter a name");
}

TEST_CASE("a number field keeps what was typed for the schema to judge, and an empty one is absent [V2]") {
    OrderForm order_form;
    order_form.form.reset(kGoodOrder);
    Page page([&](UiContext& ctx) { order_form.draw(ctx); });
    page.settle();
    auto type_count = [&](std::string_view words) {
        page.click(Role::textbox, "Count");
        page.press(ImGuiKey_A, ImGuiMod_Ctrl);
        page.press(ImGuiKey_Backspace);
        page.type(words);
        page.click(Role::button, "Order");
    };
    type_count("many");
    CHECK(order_form.sent.empty());
    CHECK(page.at(Role::textbox, "Count").description == "Enter a number");
    CHECK(page.at(Role::textbox, "Count").value == "many");
    type_count("2.5");
    CHECK(page.at(Role::textbox, "Count").description == "Enter a whole number");
    type_count("");
    CHECK(page.at(Role::textbox, "Count").description == "Required");
    CHECK(order_form.form.value("count") == nullptr);
    type_count("11");
    CHECK(page.at(Role::textbox, "Count").description == "At most 10");
    page.press(ImGuiKey_DownArrow);  // it has the keyboard; a step stays within the bounds
    CHECK(page.at(Role::textbox, "Count").value == "10");
    page.click(Role::button, "Order");
    REQUIRE(order_form.sent.size() == 1);
    CHECK(order_form.sent[0]["count"].is_number_integer());
}

TEST_CASE("rows are added and removed, the keyboard goes along, and errors stand at their row [V2]") {
    OrderForm order_form;
    order_form.form.reset(kGoodOrder);
    Page page([&](UiContext& ctx) { order_form.draw(ctx); });
    page.settle();
    page.click(Role::button, "Add Tag");
    CHECK(page.focused(Role::textbox, "Tag 1"));
    page.type("red");
    page.click(Role::button, "Add Tag");
    page.click(Role::button, "Add Tag");
    CHECK(page.focused(Role::textbox, "Tag 3"));
    page.type("blue");
    page.click(Role::button, "Order");
    CHECK(page.at(Role::textbox, "Tag 2").description == "Empty tag");
    CHECK(page.focused(Role::textbox, "Tag 2"));
    page.click(Role::button, "Remove Tag 2");
    CHECK(order_form.form.values()["tags"] == Json{"red", "blue"});
    CHECK(page.focused(Role::textbox, "Tag 2"));
    page.type("!");
    page.click(Role::button, "Remove Tag 2");
    CHECK(page.focused(Role::textbox, "Tag 1"));
    page.click(Role::button, "Remove Tag 1");
    CHECK(page.focused(Role::button, "Add Tag"));
    page.click(Role::button, "Order");
    CHECK(order_form.sent.size() == 1);
}

TEST_CASE("a list of objects has a field for each member") {
    state::Form form(schema::object({{"paths", schema::array(schema::object({{"path", schema::string().min(1, "No path")}, {"type", schema::string()}}))}}), {{"paths", Json::array()}});
    constexpr std::array<RowColumn, 2> kColumns{{{.member = "path", .label = "Path", .share = 2, .mono = true}, {.member = "type", .label = "Type"}}};
    Page page([&](UiContext& ctx) {
        FormFields fields(ctx, form);
        fields.rows("paths", {.label = "Paths", .item = "path", .columns = kColumns});
    });
    page.settle();
    page.click(Role::button, "Add path");
    CHECK(page.focused(Role::textbox, "Path 1"));
    page.type("/");
    page.press(ImGuiKey_Tab);
    page.type("Prefix");
    CHECK(form.values() == Json{{"paths", {{{"path", "/"}, {"type", "Prefix"}}}}});
    CHECK(page.at(Role::textbox, "Path 1").rect.y == page.at(Role::textbox, "Type 1").rect.y);
    CHECK(page.at(Role::textbox, "Path 1").rect.w > 1.8f * page.at(Role::textbox, "Type 1").rect.w);
}

TEST_CASE("the first wrong field is scrolled into view with its label and its error [V2]") {
    OrderForm order_form;
    Page page([&](UiContext& ctx) { order_form.draw(ctx); });
    page.input.height = 150;
    page.settle();
    for (int i = 0; i < 30 && page.at(Role::button, "Order").rect.y + 30 > 150; ++i) {
        ImGui::GetIO().AddMousePosEvent(100, 75);
        ImGui::GetIO().AddMouseWheelEvent(0, -3);
        page.settle();
    }
    CHECK(page.at(Role::textbox, "Name").rect.y < 0);
    page.click(Role::button, "Order");
    page.settle();
    const SemanticRect name = page.at(Role::textbox, "Name").rect;
    CHECK(name.y >= text_size::kSmall);                 // the label above it
    CHECK(name.y + name.h + text_size::kSmall <= 150);  // the error below it
    CHECK(page.focused(Role::textbox, "Name"));
}

TEST_CASE("a field says that it is being checked, and the form draws when the answer is there [V2]") {
    OrderForm order_form;
    order_form.form.reset(kGoodOrder);
    std::optional<state::AsyncAnswer> answer;
    Page page([&](UiContext& ctx) { order_form.draw(ctx); });
    order_form.form.add_check("name", page.time(), [&](const Json&, state::AsyncAnswer tell) -> std::shared_ptr<void> {
        answer = std::move(tell);
        return nullptr;
    });
    page.settle();
    page.click(Role::textbox, "Name");
    page.type("x");
    page.pass(400);
    REQUIRE(answer);
    CHECK(order_form.form.checking("name"));
    (*answer)("Taken");
    page.pass(100);
    CHECK(page.at(Role::textbox, "Name").description == "Taken");
    page.click(Role::button, "Order");
    CHECK(order_form.sent.empty());
}

// ---- the forms of the app

TEST_CASE("the sign-in form: what is missing, the first of it with the keyboard, nothing sent [V2]") {
    Rig rig({.auth = hub::AuthMode::builtin});
    rig.start();
    REQUIRE(rig.find(Role::textbox, "Email"));
    CHECK((rig.find(Role::textbox, "Email")->flags & kFocused) != 0);
    rig.type("ada");
    rig.press(ImGuiKey_Enter);
    CHECK(rig.find(Role::textbox, "Email")->description == "This is no email address");
    CHECK(rig.find(Role::textbox, "Password")->description == "Enter your password");
    CHECK((rig.find(Role::textbox, "Email")->flags & (kFocused | kInvalid)) == (kFocused | kInvalid));
    rig.set_text(Role::textbox, "Email", " ada@example.org ");
    CHECK(rig.find(Role::textbox, "Email")->description.empty());
    rig.click(Role::button, "Sign in");
    CHECK((rig.find(Role::textbox, "Password")->flags & kFocused) != 0);
    CHECK(rig.interceptor->count("/auth/login") == 0);
}

TEST_CASE("sign-in: a refusal about the whole stands above the form and is announced [V2]") {
    Rig rig({.auth = hub::AuthMode::builtin});
    rig.start();
    rig.set_text(Role::textbox, "Email", "ada@example.org");
    rig.set_text(Role::textbox, "Password", "wrong-one");
    rig.click(Role::button, "Sign in");
    rig.pass(2'000);
    const std::string words = rig.app->session().form_error;
    REQUIRE_FALSE(words.empty());
    REQUIRE(rig.find(Role::alert, words));
    CHECK((rig.find(Role::alert, words)->flags & kLive) != 0);
    CHECK(rig.find(Role::textbox, "Email")->description.empty());
    CHECK((rig.find(Role::textbox, "Password")->flags & kFocused) != 0);
    CHECK(rig.value(Role::textbox, "Email") == "ada@example.org");
    // Creating an account instead: the address comes along, the refusal does not.
    rig.click(Role::link, "Create an account");
    CHECK(rig.value(Role::textbox, "Email") == "ada@example.org");
    CHECK_FALSE(rig.find(Role::alert, words));
    CHECK((rig.find(Role::textbox, "Name")->flags & kFocused) != 0);
}

TEST_CASE("registering: rules before sending, and the server's words under the field they are about [V2]") {
    Rig rig({.auth = hub::AuthMode::builtin});
    rig.start();
    rig.click(Role::link, "Create an account");
    rig.click(Role::button, "Create account");
    CHECK(rig.find(Role::textbox, "Name")->description == "Enter your name");
    CHECK(rig.find(Role::textbox, "Email")->description == "Enter your email address");
    CHECK(rig.find(Role::textbox, "Password")->description == "Enter your password");
    CHECK(rig.find(Role::textbox, "Invite code")->description == "Not needed for the first account");
    rig.set_text(Role::textbox, "Name", "Ada");
    rig.set_text(Role::textbox, "Email", "ada@example.org");
    rig.set_text(Role::textbox, "Password", "short");
    CHECK(rig.find(Role::textbox, "Password")->description == "At least 6 characters");
    CHECK(rig.interceptor->count("/auth/register") == 0);
    rig.set_text(Role::textbox, "Password", "secret1");

    rig.interceptor->add({.method = "POST", .path_part = "/auth/register", .status = 409, .body = R"({"error":"There is already a user with this email address."})"});
    rig.click(Role::button, "Create account");
    rig.pass(2'000);
    CHECK(rig.find(Role::textbox, "Email")->description == "There is already a user with this email address.");
    CHECK((rig.find(Role::textbox, "Email")->flags & kFocused) != 0);
    CHECK_FALSE(rig.find_part(Role::alert, "already"));
    rig.set_text(Role::textbox, "Email", "bob@example.org");
    CHECK(rig.find(Role::textbox, "Email")->description.empty());

    rig.interceptor->clear();
    rig.interceptor->add({.method = "POST", .path_part = "/auth/register", .status = 400, .body = R"({"error":"Not valid","details":[{"path":"name","message":"Is taken"},"Ask again"]})"});
    rig.click(Role::button, "Create account");
    rig.pass(2'000);
    CHECK(rig.find(Role::textbox, "Name")->description == "Is taken");
    CHECK(rig.find(Role::alert, "Ask again"));
    rig.interceptor->clear();
    rig.interceptor->add({.method = "POST", .path_part = "/auth/register", .kind = Interceptor::Kind::hang});
    rig.click(Role::button, "Create account");
    rig.pass(500);
    REQUIRE(rig.find(Role::button, "Creating…"));
    CHECK((rig.find(Role::button, "Creating…")->flags & kDisabled) != 0);
    CHECK((rig.find(Role::textbox, "Name")->flags & kDisabled) != 0);
}

TEST_CASE("the sign-in card is as high as its content, also with errors and on a small screen") {
    Rig rig({.auth = hub::AuthMode::builtin});
    rig.start();
    auto link_bottom = [&](std::string_view name) {
        const SemanticRect rect = rig.find(Role::link, name)->rect;
        return rect.y + rect.h;
    };
    const float before = link_bottom("Create an account");
    rig.click(Role::button, "Sign in");
    CHECK(link_bottom("Create an account") > before);  // two errors more
    rig.click(Role::link, "Create an account");
    CHECK(rig.find(Role::link, "I have an account: sign in")->rect.h > 0);
    rig.resize(320, 300);
    rig.activate(Role::button, "Create account");  // below the edge
    const SemanticRecord& name = *rig.find(Role::textbox, "Name");
    CHECK((name.flags & kFocused) != 0);
    CHECK(name.rect.y > 12);
    CHECK(name.rect.y + name.rect.h < 288);
}

TEST_CASE("a workflow's name is trimmed, not empty and at most 100 characters long [V1 V2]") {
    Rig rig;
    rig.start();
    rig.click(Role::button, "Workflow: Online shop");
    rig.click(Role::menuitem, "New workflow…");
    REQUIRE(rig.find(Role::dialog, "New workflow"));
    CHECK((rig.find(Role::textbox, "Name")->flags & (kFocused | kRequired)) == (kFocused | kRequired));
    rig.type("  ");
    rig.press(ImGuiKey_Enter);
    CHECK(rig.find(Role::textbox, "Name")->description == "Enter a name");
    CHECK((rig.find(Role::textbox, "Name")->flags & kFocused) != 0);
    rig.set_text(Role::textbox, "Name", std::string(101, 'x'));
    CHECK(rig.find(Role::textbox, "Name")->description == "At most 100 characters");
    std::string umlauts;
    for (int i = 0; i < 100; ++i) umlauts += "\xC3\xBC";
    rig.set_text(Role::textbox, "Name", umlauts);  // 200 bytes
    CHECK(rig.find(Role::textbox, "Name")->description.empty());
    rig.set_text(Role::textbox, "Name", "  Second  ");
    rig.click(Role::button, "Create");
    rig.pass(2'000);
    CHECK(rig.app->workflow().name == "Second");
}

TEST_CASE("a name dialog begins anew each time, and Cancel changes nothing [V2]") {
    Rig rig;
    rig.start();
    for (int i = 0; i < 2; ++i) {
        rig.click(Role::button, "Workflow: Online shop");
        rig.click(Role::menuitem, "Rename workflow…");
        REQUIRE(rig.find(Role::dialog, "Rename workflow"));
        CHECK(rig.value(Role::textbox, "Name") == "Online shop");
        CHECK(rig.find(Role::textbox, "Name")->description.empty());
        rig.set_text(Role::textbox, "Name", "");
        rig.click(Role::button, "Rename");
        CHECK(rig.find(Role::textbox, "Name")->description == "Enter a name");
        rig.click(Role::button, "Cancel");
        CHECK_FALSE(rig.find(Role::dialog, "Rename workflow"));
    }
    CHECK(rig.app->workflow().name == "Online shop");
}
