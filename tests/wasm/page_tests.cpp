#include <string>

#include "wasm/web_test.hpp"
#include "web/backend.hpp"
#include "web/keys.hpp"
#include "web/page.hpp"

namespace web_test {

namespace {

void keys_follow_the_layout(TestCase& test) {
    test.check(web::imgui_key("z", "KeyW") == ImGuiKey_Z, "a letter is what the layout says (AZERTY)");
    test.check(web::imgui_key("Z", "KeyZ") == ImGuiKey_Z, "with Shift too");
    test.check(web::imgui_key("!", "Digit1") == ImGuiKey_1, "a shifted digit is its key");
    test.check(web::imgui_key("я", "KeyZ") == ImGuiKey_Z, "a letter ImGui has no key for is its place");
    test.check(web::imgui_key("1", "Numpad1") == ImGuiKey_Keypad1, "the keypad is its own");
    test.check(web::imgui_key("ArrowLeft", "ArrowLeft") == ImGuiKey_LeftArrow, "arrows");
    test.check(web::imgui_key("Enter", "") == ImGuiKey_Enter, "an on-screen keyboard sends no code");
    test.check(web::imgui_key("F12", "F12") == ImGuiKey_F12, "function keys");
    test.check(web::imgui_key("Unidentified", "") == ImGuiKey_None, "nothing for the unknown");
}

void the_browser_keeps_its_keys(TestCase& test) {
    const web::KeyModifiers ctrl{.ctrl = true};
    const web::KeyModifiers meta{.meta = true};
    for (const char* key : {"l", "t", "w", "r", "n", "+", "-", "0", "1", "Tab", "PageDown"}) {
        test.check(web::browser_owns(key, ctrl, false), std::string("Ctrl+") + key);
        test.check(web::browser_owns(key, meta, true), std::string("Cmd+") + key + " on a Mac");
    }
    test.check(web::browser_owns("F5", {}, false) && web::browser_owns("F12", {}, false), "function keys");
    test.check(web::browser_owns("I", {.ctrl = true, .shift = true}, false), "developer tools");
    test.check(web::browser_owns("ArrowLeft", {.alt = true}, false), "history");
    for (const char* key : {"k", "s", "z", "a", "d", "f", "Enter"}) test.check(!web::browser_owns(key, ctrl, false), std::string("ours: Ctrl+") + key);
    test.check(!web::browser_owns("t", {}, false), "a plain letter");
    test.check(!web::browser_owns("q", {.ctrl = true, .alt_graph = true}, false), "AltGr+Q types @");
}

void text_is_typed_without_command_keys(TestCase& test) {
    test.check(web::typed_text("ä", {}) == "ä" && web::typed_text("A", {.shift = true}) == "A", "characters");
    test.check(web::typed_text("Enter", {}).empty() && web::typed_text("k", {.ctrl = true}).empty(), "names and shortcuts type nothing");
    test.check(web::typed_text("@", {.ctrl = true, .alt = true, .alt_graph = true}) == "@", "AltGr does");
}

void the_address_says_how_to_start(TestCase& test) {
    const web::Page page = web::page_from_json(
        R"({"query":"?embed=1&theme=light&a11y=1&backend=team&bench=graph&nodes=500&zoom=0.5","base":"/console/","mac":true})");
    test.check(page.embed && page.full_semantics && page.mac && page.theme == "light" && page.backend == "team", "flags");
    test.check(page.base == "/console/", "base");
    test.check(page.bench && page.bench->nodes == 500 && page.bench->zoom == 0.5f, "bench");
    const web::Page fit = web::page_from_json(R"({"query":"?bench=graph&nodes=-3&fit=1"})");
    test.check(fit.bench && fit.bench->nodes == 1000 && !fit.bench->zoom, "nonsense keeps the default, fit has no zoom");
    const web::Page back = web::page_from_json(R"({"query":"","oauth":{"code":"c","tab":"t","title":"GitHub"}})");
    test.check(back.oauth_return.code == "c" && back.oauth_return.tab == "t" && back.oauth_return.error.empty(), "back from a provider");
    test.check(web::page_from_json(R"({"query":"","oauth":null})").oauth_return.code.empty(), "no provider");
    test.check(!web::page_from_json("broken").embed, "broken input is a plain visit");
}

void config_names_the_backends(TestCase& test) {
    const auto entries = web::read_backends(R"({"backends":[
        {"name":"far","kind":"kubeorch","url":"https://hub.example:8443/base/v1/api/"},
        {"name":"other","kind":"unknown","url":"/x"},
        {"name":"gateway","url":"/v1/api","default":true}]})");
    test.check(entries && entries->size() == 2, "unknown kinds are left out");
    if (!entries || entries->size() != 2) return;
    test.check((*entries)[0].name == "gateway" && (*entries)[0].prefix == "/v1/api" && (*entries)[0].origin.empty(), "the default first");
    test.check((*entries)[1].origin == "https://hub.example:8443" && (*entries)[1].prefix == "/base/v1/api", "origin and path");
    test.check(!web::read_backends("<html>"), "a fallback page is an error");
    test.check(!web::read_backends(R"({"backends":[{"name":1,"url":"/x"}]})"), "so is a wrong type");
    test.check(web::read_backends("{}").has_value(), "no backends at all is fine");
    test.check(web::read_cluster_speed(R"({"cluster":{"speed":2.5}})") == 2.5, "the cluster's speed");
    for (const char* nonsense : {"{}", "<html>", R"({"cluster":4})", R"({"cluster":{"speed":0}})", R"({"cluster":{"speed":"fast"}})", R"({"cluster":{"speed":1e9}})"}) {
        test.check(web::read_cluster_speed(nonsense) == 1, std::string("the usual speed for ") + nonsense);
    }
}

void only_a_health_answer_is_a_backend(TestCase& test) {
    test.check(web::is_health_answer({200, {}, R"({"product":"binnacle","status":"ok"})"}), "ours");
    test.check(!web::is_health_answer({200, {}, "<!doctype html><title>Fallback</title>"}), "HTML");
    test.check(!web::is_health_answer({200, {}, R"({"product":"other"})"}), "another product");
    test.check(!web::is_health_answer({503, {}, R"({"product":"binnacle"})"}), "not healthy");
}

}  // namespace

void add_page_tests(Suite& suite) {
    suite.add("keys: letters follow the layout, the rest the place", keys_follow_the_layout);
    suite.add("keys: the browser keeps its own", the_browser_keeps_its_keys);
    suite.add("keys: text is typed without command keys", text_is_typed_without_command_keys);
    suite.add("page: the address says how to start", the_address_says_how_to_start);
    suite.add("backend: config.json names them", config_names_the_backends);
    suite.add("backend: only a health answer counts", only_a_health_answer_is_a_backend);
}

}  // namespace web_test
