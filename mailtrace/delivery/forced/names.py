"""Which message a transfer was of: Postfix, Sendmail and Exim write sender and Message-ID on other lines.

The logs are read once more, for the queue ids of the transfers that are listed.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from mailtrace.delivery.coverage import EPOCH
from mailtrace.delivery.forced.report import Transfer
from mailtrace.delivery.opening import LogFile
from mailtrace.delivery.scan import find_lines, lines
from mailtrace.records import replace
from mailtrace.sources.packed import UNREADABLE

MAX_IDS = 20_000
"""Queue ids that are looked up."""

_Place = tuple[str | None, str]


def name_messages(transfers: Iterable[Transfer], logs: Sequence[LogFile]) -> list[Transfer]:
    """Fill in sender and Message-ID, where the logs have them. An id that was used again is told apart by time."""
    listed = list(transfers)
    wanted = sorted({one.queue_id for one in listed if one.queue_id and (one.sender is None or one.message_id is None)})
    if not wanted:
        return listed
    said = _said(frozenset(wanted[:MAX_IDS]), logs)
    return [_named(one, said.get((one.host, one.queue_id or ""), {})) for one in listed]


def _said(wanted: frozenset[str], logs: Sequence[LogFile]) -> dict[_Place, dict[str, list[tuple[datetime, str]]]]:
    """Find senders and Message-IDs by server and queue id, each with its time."""
    said: dict[_Place, dict[str, list[tuple[datetime, str]]]] = defaultdict(lambda: defaultdict(list))
    # `4QpZ0y1xYzz9: from=<...>`; in Exim's lines nothing stands behind the id.
    words = {word for one in wanted for word in (one.encode(), f"{one}:".encode())}
    for log in logs:
        try:
            for seen in lines(log, partial(_starts, words), _ends):
                for event in log.reader.read(seen.line, seen.number):
                    if event.queue_id not in wanted:
                        continue
                    place = said[event.host, event.queue_id]
                    for field, value in (("sender", event.sender), ("message_id", event.message_id)):
                        if value is not None:
                            place[field].append((event.time or EPOCH, value))
        except UNREADABLE:
            continue  # said already, when the log was read for its transfers
    return said


def _starts(words: set[bytes], block: bytes) -> set[int]:
    """Find the lines with one of so many words. To split a block costs less than to look for each of them."""
    starts: set[int] = set()
    for word in words.intersection(block.split()):
        find_lines(block, block, word, starts)
    return starts


def _ends(block: bytes) -> int:
    return block.count(b"\n")


def _named(one: Transfer, said: dict[str, list[tuple[datetime, str]]]) -> Transfer:
    return replace(
        one,
        sender=one.sender or _last(said.get("sender", []), one.time),
        message_id=one.message_id or _last(said.get("message_id", []), one.time),
    )


def _last(values: list[tuple[datetime, str]], time: datetime | None) -> str | None:
    """Return what was said last before the transfer."""
    values.sort()
    at = bisect_right([one for one, _ in values], time or EPOCH)
    return values[at - 1][1] if at else None
