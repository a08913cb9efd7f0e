// binnacle_web_tests: what needs a browser to be tested, run in one (tests/wasm/run.mjs).
#include "wasm/web_test.hpp"
#include "web/web_scheduler.hpp"

int main() {
    // The page owns both: main() returns before the first test runs.
    auto* scheduler = new web::WebScheduler;
    auto* suite = new web_test::Suite(*scheduler);
    web_test::add_loop_tests(*suite);
    web_test::add_storage_tests(*suite);
    web_test::add_page_tests(*suite);
    web_test::add_tabs_tests(*suite, *scheduler);
    web_test::add_sse_tests(*suite, *scheduler);
    web_test::add_http_tests(*suite, *scheduler);
    web_test::add_stream_tests(*suite, *scheduler);
    suite->run();
    return 0;
}
