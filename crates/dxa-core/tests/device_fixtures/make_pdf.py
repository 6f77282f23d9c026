"""Writes the PDF reports that the reader of text layers is tested on.

pip install reportlab fpdf2 typst; the Chinese typst and fpdf2 pages need WenQuanYi Micro Hei; Chromium is optional.
Numbers are made up, but for the spine, which is the figures of a real Hologic page.
"""
import datetime
import pathlib
import shutil
import subprocess
import sys
import tempfile

import typst
from fpdf import FPDF
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table
from reportlab.lib.styles import getSampleStyleSheet

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
CJK = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"

SPINE = [
    ["Region", "Area (cm²)", "BMC (g)", "BMD (g/cm²)", "T-score", "Z-score"],
    ["L1", "13.26", "11.58", "0.873", "-1.1", "-1.0"],
    ["L2", "13.72", "12.94", "0.943", "-0.8", "-0.7"],
    ["L3", "14.81", "13.93", "0.941", "-1.3", "-1.0"],
    ["L4", "13.97", "13.40", "0.959", "-1.2", "-0.9"],
    ["Total", "55.77", "51.85", "0.930", "-1.1", "-0.9"],
]
HIP_ZH = [
    ["部位", "面积(cm²)", "骨矿含量(g)", "骨密度(g/cm²)", "T值", "Z值"],
    ["股骨颈", "5.00", "3.50", "0.700", "-1.3", "-0.2"],
    ["大转子", "10.00", "6.00", "0.600", "-1.0", "0.1"],
    ["转子间", "16.00", "16.00", "1.000", "-0.6", "0.0"],
    ["总计", "31.00", "25.50", "0.823", "-1.0", "0.0"],
]


def platypus(name, rows, title, pagesize=A4, font=None):
    styles = getSampleStyleSheet()
    doc = SimpleDocTemplate(str(OUT / name), pagesize=pagesize, invariant=1)
    table = Table(rows)
    if font:
        table.setStyle([("FONT", (0, 0), (-1, -1), font, 10)])
        styles["Normal"].fontName = font
    text = "T-score vs. White Female. Source: made up"
    doc.build([Paragraph(title, styles["Normal"]), Spacer(1, 12), table, Paragraph(text, styles["Normal"])])


def hologic_blank_t():
    rows = [row[:] for row in SPINE]
    for row in rows[1:]:
        row[4] = ""
    platypus("reportlab_blank_t.pdf", rows, "AP Spine")


def cells_in_any_order():
    """Every cell drawn on its own, the last column first, on a turned page."""
    page = canvas.Canvas(str(OUT / "reportlab_cells_turned.pdf"), pagesize=A4, invariant=1)
    page.setPageRotation(90)
    page.translate(500, 100)
    page.rotate(90)
    page.setFont("Times-Roman", 9)
    for column in reversed(range(6)):
        for index, row in enumerate(SPINE):
            page.drawRightString(60 + 80 * column, 300 - 14 * index, row[column])
    page.save()


def ge_two_line_heading():
    page = canvas.Canvas(str(OUT / "reportlab_ge.pdf"), pagesize=A4, invariant=1)
    page.setFont("Helvetica-Bold", 11)
    page.drawString(60, 740, "DualFemur Bone Density")
    page.setFont("Helvetica", 9)
    centers = [90, 190, 270, 340, 420, 490]
    for x, text in zip([190, 305, 455], ["BMD", "Young-Adult", "Age-Matched"]):
        page.drawCentredString(x, 720, text)
    page.line(260, 717, 350, 717)
    for x, text in zip(centers, ["Region", "(g/cm²)", "(%)", "T-score", "(%)", "Z-score"]):
        page.drawCentredString(x, 708, text)
    rows = [
        ["Neck Left", "0.980", "96", "-0.4", "109", "0.7"],
        ["Neck Right", "0.999", "97", "-0.3", "111", "0.8"],
        ["Neck Mean", "0.989", "96", "-0.4", "110", "0.8"],
        ["Neck Diff.", "0.019", "2", "0.1", "2", "0.1"],
        ["Total Left", "0.991", "98", "-0.1", "110", "0.7"],
        ["Total Right", "1.007", "100", "0.0", "111", "0.8"],
    ]
    for index, row in enumerate(rows):
        for x, text in zip(centers, row):
            page.drawCentredString(x, 690 - 13 * index, text)
    page.drawString(60, 560, "Reference: USA (Combined NHANES/Lunar)")
    page.save()


def norland():
    rows = [
        ["Region", "BMD (g/cm²)", "BMC (g)", "Area (cm²)", "Length (cm)", "T-Score", "Young %", "Z-Score", "Age Match %"],
        ["L2", "0.8503", "11.86", "13.94", "3.10", "-1.51", "77.5", "-0.71", "88.0"],
        ["L3", "0.9006", "13.22", "14.68", "3.20", "-1.25", "80.8", "-0.59", "89.9"],
        ["L4", "0.9284", "14.09", "15.17", "3.30", "-0.91", "84.5", "-0.32", "94.5"],
        ["L2-L4", "0.8942", "39.17", "43.80", "9.60", "-1.28", "81.1", "-0.55", "90.9"],
    ]
    platypus("reportlab_norland.pdf", rows, "AP Spine")


def chinese_cid():
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    platypus("reportlab_zh_cid.pdf", HIP_ZH, "左侧股骨", font="STSong-Light")


def lines(name, texts):
    """Lines of a fixed-pitch font, columns made with blanks."""
    page = canvas.Canvas(str(OUT / name), pagesize=A4, invariant=1)
    text = page.beginText(50, 780)
    text.setFont("Courier", 9)
    for line in texts:
        text.textLine(line)
    page.drawText(text)
    page.save()


def fixed_pitch():
    lines("reportlab_mono.pdf", [
        "Name: Doe, Jane      Sex: Female   Height: 160.0 cm",
        "Scan Information: 17 May 2024  ID: A0517240",
        "Scan Type: x Lumbar Spine",
        "",
        "Region   Area   BMC    BMD     T -   Z -",
        "         (cm2)  (g)    (g/cm2) score score",
        "L1       13.26  11.58  0.873   -1.1  -1.0",
        "L2       13.72  12.94  0.943         -0.7",
        "L3       14.81  13.93  0.941   -1.3  -1.0",
        "L4       13.97  13.40  0.959   -1.2  -0.9",
        "Total    55.77  51.85  0.930   -1.1  -0.9",
        "",
        "Total BMD CV 1.0%, ACF = 1.02, BCF = 1.00",
    ])
    lines("reportlab_forearm.pdf", [
        "Left Forearm",
        "",
        "Radius + Ulna   Area(cm2)  BMC(g)  BMD(g/cm2)  T-score",
        "UD              8.00       3.20    0.400       -1.1",
        "MID             6.00       3.00    0.500       -1.2",
        "1/3             5.00       3.00    0.600       -1.3",
        "Total           19.00      9.20    0.484       -1.2",
    ])


def beside_each_other():
    page = canvas.Canvas(str(OUT / "reportlab_dualhip.pdf"), pagesize=A4, invariant=1)
    page.setFont("Helvetica", 9)
    for left, side, more in ((40, "Left Hip", 0), (310, "Right Hip", 0.01)):
        page.drawString(left, 700, side)
        rows = [["Region", "BMD(g/cm²)", "T-score", "Z-score"]]
        rows += [["Neck", f"{0.7 + more:.3f}", "-1.3", "-0.2"], ["Total", f"{0.82 + more:.3f}", "-1.0", "0.0"]]
        for index, row in enumerate(rows):
            for column, text in enumerate(row):
                page.drawString(left + 60 * column, 685 - 14 * index, text)
    page.save()


def ambiguous():
    """One row lacks a cell and the one left stands between two columns."""
    page = canvas.Canvas(str(OUT / "reportlab_ambiguous.pdf"), pagesize=A4, invariant=1)
    page.setFont("Helvetica", 10)
    page.drawString(60, 740, "Left Hip")
    for x, text in zip([60, 150, 280, 340], ["Region", "BMD (g/cm²)", "T-score", "Z-score"]):
        page.drawString(x, 720, text)
    for x, text in zip([60, 150, 280, 340], ["Total", "0.823", "-1.0", "0.0"]):
        page.drawString(x, 700, text)
    for x, text in zip([60, 150, 318], ["Neck", "0.700", "-1.3"]):
        page.drawString(x, 685, text)
    page.save()


def picture_only():
    page = canvas.Canvas(str(OUT / "reportlab_no_text.pdf"), pagesize=A4, invariant=1)
    page.rect(100, 100, 200, 300, fill=1)
    hidden = page.beginText(100, 500)
    hidden.setTextRenderMode(3)
    hidden.textLine("L1 0.873")
    page.drawText(hidden)
    page.save()


def with_fpdf(name, rows, title, font):
    pdf = FPDF()
    pdf.set_creation_date(datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc))
    pdf.add_page()
    if font:
        pdf.add_font("CJK", fname=font)
        pdf.add_font("CJK", style="B", fname=font)
        pdf.set_font("CJK", size=11)
    else:
        pdf.set_font("Helvetica", size=11)
    pdf.cell(text=title, new_x="LMARGIN", new_y="NEXT")
    with pdf.table() as table:
        for row in rows:
            cells = table.row()
            for cell in row:
                cells.cell(cell)
    pdf.output(str(OUT / name))


def typst_page(name, rows, title):
    body = ", ".join("[" + cell.replace("#", "\\#") + "]" for row in rows for cell in row)
    source = (
        '#set document(date: none)\n#set text(font: ("DejaVu Sans", "WenQuanYi Micro Hei"), size: 10pt)\n'
        f"= {title}\n#table(columns: {len(rows[0])}, {body})\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "page.typ"
        path.write_text(source)
        (OUT / name).write_bytes(typst.compile(str(path)))


def chromium_page(name, rows, title):
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        print("no Chromium:", name, "not written")
        return
    html = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "page.html"
        path.write_text(f"<meta charset=utf-8><h2>{title}</h2><table border=1 cellpadding=6>{html}</table>")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        subprocess.run([*command, f"--print-to-pdf={OUT / name}", path.as_uri()], check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    platypus("reportlab_spine.pdf", SPINE, "AP Spine")
    comma = [SPINE[0]] + [[cell.replace(".", ",") for cell in row] for row in SPINE[1:]]
    platypus("reportlab_comma.pdf", comma, "Lendenwirbelsäule")
    hologic_blank_t()
    cells_in_any_order()
    ge_two_line_heading()
    norland()
    chinese_cid()
    fixed_pitch()
    beside_each_other()
    ambiguous()
    picture_only()
    with_fpdf("fpdf2_spine.pdf", SPINE, "AP Spine", None)
    with_fpdf("fpdf2_zh.pdf", HIP_ZH, "左侧股骨", CJK)
    typst_page("typst_spine.pdf", SPINE, "AP Spine")
    typst_page("typst_zh.pdf", HIP_ZH, "左侧股骨")
    chromium_page("chromium_spine.pdf", SPINE, "AP Spine")
    chromium_page("chromium_zh.pdf", HIP_ZH, "左侧股骨")
