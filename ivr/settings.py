"""The settings of this installation: what was set, whether it fits together, and what follows from it."""

import contextlib
import json
import os
import re
import secrets
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import field_validator, model_validator

from ivr.settable import ROOT, Settable

SHORTEST_SECRET = 8
"""Characters; those that are made here have 43."""
_SECURE = re.compile(r"https://[^/\s]|http://(127\.0\.0\.1|localhost|\[::1\])[:/]")
_NEAR = re.compile(r"https?://(127\.0\.0\.1|localhost|\[::1\])(:|$)")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class UnusableSecret(Exception):
    """A secret's file is there but holds none."""

    code = "unusable_secret"


class Settings(Settable):
    """Read from `ALO185_…` environment variables and `.env`."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)  # all there are would be read from hundreds of files
        except (ZoneInfoNotFoundError, OSError, ValueError):
            raise ValueError(f"{name!r} is no time zone; use a name such as Europe/Istanbul") from None
        return name

    @model_validator(mode="after")
    def _port_range(self) -> Self:
        first, last = self.rtp_ports
        if last <= first:
            raise ValueError(f"ALO185_RTP_PORTS must rise, as in [18000, 18999]; {first} to {last} is no range")
        return self

    @model_validator(mode="after")
    def _can_dial(self) -> Self:
        if self.call_backs and (not self.dial or self.driver != "ari"):
            raise ValueError("ALO185_CALL_BACKS needs ALO185_DIAL, and ALO185_DRIVER=ari")
        return self

    @model_validator(mode="after")
    def _whole_oidc(self) -> Self:
        if bool(self.oidc_issuer) != bool(self.oidc_client_id):
            raise ValueError("ALO185_OIDC_ISSUER and ALO185_OIDC_CLIENT_ID belong together; set both or none")
        if self.oidc_issuer and not _SECURE.match(self.oidc_issuer):
            raise ValueError("ALO185_OIDC_ISSUER must be an https address, or one on this very machine")
        return self

    @field_validator("subscriber_url")
    @classmethod
    def _secure_subscribers(cls, url: str | None) -> str | None:
        if url and not _SECURE.match(url):
            raise ValueError("it must be an https address, or one on this very machine")
        return url

    @property
    def has_phone_page(self) -> bool:
        if self.driver != "ari":
            return False
        near = self.host in LOOPBACK and (self.public_url is None or bool(_NEAR.match(self.public_url)))
        return near if self.phone_page is None else self.phone_page

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.state / 'alo185.db'}"

    @property
    def audit_anchor(self) -> Path:
        """How far the audit log had come; see people/audit.py."""
        return self.state / "audit-anchor.json"

    @property
    def public_address(self) -> str:
        """Where links in feeds and messages lead."""
        return (self.public_url or f"http://{self.probe_host}:{self.port}").rstrip("/")

    @property
    def prompts(self) -> Path:
        """Rendered speech, content-addressed; may be deleted at any time."""
        return self.state / "prompts"

    @property
    def fallback(self) -> Path:
        """What Asterisk plays when the service is away: `outages` and `apology`, in every telephone format."""
        return self.state / "fallback"

    @property
    def incoming(self) -> Path:
        """Where Asterisk writes voice messages."""
        return self.state / "recordings"

    @property
    def agent_calls(self) -> Path:
        """Calls of agents that were recorded on a supervisor's request."""
        return self.state / "agent-calls"

    @property
    def tickets(self) -> Path:
        """Voice messages of committed tickets."""
        return self.state / "tickets"

    @property
    def asterisk(self) -> Path:
        """Rendered configuration, logs and sockets of the bundled Asterisk."""
        return self.state / "asterisk"

    @property
    def probe_host(self) -> str:
        """Where this machine itself reaches the service."""
        return "127.0.0.1" if self.host == "0.0.0.0" else self.host

    def as_environment(self) -> dict[str, str]:
        """These settings for a child process, whatever way they came here."""
        given = self.model_dump(mode="json", exclude_unset=True)
        return {
            f"ALO185_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in given.items()
            if value is not None
        }

    def given_secret(self, name: str) -> str | None:
        """A secret that others made and put into the secrets folder; None if nobody did."""
        file = self.state / "secrets" / name
        return self.secret(name) if file.exists() else None

    def secret(self, name: str) -> str:
        """A secret of this installation, made at first use, readable by its owner only."""
        folder = self.state / "secrets"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / name
        if not file.exists():
            fresh = folder / f".{name}.{os.getpid()}"
            try:
                fresh.touch(mode=0o600)
                fresh.write_text(secrets.token_urlsafe(32))
                with contextlib.suppress(FileExistsError):
                    os.link(fresh, file)
            finally:
                fresh.unlink(missing_ok=True)
        held = file.read_text(errors="replace").strip()
        if len(held) < SHORTEST_SECRET or not held.isascii() or not held.isprintable():
            raise UnusableSecret(
                f"{file} is empty or garbled: put its backup there. Without one remove it and a new one is made"
                f"{'; stored callers and keys then stay unreadable' if name == 'database-key' else ''}."
            )
        return held


def env_example() -> str:
    """The text of `.env.example`: every setting with its meaning and default, commented out."""
    lines = ["# Settings of Alo 185. Copy to .env and uncomment what you change. Generated from ivr/settable.py."]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, Path):
            default = default.relative_to(ROOT)
        shown = "" if default is None else list(default) if isinstance(default, tuple) else default
        lines += ["", f"# {field.description}", f"# ALO185_{name.upper()}={shown}"]
    return "\n".join(lines) + "\n"
