// The phone of this tab, around JsSIP. Both /phone and the agents' desk use it.
//
//   const phone = new Softphone();
//   await phone.openMicrophone();             // before anything else: without it calls connect and are silent
//   await phone.connect(account);             // {user, password, ticket, path, register}
//   const call = await phone.call("185");     // a Call; `phone.calls` are all that run
//
// Events: `incoming` (detail: a Call that rings), `calls` (one began or ended), `connected`, `lost` (the connection; it is
// tried again while the account lasts), `closed` (detail: why, for good).
"use strict";

// eslint-disable-next-line no-unused-vars
class Softphone extends EventTarget {
  constructor() {
    super();
    this.calls = [];
    this.speakerId = "";
    this.microphoneId = "";
    this._microphone = null;
    this._agent = null;
    this._wire = null;
    this._conference = null;
    window.addEventListener("pagehide", () => this.close("left"));
  }

  get connected() {
    return Boolean(this._wire) && this._wire.isConnected();
  }

  // Rejects as Sound.microphone does. Another device while calls run takes over in all of them.
  async openMicrophone(device = this.microphoneId) {
    const fresh = await Sound.microphone(device);
    this.closeMicrophone();
    this.microphoneId = device;
    this._microphone = fresh;
    for (const call of this.calls) {
      const [track] = (await call.ownMicrophone()).getAudioTracks();
      track.enabled = !call.muted;
      await call.speakWith(track);
    }
    return fresh;
  }

  closeMicrophone() {
    if (this._microphone) this._microphone.getTracks().forEach((track) => track.stop());
    this._microphone = null;
  }

  async microphone() {
    const [track] = this._microphone ? this._microphone.getAudioTracks() : [];
    return track && track.readyState === "live" ? this._microphone : this.openMicrophone();
  }

  useSpeaker(device) {
    this.speakerId = device;
    this.calls.forEach((call) => call.useSpeaker(device));
  }

  // Resolves when calls can be made (and, where it registers, taken); rejects when they cannot.
  connect(account) {
    this.close("replaced");
    this._wire = new Wire(account.path, account.ticket);
    const agent = new JsSIP.UA({
      sockets: [this._wire],
      uri: this.address(account.user, true),
      contact_uri: `sip:${account.user}@${crypto.randomUUID()}.invalid;transport=ws`,
      password: account.password,
      register: Boolean(account.register),
      register_expires: 600,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 4,
      user_agent: "Alo185",
    });
    this._agent = agent;
    agent.on("newRTCSession", ({ session }) => this._began(session));
    const connected = new Promise((done, failed) => {
      agent.on(account.register ? "registered" : "connected", () => done(this._tell("connected")));
      agent.on("registrationFailed", ({ cause }) => failed(new Error(cause)));
      agent.on("disconnected", () => {
        failed(new Error("disconnected"));
        this._lost(agent, Boolean(account.register));
      });
    });
    agent.start();
    return connected;
  }

  async call(number, headers = []) {
    const stream = await this.microphone();
    if (!this._agent) throw new Error("not connected");
    const own = stream.clone();
    const session = this._agent.call(this.address(number), {
      mediaStream: own,
      pcConfig: Call.NETWORK,
      rtcOfferConstraints: { offerToReceiveAudio: true, offerToReceiveVideo: false },
      extraHeaders: headers,
    });
    const call = this.calls.find((one) => one.session === session);
    call._own = own;
    return call;
  }

  // All that run hear each other, and us. Ends by itself when only one is left.
  async join() {
    const calls = this.calls.filter((call) => call.state === "talking");
    for (const call of calls) if (call.held) await call.hold(false);
    const context = new AudioContext();
    const own = context.createMediaStreamSource(await this.microphone());
    for (const call of calls) {
      const mixed = context.createMediaStreamDestination();
      own.connect(mixed);
      calls.filter((other) => other !== call).forEach((other) => {
        context.createMediaStreamSource(other.sound).connect(mixed);
      });
      await call.speakWith(mixed.stream.getAudioTracks()[0]);
    }
    this._conference = context;
  }

  // For good: calls end, and the house is told at once. Of a page that is left it ends them itself.
  close(why = "closed") {
    const agent = this._agent;
    this._agent = null;
    if (!agent) return;
    if (this._conference) this._conference.close();
    // a page that is left says goodbye to nobody: the house ends its calls, and a caller gets another agent
    if (why !== "left") agent.stop();
    this._wire.disconnect();
    this.dispatchEvent(new CustomEvent("closed", { detail: why }));
  }

  address(number, whole = false) {
    const address = `sip:${number}@alo185.invalid`;
    return whole || /^[A-Za-z0-9+*#._-]{1,60}$/.test(number) ? address : "sip:nobody@alo185.invalid";
  }

  _began(session) {
    this.calls.filter((one) => one.dead).forEach((one) => one.hangUp());
    const call = new Call(session, this);
    this.calls.push(call);
    call.addEventListener("ended", () => this._ended(call));
    this._tell("calls");
    if (call.incoming) this.dispatchEvent(new CustomEvent("incoming", { detail: call }));
  }

  _ended(call) {
    this.calls = this.calls.filter((one) => one !== call);
    if (this._conference && this.calls.length === 1) this._alone(this.calls[0]);
    this._tell("calls");
  }

  // Of three, two are left: no mixing any more.
  async _alone(call) {
    this._conference.close();
    this._conference = null;
    const [track] = (await call.ownMicrophone()).getAudioTracks();
    await call.speakWith(track);
  }

  // A visitor's account ends with its connection; an agent's lives a little longer, and JsSIP connects again.
  _lost(agent, again) {
    if (this._agent !== agent) return;
    const why = { [Wire.EXPIRED]: "expired", [Wire.OVER]: "over" }[this._wire.code];
    if (again && !why) this._tell("lost");
    else this.close(why || "lost");
  }

  _tell(what) {
    this.dispatchEvent(new Event(what));
  }
}
