# shellcheck shell=bash
# Building presets; sourced after common.sh by run.sh, test.sh and bench.sh.

# emcc would start python3 by a version manager's shim (pyenv) at every file; the interpreter behind it is there at once.
export EMSDK_PYTHON="${EMSDK_PYTHON:-$(python3 -c 'import sys; print(sys.executable)' 2>/dev/null || true)}"

# How many compilers at once: one per core, and 1.5 GB of memory for each (a Beast file takes more than one).
build_jobs() {
    if [ -n "${BINNACLE_JOBS:-}" ]; then echo "$BINNACLE_JOBS"; return; fi
    local cores memory_kb by_memory
    cores="$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)"
    memory_kb="$(awk '/MemAvailable/{print $2}' /proc/meminfo 2>/dev/null || true)"
    by_memory=$(( ${memory_kb:-8000000} / 1500000 ))
    [ "$by_memory" -ge 1 ] || by_memory=1
    if [ "$cores" -lt "$by_memory" ]; then echo "$cores"; else echo "$by_memory"; fi
}

# configure_preset PRESET: once; afterwards ninja does it by itself.
configure_preset() {
    local preset="$1" folder="$BINNACLE_ROOT/build/$1" wanted
    # Another Emscripten than last time: CMake cannot change compilers in place.
    wanted=""
    if [ "${preset#web}" != "$preset" ] && [ -e "$BINNACLE_TOOLCHAIN/emscripten.cmake" ]; then
        wanted="$(sed -n 's/.*BINNACLE_EMSCRIPTEN_ROOT "\(.*\)".*/\1/p' "$BINNACLE_TOOLCHAIN/emscripten.cmake")"
        if [ -e "$folder/CMakeCache.txt" ] && [ "$(cat "$folder/emscripten-root.txt" 2>/dev/null)" != "$wanted" ]; then
            rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles" "$folder/build.ninja"
        fi
    fi
    [ ! -e "$folder/build.ninja" ] || [ "$BINNACLE_ROOT/CMakePresets.json" -nt "$folder/build.ninja" ] || return 0
    say "Configuring $preset"
    run_logged "$BINNACLE_TOOLCHAIN/log/configure-$preset.log" "cmake --preset $preset" \
        cmake --preset "$preset" -S "$BINNACLE_ROOT" || return 1
    [ -z "$wanted" ] || printf '%s\n' "$wanted" >"$folder/emscripten-root.txt"
    touch "$folder/build.ninja"
}

# build_preset PRESET TARGET...: ninja's own progress on a terminal, else a line every 15 s. Goes on past errors (-k 0).
build_preset() {
    local preset="$1" folder="$BINNACLE_ROOT/build/$1" log="$BINNACLE_TOOLCHAIN/log/build-$1.log"
    shift
    configure_preset "$preset" || return 1
    say "Building $preset: $*"
    local command=(nice -n 5 ninja -C "$folder" -k 0 -j "$(build_jobs)" "$@")
    if [ -t 1 ]; then
        NINJA_STATUS='[%f/%t, %es] ' "${command[@]}"
    else
        NINJA_STATUS='[%f/%t, %es] ' run_logged "$log" "build $preset" "${command[@]}"
    fi
}

# Builds dist/.
build_site() { build_preset web-release site; }
