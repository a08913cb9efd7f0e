// binnacle-gateway: see options.cpp for the flags.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/text.hpp"
#include "gateway/app.hpp"

namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

void print_error(const base::Error& error) {
    std::fprintf(stderr, "binnacle-gateway: %s\n", error.message.c_str());
    if (!error.hint.empty()) std::fprintf(stderr, "%s.\n", error.hint.c_str());
}

std::string environment_variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

gateway::Variables our_variables() {
    gateway::Variables ours;
    for (char** entry = environ; entry && *entry; ++entry) {
        const auto halves = base::split_once(*entry, '=');
        if (halves && halves->before.starts_with("BINNACLE_")) ours.emplace(halves->before, halves->after);
    }
    return ours;
}

// Each stream is a file descriptor; the usual soft limit of 1024 is for programs that use select().
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    const auto options = gateway::parse_options(std::vector<std::string>(argv + 1, argv + argc),
                                                {environment_variable("HOME"), environment_variable("XDG_DATA_HOME"), our_variables()});
    if (!options) {
        print_error(options.error());
        return kUsage;
    }
    if (options->help) {
        std::fputs(std::string(gateway::help_text()).c_str(), stdout);
        return 0;
    }
    if (options->version) {
        std::printf("binnacle-gateway %s\n", std::string(gateway::version_text()).c_str());
        return 0;
    }

    raise_descriptor_limit();
    gateway::AsioScheduler loop;
    auto app = gateway::App::start(loop, *options);
    if (!app) {
        print_error(app.error());
        return kFailed;
    }
    std::printf("Binnacle is at %s\n", (*app)->url().c_str());
    std::fflush(stdout);
    loop.on_termination([&] { (*app)->shutdown([&loop] { loop.stop(); }); });
    loop.run();
    return 0;
}
