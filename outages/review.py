"""Who may let planned work go out. Pure."""

from outages.board import OutageKind
from outages.errors import OutageError


def needs_review(kind: OutageKind, review_planned: bool) -> bool:
    """Faults never wait for a second person: people stand without water already."""
    return review_planned and kind == "planned"


def check_second_person(who: str, *, edited_by: str | None, submitted_by: str | None) -> None:
    """Refuse who would approve their own work."""
    if who in (edited_by, submitted_by):
        raise second_person()


def second_person() -> OutageError:
    return OutageError(
        "Planned work is published by a second person: submit it for review.",
        "needs_second_person",
        "Planlı çalışmayı ikinci bir kişi yayımlar; onaya gönderin.",
    )
