#!/usr/bin/env bash
# Measures the release build.
#
#   ./bench.sh                  lists what can be measured
#   ./bench.sh NAME [FLAGS]     builds the release site and gateway, then runs tests/bench/NAME.mjs with the flags
#
# Run one at a time on a quiet machine; each prints its numbers beside its budget.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/cmake/scripts/common.sh"
source "$BINNACLE_ROOT/cmake/scripts/build.sh"

list() {
    local file
    for file in "$BINNACLE_ROOT"/tests/bench/*.mjs; do
        [ -e "$file" ] || continue
        # What it measures: the first comment line.
        printf '  %-12s %s\n' "$(basename "$file" .mjs)" "$(sed -n 's#^// \{0,1\}##p' "$file" | head -n 1)"
    done
}

case "${1:-}" in
    '' | -h | --help)
        sed -n '2,/^set -/p' "$0" | sed -e '$d' -e 's/^# \{0,1\}//'
        list
        exit 0
        ;;
esac
name="$1"
shift
[ -e "$BINNACLE_ROOT/tests/bench/$name.mjs" ] || { list >&2; die "there is no bench '$name'" "./bench.sh lists them"; }

ensure_native_tools
ensure_node
"$BINNACLE_ROOT/emsdk-setup.sh"
have chromium || have google-chrome || have chromium-browser || apt_install "Chromium" chromium
build_preset release binnacle-gateway
build_site
[ "$name" != state ] || build_preset web-release binnacle_state_bench
for folder in tests/e2e tests/bench; do
    [ ! -e "$BINNACLE_ROOT/$folder/package-lock.json" ] || npm_ci "$BINNACLE_ROOT/$folder"
done
export BINNACLE_GATEWAY="$BINNACLE_ROOT/build/release/binnacle-gateway" BINNACLE_DIST="$BINNACLE_ROOT/dist"
export BINNACLE_DUMP="$BINNACLE_ROOT/build/release/binnacle-dump"
exec node "$BINNACLE_ROOT/tests/bench/$name.mjs" "$@"
