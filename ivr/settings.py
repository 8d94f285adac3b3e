"""Every setting of Alo 185, with its unit and default. `.env.example` is generated from here."""

import contextlib
import json
import os
import re
import secrets
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from people.roles import Role
from subscribers.check_digit import Scheme
from subscribers.database_source import QUERY

ROOT = Path(__file__).resolve().parents[1]

SHORTEST_SECRET = 8
"""Characters; those that are made here have 43."""
_SECURE = re.compile(r"https://[^/\s]|http://(127\.0\.0\.1|localhost|\[::1\])[:/]")
_NEAR = re.compile(r"https?://(127\.0\.0\.1|localhost|\[::1\])(:|$)")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
Port = Annotated[int, Field(ge=1, le=65535)]


class UnusableSecret(Exception):
    """A secret's file is there but holds none."""

    code = "unusable_secret"


class Settings(BaseSettings):
    """Read from `ALO185_…` environment variables and `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="ALO185_", env_file=ROOT / ".env", env_ignore_empty=True, extra="ignore"
    )

    state: Path = Field(ROOT / "var", description="Folder of everything that changes: database, prompts, recordings.")
    database_url: str | None = Field(
        None,
        description="SQLAlchemy URL, e.g. postgresql+asyncpg://user@host/alo185. Empty: SQLite in the state folder.",
    )
    host: str = Field("127.0.0.1", description="Address that the HTTP, ARI and FastAGI servers bind to.")
    port: Port = Field(8185, description="TCP port of the HTTP service (REST, health, ARI WebSocket).")
    agi_port: Port = Field(4573, description="TCP port of the FastAGI server.")
    sip_port: Port = Field(5060, description="UDP port on which the bundled Asterisk listens.")
    sip_host: str = Field("127.0.0.1", description="Address on which the bundled Asterisk takes SIP; see trunk.")
    trunk: tuple[str, ...] = Field(
        (), description="Addresses or networks (as a JSON list) from which the carrier's SIP trunk may send calls."
    )
    rtp_ports: tuple[Port, Port] = Field((18000, 18999), description="UDP port range of the bundled Asterisk's media.")
    asterisk_http_port: Port = Field(8088, description="Loopback TCP port of Asterisk's HTTP server (ARI over HTTP).")
    driver: Literal["ari", "agi"] = Field("ari", description="How Asterisk hands calls over.")
    city_code: str = Field("41", description="Province code whose areas are loaded at first start.")
    timezone: str = Field("Europe/Istanbul", description="Time zone in which hours are spoken.")
    speech_engine: Literal["espeak", "piper"] = Field("espeak", description="Engine that renders prompts.")
    piper_voice: Path | None = Field(None, description="Piper model file (.onnx) for Turkish, when piper is chosen.")
    recordings: Path | None = Field(
        None, description="Folder of studio recordings by phrase key; they win over engines."
    )
    catalogue_override: Path | None = Field(
        None, description="Folder with the operators' own tr.toml and en.toml; its phrases replace those that ship."
    )
    mass_call_per_minute: int = Field(120, ge=1, description="Calls per minute above which the short menus are used.")
    inferred_callers: int = Field(
        5, ge=2, le=10_000, description="Different callers from one area without a known outage that make one likely."
    )
    inferred_minutes: int = Field(20, ge=1, le=240, description="Minutes within which they call.")
    caller_days: int = Field(
        90, ge=1, le=36_500, description="Days after which callers' numbers and keys are removed from call records."
    )
    ticket_days: int = Field(
        730, ge=1, le=36_500, description="Days after which what is personal is removed from closed tickets."
    )
    ticket_numbers_in_messages: bool = Field(
        False, description="Whether messages to units hold citizens' whole numbers rather than the last two digits."
    )
    smtp_host: str | None = Field(None, description="Mail server through which units are told. Empty: no mail is sent.")
    smtp_port: Port = Field(587, description="Its TCP port.")
    smtp_from: str = Field(
        "alo185@localhost", pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+$", description="Sender's address of that mail."
    )
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        "starttls", description="How the connection is encrypted; without, no password is sent."
    )
    smtp_user: str | None = Field(
        None, description="User name at the mail server. The password is the file smtp-password in the secrets folder."
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+$",
        description="Address at which browsers reach the public pages and the console, such as https://185.example.org,"
        " without a path. Feeds, alerts and webhooks name it: keep it once it is set.",
    )
    session_idle_minutes: int = Field(
        60, ge=5, le=1440, description="Minutes without a request after which somebody is signed out of the console."
    )
    session_hours: int = Field(
        12, ge=1, le=168, description="Hours after which everybody has to sign in to the console again."
    )
    oidc_issuer: str | None = Field(
        None, description="Issuer of the OpenID Connect provider through which people may sign in, an https address."
    )
    oidc_client_id: str | None = Field(None, description="Name under which the provider knows this installation.")
    oidc_client_secret: str | None = Field(
        None, description="Its secret there. Better kept as the file oidc-client-secret in the secrets folder."
    )
    oidc_role_claim: str = Field("groups", description="Claim of the ID token that names people's groups or roles.")
    oidc_roles: dict[str, Role] = Field(
        {}, description='Role of each such group, as {"group": "operator"}; others are viewers. Empty: set by hand.'
    )
    oidc_email_domain: str | None = Field(
        None, description="Only people with a confirmed e-mail address of this domain may sign in. Empty: all."
    )
    service_level_seconds: int = Field(
        20, ge=1, le=600, description="Seconds within which a caller is to be answered by a person."
    )
    service_level_percent: int = Field(80, ge=1, le=100, description="Percent of callers for whom that is the aim.")
    supervisor_notice: bool = Field(
        True, description="Whether callers are told, too, when a supervisor joins their call (agents always are)."
    )
    agent_recording_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="Days after which calls that were recorded on a supervisor's request are removed.",
    )
    review_planned: bool = Field(
        False, description="Whether planned work is published only by a second person (true or false)."
    )
    call_backs: bool = Field(
        False, description="Whether citizens are called (true or false). Needs ALO185_DIAL and the driver ari."
    )
    dial: str | None = Field(
        None,
        description="How Asterisk reaches a citizen, with {number} for +90…: PJSIP/{number}@carrier, or, through the"
        " trunk above, PJSIP/alo185-trunk/sip:{number}@192.0.2.1. Without {number} one phone rings for all: a trial.",
    )
    shown_number: str = Field("185", pattern=r"^\+?[0-9]{2,15}$", description="Number that citizens see calling.")
    calling_from: time = Field(time(9), description="Hour from which citizens are called.")
    calling_until: time = Field(time(20), description="Hour until which they are called.")
    calling_on_holidays: bool = Field(False, description="Whether they are called on public holidays (true or false).")
    ring_seconds: int = Field(35, ge=5, le=40, description="Seconds for which a citizen's telephone rings.")
    call_attempts: int = Field(5, ge=1, le=20, description="Times that somebody who is not reached is called.")
    calls_a_day: int = Field(3, ge=1, le=20, description="Times that one number is dialled on one day at most.")
    calls_per_second: float = Field(0.5, gt=0, le=50, description="Calls to citizens that one machine begins a second.")
    calls_at_once: int = Field(10, ge=1, le=500, description="Calls to citizens at the same time.")
    trunk_channels: int = Field(30, ge=1, le=2000, description="Calls that the trunk carries at the same time.")
    trunk_reserved: float = Field(
        0.5, ge=0, le=1, description="Share of them that calls to citizens always leave free for those who call us."
    )
    notice_call_hours: int = Field(
        24, ge=1, le=168, description="Hours before planned work at which those who chose calls are called about it."
    )
    still_off_people: int = Field(
        3,
        ge=2,
        le=1000,
        description="Different numbers of one place that say no when asked whether their water is back,"
        " after which the operators are told.",
    )
    still_off_minutes: int = Field(60, ge=5, le=1440, description="Minutes within which they say so.")
    subscriber_check: Scheme = Field(
        "none", description="Check digit of subscriber numbers: none, luhn, mod10 or mod11; see docs/subscribers.md."
    )
    subscriber_url: str | None = Field(
        None,
        description="Address of the utility's own subscriber system (docs/subscribers.md says what it answers), without"
        " /subscribers/search. Its token is the file subscriber-token in the secrets folder. Empty: our database only.",
    )
    subscriber_seconds: float = Field(
        0.8, ge=0.05, le=0.8, description="Seconds that a call waits for it; then the caller is one we do not know."
    )
    subscriber_query: str = Field(
        QUERY,
        description="SQL of ./alo185 subscribers import --from-database; columns as in docs/subscribers.md.",
    )
    phone_page: bool | None = Field(
        None,
        description="Whether anybody may call 185 from the page /phone (true or false). Empty: only where the service"
        " is reached on this very machine and nowhere else. Elsewhere browsers need https for it.",
    )
    phone_page_calls: int = Field(20, ge=1, le=300, description="Phones of that page that may be open at once.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least severe message logged.")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name!r} is no time zone; use a name such as Europe/Istanbul")
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
    lines = ["# Settings of Alo 185. Copy to .env and uncomment what you change. Generated from ivr/settings.py."]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, Path):
            default = default.relative_to(ROOT)
        shown = "" if default is None else list(default) if isinstance(default, tuple) else default
        lines += ["", f"# {field.description}", f"# ALO185_{name.upper()}={shown}"]
    return "\n".join(lines) + "\n"
