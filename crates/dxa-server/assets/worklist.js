// The list: follows what comes in, is walked through with keys, and keeps views of one's own.
import { isTyping, mark, refresh, watch } from "./service.js";

const list = () => document.querySelector("[data-part=list]");
const links = () => [...document.querySelectorAll("table.list tbody th a")];

watch(3, async () => {
  const now = await mark();
  if (!now || now.mark === list().dataset.mark) return;
  await refresh(() => {
    const focused = document.activeElement?.getAttribute("href");
    return () => links().find((link) => link.getAttribute("href") === focused)?.focus();
  });
});

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || (event.key !== "j" && event.key !== "k")) return;
  const all = links();
  const at = all.indexOf(document.activeElement);
  const next = event.key === "j" ? at + 1 : Math.max(at - 1, 0);
  all[Math.min(next, all.length - 1)]?.focus();
});

const KEY = "dxa-views";
const read = () => {
  try { return JSON.parse(localStorage.getItem(KEY)) ?? []; } catch { return []; }
};

function showOwn() {
  const place = document.getElementById("own-views");
  place.replaceChildren(...read().map(({ name, query }) => {
    const link = document.createElement("a");
    link.href = `/${query}`;
    link.textContent = name;
    if (location.search === query) link.setAttribute("aria-current", "page");
    return link;
  }));
}

const saving = document.getElementById("save-view");
saving.addEventListener("click", () => {
  const name = prompt(saving.dataset.ask)?.trim();
  if (!name) return;
  const others = read().filter((view) => view.name !== name);
  try {
    localStorage.setItem(KEY, JSON.stringify([...others, { name, query: location.search }].slice(-12)));
  } catch { /* Kept nowhere: the address of the page can be. */ }
  showOwn();
});
showOwn();
