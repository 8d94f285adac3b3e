"""All that lives as long as the process, wired together: service, calls, wall, dialler, telephones, agents."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from http import HTTPStatus

from callflows.hotline import hotline
from calls.demand import Rule
from calls.journal import Journal
from ivr.agi.server import AgiServer
from ivr.agi.silence import Silences
from ivr.ari.asking_queue import QueueAsker
from ivr.at_desk import agent_desk, know_queues
from ivr.calling.centre import CallingCentre
from ivr.calling.saying import CitizensSay
from ivr.clock import now
from ivr.line import Equipment
from ivr.live import LiveWall
from ivr.phones.switchboard import BrowserPhones
from ivr.runner import Exchange, Flow
from ivr.service import Service
from ivr.settings import Settings
from notices.doubts import Enough


class Switchroom:
    """Starts what it holds in order and stops it the other way round."""

    def __init__(self, settings: Settings, flow: Flow = hotline) -> None:
        self.settings = settings
        self.service = service = Service(settings)
        silences = Silences(service.library.folder / "silence")
        self.equipment = Equipment(service.library, settings.incoming, now, silences.lasting)
        self._asker = QueueAsker(settings)
        over_ari = settings.driver == "ari"
        self.live = _live(service, lambda: self.exchange.journals, self._asker if over_ari else None)
        self.phones = BrowserPhones(settings, now) if over_ari else None
        """None over FastAGI: no browser can be a telephone there."""
        self.desk = agent_desk(service, self.phones, lambda: self.exchange.journals)
        self.exchange = Exchange(
            service.desk,
            service.records,
            now,
            flow=flow,
            arrived=self._arrived,
            shown=self.phones.captions.shown if self.phones else lambda line: None,
            handed_over=self.desk.memory.keep,
        )
        enough = Enough(settings.still_off_people, settings.still_off_minutes)
        self.follow_up = CitizensSay(service.following.parts.teller, enough)
        calls_out = settings.call_backs
        self.centre = CallingCentre(service, self.exchange, self.live.queue, self.follow_up) if calls_out else None
        """None where citizens are not called."""
        service.desk.expected_wait = self._expected_wait
        self._agi = AgiServer(settings.host, settings.agi_port, self.exchange, self.equipment)
        self._open = AsyncExitStack()

    async def start(self) -> None:
        self._open.push_async_callback(self.service.stop)
        await self.service.start()
        self._open.push_async_callback(self._agi.stop)
        await self._agi.start()
        self._open.push_async_callback(self._asker.close)
        self._open.push_async_callback(self.live.stop)
        await self.live.start()
        for part in (self.centre, self.phones):
            if part:
                self._open.push_async_callback(part.stop)
                await part.start()
        await know_queues(self.service)
        self._open.push_async_callback(self.desk.stop)
        self.desk.start()

    async def stop(self) -> None:
        await self._open.aclose()

    def health(self) -> tuple[HTTPStatus, dict[str, object]]:
        """Whether calls are taken, and what callers are served from."""
        keeper = self.service.keeper
        ready = self.service.ready and self.exchange.open
        return HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE, {
            "service": "alo185",
            "ready": ready,
            "calls": self.exchange.calls,
            "board_age_seconds": round(keeper.age.total_seconds(), 1),
            "board_from_copy": keeper.from_copy,
            "problem": keeper.problem,
        }

    def _expected_wait(self) -> timedelta | None:
        return self.live.queue.expected_wait(self.centre.places.count if self.centre else 0)

    def _arrived(self) -> None:
        self.service.rate.arrived()
        self.live.arrivals.arrived()


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
