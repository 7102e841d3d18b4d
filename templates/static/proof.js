// Gives the form the widget that computes a proof of work when the form is sent. Without this script, or where the
// browser cannot compute it (a site without https), the button beside it sends the form as it is.
const place = document.querySelector("[data-proof]");
const form = place.closest("form");
const widget = document.createElement("altcha-widget");

$altcha.algorithms.set("PBKDF2/SHA-256", () => new Worker(place.dataset.worker));
$altcha.i18n.set("en", {
  ...$altcha.i18n.get("en"),
  label: "Prove that this is no robot",
  verifying: "Computing, a second or two …",
  verified: "Done",
  error: "This browser could not compute it. Please use the other button below.",
  expired: "That took too long. Please press “Subscribe” once more.",
});
widget.configure({
  auto: "onsubmit",
  challenge: document.getElementById(place.dataset.proof).textContent,
  hideFooter: true,
  hideLogo: true,
  humanInteractionSignature: false, // it watches the mouse and the keyboard, which we have no need of
  language: "en",
});
place.append(widget);
form.querySelector("[name=patience]").addEventListener("click", () => widget.remove());
