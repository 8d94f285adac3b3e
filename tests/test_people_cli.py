"""`./alo185 people`, `keys` and `audit`: what an administrator types, and what is printed once."""

import json
import re
from pathlib import Path

import pytest
import typer
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from ivr.cli import audit, keys, people
from ivr.installation import first_administrator
from ivr.settings import Settings
from people.apikeys import Holder, presented
from people.errors import PeopleError
from people.signin import Person, SignIn
from storage.database import Database
from tests.clusters import in_own_loop
from tests.outage_world import Clock

app = typer.Typer()
for family in (people, keys, audit):
    family.register(app)


@pytest.fixture(autouse=True)
def installation(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALO185_DATABASE_URL", database_url)
    monkeypatch.setenv("ALO185_STATE", str(tmp_path / "var"))


def run(*arguments: str, status: int = 0) -> Result:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == status, (done.output, done.exception)
    return done


def refused(*arguments: str) -> str:
    """What `python -m ivr` prints as one sentence."""
    error = run(*arguments, status=1).exception
    assert isinstance(error, PeopleError)
    return error.code


async def _sign_in(name: str, password: str) -> Person | None:
    db = Database(Settings().database)
    try:
        signin = SignIn(db, Clock())
        return await signin.who(await signin.password(name, password, "192.0.2.7", ""))
    finally:
        await db.close()


async def _present(secret: str) -> Holder | None:
    db = Database(Settings().database)
    try:
        return await presented(db, secret, Clock())
    finally:
        await db.close()


def test_the_first_administrators_password_is_told_once() -> None:
    told = in_own_loop(first_administrator(Settings()))
    assert told
    assert in_own_loop(first_administrator(Settings())) is None
    person = in_own_loop(_sign_in("yonetici", told))
    assert person
    assert (person.role, person.must_change) == ("administrator", True)
    assert refused("people", "deactivate", "yonetici") == "last_administrator"


def test_somebody_comes_changes_and_goes() -> None:
    in_own_loop(first_administrator(Settings()))
    made = run("people", "add", "ayse", "--full-name", "Ayşe Kaya", "--role", "operator").stdout
    found = re.fullmatch(r"ayse signs in with (\S+) once, .*\n", made)
    assert found
    person = in_own_loop(_sign_in("ayse", found[1]))
    assert person
    assert person.must_change
    run("people", "role", "ayse", "publisher")
    run("people", "sign-out", "ayse")
    again = json.loads(run("people", "reset-password", "AYSE", "--json").stdout)
    assert again["name"] == "ayse"
    assert in_own_loop(_sign_in("ayse", again["one_time_password"]))
    run("people", "deactivate", "ayse")
    shown = {each["name"]: each for each in json.loads(run("people", "list", "--json").stdout)}
    assert (shown["ayse"]["role"], shown["ayse"]["active"]) == ("publisher", False)
    assert "DEACTIVATED" in run("people", "list").stdout
    run("people", "activate", "ayse")
    assert "DEACTIVATED" not in run("people", "list").stdout
    assert refused("people", "add", "ayşe", "--full-name", "x") == "bad_name"
    assert refused("people", "role", "nobody", "viewer") == "unknown_user"


def test_a_key_is_printed_once() -> None:
    made = run("keys", "add", "scada", "--scope", "outages", "--scope", "read").stdout
    holder = in_own_loop(_present(made.splitlines()[0]))
    assert holder
    assert (holder.name, holder.scopes) == ("scada", {"outages", "read"})
    assert made.splitlines()[0] not in run("keys", "list", "--json").stdout
    assert "outages,read" in run("keys", "list").stdout
    run("keys", "revoke", "scada")
    assert "REVOKED" in run("keys", "list").stdout
    assert in_own_loop(_present(made.splitlines()[0])) is None
    run("keys", "add", "scada2", "--scope", "everything", status=2)


async def _tamper() -> None:
    db = Database(Settings().database)
    async with db.session() as session:
        if db.dialect == "sqlite":
            await session.execute(text("DROP TRIGGER audit_log_no_update"))
        else:
            await session.execute(text("ALTER TABLE audit_log DISABLE TRIGGER ALL"))
        await session.execute(text("UPDATE audit_log SET who = 'somebody else' WHERE id = 2"))
        await session.commit()
    await db.close()


def test_the_log_tells_who_did_what_and_that_nobody_tampered() -> None:
    assert json.loads(run("audit", "verify", "--json").stdout)["entries"] == 0
    run("people", "add", "ayse", "--full-name", "Ayşe Kaya")
    run("keys", "add", "scada", "--scope", "read")
    run("people", "deactivate", "ayse")
    listed = json.loads(run("audit", "list", "--json").stdout)
    assert [(each["id"], each["what"]) for each in listed] == [
        (3, "user_deactivated"),
        (2, "key_added"),
        (1, "user_created"),
    ]
    assert all(each["who"].startswith("cli:") for each in listed)
    assert "key:scada" in run("audit", "list", "--subject", "key:scada", "--limit", "1").stdout
    assert run("audit", "verify").stdout.startswith("3 entries, none tampered with")
    in_own_loop(_tamper())
    assert "Entry 2 was changed" in run("audit", "verify", status=1).stderr
    told = json.loads(run("audit", "verify", "--json", status=1).stdout)
    assert (told["ok"], told["entry"]) == (False, 2)
