// Microphone and loudspeaker of a phone: which ones there are, whether they work, and a tone to try them with.
"use strict";

// eslint-disable-next-line no-unused-vars
const Sound = {
  // Browsers lend the microphone only to pages of https, or of this very machine.
  possible: () => window.isSecureContext && Boolean(navigator.mediaDevices) && Boolean(window.RTCPeerConnection),

  // Asks for it where the browser has not been asked yet. Rejects with NotAllowedError, NotFoundError, …
  microphone(device) {
    const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    if (device) wanted.deviceId = { exact: device };
    return navigator.mediaDevices.getUserMedia({ audio: wanted, video: false });
  },

  // {microphones, speakers}, each with {id, name}. Names are empty until the microphone was lent once.
  async devices() {
    const found = await navigator.mediaDevices.enumerateDevices();
    const of = (kind) =>
      found.filter((one) => one.kind === kind).map((one) => ({ id: one.deviceId, name: one.label }));
    return { microphones: of("audioinput"), speakers: of("audiooutput") };
  },

  // Calls `show` with the level from 0 to 1 some twenty times a second; returns what stops it.
  meter(stream, show) {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      // -60 dB is silence, -10 dB as loud as it should get
      const level = (10 * Math.log10(power + 1e-9) + 60) / 50;
      show(Math.min(1, Math.max(0, level)));
    }, 50);
    return () => {
      clearInterval(timer);
      context.close();
    };
  },

  // A tone of `seconds` from this loudspeaker; returns what stops it earlier.
  tone(speaker, { hertz = 440, seconds = 1, volume = 0.2 } = {}) {
    const context = new AudioContext();
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    const out = context.createMediaStreamDestination();
    oscillator.frequency.value = hertz;
    gain.gain.value = volume;
    oscillator.connect(gain).connect(out);
    const element = Sound.speaker(speaker);
    element.srcObject = out.stream;
    oscillator.onended = () => context.close();
    oscillator.start();
    oscillator.stop(context.currentTime + seconds);
    return () => context.state !== "closed" && context.close();
  },

  // What plays a stream on the loudspeaker of that id, or on the usual one.
  speaker(device) {
    const element = new Audio();
    element.autoplay = true;
    if (device && element.setSinkId) element.setSinkId(device).catch(() => {});
    return element;
  },
};
