"""E-mail to units and others: what was sent, what the mail server answered, and another try."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Path, Query, Request, Response

from console.office import go
from console.routing import Administrator, TheOffice, part
from outbox import mail_log
from outbox.models import State
from people import audit

MAIL = "/console/system/mail"
PAGE = 50
Word = Annotated[str, Query(max_length=200)]

api = part("/system/mail")


@api.get("")
async def log(
    office: TheOffice,
    request: Request,
    person: Administrator,
    state: Word = "",
    q: Word = "",
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    """What stands in a mail is not shown: links in it let somebody in."""
    wanted = next((each for each in State if each == state), None)
    async with office.db.reading() as session:
        found = await mail_log.mails(session, state=wanted, words=q.strip(), before=before, limit=PAGE + 1)
        tries = await mail_log.tries(session, found[:PAGE])
    more = {"state": state, "q": q, "before": found[PAGE - 1].id if found[PAGE:] else 0}
    values: dict[str, Any] = {
        "mails": found[:PAGE],
        "tries": tries,
        "asked": {"state": state, "q": q},
        "states": list(State),
        "more": f"{MAIL}?{urlencode(more)}" if found[PAGE:] else None,
        "no_server": not office.tickets.teller.mail,
    }
    return office.page(request, person, "console/mail_log.html", **values)


@api.post("/{mail_id}/again")
async def again(
    office: TheOffice, person: Administrator, mail_id: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> Response:
    async with office.db.session() as session:
        await mail_log.retry(session, office.now, person.name, mail_id, audit.record)
        await session.commit()
    return go(MAIL, "mail_again")
