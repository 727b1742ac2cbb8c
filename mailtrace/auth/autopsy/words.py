"""What was undone, in words: clauses that fit behind "example.org signed this message ...".

Everything quoted from the message is escaped and cut before it gets here (steps.py).
"""

from collections.abc import Iterator

from mailtrace.auth.autopsy.steps import Kind
from mailtrace.auth.types import Alteration, AlterationStep

_MOST = 3
"""Clauses of one sentence."""

_QUOTED = 60
"""Characters of a value that are quoted in a sentence."""


def clause(alteration: Alteration) -> str:
    """Say how the message that was signed differs from this one: `without its last 212 octets`."""
    clauses = list(dict.fromkeys([*_clauses(alteration.steps)])) or [f"in another form ({alteration.kind})"]
    if len(clauses) > _MOST:
        return f"{', '.join(clauses[:_MOST])}, and with {len(clauses) - _MOST} more undone"
    return _listed(clauses)


def _clauses(steps: tuple[AlterationStep, ...]) -> Iterator[str]:
    """Yield what each step comes to; fields that were changed in one way are named together."""
    for step in steps:
        alike = [_field(other) for other in steps if other.kind == step.kind and _field(other)]
        if step.kind in _TOGETHER and _field(step):
            yield _TOGETHER[Kind(step.kind)].format(_listed(list(dict.fromkeys(alike))))
        else:
            yield _clause(step)


_TOGETHER = {
    Kind.FIELD_ADDED: "without {}",
    Kind.REFOLDED: "with {} folded otherwise",
    Kind.RECASED: "with the name of {} in other letters",
    Kind.WORDS_DECODED: "with {} encoded otherwise",
    Kind.RE_ENCODED: "with {} written otherwise",
    Kind.WHITE_SPACE: "with other white space in {}",
    Kind.BOUNDARY_CHANGED: "with another boundary in {}",
}


def _listed(words: list[str]) -> str:
    return ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1]


def _clause(step: AlterationStep) -> str:
    place = "" if step.where == "body" else f" of {step.where}"
    octets = f"{step.octets:,} octets"
    match step.kind:
        case Kind.FOOTER_ADDED:
            return f"without {'its' if not place else 'the'} last {octets}{place}"
        case Kind.HEADER_PART_ADDED:
            return f"without {'its' if not place else 'the'} first {octets}{place}"
        case Kind.PART_ADDED:
            return f"without the {octets} of the parts that were added to it"
        case Kind.FROM_ESCAPED:
            return "without the `>` put before a line that begins with From" if _grew(step) else "with `>From ` lines"
        case Kind.DOT_STUFFED:
            return "with single dots at the beginning of lines" if _grew(step) else "with dots that were taken away"
        case Kind.LINE_ENDS:
            return "with other line ends"
        case Kind.WHITE_SPACE:
            return "with other white space in its body"
        case Kind.RE_ENCODED:
            return f"in another transfer encoding{place}"
        case Kind.HTML_HEAD:
            return f"with another head of the HTML{place}"
        case Kind.PART_FIELDS_ADDED:
            return "without the fields that were put into the headers of its parts"
        case Kind.BOUNDARY_CHANGED:
            return "with another boundary between its parts"
        case _:
            return _of_field(step)


def _of_field(step: AlterationStep) -> str:
    name = _field(step) or step.where
    return f"with the {name} {_quoted(step.removed[0])}" if step.removed else f"without {name}"


def _grew(step: AlterationStep) -> bool:
    return sum(map(len, step.added)) > sum(map(len, step.removed))


def _field(step: AlterationStep) -> str:
    return step.where.partition(":")[2] if step.where.startswith("header:") else ""


def _quoted(value: str) -> str:
    return f'"{value}"' if len(value) <= _QUOTED else f'"{value[: _QUOTED - 1]}…"'
