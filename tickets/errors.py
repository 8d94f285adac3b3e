"""What can go wrong with a ticket."""


class TicketError(Exception):
    """A ticket could not be handled: one sentence that says what to do, and a stable `code`."""

    code = "ticket_error"

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code:
            self.code = code


class TicketNotSaved(TicketError):
    """Nothing was committed: the caller needs a person."""

    code = "ticket_not_saved"
