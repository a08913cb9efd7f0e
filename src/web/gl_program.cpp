#include "web/gl_program.hpp"

#include <emscripten/console.h>

#include <cstddef>

#include "ui/canvas_batch.hpp"

namespace web {

namespace {

constexpr const char* kUiVertex = R"(#version 300 es
uniform vec2 view;
in vec2 position;
in vec2 uv;
in vec4 color;
out vec2 frag_uv;
out vec4 frag_color;
void main() {
  frag_uv = uv;
  frag_color = color;
  gl_Position = vec4(position * view + vec2(-1.0, 1.0), 0.0, 1.0);
})";

constexpr const char* kUiFragment = R"(#version 300 es
precision mediump float;
uniform sampler2D atlas;
in vec2 frag_uv;
in vec4 frag_color;
layout(location = 0) out vec4 result;
void main() { result = vec4(frag_color.rgb, frag_color.a * texture(atlas, frag_uv).r); })";

constexpr const char* kFlatVertex = R"(#version 300 es
uniform vec2 view;
uniform vec3 transform;
in vec2 position;
in vec4 color;
flat out vec4 frag_color;
void main() {
  frag_color = color;
  gl_Position = vec4((position * transform.x + transform.yz) * view + vec2(-1.0, 1.0), 0.0, 1.0);
})";

constexpr const char* kFlatFragment = R"(#version 300 es
precision mediump float;
flat in vec4 frag_color;
layout(location = 0) out vec4 result;
void main() { result = frag_color; })";

constexpr const char* kSdfVertex = R"(#version 300 es
uniform vec2 view;
uniform vec3 transform;
in vec2 position;
in vec2 local;
in vec4 shape;
in vec4 color;
out highp vec2 frag_local;
flat out highp vec4 frag_shape;
flat out vec4 frag_color;
void main() {
  frag_local = local;
  frag_shape = shape;
  frag_color = color;
  gl_Position = vec4((position * transform.x + transform.yz) * view + vec2(-1.0, 1.0), 0.0, 1.0);
})";

// Rounded box by signed distance; a ring lies inside the box's edge. Without fwidth: the scale is the same everywhere.
constexpr const char* kSdfFragment = R"(#version 300 es
precision highp float;
uniform float pixel_scale;
in vec2 frag_local;
flat in vec4 frag_shape;
flat in vec4 frag_color;
layout(location = 0) out vec4 result;
void main() {
  vec2 q = abs(frag_local) - frag_shape.xy + frag_shape.z;
  float d = length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - frag_shape.z;
  if (frag_shape.w > 0.0) d = abs(d + frag_shape.w * 0.5) - frag_shape.w * 0.5;
  float cover = clamp(0.5 - d * pixel_scale, 0.0, 1.0);
  result = vec4(frag_color.rgb, frag_color.a * cover);
})";

GLuint compile(GLenum kind, const char* source) {
    const GLuint shader = glCreateShader(kind);
    glShaderSource(shader, 1, &source, nullptr);
    glCompileShader(shader);
    return shader;
}

template <class Vertex>
const void* offset_of(std::size_t bytes) {
    return reinterpret_cast<const void*>(bytes);
}

void attribute(GLuint location, GLint components, GLenum type, bool normalised, std::size_t stride, std::size_t offset) {
    glEnableVertexAttribArray(location);
    glVertexAttribPointer(location, components, type, normalised ? GL_TRUE : GL_FALSE, static_cast<GLsizei>(stride),
                          offset_of<void>(offset));
}

}  // namespace

GLuint link_program(const char* vertex_source, const char* fragment_source, std::initializer_list<AttributeName> attributes) {
    const GLuint vertex = compile(GL_VERTEX_SHADER, vertex_source);
    const GLuint fragment = compile(GL_FRAGMENT_SHADER, fragment_source);
    const GLuint program = glCreateProgram();
    glAttachShader(program, vertex);
    glAttachShader(program, fragment);
    for (const auto& each : attributes) glBindAttribLocation(program, each.location, each.name);
    glLinkProgram(program);
    // Asked once per program and context, not per frame: this waits for the compiler.
    GLint linked = 0;
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    if (!linked) {
        char log[512] = "";
        glGetShaderInfoLog(vertex, sizeof log, nullptr, log);
        if (log[0] == '\0') glGetShaderInfoLog(fragment, sizeof log, nullptr, log);
        emscripten_console_error(log);
    }
    glDeleteShader(vertex);
    glDeleteShader(fragment);
    if (linked) return program;
    glDeleteProgram(program);
    return 0;
}

void UiProgram::create() {
    program = link_program(kUiVertex, kUiFragment, {{0, "position"}, {1, "uv"}, {2, "color"}});
    view = glGetUniformLocation(program, "view");
}

void FlatProgram::create() {
    program = link_program(kFlatVertex, kFlatFragment, {{0, "position"}, {1, "color"}});
    view = glGetUniformLocation(program, "view");
    transform = glGetUniformLocation(program, "transform");
}

void SdfProgram::create() {
    program = link_program(kSdfVertex, kSdfFragment, {{0, "position"}, {1, "local"}, {2, "shape"}, {3, "color"}});
    view = glGetUniformLocation(program, "view");
    transform = glGetUniformLocation(program, "transform");
    pixel_scale = glGetUniformLocation(program, "pixel_scale");
}

bool GlBatch::prepare(const ui::CanvasBatch& batch) {
    const bool sdf = !batch.sdf.empty();
    if (array_ != 0 && sdf == sdf_ && version_ == batch.version) {
        glBindVertexArray(array_);
        return false;
    }
    if (array_ == 0 || sdf != sdf_) {
        release();
        glGenVertexArrays(1, &array_);
        glGenBuffers(1, &vertices_);
        glGenBuffers(1, &indices_);
        glBindVertexArray(array_);
        glBindBuffer(GL_ARRAY_BUFFER, vertices_);
        glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, indices_);
        if (sdf) {
            attribute(0, 2, GL_FLOAT, false, sizeof(ui::SdfVertex), offsetof(ui::SdfVertex, x));
            attribute(1, 2, GL_FLOAT, false, sizeof(ui::SdfVertex), offsetof(ui::SdfVertex, u));
            attribute(2, 4, GL_FLOAT, false, sizeof(ui::SdfVertex), offsetof(ui::SdfVertex, half_w));
            attribute(3, 4, GL_UNSIGNED_BYTE, true, sizeof(ui::SdfVertex), offsetof(ui::SdfVertex, color));
        } else {
            attribute(0, 2, GL_FLOAT, false, sizeof(ui::FlatVertex), offsetof(ui::FlatVertex, x));
            attribute(1, 4, GL_UNSIGNED_BYTE, true, sizeof(ui::FlatVertex), offsetof(ui::FlatVertex, color));
        }
        sdf_ = sdf;
    } else {
        glBindVertexArray(array_);
        glBindBuffer(GL_ARRAY_BUFFER, vertices_);
    }
    if (sdf) {
        glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(batch.sdf.size() * sizeof(ui::SdfVertex)), batch.sdf.data(),
                     GL_DYNAMIC_DRAW);
    } else {
        glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(batch.flat.size() * sizeof(ui::FlatVertex)), batch.flat.data(),
                     GL_DYNAMIC_DRAW);
    }
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, static_cast<GLsizeiptr>(batch.indices.size() * sizeof(std::uint32_t)),
                 batch.indices.data(), GL_DYNAMIC_DRAW);
    version_ = batch.version;
    index_count_ = static_cast<std::uint32_t>(batch.indices.size());
    return true;
}

void GlBatch::forget() {
    array_ = vertices_ = indices_ = 0;
    version_ = 0;
    index_count_ = 0;
}

void GlBatch::release() {
    if (array_ == 0) return;
    glDeleteVertexArrays(1, &array_);
    glDeleteBuffers(1, &vertices_);
    glDeleteBuffers(1, &indices_);
    forget();
}

}  // namespace web
