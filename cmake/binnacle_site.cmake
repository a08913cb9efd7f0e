# `ninja site`: the static site. web-release makes dist/ at the top, other presets make build/<preset>/dist/.
if(NOT TARGET binnacle)
    return()
endif()
if(CMAKE_BINARY_DIR STREQUAL "${CMAKE_SOURCE_DIR}/build/web-release")
    set(BINNACLE_DIST "${CMAKE_SOURCE_DIR}/dist")
else()
    set(BINNACLE_DIST "${CMAKE_BINARY_DIR}/dist")
endif()
find_program(BINNACLE_NODE node REQUIRED)
file(GLOB_RECURSE _site_sources CONFIGURE_DEPENDS
    "${CMAKE_SOURCE_DIR}/shell/*" "${CMAKE_SOURCE_DIR}/web/*" "${CMAKE_SOURCE_DIR}/assets/*")
set(_fonts "${BINNACLE_FONT_DIR}/inter-400.ttf" "${BINNACLE_FONT_DIR}/inter-600.ttf" "${BINNACLE_FONT_DIR}/mono-400.ttf")
# Released, the program is in three parts: what the first screen needs, what comes after it, and hub and cluster, which only a page without
# a backend downloads.
set(_wasm "$<TARGET_FILE_DIR:binnacle>/binnacle.wasm")
set(_parts)
if(BINNACLE_WASM_SPLIT)
    set(_wasm "${CMAKE_BINARY_DIR}/split/binnacle.wasm")
    set(_parts --part "later=${CMAKE_BINARY_DIR}/split/later.wasm" --part "cluster=${CMAKE_BINARY_DIR}/split/cluster.wasm")
    add_custom_command(
        OUTPUT "${CMAKE_BINARY_DIR}/split/binnacle.wasm" "${CMAKE_BINARY_DIR}/split/later.wasm" "${CMAKE_BINARY_DIR}/split/cluster.wasm"
        COMMAND "${BINNACLE_NODE}" "${CMAKE_SOURCE_DIR}/cmake/split_wasm.mjs" --wasm-split "${BINNACLE_WASM_SPLIT}"
            --wasm "$<TARGET_FILE_DIR:binnacle>/binnacle.wasm" --first-visit "${CMAKE_SOURCE_DIR}/cmake/first_visit.txt" --out "${CMAKE_BINARY_DIR}/split"
        DEPENDS binnacle "${CMAKE_SOURCE_DIR}/cmake/split_wasm.mjs" "${CMAKE_SOURCE_DIR}/cmake/wasm_names.mjs" "${CMAKE_SOURCE_DIR}/cmake/first_visit.txt"
        COMMENT "Splitting the program" VERBATIM)
endif()
add_custom_command(
    OUTPUT "${BINNACLE_DIST}/index.html"
    BYPRODUCTS "${CMAKE_BINARY_DIR}/site-sizes.json"
    COMMAND "${BINNACLE_NODE}" "${CMAKE_SOURCE_DIR}/cmake/package_site.mjs"
        --root "${CMAKE_SOURCE_DIR}" --out "${BINNACLE_DIST}" --fonts "${BINNACLE_FONT_DIR}"
        --js "$<TARGET_FILE_DIR:binnacle>/binnacle.js" --wasm "${_wasm}" ${_parts}
        --cache "${CMAKE_BINARY_DIR}/site-cache" --sizes "${CMAKE_BINARY_DIR}/site-sizes.json"
        --license "dear-imgui=${imgui_SOURCE_DIR}/LICENSE.txt"
        --license "nlohmann-json=${nlohmann_json_SOURCE_DIR}/LICENSE.MIT"
        --license "libyaml=${libyaml_SOURCE_DIR}/License"
        --license "binnacle=${CMAKE_SOURCE_DIR}/LICENSE"
    DEPENDS binnacle "$<$<BOOL:${BINNACLE_WASM_SPLIT}>:${_wasm}>" ${_site_sources} ${_fonts} "${CMAKE_SOURCE_DIR}/cmake/package_site.mjs"
    COMMENT "Packaging the site" VERBATIM)
add_custom_target(site ALL DEPENDS "${BINNACLE_DIST}/index.html")
