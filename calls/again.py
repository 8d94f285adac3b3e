"""Whether a caller had to call a second time: what tells true containment from the raw one."""

from datetime import timedelta

from sqlalchemy import ColumnElement, Update, exists, update
from sqlalchemy.orm import aliased

from calls.journal import TELEPHONES
from calls.models import CallRecord
from storage.moments import seconds_between

SOON = timedelta(hours=24)
"""From the beginning of the one call to that of the next."""


def called_again() -> ColumnElement[bool]:
    """Of a row of `calls` whose number is still there."""
    later = aliased(CallRecord)
    return exists().where(
        later.caller_hash == CallRecord.caller_hash,
        later.started > CallRecord.started,
        seconds_between(CallRecord.started, later.started) <= SOON.total_seconds(),
        later.driver.in_(TELEPHONES),
    )


def keep_called_again(which: ColumnElement[bool]) -> Update:
    """Write it down while the numbers by which it is told are there: reports of long ago are made of it."""
    return (
        update(CallRecord)
        .where(which, CallRecord.caller_hash.is_not(None), CallRecord.called_again.is_(None))
        .values(called_again=called_again())
        .execution_options(synchronize_session=False)
    )
