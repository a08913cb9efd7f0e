#include "hub/yaml.hpp"

#include <yaml.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace hub {

namespace {

using base::Json;

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

std::string_view view(const yaml_char_t* text) { return text ? reinterpret_cast<const char*>(text) : std::string_view(); }

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) {
        if (text == word) return true;
    }
    return false;
}

bool is_plain_number(std::string_view text) {
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    bool digits = false;
    for (const char c : text) {
        if (base::is_ascii_digit(c)) digits = true;
        else if (c != '.' && c != 'e' && c != 'E' && c != '+' && c != '-') return false;
    }
    return digits;
}

// YAML 1.2, 10.3.2: what a plain scalar means.
Json resolve_plain(std::string_view text) {
    if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
    if (is_one_of(text, {"true", "True", "TRUE"})) return true;
    if (is_one_of(text, {"false", "False", "FALSE"})) return false;
    if (text.starts_with("0x")) {
        if (const auto number = base::parse_integer<std::int64_t>(text.substr(2), 16)) return *number;
    } else if (text.starts_with("0o")) {
        if (const auto number = base::parse_integer<std::int64_t>(text.substr(2), 8)) return *number;
    } else if (is_plain_number(text)) {
        const std::string_view unsigned_text = text.starts_with('+') ? text.substr(1) : text;
        if (const auto number = base::parse_integer<std::int64_t>(unsigned_text)) return *number;
        if (const auto number = base::parse_number(unsigned_text)) return *number;
    }
    return std::string(text);
}

struct Size {
    std::size_t nodes = 0;
    std::size_t bytes = 0;
};

struct Anchor {
    Json value;
    Size size;
    bool open = true;
};

// A sequence or mapping that is being read.
struct Frame {
    Json value;
    YamlMark mark;
    std::string key;         // of a mapping, while its value is read
    int key_line = 0;
    bool has_key = false;
    bool merges = false;     // the key is "<<"
    std::vector<Json> merged;
    std::string anchor;
    Size before;             // what had been counted when it began
};

// What parse_yaml refuses and parse_yaml_stream takes.
enum class Dialect { one_document, stream };

class Reader {
public:
    Reader(std::string_view text, const YamlLimits& limits, Dialect dialect) : limits_(limits), dialect_(dialect) {
        ready_ = yaml_parser_initialize(&parser_) != 0;
        if (!ready_) return;
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        // libyaml asserts that there is an address, even for no bytes; an empty view may have none.
        const char* const bytes = text.data() != nullptr ? text.data() : "";
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(bytes), text.size());
    }
    ~Reader() {
        if (ready_) yaml_parser_delete(&parser_);
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    YamlStream read() {
        if (!ready_) {
            stream_.error = base::Error{base::ErrorCode::internal, "The YAML reader could not be started.", {}};
            return std::move(stream_);
        }
        for (;;) {
            yaml_event_t event;
            if (!yaml_parser_parse(&parser_, &event)) {
                stream_.error = parser_error();
                if (parser_.error != YAML_READER_ERROR) stream_.error_line = static_cast<int>(parser_.problem_mark.line) + 1;
                return std::move(stream_);
            }
            const bool end = event.type == YAML_STREAM_END_EVENT;
            take(event);
            yaml_event_delete(&event);
            if (failed_) stream_.error = error_;
            if (end || failed_) return std::move(stream_);
        }
    }

private:
    void fail(const yaml_mark_t& mark, std::string message, base::ErrorCode code = base::ErrorCode::invalid_argument) {
        if (failed_) return;
        failed_ = true;
        stream_.error_line = static_cast<int>(mark.line) + 1;
        error_ = {code, "line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1) + ": " + std::move(message), {}};
    }

    base::Error parser_error() const {
        std::string message = parser_.problem ? parser_.problem : "not readable";
        if (parser_.error == YAML_READER_ERROR) {
            return {base::ErrorCode::invalid_argument, "byte " + std::to_string(parser_.problem_offset) + ": " + message, {}};
        }
        if (parser_.context) message = std::string(parser_.context) + ": " + message;
        return {base::ErrorCode::invalid_argument,
                "line " + std::to_string(parser_.problem_mark.line + 1) + ", column " + std::to_string(parser_.problem_mark.column + 1) + ": " + message,
                {}};
    }

    void take(const yaml_event_t& event) {
        switch (event.type) {
            case YAML_DOCUMENT_START_EVENT:
                if (++documents_ > 1 && dialect_ == Dialect::one_document) fail(event.start_mark, "a second document begins here; only one is read");
                return;
            case YAML_DOCUMENT_END_EVENT:
                anchors_.clear();  // each document has its own (YAML 1.2, 6.9.2)
                if (!root_.value.is_null()) stream_.documents.push_back(std::move(root_));
                root_ = {};
                return;
            case YAML_ALIAS_EVENT: return alias(event);
            case YAML_SCALAR_EVENT: return scalar(event);
            case YAML_SEQUENCE_START_EVENT:
                return open(event, Json::array(), view(event.data.sequence_start.anchor), view(event.data.sequence_start.tag), "seq");
            case YAML_MAPPING_START_EVENT:
                return open(event, Json::object(), view(event.data.mapping_start.anchor), view(event.data.mapping_start.tag), "map");
            case YAML_SEQUENCE_END_EVENT:
            case YAML_MAPPING_END_EVENT: return close(event);
            default: return;
        }
    }

    void count(const yaml_event_t& event, Size more) {
        size_.nodes += more.nodes;
        size_.bytes += more.bytes;
        if (size_.nodes > limits_.max_nodes || size_.bytes > limits_.max_expanded_bytes) {
            fail(event.start_mark, "the document grows too large (aliases count as what they stand for)", base::ErrorCode::too_large);
        }
    }

    void open(const yaml_event_t& event, Json empty, std::string_view anchor, std::string_view tag, std::string_view own_tag) {
        if (stack_.size() >= limits_.max_depth) {
            return fail(event.start_mark, "nested deeper than " + std::to_string(limits_.max_depth), base::ErrorCode::too_large);
        }
        if (expects_key()) return fail(event.start_mark, "a key must be a word, not a list or mapping");
        if (!tag.empty() && tag != "!" && tag != std::string(kTagPrefix) + std::string(own_tag)) return fail(event.start_mark, "the tag " + std::string(tag) + " is not known");
        Frame frame;
        frame.value = std::move(empty);
        frame.mark.line = line_of(event);
        frame.before = size_;
        frame.anchor = anchor;
        if (!anchor.empty()) anchors_[frame.anchor] = {};
        count(event, {1, 0});
        stack_.push_back(std::move(frame));
    }

    void close(const yaml_event_t& event) {
        Frame frame = std::move(stack_.back());
        stack_.pop_back();
        for (Json& more : frame.merged) {
            for (auto& [name, value] : more.items()) {
                if (!frame.value.contains(name)) frame.value[name] = std::move(value);
            }
        }
        const Size own{size_.nodes - frame.before.nodes, size_.bytes - frame.before.bytes};
        if (!frame.anchor.empty()) {
            // Anchors within anchors keep the innermost once for each.
            kept_nodes_ += own.nodes;
            if (kept_nodes_ > limits_.max_nodes) return fail(event.start_mark, "too many anchors within anchors", base::ErrorCode::too_large);
            anchors_[frame.anchor] = {frame.value, own, false};
        }
        place(event, std::move(frame.value), std::move(frame.mark));
    }

    void alias(const yaml_event_t& event) {
        const std::string name(view(event.data.alias.anchor));
        const auto found = anchors_.find(name);
        if (found == anchors_.end()) return fail(event.start_mark, "the alias *" + name + " has no anchor");
        if (found->second.open) return fail(event.start_mark, "the alias *" + name + " stands inside of its own anchor");
        count(event, found->second.size);
        if (failed_) return;  // before the copy is made
        if (expects_key()) {
            if (!found->second.value.is_string()) return fail(event.start_mark, "a key must be a word, not a list or mapping");
            return key(event, *found->second.value.get_ptr<const std::string*>());
        }
        place(event, found->second.value, {line_of(event), {}, {}});
    }

    void scalar(const yaml_event_t& event) {
        const auto& data = event.data.scalar;
        const std::string_view text(reinterpret_cast<const char*>(data.value), data.length);
        const std::string_view tag = view(data.tag);
        count(event, {1, text.size()});
        if (failed_) return;
        if (text.find('\0') != std::string_view::npos) return fail(event.start_mark, "a text contains a NUL");
        if (expects_key()) {
            if (const std::string_view anchor = view(data.anchor); !anchor.empty()) anchors_[std::string(anchor)] = {std::string(text), {1, text.size()}, false};
            return key(event, std::string(text));
        }
        Json value;
        if (tag.empty() ? data.style != YAML_PLAIN_SCALAR_STYLE : tag == "!" || tag == std::string(kTagPrefix) + "str") {
            value = std::string(text);
        } else if (tag.empty() || is_one_of(tag, {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"})) {
            value = resolve_plain(text);
        } else {
            return fail(event.start_mark, "the tag " + std::string(tag) + " is not known");
        }
        if (const std::string_view anchor = view(data.anchor); !anchor.empty()) anchors_[std::string(anchor)] = {value, {1, text.size()}, false};
        place(event, std::move(value), {line_of(event), {}, {}});
    }

    [[nodiscard]] static int line_of(const yaml_event_t& event) { return static_cast<int>(event.start_mark.line) + 1; }
    [[nodiscard]] bool expects_key() const { return !stack_.empty() && stack_.back().value.is_object() && !stack_.back().has_key; }

    void key(const yaml_event_t& event, std::string name) {
        Frame& frame = stack_.back();
        frame.merges = name == "<<" && event.type == YAML_SCALAR_EVENT && event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        if (frame.merges) {
            if (dialect_ == Dialect::one_document) return fail(event.start_mark, "merge keys (<<) are not read; write the keys out");
            frame.has_key = true;
            return;
        }
        if (frame.value.contains(name)) return fail(event.start_mark, "the key \"" + name + "\" is there twice");
        frame.key = std::move(name);
        frame.key_line = line_of(event);
        frame.has_key = true;
    }

    void place(const yaml_event_t& event, Json value, YamlMark mark) {
        if (stack_.empty()) {
            root_ = {std::move(value), std::move(mark)};
            return;
        }
        Frame& frame = stack_.back();
        if (frame.value.is_array()) {
            frame.value.push_back(std::move(value));
            if (dialect_ == Dialect::stream) frame.mark.items.push_back(std::move(mark));
            return;
        }
        frame.has_key = false;
        if (frame.merges) return merge(event, frame, std::move(value));
        if (dialect_ == Dialect::stream) {
            mark.line = frame.key_line;
            frame.mark.members[frame.key] = std::move(mark);
        }
        frame.value[std::move(frame.key)] = std::move(value);
    }

    // https://yaml.org/type/merge.html: a mapping, or a list of mappings of which earlier ones win.
    void merge(const yaml_event_t& event, Frame& frame, Json value) {
        if (value.is_object()) return frame.merged.push_back(std::move(value));
        if (!value.is_array()) return fail(event.start_mark, "<< merges a mapping or a list of mappings");
        for (Json& one : value) {
            if (!one.is_object()) return fail(event.start_mark, "<< merges a mapping or a list of mappings");
            frame.merged.push_back(std::move(one));
        }
    }

    const YamlLimits& limits_;
    yaml_parser_t parser_{};
    bool ready_ = false;
    Dialect dialect_;
    int documents_ = 0;
    YamlDocument root_;
    YamlStream stream_;
    std::vector<Frame> stack_;
    std::map<std::string, Anchor> anchors_;
    Size size_;
    std::size_t kept_nodes_ = 0;
    bool failed_ = false;
    base::Error error_;
};

YamlStream read_yaml(std::string_view text, const YamlLimits& limits, Dialect dialect) {
    if (text.size() > limits.max_bytes) {
        return {{}, base::Error{base::ErrorCode::too_large, "The text is larger than " + base::human_bytes(limits.max_bytes) + ".", {}}, 0};
    }
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    return Reader(text, limits, dialect).read();
}

}  // namespace

base::Result<Json> parse_yaml(std::string_view text, YamlLimits limits) {
    YamlStream stream = read_yaml(text, limits, Dialect::one_document);
    if (stream.error) return base::fail(std::move(*stream.error));
    return stream.documents.empty() ? Json() : std::move(stream.documents.front().value);
}

YamlStream parse_yaml_stream(std::string_view text, YamlLimits limits) { return read_yaml(text, limits, Dialect::stream); }

const YamlMark& mark_at(const YamlMark& marks, std::initializer_list<YamlStep> path) {
    const YamlMark* at = &marks;
    for (const YamlStep& step : path) {
        if (step.is_index) {
            if (step.index >= at->items.size()) break;
            at = &at->items[step.index];
        } else {
            const auto found = at->members.find(step.key);
            if (found == at->members.end()) break;
            at = &found->second;
        }
    }
    return *at;
}

}  // namespace hub
