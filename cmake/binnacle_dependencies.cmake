# Libraries. From source, pinned by hash: Dear ImGui, nlohmann_json, Catch2, libyaml. From the system (gateway only): Boost headers,
# OpenSSL, SQLite, libsodium. Sources that emsdk-setup.sh fetched from Debian take the place of the downloads; they are the same
# releases, so both roads build the same code.
include(FetchContent)
set(FETCHCONTENT_QUIET ON)

# FETCHCONTENT_SOURCE_DIR_<NAME> for the four: the user's cache, and this checkout's over it (both written by emsdk-setup.sh).
if(DEFINED ENV{BINNACLE_CACHE})
    set(BINNACLE_CACHE "$ENV{BINNACLE_CACHE}")
elseif(DEFINED ENV{XDG_CACHE_HOME})
    set(BINNACLE_CACHE "$ENV{XDG_CACHE_HOME}/binnacle")
else()
    set(BINNACLE_CACHE "$ENV{HOME}/.cache/binnacle")
endif()
include("${BINNACLE_CACHE}/local-sources.cmake" OPTIONAL)
include("${CMAKE_SOURCE_DIR}/.toolchain/local-sources.cmake" OPTIONAL)

# 1.92.2b
FetchContent_Declare(imgui SYSTEM
    URL https://codeload.github.com/ocornut/imgui/tar.gz/45acd5e0e82f4c954432533ae9985ff0e1aad6d5
    URL_HASH SHA256=97484925aec2f4d3e913d6644d46b234f8d6d8d98c6aa9c50109e0f0df772090
    DOWNLOAD_EXTRACT_TIMESTAMP TRUE
    SOURCE_SUBDIR no-cmake-here)
FetchContent_Declare(nlohmann_json SYSTEM
    URL https://github.com/nlohmann/json/archive/refs/tags/v3.11.3.tar.gz
    URL_HASH SHA256=0d8ef5af7f9794e3263480193c491549b2ba6cc74bb018906202ada498a79406
    DOWNLOAD_EXTRACT_TIMESTAMP TRUE)
FetchContent_Declare(Catch2 SYSTEM
    URL https://github.com/catchorg/Catch2/archive/refs/tags/v3.7.1.tar.gz
    URL_HASH SHA256=c991b247a1a0d7bb9c39aa35faf0fe9e19764213f28ffba3109388e62ee0269c
    DOWNLOAD_EXTRACT_TIMESTAMP TRUE)
# Why this one: docs/decisions/0006-yaml-library.md.
FetchContent_Declare(libyaml SYSTEM
    URL https://github.com/yaml/libyaml/archive/refs/tags/0.2.5.tar.gz
    URL_HASH SHA256=fa240dbf262be053f3898006d502d514936c818e422afdcf33921c63bed9bf2e
    DOWNLOAD_EXTRACT_TIMESTAMP TRUE
    SOURCE_SUBDIR no-cmake-here)

set(JSON_BuildTests OFF CACHE INTERNAL "")
set(JSON_Install OFF CACHE INTERNAL "")
set(JSON_ImplicitConversions OFF CACHE INTERNAL "") # untrusted JSON goes through typed readers, never by accident
FetchContent_MakeAvailable(nlohmann_json)
if(BINNACLE_SANITIZE)
    add_library(binnacle_json STATIC "${CMAKE_CURRENT_LIST_DIR}/json/json_instances.cpp")
    target_include_directories(binnacle_json PUBLIC "${CMAKE_CURRENT_LIST_DIR}/json")
    target_compile_options(binnacle_json PRIVATE -fsanitize=undefined -fno-sanitize-recover=all)
    target_link_libraries(binnacle_json PUBLIC nlohmann_json::nlohmann_json)
else()
    add_library(binnacle_json INTERFACE)
    target_link_libraries(binnacle_json INTERFACE nlohmann_json::nlohmann_json)
endif()

FetchContent_MakeAvailable(imgui)
add_library(imgui STATIC
    "${imgui_SOURCE_DIR}/imgui.cpp"
    "${imgui_SOURCE_DIR}/imgui_draw.cpp"
    "${imgui_SOURCE_DIR}/imgui_tables.cpp"
    "${imgui_SOURCE_DIR}/imgui_widgets.cpp"
    "${imgui_SOURCE_DIR}/misc/cpp/imgui_stdlib.cpp")
target_include_directories(imgui SYSTEM PUBLIC "${imgui_SOURCE_DIR}" "${imgui_SOURCE_DIR}/misc/cpp")
target_include_directories(imgui PUBLIC "${CMAKE_CURRENT_LIST_DIR}/imgui")
target_compile_definitions(imgui PUBLIC "IMGUI_USER_CONFIG=\"binnacle_imconfig.h\"")

# The reading half; nothing here writes YAML.
FetchContent_MakeAvailable(libyaml)
add_library(yaml STATIC
    "${libyaml_SOURCE_DIR}/src/api.c"
    "${libyaml_SOURCE_DIR}/src/reader.c"
    "${libyaml_SOURCE_DIR}/src/scanner.c"
    "${libyaml_SOURCE_DIR}/src/parser.c")
target_include_directories(yaml SYSTEM PUBLIC "${libyaml_SOURCE_DIR}/include")
target_compile_definitions(yaml PUBLIC YAML_DECLARE_STATIC PRIVATE
    YAML_VERSION_MAJOR=0 YAML_VERSION_MINOR=2 YAML_VERSION_PATCH=5 "YAML_VERSION_STRING=\"0.2.5\"")

if(BINNACLE_TESTS AND NOT EMSCRIPTEN)
    set(CATCH_INSTALL_DOCS OFF CACHE INTERNAL "")
    set(CATCH_INSTALL_EXTRAS OFF CACHE INTERNAL "")
    FetchContent_MakeAvailable(Catch2)
endif()

# The tests' own time goes into these, and it is not them that are looked into: optimised, under the sanitizers like everything else.
if(BINNACLE_SANITIZE)
    target_compile_options(binnacle_json PRIVATE -O2)
    target_compile_options(imgui PRIVATE -O1)
    target_compile_options(yaml PRIVATE -O1)
endif()

# What the gateway takes from the system, as the target `binnacle_system`.
function(binnacle_find_system_libraries)
    set(_hint "Debian: apt-get install libboost1.81-dev libssl-dev libsqlite3-dev libsodium-dev pkg-config; "
              "macOS: brew install boost openssl sqlite libsodium pkg-config")
    string(CONCAT _hint ${_hint})
    set(Boost_NO_WARN_NEW_VERSIONS ON)
    find_package(Boost 1.81)
    find_package(OpenSSL)
    find_package(SQLite3)
    find_package(PkgConfig)
    if(PkgConfig_FOUND)
        pkg_check_modules(SODIUM IMPORTED_TARGET libsodium)
    endif()
    if(NOT Boost_FOUND OR NOT OpenSSL_FOUND OR NOT SQLite3_FOUND OR NOT SODIUM_FOUND)
        message(FATAL_ERROR "The gateway needs Boost 1.81 or newer (headers), OpenSSL, SQLite 3 and libsodium.\n${_hint}")
    endif()
    add_library(binnacle_system INTERFACE)
    target_include_directories(binnacle_system SYSTEM INTERFACE ${Boost_INCLUDE_DIRS})
    target_link_libraries(binnacle_system INTERFACE
        OpenSSL::SSL OpenSSL::Crypto SQLite::SQLite3 PkgConfig::SODIUM Threads::Threads)
    # libutil holds forkpty() with older glibc.
    find_library(BINNACLE_LIBUTIL util)
    if(BINNACLE_LIBUTIL)
        target_link_libraries(binnacle_system INTERFACE "${BINNACLE_LIBUTIL}")
    endif()
    target_compile_definitions(binnacle_system INTERFACE
        BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
endfunction()
