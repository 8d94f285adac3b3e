"""Who asked to be told of planned outages, with their consent. Nothing here commits: the edge does."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from notices.consent import PRESENT, TEXTS
from notices.errors import NoticeError
from notices.models import NoticeRequest, Source, State, Way
from notices.numbers import e164, pseudonym
from outages.models import Area
from storage.database import Database
from web.texts import Language

MOST_PLACES = 5
"""Areas for one number: enough for home, work and parents; too few to plague a city."""
UNCONFIRMED = timedelta(days=30)
"""After which a request that nobody confirmed is forgotten."""


class NoticeService:
    """Work on the list in one session. `secret`: of pseudonyms and of links by which people leave."""

    def __init__(self, session: AsyncSession, now: Callable[[], datetime], secret: str) -> None:
        self.session = session
        self.now = now
        self._secret = secret

    async def ask(
        self,
        number: str,
        area_id: int,
        *,
        way: Way,
        language: Language,
        source: Source,
        consent: str = PRESENT,
        confirmed_by: str | None = None,
    ) -> NoticeRequest:
        """Put a number on the list. It is `pending`, and told nothing, until somebody knows whose it is.

        Asked again, the way and language are those of the last time, and what was confirmed stays so.
        """
        if consent not in TEXTS:
            raise NoticeError(f"There is no text of consent {consent}.", "unknown_consent")
        area, told = await self._area(area_id), e164(number, way)
        hashed = pseudonym(told, self._secret)
        found = list(await self.session.scalars(select(NoticeRequest).where(NoticeRequest.number_hash == hashed)))
        request = next((each for each in found if each.area_id == area.id), None)
        if request is None:
            if len(found) >= MOST_PLACES:
                raise NoticeError(f"A number can be told of at most {MOST_PLACES} places.", "too_many_places")
            request = NoticeRequest(area_id=area.id, number=told, number_hash=hashed, state=State.pending)
            self.session.add(request)
        request.way, request.language = way, language
        request.consent_version, request.consent_source, request.consented = consent, source, self.now()
        if confirmed_by:
            self._confirm(request, confirmed_by)
        await self.session.flush()
        return request

    async def confirm(self, request_id: int, by: str) -> NoticeRequest:
        """The number's owner was reached and wants it: by an operator, or later by a code on their telephone."""
        request = await self.get(request_id)
        self._confirm(request, by)
        return request

    async def get(self, request_id: int) -> NoticeRequest:
        """Raises `unknown_notice`."""
        request = await self.session.get(NoticeRequest, request_id)
        if request is None:
            raise NoticeError(f"There is no request {request_id}.", "unknown_notice")
        return request

    async def all(
        self, *, area_id: int | None = None, number: str | None = None, limit: int = 100, before: int | None = None
    ) -> Sequence[NoticeRequest]:
        """The newest first."""
        query = select(NoticeRequest).order_by(NoticeRequest.id.desc()).limit(limit)
        if area_id is not None:
            query = query.where(NoticeRequest.area_id == area_id)
        if number is not None:
            query = query.where(NoticeRequest.number_hash == pseudonym(e164(number, "call"), self._secret))
        if before is not None:
            query = query.where(NoticeRequest.id < before)
        return (await self.session.scalars(query)).all()

    async def remove(self, request_id: int) -> None:
        """Forget one request."""
        await self.session.delete(await self.get(request_id))

    async def erase(self, number: str) -> int:
        """Forget a number altogether; returns how many requests it had."""
        hashed = pseudonym(e164(number, "call"), self._secret)
        count = await self.session.scalar(select(func.count()).where(NoticeRequest.number_hash == hashed))
        await self.session.execute(delete(NoticeRequest).where(NoticeRequest.number_hash == hashed))
        return count or 0

    def token(self, request: NoticeRequest) -> str:
        """What stands in the link by which a person leaves; it needs no table of tokens."""
        told = f"leave {request.id} {request.number_hash}".encode()
        return f"{request.id}-{hmac.new(self._secret.encode(), told, hashlib.sha256).hexdigest()[:32]}"

    async def leave(self, token: str) -> None:
        """Forget the number that the link was sent to, for every place. A link that is none does nothing."""
        number, _, _ = token.partition("-")
        if not number.isdecimal() or len(number) > 9 or not token.isascii():
            return
        request = await self.session.get(NoticeRequest, int(number))
        if request and hmac.compare_digest(self.token(request), token):
            hashed = request.number_hash
            await self.session.execute(delete(NoticeRequest).where(NoticeRequest.number_hash == hashed))

    def _confirm(self, request: NoticeRequest, by: str) -> None:
        if request.state is not State.confirmed:
            request.state, request.confirmed, request.confirmed_by = State.confirmed, self.now(), by

    async def _area(self, area_id: int) -> Area:
        area = await self.session.get(Area, area_id)
        if area is not None and not area.active and area.merged_into:
            area = await self.session.get(Area, area.merged_into)
        if area is None or not area.active:
            raise NoticeError(f"There is no area {area_id}.", "unknown_area")
        return area


async def forget_unconfirmed(db: Database, now: Callable[[], datetime]) -> None:
    """What nobody confirmed in time was perhaps asked for by somebody else."""
    async with db.session() as session:
        old = NoticeRequest.consented < now() - UNCONFIRMED
        await session.execute(delete(NoticeRequest).where(NoticeRequest.state == State.pending, old))
        await session.commit()
