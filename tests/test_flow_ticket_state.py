"""Who types a ticket's number hears where it is: nothing personal, and not for many numbers."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from callflows.moments import moment_prompts, until
from callflows.ticket_state import typed
from calls.journal import Outcome
from prompts.prompt import LANGUAGES, Language
from tests.hotline_world import CATALOGUE, HOUR, NOON, Line, dial
from tickets.life import State
from tickets.status import PhoneStatus

NUMBER = "26-004217"
AT_WORK = PhoneStatus(State.on_the_way, False, NOON + 5 * HOUR)


async def ask(keys: str, status: PhoneStatus | None = AT_WORK, **world: object) -> Line:
    """Fault menu, "earlier report", then the keys."""
    return await dial(f"2 3 {keys}", states={NUMBER: status} if status else {}, **world)  # type: ignore[arg-type]


def after_entry(line: Line) -> str:
    last = max(n for n, key in enumerate(line.keys_said) if key.startswith("status.enter"))
    return " ".join(line.texts[last + 1 :])


async def test_the_state_is_told_with_the_time_that_was_promised() -> None:
    line = await ask("26004217# !")
    told = after_entry(line)
    assert told.startswith("Kaydınız: yirmi altı, sıfır sıfır dört, iki yüz on yedi, Ekibimiz yolda.")
    assert "Giderilmesi için hedefimiz: bugün, saat on yediye kadar." in told
    assert line.desk.looked_up == [NUMBER]
    assert line.call.journal.outcome is Outcome.served


async def test_in_english_too() -> None:
    line = await dial("9 2 3 4217# !", states={NUMBER: AT_WORK})
    assert "Our crew is on the way. We aim to have it solved today by five p.m." in " ".join(line.texts)


@pytest.mark.parametrize("state", list(State))
async def test_every_state_has_words(state: State) -> None:
    line = await ask("4217#", PhoneStatus(state, False, None))
    assert f"status.{state}" in line.keys_said
    assert "status.aim" not in line.keys_said


async def test_one_that_waits_for_an_outage_says_so() -> None:
    assert "status.outage" in (await ask("4217#", PhoneStatus(State.new, True, None))).keys_said


async def test_a_promise_that_has_passed_is_not_repeated() -> None:
    line = await ask("4217#", replace(AT_WORK, promised=NOON - HOUR))
    assert "status.late" in line.keys_said
    assert "status.aim" not in line.keys_said


async def test_star_says_it_again_in_the_menu_that_follows() -> None:
    line = await ask("4217# * !")
    assert line.keys_said.count("status.on_the_way") == 2


async def test_a_number_that_is_none_is_asked_for_three_times_at_most() -> None:
    line = await ask("99999999# 88888888# 77777777# 4217#")
    assert line.desk.looked_up == ["99-999999", "88-888888", "77-777777"]
    assert line.call.journal.reason == "wrong_keys"
    assert line.keys_said.count("status.unknown") == 2


async def test_one_call_hears_of_three_tickets_and_no_more() -> None:
    line = await ask("4217# 2 3 4217# 2 3 4217# 2 3 4217# !")
    assert len(line.desk.looked_up) == 3
    assert "status.wait" in line.keys_said
    assert line.keys_said[-1] in ("menu.after", "language.offer")


async def test_a_caller_who_asks_too_much_is_told_to_wait() -> None:
    line = await ask("4217# !", most_asked=0)
    assert "status.wait" in line.keys_said
    assert "status.on_the_way" not in line.keys_said
    assert "menu.after" in line.keys_said


async def test_without_the_database_a_person_takes_over() -> None:
    line = await ask("4217#", down=True)
    assert "status.failed" in line.keys_said
    assert line.call.journal.reason == "ticket_state"


@pytest.mark.parametrize("keys", ["0", "- - -"])
async def test_who_knows_no_number_reaches_a_person(keys: str) -> None:
    assert (await ask(keys)).call.notes


@pytest.mark.parametrize(
    ("keys", "number"),
    [("26004217", NUMBER), ("26*004217", NUMBER), ("004217", NUMBER), ("4217", NUMBER), ("1", "26-000001"),
     ("261234567", "26-1234567"), ("1234567", None), ("*", None)],
)  # fmt: skip
def test_numbers_as_people_type_them(keys: str, number: str | None) -> None:
    assert typed(keys, NOON) == number


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_half_hour_of_the_next_months_can_be_said(language: Language) -> None:
    ready = {prompt.digest for prompt in moment_prompts(language)}
    assert len(ready) <= 110
    for half in range(0, 60 * 48):
        said = until(NOON + timedelta(minutes=30 * half + 17), NOON, language)
        assert {prompt.digest for prompt in said} <= ready
        assert not any(c.isdigit() for prompt in said for c in prompt.text)


@pytest.mark.parametrize(
    ("at", "turkish", "english"),
    [
        (NOON + timedelta(hours=5, minutes=44), "bugün, saat on yedi buçuğa kadar.", "today by five thirty p.m."),
        (NOON + timedelta(hours=12, minutes=10), "bugün, saat yirmi üç buçuğa kadar.", "today by eleven thirty p.m."),
        (NOON + timedelta(days=1), "yarın, saat on ikiye kadar.", "tomorrow by noon."),
        (NOON + timedelta(days=2), "Cuma günü, saat on ikiye kadar.", "on Friday by noon."),
        (NOON + timedelta(days=9), "dört Aralık, saat on ikiye kadar.", "on four December, by noon."),
    ],
)
def test_moments_are_told_as_people_say_them(at: datetime, turkish: str, english: str) -> None:
    assert " ".join(prompt.text for prompt in until(at, NOON, "tr")) == turkish
    assert " ".join(prompt.text for prompt in until(at, NOON, "en")) == english


def test_its_words_are_in_the_catalogue() -> None:
    for key in (*(f"status.{state}" for state in State), "status.outage", "status.wait"):
        assert {CATALOGUE.phrase(key, language).language for language in LANGUAGES} == set(LANGUAGES)
