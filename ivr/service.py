"""The hotline put together: database, board, speech, tickets and records, and the desk that flows talk to."""

import asyncio
import logging
from collections.abc import Awaitable
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from callflows.clock import use_zone
from callflows.speech import prompts_for, written_pages
from calls.memory import CallerMemory
from calls.records import CallRecords
from city.addresses import AddressBook
from city.borders import BorderBook
from dialling.forgetting import forget_called
from ivr.clock import now
from ivr.following import Following
from ivr.hotline_desk import CallRate, HotlineDesk
from ivr.reporting import report_workers
from ivr.saying import fallback_prompts, library_of, standing_prompts
from ivr.settings import Settings
from ivr.subscribing import Subscribing, citizen_parts, directory_of
from notices.restoration import forget_settled
from notices.service import forget_unconfirmed
from outages.board import Board
from outages.keeper import BoardKeeper
from outbox.sender import Sender
from people.audit import use_secret
from people.signin import SignIn
from prompts.catalogue import load_catalogue
from prompts.errors import SpeechBroken
from prompts.prompt import Prompt
from storage.database import Database
from storage.errors import StorageError
from storage.types import use_key

if TYPE_CHECKING:
    from people.oidc import OpenIdSignIn

log = logging.getLogger(__name__)

HOUR, DAY = 3_600.0, 86_400.0


def _openid(settings: Settings, db: Database, signin: SignIn) -> "OpenIdSignIn | None":
    """None where no provider is set."""
    if not settings.oidc_issuer or not settings.oidc_client_id:
        return None
    from people.oidc import Admission, OpenIdSignIn  # checking tokens is much to load for who has no provider
    from people.provider import Client

    secret = settings.oidc_client_secret or settings.given_secret("oidc-client-secret")
    client = Client(settings.oidc_issuer, settings.oidc_client_id, secret)
    admission = Admission(settings.oidc_role_claim, settings.oidc_roles, settings.oidc_email_domain)
    return OpenIdSignIn(db, now, signin, client, admission)


class Service:
    """Everything that lives as long as the process. `start` before the first call, `stop` after the last."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        use_key(settings.secret("database-key"))
        use_secret(settings.secret("audit"), settings.audit_anchor)
        use_zone(settings.timezone)
        self.db = Database(settings.database)
        self.catalogue = load_catalogue(settings.catalogue_override)
        self.library = library_of(settings)
        copy = settings.state / "board.json"
        self.keeper = BoardKeeper(self.db, now=now, prepare=self._prepare, copy=copy, zone=settings.timezone)
        caller_hash = settings.secret("caller-hash")
        spool = settings.state / "calls-waiting.jsonl"
        self.records = CallRecords(self.db, now, secret=caller_hash, spool=spool)
        self.memory = CallerMemory(self.db, caller_hash, now)
        self.following = Following(settings, self.db, now, caller_hash)
        self.tickets = self.following.by_phone
        directory = directory_of(settings, self.db, now, caller_hash, lambda: self.keeper.board)
        self.subscribing = Subscribing(directory)
        self.citizens = citizen_parts(settings, self.db, now, directory, self.records)
        self.book, self.borders = AddressBook(self.db), BorderBook(self.db)
        self.sender = Sender(self.db, now, base_url=settings.public_address)
        self.signin = SignIn(
            self.db,
            now,
            idle=timedelta(minutes=settings.session_idle_minutes),
            lifetime=timedelta(hours=settings.session_hours),
        )
        self.openid = _openid(settings, self.db, self.signin)
        self.rate = CallRate(settings.mass_call_per_minute)
        knowing = (self.memory, self.tickets, self.rate, self.subscribing)
        self.desk = HotlineDesk(self.catalogue, self.keeper, *knowing, now, promises=self.following.promises)
        self.ready = False
        self._last_announcement: list[Prompt] = []
        self._background: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        await self.library.warm()
        await self.keeper.start()
        await self._prepare_standing()
        await self._keep_apology()
        self.ready = True
        self._spawn(self.sender.run())
        reporting = report_workers(self.settings, self.db, now, self.catalogue)
        for work in (*self.following.workers(), *reporting):
            self._spawn(work)
        self._spawn(self.subscribing.run())
        self._spawn(self._prepare_slow_pace())
        self._spawn(self._forget_callers())

    async def stop(self) -> None:
        self.ready = False
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self.keeper.stop()
        await self.library.close()
        await self.subscribing.directory.close()
        await self.db.close()

    async def _prepare_standing(self) -> None:
        """A few broken prompts must not keep the line down: who meets one is sent to a person."""
        try:
            await self.library.prepare(standing_prompts(self.keeper.board, self.catalogue))
        except SpeechBroken as error:
            log.error("some prompts cannot be spoken: %s", error)

    async def _prepare(self, board: Board) -> None:
        await self.book.prepare(board)
        await self.borders.prepare(board)
        await self.library.prepare(prompts_for(board, now(), self.catalogue))
        await self._keep_announcement(board)
        self._slow_pages_later(board)

    def _slow_pages_later(self, board: Board) -> None:
        """The slow repeat of pages that operators wrote: callers must not wait for it to hear the page itself."""
        slow = [prompt.slower() for prompt in written_pages(board, self.catalogue)]
        if self.ready and not all(map(self.library.has, slow)):
            self._spawn(self.library.prepare(slow))

    async def _keep_announcement(self, board: Board) -> None:
        spoken = fallback_prompts(board, self.catalogue)
        if spoken == self._last_announcement:
            return
        await self.library.prepare(spoken)
        await self.library.concatenate(spoken, self.settings.fallback / "outages")
        self._last_announcement = spoken

    async def _keep_apology(self) -> None:
        said = [self.catalogue.phrase(key, "tr") for key in ("fallback.apology", "record.notice")]
        await self.library.concatenate(said, self.settings.fallback / "apology")

    async def _prepare_slow_pace(self) -> None:
        """The slow repeat is wanted by few callers, so it is made after the first call can be taken."""
        board = self.keeper.board
        said = [*standing_prompts(board, self.catalogue), *written_pages(board, self.catalogue)]
        await self.library.prepare([prompt.slower() for prompt in said])

    async def _forget_callers(self) -> None:
        """Once a day: numbers and keys of calls that are past their time to live."""
        while True:
            try:
                await self.records.resave()
                await self.records.purge(timedelta(days=self.settings.caller_days))
                await forget_unconfirmed(self.db, now)
                await forget_settled(self.db, now(), timedelta(days=self.settings.caller_days))
                await forget_called(self.db, now(), timedelta(days=self.settings.caller_days))
                await self.following.purge()
            except (StorageError, SQLAlchemyError, OSError) as error:
                log.warning("old callers' numbers could not be removed yet: %s", error)
                await asyncio.sleep(HOUR)
            else:
                await asyncio.sleep(DAY)

    def _spawn(self, work: Awaitable[None]) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and task.exception():
            log.error("background work failed", exc_info=task.exception())
