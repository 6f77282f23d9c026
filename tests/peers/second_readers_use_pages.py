"""Physicians confirm fractures, comment, read a second time and settle what differs; boxes and outlines are moved.

DXA_PICTURES names a folder for pictures of the pages, those of docs/pages.md.
"""
import statistics

import pypdfium2
from peer import check, finish, wait
from peer.browser import Browser, picture
from peer.desk import PASSWORD, anterior_for, changed, desk, grade, move_to, open_study, opened, points_of, version
from peer.reader_scans import write_reading_scans

ROLES = {"chen": "physician", "zhao": "physician", "li": "viewer", "wang": "technologist"}
INJECTED = "<img src=x onerror=\"window.injected=1\"> see the film\n第二行"


def main():
    with desk(ROLES, write_reading_scans) as (address, _, studies):
        with Browser(address) as browser:
            second_reading(browser, studies["lateral"])
            with browser.reader("chen", PASSWORD) as page:
                differences(page, studies["lateral"])
                a_fracture(page, studies["lateral"])
                a_report(page, studies["lateral"])
                comments(browser, page, studies["lateral"])
                settled(page, studies["lateral"])
                treatments(page, studies["lateral"])
                how_fast(page, studies["before"])
            with browser.reader("wang", PASSWORD) as page:
                a_neck_box(page, studies["hip"])
                an_outline(page, studies["hip"])
    finish("properties of second readers' pages")


def second_reading(browser, uid):
    """A physician reads by keys what nobody has read before, and sees nothing of what was found."""
    with browser.reader("li", PASSWORD) as page:
        open_study(page, uid)
        check(page.locator("a[href$='/reading']").count() == 0, "a viewer is asked to read a second time")
        check(page.goto(f"/studies/{uid}/reading").status == 403, "a viewer may read a second time")
    with browser.reader("zhao", PASSWORD) as page:
        open_study(page, uid)
        page.click("a[href$='/reading']")
        page.wait_for_selector("#picture")
        browser.check_accessible(page, "second reading")
        check(page.locator("[data-layer], .body, .region, .tile, .grade-2").count() == 0, "something of the first reading is shown")
        text = page.locator("main").inner_text()
        check("G2" not in text and "wedge" not in text, "the first reading is told")
        wait(lambda: page.evaluate("document.querySelector('#picture image').getBBox().width > 0"), 10, "the image is not shown")
        box = page.locator("#picture").get_attribute("viewBox")
        page.keyboard.press("+")
        check(page.locator("#picture").get_attribute("viewBox") != box, "a key does not zoom while reading")
        row = lambda level: page.locator(f'tr[data-level="{level}"]')
        check(row("L1").locator("input").is_disabled(), "a fracture can be said of what was not read")
        page.click("#read .primary")
        page.locator("#answer").wait_for(state="visible")
        check("not read" in page.locator("#answer").inner_text(), "an empty reading is not refused")
        row("L1").locator("select").focus()
        for _ in range(4):
            page.keyboard.press("ArrowDown")
        check(row("L1").locator("select").input_value() == "2", "keys do not choose a grade")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        row("L2").locator("select").select_option("1")
        row("L3").locator("select").select_option("0")
        page.fill("[name=remark]", "<b>L2</b>")
        picture(page, "second-reading-blind", whole=False)
        page.click("#read .primary")
        opened(page)
        check(page.locator("a[href$='/reading']").count() == 0, "one reads the same version twice")
        check(page.goto(f"/studies/{uid}/reading").status == 409, "one reads the same version twice")
        browser.forget_errors(page)


def differences(page, uid):
    open_study(page, uid)
    part = page.locator("#second")
    rows = part.locator("table.differences tbody tr")
    places = [row.locator("th").inner_text() for row in rows.all()]
    check(places == ["L1", "L2"], f"the two differ at {places}")
    check("not confirmed" in rows.nth(0).inner_text() and "Fragility fracture" in rows.nth(0).inner_text(), "L1 does not say what each says")
    check("G0" in rows.nth(1).inner_text() and "G1" in rows.nth(1).inner_text(), "L2 does not say what each says")
    check(part.get_by_text("Not settled").count() == 1, "nobody says that it is open")
    check(part.locator("q").inner_text() == "<b>L2</b>", "a remark is no text")
    page.browser_of.check_accessible(page, "differences")


def a_fracture(page, uid):
    """Confirmed by a button, taken back by a key, rejected, withdrawn, and confirmed by a key."""
    open_study(page, uid)
    row = page.locator('table.vertebrae tr[data-level="L1"]')
    remark = lambda: row.locator("td").nth(6).inner_text()
    check("Suspected" in remark(), f"L1 is not suspected: {remark()}")
    points = points_of(page, "L1")

    def step(do, what, said):
        before = version(page)
        do()
        changed(page, before, what)
        check(said in remark(), f"{what}: {remark()}")

    confirm = row.get_by_role("button", name="Confirm the fracture")
    step(confirm.click, "confirming", "confirmed by a reader")
    check(page.locator(".verdict").get_by_text("Fracture confirmed: L1").count() == 1, "the summary does not say it")
    page.browser_of.check_accessible(page, "a confirmed fracture")
    picture(page, "study-fracture-confirmed", clip="#spine")
    step(lambda: page.keyboard.press("u"), "undo by key", "Suspected")
    step(row.get_by_role("button", name="No fracture").click, "rejecting", "No fragility fracture")
    step(row.get_by_role("button", name="Withdraw").click, "withdrawing", "Suspected")
    row.locator("[data-select]").click()
    step(lambda: page.keyboard.press("f"), "confirming by key", "confirmed by a reader")
    check(points_of(page, "L1") == points, "a word on a fracture moved a point")
    life = page.locator(".life li.correction").first
    check("chen" in life.inner_text() and "L1" in life.inner_text(), "the life does not say who confirmed")
    # The word stays with a body whose points are moved.
    before = version(page)
    move_to(page, "L1", "as", *[at + 1.5 for at in points["as"]])()
    changed(page, before, "moving a point of a confirmed fracture")
    check("confirmed by a reader" in remark(), "the word got lost when a point moved")
    page.goto("/?urgent=suspected_fracture")
    check(page.locator("table.list tbody tr").count() == 0, "a fracture that was read asks for eyes")


def a_report(page, uid):
    """The report is downloaded as a reader does it, and says what the page says."""
    for language, sentence in (("en", "Fracture confirmed: L1"), ("zh-CN", "已确认骨折：L1")):
        open_study(page, uid, f"?lang={language}")
        page.click(".menu summary")
        with page.expect_download() as download:
            page.evaluate("""(language) => {
                const link = document.querySelector(`.menu a[href$="report.pdf?lang=${language}"]`);
                link.download = "report.pdf";
                link.click();
            }""", language)
        document = pypdfium2.PdfDocument(download.value.path())
        text = "".join(one.get_textpage().get_text_bounded() for one in document)
        squeezed = "".join(text.split())
        check("".join(sentence.split()) in squeezed, f"the report in {language} does not say the fracture")
        check("Visits" in text, f"the report in {language} does not name the patient")
    open_study(page, uid, "?lang=en")


def comments(browser, page, uid):
    open_study(page, uid)
    before = version(page)
    page.fill("#comment textarea", INJECTED)
    page.click("#comment button")
    said = page.locator(".comments li").first
    said.wait_for()
    check(said.locator("p").inner_text() == INJECTED, f"the comment reads {said.locator('p').inner_text()!r}")
    check("chen" in said.inner_text() and f"Version {before}" in said.inner_text(), "a comment does not say who and which version")
    check(said.locator("time").get_attribute("datetime").endswith("Z"), "a comment does not say when")
    check(version(page) == before and page.input_value("#comment textarea") == "", "a comment is a version")
    page.evaluate("document.querySelector('#comment textarea').value = 'not sent yet'")
    page.click("#reanalyze")
    wait(lambda: "Saved" in page.locator("#said").inner_text(), 60, "nothing is analyzed again")
    check(page.input_value("#comment textarea") == "not sent yet", "what was being written is lost")
    page.browser_of.check_accessible(page, "comments")
    picture(page, "comments", clip="#comments")
    with browser.reader("li", PASSWORD) as other:
        open_study(other, uid)
        check(other.locator(".comments li").count() == 1 and other.locator("#comment").count() == 0, "a viewer may comment, or sees none")
        check(other.evaluate("window.injected === undefined"), "a comment ran")


def settled(page, uid):
    """Who corrected cannot read again; the signature settles what differs."""
    open_study(page, uid)
    check(page.locator("a[href$='/reading']").count() == 0, "who corrected is asked to read a second time")
    now = page.locator("#second table.differences tbody tr").nth(0).locator("td").nth(2).inner_text()
    check(now == "agrees", f"after the correction L1 says {now}")
    picture(page, "second-reading", clip="#second")
    before = version(page)
    page.click("#sign")
    page.locator("#signing button[value=yes]").click()
    changed(page, before, "signing")
    check(page.locator("#second").get_by_text("Settled by the signature").count() == 1, "the signature settles nothing")


def treatments(page, uid):
    """Treatments are told in the context, drawn where they fall, and an augmentation shows what it changed."""
    open_study(page, uid)
    page.click("a[href*='/context']")
    for kind, rest in (("drug", {"name": "Made-up <drug>", "start": "2022-06", "end": "2023-06"}), ("augmentation", {"start": "2023-09-12"})):
        page.click("#add-treatment")
        entry = page.locator(".treatment:not([data-template])").last
        entry.locator("[data-key=kind]").select_option(kind)
        if kind == "augmentation":
            entry.locator("[data-key=level]").select_option("L1")
        for key, value in rest.items():
            entry.locator(f"[data-key={key}]").fill(value)
    page.locator(".treatment:not([data-template]) [data-key=end]").first.fill("2021")
    page.click("form.context .primary")
    page.locator("#answer").wait_for(state="visible")
    check("treatments" in page.locator("#answer").inner_text(), "an end before its start is not refused by name")
    page.locator(".treatment:not([data-template]) [data-key=end]").first.fill("2023-06")
    page.browser_of.check_accessible(page, "treatments of the context")
    page.click("form.context .primary")
    page.wait_for_selector("#study", timeout=60_000)
    told = page.locator(".treatments li")
    check(told.all_inner_texts() == ["drug: Made-up <drug>, 2022-06 – 2023-06", "augmentation: L1, 2023-09-12"], f"{told.all_inner_texts()} was told")
    heights = page.locator(".plot", has_text="L1: heights over visits")
    check(heights.count() == 1 and heights.locator("path.front").count() == 1, "the heights of L1 are not drawn")
    check(heights.locator(".mark").count() == 2, "the treatments are not drawn")
    won = page.locator("table.recovery tbody tr")
    check(won.count() == 1 and "2022-03-14 → 2024-05-17" in won.inner_text(), "before and after the augmentation is not told")
    front = won.locator("td").nth(2).inner_text().replace("−", "-")
    check(float(front) < -3, f"the front of L1 changed by {front} mm, not by a third of it")
    page.browser_of.check_accessible(page, "treatments")
    picture(page, "treatments", clip="[data-part=curves]")


def how_fast(page, uid):
    """Milliseconds from a move of the pointer to the grade on the screen, as the page itself sees them."""
    open_study(page, uid)
    levels = page.locator("table.vertebrae tbody tr.grade-0")
    level = levels.nth(levels.count() // 2).get_attribute("data-level")
    page.evaluate("""() => {
        window.took = [];
        let moved = 0;
        addEventListener("pointermove", () => { moved = performance.now(); }, true);
        const seen = () => requestAnimationFrame(() => window.took.push(performance.now() - moved));
        new MutationObserver(seen).observe(document.querySelector("table.vertebrae"), { subtree: true, characterData: true, childList: true });
    }""")
    for loss in (0.22, 0.31, 0.22):
        # One step, so that each move has its own answer.
        let_go = move_to(page, level, "as", *anterior_for(points_of(page, level), loss), steps=1)
        wanted = "2" if loss > 0.25 else "1"
        wait(lambda: grade(page, level) == wanted, 10, f"{level} is not seen to be grade {wanted}")
        before = version(page)
        let_go()
        changed(page, before, f"{level} to grade {wanted}")
    took = page.evaluate("window.took")
    check(took, "no grade was seen to change")
    print(f"a point moved: the grade is on the screen after {statistics.median(took):.0f} ms (median of {len(took)})")


def drag(page, handle, dx, dy):
    page.evaluate("document.getElementById('picture').scrollIntoView({ block: 'center' })")
    at = handle.bounding_box()
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=5)
    page.mouse.up()


def area(page, site):
    return page.locator(f'tr[data-site="{site}"] td').first.inner_text()


def a_neck_box(page, uid):
    """Dragged, turned by keys, and put back."""
    open_study(page, uid)
    page.browser_of.check_accessible(page, "a hip")
    handles = page.locator("#picture .boxing .handle")
    check(handles.count() == 2, f"the neck box has {handles.count()} handles")
    first = area(page, "femoral_neck")
    box = lambda: page.locator("#picture .boxing polygon").get_attribute("points")
    start = box()
    before = version(page)
    drag(page, handles.nth(0), 14, 6)
    changed(page, before, "moving the neck box")
    moved = area(page, "femoral_neck")
    check(moved != first and box() != start, "the box moved and the neck did not")
    check(page.locator("[data-part=doubts], #doubts").get_by_text("neck box").count() >= 1, "nobody says that the neck box was moved")
    picture(page, "study-neck-box", clip="#viewer")
    before = version(page)
    page.locator("#picture .boxing .handle[data-point=turn]").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    changed(page, before, "turning the neck box by keys")
    check(area(page, "femoral_neck") != moved, "the box turned and the neck did not")
    corners = [tuple(map(float, corner.split(","))) for corner in box().split()]
    side = lambda a, b: ((corners[a][0] - corners[b][0]) ** 2 + (corners[a][1] - corners[b][1]) ** 2) ** 0.5
    check(abs(side(0, 1) - 15) < 0.2 and abs(side(1, 2) - 49) < 0.2, f"the box is {side(0, 1):.1f} by {side(1, 2):.1f} mm")
    for _ in range(2):
        before = version(page)
        page.keyboard.press("u")
        changed(page, before, "undo of the neck box")
    check(area(page, "femoral_neck") == first and box() == start, "the neck did not come back")


def an_outline(page, uid):
    """An outline is bent by pointer and keys, and put back."""
    open_study(page, uid)
    button = page.locator("button[data-outline=femoral_neck]")
    button.click()
    handles = page.locator("#picture .outlining .handle")
    handles.first.wait_for()
    check(8 <= handles.count() <= 20, f"the outline has {handles.count()} handles")
    check(button.get_attribute("aria-pressed") == "true", "the button does not say that its outline is being bent")
    page.browser_of.check_accessible(page, "an outline")
    first = area(page, "femoral_neck")
    before = version(page)
    drag(page, handles.nth(2), 6, -4)
    changed(page, before, "bending an outline")
    bent = area(page, "femoral_neck")
    check(bent != first, "the outline was bent and the area did not change")
    page.locator("#picture .outlining .handle").nth(2).wait_for()
    picture(page, "study-outline", clip="#viewer")
    page.locator("#picture .outlining .handle").nth(5).focus()
    before = version(page)
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    changed(page, before, "bending an outline by keys")
    check(area(page, "femoral_neck") != bent, "the keys bent nothing")
    for _ in range(2):
        before = version(page)
        page.keyboard.press("u")
        changed(page, before, "undo of an outline")
    check(area(page, "femoral_neck") == first, "the outline did not come back")
    said = page.locator("button[data-outline=femoral_neck]").get_attribute("data-said")
    check(said == "null", "an outline that was put back is kept as a user's and would not follow its neck box")
    page.locator("#picture .outlining .handle").first.wait_for()
    button = page.locator("button[data-outline=femoral_neck]")
    button.click()
    check(page.locator("#picture .outlining").count() == 0, "the handles do not go away")


if __name__ == "__main__":
    main()
