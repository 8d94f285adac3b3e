// The telephone of the agents' desk: connects it, shows what it does, and lets it be used by mouse and keyboard.
// Everything else on the page is made by the server; this page must not be left while somebody talks.
"use strict";

(() => {
  const panel = document.getElementById("phone");
  if (!panel || typeof Softphone === "undefined") return;
  const said = JSON.parse(panel.dataset.said);
  const find = (id) => document.getElementById(id);
  const [state, partner] = [find("phone-state"), find("phone-with")];
  const [answer, hangUp, mute, hold, auto] = ["answer", "hang-up", "mute", "hold", "auto"].map((id) => find(`phone-${id}`));
  const phone = new Softphone();
  const usual = (name) => localStorage.getItem(`alo185-${name}`) || "";
  let stopMeter = null;
  let stopBell = null;
  let again = 0;

  const call = () => phone.calls.find((one) => one.state !== "ended");

  function say(what, look = "") {
    state.textContent = said[what] || what;
    state.className = `badge ${look}`;
  }

  function show() {
    const now = call();
    const talking = Boolean(now) && now.state === "talking";
    answer.hidden = !(now && now.state === "ringing");
    answer.classList.toggle("ringing", !answer.hidden);
    hangUp.hidden = !now;
    mute.hidden = hold.hidden = !talking;
    partner.textContent = now ? now.name || now.number : "";
    if (!now) return say(phone.connected ? "connected" : "lost", phone.connected ? "ok" : "off");
    mute.setAttribute("aria-pressed", String(talking && now.muted));
    hold.setAttribute("aria-pressed", String(talking && now.held));
    say(talking && now.held ? "held" : talking && now.muted ? "muted" : now.state, now.state === "ringing" ? "late" : "planned");
    if (now.state !== "ringing") quiet();
  }

  function quiet() {
    if (stopBell) stopBell();
    stopBell = null;
  }

  // The server pushes who rings; the telephone itself tells too, in case it is the quicker of the two.
  function pop(caller) {
    const shown = document.querySelector("#pop [data-caller]");
    if (!caller || !window.htmx || (shown && shown.dataset.caller === caller)) return;
    window.htmx.ajax("GET", `/console/desk/call/${encodeURIComponent(caller)}`, "#pop");
  }

  async function act(button, work) {
    button.disabled = true;
    try {
      await work(call());
    } catch (refused) {
      trouble(refused);
    } finally {
      button.disabled = false;
      show();
    }
  }

  function trouble(error) {
    const none = error && error.name === "NotFoundError";
    say(error && error.name === "NotAllowedError" ? "refused" : none ? "none" : "closed", "off");
  }

  phone.addEventListener("incoming", ({ detail: ringing }) => {
    ringing.addEventListener("changed", show);
    show();
    setTimeout(() => pop(ringing.header("X-Alo185-Call")), 250);
    const called = ringing.header("X-Alo185-Listen"); // a supervisor asked for it
    if (auto.checked || called) return act(answer, () => ringing.answer());
    stopBell = Sound.tone(phone.speakerId, { hertz: 620, seconds: 20, volume: 0.08 });
    answer.focus({ preventScroll: true });
  });
  phone.addEventListener("calls", () => {
    if (!call()) quiet();
    show();
  });
  for (const what of ["connected", "lost", "closed"])
    phone.addEventListener(what, () => (what === "connected" ? show() : say(what, "off")));
  phone.addEventListener("lost", later);

  // The phone tries again by itself while the house knows its account; a house that was started again knows none.
  function later() {
    if (again) return; // every attempt tells that it failed
    again = setTimeout(() => {
      const now = call();
      again = 0;
      if (phone.connected) return;
      if (now && now.state === "talking" && !now.dead) later(); // sound goes on without signalling
      else begin().catch(sorry);
    }, 8000);
  }

  function sorry(refused) {
    trouble(refused);
    if (!["NotAllowedError", "NotFoundError"].includes(refused && refused.name)) later();
  }

  answer.addEventListener("click", () => act(answer, (now) => now && now.answer()));
  hangUp.addEventListener("click", () => act(hangUp, (now) => now && now.hangUp()));
  mute.addEventListener("click", () => act(mute, (now) => now && now.mute(!now.muted)));
  hold.addEventListener("click", () => act(hold, (now) => now && now.hold(!now.held)));
  for (const key of panel.querySelectorAll("[data-key]"))
    key.addEventListener("click", () => call() && call().state === "talking" && call().press(key.dataset.key));
  document.addEventListener("keydown", (event) => {
    const button = { F2: answer, F4: hangUp, F6: mute, F7: hold }[event.key];
    if (!button || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (!button.hidden && !button.disabled) button.click();
  });

  // Calls are passed on by the server, to what administrators allow; the browser only says which.
  find("phone-transfer").addEventListener("submit", (event) => {
    event.preventDefault();
    const shown = document.querySelector("#pop [data-caller]");
    if (!shown || !window.htmx) return;
    const values = { to: find("transfer-to").value, how: event.submitter.value };
    window.htmx.ajax("POST", `/console/desk/call/${encodeURIComponent(shown.dataset.caller)}/pass-on`, {
      target: "#pop",
      values,
      source: "#pop",
    });
  });

  auto.checked = usual("auto") === "1";
  auto.addEventListener("change", () => localStorage.setItem("alo185-auto", auto.checked ? "1" : ""));

  async function listDevices() {
    const { microphones, speakers } = await Sound.devices();
    for (const [select, devices, name] of [[find("microphone"), microphones, "microphone"], [find("speaker"), speakers, "speaker"]]) {
      select.length = 1;
      for (const device of devices) select.add(new Option(device.name || device.id, device.id, false, device.id === usual(name)));
    }
  }

  function measure(stream) {
    if (stopMeter) stopMeter();
    stopMeter = Sound.meter(stream, (level) => (find("level").value = level));
  }

  find("microphone").addEventListener("change", async (event) => {
    localStorage.setItem("alo185-microphone", event.target.value);
    await phone.openMicrophone(event.target.value).then(measure, trouble);
  });
  find("speaker").addEventListener("change", (event) => {
    localStorage.setItem("alo185-speaker", event.target.value);
    phone.useSpeaker(event.target.value);
  });
  find("check-microphone").addEventListener("click", () => phone.openMicrophone().then(measure).then(listDevices, trouble));
  find("check-speaker").addEventListener("click", () => Sound.tone(phone.speakerId));
  find("phone-check").addEventListener("toggle", (event) => {
    if (!event.target.open && stopMeter) stopMeter();
    stopMeter = event.target.open ? stopMeter : null;
  });

  window.addEventListener("beforeunload", (event) => {
    if (call() && call().state === "talking") event.preventDefault();
  });

  async function begin() {
    if (!Sound.possible()) return say("none", "off");
    phone.useSpeaker(usual("speaker"));
    await phone.openMicrophone(usual("microphone")).catch(() => phone.openMicrophone(""));
    const headers = { "X-CSRF-Token": panel.dataset.csrf };
    const response = await fetch("/console/desk/phone", { method: "POST", headers });
    if (response.status >= 500) throw new Error("away");
    if (!response.ok) return say("closed", "off");
    await phone.connect(await response.json());
    show();
    listDevices();
  }

  // Of tests: what has been heard, and by whom.
  window.alo185Phone = phone;
  begin().catch(sorry);
})();
