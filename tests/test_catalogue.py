from pathlib import Path

import pytest

from prompts.catalogue import CatalogueError, MissingSlot, UnknownPhrase, UnknownSlot, load_catalogue

TURKISH = """
"menu.main" = "Arıza bildirmek için iki."
"outage.until" = "Suyun {time} verilmesi bekleniyor."
"hazard.warning" = { text = "Lütfen uzak durun.", skippable = false }
"""
ENGLISH = """
"menu.main" = "To report a fault, press two."
"outage.until" = "The water is expected back {time}."
"hazard.warning" = { text = "Please stay away.", skippable = false }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    write(folder / "tr.toml", TURKISH)
    write(folder / "en.toml", ENGLISH)
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    own = tmp_path / "own"
    own.mkdir()
    return own


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def test_the_shipped_catalogue_is_without_problems() -> None:
    catalogue = load_catalogue()
    assert catalogue.keys()
    assert catalogue.problems() == []


def test_a_phrase_is_said_with_its_slots_filled(folder: Path) -> None:
    prompt = load_catalogue(folder=folder).phrase("outage.until", "tr", time="bugün saat on yedide")
    assert (prompt.key, prompt.language, prompt.skippable) == ("outage.until", "tr", True)
    assert prompt.text == "Suyun bugün saat on yedide verilmesi bekleniyor."


def test_a_slot_value_is_never_taken_for_a_slot(folder: Path) -> None:
    assert "{time}" in load_catalogue(folder=folder).phrase("outage.until", "en", time="{time}").text


def test_a_hazard_warning_cannot_be_skipped(folder: Path) -> None:
    assert not load_catalogue(folder=folder).phrase("hazard.warning", "en").skippable


def test_what_can_be_rendered_before_the_first_call(folder: Path) -> None:
    catalogue = load_catalogue(folder=folder)
    assert [(prompt.language, prompt.key) for prompt in catalogue.statics()] == [
        *(("tr", "menu.main"), ("tr", "hazard.warning"), ("en", "menu.main"), ("en", "hazard.warning")),
    ]
    assert catalogue.slots("outage.until") == {"time"}
    assert catalogue.slots("menu.main") == frozenset()


def test_phrases_that_cannot_be_said_are_refused(folder: Path) -> None:
    catalogue = load_catalogue(folder=folder)
    with pytest.raises(UnknownPhrase, match=r"menu\.mian"):
        catalogue.phrase("menu.mian", "tr")
    with pytest.raises(UnknownPhrase, match=r"menu\.mian"):
        catalogue.slots("menu.mian")
    with pytest.raises(MissingSlot, match=r"\{time\}"):
        catalogue.phrase("outage.until", "tr")
    with pytest.raises(UnknownSlot, match=r"\{area\}"):
        catalogue.phrase("outage.until", "tr", time="yarın", area="Gebze'de")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('"menu.new" = "Yeni"', '"menu.new" has no text in en'),
        ('"outage.cause" = "{cause} nedeniyle"', "different slots"),
        ('"welcome.line" = "Alo 185"', "holds a digit"),
        ('"welcome.line" = "Alo ½"', "holds a digit"),
        ('"welcome.line" = "Merhaba {ad"', "brace"),
        ('"welcome.line" = "Merhaba {Ad}"', "brace"),
        ('"welcome.line" = "  "', "is empty"),
        (f'"welcome.line" = "{"su " * 200}"', "599 characters"),
        ('"welcome.line" = { text = "Merhaba", skippable = false }', "skipped in one language only"),
    ],
)
def test_the_check_tells_what_a_caller_would_hear_wrongly(folder: Path, line: str, complaint: str) -> None:
    write(folder / "tr.toml", TURKISH + line)
    write(folder / "en.toml", ENGLISH + '"welcome.line" = "Hello"\n"outage.cause" = "because of works"')
    others = {'"welcome.line" has no text in tr; add it.', '"outage.cause" has no text in tr; add it.'}
    found = [problem for problem in load_catalogue(folder=folder).problems() if problem not in others]
    assert len(found) == 1
    assert complaint in found[0]


def test_text_over_several_lines_is_one_sentence(folder: Path) -> None:
    write(folder / "en.toml", '"menu.main" = """\nTo report a fault,\n   press two."""')
    assert load_catalogue(folder=folder).phrase("menu.main", "en").text == "To report a fault, press two."


def test_operators_replace_single_phrases(folder: Path, own: Path) -> None:
    write(own / "tr.toml", '"outage.until" = "Suyunuz {time} gelecek."')
    catalogue = load_catalogue(own, folder)
    assert catalogue.phrase("outage.until", "tr", time="yarın").text == "Suyunuz yarın gelecek."
    assert catalogue.phrase("outage.until", "en", time="soon").text.startswith("The water")
    assert catalogue.problems() == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('"menu.mian" = "Merhaba"', '"menu.mian" is no phrase of the line; did you mean "menu.main"?'),
        ('"zzz.qqq" = "Merhaba"', "remove it"),
        ('"outage.until" = "Suyunuz gelecek."', '"outage.until" must hold exactly {time}'),
        ('"menu.main" = "{time}"', '"menu.main" must hold exactly no slots'),
        ('"menu.main" = 5', "must be a text"),
        ('"menu.main" = { text = "Merhaba", loud = true }', "unknown setting loud"),
        ('"menu.main" = { text = "Merhaba", skippable = "no" }', "skippable = true or false"),
        ('menu.main = "Merhaba"', '"menu" as one quoted key'),
        ('"menu.main" = "Merhaba', "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(folder: Path, own: Path, text: str, complaint: str) -> None:
    write(own / "tr.toml", text)
    with pytest.raises(CatalogueError) as refusal:
        load_catalogue(own, folder)
    message = str(refusal.value)
    assert complaint in message
    assert "tr.toml" in message
    assert "\n" not in message


def test_files_that_are_missing_or_unreadable_are_named(folder: Path, own: Path) -> None:
    with pytest.raises(CatalogueError, match=r"nowhere, does not exist"):
        load_catalogue(own / "nowhere", folder)
    (own / "tr.toml").write_bytes('"menu.main" = "Arıza"'.encode("iso-8859-9"))
    with pytest.raises(CatalogueError, match=r"tr\.toml cannot be read"):
        load_catalogue(own, folder)
    (folder / "en.toml").unlink()
    with pytest.raises(CatalogueError, match=r"en\.toml cannot be read"):
        load_catalogue(folder=folder)


def test_a_file_for_a_language_without_grammar_is_refused(folder: Path) -> None:
    write(folder / "de.toml", '"menu.main" = "Störung melden: zwei."')
    with pytest.raises(CatalogueError, match=r"de\.toml is for no known language"):
        load_catalogue(folder=folder)


def test_each_error_has_a_code_of_its_own() -> None:
    errors = (CatalogueError, UnknownPhrase, MissingSlot, UnknownSlot)
    assert len({error.code for error in errors}) == len(errors)
