"""A browser of other people, with people who are logged in, and a judge of accessibility."""
import io
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import sync_playwright

from peer import check

WINDOW = {"width": 1440, "height": 1000}
# Findings of axe that are taken seriously, and its rules of good practice beside those of WCAG.
SERIOUS = ("critical", "serious", "moderate")


class Browser:
    """Chromium as the system has it, on one service."""

    def __init__(self, address):
        self.address = address
        self.axe = Axe()
        self.errors = []

    def __enter__(self):
        self.playwright = sync_playwright().start()
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        self.chromium = self.playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        return self

    def __exit__(self, *_):
        self.chromium.close()
        self.playwright.stop()
        for error in self.errors:
            check(False, f"the browser says: {error}")
        check(True, "")

    @contextmanager
    def tab(self):
        """A page of somebody who is not logged in."""
        context = self.chromium.new_context(
            base_url=self.address, viewport=WINDOW, locale="en-US", color_scheme="light", reduced_motion="reduce"
        )
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.browser_of = self
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self.heard(page, said))
        try:
            yield page
        finally:
            context.close()

    def heard(self, page, said):
        """A status of 401, 403, 404 or 412 is an answer that a page deals with, and no error of the page."""
        if said.type == "error" and not any(f"status of {code}" in said.text for code in (401, 403, 404, 412, 422)):
            self.errors.append(f"{page.url}: {said.text}")

    def forget_errors(self, page):
        self.errors = [error for error in self.errors if not error.startswith(page.url)]

    @contextmanager
    def reader(self, name, password):
        """A page of somebody who is logged in."""
        with self.tab() as page:
            page.goto("/login")
            page.fill("[name=name]", name)
            page.fill("[name=password]", password)
            page.click("main button")
            page.wait_for_url(lambda url: not url.endswith("/login"))
            yield page

    def check_accessible(self, page, what):
        """Holds a page against axe."""
        found = self.axe.run(page).response["violations"]
        for one in found:
            if one["impact"] in SERIOUS:
                places = "; ".join(node["html"][:140] for node in one["nodes"][:3])
                check(False, f"{what}: axe finds {one['id']} ({one['impact']}): {places}")
        check(True, "")


def picture(page, name, clip=None, whole=True):
    """Keeps a picture of the page, of what the window shows of it, or of a part, small, where pictures are wanted."""
    if not os.environ.get("DXA_PICTURES"):
        return
    place = page.locator(clip) if clip else page
    page.evaluate("scrollTo(0, 0)")
    taken = place.screenshot(animations="disabled", **({} if clip else {"full_page": whole}))
    keep(Image.open(io.BytesIO(taken)), name)


def printed(pdf, name):
    """Keeps a picture of the first page of a PDF, where pictures are wanted."""
    if os.environ.get("DXA_PICTURES"):
        keep(pypdfium2.PdfDocument(pdf)[0].render(scale=1.4).to_pil(), name)


def keep(image, name):
    """Small, in the folder that is wanted."""
    image = image.convert("RGB")
    if image.width > 1200:
        image = image.resize((1200, round(image.height * 1200 / image.width)), Image.LANCZOS)
    few = image.quantize(96, dither=Image.Dither.NONE)
    few.save(Path(os.environ["DXA_PICTURES"]) / f"{name}.png", optimize=True)
