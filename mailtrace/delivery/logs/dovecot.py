"""Dovecot: what its delivery agents (LMTP, LDA, with or without Sieve) and the mail_log plugin write (doc.dovecot.org).

    lmtp(bob@example.org)<1234><sAbC1eFgHi2jKl>: sieve: msgid=<AbC@example.com>: stored mail into mailbox 'Junk'
    imap(bob)<99><session>: expunge: box=Trash, uid=7, msgid=<AbC@example.com>, size=1234

These lines alone name the folder. The session is what LMTP's reply calls the message (`250 2.0.0 <bob@...> sAbC...
Saved`), so it stands for the queue id.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from mailtrace.delivery.events import Event, EventKind, Line
from mailtrace.delivery.logs import MAX_LINE, Clock, LineReader
from mailtrace.delivery.logs.entries import Entry, decode, named, raw_text, whole
from mailtrace.delivery.logs.times import Times

# lmtp(bob)<1234><session>: ; lmtp(1234, bob): session: ; deliver(bob): ; imap(bob): ; a file of its own adds `Info: `
_WHO = re.compile(
    r"(lmtp|lda|deliver|imap|pop3|indexer-worker|managesieve|doveadm)\((?:\d+, )?([^()\s]{1,320})\)"
    r"(?:<\d*>)?(?:<([^<>]{1,64})>)?: (?:Info: |Warning: |Error: )?(.*)$",
    re.DOTALL,
)
# Before 2.3 the session stood behind, and only where LMTP wrote.
_OLD_SESSION = re.compile(r"([\w+/=]{6,64}): (?:Info: |Error: )?")
_MSGID = re.compile(r"(?:^|[\s,:])msgid=(<[^<>]*>|[^\s,:]*)[^:,]{0,40}(?:: (.*)|,.*|$)", re.DOTALL)
# The Message-ID, or the folder, has no end.
_CUT = re.compile(rb" msgid=<[^<>]*$|: stored mail into mailbox '[^']*$")
_STORED = re.compile(r"stored mail into mailbox '(.*)'$")
_SAVED = re.compile(r"saved mail to (.*)$")
_FAILED = re.compile(r"(?:save failed to|failed to store into mailbox) '?(.*?)'?: (.*)$")
_FORWARDED = re.compile(r"forwarded to <([^<>]*)>")
_ACTION = re.compile(
    r"(copy from [^:]{1,200}|move from [^:]{1,200}|save|append|delete|undelete|expunge|copy): (?:box=(.*?)(?:, |$))?"
)
_SIZE = re.compile(r", size=(\d+)")
_REFUSED = re.compile(r"rejected message from ")
# Pigeonhole of 2.3 says which of a script's actions it was: `fileinto action: stored mail into mailbox 'Junk'`.
_BY_ACTION = re.compile(r"[a-z_-]{2,20} action: ")
_DISCARDED = re.compile(r"marked message to be discarded|discarded message", re.IGNORECASE)
_OWN = re.compile(
    r"(?:lmtp|lda|deliver|imap|pop3|imap-login|pop3-login|auth|master|anvil|managesieve-login|doveadm)(?:\(|: )"
)

JUNK = frozenset({"junk", "spam", "junk e-mail", "junk email", "junk mail", "bulk mail", "quarantine", "junkmail"})
"""Names of folders that hold what was taken for spam, in lower case (RFC 6154 §2 has a mark for it, logs do not)."""


def is_junk(folder: str) -> bool:
    """Say whether the last part of a folder's name is one of those.

    >>> is_junk("INBOX.Junk"), is_junk("Junkyard")
    (True, False)
    """
    name = folder.casefold()
    return name in JUNK or re.split(r"[./\\]", name)[-1] in JUNK


class Dovecot:
    """Reads Dovecot's lines."""

    def wants(self, service: bytes, message: bytes) -> bool:
        """See `Program`."""
        del service
        return b"msgid=" in message

    def breaks_off(self, service: bytes, message: bytes) -> bool:
        """See `Program`."""
        del service
        return _CUT.search(message) is not None

    def events(self, entry: Entry, service: str) -> tuple[Event, ...]:
        """See `Program`."""
        del service
        match = _WHO.match(entry.message)
        found = _MSGID.search(match[4]) if match else None
        if match is None or found is None:
            return ()
        agent, user, session, text = match.groups()
        if agent == "lmtp" and session is None and (old := _OLD_SESSION.match(text)):
            session = old[1]
        message_id = named(found[1]) if found[1] != "unspecified" else None
        if agent in {"lmtp", "lda", "deliver"}:
            event = _delivered(entry, found[2] or "", user, session, message_id)
        else:
            event = _used(entry, text, user, message_id)
        return (event,) if event else ()


def _delivered(entry: Entry, text: str, user: str, session: str | None, message_id: str | None) -> Event | None:
    kind: EventKind | None = None
    folder = target = None
    said = text[match.end() :] if (match := _BY_ACTION.match(text)) else text
    if match := _STORED.search(said) or _SAVED.match(said):
        folder = match[1]
        kind = EventKind.FILTERED if is_junk(folder) else EventKind.DELIVERED
    elif match := _FAILED.search(said):
        folder = match[1]
        # What the agent answers then, the MTA's line says.
        kind = EventKind.REJECTED if "uota" in match[2] else EventKind.DEFERRED
    elif match := _FORWARDED.match(said):
        kind, target = EventKind.RELAYED, match[1]
    elif _DISCARDED.match(said):
        kind = EventKind.FILTERED
    elif _REFUSED.match(said):
        # RFC 5429 §2.1: the server has taken it, and returns it to the sender.
        kind = EventKind.BOUNCED
    if kind is None:
        return None
    return entry.event(
        kind,
        recipient=target or user,
        original_recipient=user if target else None,
        queue_id=session,
        message_id=message_id,
        folder=folder,
        reply=text,
    )


def _used(entry: Entry, text: str, user: str, message_id: str | None) -> Event | None:
    """Read what somebody, or a program of theirs, did to a message in the mailbox: it was there then."""
    match = _ACTION.match(text)
    if match is None:
        return None
    size = _SIZE.search(text)
    return entry.event(
        EventKind.MAILBOX_COPY,
        recipient=user,
        message_id=message_id,
        folder=match[2],
        reply=match[1],
        size=whole(size[1]) if size else None,
    )


class DovecotReader:
    """Reads a file of Dovecot's own (`log_path`): there is no host, and the agent stands directly behind the time."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._times = Times(clock)
        self._dovecot = Dovecot()

    @property
    def year_inferred(self) -> bool:
        """Say whether a time without a year was read."""
        return self._times.year_inferred

    begins_with_time = True
    """See `LineReader`."""

    def is_line(self, line: bytes) -> bool:
        """See `LineReader`."""
        return self._times.read(line[:64]) is not None or not line.strip()

    def breaks_off(self, line: bytes) -> bool:
        """See `LineReader`."""
        return self._dovecot.breaks_off(b"", line)

    def time_of(self, line: bytes) -> datetime | None:
        """See `LineReader`."""
        found = self._times.read(line[:64])
        return found[0] if found else None

    def read(self, line: bytes, number: int) -> tuple[Event, ...]:
        """See `LineReader`."""
        if not self._dovecot.wants(b"", line) or (found := self._times.read(line[:64])) is None:
            return ()
        message = decode(line[found[1] : MAX_LINE].strip())
        source = Line(name=self._name, line=number)
        entry = Entry(
            time=found[0], host=None, program="dovecot", pid=None, message=message, source=source, raw=raw_text(line)
        )
        return self._dovecot.events(entry, "dovecot")


_STAMP = re.compile(
    r"(?:[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?|\d{4}-\d\d-\d\d[T ])\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?:? "
)


class DovecotFormat:
    """Dovecot's own file."""

    kind = "dovecot-log"

    def recognises(self, sample: Sequence[bytes]) -> bool:
        """See `LogFormat`."""
        texts = (decode(line[:200]) for line in sample)
        return any((match := _STAMP.match(text)) and _OWN.match(text[match.end() :]) for text in texts)

    def reader(self, name: str, sample: Sequence[bytes], clock: Clock) -> LineReader:
        """See `LogFormat`."""
        del sample
        return DovecotReader(name, clock)
