"""Tickets on their way, as the pictures of the pages show them; nobody in them exists."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialling.by_hand import Made, call_again, write_down
from dialling.kinds import Outcome, Why
from dialling.service import Wanted
from ivr.clock import now
from ivr.service import Service
from outages.models import Area
from tickets.handling import Handling
from tickets.intake import Submission, take
from tickets.kinds import Category, Channel
from tickets.life import Move
from tickets.setup import UnitFacts
from tickets.unit_models import Route

WORK = (Move.accept, Move.set_out, Move.arrive, Move.finish)
REPORTS = (
    (Category.leak, "Yenişehir", "Çınar Sk. 12", "Kaldırımdan su çıkıyor, yola akıyor.", "+905320000101", 1),
    (Category.burst_main, "Yenikent", "Okul önü", "Yol çöktü, çok su var.", "+905320000102", 2),
    (Category.no_water, "Barış", "Gül Cad. 4", "Sabahtan beri su yok, komşuda da yok.", "+905320000103", 0),
    (Category.sewer, "Yenişehir", "Pazar yeri", "Rögar taşıyor.", "+905320000104", 4),
    (Category.meter, "Yenişehir", "Lale Apt. 7", "Sayaç dönmüyor.", "+905320000105", 4),
    (Category.leak, "Yenikent", "Park girişi", "Çeşme kapanmıyor.", None, 4),
    (Category.low_pressure, "Barış", "Üst kat", "Su çok az akıyor.", "+905320000106", 4),
)
"""Kind, neighbourhood, address, words, number, and how many steps the crew has taken."""


async def add_tickets(service: Service) -> dict[str, str]:
    """The addresses of the pages that show them."""
    parts = service.following.parts
    async with service.db.session() as session:
        setup = parts.setup(session, "ayse.kaya")
        unit = await setup.save_unit(None, UnitFacts("Gebze Şebeke", "sebeke@example.org", answer_minutes=15))
        session.add(Route(position=10, unit_id=unit.id))
        numbers = [await _report(session, parts.handling(session, "ekip.1"), report, unit.id) for report in REPORTS]
        await _calls(session, numbers, parts.secret)
        await session.commit()
    return {
        "tickets": "/console/tickets",
        "ticket": f"/console/tickets/{numbers[3]}",
        "unit": f"/console/unit/{unit.id}",
        "calls-back": "/console/calls-back",
        "call-back": f"/console/calls-back/{numbers[3]}",
        "dialler": "/console/dialler",
        "calls": "/console/dialler/history",
    }


async def _report(session: AsyncSession, work: Handling, report: tuple[object, ...], unit: int) -> str:
    category, place, address, told, number, steps = report
    area = await session.scalar(select(Area.id).where(Area.name.startswith(str(place))).limit(1))
    given = Submission(
        Channel.agent, f"shown-{told}", Category(str(category)), None, area, str(address), str(told), None,
        str(number) if number else None,
    )  # fmt: skip
    ticket = (await take(session, now(), given, who="ayse.kaya", secret=None)).ticket
    await work.hand_on(ticket.number, unit)
    for move in WORK[: int(str(steps))]:
        finish = {"cause": "leaking_joint", "note": "Bağlantı yenilendi."} if move is Move.finish else {}
        await work.move(ticket.number, move, **finish)
    return ticket.number


async def _calls(session: AsyncSession, numbers: list[str], secret: str) -> None:
    at: datetime = now()
    for number, phone, outcome in (
        (numbers[3], "+905320000104", Outcome.no_answer),
        (numbers[3], "+905320000104", Outcome.busy),
        (numbers[6], "+905320000106", Outcome.no_answer),
    ):
        made = Made(Why.ticket_check, number, phone, "ayse.kaya", outcome)
        await write_down(session, at - timedelta(minutes=40), made, secret)
    later = Wanted(Why.ticket_check, numbers[6], "+905320000106", due=at + timedelta(hours=3))
    await call_again(session, now, later, secret)
