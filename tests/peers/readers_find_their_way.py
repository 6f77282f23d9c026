"""What readers do beside reading: keep a view, see what arrives, shift labels, look around in the image, fill the form of
the context, exclude and sign by keys, read in the dark, and look at the demonstration."""
import os
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from peer import DXA, check, end, finish, free_port, wait, wait_for
from peer.browser import Browser
from peer.desk import PASSWORD, ask, changed, desk, open_study, store, version
from peer.reader_scans import changed as renamed
from peer.reader_scans import simulated

ROLES = {"chen": "physician", "wang": "technologist"}
# A profile with the OSTA index and thresholds of FRAX.
PROFILE = "china-2022"


def main():
    os.environ["DXA_STUDY__PROFILE"] = PROFILE
    with tempfile.TemporaryDirectory() as later, desk(ROLES, write) as (address, token, studies):
        with Browser(address) as browser:
            with browser.reader("chen", PASSWORD) as page:
                views_are_kept(page, studies)
                what_arrives_is_listed(page, address, token, Path(later))
                labels_are_shifted(page, studies["lateral"])
                the_image(page, studies["spine"])
                other_profiles(page, studies["spine"])
                the_form(page, address, token, studies["spine"])
                unprintable(page, studies["rare"])
                in_the_dark(page, studies)
            by_keys(browser, studies["hip"])
    del os.environ["DXA_STUDY__PROFILE"]
    the_demonstration()
    finish("ways of readers")


def write(folder):
    lateral = {"object": "dx", "spacing": "0.5", "fracture": "L1:wedge:35", "fractured": "0"}
    return {
        "lateral": simulated(folder, "lateral", "lateral-spine", 21, lateral, "Lateral^Simulated"),
        "spine": simulated(folder, "spine", "ap-spine", 5, {}, "Spine^Simulated", "20240517"),
        "hip": renamed(folder, "hip", "07-hologic-spine", "Keys^Alone"),
        "rare": renamed(folder, "rare", "07-hologic-spine-premenopausal", "Rare=\U0010fffd"),
    }


def rows(page):
    return page.locator("table.list tbody tr")


def views_are_kept(page, studies):
    page.goto("/?name=lateral")
    asked = []

    def answer(dialog):
        asked.append(dialog.message)
        dialog.accept("Mine <b>")

    page.once("dialog", answer)
    page.click("#save-view")
    own = page.locator("#own-views a")
    check(asked and own.count() == 1 and own.inner_text() == "Mine <b>", f"a view is not kept by its name: {asked}")
    page.goto("/")
    check(rows(page).count() == len(studies), "the list does not begin with every study")
    own.click()
    page.wait_for_url("**/?name=lateral*")
    check(rows(page).count() == 1, "a kept view shows other studies")
    check(own.get_attribute("aria-current") == "page", "a kept view is not marked as the one that is shown")


def what_arrives_is_listed(page, address, token, folder):
    """A study that is sent while the list is open appears, and whoever was at a study still is."""
    page.goto("/")
    before = rows(page).count()
    page.keyboard.press("j")
    at = page.evaluate("document.activeElement.getAttribute('href')")
    page.evaluate("window.stayed = true")
    scan = renamed(folder, "late", "12-bmd-map-dx", "Comes^Later")
    sending = threading.Thread(target=store, args=(address, token, {"late": scan}))
    sending.start()
    row = page.locator("table.list tbody tr").filter(has_text="Comes Later")
    row.wait_for(timeout=60_000)
    check(rows(page).count() == before + 1, "more than the new study is listed")
    row.locator(".pill.preliminary").wait_for(timeout=120_000)
    sending.join()
    check(page.evaluate("window.stayed === true"), "the list is loaded anew to show what arrives")
    check(page.evaluate("document.activeElement.getAttribute('href')") == at, "the reader lost the place in the list")


def levels(page):
    names = page.locator("table.vertebrae tbody tr.grade-0, table.vertebrae tbody tr.grade-1, table.vertebrae tbody tr.grade-2, table.vertebrae tbody tr.grade-3")
    return {row.get_attribute("data-level"): row.locator("[data-cell=anterior]").inner_text() for row in names.all()}


ORDER = [f"T{at}" for at in range(4, 13)] + [f"L{at}" for at in range(1, 6)]


def labels_are_shifted(page, uid):
    """Every vertebra takes the name of its neighbor and keeps its heights; taken back, all is as before."""
    open_study(page, uid)
    named = levels(page)
    for button, step in ((0, -1), (1, 1)):
        before = version(page)
        page.locator("#spine .actions button").nth(button).click()
        changed(page, before, "shifting the labels")
        shifted = levels(page)
        pairs = [(level, ORDER[ORDER.index(level) + step]) for level in named if 0 <= ORDER.index(level) + step < len(ORDER)]
        kept = [pair for pair in pairs if pair[1] in shifted]
        check(len(kept) >= len(named) - 2 and len(kept) >= 4, f"of {len(named)} levels {len(kept)} are there after a shift")
        for old, new in kept:
            check(shifted[new] == named[old], f"{old} became {new} with a height of {shifted[new]}, not {named[old]}")
        texts = [text.split()[0] for text in page.locator("#picture [data-layer=labels] text").all_text_contents()]
        check(all(new in texts for _, new in kept), f"the image is labelled {texts}")
        before = version(page)
        page.click("#undo")
        changed(page, before, "taking the shift back")
        check(levels(page) == named, "a shift that is taken back leaves other levels")


def box(page):
    return [float(part) for part in page.locator("#picture").get_attribute("viewBox").split()]


def slope(page):
    part = page.locator("#picture feFuncR")
    return float(part.get_attribute("slope")), float(part.get_attribute("intercept"))


def free_place(page):
    """A place of the image that no handle lies on, in the middle of what is seen of it."""
    page.evaluate("document.getElementById('picture').scrollIntoView({ block: 'center' })")
    return page.evaluate("""() => {
        const seen = document.getElementById('picture').getBoundingClientRect();
        for (let at = 0.3; at < 0.7; at += 0.02) {
            const [x, y] = [seen.x + seen.width * at, seen.y + seen.height * 0.5];
            const there = document.elementFromPoint(x, y);
            if (there?.closest('#picture') && !there.closest('.handle')) return [x, y];
        }
    }""")


def drag(page, start, by, button):
    page.mouse.move(*start)
    page.mouse.down(button=button)
    page.mouse.move(start[0] + by[0], start[1] + by[1], steps=5)
    page.mouse.up(button=button)


def the_image(page, uid):
    """Pan by mouse and by keys, window and level by the right button and by their controls."""
    open_study(page, uid)
    whole = box(page)
    start = free_place(page)
    drag(page, start, (40, 0), "left")
    check(box(page) == whole, "an image that is seen whole is moved away")
    for _ in range(3):
        page.click("#zoom-in")
    zoomed = box(page)
    check(abs(whole[2] / zoomed[2] - 1.4**3) < 0.01, f"three steps zoom from {whole} to {zoomed}")
    start = free_place(page)
    drag(page, start, (-30, -20), "left")
    moved = box(page)
    check(moved[0] > zoomed[0] and moved[1] > zoomed[1] and moved[2] == zoomed[2], f"a drag moves the image from {zoomed} to {moved}")
    scale = zoomed[2] / page.locator("#picture").bounding_box()["width"]
    check(abs((moved[0] - zoomed[0]) / scale - 30) < 2, f"30 pixels of the mouse are {(moved[0] - zoomed[0]) / scale:.1f} of the image")
    page.locator("#picture").focus()
    page.keyboard.press("ArrowLeft")
    check(box(page)[0] < moved[0], "the arrow does not move the image")
    page.click("#fit")
    check(box(page) == whole, "the whole image is not shown again")
    at_first = slope(page)
    start = free_place(page)
    drag(page, start, (-60, 0), "right")
    narrower = slope(page)
    check(narrower[0] > at_first[0] * 1.2, f"the right button does not narrow the window: {at_first} {narrower}")
    check(page.input_value("#width") == "195", f"60 pixels to the left make a width of {page.input_value('#width')}")
    drag(page, start, (0, -30), "right")
    check(page.input_value("#level") == "158", f"30 pixels up make a level of {page.input_value('#level')}")
    check(slope(page)[1] < narrower[1], "a higher level does not darken the image")
    page.locator("#width").fill("255")
    page.locator("#level").fill("128")
    check(slope(page) == at_first, "the controls do not bring the window back")


def other_profiles(page, uid):
    open_study(page, uid)
    details = page.locator("#regions details").first
    table = details.locator("table")
    check(not table.is_visible(), "the other profiles are open before anybody asks")
    details.locator("summary").click()
    check(table.is_visible(), "one click does not open the other profiles")
    profiles = table.locator("tbody tr")
    check(profiles.count() >= 4, f"{profiles.count()} profiles are compared")
    chosen = table.locator("tbody tr.chosen th")
    check(chosen.count() == 1 and PROFILE in chosen.inner_text(), "the chosen profile is not marked")
    scores = table.locator("tbody td").all_inner_texts()
    check(any(re.search(r"\d\.\d", score) for score in scores), f"no profile gives a score: {scores[:6]}")
    page.browser_of.check_accessible(page, "study with other profiles")


def percentiles(page):
    """The lines of a curve have their names, and the patient's own percentile is told with its table; the curves of a page."""
    curves = page.locator(".plot").filter(has=page.locator(".p50"))
    if curves.count() == 0:
        return 0
    curve = curves.first
    names = curve.locator("text.percentile").all_text_contents()
    check(sorted(names) == sorted(["P3", "P10", "P50", "P90", "P97"]), f"the lines are named {names}")
    told = curve.locator(".note").all_inner_texts()
    check(any(re.search(r"percentile [<>]?\d+ of people of the same age \(Z [−\d.]+\); .+\.", note) for note in told), f"no percentile is told: {told}")
    return curves.count()


def the_form(page, address, token, uid):
    """FRAX, the IOF test, and the weight that the OSTA index is made of: kept, and seen by the rules."""
    def outcome(rule):
        _, found = ask(address, token, f"/api/v1/studies/{uid}")
        return next((one["outcome"] for one in found["studies"][0]["assessment"]["rules"] if one["id"] == rule), None)

    fields = {"weight_kg": "40", "frax_major_percent": "21.5", "frax_hip_percent": "0.4"}
    answers = {"iof_one_minute.smoking": "true", "iof_one_minute.bmi_under_19": "false"}
    # A woman of 66: (40 - 66) / 5 is below -1, (95 - 66) / 5 above it. A major fracture in ten years: 20 % and more.
    for weight, osta, frax in (("40", "fired", "21.5"), ("95", "not_fired", "3.5")):
        fields |= {"weight_kg": weight, "frax_major_percent": frax}
        open_study(page, uid)
        before = version(page)
        page.click("a[href*='/context']")
        page.wait_for_selector("#context")
        for key, value in fields.items():
            page.fill(f'[data-key="{key}"]', value)
        for key, value in answers.items():
            page.select_option(f'[data-key="{key}"]', value)
        page.click("form.context .primary")
        page.wait_for_selector("#study", timeout=60_000)
        wait(lambda: version(page) > before or page.reload() is None and False, 60, "the form makes no new version")
        check(outcome("risk/osta") == osta, f"with {weight} kg the OSTA rule is {outcome('risk/osta')}, not {osta}")
        threshold = outcome("cn-2022/frax-threshold")
        check(threshold == osta, f"with FRAX {frax} % the threshold is {threshold}, not {osta}")
        rule = page.locator(".rules li").filter(has=page.locator("code", has_text="risk/osta"))
        check(rule.get_attribute("class").replace("-", "_") == osta, f"the page shows the OSTA rule as {rule.get_attribute('class')}")
        page.click("a[href*='/context']")
        page.wait_for_selector("#context")
        for key, value in (fields | answers).items():
            check(page.input_value(f'[data-key="{key}"]') == value, f"the form forgot {key}")
    count = page.locator('[data-key^="iof_one_minute."]').count()
    check(count == 19, f"the IOF test has {count} questions")


def unprintable(page, uid):
    """A report that no font can print is a page in the language of the reader."""
    for language, sentence in (("en", "This report cannot be printed."), ("zh-CN", "该报告无法打印。")):
        answer = page.goto(f"/api/v1/studies/{uid}/report.pdf?lang={language}")
        check(answer.status == 503 and page.locator("h1").inner_text() == sentence, f"{language}: {page.locator('body').inner_text()[:200]}")
        check("U+10FFFD" in page.locator("main").inner_text(), f"{language}: the letter is not named")
    page.goto("/?lang=en")
    page.browser_of.forget_errors(page)
    page.browser_of.errors = [error for error in page.browser_of.errors if "status of 503" not in error]


def in_the_dark(page, studies):
    """Axe judges contrast, too."""
    page.goto("/")
    if page.evaluate("document.documentElement.dataset.theme") != "dark":
        page.click("#theme")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    check(max(ground[:3]) < 80, f"the dark page lies on {ground}")
    page.browser_of.check_accessible(page, "worklist in the dark")
    page.goto("/?name=nobody")
    page.browser_of.check_accessible(page, "empty worklist in the dark")
    open_study(page, studies["lateral"])
    page.browser_of.check_accessible(page, "study of a lateral spine in the dark")
    page.click("a[href*='/context']")
    page.wait_for_selector("#context")
    check(page.evaluate("document.documentElement.dataset.theme") == "dark", "the dark is not kept")
    page.browser_of.check_accessible(page, "context in the dark")
    page.click("#add-fracture")
    page.browser_of.check_accessible(page, "context with a fracture in the dark")
    page.click("#theme")


def reach(page, matches, most=250):
    """Tab until something has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(what) => document.activeElement.matches(what)", matches):
            return True
    return False


def by_keys(browser, uid):
    """L3 is left out and the report signed without a mouse."""
    with browser.reader("chen", PASSWORD) as page:
        open_study(page, uid)
        before = version(page)
        check(reach(page, 'tr[data-site="L3"] button[data-put]'), "Tab does not lead to leaving out L3")
        page.keyboard.press("Enter")
        page.locator("#excluding").wait_for(state="visible")
        check(reach(page, "#excluding [type=radio]", 5), "Tab does not lead to the reasons")
        page.keyboard.press("ArrowDown")
        check(page.locator("#excluding [value=artefact]").is_checked(), "an arrow does not choose the next reason")
        check(reach(page, "#excluding [value=yes]", 5), "Tab does not lead to the end of the dialog")
        page.keyboard.press("Enter")
        changed(page, before, "leaving out by keys")
        check(page.locator('tr[data-site="L3"].excluded').count() == 1, "L3 is not left out")
        before = version(page)
        page.keyboard.press("s")
        page.locator("#signing").wait_for(state="visible")
        page.keyboard.press("Escape")
        check(not page.locator("#signing").is_visible() and version(page) == before, "Escape does not leave the signature")
        page.keyboard.press("s")
        check(reach(page, "#signing [value=yes]", 5) or page.evaluate("document.activeElement.matches('#signing [value=yes]')"), "Tab does not lead to the signature")
        page.keyboard.press("Enter")
        changed(page, before, "signing by keys")
        check(page.locator("[data-status]").get_attribute("data-status") == "final", "the report is not final")


def the_demonstration():
    """It starts by one command and lists its studies, and each of them opens."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        settings = {"DXA_WORK__DEADLINE_SECONDS": "300", "DXA_HTTP__LISTEN": f"127.0.0.1:{port}", "DXA_DIMSE__LISTEN": f"127.0.0.1:{free_port()}"}
        service = subprocess.Popen([DXA, "demo", "--data", str(Path(folder) / "demo")], env=os.environ | settings)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(f"{address}/readyz", service)
            with Browser(address) as browser, browser.tab() as page:
                page.goto("/")
                analyzed = page.locator("table.list tbody tr .pill.preliminary")
                listed = lambda: analyzed.count() == rows(page).count() >= 10
                wait(listed, 240, "the demonstration does not list ten studies with results")
                names = page.locator("table.list tbody th").all_inner_texts()
                check(sum("Visits" in name for name in names) == 2, f"the two visits are not listed: {names}")
                links = [link.get_attribute("href") for link in page.locator("table.list tbody th a").all()]
                curves = 0
                for link in links:
                    answer = page.goto(link)
                    check(answer.status == 200 and page.locator("#study").count() == 1, f"{link} of the demonstration does not open")
                    curves += percentiles(page)
                check(curves >= 2, f"the demonstration shows {curves} age curves")
        finally:
            end(service)


if __name__ == "__main__":
    if sys.argv[1:] == ["demo"]:
        the_demonstration()
        finish("ways of readers")
    main()
