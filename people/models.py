"""Tables of people, their sessions, programs' keys, and what everybody did."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Enum, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from people.roles import Role
from storage.base import Base


class User(Base):
    """Somebody who may sign in while `active`. Never removed: the audit log names them."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    """What they sign in with: small ASCII letters, see `people.names`."""
    full_name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = mapped_column(Enum(Role, native_enum=False, length=20))
    language: Mapped[str] = mapped_column(String(2))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """None: they come through OpenID Connect only."""
    must_change: Mapped[bool] = mapped_column(default=False)
    """The password was given by somebody else."""
    desk: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether they take calls; see `people.roles.Duty`."""
    supervisor: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether they look after those who do."""
    personal: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether they see who subscribers are."""
    oidc_subject: Mapped[str | None] = mapped_column(String(600), unique=True)
    """Issuer and subject, as `https://issuer#subject`."""
    active: Mapped[bool] = mapped_column(default=True)
    created: Mapped[datetime]
    last_login: Mapped[datetime | None]


class Session(Base):
    """One browser that is signed in. The token itself is kept by the browser only."""

    __tablename__ = "user_sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the token."""
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime]
    seen: Mapped[datetime]
    """Of the last request, to the minute."""
    expires: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(200))


class SignInAttempts(Base):
    """Failed tries of one name or from one address. The key is a digest: people type passwords into the wrong field."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last: Mapped[datetime] = mapped_column(index=True)
    until: Mapped[datetime]
    """No try is looked at before."""


class PendingSignIn(Base):
    """A browser that was sent to the OpenID Connect provider and is expected back."""

    __tablename__ = "pending_sign_ins"

    state: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the state that the provider hands back."""
    browser: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the cookie of the browser that began."""
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))
    redirect_uri: Mapped[str] = mapped_column(String(500))
    created: Mapped[datetime] = mapped_column(index=True)


class ApiKey(Base):
    """A program's key; only its SHA-256 is kept, which suffices as keys are random."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created: Mapped[datetime]
    scopes: Mapped[list[str]] = mapped_column(JSON)
    made_by: Mapped[str] = mapped_column(String(120), default="installation")
    last_used: Mapped[datetime | None]
    """To the minute."""
    expires: Mapped[datetime | None]
    revoked: Mapped[datetime | None]


class Switch(Base):
    """A setting that an administrator has overruled in the console; see `people.switches`."""

    __tablename__ = "switches"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    on: Mapped[bool] = mapped_column("is_on")
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(120))


class AuditEntry(Base):
    """What somebody did. Written by `people.audit` only; the database refuses to change or remove it."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counted from 1 without a gap."""
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(String(120))
    what: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
