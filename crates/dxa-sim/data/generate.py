"""Write attenuation.csv and beams.csv: the physics that the simulated scanner rests on.

    python3 -m venv venv && venv/bin/pip install xraydb==4.5.8 spekpy==2.5.4
    venv/bin/python generate.py

Cross sections are those of Elam, Ravel and Sieber as shipped in xraydb; spectra are those of SpekPy.
Muscle and adipose tissue have the compositions of ICRU, as shipped in SpekPy.
"""

import csv
import json
from pathlib import Path

import numpy as np
import spekpy
import xraydb

HERE = Path(__file__).parent
ENERGIES = np.arange(10, 151)
ANODE_ANGLE_DEG = 12
# Of each beam: tube voltage, filters in mm, and the window of photon energies that is counted, keV.
BEAMS = {
    "kedge_low": (76, {"Al": 2.0, "Ce": 0.4}, (0, 47)),
    "kedge_high": (76, {"Al": 2.0, "Ce": 0.4}, (50, 200)),
    "switching_low": (100, {"Al": 4.0}, (0, 200)),
    "switching_high": (140, {"Al": 3.0, "Cu": 2.5}, (0, 200)),
    "kedge100_low": (100, {"Al": 3.0, "Sm": 0.35}, (0, 54)),
    "kedge100_high": (100, {"Al": 3.0, "Sm": 0.35}, (58, 200)),
    "switching80_low": (80, {"Al": 4.0, "Cu": 0.1}, (0, 200)),
    "switching80_high": (140, {"Al": 3.0, "Cu": 1.5}, (0, 200)),
}


def of_formula(formula):
    """Mass fractions of a compound."""
    masses = {element: count * xraydb.atomic_mass(element) for element, count in xraydb.chemparse(formula).items()}
    return {element: mass / sum(masses.values()) for element, mass in masses.items()}


def of_spekpy(name):
    """Mass fractions of a material that SpekPy ships."""
    path = Path(spekpy.__file__).parent / "data" / "matl_def" / f"{name}.comp"
    elements = json.loads(path.read_text())["composition"]["elements"]
    return {xraydb.atomic_symbol(number): fraction for number, fraction in elements}


MATERIALS = {
    "hydroxyapatite": of_formula("Ca10(PO4)6(OH)2"),
    "lean": of_spekpy("Muscle Skeletal (ICRU)"),
    "adipose": of_spekpy("Adipose Tissue (ICRU)"),
    "water": of_formula("H2O"),
    "aluminium": {"Al": 1.0},
    "titanium": {"Ti": 1.0},
}


def attenuation(fractions):
    """Total mass attenuation, cm²/g, at ENERGIES."""
    return sum(part * xraydb.mu_elam(element, ENERGIES * 1e3, kind="total") for element, part in fractions.items())


def spectrum(kilovolts, filters, window):
    """Photons in bins of 1 keV centered at half keV from 10.5 to 149.5, with the sum one."""
    tube = spekpy.Spek(kvp=kilovolts, th=ANODE_ANGLE_DEG, dk=1.0)
    for material, millimetres in filters.items():
        tube.filter(material, millimetres)
    centers, fluence = tube.get_spectrum()
    fluence = np.where((centers >= window[0]) & (centers <= window[1]), fluence, 0.0)
    found = dict(zip(centers, fluence / fluence.sum()))
    return [found.get(energy + 0.5, 0.0) for energy in ENERGIES[:-1]]


def write(name, header, columns):
    with (HERE / name).open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in zip(*columns):
            writer.writerow([row[0]] + [f"{value:.6e}" if value >= 1e-12 else "0" for value in row[1:]])


write("attenuation.csv", ["energy_kev", *MATERIALS], [ENERGIES, *map(attenuation, MATERIALS.values())])
write("beams.csv", ["energy_kev", *BEAMS], [ENERGIES[:-1] + 0.5, *(spectrum(*beam) for beam in BEAMS.values())])
