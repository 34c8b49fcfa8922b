#!/usr/bin/env python3
"""Keeps what each part of `make test` took.

    times.py <log> <groups>   writes .local/log/times/<when>.tsv, and prints the ten slowest tests and each group's total
    times.py self-test        checks this program on a small log

<log> is what the test harness printed with `--report-time`; <groups> has a line `name<TAB>seconds` for each group.
Only the standard library is used.
"""

import datetime
import pathlib
import re
import sys

KEPT = pathlib.Path(__file__).resolve().parents[2] / ".local" / "log" / "times"
SLOWEST = 10

BINARY = re.compile(r"^\s+Running (?:unittests )?(\S+) \(\S+/(\S+)-[0-9a-f]+\)")
TEST = re.compile(r"^test (\S+)(?: - should panic)? \.\.\. (\w+) <([0-9.]+)s>$")


def times_in(log):
    """Each test of a log as (seconds, binary, name, outcome). Doc tests are compiled together and have no times."""
    binary, found = "?", []
    for line in log.splitlines():
        if match := BINARY.match(line):
            binary = match[2]
        elif match := TEST.match(line):
            found.append((float(match[3]), binary, match[1], match[2]))
    return found


def groups_in(text):
    return [(name, float(seconds)) for name, seconds in (line.split("\t") for line in text.splitlines())]


def report(times, groups):
    """What is printed, as lines."""
    lines = ["the slowest tests:"]
    lines += [f"{seconds:8.1f} s  {binary}: {name}" for seconds, binary, name, _ in sorted(times, reverse=True)[:SLOWEST]]
    lines += ["the groups:"]
    lines += [f"{seconds:8.1f} s  {name}" for name, seconds in groups]
    return [*lines, f"{sum(seconds for _, seconds in groups):8.1f} s  in all"]


def self_test():
    log = """
     Running unittests src/lib.rs (target/debug/deps/domain-0123456789abcdef)
test access::tests::a_grant_ends ... ok <0.002s>
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
     Running all/main.rs (target/debug/deps/all-fedcba9876543210)
test model::they_agree has been running for over 60 seconds
test model::they_agree ... ok <61.500s>
test team::it_fails ... FAILED <1.250s>
"""
    times = times_in(log)
    assert times == [(0.002, "domain", "access::tests::a_grant_ends", "ok"), (61.5, "all", "model::they_agree", "ok"),
                     (1.25, "all", "team::it_fails", "FAILED")], times
    lines = report(times, groups_in("lints\t10.5\nend-to-end\t100\n"))
    assert lines[1] == "    61.5 s  all: model::they_agree" and lines[-1] == "   110.5 s  in all", lines


def main(arguments):
    if arguments == ["self-test"]:
        self_test()
        return
    if len(arguments) != 2:
        sys.exit(__doc__.strip())
    log, groups = (pathlib.Path(argument).read_text() for argument in arguments)
    times, groups = times_in(log), groups_in(groups)
    if not times:
        sys.exit(f"error: no test in {arguments[0]} says how long it took")
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = KEPT / f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H-%M-%SZ}.tsv"
    rows = [f"{seconds:.3f}\t{binary}\t{name}\t{outcome}" for seconds, binary, name, outcome in times]
    rows += [f"{seconds:.3f}\tgroup\t{name}\t" for name, seconds in groups]
    kept.write_text("\n".join([*rows, ""]))
    print("\n".join([*report(times, groups), f"the time of each test: {kept}"]))


if __name__ == "__main__":
    main(sys.argv[1:])
