if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    find_program(BINNACLE_WASM_SPLIT wasm-split
        HINTS "${BINNACLE_EMSCRIPTEN_ROOT}/../bin" "${BINNACLE_EMSCRIPTEN_ROOT}/../../bin" NO_CMAKE_FIND_ROOT_PATH)
    if(NOT BINNACLE_WASM_SPLIT)
        message(WARNING "wasm-split (of binaryen) was not found: every visit downloads hub and cluster, also those with a backend")
    endif()
endif()

# binnacle_web_link(<target> <factory>): how a page's program is linked. The output is <target>.js and <target>.wasm; the script
# defines one global function, `<factory>(options)`, which returns a promise of the module (classic script, not an ES module:
# the same file serves the page, a web worker and old bundlers, and the shell decides when to start it).
function(binnacle_web_link target factory)
    set(js "${CMAKE_SOURCE_DIR}/src/web/js")
    file(GLOB libraries CONFIGURE_DEPENDS "${js}/lib_*.js")
    file(GLOB pre CONFIGURE_DEPENDS "${js}/pre_*.js")
    foreach(file IN LISTS libraries)
        target_link_options(${target} PRIVATE "SHELL:--js-library \"${file}\"")
    endforeach()
    foreach(file IN LISTS pre)
        target_link_options(${target} PRIVATE "SHELL:--pre-js \"${file}\"")
    endforeach()
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${libraries} ${pre})

    target_link_options(${target} PRIVATE
        -sMODULARIZE=1 -sEXPORT_NAME=${factory} -sENVIRONMENT=web -sINVOKE_RUN=1 -sEXIT_RUNTIME=0
        -sDYNAMIC_EXECUTION=0              # the page's CSP has no 'unsafe-eval'
        -sFETCH=1 -sFETCH_STREAMING=1 -sFETCH_SUPPORT_INDEXEDDB=0
        -lwebsocket.js
        -sMIN_WEBGL_VERSION=2 -sMAX_WEBGL_VERSION=2 -sGL_ENABLE_GET_PROC_ADDRESS=0 -sGL_TRACK_ERRORS=0
        -sFILESYSTEM=0
        -sMALLOC=emmalloc -sALLOW_MEMORY_GROWTH=1 -sINITIAL_MEMORY=32MB -sMAXIMUM_MEMORY=2GB
        -sSTACK_SIZE=1MB
        -sINCOMING_MODULE_JS_API=canvas,instantiateWasm,locateFile,onAbort,onRuntimeInitialized,print,printErr
        -sEXPORTED_RUNTIME_METHODS=HEAPU8,UTF8ToString,stringToUTF8,lengthBytesUTF8,stringToNewUTF8
        -sEXPORTED_FUNCTIONS=_main,_malloc,_free)
endfunction()
