#!/usr/bin/env python3
"""A gallery of every letter and of the pages behind links: light and dark, at full width and on a phone.

    mails.py           writes target/mails/index.html and its pictures
    mails.py docs      also writes the two pictures in docs/ anew

What is shown are the snapshots that the tests compare letters and pages with, so nothing is built for it, and the
gallery shows what the code says as long as the tests pass. Chromium draws them. It is told over a pipe what to draw
(the DevTools protocol): the colour scheme and the size of the screen are then those that the style asks for.

It ends with an error where a letter or page is wider than a phone, or its first action is below what a phone shows
without scrolling. Only the standard library is used.
"""

import base64
import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "target" / "mails"
LETTERS = ROOT / "shared" / "mail" / "src" / "letters" / "snapshots"
# What stands before the names of pages in the names of their snapshots.
PAGES = {"accept": "Invitations", "register": "Registration links", "hosted_documents": "Hosted links",
         "mail_preferences": "Mail preferences"}
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Width and height in CSS pixels. A letter is 600 wide, and has some ground at its sides.
WIDE = (664, 800)
PHONE = (390, 664)
SCREENS = {"wide": WIDE, "phone": PHONE}
SCHEMES = ("light", "dark")
MISSING = """error: Chromium is missing, which draws the gallery. On Debian and Ubuntu: apt install chromium;
on macOS: brew install --cask chromium. Or name a browser that is there: make mails CHROMIUM=<its path>"""
MEASURE = """(() => {
  const action = document.querySelector('.button, button');
  return JSON.stringify({
    height: Math.ceil(document.documentElement.getBoundingClientRect().height),
    width: document.documentElement.scrollWidth,
    action: action ? Math.ceil(action.getBoundingClientRect().bottom) : 0,
  });
})()"""


class Browser:
    """One Chromium with one page, driven over a pipe."""

    def __init__(self, program, profile):
        there, back = os.pipe(), os.pipe()
        for descriptor in (there[0], back[1]):
            os.set_inheritable(descriptor, True)

        def pipes():
            # Chromium reads what it is told from 3 and answers on 4. Neither may be lost while the other is set.
            heard, said = os.dup(there[0]), os.dup(back[1])
            heard, said = os.dup(heard), os.dup(said)
            os.dup2(heard, 3)
            os.dup2(said, 4)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
             "--remote-debugging-pipe", f"--user-data-dir={profile}", "--host-resolver-rules=MAP * ~NOTFOUND",
             "about:blank"],
            preexec_fn=pipes, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(there[0])
        os.close(back[1])
        self.to, self.answers = os.fdopen(there[1], "wb", 0), os.fdopen(back[0], "rb", 1 << 20)
        self.asked, self.unread, self.session = 0, b"", None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")

    def message(self):
        while b"\0" not in self.unread:
            more = self.answers.read1(1 << 20)
            if not more:
                raise SystemExit("error: Chromium ended before it had drawn everything")
            self.unread += more
        text, _, self.unread = self.unread.partition(b"\0")
        return json.loads(text)

    def ask(self, method, **parameters):
        self.asked += 1
        request = {"id": self.asked, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        self.to.write(json.dumps(request).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.asked:
                if "error" in answer:
                    raise SystemExit(f"error: Chromium refuses {method}: {answer['error']}")
                return answer["result"]

    def screen(self, width, height, scheme, scale):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                 mobile=width < 500)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, path):
        self.ask("Page.navigate", url=path.as_uri())
        while self.message().get("method") != "Page.loadEventFired":
            pass

    def draw(self, source, picture, size, scheme="light", scale=1):
        """Draws a document in its whole height. Returns its measures on that screen."""
        self.screen(*size, scheme, scale)
        self.open(source)
        measures = json.loads(self.ask("Runtime.evaluate", expression=MEASURE)["result"]["value"])
        self.screen(size[0], max(measures["height"], 1), scheme, scale)
        shot = self.ask("Page.captureScreenshot", format="png")
        picture.write_bytes(base64.b64decode(shot["data"]))
        return measures

    def close(self):
        self.to.close()
        self.process.wait(timeout=20)


def recorded(path):
    """The text of a snapshot, without its head."""
    return path.read_text().split("\n---\n", 1)[1]


def letters():
    """Each letter: its kind, its name, its subject, both parts."""
    for path in sorted(LETTERS.glob("*.snap")):
        name = path.stem.rpartition("__")[2]
        if name.startswith("hostile_"):
            continue
        head, text = recorded(path).split("\n======== text ========\n", 1)
        text, document = text.split("\n======== html ========\n", 1)
        fields = dict(line.partition(": ")[::2] for line in head.splitlines())
        kind = next(line.partition("=")[2] for line in head.splitlines() if line.startswith("Tag kind="))
        yield {"part": "Letters", "kind": kind.replace("-", " ").capitalize(), "name": f"letter_{name}",
               "title": fields["Subject"], "text": text, "html": document}


def pages():
    """Each page behind a link: whose it is, its name, its title, its document."""
    for path in sorted(ROOT.glob("functions/*/src/**/snapshots/*.snap")):
        crate, _, rest = path.stem.partition("__")
        if crate not in PAGES or "<!DOCTYPE html>" not in path.read_text():
            continue
        name, document = rest.rpartition("__")[2], recorded(path)
        title = html.unescape(re.search(r"<title>(.*?)</title>", document).group(1))
        yield {"part": "Pages behind links", "kind": PAGES[crate], "name": f"{crate}_{name}", "title": title,
               "text": None, "html": document}


def said(name):
    """A snapshot's name as people read it."""
    for prefix in ("letter", *PAGES):
        name = name.removeprefix(f"{prefix}_")
    return name.replace("_", " ").capitalize()


STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; padding: 24px; font: 15px/1.5 system-ui, sans-serif; background: light-dark(#e2e5ea, #0f1114); color: light-dark(#1f2530, #e6e9ee); }
nav { columns: 16em; max-width: 90em; }
h2 { margin: 48px 0 0; } h3 { margin: 32px 0 0; } h4 { margin: 16px 0 4px; font-weight: 600; }
.shots { display: flex; gap: 16px; align-items: flex-start; overflow-x: auto; padding-bottom: 8px; }
.shots img { display: block; border: 1px solid #8a93a0; border-radius: 6px; }
.wide { width: 498px; } .phone { width: 293px; }
pre { max-width: 80ch; white-space: pre-wrap; }
"""


def index(shown):
    """The gallery's page."""
    parts, links = [], []
    seen = set()
    for item in shown:
        for level, title in ((2, item["part"]), (3, item["kind"])):
            if title not in seen:
                seen.add(title)
                anchor = re.sub(r"[^a-z]+", "-", title.lower())
                parts.append(f'<h{level} id="{anchor}">{html.escape(title)}</h{level}>')
                if level == 3:
                    links.append(f'<a href="#{anchor}">{html.escape(title)}</a><br>')
        parts.append(f"<h4>{html.escape(said(item['name']))}: {html.escape(item['title'])}</h4>")
        shots = "".join(
            f'<a href="{item["name"]}.html"><img class="{screen}" loading="lazy" alt="{screen}, {scheme}" '
            f'src="{item["name"]}.{screen}.{scheme}.png"></a>'
            for scheme in SCHEMES for screen in SCREENS)
        parts.append(f'<div class="shots">{shots}</div>')
        if item["text"]:
            parts.append(f"<details><summary>The text part</summary><pre>{html.escape(item['text'])}</pre></details>")
    return ('<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Letters and pages</title>'
            f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
            f'<h1>Letters and pages</h1><nav>{"".join(links)}</nav>{"".join(parts)}</html>')


# The two pictures in docs/: which of the gallery's pictures stand beside each other.
MONTAGES = {
    "letters.png": ("letter_a_client_is_asked.wide.light", "letter_an_invoice_is_overdue.wide.dark",
                    "letter_a_contact_is_let_in.phone.light"),
    "pages.png": ("accept_a_client_is_asked_for_consent.wide.light", "hosted_documents_an_estimate_is_decided.wide.dark",
                  "accept_a_client_is_asked_for_consent.phone.dark"),
}
MONTAGE = """<!DOCTYPE html><meta charset="utf-8"><style>
html { height: 640px; overflow: hidden; } body { margin: 0; display: flex; gap: 20px; padding: 20px; height: 600px; background: #cdd2da; }
img { display: block; border-radius: 8px; object-fit: cover; object-position: top; height: 600px; } .wide { width: 470px; } .phone { width: 276px; }
</style>"""


def montages(browser):
    """Writes the two pictures in docs/."""
    for name, pictures in MONTAGES.items():
        source = OUT / f"{name}.html"
        images = "".join(f'<img class="{shot.split(".")[1]}" src="{shot}.png">' for shot in pictures)
        source.write_text(f"{MONTAGE}{images}")
        browser.draw(source, ROOT / "docs" / name, (1296, 640), scale=0.75)
        source.unlink()


def draw(browser):
    """Draws everything. Returns what is wrong with it."""
    shown, wrong = [*letters(), *pages()], []
    for item in shown:
        source = OUT / f"{item['name']}.html"
        source.write_text(item["html"])
        for screen, size in SCREENS.items():
            for scheme in SCHEMES:
                picture = OUT / f"{item['name']}.{screen}.{scheme}.png"
                measures = browser.draw(source, picture, size, scheme, 1.5)
                if scheme == "light" and measures["width"] > size[0]:
                    wrong.append(f"{item['name']} is {measures['width']} px wide on a screen of {size[0]}")
                if scheme == "light" and screen == "phone" and measures["action"] > size[1]:
                    wrong.append(f"{item['name']}: the action ends at {measures['action']} px, below the {size[1]} of a phone")
    (OUT / "index.html").write_text(index(shown))
    print(f"{len(shown)} letters and pages: {(OUT / 'index.html').relative_to(ROOT)}")
    return wrong


def main(arguments):
    named = os.environ.get("CHROMIUM")
    program = next(filter(None, map(shutil.which, [named] if named else PROGRAMS)), None)
    if not program:
        raise SystemExit(MISSING)
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            wrong = draw(browser)
            if arguments == ["docs"]:
                montages(browser)
        finally:
            browser.close()
    if wrong:
        raise SystemExit("error: " + "\n       ".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
