"""Enumerations of the standard library, made in less than half the time: fifty of them were a tenth of a start.

`enum` itself has the way for the modules that every program imports (`http`, `ssl`, `re`), without the checks that it
makes for others: tests/test_enums.py makes them.
"""

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING or not hasattr(enum, "_simple_enum"):
    from enum import Enum, StrEnum
else:

    class _Plain:
        """What a class statement says, for what would be given a class."""

        __slots__ = ("__dict__", "__name__")

    def _base(kind: type) -> type:
        """Return what makes a class that names it as its base an enumeration of this kind."""
        make = enum._simple_enum(kind)  # noqa: SLF001 - where it is gone, they are made as usual

        class Defined(type):
            def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
                if not bases:
                    return super().__new__(cls, name, bases, body)
                plain = _Plain()
                plain.__name__, plain.__dict__ = name, body
                made = make(plain)
                for word, member in made.__members__.items():
                    # In place of a property of Python, which Python 3.11 would call whenever a member is named.
                    type.__setattr__(made, word, member)
                return made

        return Defined(kind.__name__, (), {})

    Enum, StrEnum = _base(enum.Enum), _base(enum.StrEnum)

__all__ = ["Enum", "StrEnum"]
