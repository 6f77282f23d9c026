// The page of a study: what is corrected is sent at once and the page shows what the service made of it.
import * as picture from "./picture.js";
import * as points from "./points.js";
import { editOutline, endOutline } from "./shapes.js";
import { isTyping, mark, refresh, say, send, watch } from "./service.js";

const study = document.getElementById("study");
const uid = study.dataset.uid;
const tag = () => document.querySelector("[data-part=head]").dataset.tag;

const KEY = `dxa-undo-${uid}`;
const MOST = 50;
const undoable = {
  all() {
    try { return JSON.parse(sessionStorage.getItem(KEY)) ?? []; } catch { return []; }
  },
  set(all) {
    try { sessionStorage.setItem(KEY, JSON.stringify(all.slice(-MOST))); } catch { /* Nothing to take back. */ }
    const button = document.getElementById("undo");
    if (button) button.disabled = all.length === 0;
  },
};

// One change after the other: each must name the version that the one before has made.
let last = Promise.resolve();
let busy = 0;

function inOrder(work) {
  busy += 1;
  last = last.then(work, work).finally(() => { busy -= 1; });
  return last;
}

function put(address, body, undo) {
  return inOrder(() => change("PUT", address, body, (from) => undoable.set([...undoable.all(), { address, body: undo, from }])));
}

/** The last step, led to by a newer version of what it has left. */
const ledTo = (all, from) => all.map((one, at) => at === all.length - 1 ? { ...one, from } : one);

/** What was done is taken back only from the study that it has led to: what somebody else did since must stay. */
function isGone(all = undoable.all()) {
  return all.length > 0 && all.at(-1).from !== tag();
}

function takeBack() {
  return inOrder(async () => {
    const all = undoable.all();
    if (isGone(all)) {
      undoable.set([]);
      return say("gone");
    }
    const { address, body } = all.pop() ?? {};
    if (!address) return say("nothing");
    // The study is then as the step before had left it, and that one can be taken back from there.
    await change("PUT", address, body, (from) => undoable.set(ledTo(all, from)));
  });
}

async function change(method, address, body, done = () => {}) {
  say("saving");
  let answer;
  try {
    answer = await send(method, address, body, tag());
  } catch (error) {
    return say("failed", error.message);
  }
  if (answer.status === 412 || answer.status === 409) return stale(true);
  if (!answer.ok) {
    await renew();
    return say("failed", answer.json?.detail ?? answer.json?.title ?? answer.status);
  }
  const state = answer.status === 202 ? await settled() : "analyzed";
  const shown = answer.status === 202 ? null : answer.tag;
  if (shown) done(shown);
  await renew();
  if (!shown) done(tag());
  if (state !== "analyzed") return say(state === "failed" ? "keptFailed" : "keptWaits");
  say("saved", document.querySelector("[data-part=head]").dataset.tag.replaceAll('"', "").split(".")[0]);
}

/** Waits until the study is analyzed, or is known not to be; the state that it is in then. */
async function settled() {
  let state;
  for (let tries = 0; tries < 120; tries += 1) {
    state = (await mark(uid))?.state;
    if (state === "analyzed" || state === "failed") break;
    await new Promise((wake) => setTimeout(wake, 500));
  }
  return state;
}

async function renew() {
  await refresh(() => {
    const point = points.focused();
    const put = document.activeElement?.dataset?.put;
    return () => {
      connect();
      if (point) again(point);
      else if (put) document.querySelector(`[data-put="${CSS.escape(put)}"]`)?.focus();
    };
  });
}

/** Goes back to the point that was moved; an outline gets its handles again first. */
async function again({ level, point }) {
  const button = [...document.querySelectorAll("[data-outline]")].find((one) => `outline ${one.dataset.outline}` === level);
  if (!button || await editOutline(button)) points.select(level, point);
}

async function bend(button) {
  if (button.getAttribute("aria-pressed") === "true") return endOutline();
  if (await editOutline(button)) points.select(`outline ${button.dataset.outline}`);
}

/** Somebody else was faster. */
async function stale(mine) {
  const banner = document.getElementById("stale");
  const now = await mark(uid);
  const status = document.querySelector("[data-status]");
  banner.querySelector("[data-detail]").textContent = now
    ? banner.dataset.now.replace("{}", now.version).replace("{}", banner.dataset[now.status] ?? now.status ?? "").replace("{}", now.by ?? "")
    : status?.textContent ?? "";
  banner.classList.toggle("mine", mine);
  banner.hidden = false;
  if (!mine) return;
  undoable.set([]);
  banner.scrollIntoView({ block: "nearest" });
  banner.querySelector("[data-reload]").focus();
  say("");
}

document.querySelector("[data-reload]").addEventListener("click", () => location.reload());

watch(4, async () => {
  if (busy || points.isMoving() || !document.getElementById("stale").hidden) return;
  const before = tag();
  const now = await mark(uid);
  if (now && !busy && tag() === before && now.mark !== before && now.state !== "analyzing") stale(false);
});

function ask(dialog) {
  return new Promise((answered) => {
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => answered(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}

async function finish(id) {
  const dialog = document.getElementById(id);
  if (!await ask(dialog)) return;
  const reason = dialog.querySelector("[name=reason]")?.value.trim();
  const body = reason ? { reason } : undefined;
  inOrder(() => change("POST", `/api/v1/studies/${uid}/${dialog.dataset.path}`, body, () => undoable.set([])));
}

async function corrected(button) {
  let body = button.dataset.body;
  if (button.dataset.choose === "true") {
    const dialog = document.getElementById("excluding");
    if (!await ask(dialog)) return;
    const said = JSON.parse(body);
    said.excluded.reason = dialog.querySelector("[name=reason]:checked").value;
    body = said;
  }
  await put(button.dataset.put, body, button.dataset.undo);
}

/** What was written of a study that had changed is still in the form when its newest version is seen. */
const drafted = {
  set(text) {
    try { sessionStorage.setItem(`dxa-comment-${uid}`, text); } catch { /* The text is lost. */ }
  },
  take() {
    try {
      const text = sessionStorage.getItem(`dxa-comment-${uid}`);
      sessionStorage.removeItem(`dxa-comment-${uid}`);
      return text;
    } catch { return null; }
  },
};

/** Kept beside the result: no new version comes of it. */
async function comment(form) {
  const answer = await send("POST", `/api/v1/studies/${uid}/comments`, { text: form.elements.text.value }, tag());
  if (answer.status === 412) {
    drafted.set(form.elements.text.value);
    return stale(true);
  }
  if (!answer.ok) return say("failed", answer.json?.detail ?? answer.json?.title ?? answer.status);
  form.reset();
  await renew();
  say("commented");
}

const draft = document.getElementById("comment") && drafted.take();
if (draft) document.getElementById("comment").elements.text.value = draft;

document.getElementById("comment")?.addEventListener("submit", (event) => {
  event.preventDefault();
  inOrder(() => comment(event.target));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button");
  if (!button) return;
  if (button.dataset.put) corrected(button);
  else if (button.dataset.outline) bend(button);
  else if (button.dataset.show) picture.showCheck(button.dataset.show);
  else if (button.dataset.select) points.select(button.dataset.select);
  else if (button.id === "sign") finish("signing");
  else if (button.id === "amend") finish("amending");
  else if (button.id === "undo") takeBack();
  else if (button.id === "reanalyze") inOrder(() => change("POST", `/api/v1/studies/${uid}/reanalyze`, undefined, (from) => undoable.set(ledTo(undoable.all(), from))));
  else if (button.id === "print") print();
});

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || picture.pressed(event)) return;
  const keys = {
    f: confirmFracture,
    u: () => document.getElementById("undo")?.click(),
    s: () => (document.getElementById("sign") ?? document.getElementById("amend"))?.click(),
  };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});

/** Of the vertebra whose point has the focus, else of the first one that is suspected. */
function confirmFracture() {
  const level = points.focused()?.level;
  const row = level ? `tr[data-level="${level}"]` : "";
  const buttons = [...document.querySelectorAll(`table.vertebrae ${row} button.fracture`)];
  buttons.find((button) => JSON.parse(button.dataset.body).fracture === "confirmed")?.click();
}

function connect() {
  picture.connect();
  points.connect();
  undoable.set(isGone() && !busy ? [] : undoable.all());
}

connect();
if (study.dataset.mayCorrect === "true") points.start(put);
const asked = new URLSearchParams(location.search).get("check");
if (asked && document.getElementById("picture")) picture.showCheck(asked, true);
