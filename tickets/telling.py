"""Units are told of their tickets: by e-mail and by webhook, in the transaction that changes the ticket."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from outages.models import Area
from outbox import service as outbox
from outbox.mail import post_mail
from tickets.acknowledging import PATH, offer
from tickets.asking import Asking
from tickets.history import note_down
from tickets.letters import Letter, Link
from tickets.models import Ticket
from tickets.privacy import masked
from tickets.unit_models import ChainStep, Unit

Due = tuple[str, datetime]


@dataclass(frozen=True, slots=True)
class Teller:
    """How units are told here. `base_url`: where links lead; `mail`: whether there is a mail server."""

    now: Callable[[], datetime]
    zone: ZoneInfo
    base_url: str = ""
    mail: bool = False
    show_numbers: bool = False
    """Whether messages hold the citizen's whole number."""
    asking: Asking | None = None
    """Who has citizens asked whether it is solved; None where only people do."""

    async def tell(
        self,
        session: AsyncSession,
        ticket: Ticket,
        kind: str,
        unit: Unit,
        step: ChainStep | None = None,
        due: Due | None = None,
    ) -> None:
        """The unit, or the person at that step of its chain. `kind`: one of `letters.KINDS`."""
        name, address = (step.name, step.email) if step else (unit.name, unit.email)
        link = None
        if kind in ("sent", "reopened", "next_on_chain"):
            link = Link(self.base_url, PATH, await offer(session, ticket, name, self.now()))
        letter = Letter(kind, ticket, await place_of(session, ticket), self._caller(ticket), self.zone, due, link)
        ways = ["mail"] if address and self.mail else []
        ways += ["webhook"] if unit.webhook_id else []
        event = await note_down(session, ticket, self.now(), "system", "told", reason=kind, to=name, ways=ways)
        key = f"ticket-{ticket.id}-{event.number}"
        if address and self.mail:
            await post_mail(session, self.now, address, letter.subject(), letter.body(), key=key)
        if unit.webhook_id:
            payload = self._payload(letter) | {"unit": unit.name, "told": name}
            await outbox.post_to(session, self.now, unit.webhook_id, f"ticket.{kind}", payload, key=key)

    def _caller(self, ticket: Ticket) -> str:
        return (ticket.callback_number if self.show_numbers else masked(ticket.callback_number)) or ""

    def _payload(self, letter: Letter) -> dict[str, Any]:
        ticket = letter.ticket
        return {
            "number": ticket.number,
            "category": ticket.category,
            "urgency": ticket.urgency,
            "state": ticket.state,
            "place": letter.place,
            "area_id": ticket.area_id,
            "address": ticket.address,
            "told_by_citizen": ticket.told,
            "caller": letter.caller or None,
            "opened": ticket.opened.isoformat(),
            "promise": letter.due[0] if letter.due else None,
            "due": letter.due[1].isoformat() if letter.due else None,
            "accept": letter.link.in_(0) if letter.link else None,
        }


async def place_of(session: AsyncSession, ticket: Ticket) -> str:
    area = await session.get(Area, ticket.area_id) if ticket.area_id else None
    district = await session.get(Area, area.district_id) if area and area.district_id else None
    return ", ".join(each.name for each in (district, area) if each)
