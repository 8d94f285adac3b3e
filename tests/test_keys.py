from hypothesis import given
from hypothesis import strategies as st

from outages.keys import folded, keypad, search_key, sort_key

TURKISH = st.text("abcçdefgğhıijklmnoöprsştuüvyzABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZ '.-0123456789")


def upper(text: str) -> str:
    return text.replace("i", "İ").replace("ı", "I").upper()


def test_a_name_is_found_however_it_is_typed() -> None:
    assert search_key("IĞDIR") == search_key("Iğdır") == "ığdır"
    assert search_key("İZMİT") == search_key("İzmit") == search_key("I\u0307zmi\u0307t") == "izmit"
    assert search_key("  Abdi   İPEKÇİ Mah.") == "abdi ipekçi mah"
    assert search_key("Kur’an") == search_key("Kur'an") == "kuran"
    assert folded("Göztepe") == folded("goztepe") == "goztepe"
    assert folded("Iğdır") == folded("igdir") == "igdir"
    assert folded("Kâzım") == "kazim"


def test_turkish_letters_lie_on_their_latin_keys() -> None:
    assert [keypad(letter) for letter in "ÇĞİIÖŞÜ"] == [keypad(letter) for letter in "çğiıöşü"] == list("2444678")
    assert keypad("Gebze") == "43293"
    assert keypad("Karamürsel")[:3] == keypad("Kartepe")[:3] == "527"
    assert keypad("17 Ağustos") == "172487867"


def test_alphabetical_order_is_the_turkish_one() -> None:
    names = ["Zeytinburnu", "İzmit", "Iğdır", "Çarşı", "Cuma", "Darıca", "17 Ağustos", "Üç", "Uzun", "Şen", "Sarı"]
    ordered = ["17 Ağustos", "Cuma", "Çarşı", "Darıca", "Iğdır", "İzmit", "Sarı", "Şen", "Uzun", "Üç", "Zeytinburnu"]
    assert sorted(names, key=sort_key) == ordered


@given(TURKISH)
def test_case_makes_no_difference(text: str) -> None:
    assert search_key(upper(text)) == search_key(text)
    assert keypad(upper(text)) == keypad(text)


@given(st.text())
def test_keys_of_any_text_hold_only_what_they_may(text: str) -> None:
    assert search_key(search_key(text)) == search_key(text)
    assert set(keypad(text)) <= set("0123456789")
    assert set(folded(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ") or not folded(text).isascii()


@given(TURKISH, TURKISH)
def test_keys_typed_so_far_begin_the_keys_of_the_name(start: str, rest: str) -> None:
    assert keypad(start + rest).startswith(keypad(start))
