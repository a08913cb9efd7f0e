#!/usr/bin/env bash
# Brings Emscripten (6 or newer) and the sources of Dear ImGui, nlohmann_json, Catch2 and libyaml within reach of CMake.
#
#   ./emsdk-setup.sh                 all of it; a second run takes no time
#   ./emsdk-setup.sh --libraries     the library sources only (enough for a native build)
#   ./emsdk-setup.sh --road debian   don't choose: path | emsdk | debian
#
# Roads, first that is open: an emcc on PATH or in $EMSDK that is new enough, used as it is; emsdk from GitHub; Debian's own
# packages, unpacked into the cache (nothing is installed, root is not needed). With GitHub in reach CMake downloads the
# libraries by itself; without, they come as Debian source packages of the same releases.
#
# What it writes: the cache (~/.cache/binnacle, or $BINNACLE_CACHE), shared by all checkouts, and .toolchain/ here:
#   env.sh               PATH and EM_CONFIG, for run.sh and test.sh
#   emscripten.cmake     where Emscripten is, for cmake/toolchain_web.cmake
#   local-sources.cmake  where the library sources are, when they are not to be downloaded
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/cmake/scripts/common.sh"

EMSDK_VERSION=6.0.5         # road 1: this one exactly
EMSCRIPTEN_MINIMUM=6.0      # an emcc that is there already, and Debian's, may be any from here on
DEBIAN_SUITE="${BINNACLE_DEBIAN_SUITE:-forky}"

IMGUI=imgui-1.92.2b
NLOHMANN_JSON=nlohmann_json-3.11.3
CATCH2=Catch2-3.7.1
LIBYAML=libyaml-0.2.5

road=auto
libraries_only=false
while [ $# -gt 0 ]; do
    case "$1" in
        --libraries) libraries_only=true ;;
        --road) road="${2:-}"; shift ;;
        -h | --help) sed -n '2,/^set -/p' "$0" | sed -e '$d' -e 's/^# \{0,1\}//'; exit 0 ;;
        *) die "unknown option $1" "./emsdk-setup.sh --help" ;;
    esac
    shift
done
case "$road" in auto | path | emsdk | debian) ;; *) die "no such road: $road" "--road path, emsdk or debian" ;; esac

LOG="$BINNACLE_TOOLCHAIN/log"
mkdir -p "$BINNACLE_CACHE" "$LOG"

# write_file PATH < text: only when it changes, so that CMake does not configure again; in one rename.
write_file() {
    local path="$1" tmp="$1.tmp.$$"
    cat >"$tmp"
    if cmp -s "$tmp" "$path"; then rm "$tmp"; else mv "$tmp" "$path"; fi
}

github_in_reach() {
    if [ -z "${_github:-}" ]; then
        _github=no
        if have curl && curl -fsSIL --connect-timeout 5 --max-time 15 -o /dev/null https://github.com/emscripten-core/emsdk 2>/dev/null; then
            _github=yes
        fi
    fi
    [ "$_github" = yes ]
}

# ---------------------------------------------------------------------------------------------- Debian's packages, privately
# An apt of our own: its state, lists and archives are in the cache, its one source is the machine's own Debian mirror with the
# suite replaced. The system's apt and packages are not touched.
APT_DIR="$BINNACLE_CACHE/apt-$DEBIAN_SUITE"

debian_in_reach() { have apt-get && have dpkg-deb && _debian_source >/dev/null; }

# The machine's own Debian source, rewritten for the suite: mirror, Signed-By and options stay what they are.
_debian_source() {
    local file
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -e "$file" ] || continue
        awk -v suite="$DEBIAN_SUITE" '
            function flush_stanza() {
                if (!done && stanza != "" && types ~ /deb/ && components ~ /(^|[ \t])main([ \t]|$)/ &&
                    uris ~ /debian/ && suites !~ /security/ && uris !~ /security/) {
                    printf "%sTypes: deb deb-src\nSuites: %s\nComponents: main\n", stanza, suite
                    done = 1
                }
                stanza = ""; types = components = uris = suites = ""; enabled = 1
            }
            BEGIN { enabled = 1 }
            /^#/ { next }
            /^[ \t]*$/ { flush_stanza(); next }
            tolower($1) == "types:" { types = $0; skip = 1; next }
            tolower($1) == "suites:" { suites = $0; skip = 1; next }
            tolower($1) == "components:" { sub(/^[^:]*:/, ""); components = $0; skip = 1; next }
            tolower($1) == "architectures:" || tolower($1) == "enabled:" { skip = 1; next }
            /^[ \t]/ && skip { next }
            { skip = 0; if (tolower($1) == "uris:") uris = $0; stanza = stanza $0 "\n" }
            END { flush_stanza(); exit !done }' "$file" && return 0
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -e "$file" ] || continue
        awk -v suite="$DEBIAN_SUITE" '
            $1 == "deb" && / main( |$)/ && !/security/ {
                options = ""; i = 2
                if ($2 ~ /^\[/) { while ($i !~ /\]$/) options = options $(i++) " "; options = options $(i++) " " }
                if ($i !~ /debian/) next
                keyring = ""
                n = split(options, words, /[][ \t]+/)
                for (k = 1; k <= n; ++k) if (words[k] ~ /^signed-by=/) keyring = substr(words[k], 11)
                printf "Types: deb deb-src\nURIs: %s\nSuites: %s\nComponents: main\n", $i, suite
                if (keyring != "") printf "Signed-By: %s\n", keyring
                found = 1; exit
            }
            END { exit !found }' "$file" && return 0
    done
    return 1
}

_apt() {
    local tool="$1"
    shift
    "$tool" -o Dir::State="$APT_DIR/state" -o Dir::State::Lists="$APT_DIR/state/lists" \
        -o Dir::State::Status="$APT_DIR/status" -o Dir::Cache="$APT_DIR/cache" \
        -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$APT_DIR/sources.list.d" \
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts="$APT_DIR/none" \
        -o APT::Install-Recommends=false -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none \
        -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 "$@"
}

_apt_update() {
    [ -z "${_apt_updated:-}" ] || return 0
    mkdir -p "$APT_DIR"/{state/lists/partial,cache/archives/partial,sources.list.d,none}
    : >"$APT_DIR/status"
    _debian_source >"$APT_DIR/sources.list.d/binnacle.sources" || die "no Debian mirror in this machine's apt sources"
    say "Reading Debian's package lists ($DEBIAN_SUITE)"
    run_logged "$LOG/apt-update.log" "apt-get update" _apt apt-get update
    _apt_updated=yes
}

# --------------------------------------------------------------------------------------------------------- library sources
_have_libraries() {
    local name
    for name in "$IMGUI" "$NLOHMANN_JSON" "$CATCH2" "$LIBYAML"; do
        [ -e "$BINNACLE_CACHE/libraries/$name/.complete" ] || return 1
    done
}

# One library: the upstream tarball inside Debian's source package (apt checks its hash), without Debian's patches.
_fetch_library() {
    local name="$1" source="$2" expect="$3" target="$BINNACLE_CACHE/libraries/$1" work tarball
    [ ! -e "$target/.complete" ] || return 0
    work="$(mktemp -d "$BINNACLE_CACHE/fetch.XXXXXX")"
    say "Fetching $name"
    (cd "$work" && run_logged "$LOG/$name.log" "apt-get source $source" _apt apt-get source --download-only --tar-only "$source")
    tarball="$(find "$work" -name '*.orig.tar.*' ! -name '*.asc' | head -n 1)"
    [ -n "$tarball" ] || die "Debian's source package $source holds no upstream tarball"
    mkdir -p "$work/unpacked"
    tar -xf "$tarball" -C "$work/unpacked" --strip-components=1
    grep -qrE "$expect" "$work/unpacked" --include=imgui.h --include=json.hpp --include=catch_version.cpp --include=CMakeLists.txt ||
        note "warning: $source is not the release this repository was tried with ($name)"
    touch "$work/unpacked/.complete"
    mkdir -p "$BINNACLE_CACHE/libraries"
    rm -rf "$target"
    mv "$work/unpacked" "$target"
    rm -rf "$work"
}

_fetch_libraries() {
    _have_libraries && return 0
    _apt_update
    _fetch_library "$IMGUI" imgui 'IMGUI_VERSION +"1\.92\.2b"'
    _fetch_library "$NLOHMANN_JSON" nlohmann-json3 'version 3\.11\.3'
    _fetch_library "$CATCH2" catch2 '3, 7, 1'
    _fetch_library "$LIBYAML" libyaml 'YAML_VERSION_PATCH 5'
}

setup_libraries() {
    if ! _have_libraries; then
        if [ "$road" != debian ] && github_in_reach; then
            rm -f "$BINNACLE_TOOLCHAIN/local-sources.cmake"
            note "libraries: CMake downloads the pinned releases"
            return 0
        fi
        debian_in_reach || die "the library sources are out of reach: no GitHub, and no apt with a Debian mirror" \
            "connect to the internet, or unpack the four releases named in cmake/binnacle_dependencies.cmake and set FETCHCONTENT_SOURCE_DIR_<NAME>"
        with_lock libraries _fetch_libraries
    fi
    write_file "$BINNACLE_TOOLCHAIN/local-sources.cmake" <<END
# Written by emsdk-setup.sh.
set(FETCHCONTENT_SOURCE_DIR_IMGUI "$BINNACLE_CACHE/libraries/$IMGUI")
set(FETCHCONTENT_SOURCE_DIR_NLOHMANN_JSON "$BINNACLE_CACHE/libraries/$NLOHMANN_JSON")
set(FETCHCONTENT_SOURCE_DIR_CATCH2 "$BINNACLE_CACHE/libraries/$CATCH2")
set(FETCHCONTENT_SOURCE_DIR_LIBYAML "$BINNACLE_CACHE/libraries/$LIBYAML")
END
    write_file "$BINNACLE_CACHE/local-sources.cmake" <"$BINNACLE_TOOLCHAIN/local-sources.cmake"
    note "libraries: $BINNACLE_CACHE/libraries"
}

# -------------------------------------------------------------------------------------------------------------- Emscripten
# emcc_version PATH: 6.0.5, or nothing.
emcc_version() { "$1" --version 2>/dev/null | sed -nE '1s/.* ([0-9]+\.[0-9]+\.[0-9]+).*/\1/p'; }

# use_emscripten FOLDER-OF-EMCC CONFIG-OR-EMPTY: tries it for real once, then writes .toolchain/env.sh and emscripten.cmake.
use_emscripten() {
    local folder="$1" config="$2" version config_line=""
    [ -z "$config" ] || config_line="export EM_CONFIG=\"$config\""
    version="$(emcc_version "$folder/emcc")"
    [ -n "$version" ] || die "$folder/emcc does not run" "remove its folder and run ./emsdk-setup.sh again"
    write_file "$BINNACLE_TOOLCHAIN/env.sh" <<END
# Written by emsdk-setup.sh: source it to have emcc on PATH.
export PATH="$folder:\$PATH"
$config_line
END
    write_file "$BINNACLE_TOOLCHAIN/emscripten.cmake" <<END
# Written by emsdk-setup.sh.
set(BINNACLE_EMSCRIPTEN_ROOT "$folder")
set(BINNACLE_EMSCRIPTEN_VERSION "$version")
END
    try_emscripten "$folder" "$version"
    say "Emscripten $version is ready: $folder"
}

# Compiles and links a page with what Binnacle uses; the first time this also builds Emscripten's system libraries (a minute).
try_emscripten() {
    local stamp work
    stamp="$BINNACLE_CACHE/tried-$2-$(printf '%s' "$1" | cksum | cut -d ' ' -f 1)"
    [ ! -e "$stamp" ] || return 0
    work="$(mktemp -d)"
    cat >"$work/hello.cpp" <<'END'
#include <emscripten/fetch.h>
#include <emscripten/html5.h>
#include <emscripten/html5_webgl.h>
#include <emscripten/websocket.h>
#include <GLES3/gl3.h>
#include <cstdio>
#include <expected>
#include <string>
int main() {
    EmscriptenWebGLContextAttributes attributes;
    emscripten_webgl_init_context_attributes(&attributes);
    attributes.majorVersion = 2;
    emscripten_webgl_make_context_current(emscripten_webgl_create_context("#canvas", &attributes));
    glClear(GL_COLOR_BUFFER_BIT);
    emscripten_fetch_attr_t request;
    emscripten_fetch_attr_init(&request);
    emscripten_fetch(&request, "/");
    std::expected<std::string, int> text("hello");
    std::puts(text->c_str());
    return emscripten_websocket_is_supported();
}
END
    local flags=(-std=c++23 -fno-exceptions -fno-rtti -msimd128 -sFETCH=1 -sFETCH_STREAMING=1 -sFETCH_SUPPORT_INDEXEDDB=0
        -lwebsocket.js -sMIN_WEBGL_VERSION=2 -sMAX_WEBGL_VERSION=2 -sMALLOC=emmalloc -sFILESYSTEM=0
        -sGL_ENABLE_GET_PROC_ADDRESS=0 -sGL_TRACK_ERRORS=0 -sALLOW_MEMORY_GROWTH=1 -sENVIRONMENT=web -sDYNAMIC_EXECUTION=0)
    say "Trying Emscripten $2 (the first link builds its system libraries, about a minute)"
    run_logged "$LOG/emscripten-release.log" "a page" with_lock emscripten-cache \
        "$1/em++" "$work/hello.cpp" "${flags[@]}" -flto -Os -o "$work/hello.js"
    [ -s "$work/hello.wasm" ] || die "emcc linked nothing" "see $LOG/emscripten-release.log"
    rm -rf "$work"
    touch "$stamp"
}

# Road 0: what is there.
existing_emcc() {
    local candidate version
    for candidate in "${EMSDK:+$EMSDK/upstream/emscripten/emcc}" "$(command -v emcc || true)"; do
        [ -n "$candidate" ] && [ -x "$candidate" ] || continue
        version="$(emcc_version "$candidate")"
        if [ -n "$version" ] && version_at_least "$version" "$EMSCRIPTEN_MINIMUM"; then
            dirname "$(readlink -f "$candidate")"
            return 0
        fi
        note "emcc ${version:-(does not run)} at $candidate is older than $EMSCRIPTEN_MINIMUM: not used" >&2
    done
    return 1
}

# Road 1: emsdk.
_install_emsdk() {
    local home="$BINNACLE_CACHE/emsdk-$EMSDK_VERSION"
    [ ! -e "$home/.complete" ] || return 0
    have git || apt_install "git" git
    have python3 || apt_install "Python (for Emscripten)" python3
    if [ ! -e "$home/.cloned" ]; then
        rm -rf "$home.partial"
        say "Cloning emsdk $EMSDK_VERSION"
        run_logged "$LOG/emsdk-clone.log" "git clone" \
            git clone --depth 1 --branch "$EMSDK_VERSION" https://github.com/emscripten-core/emsdk "$home.partial" || return 1
        touch "$home.partial/.cloned"
        rm -rf "$home"
        mv "$home.partial" "$home"
    fi
    say "Installing Emscripten $EMSDK_VERSION (about 400 MB)"
    run_logged "$LOG/emsdk-install.log" "emsdk install" "$home/emsdk" install "$EMSDK_VERSION" || return 1
    run_logged "$LOG/emsdk-activate.log" "emsdk activate" "$home/emsdk" activate "$EMSDK_VERSION" || return 1
    touch "$home/.complete"
}

# Road 2: Debian's packages.
_newest_debian_emscripten() {
    find "$BINNACLE_CACHE" -maxdepth 2 -path '*/emscripten-debian-*/.complete' 2>/dev/null | sort -V | tail -n 1 | xargs -r dirname
}

_install_debian_emscripten() {
    [ -z "$(_newest_debian_emscripten)" ] || return 0
    have python3 || apt_install "Python (for Emscripten)" python3
    version_at_least "$(python3 -c 'import platform; print(platform.python_version())')" 3.10 ||
        die "Python $(python3 --version | cut -d ' ' -f 2) is too old for Emscripten" "install Python 3.10 or newer"
    ensure_node
    _apt_update
    local version home
    version="$(_apt apt-cache policy emscripten | awk '/Candidate:/{print $2}')"
    version_at_least "${version%%[+-]*}" "$EMSCRIPTEN_MINIMUM" ||
        die "Debian $DEBIAN_SUITE has emscripten ${version:-none}, $EMSCRIPTEN_MINIMUM is needed" "BINNACLE_DEBIAN_SUITE=<suite> ./emsdk-setup.sh"
    home="$BINNACLE_CACHE/emscripten-debian-${version%%[+-]*}"

    say "Downloading Debian's emscripten $version and what it needs (about 170 MB)"
    run_logged "$LOG/apt-download.log" "download" _apt apt-get install -y --download-only emscripten patchelf

    say "Unpacking"
    rm -rf "$home.partial"
    mkdir -p "$home.partial"
    local archive package count=0
    for archive in "$APT_DIR"/cache/archives/*.deb; do
        package="$(basename "$archive")"
        case "${package%%_*}" in
            libc6-dev | libc-dev-bin | libgcc-*-dev | libstdc++-*-dev | libobjc* | linux-libc-dev) continue ;;
            libasan* | liblsan* | libtsan* | libubsan* | libhwasan*) continue ;;
            nodejs | libnode* | python3* | libpython3* | binutils* | ccache | tzdata | debconf) continue ;; # the system's serve
        esac
        dpkg-deb -x "$archive" "$home.partial"
        count=$((count + 1))
    done
    note "$count packages, $(du -sh "$home.partial" | cut -f 1)"
    _relocate_debian_emscripten "$home.partial" "$home"
    touch "$home.partial/.complete"
    rm -rf "$home"
    mv "$home.partial" "$home"
    rm -f "$APT_DIR"/cache/archives/*.deb
}

# The binaries want the newer libc that came along: point them at it. BUILT is where the files are now, FINAL where they will be.
_relocate_debian_emscripten() {
    local built="$1" final="$2" loader loader_path libraries llvm rpath file
    # usr/lib64 (amd64) or usr/lib (arm64), and usr/lib/<triplet>
    loader="$(cd "$built" && find usr/lib64 usr/lib -maxdepth 1 -name 'ld-linux-*.so.*' 2>/dev/null | head -n 1)"
    loader_path="$(find "$built/usr/lib" -name libc.so.6 | head -n 1)"
    [ -n "$loader" ] && [ -n "$loader_path" ] || die "Debian's libc6 is not where it was expected in $built"
    libraries="usr/lib/$(basename "$(dirname "$loader_path")")"
    llvm="$(cd "$built" && find usr/lib -maxdepth 1 -name 'llvm-*' | sort -V | tail -n 1)"
    rpath="$final/$libraries:$final/$llvm/lib"
    # patchelf itself runs on that libc, through its loader: nothing needs to be installed.
    _patchelf() { "$built/$loader" --library-path "$built/$libraries" "$built/usr/bin/patchelf" "$@"; }
    _is_elf() { [ -f "$1" ] && [ ! -L "$1" ] && [ "$(head -c 4 "$1" | od -An -c | tr -d ' ')" = '177ELF' ]; }
    for file in "$built/$llvm"/bin/* "$built"/usr/bin/wasm-*; do
        _is_elf "$file" || continue
        _patchelf --set-interpreter "$final/$loader" --force-rpath --set-rpath "$rpath" "$file"
    done
    # Their own RUNPATH hides the inherited one.
    for file in "$built/$libraries"/libLLVM*.so* "$built/$libraries"/libclang-cpp*.so* "$built/$llvm"/lib/lib{LLVM,clang-cpp}*.so*; do
        _is_elf "$file" || continue
        _patchelf --force-rpath --set-rpath "$rpath" "$file"
    done
    # acorn is imported as an ES module, found through this link, which the nodejs package would have brought.
    [ -e "$built/usr/share/node_modules" ] || ln -s nodejs "$built/usr/share/node_modules"
    # emscripten's own folder is the first place where emcc looks for its settings.
    cat >"$built/usr/share/emscripten/.emscripten" <<END
LLVM_ROOT = '$final/$llvm/bin'
BINARYEN_ROOT = '$final/usr'
NODE_JS = '$(command -v node)'
CACHE = '$final/cache'
END
}

setup_emscripten() {
    local found
    if [ "$road" = auto ] || [ "$road" = path ]; then
        if found="$(existing_emcc)"; then
            use_emscripten "$found" "${EM_CONFIG:-}"
            return 0
        fi
        [ "$road" = auto ] || die "no emcc of version $EMSCRIPTEN_MINIMUM or newer on PATH or in \$EMSDK" "./emsdk-setup.sh"
    fi
    if [ "$road" = emsdk ] || { [ "$road" = auto ] && { [ -e "$BINNACLE_CACHE/emsdk-$EMSDK_VERSION/.complete" ] ||
        { [ -z "$(_newest_debian_emscripten)" ] && github_in_reach; }; }; }; then
        if with_lock emsdk _install_emsdk; then
            use_emscripten "$BINNACLE_CACHE/emsdk-$EMSDK_VERSION/upstream/emscripten" "$BINNACLE_CACHE/emsdk-$EMSDK_VERSION/.emscripten"
            return 0
        fi
        [ "$road" = auto ] || die "emsdk could not be installed" "see $LOG/emsdk-*.log; try again, or --road debian"
        note "emsdk could not be installed; trying Debian's packages"
    fi
    if [ -n "$(_newest_debian_emscripten)" ] || debian_in_reach; then
        with_lock emscripten-debian _install_debian_emscripten
        found="$(_newest_debian_emscripten)"
        use_emscripten "$found/usr/share/emscripten" "$found/usr/share/emscripten/.emscripten"
        return 0
    fi
    die "no road to Emscripten $EMSCRIPTEN_MINIMUM is open: no emcc on PATH, GitHub out of reach, no apt with a Debian mirror" \
        "install emsdk by hand (emscripten.org), set EMSDK to its folder, and run ./emsdk-setup.sh again"
}

setup_libraries
$libraries_only || setup_emscripten
