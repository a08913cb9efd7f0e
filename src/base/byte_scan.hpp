// Finding bytes in byte strings, 16 at a time where the target has SIMD (wasm simd128, SSE2), 8 at a time elsewhere.
// These are the inner loops of the SSE parser and of FlatJson: each returns a pointer into [begin, end], `end` for "none".
//
//   const char* eol = base::find_either(p, end, '\r', '\n');
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace base {

// The first byte of [begin, end) that is `a` or `b`.
[[nodiscard]] inline const char* find_either(const char* begin, const char* end, char a, char b) {
    const char* p = begin;
#if defined(__wasm_simd128__)
    const v128_t va = wasm_i8x16_splat(a);
    const v128_t vb = wasm_i8x16_splat(b);
    for (; end - p >= 16; p += 16) {
        const v128_t v = wasm_v128_load(p);
        const v128_t hit = wasm_v128_or(wasm_i8x16_eq(v, va), wasm_i8x16_eq(v, vb));
        if (wasm_v128_any_true(hit)) return p + std::countr_zero(static_cast<std::uint32_t>(wasm_i8x16_bitmask(hit)));
    }
#elif defined(__SSE2__)
    const __m128i va = _mm_set1_epi8(a);
    const __m128i vb = _mm_set1_epi8(b);
    for (; end - p >= 16; p += 16) {
        const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        const int mask = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, va), _mm_cmpeq_epi8(v, vb)));
        if (mask != 0) return p + std::countr_zero(static_cast<std::uint32_t>(mask));
    }
#else
    constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
    constexpr std::uint64_t kHighs = 0x8080808080808080ULL;
    const std::uint64_t wa = kOnes * static_cast<std::uint8_t>(a);
    const std::uint64_t wb = kOnes * static_cast<std::uint8_t>(b);
    for (; end - p >= 8; p += 8) {
        std::uint64_t word;
        std::memcpy(&word, p, 8);
        const std::uint64_t xa = word ^ wa;
        const std::uint64_t xb = word ^ wb;
        // A zero byte in xa or xb is a hit; the loop below finds which, so byte order does not matter.
        if ((((xa - kOnes) & ~xa) | ((xb - kOnes) & ~xb)) & kHighs) break;
    }
#endif
    while (p != end && *p != a && *p != b) ++p;
    return p;
}

// The first byte of [begin, end) that is not ASCII (0x80 and above).
[[nodiscard]] inline const char* find_non_ascii(const char* begin, const char* end) {
    const char* p = begin;
#if defined(__wasm_simd128__)
    for (; end - p >= 16; p += 16) {
        const auto mask = static_cast<std::uint32_t>(wasm_i8x16_bitmask(wasm_v128_load(p)));
        if (mask != 0) return p + std::countr_zero(mask);
    }
#elif defined(__SSE2__)
    for (; end - p >= 16; p += 16) {
        const auto mask =
            static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
        if (mask != 0) return p + std::countr_zero(mask);
    }
#else
    for (; end - p >= 8; p += 8) {
        std::uint64_t word;
        std::memcpy(&word, p, 8);
        if (word & 0x8080808080808080ULL) break;
    }
#endif
    while (p != end && static_cast<unsigned char>(*p) < 0x80) ++p;
    return p;
}

}  // namespace base
