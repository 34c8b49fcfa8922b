"""Chromium without a window, told over a pipe what to draw (the DevTools protocol). Only the standard library is used.

The colour scheme and the size of the screen are then those that a page's style asks for. One Chromium has several tabs,
each for a thread of its own.
"""

import base64
import concurrent.futures
import json
import os
import shutil
import subprocess
import tempfile
import threading

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = """error: Chromium is missing, which draws the gallery. On Debian and Ubuntu: apt install chromium;
on macOS: brew install --cask chromium. Or name a browser that is there: make mails CHROMIUM=<its path>"""
# The longest that Chromium may take for an answer, in seconds.
PATIENCE_S = 120
# What a document measures once its pictures are there or are given up. A button for something else is not its action.
MEASURE = """(async () => {
  await Promise.all([...document.images].map(image => image.complete || new Promise(done => image.onload = image.onerror = done)));
  const action = document.querySelector('.button:not(.other), button:not(.other)');
  return JSON.stringify({
    height: Math.ceil(document.documentElement.getBoundingClientRect().height),
    width: document.documentElement.scrollWidth,
    action: action ? Math.ceil(action.getBoundingClientRect().bottom) : 0,
  });
})()"""


def program():
    """The path of Chromium: that of the variable CHROMIUM, if it is set."""
    named = os.environ.get("CHROMIUM")
    found = next(filter(None, map(shutil.which, [named] if named else PROGRAMS)), None)
    if not found:
        raise SystemExit(MISSING)
    return found


class Browser:
    """One Chromium, driven over a pipe. A context manager: it ends with the block."""

    def __init__(self, path):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
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
            [path, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
             "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}", "--host-resolver-rules=MAP * ~NOTFOUND",
             "about:blank"],
            preexec_fn=pipes, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(there[0])
        os.close(back[1])
        self.to, self.answers = os.fdopen(there[1], "wb", 0), os.fdopen(back[0], "rb", 1 << 20)
        self.lock, self.asked = threading.Lock(), 0
        # What was asked and is not answered yet, by its number.
        self.waiting = {}
        threading.Thread(target=self.listen, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.to.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.profile.cleanup()

    def listen(self):
        """Hands each answer to who asked, until Chromium ends."""
        unread = b""
        while more := self.answers.read1(1 << 20):
            *messages, unread = (unread + more).split(b"\0") if b"\0" in more else [unread + more]
            for message in map(json.loads, messages):
                if "id" in message:
                    self.waiting.pop(message["id"]).set_result(message)
        for answer in list(self.waiting.values()):
            answer.cancel()

    def ask(self, method, session=None, **parameters):
        answer = concurrent.futures.Future()
        with self.lock:
            self.asked += 1
            request = {"id": self.asked, "method": method, "params": parameters}
            if session:
                request["sessionId"] = session
            self.waiting[self.asked] = answer
            self.to.write(json.dumps(request).encode() + b"\0")
        try:
            answer = answer.result(PATIENCE_S)
        except concurrent.futures.CancelledError:
            raise SystemExit("error: Chromium ended before it had drawn everything") from None
        except TimeoutError:
            raise SystemExit(f"error: Chromium does not answer {method}") from None
        if "error" in answer:
            raise SystemExit(f"error: Chromium refuses {method}: {answer['error']}")
        return answer["result"]


class Tab:
    """A page of its own, in a window of its own: a page behind another one is not drawn."""

    def __init__(self, browser):
        self.browser = browser
        target = browser.ask("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        self.session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.frame = self.ask("Page.getFrameTree")["frameTree"]["frame"]["id"]

    def ask(self, method, **parameters):
        return self.browser.ask(method, self.session, **parameters)

    def screen(self, width, height, scale):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                 mobile=width < 500)

    def scheme(self, scheme):
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, path):
        """Opens a file of HTML, which has everything in it: written into an empty page it is there at once."""
        self.ask("Page.setDocumentContent", frameId=self.frame, html=path.read_text())

    def fit(self, size, scale=1):
        """Shows the document that is open on a screen. Returns its measures there; the screen then has its whole height."""
        self.screen(*size, scale)
        said = self.ask("Runtime.evaluate", expression=MEASURE, awaitPromise=True)
        measures = json.loads(said["result"]["value"])
        self.screen(size[0], max(measures["height"], 1), scale)
        return measures

    def draw(self, picture, scheme):
        """Draws the document that is open."""
        self.scheme(scheme)
        shot = self.ask("Page.captureScreenshot", format="png", optimizeForSpeed=True)
        picture.write_bytes(base64.b64decode(shot["data"]))
