// The WebSocket of a phone, as JsSIP wants one. It shows the tab's ticket as a second subprotocol, so that no address and
// no log holds it, and tells the house when the tab needs its phone no more.
"use strict";

// eslint-disable-next-line no-unused-vars
class Wire {
  static GOODBYE = 4000;
  static EXPIRED = 4001;
  static OVER = 4002;

  constructor(path, ticket) {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.url = `${scheme}://${location.host}${path}`;
    this.via_transport = "WS";
    this.sip_uri = "sip:alo185.invalid;transport=ws";
    this.code = 0;
    this._ticket = ticket;
    this._socket = null;
  }

  connect() {
    if (this._socket && this._socket.readyState <= WebSocket.OPEN) return;
    const socket = new WebSocket(this.url, ["sip", `alo185.${this._ticket}`]);
    this._socket = socket;
    socket.onopen = () => this.onconnect();
    socket.onmessage = (event) => this.ondata(event.data);
    socket.onclose = (event) => {
      this.code = event.code;
      this.ondisconnect(!event.wasClean, event.code, event.reason);
    };
  }

  disconnect() {
    if (!this._socket) return;
    this._socket.onopen = this._socket.onmessage = this._socket.onclose = null;
    this._socket.close(Wire.GOODBYE);
    this._socket = null;
  }

  send(message) {
    if (!this.isConnected()) return false;
    this._socket.send(message);
    return true;
  }

  isConnected() {
    return Boolean(this._socket) && this._socket.readyState === WebSocket.OPEN;
  }

  isConnecting() {
    return Boolean(this._socket) && this._socket.readyState === WebSocket.CONNECTING;
  }
}
