"""Near: addresses in the logs that differ from the one asked for by a slip of the keyboard.

A letter too many, too few, another one, two exchanged, a dot forgotten: in the part before the @ or behind it.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from mailtrace.delivery.coverage import set_name
from mailtrace.delivery.envelopes import needles_of, stands_for
from mailtrace.delivery.events import REFUSALS, Event, EventKind
from mailtrace.delivery.join import Trail
from mailtrace.delivery.opening import LogFile
from mailtrace.delivery.query import Query, folded, spellings
from mailtrace.delivery.scan import Needles, every, hits
from mailtrace.sources.packed import UNREADABLE

MAX_FOUND = 5
MAX_KNOWN = 200_000
"""Distinct addresses that are compared at the most."""
_ADDRESS = re.compile(rb"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")


def distance(one: str, other: str, limit: int = 3) -> int:
    """Count the letters that were left out, put in, exchanged or swapped with a neighbour; `limit` at the most.

    >>> distance("corp", "crop"), distance("bob", "bobb"), distance("ann", "eve")
    (1, 1, 3)
    """
    if abs(len(one) - len(other)) >= limit:
        return limit
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, char in enumerate(one, 1):
        current = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (char != against))
            if row > 1 and column > 1 and char == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, last = last, current
    return min(last[-1], limit)


def is_near(address: str, other: str) -> bool:
    """Tell whether one address may be the other, mistyped.

    >>> is_near("bob.smith@corp.example", "bobsmith@corp.example"), is_near("bob@corp.example", "eve@corp.example")
    (True, False)
    """
    one, two = folded(address), folded(other)
    local, _, domain = one.rpartition("@")
    local_2, _, domain_2 = two.rpartition("@")
    if one == two or not local or not local_2:
        return False
    if one.replace(".", "") == two.replace(".", ""):
        return True
    if local != local_2 and domain != domain_2:
        return False
    # Of a short name, two letters are most of it.
    slips = 2 if len(local if local != local_2 else domain) >= 6 else 1
    return distance(local, local_2) + distance(domain, domain_2) <= slips


def written_otherwise(logs: Sequence[LogFile], query: Query) -> tuple[str, ...]:
    """Return the Message-IDs in the logs that differ from those asked for only in upper and lower case.

    RFC 5322 §3.6.4 lets case tell two of them apart; people who copy one by hand, and some programs, change it.
    """
    asked = {one.casefold() for one in query.message_ids}
    needles = Needles.of((), tuple(one.strip("<>") for one in query.message_ids))
    found: set[str] = set()
    for log in logs:
        try:
            for hit in hits(log, needles):
                ids = {event.message_id for event in log.reader.read(hit.line, hit.number)}
                found.update(one for one in ids if one is not None and one.casefold() in asked)
        except UNREADABLE:
            continue
    return tuple(sorted(found.difference(query.message_ids))[:MAX_FOUND])


def unclear_lines(logs: Sequence[LogFile], query: Query) -> tuple[tuple[str, int], ...]:
    """Return the first line of each log that names what is asked for, and from which nothing can be read.

    With a Message-ID any line that holds it, of a program that is not known or as a passing remark; else one that is
    broken: a row with a line end in one of its fields, a line that was cut.
    """
    ids = [one.strip("<>").encode("utf-8", "surrogateescape") for one in query.message_ids]
    whole = re.compile(b"|".join(rb"(?<![\w.+/-])" + re.escape(one) + rb"(?![\w.-])" for one in ids))
    people = () if ids else tuple(form for one in (*query.senders, *query.recipients) for form in spellings(one))
    needles = Needles.of(tuple(one.strip("<>") for one in query.message_ids), people)
    found: dict[str, int] = {}
    for log in logs:
        try:
            for hit in hits(log, needles):
                if log.reader.read(hit.line, hit.number):
                    continue
                is_broken = not log.reader.is_line(hit.line) or log.reader.breaks_off(hit.line)
                if whole.search(hit.line) if ids else is_broken and query.in_time(log.reader.time_of(hit.line)):
                    found[log.name] = hit.number
                    break
        except UNREADABLE:
            continue
    return tuple(found.items())


def named_only(
    logs: Sequence[LogFile], addresses: Sequence[str], trails: Sequence[Trail]
) -> dict[str, tuple[tuple[str, int], ...]]:
    """Return by address the first line of each log that names it and the message, and says nothing of it that is read.

    A row of a group in Microsoft 365, of which only the members' rows say what became of it.
    """
    events = [one.event for trail in trails for one in trail.events]
    ids = {one.strip("<>").encode("utf-8", "surrogateescape") for trail in trails for one in trail.message_ids}
    ids |= {event.queue_id.encode("utf-8", "surrogateescape") for event in events if event.queue_id}
    found: dict[str, dict[str, int]] = {folded(one): {} for one in addresses[:MAX_NAMED]}
    forms = [
        (re.compile(rb"(?<![\w.!#$%&'*+/=?^`{|}~-])" + re.escape(form.encode("utf-8", "surrogateescape"))), one)
        for one in found
        for form in spellings(one)
    ]
    needles = Needles.of((), tuple(form for one in found for form in spellings(one)))
    for log in logs:
        try:
            for hit in hits(log, needles):
                lower = hit.line.lower()
                mine = {one for form, one in forms if log.name not in found[one] and form.search(lower)}
                if mine and any(one in hit.line for one in ids):
                    read = log.reader.read(hit.line, hit.number)
                    for one in mine - {folded(event.recipient) for event in read if event.recipient}:
                        found[one][log.name] = hit.number
        except UNREADABLE:
            continue
    return {one: tuple(lines.items()) for one, lines in found.items()}


MAX_NAMED = 20
"""Recipients whose names are looked for beside the message."""

_SHOWS = frozenset(EventKind) - REFUSALS - {EventKind.DSN, EventKind.MDN, EventKind.MAILBOX_COPY}


def mute_logs(logs: Sequence[LogFile]) -> frozenset[str]:
    """Return the logs in which no message is ever taken, tried or delivered; of a rotated set one file is enough.

    Of other programs, of refusals or warnings alone, of who read his mail: there a message is missing in any case.
    """
    sets: dict[str, list[LogFile]] = {}
    for log in logs:
        sets.setdefault(set_name(log.name), []).append(log)
    return frozenset(log.name for files in sets.values() if not any(map(_shows_mail, files)) for log in files)


def _shows_mail(log: LogFile) -> bool:
    if any(_shows(event) for line in log.sample for event in log.reader.read(line, 1)):
        return True
    try:
        return any(_shows(event) for line in every(log) for event in log.reader.read(line, 1))
    except UNREADABLE:
        return True  # what cannot be read is told as such


def _shows(event: Event) -> bool:
    return event.kind in _SHOWS or (event.kind in REFUSALS and not event.of_client and event.queue_id is not None)


def refused_of_sender(logs: Sequence[LogFile], query: Query) -> tuple[tuple[str, int], ...]:
    """Return the first line of each log that refuses something of the sender, at the time, and names no recipient."""
    if query.message_ids or not query.senders:
        return ()
    senders = {folded(one) for one in query.senders}
    needles = Needles.of((), tuple(needle for one in query.senders for needle in needles_of(one)))
    found: dict[str, int] = {}
    for log in logs:
        try:
            for hit in hits(log, needles):
                events = log.reader.read(hit.line, hit.number)
                if any(_refuses(event, senders) and query.in_time(event.time) for event in events):
                    found[log.name] = hit.number
                    break
        except UNREADABLE:
            continue
    return tuple(found.items())


def _refuses(event: Event, senders: AbstractSet[str]) -> bool:
    is_of_nobody = event.recipient is None and event.of_client and event.kind in REFUSALS
    return is_of_nobody and event.sender is not None and bool(stands_for(event.sender) & senders)


def near_misses(address: str, logs: Sequence[LogFile], query: Query) -> tuple[str, ...]:
    """Return the addresses in the logs, at the time that is asked for, that are near this one; nearest first."""
    local, at, domain = folded(address).rpartition("@")
    if not at:
        return ()
    needles = Needles.of((), (f"{local}@", f"@{domain}"))
    known: dict[bytes, bool] = {}
    found: set[str] = set()
    for log in logs:
        try:
            for hit in hits(log, needles):
                for written in _ADDRESS.findall(hit.line):
                    if written not in known:
                        if len(known) >= MAX_KNOWN:
                            return ()
                        known[written] = is_near(address, written.decode("ascii"))
                    if known[written] and query.in_time(log.reader.time_of(hit.line)):
                        found.add(folded(written.decode("ascii")))
        except UNREADABLE:
            continue
    return tuple(sorted(found, key=lambda one: (distance(one, folded(address)), one))[:MAX_FOUND])
