"""Printed reports say what the JSON says: every page is read and drawn by PDFium, and compared with the result."""
import json
import re
import subprocess
import tempfile
from pathlib import Path

import numpy
import pypdfium2
from peer import DXA, ROOT, check, finish
from peer.pdf import text_of

LANGUAGES = ("en", "zh-CN")
TITLES = {"en": "Bone densitometry report", "zh-CN": "骨密度检测报告"}
MINUS = "\N{MINUS SIGN}"


def main():
    scans = ROOT / "test-scans"
    with tempfile.TemporaryDirectory() as folder:
        for language in LANGUAGES:
            out = Path(folder) / language
            command = [DXA, "analyze", str(scans), "--out", str(out), "--formats", "json,pdf", "--lang", language]
            subprocess.run(command, check=True, capture_output=True)
            for study in sorted(out.iterdir()):
                check_report(study, language)
        check_again(Path(folder))
        check_rare_letters(Path(folder))
        check_layout(Path(folder))
    finish("properties of printed reports")


def check_report(folder, language):
    pdf = (folder / "report.pdf").read_bytes()
    study = json.loads((folder / "analysis.json").read_text())["studies"][0]
    name = f"{folder.name} {language}"
    check(b"<pdfaid:part>2</pdfaid:part>" in pdf, f"{name}: no PDF/A-2")
    check(b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf, f"{name}: no level of PDF/A")
    document = pypdfium2.PdfDocument(pdf)
    text = squeezed(text_of(pdf))
    check(squeezed(TITLES[language]) in text, f"{name}: no title")
    check("\ufffd" not in text, f"{name}: a letter without a meaning")
    for value in wanted(study):
        check(squeezed(value) in text, f"{name}: {value!r} is not printed")
    for at, page in enumerate(document):
        check_drawn(page, f"{name} page {at + 1}")


def wanted(study):
    """What must stand in a report: the person, each density and score that is shown, grades, refusals by number."""
    patient = study["patient"]
    if patient["id"]:
        yield patient["id"]
    for part in (patient["name"] or "").split("^"):
        yield part
    for region in study["regions"]:
        if re.fullmatch(r"L[1-4]|L1-L4|femoral_neck|total_hip", region["site"]) and region["bmd_g_cm2"] is not None:
            yield f"{region['bmd_g_cm2']:.3f}"
            for score in region["scores"]:
                if not score.get("named"):
                    yield f"{score['value']:.1f}".replace("-", MINUS)
    for vertebra in study["vertebrae"]:
        if vertebra["evaluable"]:
            yield vertebra["level"]
    yield study["provenance"]["software"]
    yield study["assessment"]["profile"]


def squeezed(text):
    """Without blanks and line ends, which a page puts where it likes."""
    return re.sub(r"\s|\x02|\xad", "", text)


def check_drawn(page, name):
    """Neither empty nor black (a foot alone is 0.0003), and nothing runs off the paper."""
    picture = page.render(scale=1).to_pil().convert("L")
    width, height = picture.size
    inked = sum(picture.histogram()[:200]) / (width * height)
    check(0.0005 < inked < 0.6, f"{name}: {inked:.4f} of it is printed")
    for edge in ((0, 0, 12, height), (width - 12, 0, width, height), (0, 0, width, 12), (0, height - 12, width, height)):
        check(min(picture.crop(edge).tobytes()) > 200, f"{name}: something lies at the edge of the paper")


def check_again(folder):
    """The same result printed twice has the same bytes, alone or among others."""
    scan = str(ROOT / "test-scans" / "07-hologic-spine.dcm")
    out = folder / "again"
    subprocess.run([DXA, "analyze", scan, "--out", str(out), "--formats", "pdf"], check=True, capture_output=True)
    for study in out.iterdir():
        same = (study / "report.pdf").read_bytes() == (folder / "en" / study.name / "report.pdf").read_bytes()
        check(same, f"{study.name}: printed again it is another file")


def named(folder, name):
    """A scan of somebody with a name, in UTF-8."""
    import pydicom

    scan = pydicom.dcmread(ROOT / "test-scans" / "07-hologic-spine.dcm")
    scan.SpecificCharacterSet = "ISO_IR 192"
    scan.PatientName = name
    folder.mkdir()
    scan.save_as(folder / "scan.dcm")
    return folder


def check_rare_letters(folder):
    """A name of sixty letters is whole; a letter that no font has is refused and named, never left out."""
    long = "欧阳" * 30
    out = folder / "long-out"
    scans = named(folder / "long", f"Ouyang={long}")
    command = [DXA, "analyze", str(scans), "--formats", "pdf", "--lang", "zh-CN", "--out"]
    subprocess.run([*command, str(out)], check=True, capture_output=True)
    (pdf,) = out.glob("*/report.pdf")
    text = squeezed(text_of(pdf))
    check(long in text, "a name of sixty letters is not whole")
    scans = named(folder / "rare", "Rare=\U0010fffd")
    said = subprocess.run([DXA, "analyze", str(scans), "--formats", "pdf", "--out", str(out)], capture_output=True, text=True)
    check(said.returncode != 0 and "U+10FFFD" in said.stderr, f"a letter without a font: {said.stderr}")


def check_layout(folder):
    """The clinic's head, its logo, and the sections in the order that it wants."""
    from PIL import Image

    logo = folder / "logo.png"
    Image.new("RGB", (80, 40), (200, 0, 0)).save(logo)
    layout = folder / "layout.toml"
    layout.write_text(
        f'organization = "示例医院"\nhead = ["Room 12"]\nlogo = "{logo}"\nsections = ["provenance", "regions"]\n'
    )
    out = folder / "layout-out"
    scan = str(ROOT / "test-scans" / "07-hologic-spine.dcm")
    command = [DXA, "analyze", scan, "--out", str(out), "--formats", "pdf", "--report-layout", str(layout)]
    subprocess.run(command, check=True, capture_output=True)
    (pdf,) = out.glob("*/report.pdf")
    text = text_of(pdf)
    check("示例医院" in text and "Room 12" in text, "the head is not printed")
    places = [text.find(word) for word in ("Where the numbers come from", "Regions", "Assessment")]
    check(0 <= places[0] < places[1] and places[2] < 0, f"sections lie at {places}")
    picture = numpy.asarray(pypdfium2.PdfDocument(pdf)[0].render(scale=1).to_pil().convert("RGB"))
    red = ((picture[..., 0] > 150) & (picture[..., 1] < 60) & (picture[..., 2] < 60)).sum()
    check(red > 500, f"the logo has {red} pixels")
    layout.write_text('logo = "no-such-file.png"')
    said = subprocess.run(command, capture_output=True, text=True)
    check(said.returncode == 2 and "logo" in said.stderr, f"a logo that is not there: {said.returncode} {said.stderr}")


if __name__ == "__main__":
    main()
