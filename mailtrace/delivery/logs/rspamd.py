"""Rspamd: the line that it writes of every message it looked at (docs.rspamd.com/configuration/logging, `log_format`).

    <a1b2c3>; task; rspamd_task_write_log: id: <AbC@example.com>, qid: <4QpZ0y1xYzz9>, ip: 192.0.2.10, from: <ann@...>,
    (default: F (add header): [7.20/15.00] [...]), len: 1234, time: 12ms, ..., rcpts: <bob@...>, mime_rcpts: <bob@...>

What it decided, the MTA carries out; so a message that may pass is only known to be in the queue.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType

from mailtrace.delivery.events import Event, EventKind, Line
from mailtrace.delivery.logs import MAX_LINE, Clock, LineReader
from mailtrace.delivery.logs.entries import Entry, decode, mailbox, raw_text, whole
from mailtrace.delivery.logs.times import Times

_MARK = "rspamd_task_write_log: "
_ID = re.compile(r"id: <([^<>]*)>")
_FIELD = re.compile(r", (qid|from|rcpts|ip|len|user): (?:<([^<>]*)>|([^,\s]*))")
_DECISION = re.compile(r"\(\w+: [TFS]? ?\(([a-z ]+)\): (\[-?[\d.]+/-?[\d.]+\])")
_OWN = re.compile(r"\S+ \S+ #\d+\([\w-]+\) (?:<\w+>; |rspamd )")

_KINDS = MappingProxyType(
    {
        "reject": EventKind.REJECTED,
        "soft reject": EventKind.DEFERRED,
        "greylist": EventKind.GREYLISTED,
        "discard": EventKind.FILTERED,
        "quarantine": EventKind.QUARANTINED,
    }
)


class Rspamd:
    """Reads Rspamd's lines."""

    def wants(self, service: bytes, message: bytes) -> bool:
        """See `Program`."""
        del service
        return b"rspamd_task_write_log: id: <" in message

    def breaks_off(self, service: bytes, message: bytes) -> bool:
        """See `Program`."""
        del service
        return b"rspamd_task_write_log: id: <" in message

    def events(self, entry: Entry, service: str) -> tuple[Event, ...]:
        """See `Program`."""
        del service
        text = entry.message.partition(_MARK)[2]
        identity, decision = _ID.match(text), _DECISION.search(text)
        if identity is None or decision is None:
            return ()
        fields: dict[str, str] = {}
        # The symbols between quote the message; none of the names stands in front of them but qid, ip, user and from.
        for match in (*_FIELD.finditer(text[: decision.start()]), *_FIELD.finditer(text[_behind(text) :])):
            fields.setdefault(match[1], match[2] if match[2] is not None else match[3])
        kind = _KINDS.get(decision[1], EventKind.QUEUED)
        named = identity[1] not in {"", "undef"}
        recipients: list[str | None] = [one for one in fields.get("rcpts", "").split(",") if one] or [None]
        return tuple(
            entry.event(
                kind,
                queue_id=fields.get("qid") or None,
                message_id=f"<{identity[1]}>" if named else None,
                sender=mailbox(sender) if (sender := fields.get("from")) is not None else None,
                recipient=recipient,
                peer=f"[{address}]" if (address := fields.get("ip")) else None,
                reply=f"{decision[1]} {decision[2]}",
                size=whole(fields.get("len")),
            )
            for recipient in recipients
        )


def _behind(text: str) -> int:
    """Return where the symbols end: what follows has a fixed form."""
    return max(text.rfind("), len: "), 0)


class RspamdReader:
    """Reads Rspamd's own file."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._times = Times(clock)
        self._rspamd = Rspamd()

    begins_with_time = True
    """See `LineReader`."""

    def is_line(self, line: bytes) -> bool:
        """See `LineReader`."""
        return self._times.read(line[:64]) is not None or not line.strip()

    def breaks_off(self, line: bytes) -> bool:
        """See `LineReader`."""
        return self._rspamd.breaks_off(b"", line)

    def time_of(self, line: bytes) -> datetime | None:
        """See `LineReader`."""
        found = self._times.read(line[:64])
        return found[0] if found else None

    def read(self, line: bytes, number: int) -> tuple[Event, ...]:
        """See `LineReader`."""
        if not self._rspamd.wants(b"", line):
            return ()
        source = Line(name=self._name, line=number)
        entry = Entry(
            time=self.time_of(line),
            host=None,
            program="rspamd",
            pid=None,
            message=decode(line[:MAX_LINE].rstrip(b"\r\n")),
            source=source,
            raw=raw_text(line),
        )
        return self._rspamd.events(entry, "rspamd")


class RspamdFormat:
    """Rspamd's own file: `2026-10-20 10:00:00 #1234(normal) <a1b2c3>; task; ...`."""

    kind = "rspamd-log"

    def recognises(self, sample: Sequence[bytes]) -> bool:
        """See `LogFormat`."""
        return any(_OWN.match(decode(line[:200])) for line in sample)

    def reader(self, name: str, sample: Sequence[bytes], clock: Clock) -> LineReader:
        """See `LogFormat`."""
        del sample
        return RspamdReader(name, clock)
