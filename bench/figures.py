"""What a measurement yields beside comparisons: figures with a bound, tables, series to be drawn, disagreements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What must hold, and what is aimed at; both at most, or both at least."""

    must: float
    aim: float
    at_least: bool = False

    def says(self, value: float) -> str:
        """Say whether the value meets it.

        >>> Bound(must=2.5, aim=4, at_least=True).says(3)
        'met'
        """
        sign = -1 if self.at_least else 1
        if sign * value <= sign * self.aim:
            return "aim met"
        return "met" if sign * value <= sign * self.must else "NOT met"

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.must:g} [{self.aim:g}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number: a ratio, milliseconds, MiB."""

    name: str
    value: float
    unit: str
    bound: Bound | None = None
    note: str = ""

    def row(self) -> tuple[str, ...]:
        """Return the line of the table."""
        held = (str(self.bound), self.bound.says(self.value)) if self.bound else ("", "")
        return (self.name, f"{rounded(self.value)} {self.unit}".strip(), *held, self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of its own."""

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Cost against something, one line a peer: what is drawn."""

    name: str
    across: str
    """What the x axis is."""
    up: str
    lines: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    logarithmic: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A peer found something else than the manifest says."""

    peer: str
    file: str
    kind: str
    method: str
    found: str
    expected: str


def rounded(value: float) -> str:
    """Write with three significant figures, and large whole numbers whole.

    >>> rounded(0.012345), rounded(3.14159), rounded(123456.7)
    ('0.0123', '3.14', '123,457')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
