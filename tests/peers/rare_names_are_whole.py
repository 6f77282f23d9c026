"""Rare letters of real names in printed reports: each is drawn as the font draws it, or refused by its code point; none
is a blank or a box. The fonts are those of the container."""
import subprocess
import tempfile
import unicodedata
from pathlib import Path

import numpy
from PIL import Image, ImageDraw, ImageFont
from peer import DXA, ROOT, check, finish
from peer.fonts import face_with, names, packages
from peer.pdf import drawn_letter, fonts_of, text_of
from peer.reader_scans import changed

# A common letter, one that old character sets lack, one of Extension A each from modern use, and one beyond 16 bits.
LETTERS = "王喆㛃䶮𠮷"
COMMON, NOBODY = "王", "\U0010fffd"
# Letters of the same font differ by more than this from one another (0.29 and more), and one letter drawn by two programs by less (0.08).
LIKE = 0.15


def main():
    check(len(packages()) >= 2, f"the container has the fonts {packages()}")
    with tempfile.TemporaryDirectory() as folder:
        for letter in LETTERS + NOBODY:
            check_name(Path(folder), letter)
        check_every_report(Path(folder))
    check(face_with(COMMON) is not None, "the container cannot print a common name")
    check(not alike(expected(COMMON, COMMON), expected("喆", COMMON)), "two letters count as one: the comparison sees nothing")
    finish("letters of printed names")


def check_name(folder, letter):
    name = f"U+{ord(letter):04X}"
    scan = changed(folder, name, "07-hologic-spine", f"Rare={letter}")
    out = folder / f"{name}-out"
    command = [DXA, "analyze", str(scan.files[0]), "--formats", "pdf", "--lang", "zh-CN", "--out", str(out)]
    said = subprocess.run(command, capture_output=True, text=True)
    made = list(out.glob("*/report.pdf"))
    if face_with(letter) is None:
        check(said.returncode != 0 and not made, f"{name}: no font has it, and there is a report")
        check(name in said.stderr and "font_dirs" in said.stderr, f"{name}: refused without a word of what to do: {said.stderr}")
        return
    check(said.returncode == 0 and len(made) == 1, f"{name} is not printed: {said.stderr}")
    for pdf in map(Path.read_bytes, made):
        text = unicodedata.normalize("NFC", text_of(pdf))
        check(letter in text, f"{name} cannot be found in the text")
        drawn = drawn_letter(pdf, letter)
        check(drawn is not None and alike(shape(drawn), expected(letter, letter)), f"{name} is not drawn as the font has it")
        box = expected(NOBODY, letter)
        check(box is None or not alike(shape(drawn), box), f"{name} is drawn as the box for a missing letter")


def check_every_report(folder):
    """Nothing is printed with a font that this machine has and the container has not."""
    for language in ("en", "zh-CN"):
        out = folder / f"all-{language}"
        command = [DXA, "analyze", str(ROOT / "test-scans"), "--formats", "pdf", "--lang", language, "--out", str(out)]
        subprocess.run(command, check=True, capture_output=True)
        for report in sorted(out.glob("*/report.pdf")):
            foreign = fonts_of(report.read_bytes()) - names()
            check(not foreign, f"{report.parent.name} {language} is printed with {foreign}, which {packages()} do not have")


def expected(letter, owner):
    """The shape of a letter in the font that has `owner`."""
    path, at = face_with(owner)
    picture = Image.new("L", (240, 240), 255)
    ImageDraw.Draw(picture).text((40, 20), letter, font=ImageFont.truetype(str(path), 120, index=at), fill=0)
    return shape(picture)


def shape(picture):
    """Ink in its own box, of one size; nothing of a blank."""
    ink = 1 - numpy.asarray(picture, dtype=float) / 255
    rows, columns = (numpy.flatnonzero(ink.max(axis=axis) > 0.5) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return None
    box = Image.fromarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype("float32"))
    return numpy.asarray(box.resize((40, 40), Image.Resampling.BOX))


def alike(one, other):
    return one is not None and other is not None and numpy.abs(one - other).mean() < LIKE


if __name__ == "__main__":
    main()
