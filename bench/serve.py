"""The service as it always runs, but with the measured conversation in the place of the hotline."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Response

from bench.flow import Conversation
from ivr import dialplan
from ivr.agi.server import AgiServer
from ivr.ari.endpoint import ari_router
from ivr.line import Equipment
from ivr.logs import configure_logging
from ivr.runner import Exchange
from ivr.service import Service, now
from ivr.settings import Settings
from outages.endpoints import router as outages_router

FILES_PATH = "/bench/files"


def files(service: Service, conversation: Conversation) -> dict[str, list[str]]:
    """What will be played, without extension: the pure dialplan plays the same."""
    desk, media = service.desk, service.library.media
    spoken = {"opening": conversation.opening(desk), "answer": conversation.answer(desk)}
    return {name: [str(media(prompt)) for prompt in prompts] for name, prompts in spoken.items()}


def create_app(settings: Settings, conversation: Conversation) -> FastAPI:
    service = Service(settings)
    equipment = Equipment(service.library, settings.incoming, now)
    exchange = Exchange(service.desk, service.records, now, flow=conversation.hold, arrived=service.rate.arrived)
    agi = AgiServer(settings.host, settings.agi_port, exchange, equipment)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await service.start()
        await agi.start()
        yield
        await agi.stop()
        await exchange.drain(0)
        await service.stop()

    app = FastAPI(lifespan=lifespan)

    @app.get(dialplan.HEALTH_PATH)
    async def health(response: Response) -> dict[str, object]:
        response.status_code = 200 if service.ready and exchange.open else 503
        return {"calls": exchange.calls}

    app.add_api_route(FILES_PATH, lambda: files(service, conversation))
    app.include_router(ari_router(exchange, equipment, settings.secret("ari-websocket")))
    app.include_router(outages_router(service.db, now), prefix="/api/v1")
    return app


def main() -> None:
    settings, conversation = Settings(), Conversation(int(sys.argv[1]))
    configure_logging("WARNING")
    uvicorn.run(
        create_app(settings, conversation),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        ws_max_size=1 << 20,
    )


if __name__ == "__main__":
    main()
