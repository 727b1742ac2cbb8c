"""Google Workspace: what Email Log Search exports (support.google.com/a/answer/13828463).

A row for each event of a message: where it went (`Event target`) and what came of it (`Event status`).
"""

from collections.abc import Sequence
from types import MappingProxyType

from mailtrace.delivery.events import Event, EventKind
from mailtrace.delivery.logs import Clock, LineReader, replies
from mailtrace.delivery.logs.entries import mailbox, whole
from mailtrace.delivery.logs.tables import Row, Table, TableReader, bracketed, header_of, machine, name_of

_NEEDED = frozenset({"messageid", "eventtarget", "eventstatus", "recipientaddress"})
_TIME = ("eventdate", "startdate")
# The first word that the status has in it.
_FATES = (
    ("bounce", EventKind.BOUNCED),
    ("reject", EventKind.REJECTED),
    ("quarantine", EventKind.QUARANTINED),
    ("spam", EventKind.FILTERED),
    ("drop", EventKind.FILTERED),
    ("defer", EventKind.DEFERRED),
    ("transient", EventKind.DEFERRED),
    ("pending", EventKind.DEFERRED),
    ("progress", EventKind.DEFERRED),
    ("undeliver", EventKind.BOUNCED),
    ("notdeliver", EventKind.BOUNCED),
    ("fail", EventKind.BOUNCED),
    ("view", EventKind.MAILBOX_COPY),
    ("open", EventKind.MAILBOX_COPY),
)
_TARGETS = MappingProxyType(
    {
        "smtpin": EventKind.ACCEPTED,
        "smtpout": EventKind.RELAYED,
        "gmailinbox": EventKind.DELIVERED,
        "gmailspam": EventKind.FILTERED,
        "gmailtrash": EventKind.DELIVERED,
    }
)
_FOLDERS = MappingProxyType({"gmailinbox": "INBOX", "gmailspam": "Spam", "gmailtrash": "Trash"})
_ENCRYPTED = MappingProxyType(
    {
        "encrypted": True,
        "true": True,
        "yes": True,
        "notencrypted": False,
        "unencrypted": False,
        "false": False,
        "no": False,
    }
)


class SearchReader(TableReader):
    """Reads a file of an export."""

    def __init__(self, name: str, sample: Sequence[bytes], clock: Clock) -> None:
        super().__init__(Table(name, sample, clock, _TIME))

    def read(self, line: bytes, number: int) -> tuple[Event, ...]:
        """See `LineReader`."""
        row = self._table.row(line)
        kind = _kind(row) if row else None
        if row is None or kind is None:
            return ()
        target = name_of(row.get("eventtarget"))
        sender, code = row.get("sender"), row.get("eventsmtpreplycode")
        reply = row.get("eventdescription", "eventstatus")
        if code and not reply.startswith(code):
            reply = f"{code} {reply}"
        over_smtp = target in {"smtpin", "smtpout"}
        event = self._table.entry(row, line, number).event(
            kind,
            sender=mailbox(sender) if sender and sender != "N/A" else None,
            recipient=row.get("recipientaddress") or None,
            message_id=bracketed(row.get("messageid")),
            folder=_FOLDERS.get(target) if kind in {EventKind.DELIVERED, EventKind.FILTERED} else None,
            peer=machine("", row.get("eventtargetipaddress")) if over_smtp else None,
            status=replies.status(reply),
            reply=reply or None,
            encrypted=_ENCRYPTED.get(name_of(row.get("hasencryption"))) if over_smtp else None,
            subject=row.get("subject") or None,
            size=whole(row.get("messagesize")),
        )
        return (event,)


def _kind(row: Row) -> EventKind | None:
    """Say what happened; None for the inner ways of the service."""
    status = name_of(row.get("eventstatus"))
    for word, kind in _FATES:
        if word in status:
            return kind
    return _TARGETS.get(name_of(row.get("eventtarget")))


class GoogleFormat:
    """An export of Email Log Search."""

    kind = "google-email-log"

    def recognises(self, sample: Sequence[bytes]) -> bool:
        """See `LogFormat`."""
        return {name_of(column) for column in header_of(sample)} >= _NEEDED

    def reader(self, name: str, sample: Sequence[bytes], clock: Clock) -> LineReader:
        """See `LogFormat`."""
        return SearchReader(name, sample, clock)
