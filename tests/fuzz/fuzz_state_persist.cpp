// Whatever lies in the storage, a store hydrates, what was there is either used or kept aside byte by byte, and what is written
// afterwards reads back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "state/persist.hpp"

namespace {

using base::Json;

void require(bool condition) {
    if (!condition) std::abort();
}

state::PersistSchema<std::string> schema() {
    const auto as_text = [](const Json& json) {
        const auto* text = json.get_ptr<const Json::string_t*>();
        return text ? std::optional(*text) : std::nullopt;
    };
    return {.key = "k",
            .version = 2,
            .to_json = [](const std::string& text) { return Json(text); },
            .from_json = [as_text](const Json& json, std::string current) { return as_text(json).value_or(std::move(current)); },
            .migrations = {{1, [](Json old) -> base::Result<Json> {
                if (!old.is_array() || old.empty()) return base::fail(base::ErrorCode::protocol, "no list");
                return old[0];
            }}}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    state::MemoryStorage storage(64 * 1024 * 1024);
    (void)storage.set("k", text);
    std::string after;
    {
        state::Store<std::string> store("default");
        state::PersistHub hub(storage);
        const state::Hydration outcome = hub.bind(store, schema());
        const auto names = storage.keys();
        if (outcome == state::Hydration::kept_aside) {
            require(store.get() == "default" && names->size() == 2);
            bool kept = false;
            for (const std::string& name : *names) kept = kept || (name.ends_with(".kept") && **storage.get(name) == text);
            require(kept);
        } else {
            require(names->size() == 1);
        }
        store.update([](std::string& value) { value += "!"; });
        require(hub.flush() == 1);
        after = store.get();
    }
    state::Store<std::string> store;
    state::PersistHub hub(storage);
    require(hub.bind(store, schema()) == state::Hydration::restored && store.get() == after);
    return 0;
}
