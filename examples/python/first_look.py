# %% [markdown]
# # A first look at an archive
#
# Cells begin with `# %%`, as Jupyter (with jupytext), VS Code, Spyder and PyCharm read them; as a script it runs whole:
# `python examples/python/first_look.py` in a copy of the repository, with `pip install "crates/dxa-python[pandas]"`.

# %%
from pathlib import Path

import dxa

SCANS = Path(__file__).resolve().parents[2] / "test-scans"

# %% [markdown]
# ## What is there
#
# One call reads a folder, groups its files into studies and analyzes them on all cores.
# What cannot be read is in `errors`, what cannot be measured in `refusals`; neither is an exception.

# %%
document = dxa.analyze(SCANS, profile="iscd-2023")
frames = dxa.frames(document)
for name, frame in frames.items():
    print(f"{name:17} {len(frame):5} rows")

# %%
print(frames["refusals"]["code"].value_counts())

# %% [markdown]
# ## Densities of the hip, beside whose they are

# %%
hips = frames["regions"].query("site == 'total_hip' and bmd_g_cm2.notna()")
hips = hips.merge(frames["studies"][["study_key", "sex", "age_years"]], on="study_key")
print(hips[["sex", "age_years", "laterality", "provenance", "bmd_g_cm2", "device_t"]])

# %% [markdown]
# ## Our scores beside those that the devices printed
#
# A score never stands without its reference population.

# %%
scores = frames["scores"].query("kind == 'T' and device_score.notna()")
difference = (scores["value"] - scores["device_score"]).abs()
print(difference.groupby(scores["reference"]).describe()[["count", "mean", "max"]])

# %% [markdown]
# ## Images and their regions
#
# Values of a calibrated scan are g/cm²; of a display image they are gray, and never a density.

# %%
images = dxa.images([SCANS / "01-ge-idxa-ap-spine.dcm", SCANS / "12-bmd-map-dx.dcm"])
for image in images:
    print(image.kind, image.quantity, image.values.shape)
    cm2 = image.spacing_mm[0] * image.spacing_mm[1] / 100
    for site, mask in image.masks.items():
        density = image.values[mask.astype(bool)].mean() if image.quantity == "bone_density" else None
        print(f"  {site}: {mask.sum() * cm2:.1f} cm², {density} g/cm²")

# %% [markdown]
# ## Numbers without DICOM

# %%
rows = [
    {"id": "a", "sex": "F", "age": 63.3, "ethnicity": "nhw", "manufacturer": "Hologic", "site": "femoral_neck", "laterality": "L", "bmd": 0.612},
    {"id": "b", "sex": "F", "age": 63.3, "ethnicity": "nhw", "manufacturer": "Hologic", "site": "femoral_neck", "laterality": "L", "bmd": None},
]
scored = dxa.score(rows)
for row in scored:
    print(row["id"], row["t"], row["t_reference"], row["notes"])
