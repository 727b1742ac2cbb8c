"""Findings: an observation with a stable code, a severity, a confidence, and at least one piece of evidence.

A `FindingKind` is declared beside the code that observes it; its long description and remedy hang on the code, in
`mailtrace/explanations/*.toml` (printed by `mailtrace explain CODE`, rendered to docs/findings.md).
"""

from collections.abc import Iterable

from mailtrace.printable import escape
from mailtrace.records import Struct
from mailtrace.results import Confidence, Severity

EXCERPT_LIMIT = 200
"""Characters of an evidence excerpt at the most."""

_ORDER = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.NOTICE: 2, Severity.INFO: 3}


class Evidence(Struct, frozen=True, kw_only=True):
    """A place, and what stands there."""

    source: str
    """`header:Received[2]` (counted from the top, from 0), `dns:TXT _dmarc.example.com`, `body`."""
    line: int | None = None
    """Line of the message, 1 = first; None where the place is not in the message."""
    excerpt: str
    """Printable, at most 200 characters, control characters escaped."""


class Finding(Struct, frozen=True, kw_only=True):
    """One observation about this message."""

    code: str
    severity: Severity
    confidence: Confidence
    title: str
    detail: str
    """One sentence with the facts of this case."""
    reference: str
    evidence: tuple[Evidence, ...]

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError(f"a finding needs evidence: {self.code!r}")


class FindingKind(Struct, frozen=True, kw_only=True):
    """What all findings of one code share."""

    code: str
    """Kebab-case, stable, never reused."""
    title: str
    severity: Severity
    reference: str
    """`RFC 7208 §4.6.4`, or the document that gives the rule."""

    def found(
        self,
        detail: str,
        *evidence: Evidence,
        confidence: Confidence = Confidence.HIGH,
        severity: Severity | None = None,
    ) -> Finding:
        """Return the finding of this kind with the facts of a case."""
        return Finding(
            code=self.code,
            severity=severity or self.severity,
            confidence=confidence,
            title=self.title,
            detail=detail,
            reference=self.reference,
            evidence=evidence,
        )


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort worst first; within a severity the order of the stages stays (stable sort)."""
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.severity]))


def excerpt(text: str) -> str:
    """Escape, fold white space, and cut to the length that evidence may have."""
    begin = text[: EXCERPT_LIMIT + 1]
    if begin.isprintable() and "  " not in begin and begin.strip() == begin:  # as nearly all is
        return begin if len(begin) <= EXCERPT_LIMIT else begin[: EXCERPT_LIMIT - 1] + "…"
    shown = escape(" ".join(text[: 4 * EXCERPT_LIMIT].split()))
    return shown if len(shown) <= EXCERPT_LIMIT else shown[: EXCERPT_LIMIT - 1] + "…"
