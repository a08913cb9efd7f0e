#include "web/tab.hpp"

#include <emscripten/emscripten.h>
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <utility>

#include "model/imports.hpp"
#include "model/tab_sync.hpp"
#include "net/loopback.hpp"
#include "net/stream_mux.hpp"
#include "web/bindings.hpp"

namespace web {

namespace {

std::vector<std::uint8_t> take_font(const char* name) {
    const std::string bytes = take_asset(name);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

Tab::Tab()
    : page_(read_page()),
      version_(BrowserText(bn_page_version()).text()),
      frames_(scheduler_, [this] { draw(); }),
      input_(*this, scheduler_, page_.mac) {
    frame_input_.embed = page_.embed;
    frame_input_.developer = page_.developer;
}

Tab::~Tab() = default;

void Tab::start() {
    ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.LogFilename = nullptr;
    io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
    io.BackendFlags |= ImGuiBackendFlags_RendererHasTextures;
    io.Fonts->TexDesiredFormat = ImTextureFormat_Alpha8;
    if (!renderer_.create("#canvas")) {
        bn_page_text_mode(1);
        bn_page_notice("This browser gives the page no WebGL2, so the canvas is shown as lists.");
        page_.full_semantics = true;
    }
    load_fonts();
    bn_page_start(this);
    finder_ = std::make_unique<BackendFinder>(scheduler_, page_, [this](BackendChoice choice) { use_backend(std::move(choice)); });
}

void Tab::load_fonts() {
    for (const char* name : {"inter-400", "inter-600", "mono-400"}) fonts_.push_back(take_font(name));
}

// ---- backend

void Tab::use_backend(BackendChoice choice) {
    notice_ = choice.notice;
    if (page_.bench) return start_bench();
    for (const BackendEntry& entry : choice.known) backends_.push_back({entry.name, entry.origin + entry.prefix, !choice.in_tab && entry.name == choice.entry.name});
    if (!backends_.empty()) backends_.push_back({"tab", "hub and cluster of their own", choice.in_tab});
    if (choice.in_tab) return start_tab_hub(choice.cluster_speed);
    fetch_ = std::make_unique<FetchClient>(scheduler_, choice.entry.origin);
    known_ = std::make_unique<KnownAnswer>(scheduler_, *fetch_, choice.entry.prefix + "/health", std::move(choice.health));
    model::AppOptions options;
    options.backend_label = choice.entry.name;
    options.api_prefix = choice.entry.prefix;
    options.watch_root = watch_root_of(choice.entry.prefix);
    options.stream_budget = net::StreamMux::kBudget;
    // One session per backend; the page's own gateway has the plain key.
    options.storage_suffix = choice.entry.origin.empty() ? "" : choice.entry.name;
    options.oauth_return = page_.oauth_return;
    sign_in_page_ = std::make_unique<SignInPage>(choice.entry.origin, page_.embedded);
    start_app(*known_, std::move(options));
}

void Tab::start_tab_hub(double cluster_speed) {
    TabHub::Events events;
    events.on_ready = [this] {
        if (const std::string notice = hub_->notice(); !notice.empty()) notice_ = notice;
        model::AppOptions options;
        options.backend_label = "in this tab";
        options.watch_root = watch_root_of(options.api_prefix);
        options.storage_suffix = "tab";
        start_app(hub_->client(), std::move(options));
    };
    events.on_moved = [this] { app_->wake(); };
    events.on_failure = [this](const base::Error& error) {
        if (!app_) return bn_page_fatal("The demo cluster could not be loaded", (error.message + " " + error.hint).c_str());
        app_->show_toast(model::ToastKind::danger, "The demo cluster could not be loaded", error.message);
    };
    events.on_company = [this] {
        const std::string text = "This browser does not let tabs of this site work together here (it does over https). Each has a cluster of its own, and the last one to change something is kept.";
        if (app_) app_->show_toast(model::ToastKind::warning, "Several tabs are open", text);
        else notice_ = text;
    };
    hub_ = std::make_unique<TabHub>(scheduler_, random_, locks_, TabHub::Options{page_.base, version_, cluster_speed}, std::move(events));
    hub_->set_visible(frames_.visible());
    hub_->start();
}

void Tab::start_app(net::HttpClient& client, model::AppOptions options) {
    backend_label_ = options.backend_label;
    options.version = version_;
    options.backends = backends_;
    channel_ = BrowserTabChannel::open(model::TabSync::kChannelName);
    events_ = std::make_unique<IndexedDbArchive>("binnacle-events-" + (options.storage_suffix.empty() ? std::string("gateway") : options.storage_suffix));
    app_ = std::make_unique<model::App>(model::AppPorts{client, scheduler_, random_, storage_, channel_.get(), &locks_, sign_in_page_.get(), events_.get()}, std::move(options));
    start_shell();
    address_ = std::make_unique<Address>(scheduler_, *app_, AddressOptions{.query = page_.query, .steps = !page_.embed && !page_.embedded});
    app_->set_visible(frames_.visible());
    app_->start();
    if (!notice_.empty()) app_->show_toast(model::ToastKind::warning, "Note", notice_);
}

void Tab::start_bench() {
    loopback_ = std::make_unique<net::LoopbackClient>(scheduler_, nowhere_);
    backend_label_ = "bench";
    model::AppOptions options;
    options.backend_label = backend_label_;
    options.storage_suffix = "bench";
    app_ = std::make_unique<model::App>(model::AppPorts{*loopback_, scheduler_, random_, storage_}, std::move(options));
    app_->load_bench_graph(page_.bench->nodes);
    if (page_.bench->zoom) app_->set_viewport({0, 0, *page_.bench->zoom});
    start_shell();
    shell_->set_canvas_only(true);
    if (page_.bench->logs) stream_bench_ = std::make_unique<StreamBench>();
}

void Tab::apply_page_theme() {
    if (page_.theme == "dark") app_->set_theme(model::ThemeChoice::dark);
    if (page_.theme == "light") app_->set_theme(model::ThemeChoice::light);
    if (page_.theme == "system") app_->set_theme(model::ThemeChoice::system);
}

void Tab::start_shell() {
    apply_page_theme();
    shell_ = std::make_unique<ui::Shell>(*app_, *this);
    shell_->load_fonts({.ui = fonts_[0], .ui_semibold = fonts_[1], .mono = fonts_[2]});
    app_->on_change([this](model::TopicSet topics) {
        if (address_) address_->follow();
        if ((topics & shell_->visible_topics()) != 0) frames_.want();
    });
    semantics_ = std::make_unique<SemanticsBridge>(scheduler_, shell_->semantics(), [this] { frames_.want_settled(); });
    semantics_->start(page_.full_semantics);
    api_ = std::make_unique<Api>(ApiPorts{
        .frames = frames_,
        .renderer = renderer_,
        .semantics = *semantics_,
        .page = page_,
        .version = version_,
        .backend_label = backend_label_,
        .app = app_.get(),
        .hub_role = [this] { return hub_ ? net::to_string(hub_->role()) : std::string_view(); },
        .pending = [this] { return app_->pending_requests(); },
        .busy = [this] { return !scheduler_.idle(); },
        .set_full_semantics = [this](bool full) { semantics_->set_full(full); },
    });
    api_->start();
    input_.start();
    frames_.start();
}

// ---- frames

void Tab::draw() {
    const double now = emscripten_get_now();
    ImGuiIO& io = ImGui::GetIO();
    apply_scale();
    frame_input_.now_ms = static_cast<std::int64_t>(now);
    frame_input_.unix_ms = scheduler_.clock().unix_ms();
    io.DisplaySize = {frame_input_.width, frame_input_.height};
    io.DisplayFramebufferScale = {frame_input_.pixel_ratio, frame_input_.pixel_ratio};
    // After a pause the next frame is a frame later, not a minute: ImGui's repeats and transitions count on it.
    io.DeltaTime = static_cast<float>(std::clamp((now - last_draw_ms_) / 1000, 0.001, 0.1));
    last_draw_ms_ = now;

    build_frame();
    draw_canvas();

    input_.after_frame();
    semantics_->after_frame();
    app_->flush_storage();
    follow_theme();
    frames_.wake_at(shell_->next_wake_ms());
    // ImGui spreads quick events (press and release in one frame) over frames.
    if (!ImGui::GetCurrentContext()->InputEventsQueue.empty()) frames_.want();
    if (!std::exchange(shown_, true)) bn_page_ready();
}

void Tab::build_frame() {
    shell_->begin(frame_input_);
    ImGui::NewFrame();
    shell_->draw();
    ImGui::Render();
    shell_->finish();
}

// ImGui takes quick typing one key a frame. What was typed before the page goes must reach its field, and no frame comes any more.
void Tab::finish_input() {
    constexpr int kMostFrames = 200;
    for (int i = 0; i < kMostFrames && !ImGui::GetCurrentContext()->InputEventsQueue.empty(); ++i) build_frame();
}

void Tab::draw_canvas() {
    // Resizing clears the canvas, so it happens only where it is drawn again at once.
    if (canvas_width_px_ != width_px_ || canvas_height_px_ != height_px_) {
        canvas_width_px_ = width_px_;
        canvas_height_px_ = height_px_;
        bn_page_canvas_size(width_px_, height_px_);
    }
    renderer_.render(*ImGui::GetDrawData(), width_px_, height_px_, shell_->background_rgb());
}

void Tab::follow_theme() {
    const std::uint32_t rgb = shell_->background_rgb();
    if (page_rgb_ == rgb) return;
    page_rgb_ = rgb;
    const std::uint32_t brightness = (rgb >> 16 & 0xff) + (rgb >> 8 & 0xff) + (rgb & 0xff);
    bn_page_theme(rgb, brightness < 3 * 128 ? 1 : 0);
}

// ---- the page

void Tab::on_resize(int width_px, int height_px, float pixel_ratio) {
    if (width_px <= 0 || height_px <= 0) return;
    width_px_ = width_px;
    height_px_ = height_px;
    page_ratio_ = pixel_ratio;
    apply_scale();
    // Within the observer's call, so that no frame shows the old content stretched.
    frames_.draw_now();
    frames_.want_settled();
}

// The user's text size: everything is drawn larger, on a window that is that much smaller.
void Tab::apply_scale() {
    const float scale = app_ ? static_cast<float>(app_->ui().font_percent) / 100 : 1.0f;
    frame_input_.pixel_ratio = page_ratio_ * scale;
    frame_input_.width = static_cast<float>(width_px_) / frame_input_.pixel_ratio;
    frame_input_.height = static_cast<float>(height_px_) / frame_input_.pixel_ratio;
    if (scale == input_.scale()) return;
    input_.set_scale(scale);
    bn_mirror_scale(scale);
}

void Tab::on_media(bool dark, bool reduced_motion, bool coarse_pointer) {
    frame_input_.system_dark = dark;
    frame_input_.reduced_motion = reduced_motion;
    frame_input_.coarse_pointer = coarse_pointer;
    frames_.want_settled();
}

void Tab::on_visible(bool visible) {
    frames_.set_visible(visible);
    if (hub_) hub_->set_visible(visible);
    if (!app_) return;
    app_->set_visible(visible);
    if (visible) {
        app_->wake();
    } else {
        flush_app();
        if (hub_) hub_->flush();
    }
}

void Tab::flush_app() {
    if (!app_) return;
    finish_input();
    // The last save must arrive although nobody waits for its answer.
    if (fetch_) fetch_->set_leaving(true);
    app_->flush_storage(true);
    if (fetch_) fetch_->set_leaving(false);
}

void Tab::on_pop(std::string query) {
    if (address_) address_->on_pop(std::move(query));
}

void Tab::on_page_hide() {
    flush_app();
    if (hub_) hub_->on_page_hide();
}

void Tab::on_page_show() {
    if (hub_) hub_->on_page_show();
    if (app_) app_->page_shown();
}

void Tab::on_freeze() {
    flush_app();
    if (hub_) hub_->on_freeze();
}

void Tab::on_storage(std::string_view key) {
    if (app_) app_->storage_changed(key);
}

void Tab::on_online() {
    if (app_) app_->wake();
}

void Tab::on_context(bool available) {
    if (available) {
        renderer_.context_restored();
        bn_page_text_mode(renderer_.available() ? 0 : 1);
    } else {
        renderer_.context_lost();
    }
    frames_.want_settled();
}

bool Tab::owns_key(std::string_view key, const KeyModifiers& mods) {
    return shell_ && shell_->owns_key(key, mods.ctrl, mods.shift, mods.alt, mods.meta);
}

void Tab::open_url(std::string_view url) {
    // Anything but the web ("javascript:", "data:") is not ours to open.
    if (url.starts_with("https://") || (url.starts_with('/') && !url.starts_with("//"))) bn_page_open(std::string(url).c_str());
}

void Tab::save_file(std::string_view name, std::string_view mime, std::string_view text) {
    bn_page_save(std::string(name).c_str(), std::string(mime).c_str(), std::string(text).c_str());
}

void Tab::use_backend(std::string_view name) {
    on_page_hide();
    bn_page_use_backend(std::string(name).c_str());
}

void Tab::delete_documents() { bn_page_delete_documents(); }

void Tab::choose_file(std::string_view accept, base::UniqueFunction<void(std::string, std::string)> done) {
    file_chosen_ = std::move(done);
    bn_page_choose_file(std::string(accept).c_str());
}

void Tab::on_file(std::string name, std::string bytes, bool dropped) {
    if (!dropped) {
        if (auto chosen = std::exchange(file_chosen_, {})) chosen(std::move(name), std::move(bytes));
        return;
    }
    if (!app_ || app_->session().phase != model::SessionPhase::signed_in) return;
    app_->imports().take_file(std::move(name), std::move(bytes));
    app_->open_modal("import");
}

void Tab::reload_page() {
    on_page_hide();
    bn_page_reload();
}

void Tab::set_document_title(std::string_view title) { bn_page_title(std::string(title).c_str()); }

std::string Tab::diagnostics() { return api_ ? base::dump_json(api_->diagnostics(), 2) : std::string("{}"); }

}  // namespace web

extern "C" {
using web::Tab;

EMSCRIPTEN_KEEPALIVE void bn_page_resize(Tab* self, int width_px, int height_px, float ratio) { self->on_resize(width_px, height_px, ratio); }
EMSCRIPTEN_KEEPALIVE void bn_page_media(Tab* self, int bits) { self->on_media((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0); }
EMSCRIPTEN_KEEPALIVE void bn_page_visible(Tab* self, int visible) { self->on_visible(visible != 0); }
EMSCRIPTEN_KEEPALIVE void bn_page_onscreen(Tab* self, int onscreen) { self->on_onscreen(onscreen != 0); }
EMSCRIPTEN_KEEPALIVE int bn_page_unsaved(Tab* self) { return self->has_unsaved() ? 1 : 0; }
EMSCRIPTEN_KEEPALIVE void bn_page_hide(Tab* self) { self->on_page_hide(); }
EMSCRIPTEN_KEEPALIVE void bn_page_pop(Tab* self, const char* query) { self->on_pop(query); }
EMSCRIPTEN_KEEPALIVE void bn_page_show(Tab* self) { self->on_page_show(); }
EMSCRIPTEN_KEEPALIVE void bn_page_freeze(Tab* self) { self->on_freeze(); }
EMSCRIPTEN_KEEPALIVE void bn_page_storage(Tab* self, const char* key) { self->on_storage(key); }
EMSCRIPTEN_KEEPALIVE void bn_page_online(Tab* self) { self->on_online(); }
EMSCRIPTEN_KEEPALIVE void bn_page_file(Tab* self, const char* name, const char* bytes, std::uint32_t size, int dropped) { self->on_file(name, std::string(bytes, size), dropped != 0); }
EMSCRIPTEN_KEEPALIVE void bn_page_context(Tab* self, int available) { self->on_context(available != 0); }
}
