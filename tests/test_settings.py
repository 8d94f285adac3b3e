"""Settings come from the environment, are documented from one place, and secrets are made once."""

import stat
from pathlib import Path

from ivr.settings import ROOT, Settings, env_example


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
