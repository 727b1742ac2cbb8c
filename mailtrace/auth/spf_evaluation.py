"""What an SPF evaluation keeps while it runs, what it gives, and records in the form that pyspf works with."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from mailtrace.auth.spf_trace import Evaluated, Term
from mailtrace.records import Mutable, Struct, field
from mailtrace.resolver import Answer, RRType


class Evaluation(Struct, frozen=True, kw_only=True):
    """How one `check_host()` ended."""

    result: str
    """A word of RFC 7208 §2.6, or `not-checked`."""
    problem: str | None
    """Set for temperror, permerror, not-checked."""
    detail: str | None
    """The library's own words on a permerror, the resolver's on a temperror. For people."""
    at_fault: str | None
    """The term that an error was met in, or the question (`TXT example.com`) without an answer."""
    mechanism: str | None
    record: str | None
    lookups: int
    void_lookups: int
    explanation: str | None
    trace: Evaluated | None
    """None where no record was found."""


class Node(Mutable, kw_only=True):
    """The evaluation of one record, while it runs."""

    domain: str
    record: str | None
    recursion: int
    reached: "Reached | None" = None
    including: bool = False
    """An include was counted and its record is the next one to be fetched."""
    result: str | None = None
    lookups: int = 0
    voids: list[str] = field(default_factory=list)
    includes: list["Node"] = field(default_factory=list)
    redirect: "Node | None" = None

    def frozen(self) -> Evaluated:
        """Return what is known now."""
        return Evaluated(
            domain=self.domain,
            record=self.record,
            result=self.result,
            term=None if self.reached is None else self.reached.term,
            lookups=self.lookups,
            voids=tuple(self.voids),
            includes=tuple(node.frozen() for node in self.includes),
            redirect=None if self.redirect is None else self.redirect.frozen(),
        )


class Reached:
    """A parsed mechanism that tells its node when its turn comes: pyspf unpacks each once, to evaluate it."""

    __slots__ = ("_node", "_parts", "term")

    def __init__(self, node: Node, parts: tuple[str, str, str | None, int, str]) -> None:
        self._node, self._parts = node, parts
        text, name, argument, prefix, _ = parts
        self.term = Term(text=text, name=name, argument=argument, prefix=prefix)

    def __iter__(self) -> Iterator[Any]:
        self._node.reached = self
        return iter(self._parts)


def values(answer: Answer) -> list[Any]:
    """Return records in the form that pyspf works with; what is not of its type's form is left out."""
    match answer.rrtype:
        case RRType.TXT:
            return [(text,) for text in answer.texts]
        case RRType.MX:
            return [pair for record in answer.records if (pair := _exchange(record))]
        case RRType.A | RRType.AAAA:
            return [record for record in answer.records if _is_address(record, answer.rrtype)]
        case _:
            return list(answer.records)


def _exchange(record: str) -> tuple[int, str] | None:
    preference, _, exchange = record.strip().partition(" ")
    if not (preference.isascii() and preference.isdecimal() and len(preference) < 6):
        return None
    return int(preference), exchange.strip().removesuffix(".")


def _is_address(record: str, rrtype: RRType) -> bool:
    try:
        return ip_address(record).version == (4 if rrtype is RRType.A else 6)
    except ValueError:
        return False
