# The fonts of the site and of the native view tests: subsets made by assets/fonts/build.sh, once, in build/fonts/ for all presets.
set(BINNACLE_FONT_DIR "${CMAKE_SOURCE_DIR}/build/fonts" CACHE PATH "Where inter-400.ttf, inter-600.ttf and mono-400.ttf are")
add_custom_command(
    OUTPUT "${BINNACLE_FONT_DIR}/inter-400.ttf" "${BINNACLE_FONT_DIR}/inter-600.ttf" "${BINNACLE_FONT_DIR}/mono-400.ttf"
    COMMAND "${CMAKE_SOURCE_DIR}/assets/fonts/build.sh" "${BINNACLE_FONT_DIR}"
    DEPENDS "${CMAKE_SOURCE_DIR}/assets/fonts/build.sh" "${CMAKE_SOURCE_DIR}/assets/fonts/package-lock.json"
    COMMENT "Subsetting fonts" VERBATIM)
add_custom_target(fonts DEPENDS
    "${BINNACLE_FONT_DIR}/inter-400.ttf" "${BINNACLE_FONT_DIR}/inter-600.ttf" "${BINNACLE_FONT_DIR}/mono-400.ttf")
