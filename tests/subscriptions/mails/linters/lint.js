// Holds mails against what mail programs support, by the tables of caniemail.com, and against the HTML standard.
// Usage: node lint.js < MAILS.json, an object of HTML by name, with NODE_PATH naming where the packages are. Answers with
// what no program of a kind supports (lacks), supports in part (partly), and the standard's rules that are broken (rules).
"use strict";
const { doIUseEmail } = require("@jsx-email/doiuse-email");
const { HtmlValidate } = require("html-validate");

const PROGRAMS = ["gmail.*", "outlook.*", "apple-mail.*", "yahoo.*"];
const SAID = /^`(.+)` is (?:not|only partially) supported by `(.+)`$/;
const validator = new HtmlValidate({ extends: ["html-validate:standard"] });

function noted(lines, table) {
  for (const line of lines || []) {
    const [, feature, program] = line.match(SAID);
    (table[feature] ||= new Set()).add(program);
  }
}

async function main() {
  const pieces = [];
  for await (const piece of process.stdin) pieces.push(piece);
  const [lacks, partly, rules] = [{}, {}, {}];
  for (const [name, html] of Object.entries(JSON.parse(Buffer.concat(pieces)))) {
    const told = doIUseEmail(html, { emailClients: PROGRAMS });
    noted(told.errors, lacks);
    noted(told.warnings, partly);
    const report = await validator.validateString(html);
    for (const { ruleId, message, line } of report.results.flatMap(({ messages }) => messages)) {
      (rules[ruleId] ||= new Set()).add(`${name}, line ${line}: ${message}`);
    }
  }
  const listed = (table) => Object.fromEntries(Object.entries(table).map(([key, set]) => [key, [...set].sort()]));
  console.log(JSON.stringify({ lacks: listed(lacks), partly: listed(partly), rules: listed(rules) }));
}

main();
