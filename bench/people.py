"""Somebody who uses the console of a benchmark's installation."""

from ivr.clock import now
from ivr.service import Service
from people import passwords
from people.roles import Role
from people.secrets import one_time_password
from people.service import PeopleService


async def signed_in(service: Service, role: Role) -> str:
    """The token of a session of somebody new."""
    password = one_time_password()
    kept = await passwords.kept(password)
    async with service.db.session() as session:
        user = await PeopleService(session, now, "bench").create_user(
            "bench", "Bench", role, password_hash=kept, must_change=False
        )
        await session.commit()
    return await service.signin.password(user.name, password, "127.0.0.1", "bench")
