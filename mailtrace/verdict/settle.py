"""What would settle it: for each point that is left open, the record, log line, file or person to ask.

A point is open where an answer exists somewhere and is not in this file: a DNS answer that could be had, the key of
that time, the receiving server's log. What is proved, and what nobody could know, is none. Pure.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import unique
from itertools import islice

from mailtrace.auth.difference_types import Reason
from mailtrace.auth.types import Authentication, DKIMCheck
from mailtrace.enums import StrEnum
from mailtrace.findings import excerpt
from mailtrace.message.types import Message
from mailtrace.path.types import BorderSource, Hop, Path
from mailtrace.records import Struct
from mailtrace.resolver import Answer, Outcome
from mailtrace.results import ARCResult, DKIMResult, Security, Standing
from mailtrace.transport.types import HopTransport
from mailtrace.verdict.authenticity import BASES, Decision, Rule
from mailtrace.verdict.causes import vouches
from mailtrace.verdict.worlds import may_align

MOST_OF_A_KIND = 5
"""Points of one kind; a hostile message can hold thousands of signatures."""


@unique
class Ask(StrEnum):
    """What to ask for."""

    RECORD = "record"  # a DNS record
    LOG = "log"  # a line of a server's log
    FILE = "file"  # another copy of the message
    PERSON = "person"
    OPTION = "option"  # something that the examiner may know already: an option of this command


class OpenPoint(Struct, frozen=True, kw_only=True):
    """One thing that is not known, and where the answer is."""

    about: str
    """What is open, in a phrase."""
    ask: Ask
    settles: str
    """What would settle it, in a sentence: what to look for, where, of which time."""


def open_points(
    message: Message,
    path: Path,
    hops: Sequence[tuple[Hop, HopTransport]],
    authentication: Authentication,
    decision: Decision,
    answers: tuple[Answer, ...],
) -> tuple[OpenPoint, ...]:
    """List them: what could change the verdict first. `hops`: those that decide about transport."""
    at = path.border_hop.received.received_at if path.border_hop else None
    groups = [_stamps(authentication), _unrecorded(hops)]
    # A second signature that fails beside the author's own that verifies leaves nothing open.
    if decision.rule not in BASES:
        groups[:0] = (
            _unanswered(answers),
            _keys(message, authentication, at),
            _altered(message, authentication),
            _session(path, authentication),
            _border(path, decision),
            _other_time(message, decision, at),
            _sealers(message, path, authentication, decision),
            _author(message, decision),
        )
    # Servers that stamp one result twice leave one thing open.
    return tuple(dict.fromkeys(point for group in groups for point in islice(group, MOST_OF_A_KIND)))


def _unanswered(answers: tuple[Answer, ...]) -> Iterator[OpenPoint]:
    for answer in answers:
        if answer.is_answered:
            continue
        question = f"{answer.rrtype} {excerpt(answer.name)}"
        if answer.outcome is Outcome.OFFLINE:
            how = f"Ask DNS for {question} (without --offline)."
        elif answer.outcome is Outcome.NOT_RECORDED:
            how = f"A recording that holds {question}, of the time of reception if there is one."
        else:
            how = f"Ask for {question} again; if that fails, the administrator of that domain has the record."
        yield OpenPoint(about=f"{question} has no answer ({_outcome(answer)})", ask=Ask.RECORD, settles=how)


def _outcome(answer: Answer) -> str:
    return answer.outcome.value.lower().replace("-", " ")


_KEY_OF_THEN = frozenset({"key-missing", "key-revoked", "key-unusable", "signature-mismatch"})
"""What is wrong with a signature that the key of that time could still put right."""
_ALTERED = frozenset({"body-altered", "header-altered"})


def _keys(message: Message, authentication: Authentication, at: datetime | None) -> Iterator[OpenPoint]:
    for check in _own_first(message, authentication):
        if check.problem in _KEY_OF_THEN and check.sdid and check.selector:
            name = excerpt(f"{check.selector}._domainkey.{check.sdid}")
            yield OpenPoint(
                about=f"the signature of {check.sdid}: {check.problem.replace('-', ' ')}",
                ask=Ask.RECORD,
                settles=f"The TXT record at {name}{_as_of(at)}: give an archived copy with --keys.",
            )


def _altered(message: Message, authentication: Authentication) -> Iterator[OpenPoint]:
    for check in _own_first(message, authentication):
        if check.problem not in _ALTERED:
            continue
        if check.alteration is not None and check.alteration.proved:
            yield OpenPoint(
                about=f"who changed the message after {check.sdid} signed it",
                ask=Ask.PERSON,
                settles=_who_had_it(check, authentication),
            )
        else:
            yield OpenPoint(
                about=f"what was changed after {check.sdid} signed it",
                ask=Ask.FILE,
                settles="The message as it was sent (the author's copy), or as it came in at a server on the way.",
            )


def _who_had_it(check: DKIMCheck, authentication: Authentication) -> str:
    """Name those who can have changed it: all who had it since, or those behind a check that it passed."""
    for each in authentication.differences:
        altered = each.method == "dkim" and each.identity == check.sdid and each.reason is Reason.COPY_ALTERED
        if altered and each.standing is Standing.TRUSTED:
            who = excerpt(each.authserv_id or "the receiving server")
            return f"The receiving side, and whoever wrote this file: {who} had found the signature good before that."
    return (
        "The operators of the servers that had it since, the receiving side's own among them: whether theirs does that."
    )


def _own_first(message: Message, authentication: Authentication) -> list[DKIMCheck]:
    """Return the signatures that are no pass, those of the author's own organisation first."""
    failed = [check for check in authentication.dkim if check.result is not DKIMResult.PASS]
    return sorted(failed, key=lambda check: not may_align(message.author_domain, check.sdid))


def _session(path: Path, authentication: Authentication) -> Iterator[OpenPoint]:
    session = authentication.session
    missing = [
        (what, option)
        for what, value, option in (
            ("the client's address", session.client_ip, "--client-ip"),
            ("the envelope sender", session.mail_from, "--mail-from"),
        )
        if value is None
    ]
    if missing:
        names, options = " and ".join(what for what, _ in missing), " and ".join(option for _, option in missing)
        yield OpenPoint(
            about=f"{names}, which SPF is about",
            ask=Ask.LOG,
            settles=f"{_log(path.border_hop)}: give what it says with {options}.",
        )


def _border(path: Path, decision: Decision) -> Iterator[OpenPoint]:
    counts = decision.rule in (Rule.SPF_INFERRED, Rule.PROVED_CAUSE, Rule.NOTHING, Rule.STAMP)
    if path.border_source is BorderSource.INFERRED and counts:
        who = path.receiver or "the writer of that hop"
        value = f".{path.receiver}" if path.receiver else "NAME"
        yield OpenPoint(
            about="where the receiving side took the message over",
            ask=Ask.OPTION,
            settles=f"If {who} is the receiving side, say so with --trust {value}.",
        )


def _other_time(message: Message, decision: Decision, at: datetime | None) -> Iterator[OpenPoint]:
    if decision.rule is Rule.OTHER_TIME and message.author_domain:
        yield OpenPoint(
            about="which policy held when the message was received",
            ask=Ask.RECORD,
            settles=f"The DMARC and SPF records of {message.author_domain}{_as_of(at)}, as a recording for --dns.",
        )


def _sealers(message: Message, path: Path, authentication: Authentication, decision: Decision) -> Iterator[OpenPoint]:
    arc = authentication.arc
    if arc.result is not ARCResult.PASS or decision.rule in BASES or decision.causes.vouched:
        return
    for seal in arc.sets:
        if seal.sdid and vouches(message, (*path.trust, seal.sdid), authentication):
            yield OpenPoint(
                about=f"whether {seal.sdid} can be believed, which says that DMARC passed when it took the message",
                ask=Ask.OPTION,
                settles=f"If you trust {seal.sdid} to say so, name it with --trust {seal.sdid}.",
            )


def _stamps(authentication: Authentication) -> Iterator[OpenPoint]:
    for difference in authentication.differences:
        if difference.reason is Reason.UNEXPLAINED and difference.standing is Standing.TRUSTED:
            who = excerpt(difference.authserv_id or "the receiving server")
            yield OpenPoint(
                about=f"why {who} stamped {difference.method}={excerpt(difference.stamped)}",
                ask=Ask.LOG,
                settles=f"The log of {who} for this message: what it checked, and with which record.",
            )


def _unrecorded(hops: Sequence[tuple[Hop, HopTransport]]) -> Iterator[OpenPoint]:
    for hop, facts in hops:
        if facts.security is Security.UNRECORDED:
            yield OpenPoint(
                about=f"whether the hop to {excerpt(hop.received.by or 'a server that is not named')} was encrypted",
                ask=Ask.LOG,
                settles=f"{_log(hop)}: the line of the connection says whether TLS was used.",
            )


_AUTHOR_OPEN = frozenset({
    Rule.NOTHING, Rule.NOT_JUDGED, Rule.MONITORED_FAIL, Rule.CLAIMED_CAUSE, Rule.OTHER_TIME, Rule.SHARED_SUFFIX,
    Rule.SHARED_SUFFIX_FAIL,
})  # fmt: skip


def _author(message: Message, decision: Decision) -> Iterator[OpenPoint]:
    if decision.rule not in _AUTHOR_OPEN or message.author_domain is None:
        return
    what = f"Message-ID {excerpt(message.message_id)}" if message.message_id else "this message"
    yield OpenPoint(
        about=f"whether {message.author_domain} sent it",
        ask=Ask.LOG,
        settles=f"The outgoing log of {message.author_domain}'s mail servers for {what}{_as_of(message.date)}.",
    )


def _log(hop: Hop | None) -> str:
    """Name a log line: the server, its queue id, the time."""
    if hop is None:
        return "The log of the server that received the message"
    received = hop.received
    line = f" for {excerpt(received.id)}" if received.id else ""
    return f"The log of {excerpt(received.by or 'the server that wrote the field')}{line}{_at(received.received_at)}"


def _at(time: datetime | None) -> str:
    return f" at {time:%Y-%m-%d %H:%M:%S} UTC" if time else ""


def _as_of(time: datetime | None) -> str:
    return f" of {time:%Y-%m-%d}" if time else " of that time"
