#include "ui/ui_rig.hpp"

#include <imgui_internal.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <iterator>

#include "ui/commands.hpp"

namespace ui::testing {

namespace {

std::vector<std::uint8_t> read_bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    INFO("reading " << path);
    REQUIRE(file.good());
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string read_text(const std::string& path) {
    const auto bytes = read_bytes(path);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

void Interceptor::handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) {
    seen_.push_back(request.method + " " + request.target);
    for (const Rule& rule : rules_) {
        if (!rule.method.empty() && rule.method != request.method) continue;
        if (request.target.find(rule.path_part) == std::string::npos) continue;
        switch (rule.kind) {
            case Kind::answer: writer->respond({.status = rule.status, .headers = {{"content-type", "application/json"}}, .body = rule.body}); return;
            case Kind::hang: hanging_.push_back(std::move(writer)); return;
            case Kind::cut: writer->abort(); return;
        }
    }
    next_->handle(std::move(request), std::move(writer));
}

int Interceptor::count(std::string_view path_part) const {
    int n = 0;
    for (const std::string& line : seen_) n += line.find(path_part) != std::string::npos ? 1 : 0;
    return n;
}

void PlainHasher::hash(std::string password, base::UniqueFunction<void(base::Result<std::string>)> done) {
    scheduler_.post([password = std::move(password), done = std::move(done)]() mutable { done("plain:" + password); });
}

void PlainHasher::verify(std::string password, std::string encoded_hash, base::UniqueFunction<void(base::Result<bool>)> done) {
    scheduler_.post([same = encoded_hash == "plain:" + password, done = std::move(done)]() mutable { done(same); });
}

Rig::Rig(RigOptions options)
    : hasher(time),
      cluster({.scheduler = time, .random = random}, {}),
      kube_client(time, cluster.api()),
      documents(time),
      input(options.input) {
    const std::string sample = options.sample ? read_text(std::string(BINNACLE_TEST_DATA) + "/../../assets/sample-workflows/online-shop.json") : std::string();
    connector_ = options.connector;
    hub_options_ = hub::HubOptions{.auth = options.auth, .cluster_name = "demo", .sample_workflow_json = sample};
    make_hub();
    interceptor = std::make_unique<Interceptor>(*hub);
    client = std::make_unique<net::LoopbackClient>(time, *interceptor);
    app = std::make_unique<model::App>(model::AppPorts{.api = *client, .scheduler = time, .random = random, .storage = storage, .sign_in_page = options.sign_in_page, .event_archive = &events},
                                       model::AppOptions{.backend_label = "gateway", .api_prefix = "/v1/api", .oauth_return = options.oauth_return, .storage_suffix = {}, .watch_root = "/api/watch"});
    app->on_change([this](model::TopicSet topics) { changed_ |= topics; });

    IMGUI_CHECKVERSION();
    context = ImGui::CreateContext();
    ImGui::SetCurrentContext(context);  // another rig may be current
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.LogFilename = nullptr;
    io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
    io.BackendFlags |= ImGuiBackendFlags_RendererHasTextures | ImGuiBackendFlags_HasMouseCursors;
    io.ConfigInputTrickleEventQueue = false;
    const std::string dir = BINNACLE_FONT_DIR;
    fonts_ = {read_bytes(dir + "/inter-400.ttf"), read_bytes(dir + "/inter-600.ttf"), read_bytes(dir + "/mono-400.ttf")};
    shell = std::make_unique<Shell>(*app, platform);
    shell->load_fonts({.ui = fonts_[0], .ui_semibold = fonts_[1], .mono = fonts_[2]});
    shell->semantics().set_full(true);
    collector.attach(context);
}

Rig::~Rig() {
    collector.detach();
    ImGui::SetCurrentContext(context);
    for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
        texture->SetTexID(ImTextureID_Invalid);
        texture->SetStatus(ImTextureStatus_Destroyed);
    }
    ImGui::DestroyContext(context);
    shell.reset();
}

void Rig::make_hub() {
    hub = std::make_unique<hub::Hub>(hub::HubPorts{.kube = kube_client, .documents = documents, .scheduler = time, .random = random, .passwords = &hasher, .connector = connector_}, hub_options_);
}

void Rig::restart_hub() {
    make_hub();
    interceptor->set_next(*hub);
}

void Rig::frame() {
    ImGui::SetCurrentContext(context);
    ImGuiIO& io = ImGui::GetIO();
    input.now_ms = time.monotonic_ms();
    input.unix_ms = time.unix_ms();
    io.DisplaySize = ImVec2(input.width, input.height);
    io.DisplayFramebufferScale = ImVec2(input.pixel_ratio, input.pixel_ratio);
    io.DeltaTime = 1.0f / 60;
    changed_ = 0;
    shell->begin(input);
    ImGui::NewFrame();
    shell->draw();
    ImGui::Render();
    shell->finish();
    for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
        if (texture->Status == ImTextureStatus_WantCreate) texture->SetTexID(1);
        if (texture->Status == ImTextureStatus_WantCreate || texture->Status == ImTextureStatus_WantUpdates) texture->SetStatus(ImTextureStatus_OK);
        if (texture->Status == ImTextureStatus_WantDestroy && texture->UnusedFrames > 0) {
            texture->SetTexID(ImTextureID_Invalid);
            texture->SetStatus(ImTextureStatus_Destroyed);
        }
    }
    app->flush_storage();
    ++frames;
}

bool Rig::frame_due() const {
    if ((changed_ & shell->visible_topics()) != 0) return true;
    const auto wake = shell->next_wake_ms();
    return wake && *wake <= time.monotonic_ms();
}

void Rig::settle() {
    frame();
    for (int i = 0; i < 200; ++i) {
        time.run_ready();
        if (!frame_due()) return;
        time.advance(8);  // transitions take time
        frame();
    }
    FAIL("the UI asks for frames without end");
}

void Rig::start() {
    app->start();
    settle();
    pass(1'000);
}

void Rig::pass(std::int64_t duration_ms) {
    constexpr std::int64_t kStepMs = 100;
    for (std::int64_t at = 0; at < duration_ms; at += kStepMs) {
        time.advance(std::min(kStepMs, duration_ms - at));
        if (frame_due()) frame();
    }
    settle();
}

int Rig::frames_during(std::int64_t duration_ms) {
    const int before = frames;
    for (std::int64_t at = 0; at < duration_ms; at += 10) {
        time.advance(10);
        if (frame_due()) frame();
    }
    return frames - before;
}

void Rig::run_command(std::string_view id) {
    const Command* command = shell->commands().find(id);
    REQUIRE(command);
    REQUIRE(shell->commands().enabled(id));
    command->run();
    frame();
    settle();
}

const SemanticRecord* Rig::find_part(Role role, std::string_view part) const {
    for (const SemanticRecord& record : shell->semantics().records()) {
        if (record.role == role && record.name.find(part) != std::string::npos) return &record;
    }
    return nullptr;
}

bool Rig::shows(std::string_view text) const {
    for (const SemanticRecord& record : shell->semantics().records()) {
        if (record.name.find(text) != std::string::npos || record.value.find(text) != std::string::npos || record.description.find(text) != std::string::npos) return true;
    }
    return false;
}

std::string Rig::value(Role role, std::string_view name) const { return require(role, name).value; }

const SemanticRecord& Rig::require(Role role, std::string_view name) const {
    const SemanticRecord* record = find(role, name);
    if (record == nullptr) {
        std::string all;
        for (const SemanticRecord& each : shell->semantics().records()) all += std::string(role_word(each.role)) + " \"" + each.name + "\"\n";
        INFO("on screen:\n" << all);
        FAIL("no " << role_word(role) << " \"" << name << "\"");
    }
    return *record;
}

void Rig::click_at(ImVec2 at) {
    ImGui::SetCurrentContext(context);
    ImGuiIO& io = ImGui::GetIO();
    io.AddMousePosEvent(at.x, at.y);
    frame();
    io.AddMouseButtonEvent(0, true);
    frame();
    io.AddMouseButtonEvent(0, false);
    settle();
}

void Rig::click(Role role, std::string_view name) {
    const SemanticRecord record = require(role, name);
    click_at(ImVec2(record.rect.x + record.rect.w / 2, record.rect.y + record.rect.h / 2));
}

void Rig::click_last(Role role, std::string_view name) {
    const SemanticRecord* last = &require(role, name);
    for (const SemanticRecord& record : shell->semantics().records()) {
        if (record.role == role && record.name == name) last = &record;
    }
    click_at(ImVec2(last->rect.x + last->rect.w / 2, last->rect.y + last->rect.h / 2));
}

void Rig::activate(Role role, std::string_view name) {
    shell->semantics().post_action({.kind = ActionKind::activate, .id = require(role, name).id});
    settle();
}

void Rig::set_text(Role role, std::string_view name, std::string text) {
    shell->semantics().post_action({.kind = ActionKind::set_text, .id = require(role, name).id, .text = std::move(text)});
    settle();
}

void Rig::type(std::string_view text) {
    ImGui::SetCurrentContext(context);
    for (const char c : text) {
        ImGui::GetIO().AddInputCharacter(static_cast<unsigned char>(c));
        frame();
    }
    settle();
}

void Rig::press(ImGuiKey key, ImGuiKey modifier) {
    ImGui::SetCurrentContext(context);
    ImGuiIO& io = ImGui::GetIO();
    if (modifier != ImGuiKey_None) io.AddKeyEvent(modifier, true);
    io.AddKeyEvent(key, true);
    frame();
    io.AddKeyEvent(key, false);
    if (modifier != ImGuiKey_None) io.AddKeyEvent(modifier, false);
    frame();
    settle();
}

void Rig::wheel(ImVec2 at, float notches) {
    ImGui::SetCurrentContext(context);
    ImGui::GetIO().AddMousePosEvent(at.x, at.y);
    frame();
    ImGui::GetIO().AddMouseWheelEvent(0, notches);
    frame();
    settle();
}

void Rig::resize(float width, float height) {
    input.width = width;
    input.height = height;
    frame();
    settle();
}

std::string Rig::node_id(std::string_view node_name) const {
    const model::Graph& graph = app->graph();
    for (model::NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (graph.node_alive(i) && graph.node(i).name == node_name) return graph.node(i).id;
    }
    FAIL("no node " << node_name);
    return {};
}

void Rig::select(std::string_view node_name) {
    app->select_nodes({node_id(node_name)});
    settle();
    pass(300);
}

std::vector<std::string> Rig::unrecorded() const {
    std::vector<std::string> out;
    for (const CollectedItem& item : collector.unrecorded_items(shell->semantics())) out.push_back("\"" + item.label + "\" in " + item.window);
    return out;
}

const SemanticRecord* Rig::focused() const {
    for (const SemanticRecord& record : shell->semantics().records()) {
        if ((record.flags & kFocused) != 0) return &record;
    }
    return nullptr;
}

}  // namespace ui::testing
