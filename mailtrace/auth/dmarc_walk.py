"""The DNS tree walk of RFC 9989 §4.10: where a domain's DMARC record is, and which domain is its organisation.

From the domain towards the root, at most eight questions. It replaces the public suffix list of RFC 7489. A walk that
meets a question without an answer ends there: what lies above could change everything.
"""

from collections.abc import Iterator
from typing import Protocol

from mailtrace.auth.dmarc_record import DMARCRecord, parse_record
from mailtrace.records import Struct
from mailtrace.resolver import Answer, Question, RRType

MAX_QUERIES = 8
"""RFC 9989 §4.10: with more labels than this, the walk leaps to seven."""


class Step(Struct, frozen=True, kw_only=True):
    """One name that was asked."""

    domain: str
    record: DMARCRecord | None
    """The one valid record there."""
    several: bool
    """More than one DMARC record stands there: all are discarded (RFC 9989 §4.10)."""
    answer: Answer


class Walk(Struct, frozen=True, kw_only=True):
    """A walk, from the domain upwards."""

    start: str
    steps: tuple[Step, ...]

    @property
    def failure(self) -> Answer | None:
        """The question without an answer at which the walk ended, if it did."""
        return None if self.steps[-1].answer.is_answered else self.steps[-1].answer

    @property
    def topmost(self) -> str | None:
        """The name with the fewest labels at which a record was found."""
        return next((step.domain for step in reversed(self.steps) if step.record is not None), None)

    @property
    def organizational_domain(self) -> str | None:
        """RFC 9989 §4.10.2; None where an answer is missing that could decide it."""
        if self.failure is not None:
            return None
        found = [step for step in self.steps if step.record is not None]
        for step in found:
            assert step.record is not None
            # 1. psd=n: this domain is the Organizational Domain.
            if step.record.psd == "n":
                return step.domain
            # 2. psd=y elsewhere than where the walk began: the domain one label below it.
            if step.record.psd == "y" and step.domain != self.start:
                return _child(step.domain, self.start)
        # 3. The record with the fewest labels; without any, the domain itself.
        return found[-1].domain if found else self.start


class Answers(Protocol):
    """What a walk needs of DNS."""

    def resolve(self, name: str, rrtype: RRType, /) -> Answer:
        """Answer one question."""


def walk(domain: str, dns: Answers) -> Walk:
    """Walk from a domain (A-labels) towards the root."""
    steps = []
    for name in targets(domain):
        step = ask(name, dns)
        steps.append(step)
        if not step.answer.is_answered or (step.record is not None and step.record.psd in ("n", "y")):
            break
    return Walk(start=domain, steps=tuple(steps))


def targets(domain: str) -> Iterator[str]:
    """Give the names asked in turn, at most eight (RFC 9989 §4.10 steps 1, 4 and 5).

    >>> list(targets("a.b.example.com"))
    ['a.b.example.com', 'b.example.com', 'example.com', 'com']
    """
    labels = domain.split(".")
    yield domain
    rest = labels[1:] if len(labels) < MAX_QUERIES else labels[-(MAX_QUERIES - 1) :]
    while rest:
        yield ".".join(rest)
        rest = rest[1:]


def questions(domain: str) -> tuple[Question, ...]:
    """List what a walk may ask."""
    return tuple(Question(f"_dmarc.{name}", RRType.TXT) for name in targets(domain))


def ask(name: str, dns: Answers) -> Step:
    """Ask for the record of one name."""
    answer = dns.resolve(f"_dmarc.{name}", RRType.TXT)
    records = [record for text in answer.texts if (record := parse_record(text)) is not None]
    return Step(domain=name, record=records[0] if len(records) == 1 else None, several=len(records) > 1, answer=answer)


def share_organization(one: Walk, other: Walk) -> bool | None:
    """Tell whether two domains have one organizational domain; None where a missing answer could decide it."""
    first, second = one.organizational_domain, other.organizational_domain
    if first is not None and second is not None:
        return first == second
    return True if _agree_below_the_gap(one, other) else None


def can_belong(domain: str, organization: str) -> bool:
    """Tell whether a domain could have this organizational domain, which is always the domain itself or above it."""
    return domain == organization or domain.endswith("." + organization)


def _agree_below_the_gap(one: Walk, other: Walk) -> bool:
    """Tell whether two walks that ended at the same question agree, whatever its answer would have been.

    A record at the gap or above it makes one name, or (`psd=y`) the child below it, the organizational domain of both;
    without any it is the topmost record found. So they agree if the children are one, and the records are.
    """
    if one.failure is None or other.failure is None or one.failure.name != other.failure.name:
        return False
    gap = one.failure.name.removeprefix("_dmarc.")
    if gap in (one.start, other.start) or one.topmost is None:
        return False
    return one.topmost == other.topmost and _child(gap, one.start) == _child(gap, other.start)


def _child(ancestor: str, name: str) -> str:
    """Return the name one label below the ancestor, on the way to the name."""
    return ".".join(name.split(".")[-(ancestor.count(".") + 2) :])
