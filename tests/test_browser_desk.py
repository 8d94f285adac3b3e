"""Operators at work in a real browser, without telephones: imports, two at once, no scripts, roles, attackers."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from outages.models import Outage
from outages.service import OutageService
from people.roles import Role
from tests.browser import nothing_foreign
from tests.browser_desk import ConsoleDesk, in_one_loop, on_sqlite
from tests.filled_desk import fill, pages
from tests.hostile_words import ATTACK, FOREIGN
from tests.outage_world import fault

pytestmark = in_one_loop

GOOD = "id;ilçe;mahalle;tip;başlangıç;bitiş\nA1;Gebze;Barış;arıza;25.11.2026 11:00;\n"
BAD = f"A2;Gebze;Yokköy;arıza;25.11.2026 11:00;\nA3;Gebze;{ATTACK.replace(chr(34), '')};arıza;dün;\n"


async def outages(at_desk: ConsoleDesk) -> list[Outage]:
    async with at_desk.world.office.db.reading() as session:
        return list(await session.scalars(select(Outage).order_by(Outage.id)))


async def published(at_desk: ConsoleDesk) -> int:
    world = at_desk.world
    async with world.office.db.session() as session:
        outage = await OutageService(session, world.clock, "mehmet").create(fault(world.places.yeni))
        await session.commit()
        number = outage.id
    await world.heard()
    return number


async def test_a_file_with_bad_rows_is_shown_row_by_row_and_not_saved(at_desk: ConsoleDesk, tmp_path: Path) -> None:
    file = tmp_path / "kesintiler.csv"
    async with at_desk.signed_in(Role.publisher, bypass_csp=True) as page:
        file.write_text(GOOD + BAD)
        await page.goto("/console/import")
        await page.set_input_files("#file", file)
        await page.get_by_role("button", name="bak").click()
        rows = page.locator("table.rows tbody tr")
        await expect(rows).to_have_count(3)
        await expect(rows.nth(1)).to_contain_text("Yokköy")
        assert not await page.locator(FOREIGN).count()
        await expect(page.locator("form[action^='/console/import/'] button.main")).to_have_count(0)
        assert not await outages(at_desk)

        file.write_text(GOOD)
        await page.goto("/console/import")
        await page.set_input_files("#file", file)
        await page.get_by_role("button", name="bak").click()
        await page.locator("main form button.main").click()
        await expect(page.get_by_role("status")).to_be_visible()
    assert [outage.external_id for outage in await outages(at_desk)] == ["A1"]


async def test_whoever_saves_second_is_told_and_loses_nothing(at_desk: ConsoleDesk) -> None:
    number = await published(at_desk)
    async with at_desk.signed_in(Role.operator, "ayse") as first, at_desk.signed_in(Role.operator, "fatma") as second:
        for page in (first, second):
            await page.goto(f"/console/outages/{number}/edit")
            await page.locator("details.more > summary").click()
        await first.locator("#tanker_points").fill("Cumhuriyet Meydanı")
        await first.locator("button[value=publish]").click()
        await first.wait_for_url(re.compile(rf"/console/outages/{number}(\?|$)"))
        await second.locator("#subscribers").fill("240")
        await second.locator("button[value=publish]").click()
        await expect(second.get_by_text("Siz yazarken bu kesinti değişti")).to_be_visible()
        assert [(o.tanker_points, o.subscribers) for o in await outages(at_desk)] == [("Cumhuriyet Meydanı", None)]
        await second.get_by_role("button", name="Benim değişikliklerimi üstüne uygula").click()
        await second.wait_for_url(re.compile(rf"/console/outages/{number}(\?|$)"))
    assert [(o.tanker_points, o.subscribers) for o in await outages(at_desk)] == [("Cumhuriyet Meydanı", 240)]


@on_sqlite
async def test_without_scripts_an_outage_is_written_looked_at_and_published(at_desk: ConsoleDesk) -> None:
    async with at_desk.signed_in(Role.operator, java_script_enabled=False) as page:
        await page.goto("/console/outages/new")
        await page.locator("#where").fill("Gebze/Yeni Mahalle")
        await page.locator("#cause").select_option("pump_fault")
        await page.locator("#when").fill("şimdi +3 saat")
        await page.get_by_role("button", name="Önizle").click()
        await expect(page.locator("#preview")).to_contain_text("pompa arızası")
        await page.locator("button[value=publish]").click()
        await page.wait_for_url(re.compile(r"/console/outages/\d+"))
    (outage,) = await outages(at_desk)
    assert (outage.cause, outage.life, [p.area_id for p in outage.places]) == (
        "pump_fault",
        "active",
        [at_desk.world.places.yeni],
    )


@on_sqlite
@pytest.mark.parametrize("role", list(Role))
async def test_nobody_is_offered_what_they_may_not_do(at_desk: ConsoleDesk, role: Role) -> None:
    """Every link of every page that they see leads somewhere, and every form that they see is theirs to send."""
    parts = await fill(at_desk.world)
    async with at_desk.signed_in(role) as page:
        seen, waiting = set[str](), ["/console"]
        while waiting:
            path = waiting.pop()
            seen.add(path)
            answer = await page.goto(path)
            assert answer
            assert answer.status == 200, f"{role} is offered {path}: {answer.status}"
            hrefs = await page.evaluate("[...document.querySelectorAll(\"a[href^='/console']\")].map(a => a.pathname)")
            found = {href for href in hrefs if not re.search("export|oidc|reports/file", href)}
            waiting = sorted(found - seen | set(waiting))
    mine = {path for path in pages(at_desk.world, parts) if path in seen}
    assert len(mine) >= 6
    assert any(path.startswith("/console/system") for path in mine) == (role is Role.administrator)


@on_sqlite
async def test_attacks_typed_into_every_field_come_back_as_text(at_desk: ConsoleDesk) -> None:
    """Whatever a form answers, saved or refused, shows what was typed and nothing else."""
    paths = pages(at_desk.world, await fill(at_desk.world))
    async with at_desk.signed_in(Role.administrator, bypass_csp=True) as page:
        sent = set[str]()
        for path in paths:
            here = set[str]()
            await page.goto(path)
            while unsent := await page.evaluate(UNSENT, sorted(here)):
                here.add(unsent)
                async with page.expect_navigation():
                    await page.evaluate(TYPED, [unsent, ATTACK])
                await nothing_foreign(page)
                await page.goto(path)
            sent |= here
        assert len(sent) > 30


FORMS = """
    const kind = form => new URL(form.action).pathname.replaceAll(/\\d+/g, '#');
    const fields = form => [...form.querySelectorAll('input, textarea')].filter(
        f => !['hidden', 'checkbox', 'radio', 'file', 'submit', 'date', 'datetime-local'].includes(f.type));
    const ends = /language|sign-out|me\\/password|end-others|deactivate|role/;
    const forms = [...document.querySelectorAll('form[method=post]')].filter(
        form => !ends.test(form.action) && fields(form).length);"""
"""Those with fields, without those that would end the walk. Rows of one kind have the same form."""
UNSENT = f"sent => {{ {FORMS} return forms.map(kind).find(one => !sent.includes(one)); }}"
TYPED = f"""([wanted, attack]) => {{ {FORMS}
    const form = forms.find(one => kind(one) === wanted);
    for (const field of fields(form)) {{ field.removeAttribute('maxlength'); field.value = attack; }}
    HTMLFormElement.prototype.submit.call(form); }}"""
