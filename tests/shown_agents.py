"""Agents at work, as the pictures of the desk and of the floor show them; nobody in them exists."""

from datetime import timedelta

from sqlalchemy import select

from agents.models import PauseReason, QueueVisit
from agents.states import State
from agents.work import AgentWork, Ring
from calls.journal import Heard, Journal, Outcome, Pressed
from calls.models import CallRecord
from calls.rows import row_of
from ivr.service import Service, now
from outages.models import Area
from people.roles import Duty, Role
from people.service import PeopleService
from tests.people_world import add_person

CHANNEL, NUMBER = "1795650000.7", "+905320000111"
OTHERS = ("fatma.demir", "murat.can", "zeynep.ak", "ali.er")


async def add_agents(service: Service, talking: str) -> dict[str, str]:
    """`talking` is in a call; the others do what agents do. The addresses of the pages that show it."""
    for name in OTHERS:
        await add_person(service.db, name, Role.operator, duties=[Duty.desk])
    async with service.db.session() as session:
        people, work = PeopleService(session, now, "tests"), AgentWork(session, now)
        area = await session.scalar(select(Area.id).where(Area.name.startswith("Yenişehir")).limit(1))
        asked = _journal(area)
        session.add(CallRecord(**row_of(asked, service.settings.secret("caller-hash"))))
        for name in (talking, *OTHERS):
            await work.choose((await people.named(name)).id, State.ready)
        agents = {name: (await people.named(name)).id for name in (talking, *OTHERS)}
        for place, name in enumerate((talking, "zeynep.ak", "ali.er")):
            caller = CHANNEL if name == talking else f"{CHANNEL}{place}"
            ring = Ring(agents[name], f"{caller}.9", caller, "alo185-agents", 21.0, NUMBER, None, area, "asked", "tr")
            await work.rings(ring)
            if name != "ali.er":
                await work.answered(ring.leg)
        await work.ended(f"{CHANNEL}1.9")
        lunch = await session.scalar(select(PauseReason.id).where(PauseReason.active).order_by(PauseReason.position))
        await work.choose(agents["murat.can"], State.paused, lunch)
        for number, waited in enumerate((3.0, 8.0, 11.0, 14.0, 35.0)):
            visit = QueueVisit(caller=f"shown-{number}", joined=now(), left_at=now(), answered=True, waited=waited)
            session.add(visit)
        await session.commit()
    return {"supervisor": "/console/supervisor", "desk": "/console/desk"}


def _journal(area_id: int | None) -> Journal:
    """What the caller did before: asked about their place, began to report a leak, asked for a person."""
    at = now() - timedelta(minutes=3)
    told = Journal(f"{CHANNEL}-0a1b2c3d", NUMBER, at, "ari", "tr", area_id, outcome=Outcome.transferred)
    told.reason = "asked"
    steps = (
        ("welcome", "Alo yüz seksen beş'e hoş geldiniz."),
        ("menu.main", "Su kesintileri için bir, arıza bildirmek için iki, temsilci için sıfır."),
        ("fault.which", "Suyunuz hiç akmıyorsa bir, az akıyorsa iki, su kaçağı varsa üç."),
    )
    told.heard.extend(Heard(at + timedelta(seconds=8 * second), key, text) for second, (key, text) in enumerate(steps))
    told.pressed.extend(
        Pressed(at + timedelta(seconds=at_), key, False) for at_, key in ((12, "2"), (25, "3"), (31, "0"))
    )
    return told
