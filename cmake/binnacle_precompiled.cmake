# The headers that nearly every file parses, precompiled once for all checkouts: it halves the compile time of the dev preset (clang only: g++'s
# precompiled headers take as long to load as the text).
#
# CMake's own target_precompile_headers() makes one per target and build folder, with their paths inside, so that ccache would find
# nothing of another checkout. This one lies in the user's cache, named by all that goes into it, and holds only headers of the system and
# of nlohmann_json.
function(binnacle_precompile_headers)
    if(NOT BINNACLE_SANITIZE OR BINNACLE_FUZZ OR EMSCRIPTEN OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        return()
    endif()
    set(header "${CMAKE_SOURCE_DIR}/cmake/precompiled.hpp")
    set(json "${CMAKE_SOURCE_DIR}/cmake/json")
    separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_DEBUG}")
    list(APPEND flags ${CMAKE_CXX23_STANDARD_COMPILE_OPTION} -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
        -D_GLIBCXX_ASSERTIONS -DJSON_USE_IMPLICIT_CONVERSIONS=0)
    file(SHA256 "${header}" header_hash)
    file(SHA256 "${json}/nlohmann/json.hpp" json_hash)
    string(SHA256 name "${CMAKE_CXX_COMPILER} ${CMAKE_CXX_COMPILER_VERSION} ${flags} ${header_hash} ${json_hash} ${nlohmann_json_SOURCE_DIR}")
    string(SUBSTRING "${name}" 0 16 name)
    set(folder "${BINNACLE_CACHE}/precompiled/${name}")
    if(NOT EXISTS "${folder}/precompiled.pch")
        # Compiled from copies, so that no path of this checkout is in it; moved into place, so that another checkout sees all or nothing.
        string(RANDOM LENGTH 8 unique)
        file(MAKE_DIRECTORY "${folder}/nlohmann")
        file(COPY "${header}" DESTINATION "${folder}")
        file(COPY "${json}/nlohmann/json.hpp" DESTINATION "${folder}/nlohmann")
        execute_process(
            COMMAND "${CMAKE_CXX_COMPILER}" ${flags} -x c++-header -fpch-instantiate-templates -Xclang -fno-pch-timestamp
                "-I${folder}" -isystem "${nlohmann_json_SOURCE_DIR}/include" "${folder}/precompiled.hpp" -o "${folder}/${unique}.pch"
            RESULT_VARIABLE failed ERROR_VARIABLE why)
        if(failed)
            message(STATUS "Building without precompiled headers: ${why}")
            return()
        endif()
        file(RENAME "${folder}/${unique}.pch" "${folder}/precompiled.pch")
    endif()
    target_compile_options(binnacle_options INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include-pch ${folder}/precompiled.pch>"
        "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endfunction()
