// GlProgram: a linked shader program; GlBatch: the retained buffers of one ui::CanvasBatch. Details of Renderer.
#pragma once

#include <GLES3/gl3.h>

#include <cstdint>
#include <initializer_list>

namespace ui {
struct CanvasBatch;
}

namespace web {

struct AttributeName {
    GLuint location;
    const char* name;
};

// 0 when it does not compile; the log goes to the console.
[[nodiscard]] GLuint link_program(const char* vertex_source, const char* fragment_source,
                                  std::initializer_list<AttributeName> attributes);

// ImGui's vertices: one texture, of which only alpha counts (the atlas is white).
struct UiProgram {
    GLuint program = 0;
    GLint view = -1;  // 2/w, -2/h
    void create();
};

struct FlatProgram {
    GLuint program = 0;
    GLint view = -1;
    GLint transform = -1;  // scale, x, y
    void create();
};

struct SdfProgram {
    GLuint program = 0;
    GLint view = -1;
    GLint transform = -1;
    GLint pixel_scale = -1;  // device px per canvas unit: the edge is one device px soft
    void create();
};

// Buffers of one batch key. Made anew when the kind of vertex changes.
class GlBatch {
public:
    GlBatch() = default;
    GlBatch(const GlBatch&) = delete;
    GlBatch& operator=(const GlBatch&) = delete;
    ~GlBatch() { release(); }

    // Binds the batch's vertex array; true when it had to upload.
    bool prepare(const ui::CanvasBatch& batch);
    [[nodiscard]] bool is_sdf() const { return sdf_; }
    [[nodiscard]] std::uint32_t index_count() const { return index_count_; }
    // After a loss the names mean nothing any more.
    void forget();
    void release();

    std::uint64_t last_frame = 0;

private:
    GLuint array_ = 0;
    GLuint vertices_ = 0;
    GLuint indices_ = 0;
    bool sdf_ = false;
    std::uint64_t version_ = 0;
    std::uint32_t index_count_ = 0;
};

}  // namespace web
