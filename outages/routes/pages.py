"""Information pages of the phone menu, and whether a text may go on air."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from outages import text_check
from outages.desk_schemas import FindingOut, PageIn, PageOut, TextIn, TextOut
from outages.phone_pages import KEYS, PhonePageService, latest_pages
from outages.routes.common import IfMatch, Now, plain_router, revision, working
from outages.service import OutageService
from people import access
from people.roles import Scope
from prompts.prompt import LANGUAGES, Language
from storage.database import Database


def page_routes(db: Database, now: Now) -> APIRouter:
    api = plain_router("phone pages")
    Service = Annotated[OutageService, Depends(working(db, now, Scope.broadcasts, review_planned=False))]
    reader = [Depends(access.needs(db, now, Scope.read))]

    @api.get("/phone-pages", dependencies=reader)
    async def list_pages() -> list[PageOut]:
        """Every page in every language; those never written say what ships."""
        async with db.reading() as session:
            written = {(page.key, page.language): page for page in await latest_pages(session)}
        return [_shown(key, language, written.get((key, language))) for key in KEYS for language in LANGUAGES]

    @api.get("/phone-pages/{key}/{language}/history", dependencies=reader)
    async def page_history(key: str, language: Language) -> list[PageOut]:
        """Every writing of a page, the latest first."""
        async with db.reading() as session:
            found = await PhonePageService(session, now, "").history(key, language)
        return [PageOut.model_validate(page) for page in found]

    @api.put("/phone-pages/{key}/{language}")
    async def write_page(
        key: str, language: Language, body: PageIn, service: Service, response: Response, if_match: IfMatch = None
    ) -> PageOut:
        """Callers hear the new text within seconds."""
        pages = PhonePageService(service.session, now, service.who)
        page = _shown(key, language, await pages.change_page(key, language, body.text, revision(if_match)))
        await service.session.commit()
        response.headers["ETag"] = f'"{page.revision}"'
        return page

    @api.post("/texts/check", dependencies=reader)
    async def check_text(body: TextIn) -> TextOut:
        """What callers would hear of a text, and what is wrong with it; saves nothing."""
        found = text_check.findings(body.text, body.language)
        return TextOut(
            spoken=text_check.spoken(body.text, body.language),
            seconds=round(text_check.seconds(body.text, body.language), 1),
            findings=[FindingOut.model_validate(finding) for finding in found],
        )

    return api


def _shown(key: str, language: Language, page: object | None) -> PageOut:
    if page is None:
        return PageOut(key=key, language=language, text=None, revision=0)
    return PageOut.model_validate(page)
