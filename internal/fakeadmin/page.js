// Keeps the page up to date: when /_fake/events says that something has changed, the
// script requests the page again, with the exchanges after the last one that it
// has, and replaces what differs. Rows that have not changed are left alone, so
// that they stay open, focused or selected. Without this script, the page has the
// same content after a reload.
"use strict";

const root = document.documentElement;
const rows = document.getElementById("rows");
const live = document.getElementById("live");
const filter = document.getElementById("filter");
const limit = Number(rows.dataset.limit);

root.classList.add("js");

// The numbers of exchanges are exact: they are far below 2^53.
let last = Number(rows.dataset.last);

// ---- requesting the page

let asking = false;
let again = false;
let whole = false;

// refresh updates the page; if all is true, because the filter has changed, with
// all exchanges and not only new ones.
async function refresh(all) {
  again = true;
  whole = whole || Boolean(all);
  if (asking) return;
  asking = true;
  try {
    while (again) {
      again = false;
      const everything = whole;
      whole = false;
      await ask(everything);
    }
  } catch {
    say(false); // the server is gone; the event stream tells when it is back
  } finally {
    asking = false;
  }
}

async function ask(everything) {
  const query = wanted();
  if (!everything) query.set("after", String(last));
  const answer = await fetch("/_fake/?" + query, { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const span = fresh.getElementById("rows").dataset;
  if (fresh.documentElement.dataset.run !== root.dataset.run && !everything) {
    // The fake was restarted, and counts exchanges from 1 again.
    root.dataset.run = fresh.documentElement.dataset.run;
    rows.replaceChildren();
    return ask(true);
  }
  take(fresh, span, everything);
}

function wanted() {
  const query = new URLSearchParams();
  const text = filter.elements.text.value.trim();
  if (text) query.set("text", text);
  if (filter.elements.violations.checked) query.set("violations", "true");
  return query;
}

// ---- updating

function take(fresh, span, everything) {
  const anchor = anchored();
  table(fresh, "graphs");
  table(fresh, "jobs");
  same(fresh, "clock", (now) => {
    document.querySelector("#clock time").replaceWith(now.querySelector("time"));
  });
  same(fresh, "count", count);
  journal(fresh, span, everything);
  for (const id of ["empty", "limited"]) {
    document.getElementById(id).textContent = "";
    document.getElementById(id).append(...fresh.getElementById(id).childNodes);
  }
  document.getElementById("empty").hidden = rows.children.length > 0;
  document.getElementById("limited").hidden = rows.children.length < limit;
  last = Number(span.last);
  anchor();
}

function same(fresh, id, change) {
  const old = document.getElementById(id);
  const now = fresh.getElementById(id);
  if (!old.isEqualNode(now)) change(now, old);
}

// Screen readers announce the count, so it must not change many times a second.
let counting = 0;
function count(now, old) {
  clearTimeout(counting);
  counting = setTimeout(() => old.replaceChildren(...now.childNodes), 400);
}

// table replaces the rows of a table that differ.
function table(fresh, id) {
  const old = document.getElementById(id);
  const known = new Map([...old.children].map((row) => [row.dataset.key, row]));
  const list = [...fresh.getElementById(id).children].map((row) => {
    const present = known.get(row.dataset.key);
    return present && present.isEqualNode(row) ? present : row;
  });
  if (list.length !== old.children.length || list.some((row, i) => row !== old.children[i])) {
    old.replaceChildren(...list);
  }
}

// journal adds new rows at the top, and removes those that the journal does not keep.
function journal(fresh, span, everything) {
  const arrived = [...fresh.getElementById("rows").children];
  const first = Number(span.first);
  const forgotten = (row) => Number(row.dataset.number) < first;
  if (everything) {
    const known = new Map([...rows.children].map((row) => [row.id, row]));
    rows.replaceChildren(...arrived.map((row) => known.get(row.id) ?? row));
    return;
  }
  if (first > Number(span.last)) { // the journal is empty: the fake was reset
    rows.replaceChildren();
    return;
  }
  const fill = arrived.filter((row) => !document.getElementById(row.id));
  for (const row of fill) row.classList.add("new");
  rows.prepend(...fill);
  for (const row of [...rows.children].reverse()) {
    if (!forgotten(row) && rows.children.length <= limit) break;
    if (!row.querySelector("details").open && !row.contains(document.activeElement)) row.remove();
  }
}

// anchored returns a function that scrolls the row at the top of the window back
// there, for browsers without scroll anchoring.
function anchored() {
  if (window.CSS && CSS.supports("overflow-anchor", "auto") || window.scrollY === 0) return () => {};
  const seen = [...rows.children].find((row) => row.getBoundingClientRect().bottom > 0);
  if (!seen) return () => {};
  const before = seen.getBoundingClientRect().top;
  return () => {
    if (seen.isConnected) window.scrollBy(0, seen.getBoundingClientRect().top - before);
  };
}

// ---- events

let source = null;

function say(on) {
  live.dataset.on = String(on);
  live.textContent = on ? "live" : "not connected; trying again";
}

function listen() {
  if (source) return;
  source = new EventSource("/_fake/events");
  source.addEventListener("open", () => say(true));
  source.addEventListener("error", () => {
    say(false);
    if (source && source.readyState === EventSource.CLOSED) {
      silence(); // the browser does not reconnect by itself
      setTimeout(listen, 2000);
    }
  });
  source.addEventListener("change", () => refresh(false));
}

function silence() {
  if (source) source.close();
  source = null;
}

// A browser only opens a few connections to a server, so a hidden page closes its own.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) silence();
  else listen();
});
listen();

// ---- filter, controls, copying

let typed = 0;
filter.addEventListener("input", () => {
  clearTimeout(typed);
  typed = setTimeout(() => {
    const query = wanted().toString();
    history.replaceState(null, "", query ? "?" + query : location.pathname);
    refresh(true);
  }, 150);
});
filter.addEventListener("submit", (event) => {
  event.preventDefault();
  refresh(true);
});

document.getElementById("orders").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target, event.submitter);
  try {
    await fetch("/_fake/", { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
  } catch {
    say(false);
  }
});

rows.addEventListener("click", async (event) => {
  const button = event.target.closest(".copy");
  if (!button) return;
  const line = button.previousElementSibling;
  button.textContent = (await copied(line)) ? "Copied" : "Failed";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
});

// copied selects a line and copies it. Over plain HTTP from another machine, only
// execCommand is available.
async function copied(line) {
  getSelection().selectAllChildren(line);
  try {
    await navigator.clipboard.writeText(line.textContent);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}
