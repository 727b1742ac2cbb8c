"""A mail server's log of any size, the same for the same seed: what Postfix, a filter behind it and Dovecot write.

Messages come in from clients that connect, speak TLS or do not, and are turned away now and then; they pass a filter
on the same machine, which hands them back; they go to mailboxes and to other servers, some after a second try. Lines
of different processes stand between each other, as they do in a log. One message is `WANTED`: it has recipients of
each kind, and the questions of the measurement are about it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

START = datetime(2026, 10, 20, tzinfo=UTC)
SPACING = 0.9
"""Seconds between two messages, on average."""
PEOPLE = 20_000
SERVERS = 800
ALPHABET = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
SUITE = (
    "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 "
    "server-signature RSA-PSS (2048 bits) server-digest SHA256"
)
SENT = "delay=3.1, delays=1.9/0.01/0.6/0.6, dsn=2.0.0, status=sent"
LATE = "relay=none, delay=31, delays=1/0/30/0, dsn=4.4.1, status=deferred"
SAVED = "relay=mx[private/dovecot-lmtp], delay=2.1, delays=1.9/0.01/0.02/0.17, dsn=2.0.0, status=sent"
FILTERED = "relay=127.0.0.1[127.0.0.1]:10024, delay=0.9, delays=0.3/0/0.1/0.5, dsn=2.0.0, status=sent"
WANTED_AT = 1800.0
"""Seconds from the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The message that is asked for."""

    message_id: str = "20261022.wanted.7f3a9c@sender.example"
    sender: str = "ann.wanted@sender.example"
    local: str = "bob.wanted@corp.example"
    remote: str = "carol.wanted@partner.example"
    time: str = "2026-10-20 00:30"


WANTED = Wanted()
Write = Callable[[float, str], None]


def maillog(path: Path, octets: int, seed: int) -> Path:
    """Write the log, unless it is there already; it is a little longer than asked for."""
    if path.is_file() and path.stat().st_size >= octets:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w", encoding="ascii", buffering=1 << 20) as file:
        for text in _seconds(seed):
            file.write(text)
            if file.tell() >= octets:
                break
    part.rename(path)
    return path


def _seconds(seed: int) -> Iterator[str]:
    """Give the lines second by second: those of a second are in order, and no earlier one comes later."""
    traffic = _Traffic(seed)
    waiting: dict[int, list[tuple[float, str]]] = defaultdict(list)

    def write(at: float, rest: str) -> None:
        waiting[int(at)].append((at, rest))

    at, second, wanted = 0.0, 0, False
    while True:
        at += traffic.random.expovariate(1 / SPACING)
        if not wanted and at > WANTED_AT:
            wanted = True
            traffic.message(at, write, WANTED)
        traffic.message(at, write, None)
        while second < int(at):
            lines = waiting.pop(second, [])
            lines.sort()
            front = _stamp(second)
            yield "".join([f"{front}.{int(when % 1 * 1e6):06d}+00:00{rest}" for when, rest in lines])
            second += 1


def _stamp(second: int) -> str:
    return (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")


class _Traffic:
    """Draws messages."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._people = [f"user{number:05d}@site{number % SERVERS:03d}.example" for number in range(PEOPLE)]
        self._count = 0

    def _queue_id(self) -> str:
        self._count += 1
        number, found = self._count * 7919 + (1 << 40), ""
        while number:
            number, digit = divmod(number, len(ALPHABET))
            found = ALPHABET[digit] + found
        return f"4{found[-8:]}z{ALPHABET[self._count % 51]}{ALPHABET[self._count // 51 % 51]}"

    def message(self, at: float, write: Write, wanted: Wanted | None) -> None:
        """Draw one message: how it comes in, what becomes of it."""
        draw = self.random.random
        who = int(draw() * PEOPLE)
        site, pid = who % SERVERS, 1000 + int(draw() * 60)
        client = f"mail.site{site:03d}.example[198.51.{100 + site // 250}.{site % 250}]"
        daemon = f" mx postfix/smtpd[{pid}]: "
        write(at, f"{daemon}connect from {client}\n")
        if draw() < 0.85 or wanted:
            write(at + 0.09, f"{daemon}Anonymous TLS connection established from {client}: {SUITE}\n")
        if draw() < 0.2 and not wanted:
            said = f"450 4.7.1 <{self._people[who]}>: Recipient address rejected: Greylisted"
            write(at + 0.2, f"{daemon}NOQUEUE: reject: RCPT from {client}: {said}; from=<{self._people[who]}>\n")
            write(at + 0.3, f"{daemon}disconnect from {client} ehlo=2 starttls=1 mail=1 rcpt=0/1 quit=1 commands=5/6\n")
            return
        sender = wanted.sender if wanted else self._people[who]
        message_id = wanted.message_id if wanted else f"{self._count:x}.{int(draw() * 1e12):x}@site{site:03d}.example"
        people = self._recipients(wanted)
        first, second = self._queue_id(), self._queue_id()
        write(at + 0.2, f"{daemon}{first}: client={client}\n")
        self._queued(at + 0.25, write, first, message_id, sender, len(people))
        commands = f"ehlo=2 starttls=1 mail=1 rcpt={len(people)} data=1 quit=1"
        write(at + 0.6, f"{daemon}disconnect from {client} {commands} commands={len(people) + 6}\n")
        self._filtered(at + 0.7, write, first, second, people)
        self._queued(at + 1.2, write, second, message_id, sender, len(people))
        for number, (address, is_local) in enumerate(people):
            deliver = self._saved if is_local else self._relayed
            deliver(at + 1.7 + 0.2 * number, write, second, address)
        write(at + 30, f" mx postfix/qmgr[98]: {second}: removed\n")

    def _recipients(self, wanted: Wanted | None) -> list[tuple[str, bool]]:
        if wanted:
            return [(wanted.local, True), (wanted.remote, False)]
        some = (1, 1, 1, 1, 2, 2, 3, 5)[int(self.random.random() * 8)]
        return [self._recipient(self.random.random()) for _ in range(some)]

    def _recipient(self, drawn: float) -> tuple[str, bool]:
        if drawn < 0.6:
            return f"staff{int(drawn * 3000):04d}@corp.example", True
        return self._people[int(drawn * PEOPLE)], False

    def _queued(self, at: float, write: Write, queue_id: str, message_id: str, sender: str, count: int) -> None:
        size = 2000 + int(self.random.random() * 90_000)
        write(at, f" mx postfix/cleanup[{1100 + int(at) % 20}]: {queue_id}: message-id=<{message_id}>\n")
        envelope = f"from=<{sender}>, size={size}, nrcpt={count}"
        write(at + 0.1, f" mx postfix/qmgr[98]: {queue_id}: {envelope} (queue active)\n")

    def _filtered(self, at: float, write: Write, first: str, second: str, people: list[tuple[str, bool]]) -> None:
        """A filter on the same machine takes it, and hands it back under another queue id."""
        write(at + 0.3, f" mx postfix/smtpd[{1200 + int(at) % 9}]: {second}: client=localhost[127.0.0.1]\n")
        said = f"250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as {second}"
        for address, _ in people:
            write(at + 0.6, f" mx postfix/smtp[{1300 + int(at) % 30}]: {first}: to=<{address}>, {FILTERED} ({said})\n")
        write(at + 0.65, f" mx postfix/qmgr[98]: {first}: removed\n")

    def _saved(self, at: float, write: Write, queue_id: str, address: str) -> None:
        session = f"{queue_id}{int(self.random.random() * 1e9):x}"
        agent = f" mx dovecot: lmtp({address})<{1400 + int(at) % 50}><{session}>"
        write(at, f"{agent}: msgid=<{queue_id}@mx.example>: saved mail to INBOX\n")
        front = f" mx postfix/lmtp[{1500 + int(at) % 20}]: {queue_id}: to=<{address}>"
        write(at + 0.05, f"{front}, {SAVED} (250 2.0.0 <{address}> {session} Saved)\n")

    def _relayed(self, at: float, write: Write, queue_id: str, address: str) -> None:
        draw = self.random.random
        host = f"mx1.{address.partition('@')[2]}[203.0.113.{len(address) * 7 % 250}]"
        daemon = f" mx postfix/smtp[{1600 + int(draw() * 80)}]: "
        front = f"{daemon}{queue_id}: to=<{address}>"
        if draw() < 0.05:
            write(at, f"{front}, {LATE} (connect to {host}:25: Connection timed out)\n")
            at += 300 + draw() * 500
        if draw() < 0.92:
            write(at, f"{daemon}Untrusted TLS connection established to {host}:25: {SUITE}\n")
        reply = f"250 2.0.0 Ok: queued as {int(draw() * 2**40):X}"
        write(at + 0.4, f"{front}, relay={host}:25, {SENT} ({reply})\n")
