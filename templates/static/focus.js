// What had the focus may be gone with a part of the page that was exchanged. Then its neighbour of the same kind gets it,
// and where there is none the part itself, so that the Tab key goes on from there and not from the top of the page.
"use strict";
(() => {
  const quoted = (text) => CSS.escape(text);
  const alike = (one) =>
    one.name ? `[name="${quoted(one.name)}"]` : one.id && `[id^="${quoted(one.id.replace(/\d+$/, ""))}"]`;
  const among = (part, kind) => (kind ? [...(document.getElementById(part)?.querySelectorAll(kind) ?? [])] : []);
  let had = null;

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const one = document.activeElement;
    const kind = alike(one);
    had = one !== document.body && { part: detail.target.id, kind, place: among(detail.target.id, kind).indexOf(one) };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!had || document.activeElement !== document.body) return;
    const left = among(had.part, had.kind);
    const next = left[Math.min(Math.max(had.place, 0), left.length - 1)];
    if (next) next.focus();
    else document.getElementById(had.part)?.focus({ preventScroll: true });
  });
})();
