// Renderer: draws ImGui's draw data and the canvas batches with WebGL2.
//
// What it promises: no glGet*, glIsEnabled or glGetError (each is a round trip to the GPU process), state set once per frame,
// one vertex and one index upload per frame for all draw lists, no instancing. Canvas batches (ui/canvas_batch.hpp) keep
// their own buffers and are uploaded only when their version changes. Colours are straight alpha, not linear; the canvas is opaque.
//
//   Renderer renderer;
//   if (!renderer.create("#canvas")) ...;             // no WebGL2: every other call is then harmless
//   renderer.render(*ImGui::GetDrawData(), width_px, height_px, 0x0E1116);
//   on context loss: renderer.context_lost(); on restore: renderer.context_restored();
#pragma once

#include <cstdint>
#include <memory>

struct ImDrawData;
struct ImTextureData;

namespace web {

class Renderer {
public:
    Renderer();
    ~Renderer();

    // False when the browser gives no WebGL2 context for that canvas.
    bool create(const char* canvas_selector);
    [[nodiscard]] bool available() const;  // created and not lost

    // Draws the frame; with no context it only answers ImGui's texture requests. Sizes in device px, colour 0xRRGGBB.
    void render(ImDrawData& data, int width_px, int height_px, std::uint32_t background_rgb);

    // The context and all that was in it are gone. Textures become Destroyed, so ImGui asks for them again.
    void context_lost();
    void context_restored();

    struct Counters {
        std::uint64_t draw_calls = 0;       // of the last frame
        std::uint64_t vertices = 0;         // of the last frame, ImGui's
        std::uint64_t batch_uploads = 0;    // since the start
        std::uint64_t texture_uploads = 0;  // since the start
    };
    [[nodiscard]] const Counters& counters() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace web
