#!/usr/bin/env bash
# Builds and runs every test. The last line reads `N passed, N failed`; the exit code is 0 only when nothing failed.
#
#   ./test.sh                   everything: native, fuzz replays, tools, the site, end to end in Chromium, size budget
#   ./test.sh --quick           native tests and tools only
#   ./test.sh --filter WORDS    only tests whose name contains WORDS (passed on to every suite)
#
# Missing compilers, libraries, browser and kubectl are installed first. Logs are in build/test-logs/.
# End-to-end tests use the gateway of the dev preset: its objects are there already from test_gateway (a release build from
# nothing takes minutes more), and it watches itself with ASan and UBSan while the browser drives it.
set -uo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/cmake/scripts/common.sh"
source "$BINNACLE_ROOT/cmake/scripts/build.sh"

quick=false
filter=""
while [ $# -gt 0 ]; do
    case "$1" in
        --quick) quick=true ;;
        --filter) filter="${2:-}"; shift ;;
        -h | --help) sed -n '2,/^set -/p' "$0" | sed -e '$d' -e 's/^# \{0,1\}//'; exit 0 ;;
        *) die "unknown option $1" "./test.sh --help" ;;
    esac
    shift
done

cd "$BINNACLE_ROOT" || exit 1
LOGS="$BINNACLE_ROOT/build/test-logs"
rm -rf "$LOGS"
mkdir -p "$LOGS"

passed=0
failed=0
failures=() # what to look at
trap 'finish' EXIT
finish() {
    trap - EXIT
    local line
    if [ "${#failures[@]}" -gt 0 ]; then
        printf '\nFailed:\n'
        for line in "${failures[@]}"; do printf '  %s\n' "$line"; done
    fi
    [ $((passed + failed)) -gt 0 ] || failed=1 # nothing ran: something is wrong
    printf '\n%d s\n%d passed, %d failed\n' "$SECONDS" "$passed" "$failed"
    if [ "$failed" -eq 0 ]; then exit 0; else exit 1; fi
}
add_failure() { failed=$((failed + 1)); failures+=("$1"); }

# Setup steps end the script when they fail; in a subshell, so that the last line still comes.
setup() { ("$@") || { add_failure "setup: $*"; exit 1; }; }

# count_results LOG NAME STATUS: adds what a finished suite's log says. Understands Catch2's console report and lines of the form
# `12 passed, 1 failed`. A suite that ended badly without reporting a failure (a crash, a time-out) counts as one.
count_results() {
    local log="$1" name="$2" status="$3" counts ok bad
    counts="$(awk '
        /^All tests passed \(/ { match($0, /in [0-9]+ test case/); ok = substr($0, RSTART + 3) + 0; bad = 0 }
        /^test cases:/ {
            ok = bad = 0
            n = split($0, parts, "|")
            for (i = 2; i <= n; ++i) { if (parts[i] ~ /passed/) ok = parts[i] + 0; if (parts[i] ~ /failed *$/) bad = parts[i] + 0 }
        }
        /^[0-9]+ passed, [0-9]+ failed$/ { ok = $1; bad = $3 }
        END { print ok + 0, bad + 0 }' "$log")"
    ok="${counts% *}"
    bad="${counts#* }"
    passed=$((passed + ok))
    if [ "$bad" -gt 0 ]; then
        failed=$((failed + bad))
        failures+=("$name: $bad of $((ok + bad)) ($log)")
    elif [ "$status" -ne 0 ]; then
        add_failure "$name: ended with exit code $status ($log)"
        bad=1
    fi
    printf '    %-28s %5d passed %4d failed\n' "$name" "$ok" "$bad"
    if [ "$bad" -gt 0 ]; then tail -n 60 "$log" | sed 's/^/      | /'; fi
}

say "Tools"
setup ensure_native_tools
setup ensure_dev_compiler
setup ensure_node
if $quick; then setup ./emsdk-setup.sh --libraries; else setup ./emsdk-setup.sh; fi

# ------------------------------------------------------------------------------------------------------------------ native
if ! configure_preset dev; then add_failure "cmake --preset dev"; exit 1; fi
native_targets=(binnacle_tests)
grep -q '^build binnacle-gateway:' build/dev/build.ninja && native_targets+=(binnacle-gateway)
grep -q '^build binnacle-dump:' build/dev/build.ninja && native_targets+=(binnacle-dump)
grep -q '^build binnacle-behaviour-server:' build/dev/build.ninja && native_targets+=(binnacle-behaviour-server)
grep -q '^build binnacle-sse-service:' build/dev/build.ninja && native_targets+=(binnacle-sse-service)
build_preset dev "${native_targets[@]}" || add_failure "build dev (.toolchain/log/build-dev.log)"

export ASAN_OPTIONS="detect_stack_use_after_return=1:strict_string_checks=1:${ASAN_OPTIONS:-}"
export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
export BINNACLE_DUMP="$BINNACLE_ROOT/build/dev/binnacle-dump"
export BINNACLE_GATEWAY="$BINNACLE_ROOT/build/dev/binnacle-gateway"
export BINNACLE_SSE_SERVICE="$BINNACLE_ROOT/build/dev/binnacle-sse-service"
export BINNACLE_DIST="$BINNACLE_ROOT/dist"

# build/dev/tests.txt has a line for each executable: `catch <name>` or `replay <name> <corpus>`.
run_native() {
    local kind="$1" name="$2" corpus="${3:-}" status=0
    local binary="$BINNACLE_ROOT/build/dev/$name"
    if [ ! -x "$binary" ]; then
        echo "$name was not built" >"$LOGS/$name.log"
        status=127
    elif [ "$kind" = catch ]; then
        timeout 600 "$binary" --allow-running-no-tests --durations no --colour-mode none ${filter:+"*$filter*"} \
            >"$LOGS/$name.log" 2>&1 </dev/null || status=$?
    else
        timeout 300 "$binary" "$corpus" >"$LOGS/$name.log" 2>&1 </dev/null && echo "1 passed, 0 failed" >>"$LOGS/$name.log" || status=$?
    fi
    echo "$status" >"$LOGS/$name.status"
}

say "Native tests"
names=()
while read -r kind name corpus; do
    if [ -n "$filter" ] && [ "$kind" = replay ] && [[ "$name" != *"$filter"* ]]; then continue; fi
    names+=("$name")
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n || true; done
    run_native "$kind" "$name" "$corpus" &
done <build/dev/tests.txt
wait
for name in ${names[@]+"${names[@]}"}; do count_results "$LOGS/$name.log" "$name" "$(cat "$LOGS/$name.status" 2>/dev/null || echo 1)"; done

# ------------------------------------------------------------------------------------------------------------------- tools
# run_suite NAME command...: one that prints a line `N passed, N failed`.
run_suite() {
    local name="$1" status=0
    shift
    say "$name"
    run_logged "$LOGS/$name.log" "$name" "$@" 2>/dev/null || status=$?
    count_results "$LOGS/$name.log" "$name" "$status"
}

# node --test reports `# pass 3`; one process per file.
run_node_tests() {
    local status=0 output
    output="$(timeout 300 node --test --test-reporter=tap ${filter:+--test-name-pattern="$filter"} "$@" 2>&1)" || status=$?
    printf '%s\n' "$output"
    printf '%s\n' "$output" | awk '/^# pass /{p += $3} /^# fail /{f += $3} /^# cancelled /{f += $3} END {print p + 0 " passed, " f + 0 " failed"}'
    return "$status"
}
if compgen -G 'tests/tools/*.test.mjs' >/dev/null; then run_suite tools run_node_tests tests/tools/*.test.mjs; fi

$quick && exit 0

# -------------------------------------------------------------------------------------------------------- site and browser
site_targets=(site)
configure_preset web-release || add_failure "cmake --preset web-release"
grep -q '^build binnacle_web_tests' build/web-release/build.ninja 2>/dev/null && site_targets+=(binnacle_web_tests)
if build_preset web-release "${site_targets[@]}"; then
    say "Size"
    for budget in program first_visit; do
        if node -e "const s = JSON.parse(require('fs').readFileSync('build/web-release/site-sizes.json', 'utf8'));
            const b = '$budget', used = s[b + '_bytes'], budget = s[b + '_budget_bytes'], limit = s[b + '_limit_bytes'];
            console.log('    ' + b.replace('_', ' ') + ': ' + used + ' of ' + budget + ' bytes, brotli' + (used > budget ? ', MISSED; it may not pass ' + limit : ''));
            process.exit(used <= limit ? 0 : 1)"; then
            passed=$((passed + 1))
        else
            add_failure "size: $budget is over its limit"
        fi
    done
else
    add_failure "build web-release (.toolchain/log/build-web-release.log)"
fi

ensure_browser() {
    have chromium || have google-chrome || have chromium-browser || apt_install "Chromium for the browser tests" chromium
    # Quicker, but not a must: other distributions have no such package.
    have chromium-headless-shell || (apt_install "Chromium without windows for the browser tests" chromium-headless-shell) || true
    have kubectl || apt_install "kubectl for the cluster tests" kubernetes-client
    have firefox-esr || have firefox || apt_install "Firefox for the browser tests" firefox-esr libgl1-mesa-dri libegl1 libgl1
    have Xvfb || apt_install "a display for Firefox" xvfb
}
if [ -e tests/e2e/run.mjs ]; then
    setup ensure_browser
    [ ! -e tests/e2e/package-lock.json ] || npm_ci tests/e2e || add_failure "npm ci in tests/e2e"
    run_suite e2e timeout 1800 node tests/e2e/run.mjs ${filter:+--filter "$filter"}
    [ -n "$filter" ] || run_suite kubectl timeout 300 node tests/e2e/kubectl/run.mjs "$BINNACLE_GATEWAY"
    [ -n "$filter" ] || run_suite firefox timeout 300 node tests/e2e/firefox/run.mjs
else
    add_failure "tests/e2e/run.mjs is missing"
fi
