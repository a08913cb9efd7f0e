// Schema: what a JSON value must look like, as a tree of data. Validation collects every mistake with its path and gives back the
// value as it shall be used: trimmed, converted, defaults filled in, unknown keys gone.
//
//   using namespace state;   // in a .cpp
//   const Schema agent = schema::object({
//       {"name", schema::string().trim().min(1, "Name is required").max(100, "At most 100 characters")},
//       {"port", schema::number().coerce().integer().min(1).max(65535).optional()},
//       {"provider", schema::one_of({"openai", "ollama"}).required("Provider is required")},
//       {"tools", schema::array(schema::string()).or_default(base::Json::array())},
//   }).refine([](const base::Json& all) { ... }, "These two do not go together", "port");
//   const Validation checked = validate(agent, values);
//   for (const Issue& issue : checked.issues) show(issue.path, issue.message);      // "tools/2": "Enter text"
//   if (checked.ok()) send(checked.value);
//
// Promises
//   - A Schema is a value: each call gives a new one and leaves the old as it is; copies share their nodes.
//   - Rules, trim, refine and transform run in the order in which they were called. Every failing rule adds an issue of its own; a
//     value of the wrong type gives one issue and nothing below it runs. refine and transform, which are the caller's code, run only
//     when everything before them, and below them in the tree, holds: they may rely on it.
//   - Issues come in the order of the schema's members, so the first one is the first field of the form.
//   - Absent, null and empty are three things. Absent: optional() lets it pass, or_default() puts a value there (which is then
//     checked like any other), else "required". null: refused unless nullable(), whatever the default. Empty text is a value, for
//     min(1) to refuse, unless empty_is_absent() says otherwise; a choice (one_of) takes empty text as absent.
//   - Lengths of text are counted in code points, so "e-acute" is one and an emoji of one code point is one (zod counts UTF-16 units).
//   - At most kMaxIssues issues are kept; the value is checked to its end all the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/unique_function.hpp"

namespace state {

struct Issue {
    std::string path;     // state/forms/paths.hpp; "" for the value itself
    std::string message;  // for people
    friend bool operator==(const Issue&, const Issue&) = default;
};

inline constexpr std::size_t kMaxIssues = 200;

class Schema {
public:
    enum class Kind : std::uint8_t { any, string, number, boolean, one_of, array, object, union_of };
    struct Node;

    Schema();  // any: takes what comes
    explicit Schema(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

    // ---- presence
    [[nodiscard]] Schema required(std::string message) const;  // the words for "absent" (default: "Required")
    [[nodiscard]] Schema optional() const;
    [[nodiscard]] Schema nullable() const;
    [[nodiscard]] Schema or_default(base::Json value) const;   // for absent only
    [[nodiscard]] Schema empty_is_absent() const;              // text of nothing but white space too
    [[nodiscard]] Schema mismatch(std::string message) const;  // the words for "of another type"

    // ---- rules; an empty message asks for the usual words
    [[nodiscard]] Schema min(double least, std::string message = {}) const;  // code points, items, or the number itself
    [[nodiscard]] Schema max(double most, std::string message = {}) const;
    [[nodiscard]] Schema email(std::string message = {}) const;     // one '@' with something on both sides, no blanks, <= 254 bytes
    [[nodiscard]] Schema url(std::string message = {}) const;       // absolute, http or https
    [[nodiscard]] Schema matches(base::UniqueFunction<bool(std::string_view)> test, std::string message) const;  // of a text
    [[nodiscard]] Schema integer(std::string message = {}) const;   // 3.0 is one
    [[nodiscard]] Schema positive(std::string message = {}) const;
    [[nodiscard]] Schema finite(std::string message = {}) const;    // not infinite; what is no number at all never passes
    // `path` is relative to the value and says which field the message belongs to.
    [[nodiscard]] Schema refine(base::UniqueFunction<bool(const base::Json&)> test, std::string message, std::string path = {}) const;

    // ---- changes of the value
    [[nodiscard]] Schema trim() const;    // ASCII white space at both ends of a text
    // Text to number ("8080"; white space around it is fine; empty text is absent) or to boolean ("true", "false"), before all else.
    [[nodiscard]] Schema coerce() const;
    [[nodiscard]] Schema transform(base::UniqueFunction<base::Json(base::Json)> change) const;

    // ---- objects: what happens to keys that no member has (default: left out of the result)
    [[nodiscard]] Schema keep_unknown() const;
    [[nodiscard]] Schema refuse_unknown(std::string message = {}) const;

    // ---- what a form wants to know
    [[nodiscard]] Kind kind() const;
    // True when an empty form would fail here: the field deserves the required mark.
    [[nodiscard]] bool needs_value() const;
    // The schema of what is at that path (in a union: of the first variant that has it); null when there is nothing.
    [[nodiscard]] const Schema* find(std::string_view path) const;
    // Where a path stands among the fields, for sorting; unknown members come last.
    [[nodiscard]] std::vector<std::size_t> order(std::string_view path) const;
    [[nodiscard]] const Node& node() const { return *node_; }

private:
    std::shared_ptr<const Node> node_;
};

struct SchemaMember {
    std::string name;
    Schema schema;
};
// `schema` is that of the whole object; the discriminating member is checked by the union and kept.
struct SchemaVariant {
    std::string value;
    Schema schema;
};

namespace schema {

[[nodiscard]] inline Schema any() { return Schema(); }
[[nodiscard]] Schema string();
[[nodiscard]] Schema number();
[[nodiscard]] Schema boolean();
[[nodiscard]] Schema one_of(std::vector<std::string> values, std::string message = {});  // `message`: for a value that is none of them
[[nodiscard]] Schema array(Schema element);
[[nodiscard]] Schema object(std::vector<SchemaMember> members);
// Objects told apart by the text in member `key`: {"kind": "token", ...} or {"kind": "certificate", ...}.
[[nodiscard]] Schema union_of(std::string key, std::vector<SchemaVariant> variants);

}  // namespace schema

struct Validation {
    base::Json value;           // null when the value failed or was absent
    std::vector<Issue> issues;
    [[nodiscard]] bool ok() const { return issues.empty(); }
};
[[nodiscard]] Validation validate(const Schema& schema, const base::Json& value);
// The same for what may be absent (null pointer).
[[nodiscard]] Validation validate(const Schema& schema, const base::Json* value);

}  // namespace state
