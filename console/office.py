"""What every page of the console works with, and how pages are answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import HTMLResponse, RedirectResponse, Response

from agents.desk import AgentDesk
from agents.screen import SubscriberSource
from calls.wall import Wall
from calls.watch import Watch
from citizens.parts import CitizenParts
from console.pulse import Pulse
from console.uploads import Uploads
from dialling.follow_up import FollowUp, OnlyKept
from dialling.rules import Lines, Rules
from dialling.stopping import Steering
from outages.board import Board
from outages.service import OutageService
from people.roles import Duty, Role
from people.signin import Person, SignIn
from prompts.catalogue import Catalogue
from prompts.library import PromptLibrary
from storage.database import Database
from tickets.parts import TicketParts
from web.pages import Pages
from web.texts import LANGUAGES, Language

FOLDER = Path(__file__).parent
LANGUAGE_COOKIE = "alo185_language"


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the navigation, shown to those who may use it."""

    name: str
    path: str
    role: Role = Role.viewer
    duty: Duty | None = None
    more: bool = False
    """Behind "More": what is not needed many times a day."""
    also: str = ""
    """Where more of its pages are."""

    def shown_to(self, person: Person) -> bool:
        return person.role.allows(self.role) and (self.duty is None or person.does(self.duty))

    def holds(self, path: str) -> bool:
        """Whether the page there is this one or one below it; the board has none below it."""
        within = (each for each in (self.path, self.also) if each)
        return path == self.path or (self.name != "board" and any(f"{path}/".startswith(f"{each}/") for each in within))


SECTIONS = (
    Section("board", "/console"),
    Section("outages", "/console/outages"),
    Section("tickets", "/console/tickets"),
    Section("calls_back", "/console/calls-back", also="/console/dialler"),
    Section("desk", "/console/desk", duty=Duty.desk),
    Section("supervisor", "/console/supervisor", duty=Duty.supervisor),
    Section("subscribers", "/console/subscribers", duty=Duty.personal),
    Section("wall", "/console/wall"),
    Section("emergencies", "/console/emergencies", more=True),
    Section("new", "/console/outages/new", Role.operator, more=True),
    Section("import", "/console/import", Role.operator, more=True),
    Section("phone", "/console/phone-pages", more=True),
    Section("reports", "/console/reports", more=True),
    Section("system", "/console/system", Role.administrator, more=True),
)


class Live(Protocol):
    """The calls of this moment; `ivr.live.LiveWall` is one."""

    watch: Watch[Wall]

    async def wall(self) -> Wall: ...

    def demand_changed(self) -> None:
        """A suggestion was dismissed or became a draft."""


class Calling(Protocol):
    """Calls to citizens as this machine makes them; `ivr.calling.centre.CallingCentre` is one."""

    rules: Rules
    lines: Lines
    per_second: float

    def in_use(self) -> int:
        """Channels of the trunk that are taken at this moment, but for those that are still ringing out."""


class Keeper(Protocol):
    """Keeps the board; `outages.keeper.BoardKeeper` is one."""

    problem: str | None

    @property
    def board(self) -> Board: ...

    @property
    def age(self) -> timedelta:
        """How long ago the board was last known to say what the database says."""

    async def after(self, board: Board) -> Board:
        """The next board that callers are served from."""


@dataclass(frozen=True)
class Office:
    """Shared by all pages; holds nothing of one request."""

    db: Database
    keeper: Keeper
    catalogue: Catalogue
    library: PromptLibrary
    pages: Pages
    signin: SignIn
    now: Callable[[], datetime]
    tickets: TicketParts
    tiles: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Column and row of each district on the schematic map."""
    live: Live | None = None
    """None where no calls are taken."""
    calling: Calling | None = None
    """None where only people call citizens."""
    follow_up: FollowUp = field(default_factory=OnlyKept)
    """Who is told what calls to citizens bring to light."""
    desk: AgentDesk | None = None
    """None where no agents are served."""
    subscribers: Callable[[AsyncSession], SubscriberSource] | None = None
    """Who subscribers are, for people who may see it."""
    citizens: CitizenParts | None = None
    """None where nobody is known."""
    review_planned: bool = False
    """Planned work is published by a second person."""
    phone_page: bool | None = None
    """What the setting says of calls from browsers; None where there can be none."""
    uploads: Uploads = field(default_factory=Uploads)
    """Files that somebody is looking at before they are taken in."""
    pulse: Pulse = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pulse", Pulse(self.db))

    def outages(self, session: AsyncSession, person: Person) -> OutageService:
        """The person's work on outages; they commit."""
        return OutageService(session, self.now, person.name, review_planned=self.review_planned)

    def steering(self, session: AsyncSession, person: Person) -> Steering:
        """The person's work on the dialler; they commit."""
        return Steering(session, self.now, person.name, self.tickets.secret, self.follow_up)

    def page(
        self, request: Request, person: Person, template: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A page in the console's frame, or a part of one for htmx."""
        language = language_of(request, person)
        framed = {
            "person": person,
            "here": request.url.path,
            "sections": [s for s in SECTIONS if s.shown_to(person)],
            "section": max((s for s in SECTIONS if s.holds(request.url.path)), key=lambda s: len(s.path), default=None),
            "wrong": None,
            "done": self._done(request, language),
            "seen_version": self.keeper.board.version,
            **self.alerts(language),
            **values,
        }
        return self.pages.page(template, language, self.now(), status=status, **framed)

    def outside(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """A page for somebody who is not signed in."""
        return self.pages.page(template, language_of(request), self.now(), status=status, headers=headers, **values)

    def alerts(self, language: Language) -> dict[str, Any]:
        """What every page shows on top while it holds."""
        board, now = self.keeper.board, self.now()
        broadcasts = [
            {
                "text": view.text.get(language) or view.text["tr"],
                "place": district.name if (district := board.areas.get(view.district_id or 0)) else None,
                "ends": view.ends,
            }
            for view in board.broadcasts
            if now < view.ends
        ]
        return {
            "problem": self.keeper.problem,
            "broadcasts": broadcasts,
            "mass_call": board.mass_call_at(now),
            "mass_call_until": board.mass_call_until,
            "calls_stopped": self.pulse.stopped,
        }

    def said(self, request: Request, error: Exception, person: Person | None = None) -> str:
        """A refusal in the reader's language: the room's own sentence where it has both, else the page's by code."""
        language = language_of(request, person)
        turkish: str | None = getattr(error, "turkish", None)
        if turkish:
            return turkish if language == "tr" else str(error)
        key = f"errors.{getattr(error, 'code', '')}"
        return self.pages.texts.say(key, language) if self.pages.has(key) else str(error)

    def _done(self, request: Request, language: Language) -> str | None:
        """What the page before this one did; only texts of ours can be shown."""
        key = f"done.{request.query_params.get('done', '')}"
        return self.pages.texts.say(key, language) if self.pages.has(key) else None


def language_of(request: Request, person: Person | None = None) -> Language:
    """The person's own, else what the browser chose here before, else what it prefers, else Turkish."""
    wished = [person.language] if person else [request.cookies.get(LANGUAGE_COOKIE, "")]
    if not person:
        wished.append(request.headers.get("Accept-Language", "")[:2].lower())
    return next((language for wish in wished for language in LANGUAGES if language == wish), "tr")


def go(path: str, done: str = "") -> Response:
    """After a change: another page, which says what was done (`done.<key>` of the texts)."""
    query = f"{'&' if '?' in path else '?'}done={done}" if done else ""
    return RedirectResponse(f"{path}{query}", 303)


def by_htmx(request: Request) -> bool:
    """Whether a part of a page is wanted rather than all of it."""
    return request.headers.get("HX-Request") == "true"
