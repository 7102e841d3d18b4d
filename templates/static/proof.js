// Gives the form the widget that computes a proof of work when the form is sent. Without this script, or where the
// browser cannot compute it (a site without https), the button beside it sends the form as it is.
const place = document.querySelector("[data-proof]");
const form = place.closest("form");
const widget = document.createElement("altcha-widget");

$altcha.i18n.set("en", {
  ...$altcha.i18n.get("en"),
  label: "Prove that this is no robot",
  verifying: "Computing, a few seconds …",
  verified: "Done",
  error: "This browser could not compute it. Please use the other button below.",
  expired: "That took too long. Please press “Subscribe” once more.",
});
widget.setAttribute("auto", "onsubmit");
widget.setAttribute("challenge", document.getElementById(place.dataset.proof).textContent);
widget.setAttribute("language", "en");
// The "interaction signature" would watch the mouse and the keyboard, which we have no need of.
const quiet = { hideFooter: true, hideLogo: true, humanInteractionSignature: false };
widget.setAttribute("configuration", JSON.stringify(quiet));
place.append(widget);
form.querySelector("[name=patience]").addEventListener("click", () => widget.remove());
