// Reads pages as Zotero's button does, or a file as its import does, with Zotero's own translators; answers in JSON.
// Usage: node read.js page URL… | node read.js file < FILE, with NODE_PATH naming where the packages are.
"use strict";
const translators = require("zotero-translators");
const { JSDOM } = require("jsdom");
Zotero.debug = () => {};

async function page(url) {
  const { window } = new JSDOM(await (await fetch(url)).text(), { url });
  const translation = new Zotero.Translate.Web();
  translation.setDocument(window.document);
  const found = await translation.getTranslators();
  const seen = { translators: found.map(({ label, itemType }) => [label, itemType]), offered: [], items: [] };
  if (!found.length) return seen;
  translation.setTranslator(found[0]);
  translation.setHandler("select", (_, items, choose) => {
    seen.offered = Object.values(items);
    choose(items);
  });
  seen.items = await translation.translate({ libraryID: false });
  return seen;
}

async function file() {
  const pieces = [];
  for await (const piece of process.stdin) pieces.push(piece);
  return translators.referenceImport(Buffer.concat(pieces).toString());
}

const [kind, ...urls] = process.argv.slice(2);
(kind === "file" ? file() : Promise.all(urls.map(page)))
  .then((seen) => process.stdout.write(JSON.stringify(seen), () => process.exit(0)))
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
