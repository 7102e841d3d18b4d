// The keys of an edition's desk. Each presses a button that stands on the page, so that nothing needs them.
"use strict";
const place = { row: null, at: 0 };
// While an act is on its way, what is typed waits for its answer: a letter of a note must never be taken for a key.
const typed = { busy: false, waiting: [], draft: null, saved: null };
const rows = () => [...document.querySelectorAll("#desk .row")];
const present = () => document.activeElement.closest("#desk .row") ?? rows().find((row) => row.id === place.row);

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
  if (next) return stand(next);
  const page = document.querySelector(by > 0 ? ".pages .next" : ".pages .previous");
  if (!page) return;
  [place.row, place.at] = [null, by > 0 ? 0 : -1];
  page.click();
}

const press = (key) => present()?.querySelector(`[data-key="${key}"]`)?.click();

function note() {
  const noting = present()?.querySelector(".noting");
  if (!noting) return;
  noting.open = true;
  noting.querySelector("textarea").focus();
}

function toggle(details) {
  if (details) details.open = !details.open;
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  f: () => press("f"),
  h: () => press("h"),
  m: () => press("m"),
  n: note,
  o: () => toggle(present()?.querySelector(".abstract")),
  u: () => document.querySelector("#undo:not(:disabled)")?.click(),
  "?": () => toggle(document.getElementById("keys")),
};

function leave(event) {
  const noting = event.target.closest(".noting[open]");
  if (noting) {
    noting.open = false;
    stand(noting.closest(".row"));
  } else document.querySelector(".merging .cancel")?.click();
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (key === "Escape") return leave(event);
  if (target.matches("textarea") && key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    typed.saved = target;
    target.parentElement.querySelector("button").click();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches("textarea, input, select")) return;
  if (typed.busy ? key.length > 1 : !KEYS[key]) return;
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

// After an act the same paper is the present one; where it left the list, the one that took its place.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.elt.id !== "desk") return;
  const all = rows();
  stand(all.find((row) => row.id === place.row) ?? all.at(Math.min(place.at, all.length - 1)));
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
stand(document.querySelector("#desk .row[aria-current]") ?? (location.hash && document.querySelector(location.hash)));
