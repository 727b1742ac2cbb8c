"""Records: what a stage gives to the next, and what the JSON is made of. They are made and compared in C.

A report makes some hundred of them and a run begins with some two hundred of their classes: as dataclasses they were
a third of a command's start and a tenth of a report (docs/decisions/0010-records.md). Everything else about them is
as it was: frozen, with keywords only, without a `__dict__`.
"""

from mailtrace.left_out import empty, left_out

# msgspec takes two names from it if it is installed, and from `typing` if not; there they are the same.
with left_out((empty("typing_extensions"),)):
    import msgspec
    from msgspec import Struct as Mutable
    from msgspec import field
    from msgspec.json import decode as from_json
    from msgspec.json import encode as to_json
    from msgspec.structs import asdict, replace

__all__ = ["Mutable", "Struct", "asdict", "field", "from_json", "replace", "to_json"]


class Struct(msgspec.Struct, frozen=True, gc=False):
    """A record. It holds only what was there before it, so it is in no circle: no garbage collector need look at it."""
