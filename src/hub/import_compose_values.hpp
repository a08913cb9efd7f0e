// The small languages inside of Compose files: variables, ports, volumes, command lines, sizes. Pure.
//
//   Interpolated image = interpolate("web:${TAG:-1.4}");            // "web:1.4", nothing missing
//   auto ports = parse_compose_port("127.0.0.1:8000-8001:80-81/udp");
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/json_text.hpp"

namespace hub {

struct Interpolated {
    std::string text;
    std::vector<std::string> missing;  // variables without a value; the text has nothing in their place
};
// $NAME, ${NAME}, ${NAME:-default}, ${NAME-default}, ${NAME:?message}, ${NAME?message}, ${NAME:+other}, ${NAME+other}, $$ for "$". No
// variable has a value here: an import does not see the environment of the machine the file comes from.
[[nodiscard]] Interpolated interpolate(std::string_view text);

struct ComposePort {
    int target = 0;
    int published = 0;            // of the host; 0: none, or any
    std::string protocol = "TCP"; // or UDP
    friend bool operator==(const ComposePort&, const ComposePort&) = default;
};
// Short syntax [[ip:]published:]target[/protocol] with ranges of at most 100 ports, or the long syntax. nullopt: not understood.
[[nodiscard]] std::optional<std::vector<ComposePort>> parse_compose_port(const Json& value);

struct ComposeMount {
    enum class Kind { named, anonymous, bind, tmpfs } kind = Kind::named;
    std::string source;
    std::string target;
};
[[nodiscard]] std::optional<ComposeMount> parse_compose_mount(const Json& value);

// As a POSIX shell takes words apart: quotes and backslashes, nothing is expanded.
[[nodiscard]] std::vector<std::string> shell_words(std::string_view text);

// "512M" -> "512Mi", "1.5gb" -> "1536Mi"; "" for what is no size.
[[nodiscard]] std::string kube_memory(std::string_view text);
// "0.5" -> "500m", "2" -> "2"; "" for what is no number.
[[nodiscard]] std::string kube_cpu(std::string_view text);

}  // namespace hub
