"""Writes analysis texts in many spellings beside the numbers that a reader must give, as JSON.

Standard library only; knows nothing of the reader. Numbers are made up, but for the spine, which is the figures of a
real page: its eleven sub-combinations are ΣBMC / Σarea of the printed vertebrae.
"""
import itertools
import json
import pathlib
import random

OUT = pathlib.Path(__file__).parent / "hologic_variants.json"
VERTEBRAE = {"L1": (1326, 1158), "L2": (1372, 1294), "L3": (1481, 1393), "L4": (1397, 1340)}
Z = {"L1": "-1.0", "L2": "-0.7", "L3": "-1.0", "L4": "-0.9", "L1-L4": "-0.9"}

HEADS = {
    "html": ["Region", "Area[cm<sup><small>2</small></sup>]", "BMC[(g)]", "BMD[g/cm<sup><small>2</small></sup>]",
             "T -<br>Score", "PR<br>(%)", "Z -<br>Score", "AM<br>(%)"],
    "round": ["Region", "Area (cm²)", "BMC (g)", "BMD (g/cm²)", "T - score", "PR (%)", "Z - score", "AM (%)"],
    "entity": ["Region", "Area[cm&sup2;]", "BMC[g]", "BMD[g/cm&sup2;]", "T-score", "PR(%)", "Z-score", "AM(%)"],
    "bare": ["Region", "Area", "BMC", "BMD", "T-score", "PR", "Z-score", "AM"],
    "caret": ["REGION", "AREA (cm^2)", "BMC (grams)", "BMD (gms/cm^2)", "T Score", "% PR", "Z Score", "% AM"],
    "chinese": ["部位", "面积(cm²)", "骨矿含量(g)", "骨密度(g/cm²)", "T值", "PR(%)", "Z值", "AM(%)"],
    "bold": ["<b>Region</b>", "<b>Area</b><br>(cm<sup>2</sup>)", "<b>BMC</b><br>(g)",
             "<b>BMD</b><br>(g/cm<sup>2</sup>)", "<b>T</b> -<br>score", "<b>PR</b><br>(%)", "<b>Z</b> -<br>score",
             "<b>AM</b><br>(%)"],
}


def decimals(hundredths, places):
    return f"{hundredths / 10 ** places:.{places}f}"


def runs(levels):
    """L1 L2 L4 -> L1-L2,L4."""
    parts = []
    for _, group in itertools.groupby(enumerate(levels), lambda pair: int(pair[1][1]) - pair[0]):
        group = [level for _, level in group]
        parts.append(group[0] if len(group) == 1 else f"{group[0]}-{group[-1]}")
    return ",".join(parts)


def row(site, label, area, bmc, bmd=None, t=None, z=None, side=None):
    bmd = bmd or f"{float(bmc) / float(area):.3f}"
    return {"site": site, "side": side, "label": label, "cells": [area, bmc, bmd, t, None, z, None]}


def spine(levels, combos=False, total="Total", t=None):
    rows = []
    for count in range(1, len(levels) + 1 if combos else 2):
        for subset in itertools.combinations(levels, count):
            if count == len(levels) and total and count > 1:
                continue
            area = sum(VERTEBRAE[level][0] for level in subset)
            bmc = sum(VERTEBRAE[level][1] for level in subset)
            name = runs(subset)
            rows.append(row(name, name.replace(",", ", ") if combos == "blanks" else name, decimals(area, 2),
                            decimals(bmc, 2), t=t, z=Z.get(name)))
    if total:
        area, bmc = (sum(VERTEBRAE[level][i] for level in levels) for i in (0, 1))
        rows.append(row(runs(levels), total, decimals(area, 2), decimals(bmc, 2), t=t, z=Z.get(runs(levels))))
    return rows


def hip(side, labels=("Neck", "Troch", "Inter", "Total", "Ward's")):
    sites = ["femoral_neck", "trochanter", "intertrochanter", "total_hip", "wards"]
    numbers = [("5.10", "3.57", "0.700"), ("10.20", "6.12", "0.600"), ("15.90", "15.90", "1.000"),
               ("31.20", "25.59", "0.820"), ("1.10", "0.55", "0.500")]
    return [row(site, label, *cells, t="-1.3", z="-0.2", side=side)
            for site, label, cells in zip(sites, labels, numbers)]


FOREARM = [("1/3", "33", "2.60", "1.69", "0.650"), ("MID", "mid", "4.10", "2.30", "0.561"),
           ("UD", "ud", "3.30", "1.35", "0.409"), ("Total", "total", "10.00", "5.34", "0.534")]


def forearm(section, prefix, side):
    return [row(f"{prefix}_{site}" if prefix else None, label, area, bmc, bmd, t="-1.0", z="0.3", side=side)
            for label, site, area, bmc, bmd in FOREARM]


class Text:
    def __init__(self, style):
        self.style = style
        self.lines = []

    def put(self, key, value):
        style = self.style
        equals = style.get("equals", " = ")
        self.lines.append(f'{key}{equals}"{value}"{style.get("end", ";")}')

    def number(self, text):
        if text is None:
            return self.style.get("blank", " ")
        return text.replace(".", ",") if self.style.get("comma") else text

    def person(self, **extra):
        scan = {"Scan": "17.05.2024 - A05172401", "PatientName": "Doe, Jane", "PatientSex": "Female",
                "Ethnicity": "White", "Height": "158.0 cm", "Weight": "54.0 kg", "DOB": "03.02.1961", "Age": "63",
                "ImageXPos": "12", "ImageYPos": "40", "ImageXSize": "300", "ImageYSize": "330"}
        for key, value in (scan | extra).items():
            self.put(key, value)

    def matrix(self, heads, rows, columns=range(7), table="ResultsTable1", sections=None):
        index = self.style.get("index", "[{r:2}][{c:2}]")
        grid = [[heads[0]] + [heads[1 + column] for column in columns]]
        for at, entry in enumerate(rows):
            if sections and at in sections:
                grid.append([sections[at]] + [self.style.get("blank", " ")] * len(columns))
            grid.append([entry["label"]] + [self.number(entry["cells"][column]) for column in columns])
        keys = [(r, c) for r in range(len(grid)) for c in range(len(grid[0]))]
        if self.style.get("by_column"):
            keys.sort(key=lambda key: (key[1], key[0]))
        if self.style.get("shuffled"):
            random.Random(7).shuffle(keys)
        first = self.style.get("first", 0)
        for r, c in keys:
            self.put(table + index.format(r=r + first, c=c + first), grid[r][c])

    def text(self):
        lines = [line + self.style.get("after", "") for line in self.lines]
        return self.style.get("wrap", "{}").replace("{}", self.style.get("newline", "\r\n").join(lines) + "\r\n")


STYLES = {
    "plain": {},
    "no_blanks": {"equals": "=", "index": "[{r}][{c}]"},
    "tabs": {"equals": "\t=\t", "index": "[{r}] [{c}]"},
    "blank_in_name": {"index": " [ {r} ] [ {c} ]"},
    "unix": {"newline": "\n"},
    "old_mac": {"newline": "\r"},
    "no_semicolon": {"end": ""},
    "trailing_blanks": {"after": "   \t"},
    "comment_after": {"after": " // end"},
    "words_after": {"after": " end of cell"},
    "comma": {"comma": True},
    "dashes": {"blank": "---"},
    "not_applicable": {"blank": "N/A"},
    "empty": {"blank": ""},
    "nbsp": {"blank": "&nbsp;"},
    "by_column": {"by_column": True},
    "shuffled": {"shuffled": True},
    "from_one": {"first": 1},
    "xml": {"wrap": "<?xml version=\"1.0\"?>\r\n<Analysis>\r\n{}</Analysis>\r\n"},
    "cdata": {"wrap": "<Analysis><![CDATA[{}]]></Analysis>"},
}


def case(name, text, rows, kept=(), findings=None, sex="F"):
    wanted = []
    for entry in rows:
        if entry["site"] is None:
            continue
        area, bmc, bmd, t, _, z, _ = entry["cells"]
        numbers = [None if value is None else float(value) for value in (area, bmc, bmd, t, z)]
        wanted.append([entry["site"], entry["side"]] + numbers)
    return {"name": name, "text": text, "sex": sex, "rows": wanted, "items": list(kept), "findings": findings}


def cases():
    everything = ["L1", "L2", "L3", "L4"]
    for style_name, style in STYLES.items():
        text = Text(style)
        text.person()
        rows = spine(everything)
        text.matrix(HEADS["html"], rows, columns=[0, 1, 2, 3, 5])
        yield case(f"spine, {style_name}", text.text(), rows, findings=[])
    for head, words in HEADS.items():
        text = Text({})
        text.person(ScanType="Left Hip")
        rows = hip("L")
        text.matrix(words, rows)
        yield case(f"hip, headings {head}", text.text(), rows, findings=[])
    for name, levels, total in [("without L1", everything[1:], "Total"), ("without L2", ["L1", "L3", "L4"], "Total"),
                                ("two vertebrae", ["L1", "L2"], "Total"), ("named total", everything, "L1-L4"),
                                ("total in words", everything, "Total L1-L4"), ("spaced", everything, "L1 - L4"),
                                ("chinese total", everything, "总计")]:
        text = Text({})
        text.person(ScanType="Lumbar Spine")
        rows = spine(levels, total=total)
        text.matrix(HEADS["html"], rows)
        yield case(f"spine {name}", text.text(), rows, findings=[])
    for combos in (True, "blanks"):
        text = Text({})
        text.person()
        rows = spine(everything, combos=combos)
        text.matrix(HEADS["html"], rows)
        yield case(f"all combinations {combos}", text.text(), rows, findings=[])
    for labels in [("Neck", "Troch", "Inter", "Total", "Ward&#39;s"), ("Neck", "Trochanter", "Intertrochanter", "Total Hip", "Wards"),
                   ("NECK", "TROCH", "INTER", "TOTAL", "WARD&apos;S"), ("Femoral Neck", "Troch.", "Inter.", "Total", "Ward's &Delta;"),
                   ("<b>Neck</b>", "Troch", "Inter", "<b>Total</b>", "Ward's"), ("股骨颈", "大转子", "转子间", "总计", "Ward三角")]:
        for side, scan in [("R", "Right Hip"), ("L", "f Left Hip"), ("R", "右侧髋部")]:
            text = Text({})
            text.person(ScanType=scan)
            rows = hip(side, labels)
            text.matrix(HEADS["round"], rows)
            yield case(f"hip {labels[0]} {labels[4]} {scan}", text.text(), rows,
                       findings=[] if scan != "f Left Hip" else None)
    for section, prefix in [("Radius", "radius"), ("Ulna", None), ("Radius + Ulna", "radius_ulna"), ("R+U", "radius_ulna"),
                            ("RADIUS+ULNA", "radius_ulna"), ("R + U", "radius_ulna")]:
        text = Text({})
        text.person(ScanType="Left Forearm")
        rows = forearm(section, prefix, "L")
        text.matrix([section] + HEADS["html"][1:], rows)
        yield case(f"forearm, corner {section}", text.text(), rows, findings=None)
        text = Text({})
        text.person(ScanType="Left Forearm")
        text.matrix(HEADS["html"], rows, sections={0: section})
        yield case(f"forearm, section {section}", text.text(), rows, findings=None)
        text = Text({})
        text.person(ScanType="Left Forearm")
        named = [entry | {"label": f"{section} {entry['label']}"} for entry in rows]
        text.matrix(HEADS["html"], named)
        yield case(f"forearm, named {section}", text.text(), named, findings=None)
    text = Text({})
    text.person(ScanType="Left Forearm")
    rows = forearm("Radius", "radius", "L") + forearm("Ulna", None, "L") + forearm("Radius + Ulna", "radius_ulna", "L")
    text.matrix(HEADS["html"], rows, sections={0: "Radius", 4: "Ulna", 8: "Radius + Ulna"})
    yield case("forearm, three sections", text.text(), rows, findings=[])
    for style_name in ("plain", "comma"):
        yield whole_body(style_name)
    yield thousands()
    text = Text({})
    text.person(PatientSex="Male", PatientName="Roe, Richard")
    rows = spine(everything, t="-1.5")
    text.matrix(HEADS["html"], rows)
    yield case("man", text.text(), rows, findings=[], sex="M")
    text = Text({})
    text.person(Mystery="42", KeyTwo="abc")
    rows = spine(everything)
    text.matrix(HEADS["html"], rows)
    text.put("ResultsTable1[ 9][ 0]", "Gizmo")
    text.put("ResultsTable1[ 9][ 3]", "0.500")
    yield case("unknown key and row", text.text(), rows, kept=["Mystery", "KeyTwo", "Gizmo"],
               findings=["device_item_unknown"])
    text = Text({})
    text.person()
    rows = [row("L1", "L1", "13.2600", "11.5804", "0.87333", t="-1.64", z="-1.02")]
    text.matrix(HEADS["html"], rows)
    yield case("more decimals", text.text(), rows, findings=[])
    text = Text({})
    text.person(ScanType="Left Hip")
    rows = hip("L")
    text.matrix(HEADS["html"], rows)
    other = spine(everything)
    text.matrix(HEADS["html"], other, table="ResultsTable2")
    yield case("two tables", text.text(), rows + other, findings=[])


BODY = [("L Arm", "left_arm"), ("R Arm", "right_arm"), ("L Ribs", None), ("R Ribs", None), ("T Spine", None),
        ("L Spine", None), ("Pelvis", "pelvis"), ("L Leg", "left_leg"), ("R Leg", "right_leg")]


def whole_body(style_name):
    text = Text(STYLES[style_name])
    text.person(ScanType="Whole Body")
    rows = [row(None, label, "150.00", "120.00") for label, _ in BODY]
    rows += [row("total_body_less_head", "Subtotal", "1350.00", "1080.00"), row(None, "Head", "230.00", "460.00"),
             row("total_body", "Total", "1580.00", "1540.00", t="0.4", z="0.9")]
    text.matrix(HEADS["html"], rows)
    heads = ["Region", "BMC<br>(g)", "Fat<br>(g)", "Lean<br>(g)", "Lean+BMC<br>(g)", "Total Mass<br>(g)", "% Fat"]
    parts = [("L Arm", "left_arm"), ("R Arm", "right_arm"), ("Trunk", "trunk"), ("L Leg", "left_leg"),
             ("R Leg", "right_leg"), ("Subtotal", None), ("Head", "head"), ("Total", "total"),
             ("Android (A)", "android"), ("Gynoid (G)", "gynoid")]
    composition = []
    for c, head in enumerate(heads):
        text.put(f"ResultsTable2[ 0][{c:2}]", head)
    for r, (label, part) in enumerate(parts, 1):
        bmc = "1540.00" if part == "total" else "1080.00" if label == "Subtotal" else "460.00" if part == "head" else "120.00"
        cells = [bmc, f"{1000 + r}.5", f"{3000 + r}.2", "3120.4", f"{4120 + r}.7", f"{20 + r}.3"]
        if part in ("android", "gynoid"):
            cells[0] = None
        text.put(f"ResultsTable2[{r:2}][ 0]", label)
        for c, cell in enumerate(cells, 1):
            text.put(f"ResultsTable2[{r:2}][{c:2}]", text.number(cell))
        if part:
            composition.append([part] + [float(cells[i]) for i in (1, 2, 4, 5)])
    made = case(f"whole body, {style_name}", text.text(), rows, findings=[])
    return made | {"composition": composition}


def thousands():
    text = Text({"comma": False})
    text.person(ScanType="Whole Body")
    for c, head in enumerate(["Region", "Area (cm2)", "BMC (g)", "BMD (g/cm2)", "Fat (g)", "% Fat"]):
        text.put(f"ResultsTable1[ 0][{c:2}]", head)
    for c, cell in enumerate(["Total", "2.012,33", "2.250,10", "1,118", "19.004,5", "29,6"]):
        text.put(f"ResultsTable1[ 1][{c:2}]", cell)
    rows = [row("total_body", "Total", "2012.33", "2250.10", "1.118")]
    return case("thousands with a decimal comma", text.text(), rows, findings=[]) | {"composition": [["total", 19004.5, None, None, 29.6]]}


if __name__ == "__main__":
    made = list(cases())
    OUT.write_text(json.dumps(made, ensure_ascii=False, indent=0) + "\n")
    print(len(made), "cases")
