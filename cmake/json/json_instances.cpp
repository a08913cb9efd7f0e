// The one place where the templates named in nlohmann/json.hpp beside this file are compiled.
#define BINNACLE_JSON_INSTANCE
#include <nlohmann/json.hpp>
