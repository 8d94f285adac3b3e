"""What the pages of the desk and of its supervisors share."""

from datetime import datetime
from typing import Any

from agents.desk import AgentDesk
from agents.errors import AgentError
from callflows.speech import page as spoken_page
from callflows.wording import Wording
from console.office import Office
from outages.phone_pages import KEYS
from people.roles import Role
from people.signin import Person
from tickets.privacy import masked
from web.texts import Language

DESK = "/console/desk"


def desk_of(office: Office) -> AgentDesk:
    if office.desk is None:
        raise AgentError("No agents are served here.", "no_desk_here")
    return office.desk


def start_of_day(office: Office) -> datetime:
    zone = office.pages.zone
    return office.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def sees_numbers(person: Person) -> bool:
    """Whole numbers and what is personal, from operators up."""
    return person.role.allows(Role.operator)


def shown_number(person: Person, number: str | None) -> str | None:
    return number if sees_numbers(person) else masked(number)


def info_pages(office: Office, language: Language) -> list[dict[str, Any]]:
    """The information pages of the phone menu, as callers hear them."""
    wording = Wording(office.catalogue, language)
    return [{"key": key, "text": spoken_page(office.keeper.board, key, wording).text} for key in KEYS]
