"""Exchange Server: message tracking (learn.microsoft.com/exchange/mail-flow/transport-logs/message-tracking).

A row for each event: what happened (`event-id`), which part of the server wrote it (`source`), and for whom, with
several recipients in one field. The columns are those that `#Fields:` names. The extended message trace of Microsoft
365 has the same ones, spelled with underscores.
"""

import re
from collections.abc import Sequence
from types import MappingProxyType

from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.logs import Clock, LineReader, replies
from mailtrace.delivery.logs.entries import Entry, Said, mailbox, whole
from mailtrace.delivery.logs.tables import Row, Table, TableReader, bracketed, header_of, machine, name_of
from mailtrace.records import replace

TIME = ("datetime", "datetimeutc", "timestamp")
_NEEDED = frozenset({"eventid", "source", "messageid", "senderaddress"})
_RECIPIENTS = 1000
"""Recipients of one row that are read."""

_KINDS = MappingProxyType(
    {
        "SUBMIT": EventKind.SUBMITTED,
        "SEND": EventKind.RELAYED,
        "SENDEXTERNAL": EventKind.RELAYED,
        "DELIVER": EventKind.DELIVERED,
        "DUPLICATEDELIVER": EventKind.DELIVERED,
        "DEFER": EventKind.DEFERRED,
        "SUBMITDEFER": EventKind.DEFERRED,
        "FAIL": EventKind.BOUNCED,
        "SUBMITFAIL": EventKind.BOUNCED,
        "BADMAIL": EventKind.FILTERED,
        "DROP": EventKind.FILTERED,
        "POISONMESSAGE": EventKind.QUARANTINED,
        "QUARANTINE": EventKind.QUARANTINED,
        "DSN": EventKind.DSN,
        # A group became its members, an address another one: `related-recipient-address` has the one before.
        "EXPAND": EventKind.QUEUED,
        "RESOLVE": EventKind.QUEUED,
        "REDIRECT": EventKind.QUEUED,
        "RESUBMIT": EventKind.QUEUED,
        "TRANSFER": EventKind.QUEUED,
    }
)
"""The others (shadow copies, agents) say nothing of where the message is."""
_PASSED_ON = re.compile(r"\bRESOLVER\.(?:GRP\.Expanded|FWD\.Forwarded)\b")
"""A group was left behind for its members, or a mailbox for where it forwards to: nothing was thrown away."""
_STATUSES = re.compile(r";(?=\d{3}[ -])")
_REPLY = re.compile(r"(?:^|;)(\d{3}[ -][^;]*(?:;(?!ClientSubmitTime)[^;]*)*)")


def tracked(row: Row, entry: Entry) -> tuple[Event, ...]:
    """Return the events of a row of message tracking, one for each recipient."""
    event_id, source = row.get("eventid").upper(), row.get("source").upper()
    kind = _KINDS.get(event_id)
    if event_id == "DROP" and _PASSED_ON.search(f"{row.get('recipientstatus')} {row.get('sourcecontext')}"):
        kind = EventKind.QUEUED
    if event_id == "RECEIVE":
        kind = EventKind.ACCEPTED if source == "SMTP" else EventKind.SUBMITTED if source == "STOREDRIVER" else None
    if kind is None:
        return ()
    client = machine(row.get("clienthostname"), row.get("clientip"))
    server = machine(row.get("serverhostname"), row.get("serverip"))
    # Where it sends, the client is the server that writes; where it decides by itself, it names no client.
    sends = kind in {EventKind.RELAYED, EventKind.DEFERRED, EventKind.BOUNCED} and client is not None
    host = row.get("clienthostname") if sends else row.get("serverhostname")
    entry = replace(entry, host=host or None)
    # Not the tracking id of the row: the number under which the server (and its reply, as InternalId) knows it.
    common = _common(row, kind, server if sends else client if kind is EventKind.ACCEPTED else None)
    recipients = [one for one in row.get("recipientaddress").split(";") if one][:_RECIPIENTS]
    said = _STATUSES.split(row.get("recipientstatus"))
    context = _REPLY.search(row.get("sourcecontext"))
    events = []
    for place, recipient in enumerate(recipients or [""]):
        own = said[place] if len(said) == len(recipients) else row.get("recipientstatus")
        reply = context[1] if context and kind is EventKind.RELAYED else own
        events.append(
            replace(
                entry.event(kind, **common),
                recipient=recipient or None,
                reply=reply or None,
                status=replies.status(reply),
                next_queue_id=replies.next_queue_id(reply) if kind is EventKind.RELAYED else None,
            )
        )
    return tuple(events)


def _common(row: Row, kind: EventKind, peer: str | None) -> Said:
    sender = row.get("returnpath", "senderaddress")
    related = row.get("relatedrecipientaddress")
    return {
        "queue_id": row.get("internalmessageid") or None,
        "message_id": bracketed(row.get("messageid")),
        "sender": mailbox(sender) if sender else None,
        "original_recipient": related if related and kind is not EventKind.DSN and ";" not in related else None,
        "peer": peer,
        "subject": row.get("messagesubject") or None,
        "size": whole(row.get("totalbytes")),
    }


class TrackingReader(TableReader):
    """Reads a file of message tracking."""

    def __init__(self, name: str, sample: Sequence[bytes], clock: Clock) -> None:
        super().__init__(Table(name, sample, clock, TIME))

    def read(self, line: bytes, number: int) -> tuple[Event, ...]:
        """See `LineReader`."""
        row = self._table.row(line)
        return tracked(row, self._table.entry(row, line, number)) if row else ()


class ExchangeFormat:
    """Message tracking of a server."""

    kind = "exchange-tracking"

    def recognises(self, sample: Sequence[bytes]) -> bool:
        """See `LogFormat`."""
        header = header_of(sample)
        return is_tracking(header) and "event_id" not in header

    def reader(self, name: str, sample: Sequence[bytes], clock: Clock) -> LineReader:
        """See `LogFormat`."""
        return TrackingReader(name, sample, clock)


def is_tracking(header: Sequence[str]) -> bool:
    """Say whether those are the columns of message tracking."""
    names = {name_of(column) for column in header}
    return names >= _NEEDED and not names.isdisjoint(TIME)
