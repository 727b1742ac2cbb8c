"""What was undone, in words: clauses that fit behind "example.org signed this message ...".

Everything quoted from the message is escaped and cut before it gets here (steps.py).
"""

from mailtrace.auth.autopsy.steps import Kind
from mailtrace.auth.types import Alteration, AlterationStep

_MOST = 3
"""Clauses of one sentence."""

_QUOTED = 60
"""Characters of a value that are quoted in a sentence."""


def clause(alteration: Alteration) -> str:
    """Say how the message that was signed differs from this one: `without its last 212 octets`."""
    clauses = list(dict.fromkeys(_clause(step) for step in alteration.steps)) or [
        f"in another form ({alteration.kind})"
    ]
    if len(clauses) > _MOST:
        clauses = [*clauses[: _MOST - 1], f"and with {len(clauses) - _MOST + 1} changes more undone"]
        return ", ".join(clauses)
    return ", ".join(clauses[:-1]) + (" and " if len(clauses) > 1 else "") + clauses[-1]


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
            return f"with other white space in its {_thing(step)}"
        case Kind.RE_ENCODED:
            return f"in another transfer encoding{place}" if not _field(step) else f"with another {_field(step)} field"
        case Kind.BOUNDARY_CHANGED:
            return "with another boundary between its parts"
        case _:
            return _of_field(step)


def _of_field(step: AlterationStep) -> str:
    name = _field(step) or step.where
    match step.kind:
        case Kind.FIELD_ADDED:
            return f"without the field {name}"
        case Kind.REFOLDED:
            return f"with {name} folded otherwise"
        case Kind.RECASED:
            return f"with the name of {name} in other letters"
        case Kind.WORDS_DECODED:
            return f"with {name} encoded otherwise"
    if not step.removed:
        return f"without the field {name}"
    return f"with the {name} {_quoted(step.removed[0])}"


def _grew(step: AlterationStep) -> bool:
    return sum(map(len, step.added)) > sum(map(len, step.removed))


def _field(step: AlterationStep) -> str:
    return step.where.partition(":")[2] if step.where.startswith("header:") else ""


def _thing(step: AlterationStep) -> str:
    return f"field {_field(step)}" if _field(step) else "body"


def _quoted(value: str) -> str:
    return f'"{value}"' if len(value) <= _QUOTED else f'"{value[: _QUOTED - 1]}…"'
