"""The service as it always runs, but with the measured conversation in the place of the hotline."""

import sys

from bench.flow import Conversation
from ivr.app import create_app
from ivr.logs import configure_logging
from ivr.service import Service
from ivr.serving import serve
from ivr.settings import Settings

FILES_PATH = "/bench/files"


def files(service: Service, conversation: Conversation) -> dict[str, list[str]]:
    """What will be played, without extension: the pure dialplan plays the same."""
    desk, media = service.desk, service.library.media
    spoken = {"opening": conversation.opening(desk), "answer": conversation.answer(desk)}
    return {name: [str(media(prompt)) for prompt in prompts] for name, prompts in spoken.items()}


def main() -> None:
    settings, conversation = Settings(), Conversation(int(sys.argv[1]))
    configure_logging("WARNING")
    app = create_app(settings, conversation.hold)
    app.add_api_route(FILES_PATH, lambda: files(app.state.room.service, conversation))
    serve(app, settings)


if __name__ == "__main__":
    main()
