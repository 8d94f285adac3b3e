"""What can go wrong between words and sound; every message says what to do."""


class SpeechError(Exception):
    code = "speech_error"


class EngineUnavailable(SpeechError):
    """The engine, or the voice that was asked for, is not on this machine."""

    code = "engine_unavailable"


class RenderFailed(SpeechError):
    """A prompt could not be made."""

    code = "render_failed"


class SpeechBroken(RenderFailed):
    """What came out of an engine or a studio is no speech that callers could follow."""

    code = "speech_broken"


class StorageFailed(RenderFailed):
    """The prompts' folder takes no more files; nothing half written is left in it."""

    code = "prompt_storage_failed"


class PromptMissing(SpeechError):
    """A prompt that nobody prepared was asked for."""

    code = "prompt_missing"


def error_of(code: str, message: str) -> SpeechError:
    """The error that a worker process named by its code."""
    kinds = {kind.code: kind for kind in (EngineUnavailable, RenderFailed, SpeechBroken, StorageFailed, PromptMissing)}
    return kinds.get(code, SpeechError)(message)
