"""What can go wrong with a ticket."""

from outages.errors import OutageError


class TicketError(OutageError):
    """A ticket could not be handled: one sentence that says what to do, and a stable `code`."""

    code = "ticket_error"


class TicketNotSaved(TicketError):
    """Nothing was committed: the caller needs a person."""

    code = "ticket_not_saved"
