// Says what to do where a part of the page could not be fetched. What was typed and what was shown stay as they are.
"use strict";
(() => {
  const place = document.querySelector("[data-failed]");
  let failed = null;

  const reason = (status, wait) => {
    if (!status) return navigator.onLine ? "This site cannot be reached just now." : "You are offline.";
    if (status === 429) return `Very many requests came from your network: there is room again in ${wait}.`;
    if (status === 403) return "This page was open for too long. Copy what you typed, and load the page anew.";
    if (status === 413) return "This is more text than the page takes: please shorten it.";
    return status < 500 ? "This could not be answered." : "The site could not answer just now.";
  };
  const waiting = (xhr) => {
    const seconds = xhr.status === 429 ? Number(xhr.getResponseHeader("Retry-After")) : 0;
    return seconds > 0 ? `${seconds} second${seconds === 1 ? "" : "s"}` : "a minute";
  };
  const repeat = () => {
    if (!failed || !failed.elt.isConnected) return;
    const { elt, target, requestConfig } = failed;
    htmx.ajax(requestConfig.verb, requestConfig.path, { source: elt, target }).catch(() => {});
  };
  const tell = ({ detail }) => {
    failed = detail;
    const words = document.createElement("p");
    const button = document.createElement("button");
    words.className = "message warning";
    words.textContent = `${reason(detail.xhr.status, waiting(detail.xhr))} ${place.dataset.failed} `;
    Object.assign(button, { type: "button", className: "button small-button", textContent: "Try again", onclick: repeat });
    words.append(button);
    place.replaceChildren(words);
  };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, tell);
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!failed || detail.xhr.status >= 400 || detail.target.id !== failed.target.id) return;
    failed = null;
    place.replaceChildren();
  });
  addEventListener("online", repeat);
})();
