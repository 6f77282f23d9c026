"""The fonts of the container: what its recipe installs, and nothing else that lies on this machine."""
import re
import subprocess
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont

from peer import ROOT


def packages():
    """The packages with fonts that the recipe of the container names."""
    recipe = (ROOT / "packaging/Containerfile").read_text()
    return sorted(set(re.findall(r"(?<!\S)fonts-[a-z0-9-]+", recipe)))


@cache
def faces():
    """The faces of these packages as Debian installs them: file, number in it, and the font."""
    found = []
    for package in packages():
        listed = subprocess.run(["dpkg", "-L", package], check=True, capture_output=True, text=True).stdout
        for path in sorted(set(map(Path, listed.split()))):
            if path.suffix in (".ttc", ".otc"):
                found += [(path, at, font) for at, font in enumerate(TTCollection(path).fonts)]
            elif path.suffix in (".ttf", ".otf"):
                found.append((path, 0, TTFont(path)))
    return found


def names():
    """PostScript names, as a PDF names what is embedded."""
    return {font["name"].getDebugName(6) for _, _, font in faces()}


def face_with(letter):
    """File and number of a face that has a letter."""
    for path, at, font in faces():
        if ord(letter) in font.getBestCmap() and "Mono" not in font["name"].getDebugName(1):
            return path, at
    return None
