// The pages can be read without scripts. This adds filters, buttons that open, close and
// copy, and keys that move between the cells of the matrix.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const words = (element) => element.textContent.toLowerCase();
  const wish = (input) => input.value.trim().toLowerCase();
  const text = $("text"), only = $("only"), count = $("count");

  // report.html
  function filterOfRun() {
    const rows = all(".row").map((element) => ({
      element,
      details: element.querySelector("details"),
      verdict: element.dataset.verdict,
      own: words(element.querySelector("summary")),
      cases: all(".cases > li", element).map((c) => ({ element: c, verdict: c.dataset.verdict, own: words(c) })),
      opened: false,
    }));
    const evidences = all(".evidence").map((element) => ({ element, verdict: element.dataset.verdict, own: words(element) }));
    const lines = all(".lines tbody tr").map((element) => ({ element, own: words(element) }));
    const groups = all(".group");
    const tiles = all(".tiles a").map((element) => ({ element, verdict: element.dataset.verdict, own: element.title.toLowerCase() }));

    // A requirement is shown if it matches, or if one of its cases does.
    function filterRow(row, wanted, verdict) {
      const itself = row.own.includes(wanted) && (!verdict || row.verdict === verdict);
      let matching = 0;
      for (const c of row.cases) {
        const matches = (row.own.includes(wanted) || c.own.includes(wanted)) && (!verdict || c.verdict === verdict);
        c.element.hidden = !matches && !(itself && !verdict);
        matching += matches;
      }
      row.element.hidden = !itself && matching === 0;
      const open = !itself && matching > 0;
      if (open !== row.opened) {
        row.details.open = row.opened = open;
      }
      return !row.element.hidden;
    }

    // Only one tile can be reached with the Tab key; arrow keys move to the others.
    function here(tile) {
      tiles.forEach((t) => t.element.setAttribute("tabindex", t.element === tile ? "0" : "-1"));
    }
    const map = document.querySelector(".map");
    map?.addEventListener("keydown", (event) => {
      const tile = event.target.closest("a.tile");
      if (!tile || event.ctrlKey || event.altKey || event.metaKey) {
        return;
      }
      const shown = tiles.map((t) => t.element).filter((t) => !t.parentElement.hidden);
      const rows = all(".tiles", map).map((row) => all("li:not([hidden]) > a", row)[0]).filter(Boolean);
      const row = rows.indexOf(all("li:not([hidden]) > a", tile.closest(".tiles"))[0]);
      const to = {
        ArrowRight: shown[shown.indexOf(tile) + 1], ArrowLeft: shown[shown.indexOf(tile) - 1],
        ArrowDown: rows[row + 1], ArrowUp: rows[row - 1], Home: shown[0], End: shown[shown.length - 1],
      }[event.key];
      if (to) {
        event.preventDefault();
        to.focus();
      }
    });
    map?.addEventListener("focusin", (event) => event.target.matches("a.tile") && here(event.target));
    if (tiles.length > 0) {
      here(tiles[0].element);
      $("tile-keys").hidden = false;
    }

    const fold = (open) => all(".row details, .evidence details, .reasons details").forEach((d) => { d.open = open; });
    $("unfold").addEventListener("click", () => fold(true));
    $("fold").addEventListener("click", () => fold(false));
    addEventListener("beforeprint", () => fold(true));

    return () => {
      const wanted = wish(text), verdict = only.value;
      const kept = rows.filter((row) => filterRow(row, wanted, verdict)).length;
      for (const group of groups) {
        group.hidden = !group.querySelector(".row:not([hidden])");
      }
      for (const tile of tiles) {
        tile.element.parentElement.hidden = !tile.own.includes(wanted) || verdict !== "" && tile.verdict !== verdict;
      }
      let found = 0;
      for (const e of evidences) {
        e.element.hidden = !e.own.includes(wanted) || verdict !== "" && e.verdict !== verdict;
        found += !e.element.hidden;
      }
      for (const line of lines) {
        line.element.hidden = !line.own.includes(wanted);
      }
      count.textContent = wanted || verdict
        ? `${kept} of ${rows.length} requirements and ${found} of ${evidences.length} findings match.` : "";
    };
  }

  // matrix.html
  function filterOfTargets() {
    const which = $("which"), differ = $("differ");
    const targets = all(".target").map((element) => ({ element, own: words(element), shown: true }));
    const heads = all(".targets thead th").slice(1);
    const rows = all(".requirement").map((element) => ({ element, own: words(element.querySelector("th")), cells: all("td", element) }));

    // A requirement is shown if one of the shown targets has the wanted verdict.
    function matches(row, wanted) {
      const verdicts = row.cells.filter((_, i) => targets[i].shown).map((cell) => cell.dataset.verdict);
      return row.own.includes(wanted) && (!only.value || verdicts.includes(only.value)) &&
        (!differ.checked || new Set(verdicts).size > 1);
    }

    // Only one cell can be reached with the Tab key; arrow keys move to the others.
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
    all(".targets td a").forEach((a) => a.setAttribute("tabindex", "-1"));
    if ($("keys")) {
      $("keys").hidden = false;
    }

    return () => {
      const names = wish(which), wanted = wish(text);
      targets.forEach((target, i) => {
        const shown = target.own.includes(names);
        if (shown !== target.shown) {
          target.shown = shown;
          target.element.hidden = heads[i].hidden = !shown;
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
    };
  }

  const filter = $("matrix") ? filterOfTargets() : filterOfRun();
  let waiting = 0;
  for (const input of all('#filter input[type="search"]')) {
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(filter, 120);
    });
  }
  for (const input of all('#filter select, #filter input[type="checkbox"]')) {
    input.addEventListener("change", filter);
  }
  $("filter").addEventListener("submit", (event) => event.preventDefault());
  $("filter").hidden = false;
  filter(); // browsers may restore the fields after a reload

  // Open the target of a link.
  function reveal() {
    const target = location.hash.length > 1 ? $(location.hash.slice(1)) : null;
    const details = target?.querySelector(":scope > details") ?? target?.closest("details");
    if (details && !details.open) {
      details.open = true;
      target.scrollIntoView();
    }
  }
  addEventListener("hashchange", reveal);
  reveal();

  async function copy(button, pre) {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(pre); // so that the user can copy it
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  }
  for (const line of all(".line")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", () => copy(button, line.querySelector("pre")));
    line.append(button);
  }
})();
