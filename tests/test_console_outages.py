"""Writing an outage and what becomes of it: every path through the form and the outage's page, without script."""

import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import html as markup
from sqlalchemy import insert, select

from callflows.clock import use_zone
from calls.journal import Journal
from calls.models import CallRecord
from calls.rows import row_of
from outages import repository
from outages.life import Life
from outages.models import Outage, OutageRevision
from people.models import User
from people.roles import Role
from people.service import PeopleService
from people.web import COOKIE
from prompts.prompt import as_text
from storage.database import Database
from storage.types import use_key
from tests.console_world import Browser, ConsoleWorld, console_world
from tests.hotline_world import dial
from tests.outage_world import START
from tests.people_world import signed_in

HOUR = timedelta(hours=1)
NEW = "/console/outages/new"
FAULT = {"where": "Gebze/Yeni Mahalle", "cause": "pipe_burst", "when": "şimdi +3 saat", "do": "publish"}
PLANNED = {"where": "Gebze/Barış", "cause": "maintenance", "when": "yarın 09:00-17:00"}


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    use_zone("Europe/Istanbul")
    async with console_world(db, tmp_path) as made:
        yield made


@pytest.fixture
async def reviewing(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    """Planned work is published by a second person."""
    async with console_world(db, tmp_path, review_planned=True) as made:
        yield made


async def wrote(browser: Browser, **fields: str) -> str:
    """The path of the page of a new outage."""
    sent = await browser.submit(NEW, **fields)
    assert sent.status_code == 303, seen(sent)
    return sent.headers["location"].partition("?")[0]


async def done(browser: Browser, path: str, act: str, **fields: str) -> httpx.Response:
    """An action of the outage's page, with the revision that the page shows."""
    page = await browser.open(path)
    found = re.search(r'name="revision" value="(\d+)"', page.text)
    return await browser.submit(f"{path}/{act}", **{"revision": found[1] if found else "1", **fields})


async def kept(world: ConsoleWorld, outage_id: int = 1) -> tuple[Outage, list[OutageRevision]]:
    async with world.office.db.reading() as session:
        outage = await repository.known(session, outage_id)
        return outage, list(await repository.revisions(session, outage_id))


async def later(world: ConsoleWorld, browser: Browser, name: str, by: timedelta) -> None:
    """Time passes, after which they sign in anew: sessions end when nothing is asked."""
    world.clock.forward(by)
    browser.cookies.set(COOKIE, await signed_in(world.office.signin, name))
    await browser.open("/console/me")


async def call(world: ConsoleWorld, login: str, full_name: str) -> None:
    async with world.office.db.session() as session:
        people = PeopleService(session, world.clock, "tests")
        user = (await session.scalars(select(User).where(User.name == login))).one()
        await people.change(user.id, full_name=full_name)
        await session.commit()


def tree(page: httpx.Response) -> Any:
    return markup.fromstring(page.text)


def seen(page: httpx.Response) -> str:
    """What a reader reads of it."""
    return " ".join(markup.fromstring(page.text or "<p></p>").text_content().split())


def announcements(page: httpx.Response) -> list[str]:
    return [" ".join(each.text_content().split()) for each in tree(page).xpath('.//*[@class="spoken-in"]//blockquote')]


def sounds(page: httpx.Response) -> list[str]:
    return [each.get("src") for each in tree(page).xpath(".//audio")]


async def test_an_outage_is_written_without_script_and_callers_hear_what_the_page_had_said(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator) as browser:
        shown = await browser.submit(NEW, **FAULT | {"do": "preview"})
        turkish, english = announcements(shown)
        assert "boru patlağı" in turkish
        assert "burst pipe" in english
        assert "<b>bugün 12:00 – 15:00</b>" in shown.text
        path = await wrote(browser, **FAULT)
        board = await world.heard()
        line = await dial("9", board, knows=world.places.yeni, at=world.clock())
        heard = as_text(line.call.said())
        assert turkish in heard
        assert english in heard
        page = await browser.open(path)
        assert announcements(page) == [turkish, english]
        outage, _ = await kept(world)
        assert (outage.life, outage.kind, outage.starts) == (Life.active, "fault", START)
        assert outage.expected_end == START + 3 * HOUR


async def test_a_text_that_cannot_go_on_air_is_refused_with_the_precise_sentence(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator) as browser:
        refused = await browser.submit(NEW, **FAULT, announcement_tr="Ayrıntı www.isu.gov.tr/a sayfasında.")
        assert refused.status_code == 422
        assert "Türkçe duyuru: “www.isu.gov.tr/a” telefonda anlaşılmaz; adresi yazıyla anlatın ya da çıkarın." in seen(
            refused
        )
        path = await wrote(browser, **FAULT)
        refused = await done(browser, path, "end", when="at", ended="09:00")
        assert "O saatte henüz başlamamıştı; iptal edin." in seen(refused)


async def test_planned_work_is_previewed_as_it_sounds_now_and_once_it_has_begun(world: ConsoleWorld) -> None:
    async with world.browser(Role.publisher) as browser:
        shown = await browser.submit("/console/outages/preview", **PLANNED)
        now_tr, _, then_tr, then_en = announcements(shown)
        await wrote(browser, **PLANNED, do="publish")
        board = await world.heard()
        line = await dial("", board, knows=world.places.baris, at=world.clock())
        assert now_tr in as_text(line.call.said())
        world.clock.forward(21 * HOUR)
        await world.keeper.refresh()
        line = await dial("9", await world.heard(), knows=world.places.baris, at=world.clock())
        assert then_tr in as_text(line.call.said())
        assert then_en in as_text(line.call.said())


async def test_the_type_ahead_lists_areas_as_options(world: ConsoleWorld) -> None:
    async with world.browser(Role.viewer) as browser:
        options = markup.fragment_fromstring(
            (await browser.get("/console/outages/areas", params={"q": "gebze yeni"})).text, create_parent="ul"
        ).xpath('.//*[@role="option"]')
        assert options[0].get("data-id") == str(world.places.yeni)
        assert options[0].get("data-label") == "Gebze / Yeni Mahalle"
        assert len({option.get("id") for option in options}) == len(options)
        nothing = await browser.get("/console/outages/areas", params={"q": "<script>alert(1)</script>"})
        assert "Böyle bir yer yok" in nothing.text
        assert "<script>" not in nothing.text


async def test_a_name_that_two_areas_have_is_asked_about_and_nothing_is_saved(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator) as browser:
        asked = await browser.submit(NEW, **FAULT | {"where": "Yeni Mahalle; Barış; Nirgendwo"})
        assert asked.status_code == 422
        form = tree(asked).get_element_by_id("outage")
        offered = {box.get("value"): box.get("checked") for box in form.xpath('.//*[@class="did-you-mean"]//input')}
        assert offered.keys() == {str(world.places.yeni), str(world.places.korfez_yeni)}
        assert form.fields["when"] == "şimdi +3 saat"
        assert "Nirgendwo" in seen(asked)
        assert form.xpath(f'.//*[@class="chips"]//input[@value="{world.places.baris}"][@checked]')
        with pytest.raises(Exception, match="no outage 1"):
            await kept(world)
        chosen = [str(world.places.baris), str(world.places.korfez_yeni)]
        path = await browser.submit(NEW, **FAULT | {"where": ""}, area=chosen)
        outage, _ = await kept(world, int(path.headers["location"].rpartition("/")[2].partition("?")[0]))
        assert {place.area_id for place in outage.places} == {world.places.baris, world.places.korfez_yeni}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("where", "", "en az bir yer"),
        ("cause", "", "Nedeni seçin"),
        ("cause", "<b>", "Nedeni seçin"),
        ("when", "", "Zamanı yazın"),
        ("when", "yarın", "saat de yazın"),
        ("when", "bugün 18-14 mart", "saat de yazın"),
        ("subscribers", "çok", "tam sayı"),
        ("crew", "asleep", "ekip durumu"),
        ("tanker_points", "x" * 501, "500"),
        ("announcement_tr", "x" * 1001, "1000"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_the_rest_stays(
    world: ConsoleWorld, field: str, value: str, told: str
) -> None:
    async with world.browser(Role.operator) as browser:
        answer = await browser.submit(NEW, **FAULT | {"tanker_points": "Muhtarlık önü"} | {field: value})
        assert answer.status_code == 422
        form = tree(answer).get_element_by_id("outage")
        wrong = form.get_element_by_id(field)
        assert wrong.get("aria-invalid") == "true"
        about = [form.get_element_by_id(name).text_content() for name in wrong.get("aria-describedby").split()]
        assert told in " ".join(about)
        if field != "tanker_points":
            assert form.get_element_by_id("tanker_points").text == "Muhtarlık önü"
        sent = await browser.submit("/console/outages/preview", **FAULT | {field: value})
        assert sent.status_code == 200


async def test_free_text_is_checked_while_it_is_typed_and_kept_off_the_air(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator) as browser:
        texts = {"announcement_tr": "Bkz. https://example.org/su", "announcement_en": "Call us."}
        shown = await browser.submit("/console/outages/preview", **FAULT | texts)
        said = markup.fragment_fromstring(shown.text, create_parent="div").get_element_by_id("announcement_tr-said")
        assert "telefonda anlaşılmaz" in said.text_content()
        assert said.get("hx-swap-oob") == "true"
        refused = await browser.submit(NEW, **FAULT | texts)
        assert refused.status_code == 422
        assert "telefonda anlaşılmaz" in tree(refused).get_element_by_id("said").text_content()
        draft = await browser.submit(NEW, **FAULT | texts | {"do": "draft"})
        assert draft.status_code == 303


async def test_an_outage_at_the_same_place_is_pointed_out_before_saving(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator) as browser:
        await wrote(browser, **FAULT)
        asked = await browser.submit(NEW, **FAULT | {"where": "Gebze"})
        assert asked.status_code == 409
        note = tree(asked).get_element_by_id("overlap")
        links = [link.get("href") for link in note.xpath(".//a")]
        assert links == ["/console/outages/1", f"/console/outages/1/edit?add={world.places.gebze}"]
        instead = await browser.open(links[1])
        chips = [box.get("value") for box in tree(instead).xpath('.//*[@class="chips"]//input[@checked]')]
        assert chips == [str(world.places.yeni), str(world.places.gebze)]
        told = [box.get("value") for box in note.xpath('.//*[@name="overlaps_seen"]')]
        again = await browser.submit(NEW, **FAULT | {"where": "Gebze"}, overlaps_seen=told)
        assert again.status_code == 303


async def test_streets_go_along_when_they_are_added_to_the_outage_that_is_there(world: ConsoleWorld) -> None:
    yeni, baris = world.places.yeni, world.places.baris
    async with world.browser(Role.operator) as browser:
        await wrote(browser, **FAULT, **{"area": str(yeni), f"streets-{yeni}": "Okul Sk."})
        both = {"area": [str(yeni), str(baris)], f"streets-{yeni}": "Gül & Nar Sk.", f"streets-{baris}": "Çam Sk. <1>"}
        asked = await browser.submit(NEW, **FAULT | {"where": ""}, **both)
        assert asked.status_code == 409
        (link,) = [
            each.get("href") for each in tree(asked).get_element_by_id("overlap").xpath('.//a[@class="button slim"]')
        ]
        instead = tree(await browser.open(link))
        assert instead.get_element_by_id(f"streets-{yeni}").get("value") == "Okul Sk., Gül & Nar Sk."
        assert instead.get_element_by_id(f"streets-{baris}").get("value") == "Çam Sk. <1>"


async def test_english_begins_anew_after_the_turkish_name_of_a_whole_district(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator) as browser:
        shown = await browser.submit("/console/outages/preview", **FAULT | {"where": "Körfez"})
        turkish, english = announcements(shown)
        assert turkish.startswith("Körfez ilçesinde boru patlağı")
        assert english.startswith("Körfez ilçesi. The water is off because of")


async def test_streets_do_not_narrow_an_outage_of_the_whole_place(world: ConsoleWorld) -> None:
    yeni = world.places.yeni
    async with world.browser(Role.operator) as browser:
        await wrote(browser, **FAULT)
        page = await browser.open(f"/console/outages/1/edit?add={yeni}&streets-{yeni}=Okul+Sk.")
        assert tree(page).get_element_by_id(f"streets-{yeni}").get("value") == ""


async def test_the_sound_is_as_long_as_its_prompts_and_only_for_who_asked(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator) as browser, world.browser(Role.viewer) as other:
        shown = await browser.submit("/console/outages/preview", **FAULT)
        path = sounds(shown)[0]
        length = await browser.get(path.replace("/listen?", "/listen/length?"))
        sound = await browser.get(path)
        assert (sound.status_code, sound.headers["content-type"]) == (200, "audio/wav")
        assert sound.content[:4] == b"RIFF"
        seconds = (len(sound.content) - 44) / 2 / 16000
        exactly = await browser.submit("/console/outages/preview", **FAULT)
        told = f"{round(seconds, 1):g}".replace(".", ",") + " sn"
        assert told in length.text
        assert told in exactly.text
        part = await browser.get(path, headers={"Range": "bytes=44-143"})
        assert (part.status_code, part.content) == (206, sound.content[44:144])
        assert part.headers["content-range"] == f"bytes 44-143/{len(sound.content)}"
        assert (await browser.get(path, headers={"Range": f"bytes={len(sound.content)}-"})).status_code == 416
        assert (await other.get(path)).status_code == 422
        assert (await browser.get(re.sub(r"said=.", "said=A", path))).status_code == 422
        world.clock.forward(timedelta(minutes=31))
        assert (await browser.get(path)).status_code == 422


async def test_pages_tell_how_many_call_from_there_and_hear_of_it(world: ConsoleWorld) -> None:
    use_key("a key of the tests")
    now, yeni, baris = world.clock(), world.places.yeni, world.places.baris
    calls = [(yeni, 0.5, "ari"), (yeni, 0.9, "agi"), (yeni, 1.5, "ari"), (yeni, 0.1, "scripted"), (baris, 0.1, "ari")]
    async with world.office.db.session() as session:
        for number, (area, hours, driver) in enumerate(calls):
            began = now - hours * HOUR
            journal = Journal(str(number), None, began, driver, area_id=area, ended=began, outage_ids=[1])
            await session.execute(insert(CallRecord), [row_of(journal, "secret")])
        await session.commit()
    async with world.browser(Role.operator) as browser:
        shown = await browser.submit("/console/outages/preview", **FAULT)
        assert "Son bir saatte oradan 2 arama" in shown.text
        everywhere = await browser.submit("/console/outages/preview", **FAULT | {"where": "Gebze"})
        assert "Son bir saatte oradan 3 arama" in everywhere.text
        assert "2 mahalleden arayanlar" in everywhere.text
        assert "İlçenin bütününü soranlar: Gebze" in everywhere.text
        page = seen(await browser.open(await wrote(browser, **FAULT)))
        assert "Son bir saatte duyan 3 arama · Son 24 saatte 4 arama" in page


async def test_planned_work_waits_for_a_second_person(reviewing: ConsoleWorld) -> None:
    world = reviewing
    async with world.browser(Role.publisher, "ayse") as ayse, world.browser(Role.publisher, "can") as can:
        refused = await ayse.submit(NEW, **PLANNED, do="publish")
        assert refused.status_code == 422
        assert "ikinci bir kişi" in seen(refused)
        path = await wrote(ayse, **PLANNED, do="review")
        assert "act-approve" not in (await ayse.open(path)).text
        assert "ikinci bir kişi" in seen(await ayse.open(path))
        own = await done(ayse, path, "publish")
        assert own.status_code == 409
        back = await done(can, path, "send-back", reason="")
        assert (back.status_code, "Neden geri gönderdiğinizi yazın" in seen(back)) == (422, True)
        assert (await done(can, path, "send-back", reason="Saatler yanlış")).status_code == 303
        page = seen(await ayse.open(path))
        assert "“Saatler yanlış”" in page
        assert (await done(ayse, path, "submit")).status_code == 303
        assert (await done(can, path, "publish")).status_code == 303
        outage, revisions = await kept(world)
        assert (outage.life, outage.approved_by) == (Life.scheduled, "can")
        assert [each.what for each in revisions] == ["created", "submitted", "sent_back", "submitted", "published"]


async def test_a_draft_goes_out_at_its_hour_and_not_before(world: ConsoleWorld) -> None:
    async with world.browser(Role.publisher) as browser:
        path = await wrote(browser, **PLANNED, do="later", publish_at="16:00")
        assert "bugün 16:00" in seen(await browser.open(path))
        assert (await world.heard()).outages == ()
        await later(world, browser, "publisher", 4 * HOUR + timedelta(minutes=1))
        await world.heard()
        await world.keeper.refresh()
        assert [view.id for view in world.keeper.board.outages] == [1]
        late = await browser.submit(NEW, **PLANNED | {"where": "Körfez"}, do="later", publish_at="dün")
        assert late.status_code == 422
        assert tree(late).get_element_by_id("publish_at").get("aria-invalid") == "true"


async def test_a_change_is_undone_within_half_a_minute_and_only_then(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator) as browser:
        path = await wrote(browser, **FAULT)
        assert (await done(browser, path, "extend", by="1")).status_code == 303
        page = await browser.open(path)
        assert 'data-countdown="30.0"' in page.text
        world.clock.forward(timedelta(seconds=29))
        assert (await done(browser, path, "undo")).status_code == 303
        outage, _ = await kept(world)
        assert outage.expected_end == START + 3 * HOUR
        assert (await done(browser, path, "extend", by="2", reason="Parça bekleniyor")).status_code == 303
        world.clock.forward(timedelta(seconds=31))
        assert "data-countdown" not in (await browser.open(path)).text
        late = await done(browser, path, "undo")
        assert (late.status_code, "Geri almak için geç" in seen(late)) == (409, True)


async def test_an_outage_is_extended_ended_opened_again_and_cancelled(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator) as browser:
        path = await wrote(browser, **FAULT)
        assert (await done(browser, path, "extend", by="own", until="02:00")).status_code == 303
        outage, _ = await kept(world)
        assert outage.expected_end == START + 14 * HOUR
        wrong = await done(browser, path, "extend", by="own", until="<i>sonra</i>")
        assert wrong.status_code == 422
        assert tree(wrong).get_element_by_id("until").get("value") == "<i>sonra</i>"
        await later(world, browser, "operator", 2 * HOUR)
        future = await done(browser, path, "end", when="at", ended="23:00")
        assert (future.status_code, "gelecekte" in seen(future)) == (422, True)
        assert (await done(browser, path, "end", when="at", ended="13:30")).status_code == 303
        outage, _ = await kept(world)
        assert (outage.life, outage.actual_end) == (Life.restored, START + 1.5 * HOUR)
        assert (await done(browser, path, "reopen")).status_code == 422
        assert (await done(browser, path, "reopen", reason="Su yine yok")).status_code == 303
        assert (await kept(world))[0].life is Life.active
        assert (await done(browser, path, "cancel")).status_code == 422
        assert (await done(browser, path, "cancel", reason="Yanlış yer")).status_code == 303
        assert (await kept(world))[0].life is Life.cancelled
        assert (await browser.open(f"{path}/edit")).status_code == 409


async def test_the_history_tells_who_when_why_what_and_what_was_on_air(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator, "ayse.kaya") as browser:
        await call(world, "ayse.kaya", "Ayşe Kaya")
        path = await wrote(browser, **FAULT)
        before = (await browser.submit("/console/outages/preview?outage=1", **FAULT)).text
        await later(world, browser, "ayse.kaya", HOUR)
        fields = FAULT | {"when": "bugün 12-19", "reason": "Kazı sürüyor", "revision": "1", "tanker_points": "Cami önü"}
        assert (await browser.submit(f"{path}/edit", **fields)).status_code == 303
        page = await browser.open(path)
        step = tree(page).xpath('.//ol[contains(@class, "history")]/li')[0]
        told = " ".join(step.text_content().split())
        assert told.startswith("Değişti Ayşe Kaya (ayse.kaya) 25 Kas 2026 13:00:00 “Kazı sürüyor”")
        assert "Beklenen bitiş: bugün 15:00 → bugün 19:00" in told
        assert "Tanker noktaları: Cami önü" in told
        on_air = step.xpath(".//blockquote")[0].text_content()
        assert html.escape(on_air, quote=False).split("'")[0] in before
        assert "on beşte" in on_air


async def test_the_second_of_two_editors_loses_nothing(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator, "ayse") as ayse, world.browser(Role.operator, "can") as can:
        path = await wrote(ayse, **FAULT | {"tanker_points": "Okul"})
        form = markup.fromstring((await can.open(f"{path}/edit")).text).get_element_by_id("outage")
        base = {name: value for name, value in form.fields.items() if value} | {"area": str(world.places.yeni)}
        mine = base | {"tanker_points": "Cami", "crew": "on_site"}
        theirs = base | {"tanker_points": "Park", "subscribers": "1250"}
        await ayse.open(f"{path}/edit")
        assert (await ayse.submit(f"{path}/edit", **theirs | {"csrf": ayse.csrf, "do": "publish"})).status_code == 303
        told = await can.submit(f"{path}/edit", **mine | {"csrf": can.csrf, "do": "publish"})
        assert told.status_code == 412
        rows = {
            row[0].text_content(): row for row in tree(told).xpath('.//table[contains(@class, "versions")]/tbody/tr')
        }
        tankers = next(row for name, row in rows.items() if "Tanker" in name)
        assert [" ".join(cell.text_content().split()) for cell in tankers[1:]] == ["Okul", "Park", "Cami"]
        assert "ikiniz de değiştirdiniz" in tankers.text_content()
        assert len(rows) == 3
        on_top = tree(told).xpath(f'.//form[@action="{path}/edit"]')[0]
        assert on_top.fields["tanker_points"] == "Cami"
        again = dict(on_top.fields.items()) | {"do": "publish"}
        saved = await can.submit(f"{path}/edit", **{name: value for name, value in again.items() if value})
        assert saved.status_code == 303
        outage, _ = await kept(world)
        assert (outage.tanker_points, outage.subscribers, outage.crew) == ("Cami", 1250, "on_site")


async def test_roles_at_the_form(world: ConsoleWorld) -> None:
    async with world.browser(Role.operator, "ayse") as operator, world.browser(Role.publisher, "can") as publisher:
        refused = await operator.submit(NEW, **PLANNED, do="publish", tanker_points="Okul")
        assert refused.status_code == 403
        assert tree(refused).get_element_by_id("tanker_points").text == "Okul"
        path = await wrote(operator, **PLANNED, do="draft")
        assert (await done(operator, path, "publish")).status_code == 403
        assert (await done(publisher, path, "publish")).status_code == 303
        edit = {"when": "yarın 09:00-18:00", "revision": "2"}
        assert (await operator.submit(f"{path}/edit", **PLANNED | edit, do="publish")).status_code == 403
        assert (await done(operator, path, "cancel", reason="Neden yok")).status_code == 403
        assert (await done(operator, path, "extend", by="1")).status_code == 303
        fault = await wrote(operator, **FAULT)
        as_planned = FAULT | {"kind": "planned", "revision": "1"}
        assert (await operator.submit(f"{fault}/edit", **as_planned)).status_code == 403


async def test_the_list_shows_searches_pages_and_exports(world: ConsoleWorld) -> None:
    async with world.browser(Role.publisher) as browser:
        await wrote(browser, **FAULT)
        await wrote(browser, **PLANNED, do="publish")
        await wrote(browser, **PLANNED | {"where": "Körfez"}, do="review", tanker_points="Şehit Parkı")

        async def shown(**query: str) -> set[str]:
            page = await browser.open("/console/outages", **query)
            assert page.status_code == 200
            links = [link.get("href") for link in tree(page).xpath('.//table[contains(@class, "outages")]//td//a')]
            return {str(link).rpartition("/")[2] for link in links}

        assert await shown() == {"1"}
        assert await shown(show="next") == {"2"}
        assert await shown(show="drafts") == {"3"}
        assert await shown(q="sehit") == {"3"}
        assert await shown(area="Gebze") == {"1", "2"}
        assert await shown(area="gebze/barış") == {"2"}
        assert await shown(kind="planned", life="scheduled") == {"2"}
        assert await shown(since="2026-11-26", show="all") == {"1", "2", "3"}
        assert await shown(until="2026-11-25", show="all") == {"1"}
        wrong = await browser.open("/console/outages", area="Yeni", since="gestern")
        assert "Gebze / Yeni Mahalle" in seen(wrong)
        assert "Tarihi" in seen(wrong)
        assert await shown(since="0001-01-01", until="9999-12-31", show="all") == {"1", "2", "3"}
        table = await browser.get("/console/outages/export.csv", params={"show": "now"})
        assert "Yeni Mahalle" in table.text
        assert "Barış" not in table.text
        book = await browser.get("/console/outages/export.xlsx", params={"area": "Gebze"})
        assert book.content[:2] == b"PK"


async def test_templates_and_copies_bring_all_but_the_times(world: ConsoleWorld) -> None:
    async with world.browser(Role.publisher) as browser:
        path = await wrote(browser, **FAULT | {"tanker_points": "Okul önü"})
        assert (await done(browser, path, "template", name="Boru patlağı, Yeni")).status_code == 303
        listed = await browser.open(NEW)
        assert "Boru patlağı, Yeni" in seen(listed)
        for query in ("template=1", "copy=1"):
            form = markup.fromstring((await browser.open(f"{NEW}?{query}")).text).get_element_by_id("outage")
            assert (form.fields["cause"], form.fields["when"]) == ("pipe_burst", "şimdi +3 saat")
            assert form.get_element_by_id("tanker_points").text == "Okul önü"
            assert form.xpath(f'.//*[@class="chips"]//input[@value="{world.places.yeni}"][@checked]')
        assert (await browser.open(f"{NEW}?template=99")).status_code == 404


PAYLOAD = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"


async def test_nothing_that_is_typed_becomes_markup(world: ConsoleWorld) -> None:
    texts = dict.fromkeys(("tanker_points", "announcement_tr", "announcement_en", "reason"), PAYLOAD)
    streets = {f"streets-{world.places.yeni}": PAYLOAD}
    async with world.browser(Role.publisher) as browser:
        fault = FAULT | {"where": "", "area": str(world.places.yeni)}
        path = await wrote(browser, **fault | texts | streets)
        typed = dict.fromkeys(
            ("where", "when", "cause", "kind", "subscribers", "crew", "publish_at", "when_shown"), PAYLOAD
        )
        await done(browser, path, "template", name=PAYLOAD)
        await browser.submit(f"{path}/edit", **fault | texts | {"revision": "1", "reason": "y" + PAYLOAD})
        pages = [
            await browser.open(path),
            await browser.open(f"{path}/edit"),
            await browser.open(NEW),
            await browser.open("/console/outages"),
            await browser.open("/console/outages", q=PAYLOAD, area=PAYLOAD, kind="", life="<script>", since="<script>"),
            await browser.submit(NEW, **fault | texts | streets | typed),
            await browser.submit("/console/outages/preview", **fault | texts | streets),
            await browser.submit("/console/outages/preview", **fault | texts | streets | typed),
            await browser.submit(f"{path}/edit", **fault | texts | streets | {"revision": "1", "crew": "on_site"}),
            await done(browser, path, "extend", by="own", until=PAYLOAD, reason=PAYLOAD),
            await done(browser, path, "end", when="at", ended=PAYLOAD, reason=PAYLOAD),
            await done(browser, path, "reopen", reason=PAYLOAD),
            await done(browser, path, "cancel", reason=PAYLOAD),
        ]
        statuses = [page.status_code for page in pages]
        assert statuses == [200, 200, 200, 200, 200, 422, 200, 200, 412, 422, 422, 303, 303]
        pages.append(await browser.open(path))
        shown = 0
        for page in pages:
            assert "<script>alert" not in page.text
            assert "<img" not in page.text
            shown += "&lt;script&gt;" in page.text
        assert shown > 7


async def test_every_field_has_a_label_and_every_reference_leads_somewhere(world: ConsoleWorld) -> None:
    async with world.browser(Role.publisher) as browser:
        path = await wrote(browser, **FAULT)
        draft = await wrote(browser, **PLANNED, do="draft")
        pages = [
            await browser.open(path),
            await browser.open(draft),
            await browser.open(f"{path}/edit"),
            await browser.open("/console/outages", show="all", area="nirgends"),
            await browser.submit(NEW, **FAULT | {"where": "Yeni Mahalle", "when": "?", "cause": "", "crew": "x"}),
            await browser.submit(f"{path}/edit", **FAULT | {"revision": "9", "where": "Gebze"}),
        ]
        for page in pages:
            whole = tree(page)
            ids = [element.get("id") for element in whole.xpath(".//*[@id]")]
            assert len(ids) == len(set(ids)), sorted(name for name in ids if ids.count(name) > 1)
            for field in whole.xpath('.//input[not(@type="hidden")] | .//select | .//textarea[not(@hidden)]'):
                labelled = whole.xpath(f'.//label[@for="{field.get("id")}"]') if field.get("id") else []
                assert labelled or list(field.iterancestors("label")), markup.tostring(field)
            for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
                for element in whole.xpath(f".//*[@{name}]"):
                    assert set(element.get(name).split()) <= set(ids), (name, element.get(name))
