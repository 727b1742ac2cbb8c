"""Outcome: what became of a message for one recipient, by the best evidence there is. Pure.

In a mailbox is the last word; a server's log comes before a report that anybody may have written. `relayed` ends what a
log can prove, `delayed` is no failure, and that somebody's program displayed it does not say that it was read.
"""

from collections.abc import Container, Iterable, Sequence

from mailtrace.delivery.afterwards import used
from mailtrace.delivery.aliases import names_of
from mailtrace.delivery.answer import Outcome
from mailtrace.delivery.events import Event, EventKind, EvidenceClass
from mailtrace.delivery.folders import Role, role_of
from mailtrace.delivery.join import in_order
from mailtrace.delivery.logs.replies import is_discarded
from mailtrace.delivery.mailboxes import Copy
from mailtrace.delivery.owners import Owned, is_one_box, owned
from mailtrace.delivery.query import folded
from mailtrace.delivery.reasons import Reason, reason_of
from mailtrace.delivery.reentry import beyond_filters
from mailtrace.delivery.report_types import Report, SealState
from mailtrace.records import Struct, replace

_BY_ROLE = {Role.JUNK: Outcome.FILTERED, Role.QUARANTINE: Outcome.QUARANTINED}
_ENDS = {
    EventKind.FILTERED: Outcome.FILTERED,
    EventKind.QUARANTINED: Outcome.QUARANTINED,
    EventKind.BOUNCED: Outcome.BOUNCED,
    EventKind.REJECTED: Outcome.REJECTED,
}
_OPEN = {
    EventKind.DEFERRED: Outcome.DEFERRED,
    EventKind.GREYLISTED: Outcome.DEFERRED,
    EventKind.RELAYED: Outcome.HANDED_OVER,
}
_TAKEN = (EventKind.QUEUED, EventKind.ACCEPTED, EventKind.SUBMITTED)
# RFC 3464 §2.3.3
_BY_ACTION = {
    "failed": Outcome.BOUNCED,
    "delayed": Outcome.DEFERRED,
    "delivered": Outcome.DELIVERED,
    "relayed": Outcome.HANDED_OVER,
    "expanded": Outcome.HANDED_OVER,
    # RFC 8098 §3.2.6.2: whoever displays, deletes or processes it has it.
    "displayed": Outcome.DELIVERED,
    "deleted": Outcome.DELIVERED,
    "dispatched": Outcome.DELIVERED,
    "processed": Outcome.DELIVERED,
    "denied": Outcome.DELIVERED,
}
# RFC 2298 §3.2.6.2: what failed is the making of the receipt.
_BY_RECEIPT = {**_BY_ACTION, "failed": Outcome.DELIVERED}


class State(Struct, frozen=True, kw_only=True):
    """What became of it, and what says so."""

    outcome: Outcome
    evidence: Event
    evidence_class: EvidenceClass
    copy: Copy | None = None
    """The copy that it rests on, if it does."""
    is_stale: bool = False
    """The logs go on for longer than anybody tries, and say no more of it."""
    used: tuple[Event, ...] = ()
    """What was done with it in the mailbox afterwards, where only a log says that it was put there."""
    moved_from: str | None = None
    """The folder into which it was delivered, where it lies in another one now."""
    report: Report | None = None
    """The bounce or receipt that it rests on, if it does."""


def state_of(
    address: str,
    events: Sequence[Event],
    copies: Sequence[Copy],
    reports: Sequence[Report],
    *,
    is_only: bool,
    theirs: frozenset[str] = frozenset(),
) -> State | None:
    """Say what became of it for one recipient; None without evidence.

    `is_only`: nobody else is asked for, so that a copy which names no mailbox may be this one's. `theirs`: the sources
    that came from the other side.
    """
    names = names_of(address, events)
    mine = beyond_filters([event for event in in_order(events) if concerns(event, names)])
    mine = _by_the_store(_as_it_stands(mine))
    if not any(_names(event, names) for event in mine) and any(event.recipient for event in events):
        mine = []  # it went to others: that it was in a queue says nothing of this one
    others = frozenset(folded(one) for event in events for one in (event.recipient, event.original_recipient) if one)
    others |= {folded(one) for copy in copies for one in copy.to}
    held = _in_mailbox(copies, names, mine, others - names, is_only=is_only)
    if held is not None:
        return held
    # Where our own log says the same, it needs nobody else's word.
    ours = [event for event in mine if event.source.name not in theirs]
    decided = _decided(mine)
    if decided is not None:
        own = _decided(ours)
        alike = own is not None and _outcome_of(own) is _outcome_of(decided)
        state = _state(own if own is not None and alike else decided, _outcome_of(decided), theirs)
        return replace(state, used=used(mine, decided))
    seen = _seen(mine)
    if seen is not None:
        return replace(_state(seen, _outcome_of(seen), theirs), used=used(mine, seen))
    told = _told(reports, names)
    if told is not None and told.outcome is not Outcome.HANDED_OVER and told.outcome is not Outcome.DEFERRED:
        return told
    tried = {event.queue_id for event in events if event.queue_id and event.recipient and event.kind not in _TAKEN}
    waiting, own_waiting = _still_open(mine, theirs, tried), _still_open(ours, theirs, tried)
    if waiting is not None and own_waiting is not None and waiting.outcome is own_waiting.outcome:
        return own_waiting
    return waiting or told


def _seen(events: Sequence[Event]) -> Event | None:
    """Return the last line that shows it in the mailbox, where none shows how it came there."""
    there = [event for event in events if event.kind is EventKind.MAILBOX_COPY and event.folder is not None]
    return next((event for event in reversed(there) if role_of(event.folder) is not Role.SENT), None)


def _decided(events: Sequence[Event]) -> Event | None:
    arrived = _arrived(events)
    held = [event for event in events if event.kind is EventKind.QUARANTINED]
    if arrived is not None and held and is_discarded(arrived.reply):
        return held[-1]  # the filter that answers so has kept it
    return arrived or _ended(events)


_LEFT = (EventKind.DELIVERED, EventKind.RELAYED, EventKind.BOUNCED)


def _as_it_stands(events: Sequence[Event]) -> list[Event]:
    """Leave out what was done to the rest of a queue entry that this recipient had left, and a hold that was lifted."""
    left: set[tuple[str | None, str]] = set()
    moved: dict[tuple[str | None, str], int] = {}
    standing = []
    for at, event in enumerate(events):
        entry = (event.host, event.queue_id or "")
        is_of_the_rest = event.recipient is None and (event.kind in _ENDS or event.of_all)
        if event.queue_id is None or not is_of_the_rest or entry not in left:
            standing.append((at, event))
        if event.kind in _LEFT and event.recipient is not None:
            left.add(entry)
        if event.kind in (*_LEFT, *_OPEN) or _is_active(event):
            moved[entry] = at
    return [
        event
        for at, event in standing
        if event.kind is not EventKind.QUARANTINED or moved.get((event.host, event.queue_id or ""), -1) < at
    ]


def _is_active(event: Event) -> bool:
    """Tell whether a line shows that the queue goes on with it: not the one that names it, which a hold may precede."""
    return event.kind is EventKind.QUEUED and event.message_id is None and event.subject is None


def _by_the_store(events: Sequence[Event]) -> list[Event]:
    """Leave out the word of the server in front that the store took it, where the store says what it did with it.

    A rule may refuse, discard or forward what was taken with `250 ... Saved`.
    """
    said = (*_ENDS, EventKind.DELIVERED, EventKind.RELAYED)
    told = {event.queue_id for event in events if event.queue_id is not None and event.kind in said}
    is_taken = (EventKind.DELIVERED, None)
    return [event for event in events if (event.kind, event.folder) != is_taken or event.next_queue_id not in told]


def _names(event: Event, names: frozenset[str]) -> bool:
    return event.of_all or bool({folded(one) for one in (event.recipient, event.original_recipient) if one} & names)


def concerns(event: Event, names: frozenset[str]) -> bool:
    """Tell whether an event is of one of these addresses, or of the message as a whole."""
    if event.recipient or event.original_recipient:
        return _names(event, names)
    return event.of_all or event.kind in (*_ENDS, *_TAKEN)


def _state(event: Event, outcome: Outcome, theirs: frozenset[str]) -> State:
    is_theirs = event.source.name in theirs
    return State(
        outcome=outcome,
        evidence=event,
        evidence_class=EvidenceClass.B if is_theirs else EvidenceClass.A,
    )


def _in_mailbox(
    copies: Sequence[Copy], names: frozenset[str], events: Sequence[Event], others: frozenset[str], *, is_only: bool
) -> State | None:
    """Choose the copy that says most: outside junk before in it, the inbox before other folders."""
    there = [copy for copy in copies if copy.was_received and copy.role is not Role.SENT]
    is_only = is_only and is_one_box(there)
    owners = [(copy, owned(copy, names, others, is_only=is_only)) for copy in there]
    delivered = _arrived(events)
    # What a log says of this very recipient counts before a mailbox that may be of another one.
    is_refuted = delivered is None and _ended(events) is not None
    own = [copy for copy, how in owners if how is Owned.SURE or (how is Owned.LIKELY and not is_refuted)]
    if not own:
        return None
    order = (Role.INBOX, Role.OTHER, Role.TRASH, Role.JUNK, Role.QUARANTINE)
    best = min(own, key=lambda copy: (order.index(copy.role), copy.event.folder or "", copy.source, copy.member or ""))
    moved = delivered.folder if delivered is not None and delivered.folder != best.event.folder else None
    return State(
        outcome=_BY_ROLE.get(best.role, Outcome.DELIVERED),
        evidence=best.event,
        evidence_class=EvidenceClass.A,
        copy=best,
        moved_from=moved,
    )


def _arrived(events: Sequence[Event]) -> Event | None:
    """Return what says best into which folder it went: the line that names one counts before the one that does not."""
    there = [event for event in events if event.kind in (EventKind.DELIVERED, EventKind.FILTERED)]
    with_folder = [event for event in there if event.folder is not None]
    discarded = [event for event in there if event.kind is EventKind.FILTERED]
    chosen = with_folder or discarded or there
    return chosen[-1] if chosen else None


def _ended(events: Sequence[Event]) -> Event | None:
    """Return the last event that ends the way without a mailbox."""
    ended = [event for event in events if event.kind in _ENDS]
    if not ended:
        return None
    # The refusal by the next server is why the one before it returned the message: what was returned had been accepted.
    bounced = [event for event in ended if event.kind is EventKind.BOUNCED]
    last = bounced[-1] if bounced else ended[-1]
    again = any(event.kind in _OPEN and (_later(event, last) or _went_on(event, last)) for event in events)
    return None if again and last.kind is EventKind.REJECTED else last


def _went_on(event: Event, refused: Event) -> bool:
    """Tell whether the queue entry that was to be refused was handed on: a filter advises, and the server decides."""
    is_same = event.queue_id is not None and (event.host, event.queue_id) == (refused.host, refused.queue_id)
    return is_same and not event.of_client and event.recipient is not None


def _later(event: Event, than: Event) -> bool:
    return event.time is not None and than.time is not None and event.time > than.time


def _outcome_of(event: Event) -> Outcome:
    if event.kind in (EventKind.DELIVERED, EventKind.MAILBOX_COPY):
        return _BY_ROLE.get(role_of(event.folder), Outcome.DELIVERED)
    if (
        event.kind is EventKind.FILTERED
        and event.folder is not None
        and role_of(event.folder) in (Role.INBOX, Role.OTHER)
    ):
        return Outcome.DELIVERED  # a rule put it into a folder that is no junk
    return _ENDS[event.kind]


def _told(reports: Sequence[Report], names: frozenset[str]) -> State | None:
    """Return what a bounce or receipt says: what ends the way first, then what is signed, then the last."""
    whose = {id(event): (event, report) for report in reports for event in report.events()}
    said = [
        (event, whose[id(event)][1], outcome)
        for event in in_order(event for event, _ in whose.values())
        if (outcome := _said(event)) is not None and concerns(event, names)
    ]
    if not said:
        return None
    final = [one for one in said if one[2] not in (Outcome.DEFERRED, Outcome.HANDED_OVER)]
    signed = [one for one in final or said if class_of(one[1], one[0]) is EvidenceClass.C]
    event, report, outcome = (signed or final or said)[-1]
    return State(outcome=outcome, evidence=event, evidence_class=class_of(report, event), report=report)


def told_otherwise(
    state: State, address: str, events: Sequence[Event], reports: Sequence[Report]
) -> tuple[Event, Report] | None:
    """Return the bounce that says the opposite of a log or mailbox, which shows that it was delivered."""
    if state.report is not None or state.outcome not in (Outcome.DELIVERED, Outcome.FILTERED):
        return None
    told = _told(reports, names_of(address, events))
    if told is None or told.report is None or told.outcome is not Outcome.BOUNCED:
        return None
    return told.evidence, told.report


def _said(event: Event) -> Outcome | None:
    return (_BY_RECEIPT if event.kind is EventKind.MDN else _BY_ACTION).get(event.action or "")


def class_of(report: Report, event: Event) -> EvidenceClass:
    """Tell a signed statement of somebody who has a say in what became of this recipient from a claim."""
    people = {folded(one) for one in (event.recipient, event.original_recipient) if one}
    is_signed = report.seal.state is SealState.VERIFIED and bool(people & report.seal.speaks_for)
    return EvidenceClass.C if is_signed else EvidenceClass.D


def _still_open(events: Sequence[Event], theirs: frozenset[str], named: Container[str]) -> State | None:
    """`named`: the queue entries of which lines name recipients: whoever is not among them does not wait there."""
    tried = [event for event in events if event.kind in _OPEN]
    # Why it waits the last real try said.
    tried = [event for event in tried if reason_of(event.status, event.reply) is not Reason.WAITING] or tried
    if tried:
        last = tried[-1]
        waiting = _OPEN[last.kind]
        if last.kind is EventKind.RELAYED and last.next_queue_id is not None and last.next_queue_id not in named:
            taken = [event for event in events if event.queue_id == last.next_queue_id and event.kind in _TAKEN]
            if taken:  # the next server's log is here as well, and has no try: it waits there
                return _state(taken[-1], Outcome.DEFERRED, theirs)
        return _state(last, waiting, theirs)
    taken = [event for event in events if event.kind in _TAKEN]
    return _state(taken[-1], Outcome.DEFERRED, theirs) if taken else None


_SEVERITY = {outcome: at for at, outcome in enumerate(Outcome)}


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of these; unknown for none."""
    return min(outcomes, key=_SEVERITY.__getitem__, default=Outcome.UNKNOWN)
