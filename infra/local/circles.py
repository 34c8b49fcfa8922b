#!/usr/bin/env python3
"""Finds source files that import each other in a circle, and crates that depend upward.

    circles.py              checks the workspace; names every circle and ends with 1 when there is one
    circles.py self-test    checks this program on small sources

Circles. A file depends on another file of its crate when it names something that is defined there. A
re-export is followed to the file that defines the item, so `use crate::Item` of `pub use item::Item`
depends on item.rs. Not counted: the crate's root (it names every module to put the crate together),
tests, and a `pub use` whose name the file does not use itself.

Arrows. Crates stand in layers, see LAYERS. A crate depends on lower layers only; crates of the layer `shared` may
also depend on each other, where cargo refuses circles.

This reads Rust well enough for paths, not as a compiler does: it sees no method calls and expands no
macros. Only the standard library is used.
"""

import pathlib
import re
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]

# From the bottom to the top.
LAYERS = ("pure", "services", "shared", "functions", "top")
# Crates that know nothing of the others: decisions, and code that any project could have.
PURE = ("backoff", "domain", "kms_error", "qr")
# Crates that each reach one service, or make one kind of output, and know none of their kind.
SERVICES = ("html", "links", "mail", "payments", "store")

# Circles that are known and are being untied: no other circle may come, and a line goes with its circle.
KNOWN = (
)

TOKEN = re.compile(r"r#\w+|\w+|::|[{}();,#!\[\]*=<>&]|->|'\w+|\S")
LITERALS = re.compile(
    r"""
    //[^\n]*                                    # a line comment
  | /\*                                         # a block comment: it may hold others
  | b?c?r(?P<hashes>\#*)".*?"(?P=hashes)        # a raw string
  | [bc]?"(?:\\.|[^"\\])*"                      # a string
  | b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\])'       # a character, not a lifetime
    """,
    re.VERBOSE | re.DOTALL,
)


# ---- Reading Rust ------------------------------------------------------------------------------------------


def without_literals(source):
    """The source with comments and literals blanked."""
    out, at = [], 0
    while found := LITERALS.search(source, at):
        out.append(source[at:found.start()])
        at = found.end()
        if found.group() == "/*":
            depth = 1
            while depth and (mark := re.compile(r"/\*|\*/").search(source, at)):
                depth += 1 if mark.group() == "/*" else -1
                at = mark.end()
        out.append(" ")
    return "".join([*out, source[at:]])


def skip_block(tokens, at, opening="{", closing="}"):
    """The place behind the bracket that closes the one at `at`."""
    depth = 0
    while at < len(tokens):
        depth += {opening: 1, closing: -1}.get(tokens[at], 0)
        at += 1
        if depth == 0:
            break
    return at


def skip_item(tokens, at):
    """The place behind the item that begins at `at`: behind its `;` or its block."""
    while at < len(tokens) and tokens[at] not in ("{", ";"):
        at = skip_block(tokens, at, "(", ")") if tokens[at] == "(" else at + 1
    return skip_block(tokens, at) if at < len(tokens) and tokens[at] == "{" else at + 1


def without_tests(tokens):
    """The tokens without what only a test build has, and without attributes."""
    out, at = [], 0
    while at < len(tokens):
        if tokens[at] == "#" and tokens[at + 1:at + 2] in (["["], ["!"]):
            end = skip_block(tokens, tokens.index("[", at), "[", "]")
            is_test = tokens[at:end] == ["#", "[", "cfg", "(", "test", ")", "]"]
            at = end
            if is_test:
                while tokens[at:at + 2] == ["#", "["]:
                    at = skip_block(tokens, at + 1, "[", "]")
                at = skip_item(tokens, at)
            continue
        out.append(tokens[at])
        at += 1
    return out


def use_tree(tokens, at, prefix):
    """The paths of one `use`, from `at`: pairs of path and the name it gets (`*` for all of them). And the place behind."""
    path = list(prefix)
    while at < len(tokens):
        token = tokens[at]
        if token == "{":
            found, at = [], at + 1
            while tokens[at] != "}":
                inner, at = use_tree(tokens, at, path)
                found += inner
                if tokens[at] not in (",", "}"):
                    raise ValueError(f"cannot read this use: {' '.join(tokens[at - 8:at + 8])}")
                at += tokens[at] == ","
            return found, at + 1
        if token in (",", ";", "}"):
            break
        if token == "as":
            return [(path, tokens[at + 1])], at + 2
        if token == "*":
            return [(path, "*")], at + 1
        if token == "self" and path:
            at += 1
            if tokens[at] != "as":
                return [(path, path[-1])], at
            continue
        if token != "::":
            path.append(token)
        at += 1
    return [(path, path[-1] if path else "")], at


class Source:
    """What one file says: its modules, its imports, and the paths in its code."""

    def __init__(self, text):
        tokens = without_tests(TOKEN.findall(without_literals(text)))
        self.modules, self.imports, self.paths = [], [], []
        depth_of_inline, depth, at = [], 0, 0
        while at < len(tokens):
            token = tokens[at]
            if token == "mod" and at + 2 < len(tokens) and tokens[at + 2] in (";", "{"):
                if tokens[at + 2] == ";":
                    self.modules.append(tokens[at + 1])
                    at += 3
                    continue
                depth_of_inline.append(depth)
                at += 2
                continue
            if token == "use" and tokens[at + 1] != "<":
                public = at > 0 and tokens[at - 1] in ("pub", ")") and "pub" in tokens[max(0, at - 6):at]
                found, at = use_tree(tokens, at + 1, [])
                # Inside `mod x { … }`, `super` is this file.
                for path, name in found:
                    for _ in depth_of_inline:
                        if path[:1] == ["super"]:
                            path = ["self", *path[1:]] if path[1:2] != ["super"] else path[1:]
                    self.imports.append((path, name, public))
                continue
            if token == "{":
                depth += 1
            elif token == "}":
                depth -= 1
                if depth_of_inline and depth_of_inline[-1] == depth:
                    depth_of_inline.pop()
            elif re.match(r"[A-Za-z_]", token) and (at == 0 or tokens[at - 1] not in ("::", "fn", "'")):
                path = [token]
                while tokens[at + 1:at + 2] == ["::"] and re.match(r"[A-Za-z_]", (tokens[at + 2:at + 3] or ["-"])[0]):
                    path.append(tokens[at + 2])
                    at += 2
                if path[0] == "super" and depth_of_inline:
                    path = ["self", *path[1:]]
                self.paths.append(path)
            at += 1


class Crate:
    """The files of one crate target, from its root."""

    def __init__(self, root):
        self.sources, self.parents, self.children = {}, {}, {}
        self.root = root
        self.read(root, None)

    def read(self, path, parent):
        self.sources[path] = source = Source(path.read_text())
        self.parents[path] = parent
        folder = path.parent if parent is None or path.name == "mod.rs" else path.with_suffix("")
        self.children[path] = {}
        for name in source.modules:
            for candidate in (folder / f"{name}.rs", folder / name / "mod.rs"):
                if candidate.exists():
                    self.children[path][name] = candidate
                    self.read(candidate, path)

    def resolve(self, path, here, seen=()):
        """The file that defines what a path names from `here`; None when that is no file of this crate."""
        first, rest = path[0], path[1:]
        if first == "crate":
            return self.within(self.root, rest, seen)
        if first == "self":
            return self.within(here, rest, seen)
        if first == "super":
            return self.resolve(["self", *rest], self.parents[here], seen) if self.parents[here] else None
        if first in self.children[here]:
            return self.within(here, path, seen)
        return None

    def within(self, module, path, seen=()):
        """The file that defines `path` of a module."""
        if not path:
            return module
        first, rest = path[0], path[1:]
        if first in self.children[module]:
            return self.within(self.children[module][first], rest, seen)
        if (module, first) in seen:
            return module
        seen = (*seen, (module, first))
        for target, name, _ in self.sources[module].imports:
            if name == first and target:
                return self.resolve([*target, *rest], module, seen) or (None if target[0] != "crate" else module)
        if first == "super":
            return self.resolve(path, module, seen)
        globs = [target for target, name, _ in self.sources[module].imports if name == "*"]
        for target in globs:
            found = self.resolve(target, module, seen)
            if found and self.defines(found, first):
                return found
        return module

    def defines(self, module, name):
        return any(path == [name] for path in self.sources[module].paths) or name in self.children[module]

    def edges(self):
        """File -> the files that it depends on."""
        edges = {}
        for here, source in self.sources.items():
            used = {path[0] for path in source.paths}
            named = [path for path, name, public in source.imports if path and (not public or name in used)]
            found = {self.resolve(path, here) for path in named + [path for path in source.paths if len(path) > 1]}
            edges[here] = {each for each in found if each and each not in (here, self.root)}
        edges.pop(self.root)
        return edges


def circles_in(edges):
    """The groups of files that reach each other (Tarjan's strongly connected components of more than one)."""
    index, low, stack, groups = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(edges.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(group) > 1:
                groups.append(frozenset(group))

    for node in sorted(edges):
        if node not in index:
            visit(node)
    return groups


# ---- The workspace -----------------------------------------------------------------------------------------


def crates(root):
    """Every crate of the workspace: folder -> its Cargo.toml."""
    members = tomllib.loads((root / "Cargo.toml").read_text())["workspace"]["members"]
    folders = sorted(folder for member in members for folder in root.glob(member) if (folder / "Cargo.toml").exists())
    return {folder: tomllib.loads((folder / "Cargo.toml").read_text()) for folder in folders}


def layer(root, folder):
    place = folder.relative_to(root).parts[0]
    if place == "shared":
        return "pure" if folder.name in PURE else "services" if folder.name in SERVICES else "shared"
    return "functions" if place == "functions" else "top"


def upward(root):
    """The dependencies that point up, or from function to function, as sentences."""
    found = crates(root)
    layers = {manifest["package"]["name"]: layer(root, folder) for folder, manifest in found.items()}
    wrong = []
    for folder, manifest in found.items():
        name = manifest["package"]["name"]
        for kind in ("dependencies", "dev-dependencies", "build-dependencies"):
            for other in manifest.get(kind, {}):
                if other not in layers:
                    continue
                rise = LAYERS.index(layers[other]) - LAYERS.index(layers[name])
                if rise > 0 or (rise == 0 and layers[name] not in ("shared", "top")):
                    wrong.append(f"{folder.relative_to(root)}/Cargo.toml: {name} ({layers[name]}) "
                                 f"depends on {other} ({layers[other]})")
    return wrong


def targets(folder):
    """The roots of a crate's targets that are part of the product or of its tools."""
    return [path for path in (folder / "src/lib.rs", folder / "src/main.rs", *sorted(folder.glob("src/bin/*.rs")),
                              folder / "all/main.rs") if path.exists()]


def check(root, known):
    """What is wrong, as sentences with the files."""
    wrong, found = upward(root), []
    for folder in crates(root):
        for target in targets(folder):
            edges = Crate(target).edges()
            for group in circles_in(edges):
                names = {str(path.relative_to(root)) for path in group}
                found.append(names)
                if any(names <= set(each) for each in known):
                    continue
                lines = [f"  {path.relative_to(root)} uses {', '.join(sorted(str(other.relative_to(folder)) for other in edges[path] & group))}"
                         for path in sorted(group)]
                wrong.append("\n".join([f"{len(group)} files import each other in a circle:", *lines]))
    for each in known:
        if not any(names <= set(each) for names in found):
            wrong.append(f"this circle is untied: take its line out of KNOWN in infra/local/circles.py: {', '.join(sorted(each))}")
    return wrong


# ---- Self-test ---------------------------------------------------------------------------------------------

NO_CIRCLE = {
    "src/lib.rs": "mod a; mod b; mod c; pub use a::A; pub struct App; fn mount() { c::show(); }",
    # A re-export is followed; the root is not counted; comments, strings and tests do not count.
    "src/a.rs": "/* crate::c::C /* nested */ */ // crate::b::B\npub struct A; const T: &str = \"crate::b::B\"; fn f<'a>(c: char) { c == '\"'; }\n"
                "#[cfg(test)] mod tests { use crate::b::B; }",
    "src/b.rs": "use crate::{A, App}; pub struct B;",
    "src/c.rs": "use crate::b::{self, B}; pub(crate) fn show() { b::f(); super::b::f(); }",
}
CIRCLES = {
    "by use": {"src/lib.rs": "mod a; mod b;", "src/a.rs": "use crate::b::B; pub struct A;",
               "src/b.rs": "use super::a::{A as Other}; pub struct B;"},
    "by a path in code": {"src/lib.rs": "mod a; mod b;", "src/a.rs": "fn f() { crate::b::g() }", "src/b.rs": "fn g() { super::a::f() }"},
    "through re-exports": {"src/lib.rs": "mod a; mod b; pub use a::A; pub use b::B;", "src/a.rs": "use crate::B; pub struct A;",
                           "src/b.rs": "use crate::A; pub struct B;"},
    "of parent and child": {"src/lib.rs": "mod a;", "src/a.rs": "mod b; pub struct A; fn f() { b::g() }", "src/a/b.rs": "use super::A; fn g() {}"},
    "of three": {"src/lib.rs": "mod a; mod b; mod c;", "src/a.rs": "use crate::b::*; struct A;", "src/b.rs": "use crate::c::C; struct B;",
                 "src/c.rs": "mod inner { use super::super::a::A; } struct C;"},
}
# Parent and child, but the parent only hands the child's names on, or the child needs nothing of the parent.
STRAIGHT = {"src/lib.rs": "mod a;", "src/a.rs": "mod b; pub use b::B; pub struct A;", "src/a/b.rs": "use super::A; pub struct B;"}


def self_test():
    def circles(sources):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in sources.items():
                path = pathlib.Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return circles_in(Crate(pathlib.Path(folder) / "src/lib.rs").edges())

    assert circles(NO_CIRCLE) == [], circles(NO_CIRCLE)
    assert circles(STRAIGHT) == [], circles(STRAIGHT)
    for name, sources in CIRCLES.items():
        found = circles(sources)
        assert [len(group) for group in found] == [len(sources) - 1], (name, found)

    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, needs in {"shared/domain": "", "shared/store": "domain.workspace = true", "functions/one": "store = {}",
                            "functions/two": "one = {}", "shared/low": "one = {}", "shared/mail": "store = {}",
                            "shared/other": "store = {}\nlow = {}"}.items():
            (root / name / "src").mkdir(parents=True)
            (root / name / "Cargo.toml").write_text(f'[package]\nname = "{pathlib.Path(name).name}"\n[dependencies]\n{needs}\n')
            (root / name / "src/lib.rs").write_text("")
        (root / "Cargo.toml").write_text('[workspace]\nmembers = ["shared/*", "functions/*"]\n')
        wrong = [each.split(":")[0] for each in check(root, [])]
        assert wrong == ["functions/two/Cargo.toml", "shared/low/Cargo.toml", "shared/mail/Cargo.toml"], wrong
        a, b = root / "shared/low/src/a.rs", root / "shared/low/src/b.rs"
        (root / "shared/low/src/lib.rs").write_text("mod a; mod b;")
        a.write_text("use crate::b::B;")
        b.write_text("use crate::a::A;")
        known = [("shared/low/src/a.rs", "shared/low/src/b.rs")]
        assert len(check(root, [])) == 4 and len(check(root, known)) == 3, check(root, known)
        b.write_text("")
        assert any("untied" in each for each in check(root, known)), check(root, known)


def main(arguments):
    if arguments == ["self-test"]:
        self_test()
    elif arguments:
        sys.exit(__doc__.strip())
    elif wrong := check(ROOT, KNOWN):
        sys.exit("error: " + "\n".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
