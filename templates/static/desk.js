// The keys of an edition's desk. Each presses a button that stands on the page, so that nothing needs them.
"use strict";
const place = { row: null, at: 0 };
// While an act is on its way, what is typed waits for its answer: a letter of a note must never be taken for a key.
const typed = { busy: false, waiting: [], draft: null, saved: null };
const help = document.getElementById("keys");
const rows = () => [...document.querySelectorAll("#desk .row")];
const present = () => document.activeElement.closest("#desk .row") ?? rows().find((row) => row.id === place.row);

function tell(words) {
  document.getElementById("heard").textContent = words;
}

function stand(row) {
  for (const other of rows()) other.removeAttribute("aria-current");
  if (!row) return;
  row.setAttribute("aria-current", "true");
  [place.row, place.at] = [row.id, rows().indexOf(row)];
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = rows();
  const now = all.indexOf(present());
  const next = now < 0 ? all[0] : all[now + by];
  document.getElementById("said").replaceChildren(); // it was read, and lies over the list
  if (next) return stand(next);
  const page = document.querySelector(by > 0 ? ".pages .next" : ".pages .previous");
  if (!page) return tell(by > 0 ? "This is the last paper." : "This is the first paper.");
  [place.row, place.at] = [null, by > 0 ? 0 : -1];
  page.click();
}

function press(key) {
  const row = present();
  const button = row?.querySelector(`[data-key="${key}"]`);
  if (button) button.click();
  else tell(row ? "This cannot be done to this paper as it is." : "No paper is chosen: j goes to the first.");
}

function note() {
  const noting = present()?.querySelector(".noting");
  if (!noting) return press("n");
  noting.open = true;
  noting.querySelector("textarea").focus();
}

function abstract() {
  const details = present()?.querySelector(".abstract");
  if (!details) return press("o");
  details.open = !details.open;
  tell(details.open ? details.querySelector("p").textContent : "Abstract closed.");
}

function undo() {
  const button = document.querySelector("#undo:not(:disabled)");
  if (button) button.click();
  else tell("There is nothing of yours to undo in this edition.");
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  f: () => press("f"),
  h: () => press("h"),
  m: () => press("m"),
  n: note,
  o: abstract,
  u: undo,
  r: () => document.getElementById("effects").focus(),
  "?": () => help.showModal(),
};

function leave({ target }) {
  const noting = target.closest(".noting[open]");
  if (noting) noting.open = false;
  if (noting || target.closest("#effects")) stand(noting?.closest(".row") ?? present());
  else document.querySelector(".merging .cancel")?.click();
}

// Keys that need no Ctrl or Alt can be turned off, and act only at the desk: elsewhere a letter may mean something else.
const stored = { get: () => localStorage.getItem("desk-keys"), set: (value) => localStorage.setItem("desk-keys", value) };
const attempt = (kept, ...values) => {
  try {
    return kept(...values);
  } catch {
    return null; // this browser keeps nothing
  }
};
const on = document.getElementById("keys-on");
on.checked = attempt(stored.get) !== "off";
on.addEventListener("change", () => attempt(stored.set, on.checked ? "on" : "off"));
const isHere = (target) => on.checked && (target === document.body || target.closest(".desk"));

document.addEventListener("click", ({ target }) => target.closest("[data-keys]") && help.showModal());
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (help.open) return;
  if (key === "Escape") return leave(event);
  if (target.matches("textarea") && key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    typed.saved = target;
    target.parentElement.querySelector("button").click();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches("textarea, input, select")) return;
  if (!isHere(target) || (typed.busy ? key.length > 1 : !KEYS[key])) return;
  event.preventDefault();
  typed.waiting.push(key);
  play();
});

function play() {
  while (typed.waiting.length && !typed.busy) {
    KEYS[typed.waiting.shift()]?.();
    const field = document.activeElement;
    if (field.matches("#desk textarea")) field.value += typed.waiting.splice(0).join("");
  }
}

document.addEventListener("focusin", ({ target }) => {
  if (target.id === "papers") return stand(present() ?? rows()[0]); // where links to the desk lead
  const row = target.closest("#desk .row");
  if (row) [place.row, place.at] = [row.id, rows().indexOf(row)];
});

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target.id === "desk") typed.busy = true;
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const field = document.activeElement;
  if (detail.target.id !== "desk" || detail.xhr.status >= 400) return;
  typed.draft = field.matches("#desk textarea") && field !== typed.saved ? { id: field.id, value: field.value } : null;
});

// After an act the same paper is the present one, after an undo the one that it was about; where it left the list,
// the one that took its place.
function chosen(all, path) {
  const undone = path?.endsWith("/undo/") && all.find((row) => row.hasAttribute("aria-current"));
  return undone || (all.find((row) => row.id === place.row) ?? all.at(Math.min(place.at, all.length - 1)));
}

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.elt.id !== "desk") return;
  stand(chosen(rows(), detail.requestConfig?.path));
  const field = typed.draft && document.getElementById(typed.draft.id);
  if (field) {
    note();
    field.value = typed.draft.value;
  }
  typed.busy = false;
  document.getElementById("effects").dispatchEvent(new Event("refresh"));
  play();
});
for (const failed of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failed, () => {
    Object.assign(typed, { busy: false, waiting: [] });
    document.getElementById("said").textContent = "The server did not answer, so nothing is known of what you did. Load the page again.";
  });
}
stand(document.querySelector("#desk .row[aria-current]") ?? rows().find((row) => `#${row.id}` === location.hash));
