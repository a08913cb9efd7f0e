# The dependency rule of design.md, section 2, enforced by the compiler: `binnacle_add_module(net DEPENDS wire)` makes
#   binnacle_net          the static library of src/net/**.cpp (without testing/ and main.cpp), alias binnacle::net
#   binnacle_net_testing  the fakes in src/net/testing/*.cpp, together with those of what net depends on
# A module sees only its own headers and those along the arrows: its include path is <build>/include/net, which holds nothing but
# the link `net` to src/net, so `#include "hub/..."` from net does not build.
# A folder without sources (yet) becomes an INTERFACE target; sources are found again whenever ninja runs.

function(binnacle_add_module name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS;LIBRARIES")
    set(folder "${CMAKE_SOURCE_DIR}/src/${name}")
    set(include_dir "${CMAKE_BINARY_DIR}/include/${name}")
    file(MAKE_DIRECTORY "${include_dir}")
    if(NOT EXISTS "${include_dir}/${name}")
        file(CREATE_LINK "${folder}" "${include_dir}/${name}" SYMBOLIC)
    endif()

    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${folder}/*.cpp")
    file(GLOB fakes CONFIGURE_DEPENDS "${folder}/testing/*.cpp")
    list(FILTER sources EXCLUDE REGEX "/testing/")
    list(FILTER sources EXCLUDE REGEX "/src/${name}/main\\.cpp$")

    _binnacle_library(binnacle_${name} "${sources}" "${include_dir}")
    _binnacle_library(binnacle_${name}_testing "${fakes}" "${include_dir}")
    add_library(binnacle::${name} ALIAS binnacle_${name})

    get_target_property(type binnacle_${name} TYPE)
    get_target_property(testing_type binnacle_${name}_testing TYPE)
    set(scope PUBLIC)
    set(testing_scope PUBLIC)
    if(type STREQUAL "INTERFACE_LIBRARY")
        set(scope INTERFACE)
    endif()
    if(testing_type STREQUAL "INTERFACE_LIBRARY")
        set(testing_scope INTERFACE)
    endif()
    target_link_libraries(binnacle_${name}_testing ${testing_scope} binnacle_${name})
    foreach(dependency IN LISTS arg_DEPENDS)
        target_link_libraries(binnacle_${name} ${scope} binnacle_${dependency})
        target_link_libraries(binnacle_${name}_testing ${testing_scope} binnacle_${dependency}_testing)
    endforeach()
    if(arg_LIBRARIES)
        target_link_libraries(binnacle_${name} ${scope} ${arg_LIBRARIES})
    endif()
endfunction()

# The few files on the path of every byte or line of a live stream: compiled for speed where the rest of the wasm program is for size
# (./bench.sh streams says what that is worth). Call it in the folder of the files.
function(binnacle_hot_files)
    if(EMSCRIPTEN AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
        set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS "-O3")
    endif()
endfunction()

function(_binnacle_library target sources include_dir)
    if(sources)
        add_library(${target} STATIC ${sources})
        target_include_directories(${target} PUBLIC "${include_dir}")
        target_link_libraries(${target} PRIVATE binnacle_options)
    else()
        add_library(${target} INTERFACE)
        target_include_directories(${target} INTERFACE "${include_dir}")
    endif()
endfunction()
