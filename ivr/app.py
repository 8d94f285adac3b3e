"""The FastAPI application: REST for operators, the two doors for Asterisk, `/health` for dialplan and watchdog."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Response

from callflows.hotline import hotline
from calls.demand import Rule
from calls.journal import Journal
from console.office import FOLDER as CONSOLE
from console.office import Office
from console.site import console_router
from ivr import dialplan
from ivr.agi.server import AgiServer
from ivr.answers import answers_router
from ivr.ari.asking_queue import QueueAsker
from ivr.ari.endpoint import ari_router
from ivr.line import Equipment
from ivr.live import LiveWall
from ivr.live_endpoints import live_router, queue_router
from ivr.runner import Exchange, Flow
from ivr.service import Service, now
from ivr.settings import Settings
from ivr.web import speak_plainly
from outages.endpoints import router as outages_router
from outages.gazetteer import tile_positions
from web.assets import Assets
from web.pages import Pages


def create_app(settings: Settings, flow: Flow = hotline) -> FastAPI:
    """The whole service. `app.state` holds its `service`, the `exchange` of running calls and the `live` wall."""
    service = Service(settings)
    equipment = Equipment(service.library, settings.incoming, now)
    asker = QueueAsker(settings)
    live = _live(service, lambda: exchange.journals, asker if settings.driver == "ari" else None)

    def arrived() -> None:
        service.rate.arrived()
        live.arrivals.arrived()

    exchange = Exchange(service.desk, service.records, now, flow=flow, arrived=arrived)
    agi = AgiServer(settings.host, settings.agi_port, exchange, equipment)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await service.start()
        await agi.start()
        await live.start()
        yield
        await live.stop()
        await asker.close()
        await agi.stop()
        await service.stop()

    app = FastAPI(title="Alo 185", version="0.1.0", lifespan=lifespan, description=__doc__)
    app.state.service, app.state.exchange, app.state.live = service, exchange, live
    app.state.signin, app.state.openid, app.state.public_url = service.signin, service.openid, settings.public_url

    @app.get(dialplan.HEALTH_PATH, tags=["service"])
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

    app.include_router(ari_router(exchange, equipment, settings.secret("ari-websocket")))
    app.include_router(answers_router(service.desk, service.library))
    app.include_router(queue_router(live.queue, settings.secret(dialplan.QUEUE_REPORTER)))
    app.include_router(outages_router(service.db, now), prefix="/api/v1")
    office = _office(service)
    app.include_router(console_router(office))
    app.routes.append(office.pages.assets.route)
    app.include_router(live_router(service.db, live, now), prefix="/api/v1")
    speak_plainly(app)
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


def _office(service: Service) -> Office:
    settings = service.settings
    pages = Pages([CONSOLE], ZoneInfo(settings.timezone), Assets())
    tiles = tile_positions(settings.city_code)
    return Office(service.db, service.keeper, service.catalogue, service.library, pages, service.signin, now, tiles)
