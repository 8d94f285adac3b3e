"""Which place? Affected ones are offered by name; otherwise the caller types three letters, or a number."""

from collections.abc import Sequence

from callflows.asking_number import ask_number
from callflows.conversation import Conversation, WantsNumber, WantsPerson
from callflows.menus import NAMED_KEYS, ask, entry, menu
from callflows.speech import MOST_NAMES, full_name, name
from outages.board import AreaView
from prompts.prompt import Prompt

LETTERS = 3
MORE_LETTERS = 2
MOST_REFUSALS = 2
WHOLE_DISTRICT = "1"
"""No letter is on this key."""


async def ask_area(talk: Conversation) -> AreaView:
    """The caller's place, as the caller chose it by name or confirmed it."""
    for _ in range(MOST_REFUSALS):
        area, sure = await _named_or_numbered(talk)
        if sure or await _confirmed(talk, area):
            talk.area, talk.area_given = area, True
            talk.call.journal.area_id = area.id
            return area
    raise WantsPerson("area_unclear")


async def _named_or_numbered(talk: Conversation) -> tuple[AreaView, bool]:
    """The place, and whether it needs no confirming. Who gives up finding their number goes on by name."""
    while True:
        try:
            return await _neighbourhood_in(talk, *await _district(talk))
        except WantsNumber:
            area = await ask_number(talk)
            if area:
                return area, True


async def _district(talk: Conversation) -> tuple[AreaView, bool]:
    board = talk.desk.board
    affected = board.affected_districts(talk.desk.now())
    if 0 < len(affected) <= MOST_NAMES:
        chosen = await _by_name(talk, affected, "area.districts", "area.other_district", offer_number=True)
        if chosen:
            return chosen, True
    return await _by_letters(talk, board.districts, "area.district", offer_number=True)


async def _neighbourhood_in(talk: Conversation, district: AreaView, by_name: bool) -> tuple[AreaView, bool]:
    """The neighbourhood, or the district itself where that says all; and whether it was chosen by its name."""
    board, now = talk.desk.board, talk.desk.now()
    if board.district_wide(district.id, now) or not board.within(district.id):
        return district, by_name
    affected = board.affected_neighbourhoods(district.id, now)
    if 0 < len(affected) <= MOST_NAMES:
        chosen = await _by_name(talk, affected, "area.neighbourhoods", "area.other_neighbourhood")
        if chosen:
            return chosen, True
    return await _by_letters(talk, board.within(district.id), "area.neighbourhood", whole=district)


async def _by_letters(
    talk: Conversation,
    areas: Sequence[AreaView],
    key: str,
    whole: AreaView | None = None,
    *,
    offer_number: bool = False,
) -> tuple[AreaView, bool]:
    """The place whose letters or number were typed, and whether it was then chosen by name."""

    def understand(typed: str) -> tuple[str, list[AreaView]] | None:
        found = [whole] if whole and typed == WHOLE_DISTRICT else matching(areas, typed)
        return (typed, found) if found else None

    def words() -> list[Prompt]:
        offer = [talk.phrase("area.by_number")] if offer_number and talk.takes_number() else []
        return [talk.phrase(f"{key}_letters"), *offer]

    typed, found = await entry(
        talk,
        words,
        understand,
        short=lambda: [talk.phrase(f"{key}_letters.short")],
        help_=lambda: [talk.phrase(f"{key}_help")],
        at_most=LETTERS,
    )
    if len(found) > MOST_NAMES:
        found = await _narrowed(talk, found, typed)
    if len(found) == 1:
        return found[0], False
    for start in range(0, len(found), MOST_NAMES):
        chosen = await _by_name(talk, found[start : start + MOST_NAMES], "area.which", "area.none_of_these")
        if chosen:
            return chosen, True
    raise WantsPerson("area_unclear")


async def _narrowed(talk: Conversation, areas: list[AreaView], typed: str) -> list[AreaView]:
    """Two more letters, where too many places begin with the same three."""
    return await entry(
        talk,
        lambda: [talk.phrase("area.more_letters")],
        lambda more: [area for area in areas if area.keypad.startswith(typed + more)] or None,
        short=lambda: [talk.phrase("area.more_letters.short")],
        at_most=MORE_LETTERS,
    )


async def _by_name(
    talk: Conversation, areas: Sequence[AreaView], lead: str, other: str, *, offer_number: bool = False
) -> AreaView | None:
    """Up to four places with a key each; None when it is another one.

    Beside four names nobody is told that their subscriber number will do: six choices are too many to keep in mind.
    """

    def short() -> list[Prompt]:
        named = [
            p for area, key in zip(areas, NAMED_KEYS, strict=False) for p in (name(area), talk.phrase(f"choice.{key}"))
        ]
        return [*named, talk.phrase(other)]

    def words() -> list[Prompt]:
        offered = offer_number and len(areas) < MOST_NAMES and talk.takes_number()
        offer = [talk.phrase("area.by_number")] if offered else []
        return [talk.phrase(lead), *short(), *offer]

    number = "#" if talk.takes_number() else ""
    key = await ask(talk, f"{'1234'[: len(areas)]}5{number}", words, short=short)
    if key == "#":
        raise WantsNumber
    return None if key == "5" else areas[int(key) - 1]


async def _confirmed(talk: Conversation, area: AreaView) -> bool:
    board = talk.desk.board
    return await menu(talk, "area.confirm", "12", lead=lambda: full_name(board, area)) == "1"


def matching(areas: Sequence[AreaView], typed: str) -> list[AreaView]:
    """Places with this number, then those whose name begins with these keys."""
    by_number = [area for area in areas if str(area.number) == typed]
    return by_number + [area for area in areas if area.keypad.startswith(typed) and area not in by_number]
