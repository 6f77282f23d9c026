"""Tables of `dxa batch` are the same numbers for pyarrow (Parquet), pandas (CSV) and openpyxl (XLSX)."""
import csv
import datetime
import json
import math
import subprocess
import tempfile
from pathlib import Path

import openpyxl
import pandas
import pyarrow.parquet

from peer import DXA, ROOT, check, finish

TYPES = {"text": "string", "number": "double", "integer": "int64", "boolean": "bool", "date": "date32[day]"}


def main():
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        subprocess.run(
            [DXA, "batch", str(ROOT / "test-scans"), "--out", str(out), "--formats", "parquet,csv,xlsx"],
            check=True, capture_output=True,
        )
        run = json.loads((out / "run.json").read_text())
        check_digests(run, out)
        dictionary = pandas.read_csv(out / "dictionary.csv", keep_default_na=False)
        book = openpyxl.load_workbook(out / "tables.xlsx", read_only=True, data_only=False)
        for name in dictionary["table"].unique():
            columns = dictionary[dictionary["table"] == name]
            check_table(name, columns, out, book)
    finish("properties of tables")


def check_digests(run, out):
    for file in run["files"]:
        digest = subprocess.run(["sha256sum", out / file["file"]], check=True, capture_output=True, text=True)
        check(digest.stdout.split()[0] == file["sha256"], f"{file['file']}: digest")


def check_table(name, columns, out, book):
    parquet = pyarrow.parquet.read_table(out / f"{name}.parquet")
    wanted = [(row.column, TYPES[row.type]) for row in columns.itertuples()]
    found = [(field.name, str(field.type)) for field in parquet.schema]
    check(found == wanted, f"{name}: Parquet has {found}")
    rows = parquet.to_pylist()
    with open(out / f"{name}.csv", encoding="utf-8", newline="") as file:
        texts = list(csv.DictReader(file))
    sheet = book[name].iter_rows(values_only=True)
    header = next(sheet)
    check(list(header) == list(columns["column"]), f"{name}: sheet has {header}")
    cells = list(sheet)
    check(len(rows) == len(texts) == len(cells), f"{name}: {len(rows)}, {len(texts)} and {len(cells)} rows")
    for at, (row, text, sheet_row) in enumerate(zip(rows, texts, cells)):
        for (column, kind), cell in zip(wanted, sheet_row + (None,) * (len(wanted) - len(sheet_row))):
            check_cell(f"{name} {at} {column}", kind, row[column], text[column], cell)
    frame = pandas.read_csv(out / f"{name}.csv")
    check(len(frame) == len(rows), f"{name}: pandas reads {len(frame)} rows")
    for column, kind in wanted:
        if kind == "double" and rows:
            own = pandas.Series([row[column] for row in rows], dtype="float64")
            check(own.equals(frame[column].astype("float64")), f"{name} {column}: pandas reads other numbers")


def check_cell(where, kind, value, text, cell):
    if value is None:
        return check(text == "" and cell is None, f"{where}: null is {text!r} and {cell!r}")
    if kind == "double":
        same = float(text) == value and math.isclose(float(cell), value, rel_tol=1e-15, abs_tol=0)
    elif kind == "int64":
        same = int(text) == value == cell
    elif kind == "bool":
        same = (text == "true") is value is cell
    elif kind == "date32[day]":
        same = datetime.date.fromisoformat(text) == value and cell == text
    else:
        # What begins like a formula has an apostrophe in CSV; a sheet and Parquet hold it as it is.
        same = text in (value, f"'{value}") and cell == value
    check(same, f"{where}: {value!r} in Parquet, {text!r} in CSV, {cell!r} in the sheet")


if __name__ == "__main__":
    main()
