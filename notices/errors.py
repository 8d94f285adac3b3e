"""What the list of notices refuses."""

from outages.errors import OutageError


class NoticeError(OutageError):
    """A refusal: one sentence that says what to do instead, and a stable `code`."""
