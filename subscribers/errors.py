"""What the room of subscribers refuses."""

from outages.errors import OutageError


class SubscriberError(OutageError):
    """A refusal: one sentence that says what to do instead, and a stable `code`."""


def unknown() -> SubscriberError:
    return SubscriberError(
        "There is no such subscriber; look again by number, telephone or name.",
        "unknown_subscriber",
        "Böyle bir abone yok; numara, telefon ya da adla yeniden arayın.",
    )
