"""What administrators look after: people, keys, webhooks, the audit log. Secrets are shown once, names stay text."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import html as markup
from sqlalchemy import select

from outages.service import OutageService
from outbox.models import Endpoint
from people import audit
from people.apikeys import presented
from people.errors import SignInRefused
from people.models import User
from people.roles import Role
from storage.database import Database
from storage.types import use_key
from tests.console_world import Browser, ConsoleWorld, console_world
from tests.outage_world import HOUR, fault
from tests.people_world import BROWSER, add_person, tamper

PEOPLE, KEYS, HOOKS, AUDIT = (f"/console/system/{name}" for name in ("people", "keys", "webhooks", "audit"))
XSS = '"><script>alert(1)</script>'
SAFE = "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[ConsoleWorld]:
    use_key("the key of protected columns in tests")
    async with console_world(db, tmp_path) as made:
        yield made


@pytest.fixture
async def admin(world: ConsoleWorld) -> AsyncIterator[Browser]:
    async with world.browser(Role.administrator) as browser:
        await browser.open("/console/system")
        yield browser


def shown_once(page: str) -> str:
    found = re.search(r'id="secret" value="([^"]+)"', page)
    assert found, page
    return found[1]


async def named(world: ConsoleWorld, name: str) -> User:
    async with world.office.db.reading() as session:
        return (await session.scalars(select(User).where(User.name == name))).one()


async def test_somebody_new_gets_a_password_that_is_shown_once(world: ConsoleWorld, admin: Browser) -> None:
    made = await admin.submit(PEOPLE, name="ayse", full_name=f"Ayşe {XSS}", role="operator")
    password = shown_once(made.text)
    assert SAFE in made.text
    assert "<script>alert" not in made.text
    user = await named(world, "ayse")
    assert (user.role, user.must_change) == (Role.operator, True)
    for page in (PEOPLE, f"{PEOPLE}/{user.id}", AUDIT):
        answer = await admin.open(page)
        assert password not in answer.text
        assert "<script>alert" not in answer.text
    assert await world.office.signin.password("ayse", password, *BROWSER)


async def test_what_was_typed_stays_when_a_person_is_refused(world: ConsoleWorld, admin: Browser) -> None:
    await add_person(world.office.db, "ayse", Role.operator, world.clock)
    taken = await admin.submit(PEOPLE, name="ayse", full_name="Ayşe Kaya", role="publisher")
    assert taken.status_code == 422
    assert "Bu ad zaten kullanılıyor" in taken.text
    assert 'value="Ayşe Kaya"' in taken.text
    assert '<option value="publisher" selected>' in taken.text


async def test_a_deactivated_person_is_out_until_activated_again(world: ConsoleWorld, admin: Browser) -> None:
    async with world.browser(Role.operator, "ayse") as theirs:
        user = await named(world, "ayse")
        assert (await theirs.get("/console")).status_code == 200
        assert (await admin.submit(f"{PEOPLE}/{user.id}/deactivate")).status_code == 303
        assert (await theirs.get("/console")).status_code == 303
    await admin.submit(f"{PEOPLE}/{user.id}/activate")
    assert (await named(world, "ayse")).active


async def test_another_role_and_a_reset_password_end_sessions(world: ConsoleWorld, admin: Browser) -> None:
    async with world.browser(Role.operator, "ayse") as theirs:
        user = await named(world, "ayse")
        await admin.submit(f"{PEOPLE}/{user.id}", full_name="Ayşe", role="publisher", language="en")
        assert (await theirs.get("/console")).status_code == 303
    changed = await named(world, "ayse")
    assert (changed.role, changed.full_name, changed.language) == (Role.publisher, "Ayşe", "en")
    password = shown_once((await admin.submit(f"{PEOPLE}/{user.id}/password")).text)
    token = await world.office.signin.password("ayse", password, *BROWSER)
    await admin.submit(f"{PEOPLE}/{user.id}/end-sessions")
    assert await world.office.signin.who(token) is None


async def test_the_last_administrator_stays(world: ConsoleWorld, admin: Browser) -> None:
    user = await named(world, "administrator")
    for path, fields in ((f"{PEOPLE}/{user.id}/deactivate", {}), (f"{PEOPLE}/{user.id}", {"role": "viewer"})):
        refused = await admin.submit(path, full_name="A", **fields)
        assert refused.status_code in (409, 422)
        assert "son yönetici" in refused.text
    assert (await named(world, "administrator")).role is Role.administrator


async def test_a_key_is_shown_once_and_works_until_it_is_revoked(world: ConsoleWorld, admin: Browser) -> None:
    made = await admin.submit(KEYS, name=f"scada {XSS}", scopes=["read", "outages"], expires="2026-11-26")
    secret = shown_once(made.text)
    assert "<script>alert" not in made.text
    listed = (await admin.open(KEYS)).text
    assert secret not in listed
    assert SAFE in listed
    holder = await presented(world.office.db, secret, world.clock)
    assert holder
    assert holder.scopes == {"read", "outages"}
    assert (await admin.submit(f"{KEYS}/revoke", name=f"scada {XSS}")).status_code == 303
    assert await presented(world.office.db, secret, world.clock) is None
    assert "iptal" in (await admin.open(KEYS)).text


async def test_a_keys_last_day_is_whole(world: ConsoleWorld, admin: Browser) -> None:
    secret = shown_once((await admin.submit(KEYS, name="scada", scopes="read", expires="2026-11-25")).text)
    world.clock.forward(11 * HOUR)  # 23:00 in Istanbul
    assert await presented(world.office.db, secret, world.clock)
    world.clock.forward(HOUR)
    assert await presented(world.office.db, secret, world.clock) is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"scopes": "read"}, "Bu ad kabul edilmiyor"),
        ({"name": "x"}, "En az bir yetki"),
        ({"name": "x", "scopes": "read", "expires": "2026-11-01"}, "Son gün ileride"),
        ({"name": "x", "scopes": "read", "expires": "yarın"}, "Son gün ileride"),
        ({"name": "x", "scopes": "everything"}, "anlaşılamadı"),
    ],
)
async def test_a_key_that_cannot_be_is_refused(admin: Browser, fields: dict[str, str], said: str) -> None:
    refused = await admin.submit(KEYS, **fields)
    assert refused.status_code == 422
    assert said in refused.text
    assert 'id="secret"' not in refused.text


async def test_a_webhook_is_made_tried_changed_and_removed(world: ConsoleWorld, admin: Browser) -> None:
    url = "https://example.org/in?x=<script>alert(1)</script>"
    made = await admin.submit(HOOKS, url=url, events="outage.published")
    first = shown_once(made.text)
    assert "<script>alert" not in made.text
    async with world.office.db.reading() as session:
        hook = (await session.scalars(select(Endpoint))).one()
    assert hook.events == ["outage.published"]
    path = f"{HOOKS}/{hook.id}"
    assert (await admin.submit(f"{path}/ping")).status_code == 303
    page = (await admin.open(path)).text
    assert "<code>ping</code>" in page
    assert first not in page
    assert "<script>alert" not in page + (await admin.open(HOOKS)).text
    again = re.search(rf'action="({path}/deliveries/[^"]+)"', page)
    assert again
    assert (await admin.submit(again[1])).status_code == 303
    second = shown_once((await admin.submit(f"{path}/rotate")).text)
    assert second != first
    await admin.submit(f"{path}/pause")
    refused = await admin.submit(f"{path}/ping")
    assert refused.status_code == 409
    assert "önce açın" in refused.text
    await admin.submit(f"{path}/resume")
    await admin.submit(f"{path}/remove")
    assert (await admin.open(path)).status_code == 404
    audited = (await admin.open(AUDIT, subject=f"webhook:{hook.id}")).text
    assert "webhook_made" in audited
    assert first not in audited


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://name:secret@example.org", "ftp://example.org", ""])
async def test_a_webhook_goes_to_a_web_address_only(world: ConsoleWorld, admin: Browser, url: str) -> None:
    refused = await admin.submit(HOOKS, url=url)
    assert refused.status_code == 422
    assert "Bu adres kullanılamaz" in refused.text
    async with world.office.db.reading() as session:
        assert (await session.scalars(select(Endpoint))).all() == []


async def test_the_audit_log_is_read_in_words_beside_its_own_keys(world: ConsoleWorld, admin: Browser) -> None:
    async with world.office.db.session() as session:
        await audit.record(session, world.clock, "scada", "tank_filled", "tank:7", litres=12)
        service = OutageService(session, world.clock, "ayse")
        outage = await service.create(fault(world.places.yeni))
        await service.change(outage.id, subscribers=40, reason="Sayıldı")
        await session.commit()
    page = " ".join(markup.fromstring((await admin.open(AUDIT)).text).text_content().split())
    assert "Kesinti değiştioutage_changed" in page
    assert "Etkilenen abone – → 40" in page
    assert "gerekçe Sayıldı" in page
    assert "tank_filled" in page, "what has no words is still shown"
    await admin.submit("/console/language", language="en")
    assert "Outage changed" in (await admin.open(AUDIT)).text


async def test_the_audit_log_is_searched_and_paged(world: ConsoleWorld, admin: Browser) -> None:
    for number in range(60):
        await admin.submit(KEYS, name=f"key-{number}", scopes="read")
    first = (await admin.open(AUDIT, subject="key:key-")).text
    assert "key:key-59" in first
    assert "key:key-9<" not in first
    older = re.search(r'href="(/console/system/audit\?[^"]*before=[^"]+)"', first)
    assert older
    assert "key:key-9<" in (await admin.open(older[1].replace("&amp;", "&"))).text
    assert "Böyle bir kayıt yok" in (await admin.open(AUDIT, what="outage_created")).text
    assert "Böyle bir kayıt yok" in (await admin.open(AUDIT, since="2026-11-26")).text
    assert "key:key-59" in (await admin.open(AUDIT, until="2026-11-25", who="administrator")).text
    assert "Böyle bir kayıt yok" in (await admin.open(AUDIT, subject="%")).text


async def test_tampering_is_told_on_the_page(world: ConsoleWorld, admin: Browser) -> None:
    await admin.submit(KEYS, name="scada", scopes="read")
    assert "hiçbiri değiştirilmemiş" in (await admin.submit(f"{AUDIT}/verify")).text
    await tamper(world.office.db, "UPDATE audit_log SET who = 'ali' WHERE what = 'key_added'")
    assert "oynanmış" in (await admin.submit(f"{AUDIT}/verify")).text


async def test_the_overview_tells_how_things_are_and_no_secrets(world: ConsoleWorld, admin: Browser) -> None:
    page = (await admin.open("/console/system")).text
    kind = "PostgreSQL" if world.office.db.dialect == "postgresql" else "SQLite"
    assert kind in page
    assert "1 etkin kişi" in page
    url = world.office.db.url
    for secret in (url.database, url.password, str(world.office.library.folder)):
        assert not secret or secret not in page


async def test_a_board_of_which_nothing_changed_is_no_old_one(world: ConsoleWorld, admin: Browser) -> None:
    world.clock.forward(timedelta(minutes=3))
    await world.heard()
    assert "badge late" not in (await admin.open("/console/system")).text
    world.clock.forward(timedelta(minutes=3))
    assert "badge late" in (await admin.open("/console/system")).text  # nobody looked


async def test_somebody_who_guesses_at_a_closed_account_learns_nothing(world: ConsoleWorld, admin: Browser) -> None:
    password = shown_once((await admin.submit(PEOPLE, name="ayse", full_name="Ayşe", role="viewer")).text)
    user = await named(world, "ayse")
    await admin.submit(f"{PEOPLE}/{user.id}/deactivate")
    with pytest.raises(SignInRefused, match="wrong"):
        await world.office.signin.password("ayse", password, *BROWSER)
