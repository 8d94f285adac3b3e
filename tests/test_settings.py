"""Settings come from the environment, are documented from one place, and secrets are made once."""

import json
import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from ivr.settable import ROOT
from ivr.settings import Settings, env_example


def test_env_example_is_what_the_settings_say() -> None:
    assert (ROOT / ".env.example").read_text() == env_example()


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path)
    first = settings.secret("ari-websocket")
    assert len(first) >= 32
    assert Settings(state=tmp_path).secret("ari-websocket") == first
    assert settings.secret("another") != first
    assert stat.S_IMODE((tmp_path / "secrets" / "ari-websocket").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_the_environment_moves_the_ports(monkeypatch) -> None:
    monkeypatch.setenv("ALO185_PORT", "9001")
    monkeypatch.setenv("ALO185_RTP_PORTS", "[20000, 20100]")
    settings = Settings(_env_file=None)
    assert settings.port == 9001
    assert settings.rtp_ports == (20000, 20100)
    assert settings.host == "127.0.0.1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "99999"),
        ("SIP_PORT", "0"),
        ("RTP_PORTS", "[19000, 18000]"),
        ("RTP_PORTS", "[18000]"),
        ("CALLER_DAYS", "0"),
        ("MASS_CALL_PER_MINUTE", "-3"),
        ("TIMEZONE", "Mars/Base"),
        ("TIMEZONE", "Europe"),
        ("TIMEZONE", "zone.tab"),
        ("TIMEZONE", "../../../etc/passwd"),
        ("PUBLIC_URL", "185.example.org"),
        ("PUBLIC_URL", "https://185.example.org/console"),
        ("SESSION_HOURS", "0"),
        ("CALL_BACKS", "true"),
        ("CALLS_PER_SECOND", "0"),
        ("TRUNK_RESERVED", "1.5"),
        ("SHOWN_NUMBER", "185;x"),
        ("CALLING_FROM", "25:00"),
        ("OIDC_CLIENT_ID", "alo185"),
        ("OIDC_ROLES", '{"desk": "king"}'),
    ],
)
def test_what_cannot_work_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"ALO185_{name}", value)
    with pytest.raises(ValidationError):
        Settings(_env_file=None)


@pytest.mark.parametrize(
    ("issuer", "usable"),
    [
        ("https://login.example.org/realms/isu", True),
        ("http://127.0.0.1:8080/realms/isu", True),
        ("http://login.example.org", False),
        ("http://localhost.evil.test", False),
        ("login.example.org", False),
    ],
)
def test_an_identity_provider_is_reached_securely(issuer: str, usable: bool) -> None:
    given = {"oidc_issuer": issuer, "oidc_client_id": "alo185", "oidc_roles": {"desk": "operator"}}
    if usable:
        settings = Settings(_env_file=None, **given)
        assert json.loads(settings.as_environment()["ALO185_OIDC_ROLES"]) == {"desk": "operator"}
    else:
        with pytest.raises(ValidationError):
            Settings(_env_file=None, **given)


def test_a_secret_that_others_made_is_not_made_here(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path)
    assert settings.given_secret("oidc-client-secret") is None
    settings.secret("oidc-client-secret")
    assert settings.given_secret("oidc-client-secret") == settings.secret("oidc-client-secret")


def test_an_emptied_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALO185_STATE", "")
    assert Settings(_env_file=None).state == ROOT / "var"
