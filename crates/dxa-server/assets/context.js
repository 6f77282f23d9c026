// The form of the context: what is left unknown is left out, what was known and is cleared is withdrawn, and all is
// sent as one document.
import { mark, send } from "./service.js";

const form = document.getElementById("context");
const answer = document.getElementById("answer");
const entries = (list) => [...list.querySelectorAll(".entry:not([data-template])")];

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
  const outside = [...form.querySelectorAll("[data-key]")].filter((field) => !field.closest(".entry"));
  const context = collect(outside, JSON.parse(form.dataset.rest));
  for (const list of form.querySelectorAll("[data-list]")) {
    const rows = entries(list).map((row) => collect(row.querySelectorAll("[data-key]"), {}));
    const told = rows.filter((one) => one[list.dataset.needs]);
    if (told.length || list.querySelector("[data-none]")?.checked) context[list.dataset.list] = told;
  }
  return context;
}

/** What was known when the page was made: clearing it takes it back, whoever told it. */
const known = Object.keys(read());

/** The first field that should hold a number and does not. */
function notANumber() {
  const numbers = [...form.querySelectorAll("[data-kind=number]")].filter((field) => field.value.trim());
  return numbers.find((field) => !/^[+-]?[0-9]+([.,][0-9]+)?$/.test(field.value.trim()));
}

function refuse(sentence) {
  answer.textContent = sentence;
  answer.hidden = false;
  answer.scrollIntoView();
}

form.addEventListener("click", (event) => {
  if (event.target.matches("[data-add]")) {
    const list = event.target.closest("[data-list]");
    const row = list.querySelector("[data-template]").cloneNode(true);
    row.removeAttribute("data-template");
    row.hidden = false;
    event.target.before(row);
    row.querySelector("select").focus();
    const none = list.querySelector("[data-none]");
    if (none) none.checked = false;
  } else if (event.target.matches("[data-remove]")) {
    event.target.closest(".entry").remove();
  }
});

form.addEventListener("change", (event) => {
  if (event.target.matches("[data-none]:checked")) entries(event.target.closest("[data-list]")).forEach((row) => row.remove());
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  answer.hidden = true;
  const wrong = notANumber();
  if (wrong) {
    const name = wrong.closest("label").firstChild.textContent.trim();
    refuse(form.dataset.number.replace("{}", () => name).replace("{}", () => wrong.value.trim()));
    return wrong.focus();
  }
  const context = read();
  for (const key of known) context[key] ??= null;
  const uid = form.dataset.back.startsWith("/studies/") ? form.dataset.back.slice("/studies/".length) : null;
  const before = uid && await mark(uid);
  const sent = await send("POST", `/api/v1/patients/${form.dataset.patient}/context`, context);
  if (!sent.ok) {
    return refuse(sent.json?.detail ?? sent.json?.title ?? sent.status);
  }
  // The study is analyzed again; the page of it should show what came of it.
  for (let tries = 0; uid && tries < 60; tries += 1) {
    const now = await mark(uid);
    if (now?.version !== before?.version && now?.state !== "analyzing") break;
    await new Promise((wake) => setTimeout(wake, 250));
  }
  location.assign(form.dataset.back);
});
