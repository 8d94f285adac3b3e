"""A desk with something of everything on it, for walks through all pages."""

import re
from datetime import timedelta

from fastapi.routing import iter_route_contexts
from sqlalchemy import select

from calls.models import CallRecord
from outages.phone_pages import PhonePageService
from outages.service import OutageService
from outages.templates import TemplateService, copy_of
from outbox.webhooks import Webhooks
from people import audit
from people.apikeys import KeyService
from people.models import User
from people.roles import Role, Scope
from tests.console_world import SECRET, ConsoleWorld
from tests.outage_world import HOUR, fault
from tests.people_world import add_person
from tests.subscriber_world import AYSE, add_subscribers, facts
from tickets.intake import Submission, take
from tickets.kinds import Category, Channel
from tickets.setup import UnitFacts

NO_PAGES = re.compile(
    r"/console/(sign-in|oidc|oidc/back|alerts|board|events|wall/events|(calls-back|dialler)/moving|map\.geojson|listen.*|outages/areas|.*export.*"
    r"|reports/file|desk/(events|contacts|call/.*)|supervisor/(events|recordings/.*)|tickets/[^/]+/(voice|files/.*))"
)
"""For strangers, or fetched by pages for themselves."""
CHANGES_NOTHING_YET = {"/console/import/{mark}", "/console/subscribers/import/{mark}"}
"""Only there while somebody looks at a file; tests/test_browser_lists.py looks at them."""
ABOUT = {"/console/subscribers": f"?number={AYSE}", "/console/subscribers/record": f"?number={AYSE}"}
"""What pages are asked for that show nothing by themselves."""


async def fill(world: ConsoleWorld, words: str = "Ekip yola çıktı.") -> dict[str, object]:
    """What stands in the addresses of pages. `words` are written wherever somebody may write."""
    soon = world.clock() + HOUR
    async with world.office.db.session() as session:
        outages = OutageService(session, world.clock, "ayşe", strict_texts=False)
        for more in ({}, {"expected_end": None}, {"starts": soon, "expected_end": soon + HOUR}):
            outage = await outages.create(fault(world.places.yeni, world.places.korfez, **more), reason=words)
            await outages.change(outage.id, crew="on_the_way", subscribers=120, reason=words)
        over = await outages.create(fault(world.places.baris))
        await outages.end(over.id, reason=words)
        draft = await outages.create(fault(world.places.baris), draft=True)
        await outages.change(draft.id, announcement_tr=words, tanker_points=words, reason=words)
        late = await outages.create(fault(world.places.baris, expected_end=world.clock() + timedelta(minutes=1)))
        broadcast = await outages.announce("Şebeke basıncı düşük.", soon, text_en="Pressure is low.")
        await outages.mass_call(True, soon)
        template = await TemplateService(session, world.clock, "ayşe").save("Pompa arızası", copy_of(late))
        await PhonePageService(session, world.clock, "ayşe").change_page("info.offices", "tr", "Her gün açığız.")
        await KeyService(session, world.clock, "ayşe").add("santral", [Scope.read])
        hook = await Webhooks(session, world.clock, "ayşe", audit.record).make("https://example.org/hook", [])
        unit = await world.office.tickets.setup(session, "ayşe").save_unit(None, UnitFacts("Şebeke ekibi"))
        yesterday = {"driver": "ari", "language": "tr", "outage_ids": [], "outcome": "gave_up", "left_at": "menu.main"}
        session.add(CallRecord(call_id="walk", started=world.clock() - timedelta(days=1), **yesterday))
        report = Submission(Channel.web, "walk", Category.leak, None, world.places.yeni, words, words, words)
        ticket = (await take(session, world.clock(), report, who="ayşe", secret=SECRET)).ticket
        await session.commit()
        numbers = {"outage_id": late.id, "template_id": template.id, "broadcast_id": broadcast.id, "number": hook.id}
        numbers |= {"tickets/number": ticket.number, "calls-back/number": ticket.number, "unit_id": unit.id}
    await add_subscribers(world.office.db, facts(name=words, address=words, area_id=world.places.yeni))
    await add_person(world.office.db, "fatma", Role.viewer, world.clock)
    async with world.office.db.reading() as session:
        user = await session.scalar(select(User.id).where(User.name == "fatma"))
    world.clock.forward(timedelta(minutes=5))
    await world.heard()
    return {**numbers, "user_id": user, "key": "info.offices", "language": "tr"}


def pages(world: ConsoleWorld, parts: dict[str, object]) -> list[str]:
    """The addresses of all pages; one with a part that is not given fails the test."""
    routes = [c for c in iter_route_contexts(world.app.routes) if str(c.path).startswith("/console")]
    paths = {str(c.path) for c in routes if "GET" in (c.methods or ())} - CHANGES_NOTHING_YET
    found = sorted(path for path in paths if not NO_PAGES.fullmatch(path))
    assert len(found) > 12
    return [_filled(path, parts) + ABOUT.get(path, "") for path in found]


def _filled(path: str, parts: dict[str, object]) -> str:
    """`tickets/number` where a room means something else by a name than the others do."""
    steps = path.split("/")
    for place, step in enumerate(steps):
        if named := re.fullmatch(r"\{(\w+)(?::\w+)?\}", step):
            name = named[1]
            steps[place] = str(parts.get(f"{steps[place - 1]}/{name}") or parts[name])
    return "/".join(steps)
