#include "web/indexed_db_archive.hpp"

#include <emscripten/emscripten.h>

#include <utility>

#include "base/json.hpp"
#include "web/bindings.hpp"

namespace web {

namespace {
enum Status { kOk = 0, kNoRoom = 1 };
constexpr std::size_t kMaxAnswerBytes = 64 * 1024 * 1024;
}  // namespace

IndexedDbArchive::IndexedDbArchive(const std::string& name) { bn_archive_open(this, name.c_str()); }
IndexedDbArchive::~IndexedDbArchive() { bn_archive_close(this); }

int IndexedDbArchive::add_call(Answer answer) {
    calls_[++last_call_] = std::move(answer);
    return last_call_;
}

void IndexedDbArchive::write(std::vector<Row> rows, bool replace, Done done) {
    base::Json list = base::Json::array();
    for (Row& row : rows) list.push_back({std::move(row.key), std::move(row.text)});
    const int call = add_call([done = std::move(done)](base::Result<std::string> text) mutable { done(text ? base::Result<void>() : base::fail(text.error())); });
    bn_archive_write(this, call, base::dump_json(list).c_str(), replace ? 1 : 0);
}

void IndexedDbArchive::read(std::string from, std::string to, std::size_t most, Rows done) {
    const int call = add_call([done = std::move(done)](base::Result<std::string> text) mutable {
        if (!text) return done(base::fail(text.error()));
        const auto json = base::parse_json(*text, {.max_bytes = kMaxAnswerBytes});
        std::vector<Row> rows;
        if (json && json->is_array()) {
            for (const base::Json& row : *json) {
                if (row.is_array() && row.size() == 2 && row[0].is_string() && row[1].is_string()) rows.push_back({*row[0].get_ptr<const std::string*>(), *row[1].get_ptr<const std::string*>()});
            }
        }
        done(std::move(rows));
    });
    bn_archive_read(this, call, from.c_str(), to.c_str(), static_cast<int>(most));
}

void IndexedDbArchive::trim(std::string from, std::string to, std::string before, std::size_t keep, Done done) {
    const int call = add_call([done = std::move(done)](base::Result<std::string> text) mutable { done(text ? base::Result<void>() : base::fail(text.error())); });
    bn_archive_trim(this, call, from.c_str(), to.c_str(), before.c_str(), static_cast<int>(keep));
}

void IndexedDbArchive::clear(Done done) {
    const int call = add_call([done = std::move(done)](base::Result<std::string> text) mutable { done(text ? base::Result<void>() : base::fail(text.error())); });
    bn_archive_clear(this, call);
}

void IndexedDbArchive::on_done(int call, int status, const std::string& text) {
    auto node = calls_.extract(call);
    if (node.empty()) return;
    if (status == kOk) return node.mapped()(text);
    node.mapped()(base::fail(status == kNoRoom ? base::ErrorCode::quota : base::ErrorCode::unavailable,
                             status == kNoRoom ? std::string("The browser has no room for them") : "The browser's database failed: " + text));
}

}  // namespace web

extern "C" EMSCRIPTEN_KEEPALIVE void bn_archive_done(web::IndexedDbArchive* self, int call, int status, const char* text) {
    self->on_done(call, status, text == nullptr ? std::string() : std::string(text));
}
