// Sets the formulas of a page by KaTeX, from the TeX that stands beside each. The plain text stays in the page, for screen
// readers and for copying; where KaTeX cannot read a formula, the plain text is what everybody sees.
(() => {
  "use strict";
  const rules = {
    output: "html",
    throwOnError: true,
    trust: false,
    strict: "ignore",
    maxExpand: 200,
    maxSize: 10,
    macros: { "\\mbox": "\\text{#1}", "\\bm": "\\boldsymbol{#1}" },
  };

  for (const formula of document.querySelectorAll(".formula[data-tex]")) {
    const picture = document.createElement("span");
    try {
      const macros = { ...rules.macros }; // what one formula defines is not known to the next
      katex.render(formula.dataset.tex, picture, { ...rules, macros, displayMode: "displayed" in formula.dataset });
    } catch {
      continue;
    }
    const text = document.createElement("span");
    text.className = "hidden";
    text.append(...formula.childNodes);
    picture.className = "picture";
    picture.ariaHidden = "true";
    formula.replaceChildren(text, picture);
  }
})();
