// Marks what came in since the last visit. When that was stays in this browser: nothing is sent anywhere.
(() => {
  const PAUSE = 30 * 60 * 1000; // so long without a page, and the next one begins another visit
  const now = Date.now();
  let before;
  try {
    const kept = JSON.parse(localStorage.getItem("visits")) || {};
    before = now - kept.seen > PAUSE ? kept.seen : kept.before;
    localStorage.setItem("visits", JSON.stringify({ seen: now, before }));
  } catch {
    return; // nothing may be kept, or what was kept is not ours
  }
  if (!Number.isFinite(before)) return;

  const mark = () => {
    const line = document.querySelector("[data-visits]");
    if (!line || !line.hidden) return;
    const cards = [...document.querySelectorAll("#trending [data-came]")];
    if (!cards.length) return;
    const fresh = cards.filter((card) => card.dataset.came * 1000 > before);
    if (fresh.length < cards.length) fresh.forEach((card) => card.classList.add("fresh"));
    const day = new Date(before).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
    const number = fresh.length === cards.length ? "All" : fresh.length || "No";
    const many = fresh.length === 1 ? "1 paper on this page is" : `${number} papers on this page are`;
    line.textContent = `${many} new since your last visit on ${day}.`;
    line.hidden = false;
  };
  mark();
  document.addEventListener("htmx:afterSwap", mark);
})();
// Another span that could not be fetched is opened as a page: what is wrong then, the browser or the server says.
for (const failed of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failed, ({ detail }) => location.assign(detail.elt.href));
}
