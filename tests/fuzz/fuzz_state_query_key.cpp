// Whatever text comes as a key: its canonical text is a fixed point, equality and hash agree with it, and matching is reflexive.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "state/query/query_key.hpp"

namespace {
void require(bool condition) {
    if (!condition) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto key = state::QueryKey::parse({reinterpret_cast<const char*>(data), size});
    if (!key) return 0;
    const std::string text = key->text();
    const auto again = state::QueryKey::parse(text);
    require(again.has_value() && *again == *key && again->hash() == key->hash() && again->text() == text);
    require(key->matches(*key) && state::QueryKey().matches(*key));
    require(state::QueryKey::from(state::SharedJson::from(key->json().to_json())) == *key);
    require(key->matches(key->with("more")) && !(key->with("more") == *key) && !key->with("more").matches(*key));
    for (std::size_t parts = 0; parts < key->parts().size(); ++parts) {
        std::vector<state::SharedJson> prefix(key->parts().begin(), key->parts().begin() + static_cast<std::ptrdiff_t>(parts));
        require(state::QueryKey::from(state::SharedJson::array(std::move(prefix))).matches(*key));
    }
    require(same(share(key->json(), again->json()), key->json()));
    return 0;
}
