#include "state/forms/form.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"

using base::Json;
using state::Form;
using state::FormMode;
using state::Issue;
using state::RowId;
namespace schema = state::schema;

namespace {

state::Schema account() {
    return schema::object({{"name", schema::string().trim().min(1, "Enter your name")},
                           {"email", schema::string().trim().email("This is no email address")},
                           {"age", schema::number().integer().optional()}});
}
const Json kEmpty{{"name", ""}, {"email", ""}};
const Json kGood{{"name", " Ada "}, {"email", "ada@example.org"}};

// A check whose answers the test gives by hand.
struct Asked {
    Json value;
    state::AsyncAnswer answer;
};
struct Registry {
    std::vector<Asked> asked;
    std::vector<std::weak_ptr<int>> runs;
    state::AsyncCheck check() {
        return [this](const Json& value, state::AsyncAnswer answer) -> std::shared_ptr<void> {
            asked.push_back({value, std::move(answer)});
            auto run = std::make_shared<int>(0);
            runs.push_back(run);
            return run;
        };
    }
};

}  // namespace

TEST_CASE("nothing is wrong to the eye before the first submit, and every change is checked after it [V2]") {
    Form form(account(), kEmpty);
    form.set("email", "ada@");
    CHECK_FALSE(form.valid());
    CHECK(form.error("email").empty());
    bool sent = false;
    CHECK_FALSE(form.submit([&](const Json&) { sent = true; }));
    CHECK_FALSE(sent);
    CHECK(form.error("name") == "Enter your name");
    CHECK(form.error("email") == "This is no email address");
    form.set("email", "ada@example.org");
    CHECK(form.error("email").empty());
    form.set("email", "a");
    CHECK(form.error("email") == "This is no email address");
}

TEST_CASE("other modes show a mistake on leaving the field, or always [V2]") {
    Form touched(account(), kEmpty, FormMode::on_touched);
    touched.set("email", "x");
    CHECK(touched.error("email").empty());
    touched.touch("email");
    CHECK(touched.error("email") == "This is no email address");
    CHECK(touched.error("name").empty());
    const Form always(account(), kEmpty, FormMode::always);
    CHECK(always.error("name") == "Enter your name");
}

TEST_CASE("dirty and touched are known for each field [V2]") {
    Form form(account(), kEmpty);
    CHECK_FALSE(form.dirty());
    form.set("name", "Ada");
    CHECK(form.dirty());
    CHECK(form.dirty("name"));
    CHECK_FALSE(form.dirty("email"));
    CHECK_FALSE(form.touched("name"));
    form.touch("name");
    CHECK(form.touched("name"));
    form.set("name", "");
    CHECK_FALSE(form.dirty());
    form.set("age", 3);
    CHECK(form.dirty("age"));
    form.erase("age");
    CHECK_FALSE(form.dirty());
    CHECK(form.value("age") == nullptr);
}

TEST_CASE("submit hands out the values as the schema gives them, and once at a time [V2]") {
    Form form(account(), kGood);
    std::vector<Json> sent;
    CHECK(form.submit([&](Json values) { sent.push_back(std::move(values)); }));
    CHECK(form.submitting());
    CHECK_FALSE(form.submit([&](Json values) { sent.push_back(std::move(values)); }));
    REQUIRE(sent.size() == 1);
    CHECK(sent[0] == Json{{"name", "Ada"}, {"email", "ada@example.org"}});
    form.succeeded();
    CHECK_FALSE(form.submitting());
    CHECK(form.submit([&](Json values) { sent.push_back(std::move(values)); }));
    CHECK(sent.size() == 2);
}

TEST_CASE("the callback of a submit may destroy the form [V2]") {
    auto form = std::make_unique<Form>(account(), kGood);
    form->submit([&](const Json&) { form.reset(); });
    CHECK(form == nullptr);
}

TEST_CASE("the first wrong field of the schema takes the keyboard, once [V2]") {
    Form form(account(), Json{{"name", "Ada"}, {"email", "x"}, {"age", "x"}});
    form.submit([](const Json&) {});
    CHECK(form.take_focus_path() == "email");
    CHECK(form.take_focus_path().empty());
    form.set("email", "ada@example.org");
    form.set("age", 3);
    form.submit([](const Json&) {});
    form.failed({{"age", "Too young"}, {"name", "Taken"}});
    CHECK(form.take_focus_path() == "name");
}

TEST_CASE("a server's words stand under their field until it changes, those of the whole until the next submit [V2]") {
    Form form(account(), kGood);
    form.submit([](const Json&) {});
    form.failed({{"email", "Already taken"}, {"", "Try later"}, {"nowhere", "Odd"}}, "Refused.");
    CHECK_FALSE(form.submitting());
    CHECK(form.error("email") == "Already taken");
    CHECK(form.form_error() == "Refused. Try later nowhere: Odd");
    form.set("name", "Bob");
    CHECK(form.error("email") == "Already taken");
    form.set("email", "bob@example.org");
    CHECK(form.error("email").empty());
    CHECK_FALSE(form.form_error().empty());
    form.submit([](const Json&) {});
    CHECK(form.form_error().empty());
}

TEST_CASE("what a server said does not keep a form from being sent again [V2]") {
    Form form(account(), kGood);
    form.submit([](const Json&) {});
    form.failed({{"email", "Already taken"}});
    bool sent = false;
    CHECK(form.submit([&](const Json&) { sent = true; }));
    CHECK(sent);
}

TEST_CASE("a reply's details go to their fields, the rest above the form [V2]") {
    const state::Schema rule = schema::object({{"email", schema::string()},
                                               {"invite_code", schema::string()},
                                               {"nodes", schema::array(schema::object({{"x", schema::number()}}))}});
    using base::ErrorCode;
    using Issues = std::vector<Issue>;
    SECTION("path: message, in either spelling of paths") {
        const auto placed = state::place_error({ErrorCode::invalid_argument, "The request is not valid", "email: is taken; nodes[2].x: must be a number; and 3 more"}, rule);
        CHECK(placed.issues == Issues{{"email", "is taken"}, {"nodes/2/x", "must be a number"}});
        CHECK(placed.message == "and 3 more");
    }
    SECTION("in the message itself") {
        const auto placed = state::place_error({ErrorCode::invalid_argument, "email: must be a string", ""}, rule);
        CHECK(placed.issues == Issues{{"email", "must be a string"}});
        CHECK(placed.message.empty());
    }
    constexpr std::array<state::FieldWords, 3> kWords{{{"email", "email"}, {"password", "password"}, {"invite code", "invite_code"}}};
    SECTION("a sentence that mentions one field") {
        const auto placed = state::place_error({ErrorCode::forbidden, "The invite code is not right", "Ask an admin."}, rule, kWords);
        CHECK(placed.issues == Issues{{"invite_code", "The invite code is not right. Ask an admin."}});
        CHECK(placed.message.empty());
    }
    SECTION("a sentence about two fields, or with a longer word, is about the form") {
        const auto both = state::place_error({ErrorCode::unauthenticated, "The email address or the password is not right.", ""}, rule, kWords);
        CHECK(both.issues.empty());
        CHECK(both.message == "The email address or the password is not right.");
        CHECK(state::place_error({ErrorCode::conflict, "Emails are off", ""}, rule, kWords).issues.empty());
    }
    SECTION("the longer words count, wherever they stand in the list") {
        constexpr std::array<state::FieldWords, 3> kPasswords{{{"password", "next"}, {"current password", "current"}, {"new password", "next"}}};
        const state::Schema change = schema::object({{"current", schema::string()}, {"next", schema::string()}});
        const auto wrong = state::place_error({ErrorCode::forbidden, "The current password is not right.", ""}, change, kPasswords);
        CHECK(wrong.issues == Issues{{"current", "The current password is not right."}});
        const auto weak = state::place_error({ErrorCode::invalid_argument, "The new password must have 6 characters. A password like 123 is too short.", ""}, change, kPasswords);
        CHECK(weak.issues.size() == 1);
        CHECK(weak.issues.front().path == "next");
        CHECK(state::place_error({ErrorCode::invalid_argument, "The current password and the new password are the same.", ""}, change, kPasswords).issues.empty());
    }
    SECTION("a lost connection is about no field") {
        const auto placed = state::place_error({ErrorCode::unavailable, "The email service does not answer", "Try again"}, rule, kWords);
        CHECK(placed.issues.empty());
        CHECK(placed.message == "The email service does not answer. Try again");
    }
    SECTION("a message with a colon that names no field") {
        const auto placed = state::place_error({ErrorCode::internal, "dial tcp: refused; again: no", "hint: none"}, rule, kWords);
        CHECK(placed.issues.empty());
        CHECK(placed.message == "dial tcp: refused; again: no. hint: none");
    }
}

TEST_CASE("a reset takes new defaults and forgets errors, marks and the submit under way [V2]") {
    Form form(account(), kEmpty);
    form.submit([](const Json&) {});
    form.touch("name");
    form.focus("email");
    form.reset(kGood);
    CHECK(form.values() == kGood);
    CHECK_FALSE(form.dirty());
    CHECK_FALSE(form.submitted());
    CHECK_FALSE(form.touched("name"));
    CHECK(form.take_focus_path().empty());
    form.submit([](const Json&) {});
    form.set("name", "");
    form.failed({}, "No");
    form.reset();
    CHECK(form.values() == kGood);
    CHECK_FALSE(form.submitting());
    CHECK(form.form_error().empty());
    CHECK(form.error("name").empty());
}

TEST_CASE("rows keep their ids, marks and errors through insert, remove and move [V2]") {
    Form form(schema::object({{"tools", schema::array(schema::object({{"name", schema::string().min(1, "empty")}, {"args", schema::array(schema::string()).optional()}}))}}),
              Json{{"tools", {{{"name", "a"}, {"args", {"1", "2"}}}, {{"name", "b"}}, {{"name", "c"}}}}});
    const std::vector<RowId> ids = form.rows("tools");
    const std::vector<RowId> args = form.rows("tools/0/args");
    REQUIRE(ids.size() == 3);
    REQUIRE(args.size() == 2);
    form.touch("tools/0/name");
    form.failed({{"tools/0/name", "bad a"}, {"tools/2/name", "bad c"}});

    REQUIRE(form.insert_row("tools", 0, Json{{"name", ""}}));
    const RowId fresh = form.rows("tools")[0];
    CHECK(form.rows("tools") == std::vector<RowId>{fresh, ids[0], ids[1], ids[2]});
    CHECK(form.touched("tools/1/name"));
    CHECK_FALSE(form.touched("tools/0/name"));
    CHECK(form.error("tools/1/name") == "bad a");
    CHECK(form.rows("tools/1/args") == args);

    REQUIRE(form.move_row("tools", 3, 0));
    CHECK(form.rows("tools") == std::vector<RowId>{ids[2], fresh, ids[0], ids[1]});
    CHECK(form.error("tools/0/name") == "bad c");
    CHECK(form.error("tools/2/name") == "bad a");
    CHECK(form.text("tools/0/name") == "c");

    REQUIRE(form.remove_row("tools", 0));
    CHECK(form.rows("tools") == std::vector<RowId>{fresh, ids[0], ids[1]});
    CHECK(form.error("tools/1/name") == "bad a");
    CHECK(form.error("tools/0/name").empty());
    CHECK(form.rows("tools/1/args") == args);

    REQUIRE(form.move_row("tools", 0, 2));
    CHECK(form.rows("tools") == std::vector<RowId>{ids[0], ids[1], fresh});
    form.submit([](const Json&) {});
    CHECK(form.error("tools/2/name") == "empty");
    CHECK(form.take_focus_path() == "tools/2/name");

    CHECK_FALSE(form.remove_row("tools", 3));
    CHECK_FALSE(form.insert_row("tools", 4, Json()));
    CHECK_FALSE(form.move_row("tools", 0, 3));
    REQUIRE(form.append_row("tools/1/args", "x"));  // made when absent
    CHECK(form.text("tools/1/args/0") == "x");
}

TEST_CASE("an asynchronous check waits for rest, asks about the schema's value, and the latest answer wins [V2]") {
    base::testing::VirtualScheduler time;
    Registry names;
    Form form(account(), kEmpty);
    form.add_check("name", time, names.check(), 300);
    form.set("name", " ad");
    CHECK(form.checking("name"));
    time.advance(299);
    CHECK(names.asked.empty());
    form.set("name", " ada");
    time.advance(299);
    CHECK(names.asked.empty());
    time.advance(1);
    REQUIRE(names.asked.size() == 1);
    CHECK(names.asked[0].value == Json("ada"));

    form.set("name", "bob");
    CHECK(names.runs[0].expired());  // nobody waits for it any more
    time.advance(300);
    REQUIRE(names.asked.size() == 2);
    names.asked[0].answer("ada is taken");  // late
    CHECK(form.error("name").empty());
    CHECK(form.checking("name"));
    names.asked[1].answer("bob is taken");
    CHECK_FALSE(form.checking("name"));
    CHECK(form.error("name") == "bob is taken");
    names.asked[1].answer("twice");
    CHECK(form.error("name") == "bob is taken");

    form.set("name", "bob ");  // the same to the schema
    CHECK(form.error("name") == "bob is taken");
    form.set("name", "");
    CHECK(form.error("name").empty());
    time.advance(1'000);
    CHECK(names.asked.size() == 2);  // what the schema refuses is not asked about
    CHECK_FALSE(form.checking());
}

TEST_CASE("a submit waits for the asynchronous checks of the current values [V2]") {
    base::testing::VirtualScheduler time;
    Registry names;
    Form form(account(), kGood);
    form.add_check("name", time, names.check(), 300);
    std::optional<Json> sent;
    SECTION("fine") {
        CHECK(form.submit([&](Json values) { sent = std::move(values); }));
        CHECK(form.submitting());
        CHECK_FALSE(sent);
        REQUIRE(names.asked.size() == 1);
        names.asked[0].answer("");
        REQUIRE(sent);
        CHECK((*sent)["name"] == "Ada");
        CHECK(form.submitting());
        form.succeeded();
        // Known already: not asked again.
        CHECK(form.submit([&](const Json&) {}));
        CHECK(names.asked.size() == 1);
    }
    SECTION("refused") {
        form.submit([&](Json values) { sent = std::move(values); });
        names.asked[0].answer("Taken");
        CHECK_FALSE(sent);
        CHECK_FALSE(form.submitting());
        CHECK(form.error("name") == "Taken");
        CHECK(form.take_focus_path() == "name");
        CHECK_FALSE(form.submit([&](Json values) { sent = std::move(values); }));
    }
    SECTION("the value changes meanwhile") {
        form.submit([&](Json values) { sent = std::move(values); });
        form.set("name", "Bob");
        REQUIRE(names.asked.size() == 2);
        names.asked[0].answer("Taken");
        CHECK_FALSE(sent);
        names.asked[1].answer("");
        REQUIRE(sent);
        CHECK((*sent)["name"] == "Bob");
    }
    SECTION("the value becomes wrong meanwhile") {
        form.submit([&](Json values) { sent = std::move(values); });
        form.set("name", "");
        CHECK_FALSE(form.submitting());
        CHECK(form.error("name") == "Enter your name");
    }
    SECTION("a reset forgets it") {
        form.submit([&](Json values) { sent = std::move(values); });
        form.reset(kGood);
        names.asked[0].answer("");
        CHECK_FALSE(sent);
        CHECK_FALSE(form.submitting());
    }
}

TEST_CASE("a check may answer at once, and a form may go before its answer [V2]") {
    base::testing::VirtualScheduler time;
    bool sent = false;
    {
        Form form(account(), kGood);
        form.add_check("name", time, [](const Json& value, state::AsyncAnswer answer) -> std::shared_ptr<void> {
            answer(value == "Ada" ? "" : "Only Ada");
            return nullptr;
        });
        CHECK(form.submit([&](const Json&) { sent = true; }));
        CHECK(sent);
        form.succeeded();
        form.set("name", "Bob");
        time.advance(300);
        CHECK(form.error("name") == "Only Ada");
    }
    Registry names;
    {
        Form form(account(), kGood);
        form.add_check("name", time, names.check());
        form.submit([](const Json&) {});
        form.set("name", "Carl");
    }
    for (Asked& asked : names.asked) asked.answer("late");
    time.advance(1'000);
    CHECK(names.runs.front().expired());
}

TEST_CASE("a change of anything is told, also when a check answers") {
    base::testing::VirtualScheduler time;
    Registry names;
    Form form(account(), kEmpty);
    form.add_check("name", time, names.check(), 10);
    int calls = 0;
    form.on_change([&] { ++calls; });
    form.set("name", "Ada");
    CHECK(calls == 1);
    form.set("name", "Ada");
    CHECK(calls == 1);
    time.advance(10);
    const auto version = form.version();
    names.asked[0].answer("Taken");
    CHECK(calls == 2);
    CHECK(form.version() > version);
}
