// Turns a mail into what some webmails make of it: its content within a white page of theirs. The head is gone but for
// its styles, rules for the page itself are gone from these, and so are the attributes of the body. Some drop all styles.
(hasStyles) => {
  const OF_THE_PAGE = /^(?:html|body|:root)$/i;
  const withoutThePage = (rules, owner) => {
    for (let position = rules.length - 1; position >= 0; position -= 1) {
      const rule = rules[position];
      if (rule.selectorText) {
        const left = rule.selectorText.split(",").filter((one) => !OF_THE_PAGE.test(one.trim()));
        if (left.length) rule.selectorText = left.join(",");
        else owner.deleteRule(position);
      } else if (rule.cssRules) withoutThePage(rule.cssRules, rule);
    }
  };
  for (const sheet of document.styleSheets) withoutThePage(sheet.cssRules, sheet);
  document.querySelectorAll(hasStyles ? "meta, title" : "meta, title, style").forEach((one) => one.remove());
  for (const element of [document.documentElement, document.body]) {
    for (const { name } of [...element.attributes]) element.removeAttribute(name);
  }
  document.documentElement.style.cssText = "color-scheme: light; background-color: #ffffff; color: #000000";
  document.body.style.margin = "0";
};
