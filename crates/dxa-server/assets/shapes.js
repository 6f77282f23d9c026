// Shapes that are moved as a whole or bent: the neck box, and the outlines of regions.

export const rounded = (value) => Math.round(value * 1000) / 1000;
const stretchOf = (owner) => Number(owner.ownerSVGElement.dataset.stretch);
const copy = (corners) => corners.map((corner) => [...corner]);

/** The corners of a shape in pixels, as the result has them until they are moved. */
const cornersOf = (owner) => owner.corners ??= JSON.parse(owner.dataset.corners);

function draw(owner, places) {
  const stretch = stretchOf(owner);
  const seen = cornersOf(owner).map(([x, y]) => `${x},${y * stretch}`);
  owner.querySelector("polygon").setAttribute("points", seen.join(" "));
  for (const handle of owner.querySelectorAll(".handle")) {
    const [x, y] = places(handle);
    [handle.dataset.x, handle.dataset.y] = [x, y];
    handle.setAttribute("cx", x);
    handle.setAttribute("cy", y * stretch);
  }
}

function middleOf(corners) {
  const mean = (axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length;
  return [mean(0), mean(1)];
}

const shared = {
  state: (owner) => copy(cornersOf(owner)),
  restore(owner, state) {
    owner.corners = copy(state);
    this.draw(owner);
  },
  handles: (owner) => [...owner.querySelectorAll(".handle")],
};

/** The neck box keeps its size: one handle moves it, the other, at its upper lateral corner, turns it. */
export const box = {
  ...shared,
  draw(owner) {
    const corners = cornersOf(owner);
    draw(owner, (handle) => handle.dataset.point === "turn" ? corners[1] : middleOf(corners));
  },
  move(owner, handle, x, y) {
    const corners = cornersOf(owner);
    const [mx, my] = middleOf(corners);
    if (handle.dataset.point === "middle") {
      owner.corners = corners.map((corner) => [corner[0] + x - mx, corner[1] + y - my]);
    } else {
      const stretch = stretchOf(owner);
      const angle = (at) => Math.atan2((at[1] - my) * stretch, at[0] - mx);
      const by = angle([x, y]) - angle(corners[1]);
      const [sin, cos] = [Math.sin(by), Math.cos(by)];
      owner.corners = corners.map((corner) => {
        const [dx, dy] = [corner[0] - mx, (corner[1] - my) * stretch];
        return [mx + dx * cos - dy * sin, my + (dx * sin + dy * cos) / stretch];
      });
    }
    this.draw(owner);
  },
  body: (owner, state, isNew) => ({ shape: "area", points_px: isNew ? state.map((corner) => corner.map(rounded)) : state }),
};

/** An outline is bent: what lies near the point that is moved goes with it. */
export const outline = {
  ...shared,
  draw(owner) {
    const corners = cornersOf(owner);
    draw(owner, (handle) => corners[Number(handle.dataset.point)]);
  },
  move(owner, handle, x, y) {
    const at = Number(handle.dataset.point);
    const [fromX, fromY] = cornersOf(owner)[at];
    owner.corners = cornersOf(owner).map((corner, index) => {
      const weight = nearness(owner, at, index);
      return weight ? [corner[0] + weight * (x - fromX), corner[1] + weight * (y - fromY)] : corner;
    });
    this.draw(owner);
  },
  body: (owner, state, isNew) => ({
    laterality: owner.region.laterality,
    // What takes it back is what was said before: an automatic outline goes on following its box and lines.
    polygon_px: isNew ? state.map((corner) => corner.map(rounded)) : JSON.parse(owner.dataset.said),
    excluded: owner.region.excluded?.by === "user" ? owner.region.excluded : null,
    included: owner.region.included ?? null,
  }),
};

/** The pieces of an outline are written one after the other, each ending where it began. */
function largestPiece(corners) {
  const pieces = [];
  let start = 0;
  corners.forEach(([x, y], at) => {
    if (at <= start || x !== corners[start][0] || y !== corners[start][1]) return;
    pieces.push(corners.slice(start, at));
    start = at + 1;
  });
  if (!pieces.length) return corners;
  return pieces.reduce((best, piece) => sizeOf(piece) > sizeOf(best) ? piece : best);
}

function sizeOf(corners) {
  const before = (at) => corners.at(at - 1);
  return Math.abs(corners.reduce((sum, [x, y], at) => sum + before(at)[0] * y - x * before(at)[1], 0));
}

/** From 1 at the point itself to 0 where its reach along the outline ends. */
function nearness(owner, one, other) {
  const apart = Math.abs(owner.lengths[one] - owner.lengths[other]);
  const part = Math.min(apart, owner.perimeter - apart) / owner.reach;
  return part < 1 ? 0.5 * (1 + Math.cos(Math.PI * part)) : 0;
}

const HANDLES = 16;
/** In steps from handle to handle: far enough that an outline is bent and not folded. */
const REACH = 1.5;
const SVG = "http://www.w3.org/2000/svg";

/** Gives an outline its handles; every other outline loses them. False where the result has no such outline. */
export async function editOutline(button) {
  endOutline();
  const picture = document.getElementById("picture");
  const scan = Number(picture.dataset.scan);
  const answer = await fetch(`/api/v1/studies/${document.getElementById("study").dataset.uid}`);
  if (!answer.ok) return false;
  const regions = (await answer.json()).studies[0].regions;
  const region = regions.find((one) => one.scan === scan && one.site === button.dataset.outline && one.polygon_px);
  if (!region) return false;
  const owner = document.createElementNS(SVG, "g");
  owner.setAttribute("class", "outlining");
  Object.assign(owner.dataset, { level: `outline ${region.site}`, address: button.dataset.address, said: button.dataset.said });
  owner.region = region;
  owner.corners = copy(largestPiece(region.polygon_px));
  measure(owner);
  owner.append(document.createElementNS(SVG, "polygon"));
  // Above everything else, for an outline runs along other lines.
  picture.append(owner);
  spread(owner, button, picture);
  outline.draw(owner);
  button.setAttribute("aria-pressed", "true");
  return true;
}

/** Takes the handles away. */
export function endOutline() {
  document.querySelector("#picture .outlining")?.remove();
  for (const button of document.querySelectorAll("[data-outline]")) button.setAttribute("aria-pressed", "false");
}

function measure(owner) {
  const stretch = stretchOf({ ownerSVGElement: document.getElementById("picture") });
  let length = 0;
  owner.lengths = owner.corners.map(([x, y], index) => {
    const before = owner.corners[index - 1];
    if (before) length += Math.hypot(x - before[0], (y - before[1]) * stretch);
    return length;
  });
  const [first, last] = [owner.corners[0], owner.corners.at(-1)];
  owner.perimeter = length + Math.hypot(first[0] - last[0], (first[1] - last[1]) * stretch);
  owner.reach = REACH * owner.perimeter / HANDLES;
}

function spread(owner, button, picture) {
  const like = picture.querySelector(".handle");
  const radius = like?.getAttribute("r") ?? Number(picture.getAttribute("width")) / 140;
  let next = 0;
  let count = 0;
  owner.lengths.forEach((length, index) => {
    if (length < next) return;
    next += owner.perimeter / HANDLES;
    count += 1;
    const handle = document.createElementNS(SVG, "circle");
    const word = button.dataset.word.replace("{}", () => button.textContent).replace("{}", count);
    for (const [name, value] of Object.entries({ class: "handle", tabindex: -1, role: "button", r: radius, "aria-label": word, "data-point": index })) {
      handle.setAttribute(name, value);
    }
    // As large as on the whole image, for when the reader zooms.
    if (like?.dataset.r) handle.dataset.r = like.dataset.r;
    owner.append(handle);
  });
}
