# Uses ccache when it is installed, set up so that all build folders of a checkout share their objects:
# paths below the checkout are hashed relative to the build folder, and the build folder itself is not hashed.
find_program(BINNACLE_CCACHE ccache DOC "Compiler cache; empty to build without")
if(BINNACLE_CCACHE)
    set(_launcher
        "${CMAKE_COMMAND};-E;env;CCACHE_NOHASHDIR=1;CCACHE_BASEDIR=${CMAKE_CURRENT_SOURCE_DIR}"
        "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime")
    if(CMAKE_TOOLCHAIN_FILE MATCHES "toolchain_web")
        # emcc is a Python script: say what it drives, and watch the release rather than the script's date.
        list(APPEND _launcher "CCACHE_COMPILERTYPE=clang" "CCACHE_COMPILERCHECK=%compiler% --version")
    endif()
    list(APPEND _launcher "${BINNACLE_CCACHE}")
    set(CMAKE_C_COMPILER_LAUNCHER "${_launcher}")
    set(CMAKE_CXX_COMPILER_LAUNCHER "${_launcher}")
endif()
