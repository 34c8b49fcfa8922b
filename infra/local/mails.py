#!/usr/bin/env python3
"""A gallery of every letter and of the pages behind links: in every language, light and dark, at full width and on a phone.

    mails.py           writes target/mails/index.html and its pictures
    mails.py docs      also writes the two pictures in docs/ anew

The tests that compare letters and pages with their snapshots write them for the gallery: it shows what the code says
now, recorded or not, and has no examples of its own. Chromium draws them.

It ends with an error where a letter or page is wider than a phone, its first action is below what a phone shows without
scrolling, or a language is missing. Only the standard library is used.
"""

import base64
import concurrent.futures
import html
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import time

import browser

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "target" / "mails"
LETTERS = "letters"
# The functions whose pages they are, as a reader names them; another function has its own name.
PAGES = {"accept": "Invitations", "register": "Registration links", "hosted-documents": "Hosted links",
         "mail-preferences": "Mail preferences"}
# The languages as their readers name them, in the order of the switch.
LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "nl": "Nederlands", "es": "Español"}
# Width and height in CSS pixels. A letter is 600 wide, and has some ground at its sides.
SCREENS = {"wide": (664, 800), "phone": (390, 664)}
SCHEMES = ("light", "dark")
TABS = max(2, os.cpu_count() or 2)


def written():
    """Has the tests write every letter and page into the gallery. The snapshots stay as they are."""
    tests = subprocess.run(
        ["cargo", "test", "--quiet", "--workspace", "--lib", "as_recorded"], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "MAILS_DIR": str(OUT), "INSTA_FORCE_PASS": "1", "INSTA_UPDATE": "no"})
    if tests.returncode:
        raise SystemExit(f"{tests.stdout}\nerror: the tests cannot write letters and pages")


def documents():
    """Each letter and page: its part of the gallery, its kind, its name, and for each language title, text and file."""
    found = {}
    for source in sorted(OUT.glob("*/*.html")):
        of, (name, language) = source.parent.name, source.stem.rsplit(".", 1)
        title = html.unescape(re.search(r"<title>(.*?)</title>", source.read_text()).group(1))
        part, kind, text = "Pages behind links", PAGES.get(of, of.replace("-", " ").capitalize()), None
        if of == LETTERS:
            head, text = source.with_suffix(".txt").read_text().split("\n\n", 1)
            fields = dict(line.split(": ", 1) for line in head.splitlines())
            part, kind, title = "Letters", fields["Kind"].replace("-", " ").capitalize(), fields["Subject"]
        item = found.setdefault((of, name), {"part": part, "kind": kind, "name": name, "of": of, "in": {}})
        item["in"][language] = {"title": title, "text": text, "source": source}
    return sorted(found.values(), key=lambda item: (item["part"], item["kind"], item["name"]))


def missing(shown):
    """What should be there and is not: languages, and pages of a function whose tests record some."""
    wrong = [f"{item['of']}/{item['name']} is not written in {language}"
             for item in shown for language in LANGUAGES if language not in item["in"]]
    recorded = set()
    for snapshot in ROOT.glob("*/*/src/**/snapshots/*.snap"):
        if "<!DOCTYPE html>" in snapshot.read_text():
            crate = snapshot.stem.partition("__")[0]
            recorded.add(LETTERS if crate == "mail" else crate.replace("_", "-"))
    return wrong + [f"the tests of {of} write nothing for the gallery"
                    for of in sorted(recorded - {item["of"] for item in shown})]


def picture(source, screen, scheme):
    """The picture of a document."""
    return source.with_suffix(f".{screen}.{scheme}.png")


def drawn(tab, source):
    """Draws a document on every screen. Returns what is wrong with it."""
    wrong, named = [], source.relative_to(OUT)
    tab.open(source)
    for screen, size in SCREENS.items():
        measures = tab.fit(size)
        if measures["width"] > size[0]:
            wrong.append(f"{named} is {measures['width']} px wide on a screen of {size[0]}")
        if screen == "phone" and measures["action"] > size[1]:
            wrong.append(f"{named}: the action ends at {measures['action']} px, below the {size[1]} of a phone")
        for scheme in SCHEMES:
            tab.draw(picture(source, screen, scheme), scheme)
    return wrong


def draw(chromium, shown):
    """Draws everything, several documents at once. Returns what is wrong."""
    tabs = queue.SimpleQueue()
    for _ in range(TABS):
        tabs.put(browser.Tab(chromium))

    def one(source):
        tab = tabs.get()
        try:
            return drawn(tab, source)
        finally:
            tabs.put(tab)

    sources = [said["source"] for item in shown for said in item["in"].values()]
    with concurrent.futures.ThreadPoolExecutor(TABS) as pool:
        return [wrong for found in pool.map(one, sources) for wrong in found]


STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; padding: 24px; font: 15px/1.5 system-ui, sans-serif; background: light-dark(#e2e5ea, #0f1114); color: light-dark(#1f2530, #e6e9ee); }
a { color: light-dark(#1d4fa8, #9dc0ff); } nav.kinds { columns: 16em; max-width: 90em; }
h2 { margin: 48px 0 0; } h3 { margin: 32px 0 0; } h4 { margin: 24px 0 0; font-weight: 600; scroll-margin-top: 16px; }
.languages { margin: 0 0 6px; } .languages > * { margin-right: 12px; } .languages b { font-weight: 600; }
.shots { display: flex; gap: 16px; align-items: flex-start; overflow-x: auto; padding-bottom: 8px; }
.shots img { display: block; border: 1px solid #8a93a0; border-radius: 6px; }
.wide { width: 498px; } .phone { width: 293px; }
pre { max-width: 80ch; white-space: pre-wrap; }
"""


def page_of(language):
    """The gallery's page in a language."""
    return "index.html" if language == "en" else f"index.{language}.html"


def switch(language, anchor=""):
    """Links to the same place in the other languages."""
    return '<p class="languages">' + "".join(
        f'<b lang="{other}">{name}</b>' if other == language
        else f'<a lang="{other}" href="{page_of(other)}{anchor}">{name}</a>'
        for other, name in LANGUAGES.items()) + "</p>"


def entry(item, language):
    """A letter or page in the gallery, in a language."""
    said, anchor = item["in"][language], f"{item['of']}-{item['name']}"
    name = html.escape(item["name"].replace("_", " ").capitalize())
    shots = "".join(
        f'<a href="{item["of"]}/{said["source"].name}"><img class="{screen}" loading="lazy" alt="{name}, {screen}, {scheme}" '
        f'src="{item["of"]}/{picture(said["source"], screen, scheme).name}"></a>'
        for scheme in SCHEMES for screen in SCREENS)
    text = f"<details><summary>The text part</summary><pre>{html.escape(said['text'])}</pre></details>" if said["text"] else ""
    return (f'<h4 id="{anchor}">{name}: <span lang="{language}">{html.escape(said["title"])}</span></h4>'
            f'{switch(language, f"#{anchor}")}<div class="shots">{shots}</div>{text}')


def index(shown, language):
    """The gallery's page in a language."""
    parts, links, seen = [], [], set()
    for item in shown:
        for level, title in ((2, item["part"]), (3, item["kind"])):
            if (item["part"], title) not in seen:
                seen.add((item["part"], title))
                anchor = re.sub(r"[^a-z]+", "-", f"{item['part']} {title}".lower())
                parts.append(f'<h{level} id="{anchor}">{html.escape(title)}</h{level}>')
                if level == 3:
                    links.append(f'<a href="#{anchor}">{html.escape(title)}</a><br>')
        if language in item["in"]:
            parts.append(entry(item, language))
    return ('<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Letters and pages</title>'
            f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
            f'<h1>Letters and pages</h1>{switch(language)}<nav class="kinds">{"".join(links)}</nav>{"".join(parts)}</html>')


# The two pictures in docs/: which of the gallery's pictures stand beside each other.
MONTAGES = {
    "letters.png": ("letters/a_client_is_asked.en.wide.light", "letters/an_invoice_is_overdue.de.wide.dark",
                    "letters/a_contact_is_let_in.fr.phone.light"),
    "pages.png": ("accept/a_client_is_asked_for_consent.en.wide.light",
                  "hosted-documents/an_estimate_is_decided.nl.wide.dark",
                  "accept/a_client_is_asked_for_consent.es.phone.dark"),
}
MONTAGE = """<!DOCTYPE html><meta charset="utf-8"><style>
html { height: 640px; overflow: hidden; } body { margin: 0; display: flex; gap: 20px; padding: 20px; height: 600px; background: #cdd2da; }
img { display: block; border-radius: 8px; object-fit: cover; object-position: top; height: 600px; } .wide { width: 470px; } .phone { width: 276px; }
</style>"""


def montages(tab):
    """Writes the two pictures in docs/."""
    for name, pictures in MONTAGES.items():
        source = OUT / f"{name}.html"
        images = "".join(
            f'<img class="{shot.split(".")[2]}" src="data:image/png;base64,{base64.b64encode((OUT / f"{shot}.png").read_bytes()).decode()}">'
            for shot in pictures)
        source.write_text(f"{MONTAGE}{images}")
        tab.open(source)
        tab.fit((1296, 640), 0.75)
        tab.draw(ROOT / "docs" / name, "light")
        source.unlink()


def main(arguments):
    program = browser.program()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    written()
    shown, begun = documents(), time.monotonic()
    with browser.Browser(program) as chromium:
        wrong = missing(shown) + draw(chromium, shown)
        if arguments == ["docs"]:
            montages(browser.Tab(chromium))
    for language in LANGUAGES:
        (OUT / page_of(language)).write_text(index(shown, language))
    count = len(list(OUT.glob("*/*.png")))
    print(f"{len(shown)} letters and pages, {count} pictures in {time.monotonic() - begun:.0f} s: "
          f"{(OUT / 'index.html').relative_to(ROOT)}")
    if wrong:
        raise SystemExit("error: " + "\n       ".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
