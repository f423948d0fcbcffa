// The page reads without this. It filters, opens and closes, and copies.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const text = $("text"), only = $("only"), count = $("count");
  const words = (element) => element.textContent.toLowerCase();

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
  const levels = all(".level");

  // A requirement is shown if it matches itself, or for those of its cases that do.
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

  function filter() {
    const wanted = text.value.trim().toLowerCase(), verdict = only.value;
    const kept = rows.filter((row) => filterRow(row, wanted, verdict)).length;
    for (const level of levels) {
      level.hidden = !level.querySelector(".row:not([hidden])");
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
  }

  let waiting = 0;
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  only.addEventListener("change", filter);
  $("filter").addEventListener("submit", (event) => event.preventDefault());
  const fold = (open) => all(".row details, .evidence details, .reasons details").forEach((d) => { d.open = open; });
  $("unfold").addEventListener("click", () => fold(true));
  $("fold").addEventListener("click", () => fold(false));
  addEventListener("beforeprint", () => fold(true));
  $("filter").hidden = false;
  filter(); // a browser may have kept what was typed before the page was loaded again

  // What a link leads to is opened.
  function reveal() {
    const details = location.hash.length > 1 && $(location.hash.slice(1))?.querySelector(":scope > details");
    if (details) {
      details.open = true;
    }
  }
  addEventListener("hashchange", reveal);
  reveal();

  async function copy(button, pre) {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(pre); // to be copied by hand
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
