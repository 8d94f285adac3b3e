"""What callers meet on each way through the conversation, and what the utility keeps of it."""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from callflows.asking_area import matching
from callflows.call import CallEnded, Caller
from callflows.desk import Report
from callflows.handing_over import AGENTS_QUEUE
from callflows.hotline import hotline
from callflows.scripted import ScriptedCall, VirtualClock
from calls.journal import Outcome
from ivr import dialplan
from outages.board import AreaView, Board, BroadcastView
from storage.errors import advice
from tests.hotline_world import (
    AREAS,
    CALLER,
    FATIH_GEBZE,
    FATIH_IZMIT,
    GEBZE,
    IZMIT,
    KARTEPE,
    NOON,
    OSB,
    YENI,
    Line,
    TestDesk,
    board,
    dial,
    fault,
    planned,
)

HOUR = timedelta(hours=1)


def heard(line: Line, *, after: str = "welcome.short") -> str:
    keys = line.keys_said
    return " ".join(line.texts[keys.index(after) + 1 :] if after in keys else line.texts)


async def test_a_known_caller_is_served_without_a_key() -> None:
    line = await dial("!", knows=YENI)
    assert heard(line).startswith("Gebze ilçesi, Yeni Mahalle'de şebeke arızası nedeniyle su kesintisi var.")
    journal = line.call.journal
    assert (journal.outcome, journal.area_id, journal.outage_ids) == (Outcome.served, YENI, [1])
    assert journal.first_answer is not None
    assert journal.first_answer - journal.started < timedelta(seconds=4)


async def test_who_hangs_up_in_the_greeting_gave_up() -> None:
    line = await dial("!", board(fault()))
    assert line.call.journal.outcome is Outcome.gave_up
    assert line.call.journal.first_answer is None


@pytest.mark.parametrize(
    ("on", "told"),
    [
        (board(fault(expected_end=None)), "Suyun ne zaman verileceği henüz belli değil."),
        (board(fault(expected_end=NOON - HOUR)), "Tahmini süre doldu"),
        (board(fault(cause="martians")), "Yeni Mahalle'de su kesintisi var."),
        (board(fault(crew="on_the_way")), "Ekiplerimiz yolda."),
        (board(fault(crew="abducted")), "verilmesi bekleniyor."),
        (board(fault(streets={YENI: "Okul Sk. 3-9"})), "Yalnız şu yerler etkileniyor: Okul"),
        (board(planned(streets={YENI: "Okul Cad."})), "Yalnız şu yerler etkileniyor: Okul Caddesi"),
        (board(fault(streets={FATIH_GEBZE: "Okul Cad."})), "su kesintisi var. Suyun"),
        (board(fault(tanker_points="Park önü")), "Su tankerlerinin yeri: Park önü"),
        (board(fault(announcement={"tr": "Saat 17'de tanker gelir."})), "on yedide tanker"),
        (board(fault(1, (GEBZE,))), "şebeke arızası nedeniyle su kesintisi var."),
        (board(fault(1, (FATIH_GEBZE,))), "şu anda bildiğimiz bir su kesintisi yok."),
        (board(fault(ended=NOON - HOUR)), "su bugün saat on birde verildi."),
        (board(fault(ended=NOON - 7 * HOUR)), "şu anda bildiğimiz bir su kesintisi yok."),
        (board(planned()), "Ancak yarın saat dokuzdan on yediye kadar planlı bakım çalışması nedeniyle su kesilecek."),
        (board(planned(expected_end=None)), "Ancak yarın saat dokuzda planlı bakım çalışması nedeniyle su kesilecek."),
        (board(planned(starts=NOON + 80 * HOUR, expected_end=None)), "bir su kesintisi yok. For English"),
    ],
)
async def test_the_answer_tells_what_the_board_holds(on: Board, told: str) -> None:
    assert told in heard(await dial("!", on, knows=YENI))


async def test_a_passed_estimate_is_not_spoken() -> None:
    assert "bekleniyor" not in heard(await dial("!", board(fault(expected_end=NOON - HOUR)), knows=YENI))


async def test_the_outage_of_the_own_neighbourhood_comes_before_that_of_the_district() -> None:
    wide = fault(5, (GEBZE,), cause="main_burst")
    text = heard(await dial("!", board(wide, fault()), knows=YENI))
    assert text.index("şebeke arızası") < text.index("Ayrıca ana hat arızası")


async def test_places_of_one_name_in_two_districts_are_told_apart() -> None:
    on = board(fault(1, (FATIH_IZMIT,)))
    assert "Izmit ilçesi, Fatih Mahallesi'nde şebeke" in heard(await dial("!", on, knows=FATIH_IZMIT))
    assert "Gebze ilçesi, Fatih Mahallesi'nde şu anda bildiğimiz bir" in heard(await dial("!", on, knows=FATIH_GEBZE))


@pytest.mark.parametrize(
    ("keys", "area"),
    [
        ("1 432 936 1", YENI),
        ("1 1# 936 1", YENI),
        ("1 432 432 1", OSB),
        ("1 432 104# 1", OSB),
        ("1 432 1# 1", GEBZE),
        ("1 499 - 1 !", None),
        ("1 527 2 337 1", 401),
        ("1 432 239 53 1", 110),
        ("1 432 328 2 432 328 1", FATIH_GEBZE),
    ],
    ids=["letters", "district number", "industrial zone", "number", "whole", "unmatched", "collision", "more", "no"],
)
async def test_a_place_is_found_by_its_letters_or_number(keys: str, area: int | None) -> None:
    line = await dial(keys, board())
    assert line.call.journal.area_id == area


async def test_four_digit_numbers_of_a_large_district_are_heard_to_the_end() -> None:
    far = AreaView(9, "neighbourhood", "Uzak", "Uzak Mahalle", GEBZE, "89255", 1012)
    on = Board(1, NOON, {**AREAS, 9: far}, ())
    assert (await dial("1 432 1012# 1", on)).call.journal.area_id == 9


async def test_a_place_refused_twice_goes_to_a_person() -> None:
    line = await dial("1 432 936 2 432 936 2", board())
    assert line.call.journal.reason == "area_unclear"


async def test_with_more_than_four_affected_districts_letters_are_asked_at_once() -> None:
    on = board(*(fault(n, (n,)) for n in range(1, 6)))
    assert "area.district_letters" in (await dial("1!", on)).keys_said
    assert "area.districts" not in (await dial("1!", on)).keys_said


async def test_when_the_whole_district_is_off_no_neighbourhood_is_asked() -> None:
    line = await dial("1 1 2 !", board(fault(1, (GEBZE,))))
    assert "Gebze ilçesinde şebeke arızası" in heard(line)
    assert "area.neighbourhood_letters" not in line.keys_said


async def test_the_place_is_remembered_only_with_a_yes() -> None:
    way = "1 1 1"
    assert (await dial(f"{way} 1 !")).desk.remembered == {CALLER: YENI}
    assert (await dial(f"{way} 2 !")).desk.remembered == {}
    assert (await dial(f"{way} - !")).desk.remembered == {}


async def test_consent_is_asked_once_and_not_of_withheld_numbers() -> None:
    twice = await dial("1 1 1 2 1 1 1 !")
    assert twice.keys_said.count("consent.remember") == 1
    assert "consent.remember" not in (await dial("1 1 1 !", number=None)).keys_said
    assert "consent.remember" not in (await dial("1 1 1 !", knows=YENI)).keys_said


async def test_danger_goes_to_a_person_with_priority_and_an_urgent_ticket() -> None:
    line = await dial("2 1", knows=YENI)
    (report,) = line.desk.reports
    assert (report.category, report.urgent, report.area_id) == ("hazard", True, YENI)
    (note,) = line.call.notes
    assert (note.reason, note.priority, note.area) == ("hazard", 10, "Gebze, Yeni Mahalle")
    assert note.extra == {"ticket": "26-004217"}


async def test_danger_reaches_a_person_without_the_database_too() -> None:
    line = await dial("2 1", knows=YENI, down=True)
    assert line.call.notes[0].priority == 10


@pytest.mark.parametrize(
    ("keys", "category"),
    [("1", "no_water"), ("2", "low_pressure"), ("3", "leak"), ("41", "sewer"), ("42", "water_quality")],
)
async def test_each_fault_becomes_a_ticket_of_its_kind(keys: str, category: str) -> None:
    line = await dial(f"2 2 {keys} 432 936 1 1 1 #", board(), message=Path("words.wav"))
    (report,) = line.desk.reports
    assert (report.category, report.area_id, report.voice) == (category, YENI, Path("words.wav"))
    assert report.callback_number == CALLER
    assert line.call.journal.outcome is Outcome.ticket
    assert line.call.journal.ticket_number == "26-004217"


async def test_a_leak_is_reported_even_where_an_outage_is_known() -> None:
    line = await dial("2 2 3 1 1 1 #", knows=YENI)
    assert line.desk.reports[0].outage_id is None
    assert line.desk.reports[0].voice is not None


async def test_no_water_under_a_known_outage_is_attached_to_it() -> None:
    line = await dial("2 2 1 1 1 !", knows=YENI)
    assert (line.desk.reports[0].outage_id, line.desk.reports[0].voice) == (1, None)
    assert "record.address" not in line.keys_said


async def test_a_problem_of_another_kind_is_told_to_the_tape() -> None:
    line = await dial("2 2 1 1 2 1 1 #", knows=YENI)
    assert (line.desk.reports[0].outage_id, line.desk.reports[0].voice) == (None, Path("message.wav"))


@pytest.mark.parametrize("then", ["!", "1 !", "1 2 !"], ids=["at once", "after sending", "while typing a number"])
async def test_who_hangs_up_after_speaking_has_still_reported(then: str) -> None:
    line = await dial(f"2 2 3 432 936 1 R {then}", board())
    assert line.desk.reports[0].voice is not None
    assert line.call.journal.outcome is Outcome.ticket


async def test_who_wants_a_person_after_speaking_has_still_reported() -> None:
    line = await dial("2 2 3 432 936 1 1 0", board())
    assert len(line.desk.reports) == 1
    assert line.call.journal.outcome is Outcome.transferred


async def test_a_second_fault_of_one_kind_goes_to_a_person() -> None:
    line = await dial("2 2 3 432 936 1 1 1 2 2 3", board())
    assert len(line.desk.reports) == 1
    assert line.call.journal.reason == "second_report"


async def test_a_number_that_is_none_is_asked_again() -> None:
    line = await dial("2 2 3 432 936 1 1 123# 02621234567# 1 #", board(), number=None)
    assert "callback.invalid" in line.keys_said
    assert line.desk.reports[0].callback_number == "+902621234567"


async def test_typed_telephone_numbers_are_marked_private() -> None:
    line = await dial("2 2 3 432 936 1 1 02621234567# 1 #", board(), number=None)
    assert [entry.keys for entry in line.call.journal.pressed if entry.private] == ["02621234567"]


async def test_a_message_is_listened_to_before_it_is_sent() -> None:
    line = await dial("2 2 3 432 936 1 R * 1 1 #", board())
    assert [event.kind for event in line.call.events if event.kind in ("recorded", "played_back")] == [
        "recorded",
        "played_back",
    ]
    played = next(n for n, event in enumerate(line.call.events) if event.kind == "played_back")
    assert line.call.events[played + 1].text.startswith("Göndermek için bir, dinlemek için yıldız")
    assert line.desk.reports[0].voice == Path("message.wav")


async def test_a_key_cuts_the_message_that_is_listened_to() -> None:
    patient, hurried = [await dial("2 2 3 432 936 1 R * 1 1 #", board(), eager=eager) for eager in (False, True)]
    for line, least, most in ((patient, 8, 9), (hurried, 0, 1)):
        at = [event.at for event in line.call.events]
        played = next(n for n, event in enumerate(line.call.events) if event.kind == "played_back")
        assert least <= at[played + 1] - at[played] <= most
        assert line.desk.reports


async def test_a_message_is_recorded_again_with_two() -> None:
    line = await dial("2 2 3 432 936 1 R 2 R 1 1 #", board())
    assert sum(event.kind == "recorded" for event in line.call.events) == 2
    assert "record.again" in line.keys_said


async def test_who_only_listens_is_asked_no_more_but_has_reported() -> None:
    line = await dial("2 2 3 432 936 1 R" + "*" * 20, board())
    assert line.call.journal.reason == "repeats"
    assert line.desk.reports[0].voice is not None


async def test_nothing_said_into_the_tape_ends_with_a_person() -> None:
    line = await dial("2 2 3 432 936 1 - - -", board())
    assert line.call.journal.reason == "no_message"
    assert line.desk.reports == []


ALARM = BroadcastView(9, {"tr": "Suyu kaynatın.", "en": "Boil the water."}, None, NOON + HOUR)
LOCAL = BroadcastView(8, {"tr": "Gebze'de suyu kaynatın."}, GEBZE, NOON + HOUR)


async def test_an_emergency_is_heard_first_in_full_and_once() -> None:
    line = await dial("1 1 1 1 1 !", board(fault(), broadcasts=[ALARM]), eager=True)
    assert line.texts[:2] == ["Önemli duyuru.", "Suyu kaynatın."]
    events = [event for event in line.call.events if event.prompt]
    assert not events[1].interrupted
    assert line.texts.count("Suyu kaynatın.") == 1


async def test_an_emergency_of_a_district_is_heard_by_its_callers_only() -> None:
    on = board(fault(), broadcasts=[LOCAL])
    assert (await dial("!", on, knows=YENI)).texts[1] == "Gebze'de suyu kaynatın."
    assert "broadcast.text" not in (await dial("!", on, knows=FATIH_IZMIT)).keys_said
    found = await dial("1 1 1 !", on)
    assert found.keys_said.index("broadcast.text") < found.keys_said.index("outage.off")


async def test_an_emergency_is_over_when_its_time_has_come() -> None:
    over = BroadcastView(9, {"tr": "Suyu kaynatın."}, None, NOON - HOUR)
    assert "broadcast.text" not in (await dial("!", board(broadcasts=[over]))).keys_said


async def test_in_a_mass_call_one_key_counts_the_caller() -> None:
    line = await dial("1 1 1 1 #", board(fault(), mass_call=True))
    assert "mass.intro" in line.keys_said
    assert [(report.category, report.outage_id) for report in line.desk.reports] == [("no_water", 1)]
    assert "consent.remember" not in line.keys_said


async def test_the_language_goes_with_the_call() -> None:
    line = await dial("9 0")
    assert line.call.notes[0].language == "en"
    assert line.call.journal.language == "en"
    assert {p.language for p in line.call.said() if p.key in ("record.notice", "transfer.connecting")} == {"en"}


async def test_names_of_places_are_always_said_by_the_turkish_voice() -> None:
    line = await dial("9 1 1 1 !")
    assert {
        p.language for p in line.call.said() if p.key.startswith("area.") and p.text in ("Gebze", "Yeni Mahalle")
    } == {"tr"}


async def test_the_line_says_so_when_no_agent_can_be_reached() -> None:
    line = await dial("0", agents=False)
    assert line.keys_said[-1] == "transfer.unavailable"
    assert line.call.events[-1].kind == "hung_up"


async def test_a_remembered_place_that_is_no_more_is_asked_anew() -> None:
    assert "menu.main" in (await dial("!", knows=4711)).keys_said


@dataclass
class LameDesk(TestDesk):
    """The database is away, or answers too late."""

    hangs: bool = False

    async def _fail(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        raise advice("database_away")

    async def area_of(self, caller: Caller) -> int | None:
        await self._fail()
        return None

    async def subscriber_area(self, number: str, caller: Caller) -> int | None:
        await self._fail()
        return None

    async def remember_area(self, caller: Caller, area_id: int) -> None:
        await self._fail()

    async def open_ticket(self, report: Report) -> str:
        self.reports.append(report)
        await asyncio.Event().wait()
        return "never"


async def lame(keys: str, *, hangs: bool) -> ScriptedCall:
    clock = VirtualClock(NOON)
    call = ScriptedCall(clock, keys, CALLER)
    with contextlib.suppress(CallEnded):
        await hotline(call, LameDesk(clock, board(fault()), hangs=hangs))
    return call


async def test_without_the_database_callers_are_served_from_the_board() -> None:
    call = await lame("1 1 1 1 !", hangs=False)
    texts = [prompt.text for prompt in call.said()]
    assert "Gebze ilçesi, Yeni Mahalle'de" in texts
    assert "Şu anda saklayamadım." in texts


async def test_a_database_that_hangs_costs_no_caller_the_answer_nor_the_person() -> None:
    call = await lame("2 2 3 1 1 1 1", hangs=True)
    assert call.journal.reason == "ticket_failed"
    assert call.notes


async def test_only_letters_and_numbers_lead_to_places() -> None:
    areas = board().within(IZMIT)
    assert [area.id for area in matching(areas, "936")] == [202]
    assert matching(areas, "11*") == []
    assert matching(board().districts, str(KARTEPE))[0].id == KARTEPE


async def test_callers_go_to_the_queue_that_the_dialplan_has() -> None:
    assert AGENTS_QUEUE == dialplan.AGENTS_QUEUE
