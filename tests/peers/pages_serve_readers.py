"""Readers use the pages in a browser: list, open, move a point, exclude a vertebra, sign, amend, by keys alone, in two languages.

DXA_PICTURES names a folder for pictures of the pages, those of docs/pages.md.
"""
import json
import time
import urllib.request

from peer import check, finish, wait
from peer.browser import Browser, picture, printed
from peer.desk import PASSWORD, anterior_for, ask, changed, desk, grade, move_to, open_study, opened, points_of, version
from peer.reader_scans import LONG_NAME, write_scans

ROLES = {"chen": "physician", "li": "viewer", "wang": "technologist", "zhou": "researcher"}


def main():
    with desk(ROLES, write_scans) as (address, token, studies):
        use(address, token, studies)
    finish("properties of the pages")


def use(address, token, studies):
    with Browser(address) as browser:
        logging_in(browser)
        with browser.reader("chen", PASSWORD) as page:
            the_list(page, studies)
            a_vertebra(page, studies["lateral"])
            a_lumbar_spine(page, studies)
            taken_in(page, studies["outlier"])
            a_point_put_back(page, studies["lateral"])
            somebody_else(page, address, token, studies["lateral"])
            on_paper(page, studies["lateral"])
            the_context(page, address, token, studies["spine"])
            signing(page, address, token, studies["lateral"])
            odd_studies(page, studies)
            chinese(page, studies)
            clear_and_fast(page, studies)
        on_file(address, token, studies)
        roles(browser, studies)
        keys_alone(browser, studies)


def logging_in(browser):
    with browser.tab() as page:
        page.goto("/")
        check(page.url.endswith("/login"), "nobody is sent to the login")
        page.fill("[name=name]", "chen")
        page.fill("[name=password]", "not the password")
        page.click("main button")
        check(page.locator("[role=alert]").is_visible(), "a wrong password is not said to be wrong")
        browser.check_accessible(page, "login")
        picture(page, "login", whole=False)


def the_list(page, studies):
    page.goto("/")
    rows = page.locator("table.list tbody tr")
    check(rows.count() == len(studies), f"{rows.count()} studies are listed, not {len(studies)}")
    check(page.locator("table.list img, table.list script").count() == 0, "a name became markup")
    check(not any("^" in name for name in page.locator("table.list th bdi").all_inner_texts()), "names show carets")
    check(page.get_by_text("<script>", exact=False).count() == 1, "an injected name is not shown as text")
    check(page.evaluate("window.injected === undefined"), "an injected name ran")
    check(page.locator("table.list tr.grave .chip").count() >= 1, "nothing is marked as urgent")
    page.browser_of.check_accessible(page, "worklist")
    picture(page, "worklist")
    page.fill("[name=name]", "simul")
    page.click(".filters button")
    check(0 < rows.count() < len(studies), "a search by name finds everything or nothing")
    page.goto("/?urgent=suspected_fracture")
    check(rows.count() == 1, "the filter by urgency does not find the fracture alone")
    page.goto("/?status=final")
    check(rows.count() == 0 and page.locator(".empty").is_visible(), "an empty list does not say so")


def taken_in(page, uid):
    """A vertebra that a rule left out counts when a reader says so, and no longer when that is taken back."""
    open_study(page, uid)
    row, total = page.locator('tr[data-site="L3"]'), page.locator("tr.total")
    check("excluded" in row.get_attribute("class") and total.get_attribute("data-site") == "L1-L2,L4", "no rule leaves L3 out")
    for out, words, site in ((False, "taken in by a reader", "L1-L4"), (True, "left out", "L1-L2,L4")):
        before = version(page)
        row.locator("button[data-put]").click()
        changed(page, before, f"L3 left out: {out}")
        check(("excluded" in row.get_attribute("class")) == out, f"after the click L3 is not left out: {out}")
        if not out:
            picture(page, "study-taken-in", clip="#regions")
            bent(page, "L3")
            check("excluded" not in row.get_attribute("class"), "bending the outline of L3 leaves it out again")
        check(words in row.inner_text(), f"the row of L3 does not say `{words}`: {row.inner_text()}")
        check(total.get_attribute("data-site") == site, f"{total.get_attribute('data-site')} stands for the spine, not {site}")


def bent(page, site):
    """The outline of a region is bent by keys."""
    before = version(page)
    page.locator(f"button[data-outline={site}]").click()
    page.locator("#picture .outlining .handle").first.wait_for()
    page.locator("#picture .outlining .handle").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    changed(page, before, f"bending the outline of {site}")


def a_vertebra(page, uid):
    """A point is dragged until the grade is 1, then until it is 2; taken back; left out; confirmed."""
    open_study(page, uid)
    page.browser_of.check_accessible(page, "study of a lateral spine")
    picture(page, "study-vertebrae")
    levels = page.locator("table.vertebrae tbody tr.grade-0")
    level = levels.nth(levels.count() // 2).get_attribute("data-level")
    check(grade(page, level) == "0", f"{level} does not begin at grade 0")
    for loss, wanted in ((0.22, "1"), (0.31, "2")):
        before = version(page)
        let_go = move_to(page, level, "as", *anterior_for(points_of(page, level), loss))
        started = time.monotonic()
        wait(lambda: grade(page, level) == wanted, 5, f"{level} is not seen to be grade {wanted} while it moves")
        seen = time.monotonic() - started
        check(seen < 1.5, f"the grade was seen after {seen:.2f} s")
        let_go()
        changed(page, before, f"{level} to grade {wanted}")
        check(grade(page, level) == wanted, f"{level} is kept as grade {grade(page, level)}, not {wanted}")
        tile = page.locator(f'.tile[data-level="{level}"]').get_attribute("class")
        check(f"grade-{wanted}" in tile, f"the strip shows {tile}")
    picture(page, "study-moved-point")
    check(page.locator(".verdict").get_by_text(f"{level} G2").count() == 1, "the summary does not name the vertebra")
    for wanted in ("1", "0"):
        before = version(page)
        page.click("#undo")
        changed(page, before, "undo")
        check(grade(page, level) == wanted, f"taken back, the grade is {grade(page, level)}, not {wanted}")
    check(page.locator("#undo").is_disabled(), "there is more to take back than was done")
    row = page.locator(f'table.vertebrae tr[data-level="{level}"]')
    before = version(page)
    row.locator("button[data-put]").last.click()
    changed(page, before, "not evaluable")
    check("unmeasured" in row.get_attribute("class"), "a level that is left out is still measured")
    before = version(page)
    page.keyboard.press("u")
    changed(page, before, "undo by key")
    check(grade(page, level) == "0", "a level that is taken in again is not measured")


def a_point_put_back(page, uid):
    """Escape puts a point back, and nothing says that it is not saved."""
    open_study(page, uid)
    level = page.locator("table.vertebrae tbody tr.grade-0").first.get_attribute("data-level")
    row = page.locator(f'table.vertebrae tr[data-level="{level}"]')
    first, before = row.inner_text(), version(page)
    page.locator(f'.body[data-level="{level}"] [data-point=as]').focus()
    page.keyboard.press("Shift+ArrowDown")
    page.wait_for_selector(f'table.vertebrae tr.preview[data-level="{level}"]')
    page.keyboard.press("Escape")
    page.wait_for_timeout(1500)
    check(row.inner_text() == first, "a point that was put back left its numbers in the row")
    check(page.locator(".preview").count() == 0, "what was put back is marked as not kept")
    check(page.locator("#said.shown").count() == 0, f"what was put back is said: {page.locator('#said').inner_text()}")
    check(version(page) == before, "what was put back made a version")


def somebody_else(page, address, token, uid):
    """What somebody else changed after me is not taken back by my undo, also after the page was loaded again."""
    open_study(page, uid)
    rows = page.locator("table.vertebrae tbody tr.grade-0")
    mine, theirs = (rows.nth(at).get_attribute("data-level") for at in (0, 1))
    before = version(page)
    page.locator(f'table.vertebrae tr[data-level="{mine}"] .act button[data-put]').last.click()
    changed(page, before, "leaving out a vertebra")
    page.reload()
    check(page.locator("#undo").is_enabled(), "what was done cannot be undone after loading the page again")
    before = version(page)
    tag, found = ask(address, token, f"/api/v1/studies/{uid}")
    row = next(row for row in found["studies"][0]["vertebrae"] if row["level"] == theirs)
    part = f"/api/v1/studies/{uid}/scans/{row['scan']}/vertebrae/{theirs}"
    ask(address, token, part, json.dumps({"points_px": row["points_px"], "evaluable": False}).encode(), "application/json", "PUT", tag)
    page.reload()
    wait(lambda: version(page) > before or page.reload() is None and False, 60, "the other correction makes no version")
    check(page.locator("#undo").is_disabled(), "undo would go back behind what somebody else did")
    for level in (mine, theirs):
        before = version(page)
        page.locator(f'table.vertebrae tr[data-level="{level}"] .act button[data-put]').first.click()
        changed(page, before, "taking in a vertebra")


def on_paper(page, uid):
    """Names of vertebrae are printed, in the colors of paper though the page is dark."""
    open_study(page, uid)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    check(page.locator("table.vertebrae th button.link").first.is_visible(), "the names of the vertebrae are not printed")
    check(not page.locator("#undo").is_visible(), "controls are printed")
    good = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--good').trim()")
    check(good == "#14653a", f"a dark page prints {good}")
    page.emulate_media(media="screen")


def a_lumbar_spine(page, studies):
    """L3 is left out and taken in again; the line of a disc is moved; visits and checks are shown."""
    open_study(page, studies["spine"])
    page.browser_of.check_accessible(page, "study of a lumbar spine")
    picture(page, "study-spine")
    check(page.locator("#picture .region").count() >= 4, "the vertebrae are not outlined")
    check(page.locator(".plot .now").count() >= 2, "the patient is on no curve and no trend")
    check(page.locator(".plot .visit").count() >= 1, "the earlier visit is not shown")
    check(page.locator("[data-part=changes] tbody tr").count() >= 1, "the change since the visit before is not shown")
    total = page.locator('tr[data-site="L1-L4"] td').nth(3).inner_text()
    before = version(page)
    page.locator('tr[data-site="L3"] button[data-put]').click()
    page.locator("#excluding [value=artefact]").check()
    page.locator("#excluding button[value=yes]").click()
    changed(page, before, "excluding L3")
    check("excluded" in page.locator('tr[data-site="L3"]').get_attribute("class"), "L3 is not shown as left out")
    # Without L3 a rule may leave out another one, too.
    total_without = page.locator("tr.total").get_attribute("data-site")
    check(total_without in ("L1-L2,L4", "L1-L2", "L1,L4", "L2,L4"), f"without L3 {total_without} stands for the spine")
    check(page.locator("#picture .region.out").count() >= 1, "L3 is not marked on the image")
    before = version(page)
    page.locator('tr[data-site="L3"] button[data-put]').click()
    changed(page, before, "including L3")
    check(page.locator('tr.total[data-site="L1-L4"] td').nth(3).inner_text() == total, "L1-L4 did not come back")
    before = version(page)
    page.locator("#picture .cutting .handle").first.focus()
    area = page.locator('tr[data-site="L1"] td').first.inner_text()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    changed(page, before, "moving a disc line")
    check(page.locator('tr[data-site="L1"] td').first.inner_text() != area, "the line moved and the area did not")
    before = version(page)
    page.click("#undo")
    changed(page, before, "undo of a disc line")
    check(page.locator('tr[data-site="L1"] td').first.inner_text() == area, "the area did not come back")
    window_and_layers(page)


def window_and_layers(page):
    box = lambda: page.locator("#picture").get_attribute("viewBox")
    whole = box()
    page.keyboard.press("+")
    check(box() != whole, "a key does not zoom")
    page.keyboard.press("0")
    check(box() == whole, "a key does not show the whole image")
    slope = lambda: float(page.locator("#picture feFuncR").get_attribute("slope"))
    before = slope()
    page.keyboard.press("i")
    check(slope() == -before, "a key does not invert")
    page.keyboard.press("i")
    page.locator("#width").fill("100")
    check(slope() > before, "a narrower window is no steeper")
    page.keyboard.press("o")
    check(not page.locator("#picture [data-layer=regions]").is_visible(), "overlays cannot be hidden")
    page.keyboard.press("o")
    page.locator("#doubts details summary").click()
    show = page.locator("button[data-show]").first
    show.click()
    check(page.locator("#picture .evidence:visible").count() == 1, "a check is not shown on the image")
    check(show.get_attribute("aria-pressed") == "true", "the button does not say that it is shown")


def the_context(page, address, token, uid):
    open_study(page, uid)
    before = version(page)
    page.click("a[href*='/context']")
    page.browser_of.check_accessible(page, "context")
    picture(page, "context")
    page.fill("[data-key=weight_kg]", "abc")
    page.click("form.context .primary")
    page.locator("#answer").wait_for(state="visible")
    check("abc" in page.locator("#answer").inner_text(), "a weight of abc is not refused")
    page.select_option("[data-key=menopause]", "post")
    page.fill("[data-key=weight_kg]", "700")
    page.click("form.context .primary")
    page.locator("#answer").wait_for(state="visible")
    check("weight_kg" in page.locator("#answer").inner_text(), "a weight of 700 kg is not refused by name")
    page.fill("[data-key=weight_kg]", "48.5")
    page.click("#add-fracture")
    page.locator(".fracture:not([data-template]) [data-key=site]").select_option("distal_forearm")
    page.locator(".fracture:not([data-template]) [data-key=fragility]").select_option("true")
    page.click("form.context .primary")
    page.wait_for_selector("#study", timeout=60_000)
    wait(lambda: version(page) > before or page.reload() is None and False, 60, "the context makes no new version")
    check(page.locator(".rules li").get_by_text("48.5").count() >= 1, "no rule saw the weight")
    page.click("a[href*='/context']")
    check(page.input_value("[data-key=weight_kg]") == "48.5", "the form does not know what was said")
    # Somebody else told a height; clearing it here withdraws it, and saving again does not bring it back.
    patient = page.locator("form.context").get_attribute("data-patient")
    told = lambda: ask(address, token, f"/api/v1/patients/{patient}/context")[1]["context"]
    ask(address, token, f"/api/v1/patients/{patient}/context", b'{"height_cm": 171.0}', "application/json", "POST")
    for _ in range(2):
        page.reload()
        page.fill("[data-key=height_cm]", "")
        page.click("form.context .primary")
        page.wait_for_selector("#study", timeout=60_000)
        check("height_cm" not in told() and told()["weight_kg"] == 48.5, f"a height that was cleared is still told: {told()}")
        page.click("a[href*='/context']")


def signing(page, address, token, uid):
    """Signed; corrected by somebody else while the page is open; amended with a reason."""
    open_study(page, uid)
    before = version(page)
    page.click("#sign")
    page.browser_of.check_accessible(page, "signing")
    page.locator("#signing button[value=no]").click()
    check(version(page) == before, "a signature that was not given is given")
    page.click("#sign")
    page.locator("#signing button[value=yes]").click()
    changed(page, before, "signing")
    status = page.locator("[data-status]")
    check(status.get_attribute("data-status") == "final", "a signed report is not final")
    check(page.locator("#sign, #amend").count() == 0, "a final report can be signed again")
    check(page.locator(".life .signature").get_by_text("chen").count() == 1, "the life does not name who signed")
    # Somebody else corrects the signed report; this page does not know yet.
    tag, found = ask(address, token, f"/api/v1/studies/{uid}")
    row = next(row for row in found["studies"][0]["vertebrae"] if row["evaluable"])
    part = f"/api/v1/studies/{uid}/scans/{row['scan']}/vertebrae/{row['level']}"
    body = json.dumps({"points_px": row["points_px"], "evaluable": False}).encode()
    ask(address, token, part, body, "application/json", "PUT", tag)
    page.locator('table.vertebrae button[data-put]').last.click()
    page.locator("#stale.mine").wait_for(state="visible", timeout=60_000)
    check("wang" in page.locator("#stale").inner_text(), "the page does not say who was faster")
    page.browser_of.check_accessible(page, "stale")
    picture(page, "study-stale", clip="#stale")
    page.click("[data-reload]")
    page.wait_for_selector("#amend")
    check(page.locator("[data-status]").get_attribute("data-status") == "preliminary", "a correction is final")
    before = version(page)
    page.click("#amend")
    page.fill("#amending [name=reason]", "one level left out <b>")
    page.locator("#amending button[value=yes]").click()
    changed(page, before, "amending")
    check(page.locator("[data-status]").get_attribute("data-status") == "amended", "an amended report is not amended")
    check(page.locator(".life q").get_by_text("one level left out <b>").count() == 1, "the reason is not shown as text")
    page.goto("/?status=amended")
    check(page.locator("table.list tbody tr").count() == 1, "the list does not have the amended report")


def odd_studies(page, studies):
    for name in ("injected", "long", "thirty", "ultrasound", "report"):
        open_study(page, studies[name])
        page.browser_of.check_accessible(page, name)
        check(page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the window")
    open_study(page, studies["injected"])
    check(page.locator("h1 img, h1 script").count() == 0 and "<img" in page.locator("h1").inner_text(), "a name is no text")
    open_study(page, studies["long"])
    check(page.locator("h1").inner_text() == LONG_NAME, "a name of sixty letters is cut")
    picture(page, "study-long-name", whole=False)
    open_study(page, studies["thirty"])
    check(page.locator(".scans a").count() == 30, "thirty scans are not thirty")
    page.locator(".scans a").last.click()
    check(page.locator(".scans a").last.get_attribute("aria-current") == "true", "the last scan is not shown")
    picture(page, "study-thirty-scans", whole=False)
    open_study(page, studies["ultrasound"])
    check(page.locator("#doubts .withhold").count() >= 1, "a refusal is not shown")
    picture(page, "study-refused")
    open_study(page, studies["report"])
    check(page.locator(".no-image").is_visible(), "a study without an image does not say so")
    picture(page, "study-no-image", whole=False)
    check(page.locator("table.regions tbody tr").count() >= 2, "the numbers of the device are not shown")
    for path in ("/studies/1.2.3.4", "/studies/nonsense", "/patients/nobody/context"):
        answer = page.goto(path)
        check(answer.status == 404 and page.locator("h1").is_visible(), f"{path} has no page that says so")
    picture(page, "not-found", whole=False)


def chinese(page, studies):
    open_study(page, studies["spine"])
    page.click("#language")
    page.wait_for_selector("html[lang=zh-CN]")
    check(page.locator("h2").get_by_text("测量部位").count() == 1, "the page does not speak Chinese")
    page.goto("/")
    check(page.locator("h1").inner_text() == "工作列表", "the language is not kept")
    open_study(page, studies["spine"])
    page.browser_of.check_accessible(page, "study in Chinese")
    page.click("#theme")
    picture(page, "study-chinese-dark")
    page.browser_of.check_accessible(page, "study in the dark")
    page.click("#theme")
    page.click("#language")


def clear_and_fast(page, studies):
    """The weight of a page without its image, and what it fetches from elsewhere."""
    open_study(page, studies["spine"])
    page.wait_for_load_state("networkidle")
    fetched = page.evaluate("""() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
        .map((one) => [one.name, one.encodedBodySize])""")
    foreign = [url for url, _ in fetched if not url.startswith(page.browser_of.address)]
    check(not foreign, f"the page fetches {foreign}")
    weight = sum(size for url, size in fetched if "/rendered" not in url)
    check(20_000 < weight <= 300_000, f"the page weighs {weight} bytes without its image")


def on_file(address, token, studies):
    """The report of each study is a PDF in both languages, and so is the sheet for the patient."""
    for name, study, asked in (
        ("report-spine", "spine", "lang=en"),
        ("report-vertebrae", "lateral", "lang=zh-CN"),
        ("sheet", "spine", "lang=zh-CN&audience=patient"),
    ):
        request = urllib.request.Request(f"{address}/api/v1/studies/{studies[study]}/report.pdf?{asked}", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            pdf = answer.read()
        check(pdf[:5] == b"%PDF-", f"{name} is no PDF")
        printed(pdf, name)


def roles(browser, studies):
    with browser.reader("li", PASSWORD) as page:
        open_study(page, studies["spine"])
        check(page.locator("#sign, #amend, #undo, button[data-put], .handle").count() == 0, "a viewer can change something")
        refused = page.evaluate("""async (uid) => {
            const headers = { "If-Match": document.querySelector("[data-part=head]").dataset.tag,
                "X-CSRF-Token": document.querySelector("meta[name=csrf]").content };
            return (await fetch(`/api/v1/studies/${uid}/sign`, { method: "POST", headers })).status;
        }""", studies["spine"])
        check(refused == 403, f"a viewer who asks to sign is answered {refused}")
        browser.forget_errors(page)
        check(page.goto("/patients/nobody/context").status == 403, "a viewer may give context")
    with browser.reader("wang", PASSWORD) as page:
        open_study(page, studies["spine"])
        check(page.locator("#sign").count() == 0, "a technologist may sign")
        check(page.locator("button[data-put]").count() > 0, "a technologist may not correct")
    with browser.reader("zhou", PASSWORD) as page:
        for path in ("/", f"/studies/{studies['spine']}"):
            check(page.goto(path).status == 403, f"a researcher sees {path}")
            check(page.get_by_text("<script>", exact=False).count() == 0, "a researcher sees a name")


def keys_alone(browser, studies):
    """From the list to a moved point and back without a mouse."""
    with browser.reader("chen", PASSWORD) as page:
        page.goto("/?urgent=any")
        page.keyboard.press("?")
        check(page.locator("#help").is_visible(), "the keys are not shown")
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        check(page.evaluate("document.activeElement.matches('table.list a')"), "j does not go to a study")
        page.goto(f"/?name=lateral")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        opened(page)
        page.keyboard.press("]")
        check(page.evaluate("document.activeElement.matches('.handle')"), "] does not go to a vertebra")
        first = page.evaluate("document.activeElement.closest('.body').dataset.level")
        page.keyboard.press("]")
        page.keyboard.press(".")
        handle = page.evaluate("""() => [document.activeElement.closest('.body').dataset.level,
            document.activeElement.dataset.point, Number(document.activeElement.dataset.y)]""")
        check(handle[0] != first and handle[1] == "ai", f"the keys lead to {handle}")
        before = version(page)
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Enter")
        changed(page, before, "moving a point by keys")
        moved = page.evaluate("""([level, point]) => Number(document.querySelector(
            `.body[data-level="${level}"] [data-point=${point}]`).dataset.y)""", handle[:2])
        check(abs(moved - handle[2] - 9) < 0.01, f"the point moved by {moved - handle[2]}, not by 9")
        check(page.evaluate("document.activeElement.dataset.point") == "ai", "the point lost the focus")
        before = version(page)
        page.keyboard.press("u")
        changed(page, before, "undo by key")
        page.keyboard.press("Tab")
        check(page.evaluate("document.activeElement !== document.body"), "Tab leads nowhere")


if __name__ == "__main__":
    main()
