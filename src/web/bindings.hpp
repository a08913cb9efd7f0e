// The JavaScript side of the tab: every function of src/web/js/lib_*.js, in one place. Texts are UTF-8 with a NUL; what a
// function returns as `char*` is malloc'ed and the caller's (BrowserText takes it). `self` comes back in the exported
// functions (bn_frame, bn_input_*, ...), which the modules define with EMSCRIPTEN_KEEPALIVE.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" {
// lib_loop.js
void bn_loop_start(void* self);
void bn_loop_post();                    // bn_loop_tick(self) as a task of its own
void bn_loop_set_timer(double delay_ms);// bn_loop_timer(self); one timer, the last call counts
void bn_loop_clear_timer();
void bn_frame_request(void* self);      // bn_frame(self) at the next animation frame
void bn_frame_cancel();
void bn_random(std::uint8_t* bytes, std::uint32_t size);

// lib_input.js
void bn_input_start(void* self);
void bn_input_cursor(const char* css_name);
void bn_input_text_wanted(int wanted);
void bn_input_caret(float x, float y, float height);
void bn_clipboard_write(const char* text);

// lib_page.js
void bn_page_start(void* self);
char* bn_page_info();
std::uint8_t* bn_page_asset(const char* name, std::uint32_t* size);
char* bn_page_version();
void bn_page_ready();
void bn_page_load_cluster(void* self);  // bn_page_cluster(self, loaded) when hub and cluster can be called
void bn_page_fatal(const char* title, const char* text);
void bn_page_notice(const char* text);
void bn_page_title(const char* title);
void bn_page_open(const char* url);
void bn_page_choose_file(const char* accept);  // bn_page_file(self, name, bytes, size, dropped); nothing when nobody chooses
void bn_page_save(const char* name, const char* mime, const char* text);  // as a download
void bn_page_reload();
void bn_page_use_backend(const char* name);  // ?backend=NAME, and a reload
void bn_page_delete_documents();             // at the next load, before anything opens them
int bn_page_sign_in(const char* url, const char* memo, int embedded);  // 0: the browser keeps nothing for this page
void bn_page_address(const char* query, int step);  // bn_page_pop(self, query) when the user goes back or forward
void bn_page_theme(std::uint32_t rgb, int dark);
void bn_page_canvas_size(int width, int height);
void bn_page_text_mode(int on);
char* bn_storage_get(const char* key);  // null: none; kStorageDenied: denied
int bn_storage_set(const char* key, const char* value);
int bn_storage_remove(const char* key);
char* bn_storage_keys();

// lib_documents.js; answers by bn_documents_done
void bn_documents_open(void* self, const char* name);
void bn_documents_get(void* self, int call, const char* collection, const char* id, int sealed);
void bn_documents_list(void* self, int call, const char* collection, int sealed);
void bn_documents_put(void* self, int call, const char* collection, const char* id, const char* json, double expected, int sealed);
void bn_documents_remove(void* self, int call, const char* collection, const char* id, double expected, int sealed);

void bn_documents_guard(void* self, const char* owner_json);
void bn_documents_put_last(void* self, const char* collection, const char* id, const char* json);
void bn_documents_close(void* self);

// lib_archive.js; answers by bn_archive_done
void bn_archive_open(void* self, const char* name);
void bn_archive_write(void* self, int call, const char* rows_json, int replace);
void bn_archive_read(void* self, int call, const char* from, const char* to, int most);
void bn_archive_trim(void* self, int call, const char* from, const char* to, const char* before, int keep);
void bn_archive_clear(void* self, int call);
void bn_archive_close(void* self);
// Whether fetches that begin now outlive the page.
void bn_fetch_keepalive(int on);

// lib_secrets.js; answers by bn_secrets_ready(self, 1 when this origin has a key)
void bn_secrets_load(void* self);

// lib_tabs.js; answers by bn_channel_message and bn_lock_event
int bn_channel_open(void* self, const char* name, int sealed);
int bn_channel_post(void* self, const char* bytes, std::uint32_t size, int at_once);
void bn_channel_close(void* self);
int bn_locks_available();
void bn_lock_request(void* self, int id, const char* name, int steal);
void bn_lock_release(int id);

// lib_fetch.js
void bn_fetch_forget_chunk(std::uint32_t fetch_id);

// lib_semantics.js
void bn_mirror_start(void* self);
void bn_mirror_scale(float scale);
void bn_mirror_update(const std::uint8_t* bytes, std::uint32_t size);

// lib_api.js
void bn_api_start(void* self, const char* version);
void bn_bench_start(void* self);
}

namespace web {

// Owns a text that came from JavaScript.
class BrowserText {
public:
    explicit BrowserText(char* text) : text_(text) {}
    ~BrowserText() {
        if (!denied()) std::free(text_);
    }
    BrowserText(const BrowserText&) = delete;
    BrowserText& operator=(const BrowserText&) = delete;
    [[nodiscard]] bool denied() const { return reinterpret_cast<std::intptr_t>(text_) == -1; }
    [[nodiscard]] bool none() const { return text_ == nullptr || denied(); }
    [[nodiscard]] std::string text() const { return none() ? std::string() : std::string(text_); }

private:
    char* text_;
};

}  // namespace web
