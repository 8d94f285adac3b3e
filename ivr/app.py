"""The FastAPI application: REST for operators, the two doors for Asterisk, `/health` for dialplan and watchdog."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Response

from callflows.hotline import hotline
from ivr import dialplan
from ivr.doors import open_to_asterisk, open_to_people, open_to_programs
from ivr.runner import Flow
from ivr.settings import Settings
from ivr.switchroom import Switchroom
from ivr.web import speak_plainly


def create_app(settings: Settings, flow: Flow = hotline) -> FastAPI:
    """The whole service. `app.state.room` is its `Switchroom`, `app.state.ari` the door of calls over ARI."""
    room = Switchroom(settings, flow)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await room.start()
        yield
        await room.stop()

    app = FastAPI(
        title="Alo 185", version="0.1.0", lifespan=lifespan, description=__doc__, docs_url=None, redoc_url=None
    )
    service = room.service
    app.state.room = room
    app.state.signin, app.state.openid, app.state.public_url = service.signin, service.openid, settings.public_url
    _tell_health(app, room)
    open_to_asterisk(app, room)
    open_to_programs(app, room)
    speak_plainly(app)
    open_to_people(app, room)
    return app


def _tell_health(app: FastAPI, room: Switchroom) -> None:
    @app.get(dialplan.HEALTH_PATH, tags=["service"], responses={503: {"description": "It takes no calls now."}})
    async def health(response: Response) -> dict[str, object]:
        """200 when calls are taken; 503 while starting, stopping or full, so that the dialplan keeps the call."""
        response.status_code, told = room.health()
        return told
