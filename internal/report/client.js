
// The scenarios of a client.
(() => {
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const text = document.getElementById("text"), only = document.getElementById("only");
  const scenarios = all(".scenario").map((element) => ({ element, own: element.textContent.toLowerCase() }));
  const groups = all(".scenarios");
  const fold = (open) => all(".scenario details").forEach((d) => { d.open = open; });

  function filter() {
    const wanted = text.value.trim().toLowerCase();
    for (const s of scenarios) {
      s.element.hidden = !s.own.includes(wanted) || only.value !== "" && s.element.dataset.verdict !== only.value;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector(".scenario:not([hidden])");
    }
  }

  // A link to a scenario opens it.
  function reveal() {
    const scenario = document.getElementById(location.hash.slice(1));
    if (scenario?.classList.contains("scenario")) {
      scenario.querySelector("details").open = true;
    }
  }

  text.addEventListener("input", filter);
  only.addEventListener("input", filter);
  document.getElementById("unfold").addEventListener("click", () => fold(true));
  document.getElementById("fold").addEventListener("click", () => fold(false));
  addEventListener("beforeprint", () => fold(true));
  addEventListener("hashchange", reveal);
  reveal();
})();
