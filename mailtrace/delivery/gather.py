"""Gather: read the logs until nothing new joins. Memory is bounded by what matches, not by the logs.

Each round looks for a few needles in every log: first what is asked for, then the queue ids and Message-IDs that the
events of the last round brought. A round costs what `grep -F` costs.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from mailtrace.delivery.envelopes import needles_of, stands_for
from mailtrace.delivery.events import Event
from mailtrace.delivery.join import Trail, trails
from mailtrace.delivery.opening import LogFile
from mailtrace.delivery.query import LATE, Query, folded
from mailtrace.delivery.scan import Needles, hits
from mailtrace.delivery.watch import Watch
from mailtrace.records import Mutable, field
from mailtrace.sources.packed import UNREADABLE

MAX_ROUNDS = 12
MAX_EVENTS = 200_000
"""Events that are held; a question that matches more is too wide to be answered."""

Progress = Callable[[str, int, int], None]
"""Is told the log that is read, its place in the round, and how many there are."""


class Gathered(Mutable):
    """What the logs hold of the question."""

    events: dict[tuple[str, int | None, int], Event] = field(default_factory=dict)
    """By place: name, line, and which event of the line."""
    watches: dict[str, Watch] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    """Logs that could not be read to their end."""
    is_too_wide: bool = False
    rounds: int = 0


class Gatherer:
    """Reads the logs in rounds."""

    def __init__(self, logs: Sequence[LogFile], query: Query, progress: Progress | None = None) -> None:
        """Take the logs and the question."""
        self.gathered = Gathered()
        self._logs = sorted(logs, key=lambda log: log.name)
        self._query = query
        self._progress = progress
        self._counts: dict[str, list[int]] = defaultdict(list)
        self._searched: set[str] = set()
        self._own: set[str] = set()
        """Queue ids that a message which is asked for really had."""
        self._people = frozenset(folded(one) for one in (*query.senders, *query.recipients))

    def gather(self, message_ids: Iterable[str] = (), others: Iterable[Event] = ()) -> tuple[Trail, ...]:
        """Read until nothing new joins; return the messages that are asked for.

        `message_ids`: known from elsewhere, as from a copy in a mailbox. `others`: events that are from no log.
        """
        elsewhere = tuple(others)
        wanted = {*self._query.message_ids, *message_ids}
        self._round(wanted, first=not self.gathered.rounds)
        while self.gathered.rounds < MAX_ROUNDS:
            found = self.trails(elsewhere)
            fresh = self._needed(found) - self._searched
            if not fresh:
                break
            self._round(fresh, first=False)
        return self.trails(elsewhere)

    def trails(self, others: Iterable[Event] = ()) -> tuple[Trail, ...]:
        """Return the messages that are asked for, as far as they are known."""
        return trails([*self.gathered.events.values(), *others], self._query)

    def _needed(self, found: Sequence[Trail]) -> set[str]:
        """Name everything by which more of these messages may be found."""
        needed = set(self._candidates())
        for trail in found:
            needed.update(trail.message_ids)
            for one in trail.events:
                event = one.event
                if event.queue_id is not None:
                    self._own.add(event.queue_id)
                needed.update(x for x in (event.queue_id, event.next_queue_id, event.previous_queue_id) if x)
        return needed

    def _candidates(self) -> Iterator[str]:
        """Name the queue ids that may be of a message whose envelope is asked for."""
        query = self._query
        if query.message_ids:
            return
        senders, recipients = ({folded(one) for one in side} for side in (query.senders, query.recipients))
        by_sender: set[str] = set()
        by_recipient: set[str] = set()
        for event in self.gathered.events.values():
            key = event.queue_id or event.message_id
            if key is None:
                continue
            if event.sender is not None and stands_for(event.sender) & senders and query.in_time(event.time):
                by_sender.add(key)
            named = (event.recipient, event.original_recipient, event.control)
            people = {form for one in named if one for form in stands_for(one)}
            # What was sent in time may be delivered days later.
            if people & recipients and query.in_time(event.time, late=LATE):
                by_recipient.add(key)
        # Where one line names both, or one server never names the sender, the other set has the key as well.
        both = by_sender & by_recipient
        yield from sorted(both if senders and recipients and both else by_sender | by_recipient)

    def _round(self, exact: set[str], *, first: bool) -> None:
        gathered = self.gathered
        gathered.rounds += 1
        self._searched |= exact
        people = (*self._query.senders, *self._query.recipients) if first and not self._query.message_ids else ()
        # Angle brackets are not in every log.
        bare = {one.strip("<>") for one in exact}
        needles = Needles.of(tuple(bare), tuple(needle for one in people for needle in needles_of(one)))
        for at, log in enumerate(self._logs):
            if self._progress is not None:
                self._progress(log.name, at, len(self._logs))
            is_new = log.name not in gathered.watches
            watch = gathered.watches.setdefault(log.name, Watch(log))
            if needles or is_new:
                self._read(log, needles, watch, is_new=is_new)

    def _read(self, log: LogFile, needles: Needles, watch: Watch, *, is_new: bool) -> None:
        gathered = self.gathered
        try:
            for hit in hits(log, needles, watch if is_new else None, self._counts[log.name]):
                for line in hit.before:
                    log.reader.read(line, hit.number)  # for what it remembers of the process
                events = log.reader.read(hit.line, hit.number)
                if not events:
                    watch.off(hit.line, hit.number)
                for at, event in enumerate(events):
                    if not self._is_wanted(event):
                        continue
                    if len(gathered.events) >= MAX_EVENTS:
                        gathered.is_too_wide = True
                        return
                    gathered.events[log.name, hit.number, at] = event
        except UNREADABLE as fault:
            gathered.faults[log.name] = " ".join(str(fault).split())[:200] or type(fault).__name__

    def _is_wanted(self, event: Event) -> bool:
        """Tell whether a line that holds a needle holds it where it counts, and not in passing."""
        searched = self._searched
        if event.queue_id in searched or event.previous_queue_id in searched or event.next_queue_id in self._own:
            return True
        if event.message_id is not None and event.message_id in searched:
            return True
        people = (event.sender, event.recipient, event.original_recipient)
        return bool(self._people) and any(one is not None and stands_for(one) & self._people for one in people)
