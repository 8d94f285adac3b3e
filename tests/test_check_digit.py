"""A mistyped subscriber number is noticed before anybody is looked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.check_digit import Scheme, valid, with_check_digit

SCHEMES: list[Scheme] = ["luhn", "mod10", "mod11"]
digits = st.text("0123456789", min_size=4, max_size=11)
scheme = st.sampled_from(SCHEMES)


@pytest.mark.parametrize(
    ("number", "scheme"),
    [
        ("79927398713", "luhn"),
        ("4006381333931", "mod10"),
        ("1234567895", "mod10"),
        ("2614533", "none"),
    ],
)
def test_numbers_known_to_be_right(number: str, scheme: Scheme) -> None:
    assert valid(number, scheme)


@given(digits, scheme)
def test_a_number_with_its_check_digit_is_valid(body: str, scheme: Scheme) -> None:
    whole = with_check_digit(body, scheme)
    if whole is None:
        assert scheme == "mod11"
    else:
        assert valid(whole, scheme)


@given(digits, scheme, st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(body: str, scheme: Scheme, at: int, by: int) -> None:
    whole = with_check_digit(body, scheme)
    if whole is None:
        return
    at %= len(whole)
    typed = f"{whole[:at]}{(int(whole[at]) + by) % 10}{whole[at + 1 :]}"
    assert not valid(typed, scheme)


@given(digits, st.integers(0, 10))
def test_two_neighbours_swapped_are_always_noticed_by_mod11(body: str, at: int) -> None:
    whole = with_check_digit(body, "mod11")
    if whole is None:
        return
    at %= len(whole) - 1
    typed = whole[:at] + whole[at + 1] + whole[at] + whole[at + 2 :]
    assert typed == whole or not valid(typed, "mod11")


@given(digits, st.integers(0, 10))
def test_two_neighbours_swapped_are_noticed_by_luhn_but_for_nine_and_nought(body: str, at: int) -> None:
    whole = with_check_digit(body, "luhn") or ""
    at %= len(whole) - 1
    pair = {whole[at], whole[at + 1]}
    typed = whole[:at] + whole[at + 1] + whole[at] + whole[at + 2 :]
    assert len(pair) == 1 or pair == {"0", "9"} or not valid(typed, "luhn")


@given(digits, scheme)
def test_leading_noughts_change_nothing(body: str, scheme: Scheme) -> None:
    whole = with_check_digit(body, scheme)
    if whole:
        assert valid(f"00{whole}", scheme)


@pytest.mark.parametrize("typed", ["", "5", "12a4", "١٢٣٤", " 123", "-12", "1*3#"])
def test_what_is_no_number_is_not_valid(typed: str) -> None:
    assert not any(valid(typed, scheme) for scheme in SCHEMES)
