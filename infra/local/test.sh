#!/usr/bin/env bash
# `make test`: lints, unit and property tests, documentation tests, then the end-to-end tests on the
# local stack, then the comparison of every role with what its function did. The first failure ends it.
# However it ends, the time of each test is kept under .local/log/times.
#
# Every cargo command names the whole workspace: another selection is another set of features, and so
# another build of most dependencies.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

python=${PYTHON:-python3}
stack() { "$python" infra/local/stack.py "$@"; }
least_privilege() { "$python" infra/local/least_privilege.py "$@"; }

results=.local/log/test.log
groups=.local/log/groups.tsv
mkdir -p "$(dirname "$results")"
: >"$results"
: >"$groups"

# Runs a command as a part of the run whose time is kept: group <name> <command> …
group() {
    local name=$1 began=$SECONDS
    shift
    "$@"
    printf '%s\t%s\n' "$name" $((SECONDS - began)) >>"$groups"
}

# The harness tells how long a test took only when it is allowed what is unstable. The tests alone are
# allowed it, when they run: what is built is the same (docs/decisions/0033-times-of-tests.md).
allowed="target.'cfg(all())'.runner=['env', 'RUSTC_BOOTSTRAP=1']"
documented() { cargo test --workspace --doc 2>&1 | tee -a "$results"; }
timed() { # the tests, then -- and the arguments of the harness
    local which=()
    while [ "$1" != -- ]; do which+=("$1") && shift; done
    cargo test --workspace --config "$allowed" "${which[@]}" "$@" -Zunstable-options --report-time 2>&1 | tee -a "$results"
}

# A stack that was up before stays up; one that was started here is stopped, however this ends.
stack status >/dev/null 2>&1 && was_up=yes || was_up=no
ended() {
    [ "$was_up" = yes ] || stack down 2>/dev/null || true
    [ ! -s "$groups" ] || "$python" infra/local/times.py "$results" "$groups" || true
}
trap ended EXIT

group "lints" make lint
group "build" cargo build --workspace --bins
group "unit" timed --lib --bins --
group "doc" documented

fresh_stack() {
    # What a function does only when it starts must be seen too.
    stack down >/dev/null 2>&1 || true
    stack up
}
group "stack" fresh_stack
export COUNTERSIGN_STACK="$PWD/.local/stack.json"
prepare_comparison() {
    least_privilege self-test
    least_privilege forget
}
compare_roles() {
    least_privilege compare
    least_privilege append-only
}
group "least privilege, before" prepare_comparison
# More threads than processors: most of the time they wait for the stack.
group "end-to-end" timed --test '*' -- --test-threads=5
group "least privilege, after" compare_roles

echo
echo "all of it:"
grep -E '^ +(Running|Doc-tests)|^test result:' "$results"
