// Without this script the time zone is simply the one the server put there; it can be changed at any time.
"use strict";
for (const field of document.querySelectorAll("form[data-guess-zone] [name=timezone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && (field.type === "hidden" || [...field.options].some((option) => option.value === zone))) {
    field.value = zone;
  }
}
