"""What the outage domain refuses."""


class OutageError(Exception):
    """A refusal: one sentence that says what to do instead, and a stable `code`."""

    code = "refused"

    def __init__(self, message: str, code: str | None = None, turkish: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.turkish = turkish
        """The same for operators who read Turkish; None where a page has its own words for the code."""
        if code:
            self.code = code
