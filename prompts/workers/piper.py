"""A Piper neural voice: the model is loaded once and speaks at one pace for the whole life of the process."""

import sys
from pathlib import Path

from prompts.errors import EngineUnavailable, SpeechBroken
from prompts.workers import Handler, Message, serve


def start(model: Path, length_scale: float) -> Handler:
    try:
        from piper import PiperVoice, SynthesisConfig
    except ImportError as error:
        raise EngineUnavailable(
            f"Piper cannot be loaded ({error}); install it: pip install 'alo185[piper]'."
        ) from error
    try:
        voice = PiperVoice.load(model)
    except Exception as error:  # onnxruntime and the voice's JSON each raise errors of their own for a bad file.
        raise EngineUnavailable(
            f"{model} is no Piper voice ({error}); download the .onnx and its .onnx.json again."
        ) from error
    # A voice's own length scale is its natural pace; ours stretches that.
    pace = SynthesisConfig(length_scale=voice.config.length_scale * length_scale)

    def handle(request: Message, payload: bytes) -> tuple[Message, bytes]:
        chunks = list(voice.synthesize(request["text"], pace))
        if not chunks:
            raise SpeechBroken(f'Piper said nothing for "{request["text"]}".')
        return {"rate": chunks[0].sample_rate}, b"".join(chunk.audio_int16_bytes for chunk in chunks)

    return handle


if __name__ == "__main__":
    serve(lambda: start(Path(sys.argv[1]), float(sys.argv[2])))
