"""Names in every character set of DICOM: dxa reads what was written, and what pydicom reads of its own files."""
import json
import subprocess
import tempfile
import warnings
from pathlib import Path

import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

from peer import DXA, check, finish

CHARSET_FILES = Path(pydicom.__file__).parent / "data" / "charset_files"
# Defined term(s) and a name that pydicom encodes with them.
NAMES = [
    ("ISO_IR 100", "Buc^J\u00e9r\u00f4me"),
    ("ISO_IR 101", "Wa\u0142\u0119sa^\u017dofie"),
    ("ISO_IR 109", "\u015co\u0125o^\u011co\u0135o"),
    ("ISO_IR 110", "B\u0113rzi\u0146\u0161^\u0100ris"),
    ("ISO_IR 144", "\u0418\u0432\u0430\u043d\u043e\u0432\u0430^\u041d\u0438\u043d\u0430"),
    ("ISO_IR 127", "\u0642\u0628\u0627\u0646\u064a^\u0644\u0646\u0632\u0627\u0631"),
    ("ISO_IR 126", "\u0394\u03b9\u03bf\u03bd\u03c5\u03c3\u03b9\u03bf\u03c2"),
    ("ISO_IR 138", "\u05e9\u05e8\u05d5\u05df^\u05d3\u05d1\u05d5\u05e8\u05d4"),
    ("ISO_IR 148", "\u00c7avu\u015fo\u011flu^\u0130lker"),
    ("ISO_IR 166", "\u0e19\u0e32\u0e21\u0e2a\u0e01\u0e38\u0e25"),
    ("ISO_IR 13", "\uff94\uff8f\uff80\uff9e^\uff80\uff9b\uff73"),
    ("ISO_IR 192", "Wang^XiaoDong=\u738b^\u5c0f\u6771"),
    ("GB18030", "Wang^XiaoDong=\u738b^\u5c0f\u4e1c"),
    ("GB18030", "\u738b^\u5586=\u5803^\u73fa"),
    ("GBK", "\u6731^\u9555\u57fa"),
    (["", "ISO 2022 IR 87"], "Yamada^Tarou=\u5c71\u7530^\u592a\u90ce=\u3084\u307e\u3060^\u305f\u308d\u3046"),
    (["ISO 2022 IR 13", "ISO 2022 IR 87"], "\uff94\uff8f\uff80\uff9e^\uff80\uff9b\uff73=\u5c71\u7530^\u592a\u90ce"),
    (["", "ISO 2022 IR 149"], "Hong^Gildong=\u6d2a^\u5409\u6d1e=\ud64d^\uae38\ub3d9"),
    (["", "ISO 2022 IR 58"], "Zhang^XiaoDong=\u5f20^\u5c0f\u4e1c"),
    (["ISO 2022 IR 100", "ISO 2022 IR 144"], "J\u00e9r\u00f4me^X=\u0418\u0432\u0430\u043d^\u042f"),
    (["ISO 2022 IR 100", "ISO 2022 IR 126"], "Dionysios=\u0394\u03b9\u03bf\u03bd^\u03c3"),
]


def main():
    warnings.simplefilter("ignore")
    own_files()
    written()
    finish("names")


def own_files():
    """Every file of pydicom's own collection, read by both."""
    for path in sorted(CHARSET_FILES.glob("*.dcm")):
        expected = str(pydicom.dcmread(path, force=True).get("PatientName", ""))
        if expected:
            same(path.name, name_in(path), expected)


def written():
    """A name written by pydicom in each defined term."""
    with tempfile.TemporaryDirectory() as folder:
        for number, (term, name) in enumerate(NAMES):
            path = Path(folder) / f"{number}.dcm"
            write(path, term, name)
            same(str(term), name_in(path), name)


def write(path, term, name):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    data.SpecificCharacterSet = term
    data.SOPClassUID = meta.MediaStorageSOPClassUID
    data.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    data.StudyInstanceUID = generate_uid()
    data.SeriesInstanceUID = generate_uid()
    data.Modality = "CR"
    data.PatientID = "1"
    data.PatientName = name
    data.Rows = data.Columns = 64
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit = 7
    data.SamplesPerPixel = 1
    data.PixelRepresentation = 0
    data.PhotometricInterpretation = "MONOCHROME2"
    data.PixelData = bytes(64 * 64)
    data.save_as(path, enforce_file_format=True)


def name_in(path):
    run = subprocess.run([DXA, "analyze", "--json", str(path)], capture_output=True, check=False)
    try:
        studies = json.loads(run.stdout)["studies"]
        return studies[0]["patient"]["name_raw"] if studies else f"no study: {run.stdout[-200:]!r}"
    except ValueError:
        return f"no JSON: {run.stderr[-200:]!r}"


def same(what, ours, theirs):
    trimmed = lambda name: str(name or "").rstrip("^= ")
    check(trimmed(ours) == trimmed(theirs), f"{what}: {ours!r}, expected {theirs!r}")


if __name__ == "__main__":
    main()
