"""The information pages of the phone menu: what callers hear there, written with a preview, kept with their history."""

from typing import Annotated, Any

from fastapi import Form, Path, Request, Response

from callflows.speech import page as spoken_page
from callflows.wording import Wording
from console.office import Office, by_htmx, go
from console.routing import Publisher, TheOffice, Viewer, part
from console.spoken import estimated, sound_of, spoken
from outages.errors import OutageError
from outages.phone_pages import KEYS, PhonePageService, latest_pages
from outages.text_check import PAGE_SECONDS
from people.signin import Person
from prompts.grammar import grammar
from prompts.prompt import LANGUAGES, Language, Prompt

PAGES = "/console/phone-pages"
Key = Annotated[str, Path(max_length=60)]
Text = Annotated[str, Form(max_length=2000)]
Revision = Annotated[int, Form(ge=0, le=2**31 - 1)]

api = part("/phone-pages")


@api.get("")
async def pages(office: TheOffice, request: Request, person: Viewer) -> Response:
    """Every page as callers hear it now, in both languages side by side."""
    async with office.db.reading() as session:
        written = {(page.key, page.language): page for page in await latest_pages(session)}
    texts = {key: {language: _text(office, key, language) for language in LANGUAGES} for key in KEYS}
    sounds = {key: {language: _sound(office, person, key, language) for language in LANGUAGES} for key in KEYS}
    return office.page(request, person, "console/phone_pages.html", texts=texts, written=written, sounds=sounds)


@api.get("/{key}/{language}")
async def one(office: TheOffice, request: Request, person: Viewer, key: Key, language: Language) -> Response:
    return await _one(office, request, person, key, language)


@api.post("/{key}/{language}/preview")
async def preview(
    office: TheOffice, request: Request, person: Publisher, key: Key, language: Language, text: Text = ""
) -> Response:
    """While it is typed, an estimate; asked for by the button, rendered and measured."""
    if by_htmx(request):
        said = estimated(office, person, _draft(office, key, language, text), language, text, PAGE_SECONDS)
        return office.page(request, person, "console/page_heard.html", said=said, key=key, text=text)
    return await _one(office, request, person, key, language, text=text)


@api.post("/{key}/{language}")
async def save(
    office: TheOffice,
    request: Request,
    person: Publisher,
    key: Key,
    language: Language,
    text: Text = "",
    revision: Revision = 0,
) -> Response:
    try:
        said = await spoken(office, person, _draft(office, key, language, text), language, text, PAGE_SECONDS)
        if said.problem and text.strip():
            raise OutageError(said.problem, "speech_broken")
        async with office.db.session() as session:
            await PhonePageService(session, office.now, person.name).change_page(key, language, text, revision)
            await session.commit()
    except OutageError as refused:
        wrong = office.said(request, refused, person)
        return await _one(office, request, person, key, language, 422, text=text, wrong=wrong)
    return go(f"{PAGES}/{key}/{language}", "page_saved")


@api.post("/{key}/{language}/restore")
async def restore(
    office: TheOffice, request: Request, person: Publisher, key: Key, language: Language, revision: Revision = 0
) -> Response:
    try:
        async with office.db.session() as session:
            await PhonePageService(session, office.now, person.name).change_page(key, language, None, revision)
            await session.commit()
    except OutageError as refused:
        return await _one(office, request, person, key, language, 409, wrong=office.said(request, refused, person))
    return go(f"{PAGES}/{key}/{language}", "page_restored")


def _present(office: Office, key: str, language: Language) -> Prompt:
    if key not in KEYS:
        raise OutageError("There is no such page.", "unknown_page")
    return spoken_page(office.keeper.board, key, Wording(office.catalogue, language))


def _sound(office: Office, person: Person, key: str, language: Language) -> str:
    return sound_of(office, person, [_present(office, key, language)])


def _text(office: Office, key: str, language: Language) -> str:
    """As it was written, or as it ships."""
    written = office.keeper.board.pages.get(key, {}).get(language)
    return written or _present(office, key, language).text


def _draft(office: Office, key: str, language: Language, text: str) -> list[Prompt]:
    plain = " ".join(text.split())
    return [Prompt(f"{key}.written", grammar(language).spoken(plain), language)] if plain else []


async def _one(
    office: Office,
    request: Request,
    person: Person,
    key: str,
    language: Language,
    status: int = 200,
    *,
    text: str | None = None,
    wrong: str | None = None,
) -> Response:
    present = _present(office, key, language)
    async with office.db.reading() as session:
        history = await PhonePageService(session, office.now, person.name).history(key, language)
    held = next((each.text for each in history[:1]), None)
    shown = text if text is not None else held or Wording(office.catalogue, language).phrase(key).text
    values: dict[str, Any] = {
        "key": key,
        "spoken_in": language,
        "present": await spoken(office, person, [present], language, "", PAGE_SECONDS),
        "history": history,
        "revision": history[0].revision if history else 0,
        "edited": held is not None,
        "shipped": Wording(office.catalogue, language).phrase(key).text,
        "text": shown,
        "said": await spoken(office, person, _draft(office, key, language, shown), language, shown, PAGE_SECONDS),
        "wrong": wrong,
    }
    return office.page(request, person, "console/phone_page.html", status=status, **values)
