"""The question put to what real servers wrote."""

from datetime import UTC, datetime

from mailtrace.delivery.find import Settings, find
from mailtrace.delivery.logs.formats import FORMATS
from mailtrace.delivery.query import Query


def ask(sources, message_id=None, *, to=(), sender=None, theirs=(), **query):
    """Ask for a message in these files and folders."""
    asked = Query(
        message_ids=(message_id,) if message_id else (), recipients=to, senders=(sender,) if sender else (), **query
    )
    # The servers write classic syslog times here, without year and zone: those of this machine.
    now = datetime.now().astimezone()
    settings = Settings(
        zone=UTC, zone_name="UTC", log_zone=now.tzinfo, now=now.astimezone(UTC), theirs=tuple(map(str, theirs))
    )
    report, opened = find([str(one) for one in sources], asked, formats=FORMATS, settings=settings)
    assert not opened.faults
    return report


def outcomes(report):
    return {one.address: str(one.outcome) for one in report.recipients}


def fate(report, address=None):
    """Return the answer for one recipient; without an address for the only one."""
    found = [one for one in report.recipients if address in (None, one.address)]
    assert len(found) == 1, report.recipients
    return found[0]


def events(report, kind, **wanted):
    """Return the events of a kind that have these values."""
    return [
        one
        for one in report.events
        if one.kind == kind and all(getattr(one, name) == value for name, value in wanted.items())
    ]
