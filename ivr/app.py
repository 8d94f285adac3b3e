"""The FastAPI application: REST for operators, the two doors for Asterisk, `/health` for dialplan and watchdog."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI, Response

from callflows.hotline import hotline
from calls.demand import Rule
from calls.journal import Journal
from ivr import dialplan
from ivr.agi.server import AgiServer
from ivr.ari.asking_queue import QueueAsker
from ivr.at_desk import agent_desk, know_queues
from ivr.calling.centre import CallingCentre
from ivr.calling.saying import CitizensSay
from ivr.doors import open_to_asterisk, open_to_people, open_to_programs
from ivr.line import Equipment
from ivr.live import LiveWall
from ivr.phones.switchboard import BrowserPhones
from ivr.runner import Exchange, Flow
from ivr.service import Service, now
from ivr.settings import Settings
from ivr.web import speak_plainly
from notices.doubts import Enough


def create_app(settings: Settings, flow: Flow = hotline) -> FastAPI:
    """The whole service. `app.state` holds its `service`, the `exchange` of running calls and the `live` wall."""
    service = Service(settings)
    equipment = Equipment(service.library, settings.incoming, now)
    asker = QueueAsker(settings)
    live = _live(service, lambda: exchange.journals, asker if settings.driver == "ari" else None)

    def arrived() -> None:
        service.rate.arrived()
        live.arrivals.arrived()

    def handed_over(journal: Journal) -> None:
        desk.memory.keep(journal)

    phones = BrowserPhones(settings, now) if settings.driver == "ari" else None
    shown = phones.captions.shown if phones else lambda line: None
    exchange = Exchange(
        service.desk, service.records, now, flow=flow, arrived=arrived, shown=shown, handed_over=handed_over
    )
    enough = Enough(settings.still_off_people, settings.still_off_minutes)
    follow_up = CitizensSay(service.following.parts.teller, enough, service.following.parts.secret)
    centre = CallingCentre(service, exchange, live.queue, follow_up) if settings.call_backs else None
    desk = agent_desk(service, phones, lambda: exchange.journals)
    agi = AgiServer(settings.host, settings.agi_port, exchange, equipment)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await service.start()
        await agi.start()
        await live.start()
        if centre:
            await centre.start()
        if phones:
            await phones.start()
        await know_queues(service)
        desk.start()
        yield
        await desk.stop()
        if phones:
            await phones.stop()
        if centre:
            await centre.stop()
        await live.stop()
        await asker.close()
        await agi.stop()
        await service.stop()

    app = FastAPI(
        title="Alo 185", version="0.1.0", lifespan=lifespan, description=__doc__, docs_url=None, redoc_url=None
    )
    app.state.service, app.state.exchange, app.state.live = service, exchange, live
    app.state.phones, app.state.desk = phones, desk
    app.state.signin, app.state.openid, app.state.public_url = service.signin, service.openid, settings.public_url

    @app.get(dialplan.HEALTH_PATH, tags=["service"], responses={503: {"description": "It takes no calls now."}})
    async def health(response: Response) -> dict[str, object]:
        """200 when calls are taken; 503 while starting, stopping or full, so that the dialplan keeps the call."""
        ready = service.ready and exchange.open
        response.status_code = 200 if ready else 503
        return {
            "service": "alo185",
            "ready": ready,
            "calls": exchange.calls,
            "board_age_seconds": round(service.keeper.age.total_seconds(), 1),
            "board_from_copy": service.keeper.from_copy,
            "problem": service.keeper.problem,
        }

    open_to_asterisk(app, service, exchange, equipment, live, centre, phones, desk)
    open_to_programs(app, service, live)
    speak_plainly(app)
    open_to_people(app, service, live, centre, follow_up, desk, phones)
    return app


def _live(service: Service, journals: Callable[[], Sequence[Journal]], asker: QueueAsker | None) -> LiveWall:
    settings = service.settings
    return LiveWall(
        service.db,
        service.desk,
        journals,
        rule=Rule(settings.inferred_callers, settings.inferred_minutes),
        zone=settings.timezone,
        secret=settings.secret("caller-hash"),
        ask_queue=asker.ask if asker else None,
    )
