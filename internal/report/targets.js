// The page reads without this. It filters, and goes from cell to cell by keys.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const which = $("which"), text = $("text"), only = $("only"), differ = $("differ"), count = $("count");

  const targets = all(".target").map((element) => ({ element, words: element.textContent.toLowerCase(), shown: true }));
  const heads = all(".targets thead th").slice(1);
  const rows = all(".requirement").map((element) => ({
    element, words: element.querySelector("th").textContent.toLowerCase(), cells: all("td", element),
  }));

  // A requirement is shown if a target that is shown has the wanted verdict.
  function matches(row, wanted) {
    const verdicts = row.cells.filter((_, i) => targets[i].shown).map((cell) => cell.dataset.verdict);
    return row.words.includes(wanted) && (!only.value || verdicts.includes(only.value)) &&
      (!differ.checked || new Set(verdicts).size > 1);
  }

  function filter() {
    const names = which.value.trim().toLowerCase(), wanted = text.value.trim().toLowerCase();
    targets.forEach((target, i) => {
      const shown = target.words.includes(names);
      if (shown !== target.shown) {
        target.shown = shown;
        target.element.hidden = !shown;
        heads[i].hidden = !shown;
        rows.forEach((row) => { row.cells[i].hidden = !shown; });
      }
    });
    let kept = 0;
    for (const row of rows) {
      row.element.hidden = !matches(row, wanted);
      kept += !row.element.hidden;
    }
    count.textContent = names || wanted || only.value || differ.checked
      ? `${kept} of ${rows.length} requirements and ${targets.filter((t) => t.shown).length} of ${targets.length} targets match.` : "";
    if (!reachable(here)) {
      enter(rows.filter((row) => !row.element.hidden).flatMap((row) => row.cells).find(reachable));
    }
  }

  // Of all the cells one is on the way of the tabulator; arrows go to the others.
  let here = null;
  const link = (cell) => cell?.querySelector("a");
  const reachable = (cell) => Boolean(link(cell)) && !cell.hidden && !cell.parentElement.hidden;
  function enter(cell) {
    link(here)?.setAttribute("tabindex", "-1");
    here = cell ?? null;
    link(here)?.removeAttribute("tabindex");
  }
  function next(cell, key) {
    const columns = Array.from(cell.parentElement.cells).filter(reachable);
    const lines = all(".requirement:not([hidden])").map((row) => row.cells[cell.cellIndex]).filter(reachable);
    const step = (list, by) => list[list.indexOf(cell) + by];
    switch (key) {
      case "ArrowRight": return step(columns, 1);
      case "ArrowLeft": return step(columns, -1);
      case "ArrowDown": return step(lines, 1);
      case "ArrowUp": return step(lines, -1);
      case "Home": return columns[0];
      case "End": return columns[columns.length - 1];
    }
  }
  const table = document.querySelector(".targets tbody");
  table?.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td");
    const to = cell && !event.ctrlKey && !event.altKey && !event.metaKey ? next(cell, event.key) : null;
    if (to) {
      event.preventDefault();
      enter(to);
      link(to).focus();
    }
  });
  table?.addEventListener("focusin", (event) => enter(event.target.closest("td")));

  let waiting = 0;
  for (const input of [which, text]) {
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(filter, 120);
    });
  }
  only.addEventListener("change", filter);
  differ.addEventListener("change", filter);
  $("filter").addEventListener("submit", (event) => event.preventDefault());
  all(".targets td a").forEach((a) => a.setAttribute("tabindex", "-1"));
  if ($("keys")) {
    $("keys").hidden = false;
  }
  $("filter").hidden = false;
  filter(); // a browser may have kept what was typed before the page was loaded again
})();
