// The form of the context: what is left unknown is left out, and the rest is sent as one document.
import { mark, send } from "./service.js";

const form = document.getElementById("context");
const answer = document.getElementById("answer");
const none = document.getElementById("no-fractures");

function valueOf(field) {
  const text = field.value.trim();
  if (!text) return undefined;
  if (field.dataset.kind === "flag") return text === "true";
  return field.dataset.kind === "number" ? Number(text.replace(",", ".")) : text;
}

function collect(fields, into) {
  for (const field of fields) {
    const value = valueOf(field);
    if (value === undefined) continue;
    const [outer, inner] = field.dataset.key.split(".");
    if (inner) (into[outer] ??= {})[inner] = value;
    else into[outer] = value;
  }
  return into;
}

function read() {
  const outside = [...form.querySelectorAll("[data-key]")].filter((field) => !field.closest(".fracture"));
  const context = collect(outside, JSON.parse(form.dataset.rest));
  const rows = [...form.querySelectorAll(".fracture:not([data-template])")];
  const fractures = rows.map((row) => collect(row.querySelectorAll("[data-key]"), {})).filter((one) => one.site);
  if (fractures.length || none.checked) context.fractures = fractures;
  return context;
}

form.addEventListener("click", (event) => {
  if (event.target.id === "add-fracture") {
    const row = form.querySelector("[data-template]").cloneNode(true);
    row.removeAttribute("data-template");
    row.hidden = false;
    event.target.before(row);
    row.querySelector("select").focus();
    none.checked = false;
  } else if (event.target.matches("[data-remove]")) {
    event.target.closest(".fracture").remove();
  }
});

none.addEventListener("change", () => {
  if (none.checked) form.querySelectorAll(".fracture:not([data-template])").forEach((row) => row.remove());
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  answer.hidden = true;
  const uid = form.dataset.back.startsWith("/studies/") ? form.dataset.back.slice("/studies/".length) : null;
  const before = uid && await mark(uid);
  const sent = await send("POST", `/api/v1/patients/${form.dataset.patient}/context`, read());
  if (!sent.ok) {
    answer.textContent = sent.json?.detail ?? sent.json?.title ?? sent.status;
    answer.hidden = false;
    answer.scrollIntoView();
    return;
  }
  // The study is analyzed again; the page of it should show what came of it.
  for (let tries = 0; uid && tries < 60; tries += 1) {
    const now = await mark(uid);
    if (now?.version !== before?.version && now?.state !== "analyzing") break;
    await new Promise((wake) => setTimeout(wake, 250));
  }
  location.assign(form.dataset.back);
});
