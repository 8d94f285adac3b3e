"""The information pages of the phone menu as operators write them; every writing is kept."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from outages.errors import OutageError
from outages.models import PhonePage
from outages.recording import touch_board
from outages.text_check import PAGE_SECONDS, refuse_unspeakable
from people import audit
from prompts.prompt import LANGUAGES, Language

KEYS = ("info.bill", "info.new_subscription", "info.offices", "info.app", "info.web", "info.whatsapp")
"""Pages that may be written; callflows.information speaks these."""


class PhonePageService:
    """One person's work on the pages in one session. Nothing here commits: the edge does."""

    def __init__(self, session: AsyncSession, now: Callable[[], datetime], who: str) -> None:
        self.session = session
        self.now = now
        self.who = who

    async def change_page(
        self, key: str, language: Language, text: str | None, revision: int | None = None
    ) -> PhonePage | None:
        """Callers hear the new text once it is committed; None brings back the one that ships.

        `revision`: refuse if it is not the present one, 0 before the first. The same text again leaves no trace.
        """
        _check_key(key, language)
        written = await self._present(key, language)
        held = written.revision if written else 0
        if revision is not None and revision != held:
            raise _conflict()
        text = " ".join(text.split()) if text is not None else None
        if text == "":
            raise OutageError(
                "Write what callers are to hear, or bring back the text that ships.",
                "empty_page",
                "Arayanların duyacağını yazın ya da özgün metne dönün.",
            )
        if text == (written.text if written else None):
            return written
        refuse_unspeakable("text", text, language, PAGE_SECONDS)
        page = PhonePage(key=key, language=language, text=text, revision=held + 1, who=self.who, at=self.now())
        self.session.add(page)
        try:
            await touch_board(self.session)
        except IntegrityError:
            raise _conflict() from None
        subject = f"page:{key}:{language}"
        await audit.record(self.session, self.now, self.who, "page_written", subject, revision=page.revision, text=text)
        return page

    async def history(self, key: str, language: Language) -> Sequence[PhonePage]:
        """Every writing, the latest first."""
        _check_key(key, language)
        query = select(PhonePage).where(PhonePage.key == key, PhonePage.language == language)
        return (await self.session.scalars(query.order_by(PhonePage.revision.desc()))).all()

    async def _present(self, key: str, language: Language) -> PhonePage | None:
        found = await self.history(key, language)
        return found[0] if found else None


async def latest_pages(session: AsyncSession) -> Sequence[PhonePage]:
    """The latest writing of each page that was ever written."""
    newest = select(func.max(PhonePage.id)).group_by(PhonePage.key, PhonePage.language)
    query = select(PhonePage).where(PhonePage.id.in_(newest)).order_by(PhonePage.key, PhonePage.language)
    return (await session.scalars(query)).all()


async def present_pages(session: AsyncSession) -> dict[str, dict[str, str]]:
    """What callers hear in the place of the texts that ship: by key and language."""
    pages: dict[str, dict[str, str]] = {}
    for page in await latest_pages(session):
        if page.text is not None:
            pages.setdefault(page.key, {})[page.language] = page.text
    return pages


def _check_key(key: str, language: str) -> None:
    if key not in KEYS or language not in LANGUAGES:
        raise OutageError(
            f"There is no such page; use one of: {', '.join(KEYS)}.", "unknown_page", "Böyle bir bilgi sayfası yok."
        )


def _conflict() -> OutageError:
    return OutageError(
        "Somebody else wrote this page meanwhile; read it again, then write yours.",
        "revision_conflict",
        "Bu sayfayı başkası değiştirdi; yeniden okuyup öyle yazın.",
    )
