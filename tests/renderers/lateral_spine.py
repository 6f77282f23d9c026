"""Lateral spine pictures of real outlines, drawn apart from everything the product is made of.

A second opinion on the finding of vertebrae: it shares no code and no shape with the simulator in the
workspace or with the analysis.
Its input are the 93-point outlines of whole spines (NHANES 2013-2014, given as a CSV file, not part of
this repository); its output are pictures as a lateral DXA export has them and, beside each, the exact
six points.

    python tests/renderers/lateral_spine.py --outlines FILE --sixpoint FILE --out DIR --n 20 --seed 1 --hard

Beside every picture lies `<name>.json`: size, spacing, anterior side, and per vertebra level, six points
(column, row; (0, 0) is the corner of the top-left pixel), the expert's grade, and whether it is whole
within the picture.
"""

import argparse
import csv
import gzip
import json
import lzma
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

LEVELS = ["T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4"]
NAMES = ["ps", "ms", "as", "ai", "mi", "pi"]
# Places of the walls in an outline of 93 points: two contours of each endplate and the posterior wall.
FIRST = {"s": [7, *range(66, 73), 1], "i": [2, *range(23, 30), 5], "p": [5, *range(53, 59), 7]}
SECOND = {"s": [6, *range(73, 80), 0], "i": [3, *range(30, 37), 4], "p": [4, *range(59, 66), 6]}
MIDDLE = {"s": [11, *range(80, 93), 8], "i": [9, *range(37, 53), 10], "a": list(range(12, 23))}
FINE = 0.25  # mm of a pixel while drawing
SUPER = 2  # drawn so many times finer still
MM = 0.35  # mm of a pixel of the reading: makes an average L1 26.3 mm high


# ---------------------------------------------------------------- people

def read_people(outlines, sixpoint, half):
    """Whole spines: {person: {level: (outline 93x2 mm, six 6x2 mm, grade)}}."""
    six, grade = {}, {}
    with gzip.open(sixpoint, "rt") as file:
        for row in csv.DictReader(file):
            key = (int(row["seqn"]), row["level"])
            names = ["sp", "sm", "sa", "ia", "im", "ip"]
            try:
                grade[key] = int(float(row["genant_fx"]))
                six[key] = np.array([[float(row[f"{n}_x"]), float(row[f"{n}_y"])] for n in names]) * MM
            except ValueError:
                continue
    people = {}
    with lzma.open(outlines, "rt") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            key = (int(row[0]), row[1])
            if key not in six or "" in row[2:]:
                continue
            if half and (key[0] % 2 == 1) != (half == "odd"):
                continue
            outline = np.array([float(v) for v in row[2:]]).reshape(93, 2) * MM
            people.setdefault(key[0], {})[key[1]] = (outline, six[key], grade[key])
    return {k: v for k, v in people.items() if len(v) >= 11 and "L4" in v and "L3" in v}


# ---------------------------------------------------------------- shapes

def smooth(points, n=60):
    """An open curve through points, smoothed a little, as n points."""
    t = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    even = np.interp
    s = np.linspace(0, t[-1], n)
    curve = np.stack([even(s, t, points[:, 0]), even(s, t, points[:, 1])], 1)
    inner = ndimage.gaussian_filter1d(curve, n / 28, axis=0, mode="nearest")
    weight = np.minimum(1, np.minimum(np.arange(n), np.arange(n)[::-1]) / (n / 10))[:, None]
    return curve * (1 - weight) + inner * weight


def frame(six):
    """Center, unit vector toward anterior, unit vector upward (toward superior), depth, height."""
    ps, ms, as_, ai, mi, pi = six
    a = (as_ + ai - ps - pi) / 2
    depth = np.linalg.norm(a)
    a = a / depth
    u = np.array([a[1], -a[0]])
    height = ((ps + as_ - ai - pi) / 2) @ u
    if height < 0:
        u, height = -u, -height
    return six.mean(0), a, u, depth, height


class Body:
    """A vertebral body: two contours, the six points, its frame."""

    def __init__(self, level, outline, six, grade, real=True):
        self.level, self.grade, self.real = level, grade, real
        self.outline, self.six = outline.copy(), six.copy()
        self.deformed = False

    def map(self, change):
        self.outline, self.six = change(self.outline), change(self.six)

    def frame(self):
        return frame(self.six)

    def contours(self, spread):
        """Two closed contours; `spread` stretches what parts them about their middle."""
        def part(key, which):
            return self.outline[which[key]]
        result = []
        for own, other in ((FIRST, SECOND), (SECOND, FIRST)):
            curves = []
            for key in ("s", "i", "p"):
                mine, its = smooth(part(key, own)), smooth(part(key, other))
                middle = (mine + its) / 2
                curves.append(middle + (mine - its) / 2 * spread)
            front = smooth(self.outline[[8, *MIDDLE["a"], 9]])
            result.append({"s": curves[0], "i": curves[1], "p": curves[2], "a": front})
        return result


def deform(body, kind, loss):
    """Presses a body: wedge, biconcave, or crush, by a share of its height."""
    center, a, u, depth, height = body.frame()

    def press(points):
        x = (points - center) @ a / depth  # -0.5 posterior, 0.5 anterior
        y = (points - center) @ u
        share = np.clip(x + 0.5, 0, 1)
        if kind == "wedge":
            cut = loss * share ** 1.3
        elif kind == "biconcave":
            cut = loss * np.clip(1 - np.abs(2 * x) ** 2.2, 0, 1)
        else:
            cut = loss * (0.85 + 0.15 * share)
        return center + x[:, None] * depth * a + (y * (1 - cut))[:, None] * u

    body.map(press)
    body.deformed = True
    return body


def whole_spine(person, rng, deformed_share):
    """The bodies from above, with T1-T3 and L5 made from their neighbors; right is anterior."""
    bodies = {level: Body(level, *person[level]) for level in LEVELS if level in person}

    def continued(source, before, level, size):
        """A copy of `source`, moved on by the step from `before`."""
        c0, a0, u0, _, h0 = before.frame()
        c1, a1, u1, _, h1 = source.frame()
        turn = np.arctan2(a0[0] * a1[1] - a0[1] * a1[0], a0 @ a1) + rng.normal(0, np.deg2rad(1.5))
        cos, sin = np.cos(turn), np.sin(turn)
        rotate = np.array([[cos, -sin], [sin, cos]])
        local = np.array([(c1 - c0) @ a0, (c1 - c0) @ u0])
        center = c1 + (local[0] * a1 + local[1] * u1) * size
        copy = Body(level, source.outline, source.six, 0, real=False)
        copy.map(lambda points: center + ((points - c1) * size) @ rotate.T)
        return copy

    if "L5" not in bodies:
        made = continued(bodies["L4"], bodies["L3"], "L5", 1.0)
        center, a, u, depth, height = made.frame()
        # L5 is lower behind than in front.
        made.map(lambda p: p - (((p - center) @ a / depth + 0.3) * 2.5)[:, None] * u * np.sign((center - p) @ u)[:, None] * -0.5)
        bodies["L5"] = made
    top = min((LEVELS.index(level) for level in bodies if level in LEVELS))
    above = LEVELS[:top][::-1] + ["T3", "T2", "T1"]
    upper, lower = bodies[LEVELS[top]], bodies.get(LEVELS[top + 1])
    for level in above:
        if lower is None:
            break
        made = continued(upper, lower, level, 0.97)
        bodies[level] = made
        upper, lower = made, upper
    order = ["T1", "T2", "T3", *LEVELS, "L5"]
    spine = [bodies[level] for level in order if level in bodies]
    for body in spine:
        if body.real and body.grade == 0 and rng.random() < deformed_share:
            kind = rng.choice(["wedge", "biconcave", "crush"], p=[0.55, 0.3, 0.15])
            deform(body, kind, rng.uniform(0.14, 0.55))
    close_gaps(spine)
    return spine


def close_gaps(spine):
    """After pressing: the bodies above come down by half of what was lost, so discs stay discs."""
    for i in range(len(spine) - 1, 0, -1):
        low, high = spine[i], spine[i - 1]
        if not low.deformed and not high.deformed:
            continue
        gap = np.linalg.norm((low.six[0] + low.six[2]) / 2 - (high.six[3] + high.six[5]) / 2)
        shift = max(0.0, gap - 6.5)
        if shift:
            _, _, u, _, _ = low.frame()
            for body in spine[:i]:
                body.map(lambda points, u=u, shift=shift: points - u * shift)


# ---------------------------------------------------------------- drawing

class Canvas:
    """A picture in mm, of what the beam meets, drawn in pieces."""

    def __init__(self, low, high):
        self.origin = np.asarray(low, float)
        size = np.ceil((np.asarray(high) - low) / FINE).astype(int)
        self.image = np.zeros((size[1], size[0]))

    def _window(self, points, margin):
        h, w = self.image.shape
        low = np.floor((points.min(0) - margin - self.origin) / FINE).astype(int)
        high = np.ceil((points.max(0) + margin - self.origin) / FINE).astype(int)
        x0, y0 = np.clip(low, 0, [w, h])
        x1, y1 = np.clip(high, 0, [w, h])
        return x0, y0, x1, y1

    def mask(self, points, blur=0.0, margin=None, line=None):
        """The share of each pixel inside a polygon (or along a line of a width in mm), blurred."""
        margin = 4 * blur + 2 if margin is None else margin
        x0, y0, x1, y1 = self._window(points, margin)
        if x1 - x0 < 2 or y1 - y0 < 2:
            return None
        picture = Image.new("L", ((x1 - x0) * SUPER, (y1 - y0) * SUPER), 0)
        draw = ImageDraw.Draw(picture)
        at = ((points - self.origin) / FINE - [x0, y0]) * SUPER - 0.5
        flat = [tuple(p) for p in at]
        if line is None:
            draw.polygon(flat, fill=255)
        else:
            draw.line(flat, fill=255, width=max(1, round(line / FINE * SUPER)), joint="curve")
        part = np.asarray(picture, float).reshape(y1 - y0, SUPER, x1 - x0, SUPER).mean((1, 3)) / 255
        if blur:
            part = ndimage.gaussian_filter(part, blur / FINE)
        return (slice(y0, y1), slice(x0, x1)), part

    def add(self, points, value, blur=0.0, line=None):
        drawn = self.mask(points, blur, line=line)
        if drawn:
            self.image[drawn[0]] += value * drawn[1]

    def grid(self):
        h, w = self.image.shape
        return np.meshgrid(self.origin[0] + (np.arange(w) + 0.5) * FINE, self.origin[1] + (np.arange(h) + 0.5) * FINE)


def ellipse(center, a, u, ra, ru, tilt=0.0, n=40):
    t = np.linspace(0, 2 * np.pi, n)
    c, s = np.cos(tilt), np.sin(tilt)
    x, y = ra * np.cos(t), ru * np.sin(t)
    return center + np.outer(c * x - s * y, a) + np.outer(s * x + c * y, u)


def draw_body(canvas, body, look, rng):
    """Body, its shell, and what lies behind it."""
    center, a, u, depth, height = body.frame()
    # Two contours, each the edge of half of the body: the truth is the line between them.
    slope = look["parallax"](body)
    density = look["density"] * rng.lognormal(0, look["vary"])
    rim = look["rim"] * rng.lognormal(0, look["vary"])
    ones = body.contours(look["spread"])
    # A turned body shows plates apart from each other, more to one end than to the other.
    for sign, sides in zip((1, -1), ones):
        def moved(curve, up):
            x = (curve - center) @ a / depth
            return curve + (sign * up * (slope[0] / 2 + slope[1] * x / 2))[:, None] * u
        sides["s"], sides["i"] = moved(sides["s"], 1), moved(sides["i"], 1)
        front = sides["a"].copy()
        ramp = np.linspace(0, 1, len(front))[:, None]
        front = front + (sides["s"][-1] - front[0]) * (1 - ramp) + (sides["i"][0] - front[-1]) * ramp
        ring = np.concatenate([sides["s"], front[1:], sides["i"][1:], sides["p"][1:-1]])
        edge = look["edge"]
        canvas.add(ring, 0.5 * density, edge)
        for key, strength in (("s", 1.0), ("i", 1.0), ("a", 0.55), ("p", 0.4)):
            curve = sides[key] if key != "a" else front
            width = rng.uniform(0.6, 1.1)
            inward = (-u if key == "s" else u if key == "i" else -a if key == "a" else a) * width / 2
            # Fades along the plate, as a rim does.
            pieces = rng.integers(3, 6)
            for k in range(pieces):
                lo, hi = int(k * 60 / pieces), int((k + 1) * 60 / pieces) + 1
                part = curve[lo:hi] + inward
                if len(part) > 1:
                    canvas.add(part, 0.5 * rim * strength * rng.uniform(*look["fade"]), edge * 0.6, line=width)


def draw_behind(canvas, body, look, rng):
    center, a, u, depth, height = body.frame()
    thoracic = body.level.startswith("T")
    wall = center - a * depth / 2
    b = look["behind"]
    if not b:
        return
    over = rng.uniform(0.5, 4.0) if look["hard"] else rng.uniform(-1.5, 0.5)
    # Pedicle: upper half of the wall, runs back.
    top, low = wall + u * height * 0.42, wall + u * height * rng.uniform(-0.05, 0.1)
    long = rng.uniform(9, 13)
    pedicle = np.array([top + a * over, top - a * long + u * 1.5, low - a * long, low + a * over])
    for _ in range(2):
        shift = rng.normal(0, 0.7, 2) if look["hard"] else 0
        canvas.add(pedicle + shift, 0.30 * b * rng.uniform(0.7, 1.2), 0.7)
    # Pillar of facets and lamina.
    pillar = wall - a * (long + 3)
    canvas.add(ellipse(pillar + u * height * 0.65, a, u, 5, height * 0.5, 0.25), 0.38 * b * rng.uniform(0.6, 1.3), 1.0)
    canvas.add(ellipse(pillar - a * 2 - u * height * 0.35, a, u, 5.5, height * 0.6, 0.2), 0.40 * b * rng.uniform(0.6, 1.3), 1.0)
    # Spinous process, faint.
    far = pillar - a * 16 - u * height * (0.9 if thoracic else 0.35)
    canvas.add(ellipse(far, a, u, 14, height * 0.22, 0.5 if thoracic else 0.1), 0.13 * b * rng.uniform(0.4, 1.2), 1.5)
    # Foramen: dark oval below the pedicle, joined to the disc, its edge beside the wall.
    reach = rng.uniform(2.0, 4.0) if look["hard"] else rng.uniform(3.0, 5.0)
    gap = wall - u * height * rng.uniform(0.42, 0.6) - a * (reach + 4.0)
    canvas.add(ellipse(gap, a, u, 4.0, height * 0.36, 0.25), -0.30 * b * rng.uniform(0.6, 1.2), 0.5)
    # Between wall and foramen: the lip of the body and soft tissue, bright.
    if look["hard"]:
        lip = np.array([wall + a * 0.5, wall - a * reach, wall - a * reach - u * height * 0.5, wall + a * 0.5 - u * height * 0.5])
        canvas.add(lip, look["density"] * rng.uniform(0.15, 0.6), 0.8)
    if thoracic:
        for _ in range(2):
            head = wall + a * rng.uniform(-4, depth * 0.3 if look["hard"] else 1) + u * height * rng.uniform(0.2, 0.6)
            canvas.add(ellipse(head, a, u, rng.uniform(4, 6), rng.uniform(4, 6)), 0.22 * b * rng.uniform(0.4, 1.2), 0.8)


def draw_ribs(canvas, spine, look, rng):
    for body in spine:
        if not body.level.startswith("T"):
            continue
        center, a, u, depth, height = body.frame()
        for _ in range(2):
            if rng.random() > look["ribs"]:
                continue
            start = center - a * (depth / 2 + rng.uniform(2, 25)) + u * height * rng.uniform(-0.3, 0.6)
            angle = np.deg2rad(rng.uniform(25, 50))
            bend = rng.uniform(-0.004, 0.004)
            s = np.linspace(-15, rng.uniform(60, 130), 60)
            line = start + np.outer(s * np.cos(angle), a) - np.outer(s * np.sin(angle) + bend * s * s, u)
            value = look["rib"] * rng.uniform(0.4, 1.3)
            width = rng.uniform(6, 10)
            canvas.add(line, value, 0.7, line=width)
            normal = a * np.sin(angle) + u * np.cos(angle)
            for side in (-1, 1):
                canvas.add(line + normal * side * (width / 2 - 0.5), value * 0.8, 0.4, line=1.0)


def backdrop(canvas, spine, look, rng):
    """Soft tissue, lung, heart, diaphragm, skin: what the beam meets besides bone."""
    x, y = canvas.grid()
    middle = np.array([b.frame()[0] for b in spine])
    depths = np.interp(y[:, 0], middle[:, 1], middle[:, 0])[:, None]
    ahead = x - depths  # mm in front of the spine
    base = 0.9 + 0.12 * np.tanh((y - y.mean()) / 120) + rng.normal(0, 0.03)
    tissue = base - np.clip(np.abs(ahead - 25) - 30, 0, None) * look["falloff"]
    # Skin: behind and before.
    back, front = rng.uniform(70, 95), rng.uniform(85, 170)
    sway = 8 * np.sin(y / rng.uniform(50, 90) + rng.uniform(0, 6))
    tissue = tissue * ndimage.gaussian_filter(((ahead > -back + sway) & (ahead < front + sway)).astype(float), 8)
    # Diaphragm: a dome in front, at the level of T10-L1.
    names = [b.level for b in spine]
    at = rng.choice([n for n in ("T9", "T10", "T11", "T12", "L1") if n in names] or [names[len(names) // 2]])
    level = middle[names.index(at), 1]
    dark = np.zeros_like(x)
    for _ in range(2):
        dome = level + rng.uniform(-14, 14) + rng.uniform(-0.10, 0.45) * ahead + (ahead - 30) ** 2 / rng.uniform(250, 700)
        lung = 1 / (1 + np.exp((y - dome) / rng.uniform(0.5, 2.0)))
        over = 1 / (1 + np.exp(-(ahead - rng.uniform(-45, -20)) / 6))
        dark += lung * over * look["lung"] / 2
    tissue -= dark
    heart = np.exp(-(((x - depths - 55) / 30) ** 2 + ((y - level + 45) / 35) ** 2))
    tissue += 0.3 * look["lung"] * heart
    # Aorta: a broad band before the spine.
    aorta = ahead - rng.uniform(22, 34)
    tissue += rng.uniform(0, 0.08) * np.exp(-((aorta / 9) ** 2))
    # Gas.
    if look["hard"]:
        for _ in range(rng.integers(3, 12)):
            at = np.array([rng.uniform(-15, 90), rng.uniform(level + 10, y.max())])
            r = rng.uniform(4, 14)
            inside = 1 - (ahead - at[0]) ** 2 / r**2 - (y - at[1]) ** 2 / (r * rng.uniform(0.6, 1.2)) ** 2
            tissue -= rng.uniform(0.05, 0.22) / (1 + np.exp(-np.clip(inside * 5, -40, 40)))
    # Texture of a tissue: slow clouds.
    cloud = ndimage.gaussian_filter(rng.normal(size=(x.shape[0] // 8 + 1, x.shape[1] // 8 + 1)), 2)
    cloud = ndimage.zoom(cloud / cloud.std(), 8, order=1)[: x.shape[0], : x.shape[1]]
    tissue += look["cloud"] * cloud
    canvas.image += tissue


def pelvis(canvas, spine, look, rng):
    if spine[-1].level != "L5":
        return
    center, a, u, depth, height = spine[-1].frame()
    turn = np.deg2rad(rng.uniform(15, 35))
    cos, sin = np.cos(turn), np.sin(turn)
    # The top of the sacrum: under L5, tilted further.
    down, front = -u * cos - a * sin, a * cos - u * sin
    edge = center - u * (height / 2 + rng.uniform(4, 8))
    shape = np.array([edge + front * depth * 0.52, edge - front * depth * 0.5, edge - front * depth * 0.9 + down * 50,
                      edge - front * depth * 0.6 + down * 95, edge + front * depth * 0.1 + down * 60])
    canvas.add(shape, look["sacrum"], 1.0)
    canvas.add(np.array([shape[0], shape[1]]), 0.25, 0.4, line=1.2)
    # Crests: an arch whose top lies between the upper edge of L4 and the middle of L5; denser below.
    for _ in range(2):
        top = center + u * height * rng.uniform(0.0, 1.6) - a * rng.uniform(5, 25)
        wide, tall = rng.uniform(45, 65), rng.uniform(80, 110)
        x, y = canvas.grid()
        across = np.clip(np.abs(x - top[0]) / wide, 0, 1)
        arch = top[1] + tall * (1 - np.sqrt(1 - across**2))
        below = (y - arch) * np.sqrt(1 - across**2)
        graded = (0.25 + np.clip(below / rng.uniform(30, 60), 0, 1) * rng.uniform(0.4, 0.9)) / (1 + np.exp(-np.clip(below, -40, 40) / 1.2))
        canvas.image += ndimage.gaussian_filter(graded, 3) * look["crest"] / 2
        along = np.linspace(-0.9, 0.9, 60)
        bright = np.stack([top[0] + along * wide, top[1] + tall * (1 - np.sqrt(1 - along**2))], 1)
        canvas.add(bright, 0.12 * look["crest"], 0.8, line=2.5)


def shoulder(canvas, spine, look, rng):
    if spine[0].level not in ("T1", "T2", "T3"):
        return
    x, y = canvas.grid()
    top = spine[0].frame()[0]
    here = np.clip((top[1] + rng.uniform(10, 45) - y) / 40, 0, 1) * np.exp(-(((x - top[0] - rng.uniform(-10, 25)) / 60) ** 2))
    canvas.image += 0.8 * here * look["shoulder"]
    for _ in range(3):
        p = top + rng.uniform([-40, -20], [50, 40])
        q = p + rng.uniform([-60, 10], [60, 70])
        canvas.add(np.array([p, q]), 0.15 * look["shoulder"], 1.2, line=rng.uniform(4, 14))


def extras(canvas, spine, look, rng):
    """Osteophytes, calcified discs and a screw-like thing never asked for are left out; beaks and salt are in."""
    for body in spine:
        center, a, u, depth, height = body.frame()
        if look["hard"] and rng.random() < 0.2:
            corner = body.six[2] if rng.random() < 0.5 else body.six[3]
            up = u if corner is body.six[2] or (corner == body.six[2]).all() else -u
            beak = np.array([corner - a * 2 - up * 4, corner + a * rng.uniform(2, 5) + up * rng.uniform(0, 3), corner - a * 4])
            canvas.add(beak, look["density"] * rng.uniform(0.5, 1.1), 0.6)
        if look["hard"] and rng.random() < 0.08:
            disc = center - u * (height / 2 + 2.5)
            canvas.add(ellipse(disc, a, u, depth * 0.25, 1.2), look["density"] * rng.uniform(0.2, 0.5), 0.7)


def look_of(hard, rng):
    """How one picture looks."""
    density = rng.uniform(0.26, 0.5) if hard else rng.uniform(0.40, 0.55)
    tilt = rng.normal(0, 0.05) if hard else 0.0
    phase, reach = rng.uniform(0, 6.28), rng.uniform(0, 2.4) if hard else 0.0

    def parallax(body):
        # A scoliosis turns the bodies of one bend: their plates come apart by up to 4 mm.
        here = np.sin(phase + body.frame()[0][1] / 55)
        return (reach * max(0.0, here), rng.normal(0, 1.2) * max(0.0, here) if hard else 0.0)

    return {
        "hard": hard, "density": density, "tilt": tilt, "parallax": parallax,
        "rim": density * (rng.uniform(0.3, 1.0) if hard else rng.uniform(0.6, 1.1)),
        "vary": 0.12 if hard else 0.05, "spread": rng.uniform(0.5, 1.25) if hard else 0.35,
        "edge": rng.uniform(0.35, 0.8) if hard else 0.35, "fade": (0.35, 1.3) if hard else (0.85, 1.15),
        "behind": rng.uniform(0.7, 1.3), "ribs": rng.uniform(0.4, 0.9) if hard else 0.25,
        "rib": rng.uniform(0.06, 0.18) if hard else 0.05, "falloff": rng.uniform(0.003, 0.009),
        "lung": rng.uniform(0.12, 0.45), "cloud": rng.uniform(0.02, 0.05) if hard else 0.01,
        "sacrum": rng.uniform(0.5, 0.9), "crest": rng.uniform(0.5, 1.1), "shoulder": rng.uniform(0.4, 1.2),
        "noise": rng.uniform(0.02, 0.06) if hard else 0.012, "blur": rng.uniform(0.45, 0.9) if hard else 0.45,
    }


def shown(image, look, spine, canvas, rng, quantiles):
    """Gray values 0..1 as a display window makes them: both ends clipped, bent by a gamma."""
    low, high = np.quantile(image, quantiles)
    # A window that an operator would choose leaves most bodies below white.
    bodies = [image[r, c] for r, c in look["centers"] if 0 <= r < image.shape[0] and 0 <= c < image.shape[1]]
    if len(bodies) > 4:
        high = max(high, low + (np.quantile(bodies, 0.8) - low) * rng.uniform(1.05, 1.6))
    scaled = np.clip((image - low) / (high - low), 0, 1)
    return scaled ** (rng.uniform(0.7, 1.4) if look["hard"] else 1.0)


def resample(image, spacing):
    """Means over square pixels of another size; `spacing` row, column in mm."""
    h = int(image.shape[0] * FINE / spacing[0])
    w = int(image.shape[1] * FINE / spacing[1])
    def shares(n_out, n_in, step):
        edges = np.arange(n_out + 1) * step / FINE
        total = np.concatenate([[0], np.arange(1, n_in + 1)])
        return edges, total
    rows = np.concatenate([np.zeros((1, image.shape[1])), np.cumsum(image, 0)])
    at = np.arange(h + 1) * spacing[0] / FINE
    i = np.minimum(at.astype(int), image.shape[0] - 1)
    cum = rows[i] + (at - i)[:, None] * image[i]
    image = np.diff(cum, axis=0) / (spacing[0] / FINE)
    columns = np.concatenate([np.zeros((h, 1)), np.cumsum(image, 1)], 1)
    at = np.arange(w + 1) * spacing[1] / FINE
    i = np.minimum(at.astype(int), image.shape[1] - 1)
    cum = columns[:, i] + (at - i)[None, :] * image[:, i]
    return np.diff(cum, axis=1) / (spacing[1] / FINE)


def picture(person, hard, rng, deformed_share):
    """One gray picture 0..1 and its truth."""
    look = look_of(hard, rng)
    spine = whole_spine(person, rng, deformed_share)
    if hard:
        angle = rng.normal(0, np.deg2rad(4))
        c, s = np.cos(angle), np.sin(angle)
        pivot = spine[len(spine) // 2].frame()[0]
        for body in spine:
            body.map(lambda points: pivot + (points - pivot) @ np.array([[c, s], [-s, c]]))
    corners = np.concatenate([b.six for b in spine])
    # Crops: the picture ends somewhere beyond, or within, the spine.
    tops = [b.frame()[0][1] for b in spine]
    names = [b.level for b in spine]
    first = rng.integers(0, 4) if hard else 2
    y0 = tops[min(first, len(tops) - 1)] - rng.uniform(5, 25)
    y1 = tops[-1] + (rng.uniform(5, 70) if hard else 55)
    if hard and rng.random() < 0.15:
        y1 = tops[names.index(rng.choice(["L1", "L2", "L3"]))] + rng.uniform(-8, 16)
    if hard and rng.random() < 0.1:
        y0 = tops[names.index(rng.choice([n for n in names if n in ("T7", "T8", "T9")]))] + rng.uniform(-8, 8)
    x0, x1 = corners[:, 0].min() - rng.uniform(35, 80), corners[:, 0].max() + rng.uniform(25, 90)
    canvas = Canvas((x0, y0), (x1, y1))
    backdrop(canvas, spine, look, rng)
    for body in spine:
        draw_body(canvas, body, look, rng)
    for body in spine:
        draw_behind(canvas, body, look, rng)
    draw_ribs(canvas, spine, look, rng)
    pelvis(canvas, spine, look, rng)
    shoulder(canvas, spine, look, rng)
    extras(canvas, spine, look, rng)
    image = ndimage.gaussian_filter(canvas.image, look["blur"] / FINE)
    spacing = rng.uniform(0.25, 0.8) if hard else rng.uniform(0.25, 0.5)
    spacing = (spacing, spacing * (rng.uniform(0.6, 1.5) if hard and rng.random() < 0.1 else 1.0))
    image = resample(image, spacing)
    noise = rng.normal(size=image.shape) * look["noise"] * 0.35 / np.sqrt(spacing[0] * spacing[1])
    image = image + ndimage.gaussian_filter(noise, 0.4)
    if hard:
        image += rng.normal(size=(image.shape[0], 1)) * look["noise"] * rng.uniform(0, 0.4)
    look["centers"] = [tuple(((b.frame()[0] - [x0, y0]) / [spacing[1], spacing[0]]).astype(int)[::-1]) for b in spine]
    dark, white = (rng.uniform(0.08, 0.24), rng.uniform(0.02, 0.10)) if hard else (0.15, 0.03)
    image = shown(image, look, spine, canvas, rng, (dark, 1 - white))
    left = bool(rng.random() < 0.4)
    if left:
        image = image[:, ::-1]
    vertebrae = []
    height, width = image.shape
    for body in spine:
        points = (body.six - [x0, y0]) / [spacing[1], spacing[0]]
        if left:
            points = [width, 0] + points * [-1, 1]
        inside = bool(((points > 1) & (points < [width - 1, height - 1])).all())
        half = float(np.mean([abs((b[k] - c[k]) @ body.frame()[2]) for b, c in [(body.contours(look["spread"])[0]["s"], body.contours(look["spread"])[1]["s"])] for k in range(5, 55, 10)]))
        vertebrae.append({
            "level": body.level, "points_px": {n: [round(float(v), 4) for v in p] for n, p in zip(NAMES, points)},
            "genant_fx": body.grade, "real": body.real, "deformed": body.deformed, "inside": inside,
            "plates_apart_mm": round(half, 2),
        })
    return image, {"rows": height, "columns": width, "pixel_spacing_mm": [round(s, 6) for s in spacing],
                   "anterior": "left" if left else "right", "hard": hard, "vertebrae": vertebrae}


# ---------------------------------------------------------------- files

def write_dicom(path, gray, truth, inverted, index):
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[path.name, "i"])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    ds.StudyInstanceUID = generate_uid(entropy_srcs=[path.name, "s"])
    ds.SeriesInstanceUID = generate_uid(entropy_srcs=[path.name, "e"])
    ds.Modality, ds.Manufacturer, ds.ManufacturerModelName = "CR", "GE Healthcare", "Lunar iDXA"
    ds.PatientName, ds.PatientID, ds.PatientSex, ds.PatientBirthDate = "Rendered^Spine", f"R{index:04d}", "F", "19500101"
    ds.StudyDate = ds.SeriesDate = "20240517"
    ds.SeriesNumber, ds.InstanceNumber, ds.SeriesDescription = 1, 1, "LVA Spine"
    ds.ProtocolName = "LVA Spine"
    ds.PixelSpacing = [f"{s:.6f}" for s in truth["pixel_spacing_mm"]]
    ds.Rows, ds.Columns, ds.SamplesPerPixel = truth["rows"], truth["columns"], 1
    ds.PhotometricInterpretation = "MONOCHROME1" if inverted else "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    data = (255 - gray if inverted else gray).astype(np.uint8).tobytes()
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds["PixelData"].VR = "OB"
    ds.save_as(path, enforce_file_format=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--outlines", default="../shared/data/nhanes-vfa/nhanes2013_vfa_outlines_dev.csv.xz")
    parser.add_argument("--sixpoint", default="../shared/data/nhanes-vfa/nhanes2013_vfa_sixpoint_dev.csv.gz")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--n", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hard", action="store_true")
    parser.add_argument("--people", choices=["odd", "even"], help="only people whose number is odd or even")
    parser.add_argument("--fractured", type=float, default=0.5, help="share of pictures of people with a fracture")
    parser.add_argument("--deformed", type=float, default=0.05, help="share of healthy bodies that are pressed besides")
    parser.add_argument("--png", action="store_true", help="PNG instead of DICOM")
    options = parser.parse_args()
    people = read_people(options.outlines, options.sixpoint, options.people)
    broken = sorted(k for k, v in people.items() if any(g for _, _, g in v.values()))
    sound = sorted(k for k, v in people.items() if not any(g for _, _, g in v.values()))
    options.out.mkdir(parents=True, exist_ok=True)
    for index in range(options.n):
        rng = np.random.default_rng([options.seed, index, int(options.hard)])
        pool = broken if rng.random() < options.fractured else sound
        person = people[pool[rng.integers(len(pool))]]
        image, truth = picture(person, options.hard, rng, options.deformed)
        gray = np.round(image * 255).astype(np.uint8)
        name = f"{'hard' if options.hard else 'clean'}-{options.seed}-{index:03d}"
        truth["photometric"] = "MONOCHROME1" if not options.png and rng.random() < 0.3 else "MONOCHROME2"
        if options.png:
            Image.fromarray(gray).save(options.out / f"{name}.png")
        else:
            write_dicom(options.out / f"{name}.dcm", gray, truth, truth["photometric"] == "MONOCHROME1", index)
        (options.out / f"{name}.json").write_text(json.dumps(truth, indent=1))


if __name__ == "__main__":
    main()
