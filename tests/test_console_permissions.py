"""Who may do what to an outage, as one table."""

import pytest

from console.permissions import Act, check_allowed, role_for
from outages.life import Life
from people.errors import NotAllowed
from people.roles import Role
from people.signin import Person

OPERATOR, PUBLISHER = Role.operator, Role.publisher
TABLE = [
    # act, life, lowest role for a fault, lowest role for planned work
    (Act.write, None, OPERATOR, OPERATOR),
    (Act.write, Life.draft, OPERATOR, OPERATOR),
    (Act.submit, Life.draft, OPERATOR, OPERATOR),
    (Act.send_back, Life.draft, OPERATOR, PUBLISHER),
    (Act.publish, None, OPERATOR, PUBLISHER),
    (Act.publish, Life.draft, OPERATOR, PUBLISHER),
    (Act.change, Life.scheduled, OPERATOR, PUBLISHER),
    (Act.change, Life.active, OPERATOR, PUBLISHER),
    (Act.change, Life.restored, OPERATOR, PUBLISHER),
    (Act.extend, Life.active, OPERATOR, OPERATOR),
    (Act.end, Life.active, OPERATOR, OPERATOR),
    (Act.cancel, Life.draft, OPERATOR, OPERATOR),
    (Act.cancel, Life.scheduled, OPERATOR, PUBLISHER),
    (Act.cancel, Life.active, OPERATOR, PUBLISHER),
    (Act.reopen, Life.restored, OPERATOR, PUBLISHER),
    (Act.undo, Life.active, OPERATOR, OPERATOR),
]


def person(role: Role) -> Person:
    return Person(1, "ayse", "Ayşe", role, "tr", "csrf", "session")


def test_the_table_names_every_act() -> None:
    assert {row[0] for row in TABLE} == set(Act)


@pytest.mark.parametrize(("act", "life", "fault", "planned"), TABLE)
@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_what_the_table_says(act: Act, life: Life | None, fault: Role, planned: Role, role: Role) -> None:
    for kind, needed in (("fault", fault), ("planned", planned)):
        assert role_for(act, kind, life) is needed
        if role.allows(needed):
            check_allowed(person(role), act, {kind}, life)
        else:
            with pytest.raises(NotAllowed):
                check_allowed(person(role), act, {kind}, life)


def test_a_fault_that_becomes_planned_work_takes_who_may_do_both() -> None:
    with pytest.raises(NotAllowed):
        check_allowed(person(OPERATOR), Act.change, {"fault", "planned"}, Life.active)
    check_allowed(person(PUBLISHER), Act.change, {"fault", "planned"}, Life.active)
