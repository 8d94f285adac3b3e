"""REST for tickets. Who asks needs a key of the scope `tickets`; anybody may ask where a ticket of theirs is."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, File, Header, Query, Request, Response, UploadFile
from sqlalchemy.ext.asyncio import AsyncSession

from outages.rest import ERRORS, PlainErrors
from outages.schemas import ErrorOut
from people import access
from people.roles import Scope
from people.web import address_of
from storage.database import Database
from tickets import levels, schemas, search
from tickets.errors import TicketError
from tickets.handling import Handling
from tickets.intake import take
from tickets.kinds import Category, Channel, Urgency
from tickets.life import Move, State, possible
from tickets.models import Ticket
from tickets.parts import TicketParts
from tickets.status import status_of
from tickets.waking import wake

Number = Annotated[str, Query(max_length=20)]
Key = Annotated[
    str,
    Header(alias="Idempotency-Key", min_length=1, max_length=150, description="The same in every retry of a report."),
]


async def _whole(session: AsyncSession, ticket: Ticket) -> schemas.TicketWhole:
    main = await session.get(Ticket, ticket.merged_into) if ticket.merged_into else None
    moves = possible(ticket.state, merged=main is not None, category=ticket.category)
    clocks, files = await levels.clocks(session, ticket), await search.files_of(session, ticket)
    history = await search.history(session, ticket)
    return schemas.whole(ticket, main, moves, list(clocks), list(files), list(history))


def router(db: Database, parts: TicketParts) -> APIRouter:
    """Everything below `/api/v1/tickets`."""
    api = APIRouter(prefix="/tickets", tags=["tickets"], route_class=PlainErrors, responses=ERRORS)
    who = access.needs(db, parts.teller.now, Scope.tickets)

    async def working(who: Annotated[str, Depends(who)]) -> AsyncIterator[Handling]:
        async with db.session() as session:
            yield parts.handling(session, who)

    _public(api, db, parts)
    _taking(api, parts, working)
    _reading(api, db, parts, who)
    _changing(api, working)
    _joining(api, working)
    _files(api, db, parts, who, working)
    return api


def _public(api: APIRouter, db: Database, parts: TicketParts) -> None:
    @api.get("/status", responses={429: {"model": ErrorOut, "description": "Too many wrong tries; wait."}})
    async def get_status(
        request: Request,
        number: Number,
        digits: Annotated[str, Query(max_length=2, description="The last two of the telephone that reported it.")],
    ) -> schemas.StatusOut:
        """Where a ticket is, without anything personal. For everybody; guessing is slowed down."""
        async with db.session() as session:
            found = await status_of(session, parts.teller.now(), number, digits, address_of(request))
        return schemas.StatusOut.model_validate(found)


def _taking(api: APIRouter, parts: TicketParts, working: Callable[..., object]) -> None:
    Work = Annotated[Handling, Depends(working)]

    @api.post(
        "", status_code=201, responses={200: {"model": schemas.TicketWhole, "description": "It was taken before."}}
    )
    async def take_report(body: schemas.ReportIn, key: Key, work: Work, response: Response) -> schemas.TicketWhole:
        """201 for a new ticket; 200 with the same one for every retry under its key."""
        given = body.submission(f"{work.who}:{key}"[:200])
        taken = await take(work.session, parts.teller.now(), given, who=work.who, secret=parts.secret)
        shown = await _whole(work.session, taken.ticket)
        if taken.new:
            await wake(work.session)
            await work.session.commit()
        response.status_code = 201 if taken.new else 200
        return shown


def _reading(api: APIRouter, db: Database, parts: TicketParts, who: Callable[..., object]) -> None:
    @api.get("", dependencies=[Depends(who)])
    async def list_tickets(
        text: Annotated[str, Query(max_length=search.LONGEST, description="In number, address and words.")] = "",
        caller: Annotated[str, Query(max_length=40, description="A telephone number.")] = "",
        state: Annotated[list[State] | None, Query()] = None,
        category: Category | None = None,
        urgency: Urgency | None = None,
        channel: Channel | None = None,
        unit_id: schemas.Id | None = None,
        area_id: schemas.Id | None = None,
        open_only: bool = False,
        limit: Annotated[int, Query(ge=1, le=search.MOST)] = 50,
        before: Annotated[str | None, Query(max_length=20, description="Continue below this number.")] = None,
    ) -> list[schemas.TicketOut]:
        """The newest first."""
        async with db.reading() as session:
            below = (await parts.handling(session, "").get(before)).id if before else None
            wanted = search.Wanted(
                text, caller, state or (), category, urgency, channel, unit_id, area_id, open_only, below
            )
            found = await search.find(session, wanted, parts.secret, limit)
        return [schemas.ticket_out(ticket) for ticket in found]

    @api.get("/{number}", dependencies=[Depends(who)])
    async def get_ticket(number: str) -> schemas.TicketWhole:
        """With its history, promises and files."""
        async with db.reading() as session:
            return await _whole(session, await parts.handling(session, "").get(number))


def _changing(api: APIRouter, working: Callable[..., object]) -> None:
    Work = Annotated[Handling, Depends(working)]

    @api.post("/{number}/moves")
    async def move_ticket(number: str, body: schemas.MoveIn, work: Work) -> schemas.TicketWhole:
        """One step of its life; 409 where that is impossible now."""
        if body.move in (Move.send, Move.hand_on):
            if body.unit_id is None:
                raise TicketError("Say which unit it goes to.", "no_unit_given")
            ticket = await work.hand_on(number, body.unit_id, note=body.note)
        else:
            ticket = await work.move(number, body.move, note=body.note, reason=body.reason, cause=body.cause)
        return await _done(work, ticket)

    @api.post("/{number}/notes", status_code=201)
    async def add_note(number: str, body: schemas.NoteIn, work: Work) -> schemas.TicketWhole:
        """A remark for whoever reads it next."""
        return await _done(work, await work.note(number, body.text))

    @api.put("/{number}/kind")
    async def change_kind(number: str, body: schemas.ChangeIn, work: Work) -> schemas.TicketWhole:
        """Another category or urgency."""
        ticket = await work.change(number, body.category, body.urgency, note=body.note)
        return await _done(work, ticket)


def _joining(api: APIRouter, working: Callable[..., object]) -> None:
    Work = Annotated[Handling, Depends(working)]

    @api.post("/{number}/merge")
    async def merge_ticket(number: str, body: schemas.MergeIn, work: Work) -> schemas.TicketWhole:
        """It is the same fault as another ticket; both numbers stay."""
        return await _done(work, await work.merge(number, body.into, note=body.note))

    @api.post("/{number}/take-out")
    async def take_ticket_out(number: str, work: Work, body: schemas.WhyIn | None = None) -> schemas.TicketWhole:
        """It is a fault of its own after all."""
        return await _done(work, await work.take_out(number, note=body.note if body else None))

    @api.post("/{number}/attach")
    async def attach_ticket(number: str, body: schemas.AttachIn, work: Work) -> schemas.TicketWhole:
        """A known outage explains it: the citizen is asked when that is over."""
        return await _done(work, await work.attach(number, body.outage_id, note=body.note))

    @api.post("/{number}/detach")
    async def detach_ticket(number: str, work: Work, body: schemas.WhyIn | None = None) -> schemas.TicketWhole:
        """The outage was not the reason."""
        return await _done(work, await work.detach(number, note=body.note if body else None))


def _files(
    api: APIRouter, db: Database, parts: TicketParts, who: Callable[..., object], working: Callable[..., object]
) -> None:
    Work = Annotated[Handling, Depends(working)]

    @api.post("/{number}/files", status_code=201)
    async def add_file(
        number: str, work: Work, file: Annotated[UploadFile, File(description="JPEG, PNG, WebP or PDF.")]
    ) -> schemas.TicketWhole:
        """At most 10 MiB, taken for what it holds and not for what it is called."""
        ticket = await work.get(number, hold=True)
        data = await file.read()
        await parts.files.add(work.session, ticket, parts.teller.now(), work.who, file.filename or "", data)
        return await _done(work, ticket)

    @api.get("/{number}/files/{file_id}", dependencies=[Depends(who)])
    async def get_file(number: str, file_id: schemas.Id) -> Response:
        """The file itself."""
        async with db.reading() as session:
            shown = await parts.files.read(session, await parts.handling(session, "").get(number), file_id)
        return Response(shown.data, headers=shown.headers, media_type=shown.kind)

    @api.get("/{number}/voice", dependencies=[Depends(who)])
    async def get_voice(number: str) -> Response:
        """What the caller said."""
        async with db.reading() as session:
            shown = await parts.files.voice(await parts.handling(session, "").get(number))
        return Response(shown.data, headers=shown.headers, media_type=shown.kind)


async def _done(work: Handling, ticket: Ticket) -> schemas.TicketWhole:
    await work.session.flush()
    shown = await _whole(work.session, ticket)
    await work.session.commit()
    return shown
