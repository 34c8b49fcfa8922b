#!/usr/bin/env python3
"""The tools that this repository brings itself, pinned, under .local/: made when missing, remade when their pins change.

    tools.py aws      the emulator and its client library    prints the path of its python
    tools.py lint     cfn-lint                               prints its path
    tools.py build    cargo-lambda                           prints its directory, for PATH
    tools.py deny     cargo-deny                             prints its path
    tools.py rust     installs nothing: prints what is missing to build the code

Only the standard library is used here: this runs before anything is installed.
"""

import contextlib
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
PINS = pathlib.Path(__file__).resolve().parent
CARGO_DENY = (PINS / "requirements-deny.txt").read_text().strip().rpartition("==")[2]
OLDEST_PYTHON = (3, 11)


class Missing(Exception):
    """A missing tool of this machine. The message names it, and how to get it."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(command, what):
    """Runs a command whose output matters only when it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Missing(f"{what} failed:\n{done.stdout.strip()}")


def environment(name):
    """The virtual environment `name`, holding exactly what requirements-`name`.txt pins."""
    if sys.version_info < OLDEST_PYTHON:
        raise Missing(f"Python {'.'.join(map(str, OLDEST_PYTHON))} or later is needed; {sys.executable} is "
                      f"{'.'.join(map(str, sys.version_info[:3]))}. Install one and run: make PYTHON=<its path> …")
    pins = PINS / f"requirements-{name}.txt"
    home = LOCAL / name
    stamp = home / ".pins"
    wanted = hashlib.sha256(pins.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return home / "bin"
    say(f"installing {pins.relative_to(ROOT)} into {home.relative_to(ROOT)} (once) …")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Missing("Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv") from None
    shutil.rmtree(home, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(home)], f"making {home}")
    run([str(home / "bin" / "pip"), "install", "--disable-pip-version-check", "--requirement", str(pins)],
        f"installing {pins.name} (is the Python package index reachable?)")
    stamp.write_text(wanted)
    return home / "bin"


def check_rust():
    """What cannot be brought along: Rust, and the linker that it uses."""
    if not shutil.which("cargo"):
        raise Missing("cargo is missing: install Rust with https://rustup.rs (the pinned toolchain is then fetched by itself)")
    if not shutil.which("cc"):
        raise Missing("a C compiler and linker (cc) is missing. On Debian and Ubuntu: apt install build-essential; "
                      "on macOS: xcode-select --install")


def cargo_deny():
    """Its Python package holds the binary; where there is none for this machine, it is built."""
    with contextlib.suppress(Missing):
        return environment("deny") / "cargo-deny"
    binary = LOCAL / "cargo" / "bin" / "cargo-deny"
    if binary.exists() and CARGO_DENY in subprocess.run([str(binary), "--version"], capture_output=True, text=True).stdout:
        return binary
    check_rust()
    say(f"building cargo-deny {CARGO_DENY} into .local/cargo (once, some minutes) …")
    # A target directory of its own: this must not disturb the workspace's.
    os.environ["CARGO_TARGET_DIR"] = str(LOCAL / "cargo-build")
    run(["cargo", "install", "cargo-deny", "--version", CARGO_DENY, "--locked", "--root", str(LOCAL / "cargo")],
        "building cargo-deny")
    shutil.rmtree(LOCAL / "cargo-build", ignore_errors=True)
    return binary


def main(arguments):
    match arguments:
        case ["aws"]:
            print(environment("aws") / "python")
        case ["lint"]:
            print(environment("lint") / "cfn-lint")
        case ["build"]:
            print(environment("build"))
        case ["deny"]:
            print(cargo_deny())
        case ["rust"]:
            check_rust()
        case _:
            sys.exit(__doc__.strip())


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Missing as missing:
        sys.exit(f"error: {missing}")
