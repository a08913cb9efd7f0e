#include "model/log_fields.hpp"

#include "wire/flat_json.hpp"

namespace model {

// One pass over the members. True when the object was read to its end; `inner` is its member "data", if that is an object.
bool LogFieldReader::scan(std::string_view object, LogFields& fields, std::string_view& inner) {
    wire::FlatJson json(object);
    while (json.next()) {
        if (json.kind() == wire::FlatJson::Kind::object) {
            if (json.key_is("data")) inner = json.raw();
            continue;
        }
        if (json.kind() != wire::FlatJson::Kind::string) continue;
        // By length first: most members are none of these.
        switch (json.raw_key().size()) {
            case 3:
                if (json.key_is("pod")) fields.source = json.string(unescaped_[0]);
                break;
            case 5:
                if (json.key_is("level")) fields.level = json.string(unescaped_[1]);
                else if (json.key_is("stage")) fields.stage = json.string(unescaped_[2]);
                break;
            case 7:
                if (json.key_is("message")) fields.message = json.string(unescaped_[3]);
                break;
            case 9:
                if (json.key_is("timestamp")) fields.timestamp = json.string(unescaped_[4]);
                break;
            default: break;
        }
    }
    return !json.failed();
}

LogFields LogFieldReader::read(std::string_view data) {
    if (data.starts_with('{')) {
        LogFields fields;
        std::string_view inner, none;
        if (scan(data, fields, inner)) {
            // Fields of the inner object take the place of the envelope's, whose timestamp is kept where the inner one has none.
            if (!inner.empty() && fields.message.empty()) (void)scan(inner, fields, none);
            if (!fields.message.empty()) return fields;
        }
    }
    return {.timestamp = {}, .level = {}, .stage = {}, .source = {}, .message = data};
}

}  // namespace model
