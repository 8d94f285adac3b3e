"""Logging of the service: one line an event, and no telephone number in full."""

import logging
import re
import sys

from calls.privacy import masked

NUMBER = re.compile(r"(?<![\w.:/-])\+?\d{10,15}(?![\w.:/-])")


class Masking(logging.Formatter):
    """The last guard: whatever looks like a telephone number is masked, also in tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        return NUMBER.sub(lambda found: masked(found[0]), super().format(record))


def configure_logging(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Masking("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("httpx", "uvicorn.error"):  # the latter tells of every WebSocket, and so of every call, three times
        logging.getLogger(chatty).setLevel(logging.WARNING)
