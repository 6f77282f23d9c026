// Talking to the service and to the reader: requests with their condition, and the line that says what happened.

const words = document.getElementById("said");
let fading;

/** Says a sentence of the page, with its gaps filled. */
export function say(key, ...parts) {
  let sentence = words.dataset[key] ?? "";
  for (const part of parts) sentence = sentence.replace("{}", () => String(part));
  words.textContent = sentence;
  words.classList.toggle("shown", Boolean(sentence));
  clearTimeout(fading);
  fading = setTimeout(() => words.classList.remove("shown"), 6000);
}

/** Whether a key belongs to a field and not to the page. */
export function isTyping(event) {
  return Boolean(event.target.closest("input:not([type=checkbox]):not([type=range]), select, textarea, dialog[open]"))
    || event.ctrlKey || event.metaKey || event.altKey;
}

/** Sends JSON; `tag` is the version of the study that was seen. */
export async function send(method, address, body, tag) {
  const headers = {};
  const token = document.querySelector("meta[name=csrf]");
  if (token) headers["X-CSRF-Token"] = token.content;
  if (tag) headers["If-Match"] = tag;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const answer = await fetch(address, { method, headers, body: text });
  const isJson = (answer.headers.get("content-type") ?? "").includes("json");
  return { status: answer.status, ok: answer.ok, tag: answer.headers.get("etag"), json: isJson ? await answer.json() : null };
}

/** How the list, or a study, is now; nothing when it cannot be said. */
export async function mark(study) {
  try {
    const answer = await fetch(study ? `/changes?study=${encodeURIComponent(study)}` : "/changes");
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** Puts the parts of the newest page in the place of those that are shown. */
export async function refresh(keep = () => () => {}) {
  const answer = await fetch(location.href.split("#")[0]);
  if (!answer.ok) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const restore = keep();
  const open = new Set([...document.querySelectorAll("main details[open] > summary")].map((one) => one.textContent));
  for (const part of page.querySelectorAll("[data-part]")) {
    document.querySelector(`[data-part="${part.dataset.part}"]`)?.replaceWith(document.adoptNode(part));
  }
  for (const summary of document.querySelectorAll("main details > summary")) {
    if (open.has(summary.textContent)) summary.parentElement.open = true;
  }
  restore();
}

/** Calls `look` every so many seconds while the page is seen. */
export function watch(seconds, look) {
  setInterval(() => {
    if (document.visibilityState === "visible") look();
  }, seconds * 1000);
}
