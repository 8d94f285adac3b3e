"""What can go wrong with a call to a citizen."""


class DiallingError(Exception):
    """A call cannot be asked for; the message says why, `code` says it to programs."""

    def __init__(self, message: str, code: str = "dialling_error") -> None:
        super().__init__(message)
        self.code = code


class NotPlaced(DiallingError):
    """The exchange certainly did not take the call: nobody's telephone rang."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "not_placed")
