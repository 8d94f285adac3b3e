// One call of the tab's phone.
//
// Events: `changed` whenever `state`, `muted` or `held` did; `ended` once. States: calling, ringing (somebody calls us),
// talking, ended.
"use strict";

// eslint-disable-next-line no-unused-vars
class Call extends EventTarget {
  constructor(session, phone) {
    super();
    this.session = session;
    this.incoming = session.direction === "incoming";
    this.state = this.incoming ? "ringing" : "calling";
    this.cause = "";
    this._phone = phone;
    this._own = null; // this call's copy of the microphone: muting one call must not mute another
    this._element = Sound.speaker(phone.speakerId);
    session.on("peerconnection", ({ peerconnection }) => this._hear(peerconnection));
    if (session.connection) this._hear(session.connection);
    session.on("icecandidate", (event) => this._soonEnough(event));
    session.on("confirmed", () => this._became("talking"));
    session.on("ended", (event) => this._over(event.cause));
    session.on("failed", (event) => this._over(event.cause));
    for (const change of ["hold", "unhold", "muted", "unmuted"]) session.on(change, () => this._changed());
  }

  get number() {
    return this.session.remote_identity.uri.user;
  }

  get name() {
    return this.session.remote_identity.display_name || "";
  }

  get muted() {
    return Boolean(this.session.isMuted().audio);
  }

  get held() {
    return this.session.isOnHold().local;
  }

  // Nothing comes any more: whoever was on the other side is not there, and could not say goodbye.
  get dead() {
    const connection = this.session.connection;
    return Boolean(connection) && ["disconnected", "failed", "closed"].includes(connection.iceConnectionState);
  }

  // Of the INVITE that rang here: X-Alo185-Call and its like.
  header(name) {
    const request = this.session._request;
    return (this.incoming && request && request.getHeader(name)) || "";
  }

  async answer() {
    this.session.answer({ mediaStream: await this.ownMicrophone(), pcConfig: Call.NETWORK });
  }

  hangUp() {
    if (!this.session.isEnded()) this.session.terminate();
  }

  // As telephones send keys: within the sound.
  press(key) {
    this.session.sendDTMF(key, { transportType: "RFC2833", duration: 120, interToneGap: 70 });
  }

  mute(on) {
    if (on) this.session.mute({ audio: true });
    else this.session.unmute({ audio: true });
  }

  hold(on) {
    return new Promise((done) => {
      const begun = on ? this.session.hold({}, () => done(true)) : this.session.unhold({}, () => done(true));
      if (!begun) done(false);
    });
  }

  // Send the other side on to a number, or to the other side of another of our calls. Resolves to whether it was taken.
  refer(target) {
    const options = target instanceof Call ? { replaces: target.session } : {};
    const to = target instanceof Call ? target.session.remote_identity.uri : this._phone.address(target);
    return new Promise((done) => {
      options.eventHandlers = {
        requestSucceeded: () => {},
        requestFailed: () => done(false),
        accepted: () => done(true),
        failed: () => done(false),
      };
      this.session.refer(to, options);
    });
  }

  // What has been received: `energy` grows with sound and not with silence, whatever the number of bytes.
  async received() {
    const connection = this.session.connection;
    let energy = 0, bytes = 0, lost = 0;
    if (connection)
      (await connection.getStats()).forEach((one) => {
        if (one.type !== "inbound-rtp" || one.kind !== "audio") return;
        energy += one.totalAudioEnergy || 0;
        bytes += one.bytesReceived || 0;
        lost += one.packetsLost || 0;
      });
    return { energy, bytes, lost };
  }

  // What the other side says.
  get sound() {
    return this._element.srcObject;
  }

  // Let the other side hear this instead of the microphone.
  async speakWith(track) {
    const sender = this.session.connection.getSenders().find((one) => one.track && one.track.kind === "audio");
    if (sender) await sender.replaceTrack(track);
  }

  useSpeaker(device) {
    if (this._element.setSinkId) this._element.setSinkId(device || "").catch(() => {});
  }

  async ownMicrophone() {
    const fresh = (await this._phone.microphone()).clone();
    this._release();
    this._own = fresh;
    return fresh;
  }

  _release() {
    if (this._own) this._own.getTracks().forEach((track) => track.stop());
    this._own = null;
  }

  // The connection may exist before anybody could ask to be told of it.
  _hear(connection) {
    if (this._heard === connection) return;
    this._heard = connection;
    connection.addEventListener("track", (event) => {
      this._element.srcObject = event.streams[0] || new MediaStream([event.track]);
      this._element.play().catch(() => this._changed());
    });
  }

  // All candidates are of this machine's own networks: what has not come at once is not worth silence.
  _soonEnough(event) {
    clearTimeout(this._patience);
    this._patience = setTimeout(() => event.ready(), 300);
  }

  _became(state) {
    this.state = state;
    this._changed();
  }

  _over(cause) {
    clearTimeout(this._patience);
    if (this.state === "ended") return;
    this._release();
    this._element.srcObject = null;
    this.cause = cause || "";
    this._became("ended");
    this.dispatchEvent(new Event("ended"));
  }

  _changed() {
    this.dispatchEvent(new Event("changed"));
  }
}

// No STUN and no TURN: the house's Asterisk is reached directly.
Call.NETWORK = { iceServers: [] };
