# shellcheck shell=bash
# Shared by emsdk-setup.sh, run.sh, test.sh, bench.sh and assets/fonts/build.sh: messages, the cache, system packages.
# Source it after `set -euo pipefail`; it defines functions and three variables and does nothing else.

BINNACLE_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
# One cache per user, shared by all checkouts: compilers, library sources, font packages.
BINNACLE_CACHE="${BINNACLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/binnacle}"
BINNACLE_TOOLCHAIN="$BINNACLE_ROOT/.toolchain"

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
# die "what is wrong" "the next step": both go to stderr, exit 1.
die() {
    printf 'error: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf 'next step: %s\n' "$2" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# version_at_least 3.11.2 3.10
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# run_logged LOG "what" command...: output goes to LOG with one line of progress every 15 s; on failure the end of LOG is shown.
run_logged() {
    local log="$1" what="$2" started=$SECONDS status=0 shown=0
    shift 2
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 &
    local pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        if [ $((SECONDS - started - shown)) -ge 15 ]; then
            shown=$((SECONDS - started))
            note "$what: ${shown} s  $(tail -c 400 "$log" | tr '\r' '\n' | tail -n 1 | cut -c 1-100)"
        fi
    done
    wait "$pid" || status=$?
    if [ "$status" -ne 0 ]; then
        tail -n 40 "$log" >&2
        printf 'error: %s failed (exit %s); the whole output is in %s\n' "$what" "$status" "$log" >&2
        return "$status"
    fi
}

# with_lock NAME command...: one at a time per user where flock exists (several checkouts share the cache).
with_lock() {
    local name="$1"
    shift
    mkdir -p "$BINNACLE_CACHE"
    if ! have flock; then
        "$@"
        return
    fi
    (
        flock -n 9 || { note "waiting for another checkout ($BINNACLE_CACHE/$name.lock)"; flock 9; }
        "$@"
    ) 9>"$BINNACLE_CACHE/$name.lock"
}

# Prints `sudo -n` or nothing when we may install system packages; fails when we may not.
_as_root() {
    if [ "$(id -u)" = 0 ]; then return 0; fi
    if have sudo && sudo -n true 2>/dev/null; then echo "sudo -n"; return 0; fi
    return 1
}

# apt_install "why" package...: installs the packages, or says which command would.
apt_install() {
    local why="$1" root
    shift
    have apt-get || die "$why: missing here, and this is not Debian or Ubuntu" "install what these Debian packages hold: $*"
    root="$(_as_root)" || die "$why: missing here, and installing them needs root" "sudo apt-get install $*"
    say "Installing $why: $*"
    local log="$BINNACLE_TOOLCHAIN/log/apt-install.log" apt="$root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300"
    # shellcheck disable=SC2086 # words are wanted
    if ! run_logged "$log" "apt-get install" $apt install -y --no-install-recommends "$@" 2>/dev/null; then
        run_logged "$log" "apt-get update" $apt update || true # old or no package lists: once more with new ones
        run_logged "$log" "apt-get install" $apt install -y --no-install-recommends "$@" ||
            die "apt-get install failed" "see $log"
    fi
}

_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Compilers, CMake and the gateway's libraries. Quick when all is there.
ensure_native_tools() {
    if have dpkg-query && have apt-get; then
        local missing=() package
        have g++ || have clang++ || missing+=(g++)
        have make || missing+=(make)
        have cmake || missing+=(cmake)
        have ninja || missing+=(ninja-build)
        have pkg-config || missing+=(pkg-config)
        have ccache || missing+=(ccache)
        have curl || missing+=(curl ca-certificates)
        have xz || missing+=(xz-utils)
        for package in libssl-dev libsqlite3-dev libsodium-dev; do _installed "$package" || missing+=("$package"); done
        if ! ls /usr/include/boost/version.hpp >/dev/null 2>&1 ||
            [ "$(awk '/#define BOOST_VERSION /{print $3}' /usr/include/boost/version.hpp)" -lt 108100 ]; then
            if apt-cache show libboost1.81-dev >/dev/null 2>&1 || ! apt-cache show libboost-dev >/dev/null 2>&1; then
                missing+=(libboost1.81-dev)
            else
                missing+=(libboost-dev)
            fi
        fi
        [ "${#missing[@]}" -eq 0 ] || apt_install "the compiler and libraries" "${missing[@]}"
    else
        local tool
        for tool in cmake ninja pkg-config; do
            have "$tool" || die "$tool is missing" "macOS: brew install cmake ninja pkg-config ccache boost openssl sqlite libsodium"
        done
        have c++ || die "a C++ compiler is missing" "install clang or gcc"
    fi
    version_at_least "$(cmake --version | awk 'NR==1{print $3}')" 3.25 ||
        die "CMake $(cmake --version | awk 'NR==1{print $3}') is too old, 3.25 is needed" "install a newer CMake (cmake.org/download)"
}

# The compiler of the dev preset (cmake/toolchain_dev.cmake), where Debian has it; elsewhere the system's own does.
ensure_dev_compiler() {
    have clang++-19 && have ld.lld-19 && return 0
    have apt-cache && apt-cache show clang-19 >/dev/null 2>&1 || return 0
    apt_install "the compiler for the tests" clang-19 libclang-rt-19-dev lld-19
}

# Node 18 or newer with npm: packaging, browser tests, and Emscripten itself.
ensure_node() {
    local missing=()
    have node || missing+=(nodejs)
    have npm || missing+=(npm)
    [ "${#missing[@]}" -eq 0 ] || apt_install "Node.js" "${missing[@]}"
    version_at_least "$(node --version | tr -d v)" 18.3 ||
        die "Node $(node --version) is too old, 18.3 is needed" "install Node 20 or newer (nodejs.org)"
}

# npm_ci FOLDER: `npm ci` where package-lock.json has changed since the last time.
npm_ci() {
    local folder="$1"
    local stamp="$folder/node_modules/.binnacle-stamp" key
    key="$(cksum <"$folder/package-lock.json")"
    [ "$(cat "$stamp" 2>/dev/null)" != "$key" ] || return 0
    say "Installing npm packages of ${folder#"$BINNACLE_ROOT"/}"
    run_logged "$BINNACLE_TOOLCHAIN/log/npm-ci.log" "npm ci" \
        npm ci --prefix "$folder" --no-audit --no-fund --ignore-scripts || return 1
    echo "$key" >"$stamp"
}
