// Finds topics by a part of their names. Without this script there is no box to type in, and all are listed by field.
// And what is typed only to look something up changes no interest, so the digest is not asked for anew.
"use strict";
const box = document.getElementById("topic-filter");
const groups = [...document.querySelectorAll("#topic-groups details")];
const opened = groups.map((group) => group.open);
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function filter() {
  const wanted = plain(box.value.trim());
  let found = 0;
  groups.forEach((group, number) => {
    let here = 0;
    for (const label of group.querySelectorAll("label")) {
      label.hidden = !plain(`${label.textContent} ${label.title}`).includes(wanted);
      here += !label.hidden;
    }
    group.hidden = !here;
    group.open = wanted ? here > 0 : opened[number] || group.querySelector(":checked") !== null;
    found += here;
  });
  document.getElementById("topic-filter-told").textContent = wanted ? `${found} topics` : "";
}

if (box) {
  box.closest("[hidden]").hidden = false;
  box.addEventListener("input", filter);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}
for (const field of document.querySelectorAll("#topic-filter, [name=own_name], [type=file]")) {
  field.addEventListener("input", (event) => event.stopPropagation());
}

// A browser that comes back to the page fills in what was typed, of which the server knows nothing yet.
const wants = document.querySelector(".wants");
const isTouched = (field) =>
  field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
addEventListener("pageshow", () => {
  if (wants && [...wants.querySelectorAll("textarea, [type=checkbox]")].some(isTouched)) {
    wants.dispatchEvent(new Event("input"));
  }
});

// A link to a part of the form that is folded opens it.
function unfold() {
  const part = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const folded = part && part.closest("details:not([open])");
  if (folded) {
    folded.open = true;
    part.scrollIntoView();
  }
}
addEventListener("hashchange", unfold);
unfold();

// A library that was chosen and not read yet would be lost with the page, so whatever is pressed reads it first.
const file = document.getElementById("library-file");
if (file) {
  const reading = file.form.querySelector("[formenctype]");
  file.form.addEventListener("submit", (event) => {
    if (file.files.length && event.submitter !== reading) {
      event.preventDefault();
      setTimeout(() => reading.click()); // not while the form is being sent
    }
  });
  file.addEventListener("change", () => reading.classList.toggle("primary", file.files.length > 0));
}
