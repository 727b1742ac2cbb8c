"""Microsoft 365: message trace, in the three shapes that its console and PowerShell export.

`summary` has a row for each message and recipient, with a status in words; `enhanced summary` a row for each message,
with all recipients as `address##Receive, Deliver`; `extended` is message tracking (exchange.py) with other spellings
(learn.microsoft.com/exchange/monitoring/trace-an-email-message/message-trace-modern-eac). All times are UTC. The files
are often UTF-16, which whoever opens them has undone.
"""

from collections.abc import Sequence
from datetime import UTC
from types import MappingProxyType

from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.logs import Clock, LineReader
from mailtrace.delivery.logs.entries import Entry, mailbox, whole
from mailtrace.delivery.logs.exchange import TIME, is_tracking, tracked
from mailtrace.delivery.logs.tables import Row, Table, TableReader, bracketed, header_of, machine, name_of
from mailtrace.records import replace

_TIMES = (
    *(
        "origintimestamputc",
        "origintimestamp",
        "received",
        "receiveddatetime",
        "dateutc",
        "dateutctime",
        "datereceived",
    ),
    *("date", *TIME),
)
_RECIPIENTS = 1000
_STATUS = MappingProxyType(
    {
        "delivered": EventKind.DELIVERED,
        "failed": EventKind.BOUNCED,
        "pending": EventKind.DEFERRED,
        "quarantined": EventKind.QUARANTINED,
        "filteredasspam": EventKind.FILTERED,
        "gettingstatus": EventKind.QUEUED,
    }
)
"""`expanded` is of a group, whose members have rows of their own."""
_STEPS = MappingProxyType(
    {
        "receive": EventKind.ACCEPTED,
        "send": EventKind.RELAYED,
        "deliver": EventKind.DELIVERED,
        "fail": EventKind.BOUNCED,
        "defer": EventKind.DEFERRED,
        "drop": EventKind.FILTERED,
        "quarantine": EventKind.QUARANTINED,
        "quarantined": EventKind.QUARANTINED,
        "filteredasspam": EventKind.FILTERED,
    }
)


class TraceReader(TableReader):
    """Reads a file of one of the three shapes."""

    def __init__(self, name: str, sample: Sequence[bytes], clock: Clock) -> None:
        super().__init__(Table(name, sample, replace(clock, zone=UTC), _TIMES))
        header = header_of(sample)
        names = {name_of(column) for column in header}
        self._rows = tracked if is_tracking(header) else _enhanced if "recipientstatus" in names else _summary

    def read(self, line: bytes, number: int) -> tuple[Event, ...]:
        """See `LineReader`."""
        row = self._table.row(line)
        return self._rows(row, self._table.entry(row, line, number)) if row else ()


def _summary(row: Row, entry: Entry) -> tuple[Event, ...]:
    words = row.get("status")
    kind = _STATUS.get(name_of(words))
    if kind is None:
        return ()
    to = row.get("toip")
    # `Delivered` is said of the other side's server as well; then there is an address that it was handed to.
    if kind is EventKind.DELIVERED and to:
        kind = EventKind.RELAYED
    return (replace(_event(row, entry, kind, row.get("recipientaddress", "recipient")), reply=words),)


def _enhanced(row: Row, entry: Entry) -> tuple[Event, ...]:
    events = []
    for part in row.get("recipientstatus").split(";")[:_RECIPIENTS]:
        address, marks, steps = part.strip().partition("##")
        words = [name_of(step) for step in steps.split(",")]
        kind = next((_STEPS[word] for word in reversed(words) if word in _STEPS), None)
        # A group is left behind for its members, of whom the same row says what became.
        if marks and kind is not None and words[-1] != "expand" and not ("expand" in words and words[-1] == "drop"):
            events.append(replace(_event(row, entry, kind, address), reply=steps.strip()))
    return tuple(events)


def _event(row: Row, entry: Entry, kind: EventKind, recipient: str) -> Event:
    sends = kind is EventKind.RELAYED
    address = row.get("toip") if sends else row.get("fromip", "originalclientip")
    sender = row.get("senderaddress", "sender")
    return entry.event(
        kind,
        sender=mailbox(sender) if sender else None,
        recipient=recipient or None,
        message_id=bracketed(row.get("messageid", "internetmessageid")),
        peer=machine("", address),
        subject=row.get("messagesubject", "subject") or None,
        size=whole(row.get("totalbytes", "size", "messagesize")),
    )


class Microsoft365Format:
    """A message trace."""

    kind = "microsoft365-trace"

    def recognises(self, sample: Sequence[bytes]) -> bool:
        """See `LogFormat`."""
        header = header_of(sample)
        names = {name_of(column) for column in header}
        if is_tracking(header):
            return "event_id" in header
        if names.isdisjoint(_TIMES) or names.isdisjoint({"messageid", "messagetraceid", "networkmessageid"}):
            return False
        parties = not names.isdisjoint({"sender", "senderaddress"})
        others = not names.isdisjoint({"recipient", "recipientaddress"})
        return parties and ("recipientstatus" in names or ("status" in names and others))

    def reader(self, name: str, sample: Sequence[bytes], clock: Clock) -> LineReader:
        """See `LogFormat`."""
        return TraceReader(name, sample, clock)
