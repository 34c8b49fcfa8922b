#!/usr/bin/env bash
# `make test`: lints, unit and property tests, documentation tests, then the end-to-end tests on the
# local stack, then the comparison of every role with what its function did. The first failure ends it.
#
# Every cargo command names the whole workspace: another selection is another set of features, and so
# another build of most dependencies.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

python=${PYTHON:-python3}
stack() { "$python" infra/local/stack.py "$@"; }
least_privilege() { "$python" infra/local/least_privilege.py "$@"; }

results=.local/log/test.log
mkdir -p "$(dirname "$results")"
: >"$results"
tested() { cargo test --workspace "$@" 2>&1 | tee -a "$results"; }

# A stack that was up before stays up; one that was started here is stopped, however this ends.
if ! stack status >/dev/null 2>&1; then
    trap 'stack down 2>/dev/null' EXIT
fi

make lint
cargo build --workspace --bins
tested --lib --bins
tested --doc

# Always a fresh stack: what a function does only when it starts must be seen too.
stack down >/dev/null 2>&1 || true
stack up
export COUNTERSIGN_STACK="$PWD/.local/stack.json"
least_privilege self-test
least_privilege forget
# More threads than processors: most of the time they wait for the stack.
tested --test '*' -- --test-threads=5
least_privilege compare
least_privilege append-only

echo
echo "all of it:"
grep -E '^ +(Running|Doc-tests)|^test result:' "$results"
