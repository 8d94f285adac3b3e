// The telephone of the supervisors' page: connected when somebody first listens, whispers or joins, and answered by itself.
// The page must not be left meanwhile, so its forms are sent from here.
"use strict";

(() => {
  const panel = document.getElementById("floor-phone");
  const floor = document.getElementById("floor");
  if (!panel || !floor || typeof Softphone === "undefined") return;
  const said = JSON.parse(panel.dataset.said);
  const [state, hangUp] = [panel.querySelector("[role=status]"), panel.querySelector("button")];
  const phone = new Softphone();
  let how = "";

  const call = () => phone.calls.find((one) => one.state !== "ended");
  const say = (what) => (state.textContent = said[what] || what);

  function show() {
    const now = call();
    hangUp.hidden = !now;
    if (now && now.state === "talking") say(how);
  }

  function trouble(error) {
    say({ NotAllowedError: "refused", NotFoundError: "none" }[error && error.name] || "closed");
  }

  async function connected() {
    if (phone.connected) return;
    say("connecting");
    await phone.openMicrophone();
    const headers = { "X-CSRF-Token": panel.dataset.csrf };
    const response = await fetch("/console/supervisor/phone", { method: "POST", headers });
    if (!response.ok) throw new Error("refused");
    await phone.connect(await response.json());
  }

  async function send(form, button) {
    const body = new URLSearchParams(new FormData(form, button));
    button.disabled = true;
    if ("spy" in form.dataset) {
      if (call()) call().hangUp();
      how = button.value;
      await connected();
    }
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    const elsewhere = answer.headers.get("HX-Redirect"); // the session is over
    if (elsewhere) return location.assign(elsewhere);
    say(await answer.text());
    show(); // it may have been answered meanwhile
  }

  phone.addEventListener("incoming", ({ detail: ringing }) => {
    ringing.addEventListener("changed", show);
    ringing.answer().catch(trouble);
  });
  phone.addEventListener("calls", () => {
    if (!call()) say("over");
    show();
  });
  for (const what of ["lost", "closed"]) phone.addEventListener(what, () => say(what));
  hangUp.addEventListener("click", () => call() && call().hangUp());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F4" || hangUp.hidden || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    hangUp.click();
  });

  floor.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { target: form, submitter } = event;
    await send(form, submitter).catch(trouble);
    submitter.disabled = false;
    delete form.dataset.sent;
    for (const choice of floor.querySelectorAll("details[open]")) choice.open = false;
  });

  // What is being chosen is not swapped away under the supervisor's hands; nobody chooses for a whole minute.
  floor.addEventListener("htmx:sseBeforeMessage", (event) => {
    if (floor.querySelector("details[open]")) event.preventDefault();
  });
  floor.addEventListener("toggle", ({ target }) => target.open && setTimeout(() => (target.open = false), 60000), true);

  // Of tests: what has been heard.
  window.alo185Phone = phone;
})();
