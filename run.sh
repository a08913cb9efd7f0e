#!/usr/bin/env bash
# Builds Binnacle, serves it on this machine and opens it in the browser.
#
#   ./run.sh                    http://127.0.0.1:8080/, installing what is missing first
#   ./run.sh --port 9000        another port
#   ./run.sh --no-open          don't open a browser
#   ./run.sh -- FLAGS           the rest goes to the gateway, for example
#   ./run.sh -- --kubernetes http://127.0.0.1:8001       a real cluster through `kubectl proxy`
#   ./run.sh -- --auth builtin                           with login and registration
#   ./run.sh -- --help                                   every flag of the gateway
#
# The first start takes some minutes (compiler, libraries, build); later ones seconds.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/cmake/scripts/common.sh"
source "$BINNACLE_ROOT/cmake/scripts/build.sh"

port=8080
open=true
while [ $# -gt 0 ]; do
    case "$1" in
        --port) port="${2:-}"; shift ;;
        --port=*) port="${1#*=}" ;;
        --no-open) open=false ;;
        -h | --help) sed -n '2,/^set -/p' "$0" | sed -e '$d' -e 's/^# \{0,1\}//'; exit 0 ;;
        --) shift; break ;;
        *) die "unknown option $1" "./run.sh --help; flags of the gateway go after --" ;;
    esac
    shift
done
case "$port" in '' | *[!0-9]*) die "--port needs a number from 1 to 65535, not '$port'" ;; esac
if [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then die "--port needs a number from 1 to 65535, not '$port'"; fi

ensure_native_tools
ensure_node
"$BINNACLE_ROOT/emsdk-setup.sh"
build_preset release binnacle-gateway || die "the gateway did not build" "the errors are above; docs/building.md has a section on trouble"
build_site || die "the site did not build" "the errors are above; docs/building.md has a section on trouble"

# Opens the browser when the page answers; gives up quietly when the gateway ends or after 30 s.
open_when_ready() {
    local opener url="http://127.0.0.1:$port/" gateway="$1"
    if have open && [ "$(uname)" = Darwin ]; then
        opener=open
    elif have xdg-open && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
        opener=xdg-open
    else
        return 0
    fi
    for _ in $(seq 150); do
        kill -0 "$gateway" 2>/dev/null || return 0
        if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            "$opener" "$url" >/dev/null 2>&1 || true
            return 0
        fi
        sleep 0.2
    done
}
for flag in "$@"; do
    case "$flag" in --help | -h | --version) open=false ;; esac
done
if $open; then open_when_ready $$ & fi

# The gateway itself says where Binnacle is, once it listens; Ctrl-C reaches it directly.
exec "$BINNACLE_ROOT/build/release/binnacle-gateway" --static "$BINNACLE_ROOT/dist" --port "$port" "$@"
