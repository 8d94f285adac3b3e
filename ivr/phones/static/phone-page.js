// /phone: dials 185, sends keys by mouse and keyboard, writes down what is said and what was pressed.
"use strict";

(() => {
  const main = document.querySelector("main[data-calls]");
  if (!main) return;
  const at = (id) => document.getElementById(id);
  const phone = new Softphone();
  let call = null, reading = null, stopMeter = null, refused = "";

  const say = (state) => {
    const text = main.getAttribute(`data-said-${state.replaceAll("_", "-")}`);
    at("said").textContent = text || main.getAttribute("data-said-failed");
  };

  const show = () => {
    const running = Boolean(call);
    at("call").hidden = running;
    at("hang-up").hidden = at("mute").hidden = !running;
    at("mute").textContent = main.dataset[running && call.muted ? "unmute" : "mute"];
    at("mute").setAttribute("aria-pressed", String(running && call.muted));
    document.querySelectorAll(".key").forEach((key) => (key.disabled = !running || call.state !== "talking"));
  };

  const account = async () => {
    const answer = await fetch(`${main.dataset.calls}/account`, { method: "POST" });
    const told = await answer.json();
    if (!answer.ok) throw new Refused(told.code);
    return told;
  };

  const dial = async () => {
    if (call) return;
    at("call").disabled = true;
    refused = "";
    try {
      if (!Sound.possible()) throw new Refused("insecure");
      say("asking");
      await phone.openMicrophone(at("microphone").value).catch(() => { throw new Refused("no_microphone"); });
      listDevices();
      say("calling");
      const mine = await account();
      await phone.connect(mine);
      clear();
      read(mine);
      call = await phone.call("185");
      call.addEventListener("changed", () => { if (call && call.state === "talking") say("talking"); show(); });
      call.addEventListener("ended", () => over(call && call.cause));
      at("hang-up").hidden = false;
      at("hang-up").focus();
    } catch (error) {
      refused = error instanceof Refused ? error.code : "failed";
      over();
    } finally {
      at("call").disabled = false;
      show();
    }
  };

  const over = (cause) => {
    const had = Boolean(call);
    call = null;
    if (reading) reading.abort();
    reading = null;
    phone.close("over");
    phone.closeMicrophone();
    // "Terminated" and "Canceled" are ends of calls as they should be
    say(refused || (had && ["Terminated", "Canceled"].includes(cause) ? "over" : had ? "failed" : "idle"));
    show();
    if (had) at("call").focus();
  };

  phone.addEventListener("closed", (event) => {
    if (!call) return;
    refused = event.detail === "expired" ? "expired" : "lost";
    over();
  });

  // Captions: the whole call so far comes with every change.
  const read = async (mine) => {
    const mineOnly = (reading = new AbortController());
    try {
      const answer = await fetch(`${main.dataset.calls}/captions`, {
        headers: { Authorization: `Ticket ${mine.ticket}` },
        signal: mineOnly.signal,
      });
      const pieces = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let kept = "";
      for (;;) {
        const { value, done } = await pieces.read();
        if (done) return;
        const events = (kept + value).split("\n\n");
        kept = events.pop();
        for (const event of events) {
          const data = event.split("\n").find((line) => line.startsWith("data: "));
          if (data) write(JSON.parse(data.slice(6)));
        }
      }
    } catch {
      // the call is over, or what is said is not written for a while; it is heard all the same
    }
  };

  const write = (told) => {
    const list = at("captions");
    while (list.children.length > told.lines.length) list.lastChild.remove();
    told.lines.forEach((line, index) => {
      let item = list.children[index];
      if (!item) {
        item = list.appendChild(document.createElement("li"));
        item.lang = told.language;
      }
      if (item.textContent !== line.text) item.textContent = line.text;
      item.classList.toggle("cut", line.cut);
    });
    list.scrollTop = list.scrollHeight;
    at("captions-empty").hidden = told.lines.length > 0;
    const keys = at("path");
    while (keys.children.length > told.path.length) keys.lastChild.remove();
    told.path.forEach((step, index) => {
      const item = keys.children[index] || keys.appendChild(document.createElement("li"));
      item.replaceChildren(document.createElement("b"));
      item.firstChild.textContent = step.keys;
      if (step.means) item.append(` – ${step.means}`);
      item.lang = told.language;
    });
    at("path-empty").hidden = told.path.length > 0;
    if (told.stage === "person" && call) say("person");
  };

  const clear = () => {
    at("captions").replaceChildren();
    at("path").replaceChildren();
    at("captions-empty").hidden = at("path-empty").hidden = false;
  };

  const press = (key) => {
    if (!call || call.state !== "talking") return;
    call.press(key);
    const button = document.querySelector(`.key[data-key="${key}"]`);
    button.classList.add("pressed");
    setTimeout(() => button.classList.remove("pressed"), 200);
  };

  const listDevices = async () => {
    const found = await Sound.devices();
    for (const [id, devices] of [["microphone", found.microphones], ["speaker", found.speakers]]) {
      const chosen = at(id).value;
      at(id).replaceChildren(new Option(main.dataset.usual, ""));
      devices.filter((one) => one.id && one.name).forEach((one) => at(id).add(new Option(one.name, one.id)));
      at(id).value = devices.some((one) => one.id === chosen) ? chosen : "";
    }
  };

  const tryMicrophone = async () => {
    if (stopMeter) stopMeter();
    try {
      const stream = await Sound.microphone(at("microphone").value);
      listDevices();
      const stop = Sound.meter(stream, (level) => (at("level").value = level));
      stopMeter = () => {
        stop();
        stream.getTracks().forEach((track) => track.stop());
        at("level").value = 0;
        stopMeter = null;
      };
      setTimeout(() => stopMeter && stopMeter(), 8000);
    } catch {
      say(Sound.possible() ? "no_microphone" : "insecure");
    }
  };

  class Refused extends Error {
    constructor(code) {
      super(code);
      this.code = code;
    }
  }

  at("call").addEventListener("click", dial);
  at("hang-up").addEventListener("click", () => call && call.hangUp());
  at("mute").addEventListener("click", () => { if (call) call.mute(!call.muted); show(); });
  document.querySelectorAll(".key").forEach((key) => key.addEventListener("click", () => press(key.dataset.key)));
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (!typing && !event.ctrlKey && !event.altKey && !event.metaKey && !event.repeat && /^[0-9*#]$/.test(event.key)) {
      event.preventDefault();
      press(event.key);
    }
  });
  at("microphone").addEventListener("change", () => call && phone.openMicrophone(at("microphone").value).catch(() => say("no_microphone")));
  at("speaker").addEventListener("change", () => phone.useSpeaker(at("speaker").value));
  at("try-microphone").addEventListener("click", tryMicrophone);
  at("try-speaker").addEventListener("click", () => Sound.tone(at("speaker").value));
  at("large").addEventListener("change", () => {
    main.classList.toggle("large", at("large").checked);
    localStorage.setItem("alo185-large", at("large").checked ? "1" : "");
  });
  at("large").checked = localStorage.getItem("alo185-large") === "1";
  main.classList.toggle("large", at("large").checked);
  if (!Sound.possible()) say("insecure");
  at("no-script").hidden = true;
  at("set").hidden = false;
})();
