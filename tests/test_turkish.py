import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.turkish_words import Case, clock, number


@pytest.mark.parametrize(
    ("hour", "minute", "case", "spoken"),
    [
        (9, 0, "ablative", "dokuzdan"),
        (17, 0, "dative", "on yediye"),
        (16, 0, "dative", "on altıya"),
        (16, 0, "locative", "on altıda"),
        (4, 0, "dative", "dörde"),
        (4, 0, "ablative", "dörtten"),
        (12, 30, "dative", "on iki buçuğa"),
        (14, 45, "dative", "on dört kırk beşe"),
        (0, 0, "dative", "gece yarısına"),
        (8, 30, "bare", "sekiz buçuk"),
        (10, 0, "dative", "ona"),
        (20, 0, "dative", "yirmiye"),
        (13, 0, "ablative", "on üçten"),
        (13, 40, "dative", "on üç kırka"),
        (9, 5, "bare", "dokuz sıfır beş"),
    ],
)
def test_times_take_the_suffix_a_speaker_would_use(hour: int, minute: int, case: Case, spoken: str) -> None:
    assert clock(hour, minute, case) == spoken


@pytest.mark.parametrize(
    ("value", "spoken"),
    [
        (0, "sıfır"),
        (1250, "bin iki yüz elli"),
        (100, "yüz"),
        (1000, "bin"),
        (21000, "yirmi bir bin"),
        (10**6, "bir milyon"),
    ],
)
def test_numbers(value: int, spoken: str) -> None:
    assert number(value) == spoken


@given(st.integers(0, 10**9))
def test_no_number_is_spoken_as_one_thousand_with_a_one(value: int) -> None:
    words = number(value).split()
    assert "bin" not in words or words[0] != "bir" or words[1] != "bin"
    assert not any(character.isdigit() for character in " ".join(words))
