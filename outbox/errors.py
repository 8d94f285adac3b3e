"""What the outbox refuses."""


class OutboxError(Exception):
    """A refusal: one sentence that says what to do instead, and a stable `code`."""

    code = "refused"

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code:
            self.code = code
