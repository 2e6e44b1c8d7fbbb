"use strict";
(() => {
  const page = document.documentElement;
  const choose = (language) => {
    document.getElementById("language-" + language).checked = true;
    page.lang = language;
    document.title = language === "nl" ? page.dataset.titleNl : page.dataset.titleEn;
  };
  const wanted = navigator.languages.map((it) => it.slice(0, 2)).find((it) => it === "nl" || it === "en");
  choose(wanted || "en");
  for (const radio of document.querySelectorAll("[name=language]")) {
    radio.addEventListener("change", () => choose(radio.value));
  }
  const text = (cell) => {
    const figure = cell.querySelector("data");
    const shown = figure ? figure.value : cell.innerText;
    return shown.replaceAll(/\s+/g, " ").trim();
  };
  const lines = (table) => [...table.rows].map((row) => [...row.cells].filter((cell) => !cell.classList.contains("chart")).map(text).join("\t"));
  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const tables = button.closest("figure").querySelectorAll("table");
      const copied = [...tables].map((table) => lines(table).join("\n")).join("\n\n");
      await navigator.clipboard.writeText(copied);
      button.classList.add("done");
    });
  }
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") { target.open = true; }
  };
  addEventListener("hashchange", open);
  open();
})();
