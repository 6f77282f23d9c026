// What every page does: light or dark, the help with the keys, logging out.
"use strict";
(() => {
  const root = document.documentElement;
  const remembered = () => {
    try { return localStorage.getItem("dxa-theme"); } catch { return null; }
  };
  const kept = remembered();
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;

  const isDark = () => root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;

  const switchTheme = () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("dxa-theme", root.dataset.theme); } catch { /* For this page only. */ }
  };

  const logOut = async () => {
    const token = document.querySelector("meta[name=csrf]");
    await fetch("/logout", { method: "POST", headers: token ? { "X-CSRF-Token": token.content } : {} });
    location.assign("/login");
  };

  document.addEventListener("DOMContentLoaded", () => {
    const help = document.getElementById("help");
    document.getElementById("theme").addEventListener("click", switchTheme);
    document.getElementById("keys").addEventListener("click", () => help.showModal());
    document.getElementById("logout")?.addEventListener("click", logOut);
    document.addEventListener("keydown", (event) => {
      const isTyping = event.target.closest("input, select, textarea, dialog[open]");
      if (event.key === "?" && !isTyping) {
        event.preventDefault();
        help.showModal();
      }
    });
  });
})();
