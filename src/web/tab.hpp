// Tab: the whole program of one browser tab: finds the backend, builds model and shell, and drives frames, input, storage, the
// semantics mirror and window.binnacle. Lives as long as the page.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/app.hpp"
#include "net/http.hpp"
#include "net/router.hpp"
#include "ui/shell.hpp"
#include "web/address.hpp"
#include "web/api.hpp"
#include "web/backend.hpp"
#include "web/browser_tabs.hpp"
#include "web/fetch_client.hpp"
#include "web/frame_loop.hpp"
#include "web/indexed_db_archive.hpp"
#include "web/input.hpp"
#include "web/known_answer.hpp"
#include "web/local_storage.hpp"
#include "web/page.hpp"
#include "web/renderer.hpp"
#include "web/semantics_bridge.hpp"
#include "web/sign_in_page.hpp"
#include "web/stream_bench.hpp"
#include "web/tab_hub.hpp"
#include "web/web_random.hpp"
#include "web/web_scheduler.hpp"

namespace web {

class Tab final : public InputHost, public ui::Platform {
public:
    Tab();
    ~Tab() override;
    void start();

    // ---- called by the browser
    void on_resize(int width_px, int height_px, float pixel_ratio);
    void on_media(bool dark, bool reduced_motion, bool coarse_pointer);
    void on_visible(bool visible);
    void on_onscreen(bool onscreen) { frames_.set_onscreen(onscreen); }
    void on_page_hide();
    [[nodiscard]] bool has_unsaved() const { return app_ && app_->has_unsaved(); }
    void on_pop(std::string query);
    void on_page_show();   // from the back/forward cache
    void on_freeze();
    void on_storage(std::string_view key);  // another tab wrote it; empty: cleared everything
    void on_online();
    void on_file(std::string name, std::string bytes, bool dropped);
    void on_context(bool available);

private:
    // InputHost
    void want_frames(int frames) override { frames_.want_settled(frames); }
    void draw_now() override { frames_.draw_now(); }
    [[nodiscard]] bool owns_key(std::string_view key, const KeyModifiers& mods) override;
    // ui::Platform
    void copy_text(std::string_view text) override { input_.copy_text(text); }
    void save_file(std::string_view name, std::string_view mime, std::string_view text) override;
    void open_url(std::string_view url) override;
    void reload_page() override;
    void use_backend(std::string_view name) override;
    void delete_documents() override;
    void choose_file(std::string_view accept, base::UniqueFunction<void(std::string, std::string)> done) override;
    [[nodiscard]] bool can_choose_files() const override { return true; }
    void set_document_title(std::string_view title) override;
    std::string diagnostics() override;
    [[nodiscard]] bool is_mac() const override { return page_.mac; }

    void use_backend(BackendChoice choice);
    void start_tab_hub(double cluster_speed);
    void flush_app();
    void start_app(net::HttpClient& client, model::AppOptions options);
    void start_bench();
    void start_shell();
    void load_fonts();
    void apply_page_theme();
    void draw();
    void apply_scale();
    void build_frame();
    void finish_input();
    void draw_canvas();
    void follow_theme();

    WebScheduler scheduler_;
    WebRandom random_;
    LocalStorage storage_;
    Page page_;
    std::string version_;
    Renderer renderer_;
    FrameLoop frames_;
    Input input_;
    base::UniqueFunction<void(std::string, std::string)> file_chosen_;

    std::unique_ptr<BackendFinder> finder_;
    std::unique_ptr<FetchClient> fetch_;
    std::unique_ptr<KnownAnswer> known_;         // before it
    std::unique_ptr<SignInPage> sign_in_page_;
    BrowserTabLocks locks_;
    std::unique_ptr<base::TabChannel> channel_;  // of the App's; null where the browser has none
    std::unique_ptr<TabHub> hub_;                // without a backend
    std::unique_ptr<StreamBench> stream_bench_;  // with ?bench=logs
    net::Router nowhere_;                       // the bench has no backend
    std::unique_ptr<net::HttpClient> loopback_;
    std::unique_ptr<IndexedDbArchive> events_;  // what the App has seen of the event feed
    std::unique_ptr<model::App> app_;
    std::vector<model::BackendView> backends_;
    std::unique_ptr<Address> address_;
    float page_ratio_ = 1;                      // device px per CSS px
    std::unique_ptr<ui::Shell> shell_;
    std::unique_ptr<SemanticsBridge> semantics_;
    std::unique_ptr<Api> api_;
    std::vector<std::vector<std::uint8_t>> fonts_;
    std::string backend_label_;
    std::string notice_;

    ui::FrameInput frame_input_;
    int width_px_ = 0;
    int height_px_ = 0;
    int canvas_width_px_ = 0;
    int canvas_height_px_ = 0;
    std::optional<std::uint32_t> page_rgb_;
    double last_draw_ms_ = 0;
    bool shown_ = false;
};

}  // namespace web
