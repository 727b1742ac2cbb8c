"""The verdict: two answers, never a score."""

from mailtrace.findings import Finding
from mailtrace.records import Struct
from mailtrace.results import Authenticity, Basis, TransportAnswer
from mailtrace.verdict.settle import OpenPoint


class Verdict(Struct, frozen=True, kw_only=True):
    """Authenticity and transport. A verdict without a reason cannot be constructed."""

    authenticity: Authenticity
    basis: Basis | None
    """What `authentic` rests on; None for every other word."""
    assumes: tuple[str, ...]
    """What is taken on trust: `file-unaltered`, `border-inferred`, `border-given`, `dns-genuine`."""
    transport: TransportAnswer
    transport_claimed: TransportAnswer | None
    """The same over the sender's side; None without claimed hops."""
    summary: str
    """One or two plain sentences, fit for a support ticket."""
    reasons: tuple[str, ...]
    """Codes of findings, most telling first."""
    next_steps: tuple[str, ...]
    open_points: tuple[OpenPoint, ...] = ()
    """What is not known, and what would settle it: what could change the verdict first."""
    unsigned: tuple[str, ...] = ()
    """Where `authentic` rests on a signature: fields shown above the text that no such signature covers."""

    def __post_init__(self) -> None:
        if not self.reasons:
            raise ValueError("a verdict needs a reason")


class Judgement(Struct, frozen=True, kw_only=True):
    """The verdict, and the findings that only the whole picture gives."""

    verdict: Verdict
    findings: tuple[Finding, ...]
