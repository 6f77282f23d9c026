// Moving what lies on the image: by pointer or by keys, graded while it moves where it is a vertebra, kept when it rests.
import { placeOf } from "./picture.js";
import { isTyping, say, send } from "./service.js";
import { box, outline, rounded } from "./shapes.js";

const ORDER = ["ps", "ms", "as", "ai", "mi", "pi"];
const PAIRS = [["as", "ai"], ["ms", "mi"], ["ps", "pi"]];
const PAUSE = 800;

const picture = () => document.getElementById("picture");
const bodies = () => [...(picture()?.querySelectorAll(".body") ?? [])];

const MOVABLE = ".body, .cutting, .boxing, .outlining";

/** Whatever is moved: vertebral bodies by their points, lines that cut the bone, the neck box, an outline. */
const movable = () => [...(picture()?.querySelectorAll(MOVABLE) ?? [])];
const owner = (handle) => handle.closest(MOVABLE);

/** A move that is not kept yet: what is moved, how it was before, and the timer that keeps it. */
let moving = null;
let keep = async () => {};

/** `put(address, body, undo)` keeps a correction. */
export function start(put) {
  keep = put;
  document.addEventListener("keydown", keys);
  document.addEventListener("pointerdown", pointed);
  document.addEventListener("focusout", (event) => {
    if (event.target.closest?.(".handle") && moving && !moving.byPointer) settle();
  });
}

/** Places the handles of shapes that are in the page now. */
export function connect() {
  for (const shape of picture()?.querySelectorAll(".boxing") ?? []) box.draw(shape);
}

/** Whether something is being moved. */
export function isMoving() {
  return moving !== null;
}

/** Points the reader to a level, or to whatever else is moved. */
export function select(level, point = "as") {
  const body = movable().find((one) => one.dataset.level === level);
  const handle = body?.querySelector(`[data-point="${point}"]`) ?? body?.querySelector(".handle");
  handle?.focus();
  return Boolean(handle);
}

/** The point that has the focus, to give it back. */
export function focused() {
  const handle = document.activeElement?.closest?.(".handle");
  return handle ? { level: owner(handle).dataset.level, point: handle.dataset.point } : null;
}

function pointsOf(body) {
  const points = {};
  for (const handle of body.querySelectorAll(".handle")) {
    points[handle.dataset.point] = [Number(handle.dataset.x), Number(handle.dataset.y)];
  }
  return points;
}

/** What is moved point by point; `draw` follows the points. */
const byPoints = {
  state: pointsOf,
  restore(body, state) {
    for (const handle of body.querySelectorAll(".handle")) {
      [handle.dataset.x, handle.dataset.y] = state[handle.dataset.point];
    }
    this.draw(body);
  },
  move(body, handle, x, y) {
    [handle.dataset.x, handle.dataset.y] = [rounded(x), rounded(y)];
    this.draw(body);
  },
  seen(body) {
    const stretch = Number(picture().dataset.stretch);
    const seen = {};
    for (const handle of body.querySelectorAll(".handle")) {
      const [x, y] = [Number(handle.dataset.x), Number(handle.dataset.y) * stretch];
      handle.setAttribute("cx", x);
      handle.setAttribute("cy", y);
      seen[handle.dataset.point] = `${x},${y}`;
    }
    return seen;
  },
};

const KINDS = {
  body: {
    ...byPoints,
    handles: (body) => ORDER.map((name) => body.querySelector(`[data-point=${name}]`)),
    draw(body) {
      const seen = this.seen(body);
      body.querySelector(".outline").setAttribute("points", ORDER.map((name) => seen[name]).join(" "));
      body.querySelectorAll(".height").forEach((line, index) => {
        const [upper, lower] = PAIRS[index];
        line.setAttribute("d", `M${seen[upper]}L${seen[lower]}`);
      });
    },
    body({ dataset }, points, isNew) {
      const fracture = dataset.fracture || null;
      if (isNew) return { points_px: points, provenance: "user", fracture };
      return { points_px: points, evaluable: dataset.evaluable === "true", provenance: dataset.provenance, fracture };
    },
  },
  cutting: {
    ...byPoints,
    handles: (line) => [...line.querySelectorAll(".handle")],
    draw(line) {
      const seen = this.seen(line);
      line.querySelector(".line").setAttribute("d", `M${seen.from}L${seen.to}`);
    },
    body: (line, { from, to }) => ({ points_px: [from, to] }),
  },
  boxing: box,
  outlining: outline,
};

const kindOf = (body) => KINDS[Object.keys(KINDS).find((name) => body.classList.contains(name))];

function place(handle, x, y) {
  const { columns, rows } = picture().dataset;
  const inside = (value, most) => Math.min(Math.max(value, 0), Number(most));
  const body = owner(handle);
  kindOf(body).move(body, handle, inside(x, columns), inside(y, rows));
}

function begin(body, byPointer) {
  if (moving?.body === body) return;
  if (moving) settle();
  moving = { body, before: kindOf(body).state(body), seen: seenOf(body), byPointer, timer: null };
}

/** What the page says of a level and a preview changes: the row, the tile of the strip and the body. */
function shownOf(level) {
  const row = document.querySelector(`table.vertebrae tr[data-level="${level}"]`);
  const tile = document.querySelector(`.tile[data-level="${level}"]`);
  const body = bodies().find((one) => one.dataset.level === level);
  return { row, tile, body };
}

/** All of that as it is, to be put back. */
function seenOf({ dataset }) {
  const { row, tile, body } = shownOf(dataset.level);
  const texts = [...(row?.querySelectorAll("[data-cell]") ?? []), tile?.querySelector(".grade")].filter(Boolean);
  const classes = [row, tile, body].filter(Boolean);
  const kept = [texts.map((one) => one.textContent), classes.map((one) => one.getAttribute("class"))];
  return () => {
    texts.forEach((one, at) => { one.textContent = kept[0][at]; });
    classes.forEach((one, at) => one.setAttribute("class", kept[1][at]));
  };
}

/** Keeps what was moved. */
export function settle() {
  if (!moving) return;
  const { body, before, timer } = moving;
  clearTimeout(timer);
  moving = null;
  const kind = kindOf(body);
  const now = kind.state(body);
  if (JSON.stringify(now) === JSON.stringify(before)) return;
  keep(body.dataset.address, kind.body(body, now, true), kind.body(body, before, false));
}

/** Puts what was moved back where it was. */
function cancel() {
  if (!moving) return;
  const { body, before, seen, timer } = moving;
  clearTimeout(timer);
  moving = null;
  askAgain = null;
  kindOf(body).restore(body, before);
  seen();
  say("");
}

function pointed(event) {
  const handle = event.target.closest?.(".handle");
  if (!handle || event.button !== 0) return;
  event.preventDefault();
  handle.focus();
  begin(owner(handle), true);
  moving.byPointer = true;
  handle.setPointerCapture(event.pointerId);
  const stretch = Number(picture().dataset.stretch);
  const move = (moved) => {
    const here = placeOf(moved);
    place(handle, here.x, here.y / stretch);
    preview(owner(handle));
  };
  const end = () => {
    handle.removeEventListener("pointermove", move);
    settle();
  };
  handle.addEventListener("pointermove", move);
  handle.addEventListener("pointerup", end, { once: true });
  handle.addEventListener("pointercancel", () => { handle.removeEventListener("pointermove", move); cancel(); }, { once: true });
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function keys(event) {
  if (isTyping(event)) return;
  const handle = event.target.closest?.(".handle");
  if (handle && STEPS[event.key]) {
    event.preventDefault();
    const [dx, dy] = STEPS[event.key].map((step) => step * (event.shiftKey ? 10 : 1));
    const body = owner(handle);
    begin(body, false);
    place(handle, Number(handle.dataset.x) + dx, Number(handle.dataset.y) + dy);
    preview(body);
    clearTimeout(moving.timer);
    moving.timer = setTimeout(settle, PAUSE);
  } else if (handle && event.key === "Enter") {
    settle();
  } else if (handle && event.key === "Escape") {
    cancel();
  } else if (event.key === "[" || event.key === "]") {
    step(movable(), handle ? owner(handle) : null, event.key === "]" ? 1 : -1, (body) => select(body.dataset.level, handle?.dataset.point));
  } else if (handle && (event.key === "," || event.key === ".")) {
    step(kindOf(owner(handle)).handles(owner(handle)), handle, event.key === "." ? 1 : -1, (next) => next.focus());
  }
}

function step(all, current, by, go) {
  if (!all.length) return;
  const at = all.indexOf(current);
  go(all[at < 0 ? 0 : (at + by + all.length) % all.length]);
}

// One question at a time; the last one asked is always answered.
let asking = false;
let askAgain = null;

async function preview(body) {
  if (!body.matches(".body")) return;
  if (asking) {
    askAgain = body;
    return;
  }
  asking = true;
  try {
    const graded = await ask(body);
    // What was put back meanwhile is as it is kept.
    if (graded && moving?.body === body) show(graded);
  } finally {
    asking = false;
    const again = askAgain;
    askAgain = null;
    if (again) preview(again);
  }
}

async function ask(body) {
  const svg = picture();
  const { spacing, sex, age, scan } = svg.dataset;
  const all = bodies().filter((one) => one === body || one.dataset.evaluable === "true");
  const question = {
    vertebrae: all.map((one) => ({ scan: Number(scan), level: one.dataset.level, points_px: pointsOf(one) })),
    pixel_spacing_mm: spacing ? spacing.split(",").map(Number) : null,
    sex: sex || null,
    age_years: age ? Number(age) : null,
  };
  const answer = await send("POST", "/api/v1/grade", question);
  return answer.ok ? answer.json.vertebrae.find((one) => one.level === body.dataset.level) : null;
}

const number = (value, digits) => value === null || value === undefined ? "–" : value.toFixed(digits).replace("-", "−");

function show(graded) {
  const { row, tile, body } = shownOf(graded.level);
  const words = document.querySelector(".strip").dataset;
  const style = graded.grade === null ? "unmeasured" : `grade-${graded.grade}`;
  const swap = (element) => {
    element.classList.remove("grade-0", "grade-1", "grade-2", "grade-3", "unmeasured");
    element.classList.add(style, "preview");
  };
  for (const element of [row, tile, body]) if (element) swap(element);
  const heights = graded.heights_mm ?? graded.heights_px;
  const losses = Object.values(graded.loss_percent ?? {}).filter((loss) => loss !== null);
  const none = graded.grade_probabilities?.[0];
  const cells = {
    grade: graded.grade ? `${graded.grade} · ${words[graded.shape] ?? ""}` : number(graded.grade, 0),
    anterior: number(heights?.anterior, 1),
    middle: number(heights?.middle, 1),
    posterior: number(heights?.posterior, 1),
    loss: number(losses.length ? Math.max(...losses) : null, 1),
    probability: number(none === undefined ? null : 1 - none, 2),
  };
  for (const [name, text] of Object.entries(cells)) {
    const cell = row?.querySelector(`[data-cell=${name}]`);
    if (cell) cell.textContent = text;
  }
  if (tile) tile.querySelector(".grade").textContent = graded.grade ?? "?";
  say("preview", graded.level, graded.grade ?? "?");
}
