"""What reaches every caller at once: emergency broadcasts and the mass-call switch."""

from datetime import datetime, timedelta
from typing import TypedDict, Unpack

from sqlalchemy import update

from outages.errors import OutageError
from outages.life import check_century, check_text
from outages.models import Area, BoardState, Broadcast
from outages.recording import Recording, touch_board
from outages.text_check import BROADCAST_SECONDS, refuse_unspeakable

LONGEST_MASS_CALL = timedelta(hours=24)


class BroadcastChanges(TypedDict, total=False):
    """What may be given anew; what is left out stays."""

    text_tr: str
    text_en: str | None
    district_id: int | None
    ends: datetime


class Announcing(Recording):
    async def announce(
        self, text_tr: str, ends: datetime, *, text_en: str | None = None, district_id: int | None = None
    ) -> Broadcast:
        """Play a text before everything until `ends`."""
        broadcast = Broadcast(
            text_tr=text_tr.strip(),
            text_en=text_en,
            district_id=district_id,
            created=self.now(),
            ends=ends,
            who=self.who,
        )
        await self._check_broadcast(broadcast)
        self.session.add(broadcast)
        await self._broadcast_changed("broadcast_made", broadcast)
        return broadcast

    async def change_broadcast(self, broadcast_id: int, **changes: Unpack[BroadcastChanges]) -> Broadcast:
        """Other words, another district or a later end; refused for one that is over."""
        broadcast = await self._broadcast(broadcast_id)
        if broadcast.ends <= self.now():
            raise OutageError(
                "This broadcast is over; make a new one.", "broadcast_over", "Bu duyuru bitti; yenisini yapın."
            )
        after = Broadcast(
            text_tr=changes.get("text_tr", broadcast.text_tr).strip(),
            text_en=changes.get("text_en", broadcast.text_en),
            district_id=changes.get("district_id", broadcast.district_id),
            ends=changes.get("ends", broadcast.ends),
        )
        await self._check_broadcast(after)
        for name in ("text_tr", "text_en", "district_id", "ends"):
            setattr(broadcast, name, getattr(after, name))
        await self._broadcast_changed("broadcast_changed", broadcast)
        return broadcast

    async def silence(self, broadcast_id: int) -> Broadcast:
        """End a broadcast now."""
        broadcast = await self._broadcast(broadcast_id)
        broadcast.ends = min(broadcast.ends, self.now())
        await self._broadcast_changed("broadcast_ended", broadcast)
        return broadcast

    async def mass_call(self, on: bool, until: datetime | None = None) -> None:
        """Short menus for everybody until `until`, whatever the number of calls."""
        if on:
            until = _checked_end(until, self.now())
        await self.session.execute(
            update(BoardState).values(
                mass_call=on, mass_call_until=until if on else None, mass_call_by=self.who if on else None
            )
        )
        await self._audit("mass_call_on" if on else "mass_call_off", "mass-call", until=until if on else None)
        await touch_board(self.session)

    async def _broadcast_changed(self, what: str, broadcast: Broadcast) -> None:
        await touch_board(self.session)
        told = {name: getattr(broadcast, name) for name in ("text_tr", "text_en", "district_id", "ends")}
        await self._audit(what, f"broadcast:{broadcast.id}", **told)

    async def _broadcast(self, broadcast_id: int) -> Broadcast:
        broadcast = await self.session.get(Broadcast, broadcast_id)
        if broadcast is None:
            raise OutageError(f"There is no broadcast {broadcast_id}.", "unknown_broadcast", "Böyle bir duyuru yok.")
        return broadcast

    async def _check_broadcast(self, broadcast: Broadcast) -> None:
        if broadcast.ends.tzinfo is None or broadcast.ends <= self.now():
            raise OutageError(
                "A broadcast must end in the future; give the time with its zone.",
                "bad_broadcast_end",
                "Duyurunun bitişi ileride olmalı.",
            )
        check_century("ends", broadcast.ends)
        check_text("text_tr", broadcast.text_tr)
        check_text("text_en", broadcast.text_en or "")
        if not broadcast.text_tr:
            raise OutageError("A broadcast needs a Turkish text.", "empty_broadcast", "Duyurunun Türkçesini yazın.")
        refuse_unspeakable("text_tr", broadcast.text_tr, "tr", BROADCAST_SECONDS)
        refuse_unspeakable("text_en", broadcast.text_en, "en", BROADCAST_SECONDS)
        if broadcast.district_id is not None:
            district = await self.session.get(Area, broadcast.district_id)
            if district is None or district.kind != "district":
                raise OutageError(f"There is no district {broadcast.district_id}.", "unknown_area")


def _checked_end(until: datetime | None, now: datetime) -> datetime:
    if until is None:
        raise OutageError(
            "Say until when the short menus are to hold.",
            "mass_call_needs_end",
            "Kısa menülerin ne zamana kadar süreceğini yazın.",
        )
    if until.tzinfo is None or not now < until <= now + LONGEST_MASS_CALL:
        raise OutageError(
            "Short menus must end within the next 24 hours; give the time with its zone.",
            "bad_mass_call_end",
            "Kısa menüler en geç 24 saat içinde bitmeli.",
        )
    return until
