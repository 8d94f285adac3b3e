// The outage form by keyboard alone, and the seconds in which a change can be taken back.
"use strict";

const form = document.getElementById("outage");

if (form) {
  // Without htmx the preview does not come by itself, and its button stays.
  if (window.htmx) form.classList.add("live");

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const main = [...form.querySelectorAll("[data-main]")].find((button) => button.checkVisibility());
      if (main) form.requestSubmit(main);
    } else if (event.target.matches("input:not([type=checkbox], [type=radio])")) {
      // Enter in a field must not publish anything by accident.
      event.preventDefault();
    }
  });

  let chosen = form.querySelector("[name=kind]:checked") !== null;
  form.addEventListener("change", (event) => {
    if (event.target.name === "kind") chosen = true;
    if (event.target.name !== "cause" || chosen) return;
    const kind = event.target.selectedOptions[0]?.parentElement.dataset.kind;
    if (kind) document.getElementById(`kind-${kind}`).checked = true;
  });
}

// Who listens is not interrupted because something else changed.
document.addEventListener("htmx:beforeSwap", (event) => {
  const place = event.detail.target;
  if (place.id === "on-air" && [...place.querySelectorAll("audio")].some((audio) => !audio.paused)) {
    event.detail.shouldSwap = false;
  }
});

for (const place of document.querySelectorAll("[data-countdown]")) {
  const until = performance.now() + Number(place.dataset.countdown) * 1000;
  const shown = place.querySelector("[data-left]");
  const tick = () => {
    const left = Math.ceil((until - performance.now()) / 1000);
    if (left <= 0) place.remove();
    else {
      shown.textContent = String(left);
      setTimeout(tick, 250);
    }
  };
  tick();
}
