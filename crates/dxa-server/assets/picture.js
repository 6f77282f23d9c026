// The image: window and level, zoom, pan, invert, and which overlays are shown. Nothing here changes a result.

const LIMITS = { zoomIn: 12, zoomOut: 1 };

/** What the reader set, kept while the parts of the page are replaced. */
const view = { level: 128, width: 255, invert: false, box: null, hidden: new Set(), checks: new Set() };

const picture = () => document.getElementById("picture");

function whole() {
  const image = picture().querySelector("image");
  return { x: 0, y: 0, width: Number(image.getAttribute("width")), height: Number(image.getAttribute("height")) };
}

function zoomOf(box) {
  return whole().width / box.width;
}

function setBox(box) {
  const all = whole();
  const width = Math.min(Math.max(box.width, all.width / LIMITS.zoomIn), all.width / LIMITS.zoomOut);
  const height = width * all.height / all.width;
  const x = Math.min(Math.max(box.x + (box.width - width) / 2, 0), all.width - width);
  const y = Math.min(Math.max(box.y + (box.height - height) / 2, 0), all.height - height);
  view.box = { x, y, width, height };
  picture().setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
  // Dots and letters stay as large as they were on the screen.
  const zoom = zoomOf(view.box);
  for (const dot of picture().querySelectorAll(".handle")) {
    dot.dataset.r ??= dot.getAttribute("r");
    dot.setAttribute("r", Number(dot.dataset.r) / zoom);
  }
  for (const layer of picture().querySelectorAll("[font-size]")) {
    layer.dataset.size ??= layer.getAttribute("font-size");
    layer.setAttribute("font-size", Number(layer.dataset.size) / zoom);
  }
}

/** Zooms around the middle, or around a place of the image. */
export function zoom(factor, around) {
  const box = view.box ?? whole();
  const middle = around ?? { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const width = box.width / factor;
  const height = box.height / factor;
  const x = middle.x - (middle.x - box.x) / factor;
  const y = middle.y - (middle.y - box.y) / factor;
  setBox({ x, y, width, height });
}

export function fit() {
  setBox(whole());
}

function pan(dx, dy) {
  const box = view.box ?? whole();
  setBox({ ...box, x: box.x + dx, y: box.y + dy });
}

/** The place of the image under a pointer. */
export function placeOf(event) {
  const point = new DOMPoint(event.clientX, event.clientY);
  return point.matrixTransform(picture().getScreenCTM().inverse());
}

function applyWindow() {
  // A gray value g of 0 to 1 is shown as (g - center) / width + 1/2.
  const slope = (view.invert ? -1 : 1) * 255 / view.width;
  const intercept = 0.5 - slope * view.level / 255;
  for (const part of picture().querySelectorAll("feFuncR, feFuncG, feFuncB")) {
    part.setAttribute("slope", slope);
    part.setAttribute("intercept", intercept);
  }
}

function applyLayers() {
  for (const layer of picture().querySelectorAll("[data-layer]")) {
    layer.toggleAttribute("hidden", view.hidden.has(layer.dataset.layer));
  }
}

/** Inverts the gray values. */
export function invert() {
  const box = document.getElementById("invert");
  box.checked = !box.checked;
  view.invert = box.checked;
  applyWindow();
}

/** All overlays off, or all on. */
export function toggleOverlays() {
  const boxes = [...document.querySelectorAll("[data-layer][type=checkbox]")];
  const on = !boxes.some((box) => box.checked);
  for (const box of boxes) setLayer(box, on);
  applyLayers();
}

function setLayer(box, on) {
  box.checked = on;
  if (on) view.hidden.delete(box.dataset.layer);
  else view.hidden.add(box.dataset.layer);
}

/** Shows where a check was made, or hides it again. */
export function showCheck(id, on = !view.checks.has(id)) {
  view.checks.clear();
  if (on) view.checks.add(id);
  applyChecks();
  const group = picture()?.querySelector(`[data-check="${CSS.escape(id)}"]`);
  if (!on || !group) return;
  const { x, y, width, height } = group.getBBox();
  const room = Math.max(width, height) * 0.3 + whole().width * 0.05;
  setBox({ x: x - room, y: y - room, width: Math.max(width, height * whole().width / whole().height) + 2 * room, height: height + 2 * room });
  document.getElementById("viewer").scrollIntoView({ block: "nearest" });
}

function applyChecks() {
  for (const group of picture()?.querySelectorAll("[data-check]") ?? []) {
    group.toggleAttribute("hidden", !view.checks.has(group.dataset.check));
  }
  for (const button of document.querySelectorAll("[data-show]")) {
    button.setAttribute("aria-pressed", view.checks.has(button.dataset.show));
  }
}

/** Connects the controls of the image that is in the page now, with what the reader had set. */
export function connect() {
  applyChecks();
  if (!picture()) return;
  const level = document.getElementById("level");
  const width = document.getElementById("width");
  const inverted = document.getElementById("invert");
  [level.value, width.value, inverted.checked] = [view.level, view.width, view.invert];
  const windowed = () => {
    [view.level, view.width, view.invert] = [Number(level.value), Number(width.value), inverted.checked];
    applyWindow();
  };
  for (const control of [level, width, inverted]) control.addEventListener("input", windowed);
  for (const box of document.querySelectorAll("[data-layer][type=checkbox]")) {
    box.checked = !view.hidden.has(box.dataset.layer);
    box.addEventListener("change", () => {
      setLayer(box, box.checked);
      applyLayers();
    });
  }
  document.getElementById("zoom-in").addEventListener("click", () => zoom(1.4));
  document.getElementById("zoom-out").addEventListener("click", () => zoom(1 / 1.4));
  document.getElementById("fit").addEventListener("click", fit);
  applyWindow();
  applyLayers();
  setBox(view.box ?? whole());
  listen(picture(), level, width, windowed);
}

/** Keys of the image; whether the key was one. */
export function pressed(event) {
  const keys = {
    "+": () => zoom(1.4),
    "=": () => zoom(1.4),
    "-": () => zoom(1 / 1.4),
    0: fit,
    i: invert,
    o: toggleOverlays,
  };
  if (!picture() || !keys[event.key]) return false;
  event.preventDefault();
  keys[event.key]();
  return true;
}

function listen(svg, level, width, windowed) {
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, placeOf(event));
  }, { passive: false });
  svg.addEventListener("contextmenu", (event) => event.preventDefault());
  svg.addEventListener("dblclick", (event) => zoom(1.6, placeOf(event)));
  svg.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".handle")) return;
    const windows = event.button === 2;
    let last = windows ? event : placeOf(event);
    svg.setPointerCapture(event.pointerId);
    const move = (moved) => {
      if (windows) {
        width.value = Number(width.value) + (moved.clientX - last.clientX);
        level.value = Number(level.value) - (moved.clientY - last.clientY);
        last = moved;
        return windowed();
      }
      const here = placeOf(moved);
      pan(last.x - here.x, last.y - here.y);
      last = placeOf(moved);
    };
    svg.addEventListener("pointermove", move);
    svg.addEventListener("pointerup", () => svg.removeEventListener("pointermove", move), { once: true });
  });
  svg.addEventListener("keydown", (event) => {
    if (event.target !== svg) return;
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    if (!step || zoomOf(view.box) <= 1) return;
    event.preventDefault();
    pan(step[0] * view.box.width / 10, step[1] * view.box.height / 10);
  });
}
