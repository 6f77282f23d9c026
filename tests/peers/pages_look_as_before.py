"""Printed pages look as they did: each page of the reports of test-scans against a picture of it in tests/pictures.

A page may differ as letters differ that are drawn by another program, and by a number here and there; a part of the
page that is missing, moved or drawn over is a disagreement. With --renew the pictures are made anew by this script; look
at them before they are committed."""
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import pypdfium2
from PIL import Image
from peer import DXA, ROOT, check, finish
from scipy import ndimage

PICTURES = ROOT / "tests/pictures"
DPI = 60
# Every report in English; in Chinese one with curves and one each of vertebrae, of refusals alone, of a Chinese name.
CHINESE = ("07-hologic-spine", "16-lateral-dx-monochrome1", "14-ultrasound-bdus", "15-name-utf8")
# Ink that is missing or too much, as a share of a window of this many pixels (17 mm): a line of a table has 0.05 and more.
WINDOW, MOST = 40, 0.03


def main():
    with tempfile.TemporaryDirectory() as folder:
        scans = ROOT / "test-scans"
        pages = pages_of([scans], "en", Path(folder) / "en")
        pages |= pages_of([scans / f"{name}.dcm" for name in CHINESE], "zh-CN", Path(folder) / "zh-CN")
        if "--renew" in sys.argv:
            renew(pages)
        compare(pages)
    finish("pages with the pictures of before")


def pages_of(scans, language, out):
    """Pages by name; a study is named by the end of its UID."""
    command = [DXA, "analyze", *map(str, scans), "--formats", "pdf", "--lang", language, "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True)
    reports = sorted(out.glob("*/report.pdf"))
    return {
        f"{report.parent.name.replace('.', '_')[-16:]}-{language}-{at + 1}": drawn(page)
        for report in reports
        for at, page in enumerate(pypdfium2.PdfDocument(report.read_bytes()))
    }


def drawn(page):
    """In sixteen grays, to be kept small."""
    return page.render(scale=DPI / 72).to_pil().convert("L").point(lambda gray: round(gray / 17) * 17)


def renew(pages):
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    for name, page in pages.items():
        page.save(PICTURES / f"{name}.png", optimize=True)


def compare(pages):
    known = {path.stem for path in PICTURES.glob("*.png")}
    check(known == set(pages), f"pages without a picture, or pictures without a page: {sorted(known ^ set(pages))}")
    for name in sorted(known & set(pages)):
        before = Image.open(PICTURES / f"{name}.png").convert("L")
        check(before.size == pages[name].size, f"{name}: the page has another size")
        apart, place = difference(before, pages[name])
        check(apart <= MOST, f"{name}: differs by {apart:.3f} at {place}")
        check_sees(name, before)


def check_sees(name, page):
    """The comparison itself: it sees every block that is taken away, and not that a page is drawn a little otherwise."""
    blocks = blocks_of(page)
    check(blocks, f"{name}: there is no block on the page")
    for rows, columns in blocks:
        pixels = numpy.array(page)
        pixels[rows, columns] = 255
        apart, _ = difference(page, Image.fromarray(pixels))
        check(apart > MOST, f"{name}: that the block at {columns.start}, {rows.start} is missing is not seen: {apart:.3f}")
    softer = page.resize((page.width * 2, page.height * 2), Image.Resampling.BICUBIC).resize(page.size, Image.Resampling.BOX)
    apart, _ = difference(page, softer)
    check(apart <= MOST / 2, f"{name}: a softer drawing counts as another page: {apart:.3f}")


def difference(one, other):
    """The largest difference of ink in a window, and where; edges of letters are softened first."""
    ink = [ndimage.gaussian_filter(1 - numpy.asarray(page, dtype=float) / 255, 1.5) for page in (one, other)]
    local = ndimage.uniform_filter(numpy.abs(ink[0] - ink[1]), WINDOW)
    row, column = numpy.unravel_index(local.argmax(), local.shape)
    return local.max(), (int(column), int(row))


def blocks_of(page):
    """Parts of a page with white around them, without single words; the largest part of a page that has only such."""
    inked = ndimage.binary_dilation(numpy.asarray(page) < 200, iterations=5)
    blocks = ndimage.find_objects(ndimage.label(inked)[0])
    area = lambda block: (block[0].stop - block[0].start) * (block[1].stop - block[1].start)
    return [block for block in blocks if area(block) > 6000] or [max(blocks, key=area)]


if __name__ == "__main__":
    main()
