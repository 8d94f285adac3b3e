"""What can go wrong with a ticket."""


class TicketError(Exception):
    """A ticket could not be handled; the message says what to do."""

    code = "ticket_error"


class TicketNotSaved(TicketError):
    """Nothing was committed: the caller needs a person."""

    code = "ticket_not_saved"
