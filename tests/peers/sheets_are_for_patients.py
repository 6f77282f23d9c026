"""The sheet for the patient: one page in both languages whatever the name, every word of it there, and no drug on it."""
import json
import re
import urllib.request

import pydicom
import pypdfium2
from peer import check, finish
from peer.desk import ask, desk
from peer.pdf import text_of
from peer.reader_scans import LONG_NAME, Scan, changed, simulated

ROLES = {"chen": "physician", "wang": "technologist"}
TITLES = {"en": "Your bone density result", "zh-CN": "您的骨密度检查结果"}
# As long as DICOM allows (64 letters): words that cannot be broken, and many short ones.
LONG_ENGLISH = "Wolfeschlegelsteinhausenbergerdorff^Bartholomew Maximilian Johan"
MANY_WORDS = "de la Cruz y Fernandez de Cordoba^Maria Dolores de los Remedio M"
# What is given against osteoporosis, as substances and as groups, in both languages; beside it what a record told.
DRUGS = (
    "alendron risedron ibandron zoledron pamidron bisphosphon denosumab teriparatide abaloparatide romosozumab raloxifene "
    "bazedoxifene calcitonin strontium calcitriol alfacalcidol eldecalcitol menatetrenone estrogen tibolone prednisolone "
    "glucocorticoid prolia fosamax "
    "阿仑膦酸 利塞膦酸 伊班膦酸 唑来膦酸 双膦酸 地舒单抗 特立帕肽 阿巴洛肽 罗莫佐 雷洛昔芬 降钙素 雷奈酸锶 骨化三醇 阿法骨化醇 艾地骨化醇 "
    "四烯甲萘醌 雌激素 替勃龙 泼尼松 糖皮质激素 补钙片 钙片"
).split()


def main():
    with desk(ROLES, write) as (address, token, studies):
        tell_of_drugs(address, token)
        for name, uid in studies.items():
            for language in TITLES:
                check_sheet(address, token, name, uid, language)
    check(drug_in("Take Alendronate 70 mg") and drug_in("建议唑来膦酸"), "drugs are not found where there are some")
    finish("properties of sheets for patients")


def write(folder):
    """A study with every place that is scanned under each long name, and one with a fracture."""
    everything = ["07-hologic-spine", "07-hologic-left-hip-decimal-comma", "07-hologic-forearm-second-block", "07-hologic-whole-body"]
    made = {}
    for name, patient in {"chinese": LONG_NAME, "english": LONG_ENGLISH, "words": MANY_WORDS}.items():
        scans = [changed(folder, f"{name}-{at}", file, patient, at) for at, file in enumerate(everything)]
        made[name] = together(scans)
    settings = {"object": "dx", "spacing": "0.5", "fracture": "L1:wedge:35", "fractured": "0"}
    made["fracture"] = simulated(folder, "fracture", "lateral-spine", 21, settings, LONG_ENGLISH)
    return made


def together(scans):
    """Scans of one person as one study."""
    first = pydicom.dcmread(scans[0].files[0])
    for scan in scans:
        data = pydicom.dcmread(scan.files[0])
        for keyword in ("StudyInstanceUID", "StudyDate", "PatientBirthDate", "PatientSex", "PatientAge"):
            if keyword in first:
                setattr(data, keyword, first[keyword].value)
        data.save_as(scan.files[0])
    return Scan(scans[0].study, [file for scan in scans for file in scan.files])


def tell_of_drugs(address, token):
    """The record names drugs, of which the sheet must say nothing."""
    _, listed = ask(address, token, "/api/v1/studies?limit=100")
    told = {"treatments": [{"kind": "drug", "name": "Alendronate", "start": "2022-05"}], "osteoporosis_treatment": True}
    patients = {study["patient"]["id"] for study in listed["studies"]}
    check(len(patients) == len(listed["studies"]), f"{len(patients)} patients have studies")
    for patient in patients:
        ask(address, token, f"/api/v1/patients/{patient}/context", json.dumps(told).encode(), "application/json", "POST")


def check_sheet(address, token, name, uid, language):
    path = f"/api/v1/studies/{uid}/report.pdf?audience=patient&lang={language}"
    request = urllib.request.Request(f"{address}{path}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        pdf = answer.read()
    what = f"{name} {language}"
    pages = len(pypdfium2.PdfDocument(pdf))
    check(pages == 1, f"{what}: the sheet has {pages} pages")
    text = squeezed(text_of(pdf))
    check(squeezed(TITLES[language]) in text, f"{what}: no title")
    _, result = ask(address, token, f"/api/v1/studies/{uid}")
    patient = next(iter(result.get("studies", [result])))["patient"]["name"]
    for part in patient.split("^"):
        check(part and squeezed(part) in text, f"{what}: {part!r} of the name is not whole")
    found = drug_in(text)
    check(not found, f"{what}: the sheet names {found}")


def drug_in(text):
    return [drug for drug in DRUGS if drug in squeezed(text).lower()]


def squeezed(text):
    """Without blanks and line ends, which a page puts where it likes."""
    return re.sub(r"[\s\x02\xad\ufffe-]", "", text)


if __name__ == "__main__":
    main()
