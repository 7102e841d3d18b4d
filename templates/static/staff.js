// What was done or went wrong has the focus after a page was sent: it is read aloud, and the Tab key goes on from there.
"use strict";
(() => {
  const OPEN = "django.admin.navSidebarIsOpen";
  try {
    // The list of all lists is closed until somebody opens it: it would stand between each page and the way back.
    if (localStorage.getItem(OPEN) === null) localStorage.setItem(OPEN, "false");
  } catch {
    // this browser keeps nothing
  }
  const told = document.querySelector(".errornote, .messagelist:not([aria-label])");
  const field = document.querySelector("[autofocus]");
  if (!told || field || told.closest("#said")) return;
  told.tabIndex = -1;
  told.focus();
})();
// In a table that is wider than the window what has the focus is shown whole.
document.addEventListener("focusin", ({ target }) => {
  if (target.closest(".results, .scroll")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
});

// What came anew above may have pushed what has the focus out of the window.
document.addEventListener("htmx:afterSettle", () => {
  const one = document.activeElement;
  if (one && one !== document.body) one.scrollIntoView({ block: "nearest" });
});
