"""What the program's libraries import for things that the program never asks of them: a seventh of its start.

For the program only. Whoever imports `mailtrace` as a library has reasons of their own to import click or msgspec, and
finds them whole.
"""

import _thread
import typing
from types import SimpleNamespace
from typing import ForwardRef

from mailtrace.left_out import empty, function_later, later, left_out


def cleandoc(text: str) -> str:
    """Take from the lines of a docstring what all have of indentation, as `inspect.cleandoc` does."""
    first, *others = text.expandtabs().split("\n")
    margin = min((len(line) - len(line.lstrip(" ")) for line in others if line.strip(" ")), default=0)
    lines = [first.lstrip(" "), *(line[margin:] for line in others)]
    while lines and not lines[0]:
        del lines[0]
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


def _as_it_is(message: str) -> str:
    return message


def _in_number(one: str, several: str, number: int) -> str:
    return one if number == 1 else several


class _Type:
    """A type that no value here has: an option that is a UUID, a decimal number in a report."""


CLICK = (
    later("inspect", cleandoc=cleandoc),
    # What click says is not translated: a script may read it, and our own words are not.
    empty("gettext", gettext=_as_it_is, ngettext=_in_number),
    empty("uuid", UUID=_Type),
    empty("datetime", datetime=_Type),
    empty("threading", local=_thread._local),  # noqa: SLF001 - it is what `threading` calls `local`
)


def _forward_ref(word: str, *, is_argument: bool = True, is_class: bool) -> ForwardRef | None:
    """Compile a type's name when one is asked for; msgspec tries on import whether `is_class` is known, and it is."""
    return None if is_argument else ForwardRef(word, is_argument=False, is_class=is_class)


TYPING = empty("typing", **{**vars(typing), "ForwardRef": _forward_ref})
"""`typing` for msgspec: the first line that a process compiles makes the hundred classes of syntax trees."""
MSGSPEC = (
    later("msgspec.inspect"),
    empty(
        "msgspec._json_schema",
        schema=function_later("msgspec._json_schema", "schema"),
        schema_components=function_later("msgspec._json_schema", "schema_components"),
    ),
    later("msgspec.toml"),
    later("msgspec.yaml"),
    empty("uuid", UUID=_Type, SafeUUID=SimpleNamespace(unknown=None)),
    empty("decimal", Decimal=_Type),
    empty("typing_extensions"),
)


def import_click() -> None:
    """Import click without what it brings along."""
    with left_out(*((module,) for module in CLICK)):
        import click  # noqa: F401


def import_msgspec() -> None:
    """Import msgspec without what it brings along."""
    with left_out(*((module,) for module in MSGSPEC), instead=(TYPING,)):
        import msgspec  # noqa: F401
