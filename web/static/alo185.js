// What htmx does not do by itself. Pages work without this file; with it they are quicker.
"use strict";

// A session that ended in another tab must not be swallowed by a swapped fragment.
document.addEventListener("htmx:responseError", (event) => {
  const said = event.detail.xhr.getResponseHeader("X-Said");
  const place = document.getElementById("said");
  if (place && said) {
    place.textContent = decodeURIComponent(said);
    place.hidden = false;
  }
});

document.addEventListener("htmx:sendError", () => {
  const place = document.getElementById("said");
  if (place) {
    place.textContent = place.dataset.offline;
    place.hidden = false;
  }
});

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  // the button that Enter presses in forms whose buttons all decide something: it sends nothing
  if (event.submitter && event.submitter.formMethod === "dialog") return;
  if (form.dataset.sent && !form.hasAttribute("hx-post")) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// "More" gives way to Escape and to whatever else is pressed; without script its own word closes it.
const more = document.querySelector("details.elsewhere");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !more?.open) return;
  const within = more.contains(document.activeElement);
  more.open = false;
  if (within) more.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  if (more && !more.contains(event.target)) more.open = false;
});

// `/` goes to the search field of the page, as operators know it from elsewhere.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const field = document.querySelector("[data-slash]");
  if (field) {
    event.preventDefault();
    field.focus();
  }
});
