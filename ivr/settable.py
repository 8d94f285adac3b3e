"""What can be set, with its unit and default. `.env.example` is generated from here."""

from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from people.roles import Role
from subscribers.check_digit import Scheme
from subscribers.database_source import QUERY

ROOT = Path(__file__).resolve().parents[1]
Port = Annotated[int, Field(ge=1, le=65535)]


class Settable(BaseSettings):
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
    place_seconds: int = Field(
        45,
        ge=5,
        le=600,
        description="Seconds in the agents' queue after which callers may keep their place and be called instead.",
    )
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
        description="Whether anybody may call 185 from the page /phone (true or false), until an administrator says"
        " otherwise in the console. Empty: only where the service is reached on this very machine and nowhere else."
        " Elsewhere browsers need https for it.",
    )
    phone_page_calls: int = Field(20, ge=1, le=300, description="Phones of that page that may be open at once.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least severe message logged.")
