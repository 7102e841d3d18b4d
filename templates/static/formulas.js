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

  // A formula without a place to break goes on a line of its own, where it can be moved sideways, by the keyboard too.
  const fit = (formula) => {
    const picture = formula.querySelector(".picture");
    const room = formula.parentElement.clientWidth;
    const display = picture.querySelector(".katex-display");
    const parts = [...picture.querySelectorAll(".base")];
    const isWide = display ? display.scrollWidth > room : parts.some((part) => part.offsetWidth > room);
    formula.classList.toggle("wide", isWide);
    if (isWide) formula.tabIndex = 0;
    else formula.removeAttribute("tabindex");
  };

  // No line may begin with the comma behind a formula: it goes into the last part, and beneath it into the text.
  const takeSign = (formula, text, picture) => {
    const next = formula.nextSibling;
    const last = [...picture.querySelectorAll(".base")].at(-1);
    const sign = next?.nodeType === Node.TEXT_NODE && /^[,.;:!?)\]’”]+/.exec(next.data);
    if (!sign || !last || "displayed" in formula.dataset) return;
    next.data = next.data.slice(sign[0].length);
    text.append(sign[0]);
    const shown = document.createElement("span");
    shown.className = "sign";
    shown.textContent = sign[0];
    last.append(shown);
  };

  const formulas = [...document.querySelectorAll(".formula[data-tex]")];
  for (const formula of formulas) {
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
    takeSign(formula, text, picture);
    formula.replaceChildren(text, picture);
  }

  const fitAll = () => formulas.filter((formula) => formula.querySelector(".picture")).forEach(fit);
  document.fonts.ready.then(fitAll);
  addEventListener("resize", fitAll);
})();
