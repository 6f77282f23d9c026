// The page of a second reader: the image of the chosen scan, and what the form says of all of them.
import * as picture from "./picture.js";
import { isTyping, send } from "./service.js";

const reading = document.getElementById("reading");
const form = document.getElementById("read");
const shown = document.querySelector(".shown");
const answer = document.getElementById("answer");

function show(scan) {
  const template = document.querySelector(`template[data-scan="${scan}"]`);
  if (!template) return;
  shown.replaceChildren(template.content.cloneNode(true));
  for (const button of document.querySelectorAll("button[data-scan]")) {
    button.setAttribute("aria-pressed", button.dataset.scan === scan);
  }
  picture.connect();
  if (document.getElementById("picture")) picture.fit();
}

/** A fracture needs a lost height. */
function follow(row) {
  const fracture = row.querySelector("input");
  fracture.disabled = !["1", "2", "3"].includes(row.querySelector("select").value);
  if (fracture.disabled) fracture.checked = false;
}

function said() {
  const vertebrae = [];
  const regions = [];
  for (const scan of form.querySelectorAll("fieldset[data-scan]")) {
    const index = Number(scan.dataset.scan);
    for (const row of scan.querySelectorAll("tr[data-level]")) {
      const { value } = row.querySelector("select");
      if (!value) continue;
      const grade = value === "none" ? null : Number(value);
      vertebrae.push({ scan: index, level: row.dataset.level, grade, fracture: row.querySelector("input").checked });
    }
    for (const { value, dataset } of scan.querySelectorAll("select[data-site]")) {
      if (value) regions.push({ scan: index, site: dataset.site, excluded: value === "out" });
    }
  }
  return { vertebrae, regions, remark: form.elements.remark.value.trim() || null };
}

function refuse(sentence) {
  answer.textContent = sentence;
  answer.hidden = false;
  answer.scrollIntoView({ block: "nearest" });
}

form.addEventListener("change", (event) => {
  answer.hidden = true;
  const row = event.target.closest("tr[data-level]");
  if (row) follow(row);
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { uid, tag, stale, nothing } = reading.dataset;
  const read = said();
  if (!read.vertebrae.length && !read.regions.length) return refuse(nothing);
  const given = await send("POST", `/api/v1/studies/${uid}/readings`, read, tag);
  if (given.ok) return location.assign(`/studies/${uid}#second`);
  refuse(given.status === 412 ? stale : given.json?.detail ?? given.json?.title ?? String(given.status));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[data-scan]");
  if (button) show(button.dataset.scan);
});

document.addEventListener("keydown", (event) => {
  if (!isTyping(event)) picture.pressed(event);
});

const first = document.querySelector("template[data-scan]");
if (first) show(first.dataset.scan);
