"""Look for the body that has the hash which the signature states."""

from collections.abc import Callable, Iterable, Iterator

from mailtrace.auth.autopsy.anatomy import Anatomy, HeldBody, SplicedBody
from mailtrace.auth.autopsy.body_repairs import (
    BodyRepair,
    Change,
    Family,
    banners,
    banners_and_footers,
    footers,
    part_banners,
    part_banners_and_footers,
    part_footers,
    unwrapped,
    without_last,
    without_parts,
)
from mailtrace.auth.autopsy.boundaries import with_boundary
from mailtrace.auth.autopsy.inside_lines import inside_lines
from mailtrace.auth.autopsy.recoding import recoded, rewrapped
from mailtrace.auth.autopsy.steps import Kind, step
from mailtrace.auth.autopsy.store_forms import stored
from mailtrace.auth.autopsy.text import BodyText, Key
from mailtrace.auth.autopsy.transforms import transformed, transformed_and_cut
from mailtrace.auth.types import AlterationStep
from mailtrace.message.types import Body
from mailtrace.records import Struct

_RECODED = "another transfer encoding, with a text at the end or without"
_STORED = "what a mail store writes into parts and HTML"

FAMILIES = (
    Family(name="a text at the end", repairs=footers, most=16),
    Family(name="a wrapping around the message", repairs=unwrapped, most=3),
    Family(name="parts put beside those signed", repairs=without_parts, most=3),
    Family(name=_STORED, repairs=stored, most=12),
    Family(name="line ends, white space, dots and `>From `", repairs=transformed, most=24),
    Family(name="a text at the end of a part", repairs=part_footers, most=24),
    Family(name="a text at the beginning of a part", repairs=part_banners, most=16),
    Family(name=_RECODED, repairs=recoded, most=40),
    Family(name="a text inside the lines of HTML", repairs=inside_lines, most=16),
    Family(name="base64 in lines of another length", repairs=rewrapped, most=8),
    Family(name="texts at both ends of a part", repairs=part_banners_and_footers, most=16),
    Family(name="a text at the end of a part", repairs=part_footers, most=40),
    Family(name=_RECODED, repairs=recoded, most=40),
    Family(name="a text at the beginning", repairs=banners, most=16),
    Family(name="a text at the beginning of a part", repairs=part_banners, most=16),
    Family(name=_STORED, repairs=stored, most=48),
    Family(name="texts at both ends", repairs=banners_and_footers, most=36),
    Family(name="texts at both ends of a part", repairs=part_banners_and_footers, most=40),
    Family(name="a text inside the lines of HTML", repairs=inside_lines, most=32),
    Family(name="line ends, dots or `>From ` and a text at the end", repairs=transformed_and_cut, most=12),
    Family(name="a text at the end", repairs=footers, most=120),
    Family(name="a text at the beginning", repairs=banners, most=60),
)


TAIL_FAMILIES = (
    Family(name="a text at the end", repairs=footers, most=60),
    Family(name="parts put beside those signed", repairs=without_last, most=1),
    Family(name="a text at the end of a part", repairs=part_footers, most=60),
)


class BodyFound(Struct, frozen=True, kw_only=True, eq=False):
    """What the search came to."""

    repair: BodyRepair | None
    body: Body | None
    """The body as it was signed."""
    digest: bytes | None
    """The hash of that."""
    is_empty: bool
    """That has nothing in it."""
    steps: tuple[AlterationStep, ...]
    tried: tuple[str, ...]
    """Names of the families, in their order."""
    complete: bool


class Repairs:
    """The repairs of one body in their order, each once: worked out as far as they are asked for, and remembered."""

    def __init__(self, body: Anatomy) -> None:
        self.body = body
        self._known: list[tuple[str, BodyRepair]] = []
        self._coming = _all_repairs(body)

    def __iter__(self) -> Iterator[tuple[str, BodyRepair]]:
        at = 0
        while True:
            while at < len(self._known):
                yield self._known[at]
                at += 1
            following = next(self._coming, None)
            if following is None:
                return
            self._known.append(following)


def _all_repairs(body: Anatomy) -> Iterator[tuple[str, BodyRepair]]:
    """Give them as they are asked for. No method: it would hold its own object, and with it a body nobody needs."""
    done: set[Key] = set()
    begun: dict[Callable[[Anatomy], Iterator[BodyRepair]], Iterator[BodyRepair]] = {}
    # Of a body that is too long only the end is known: what begins elsewhere than at its beginning is left out.
    for family in TAIL_FAMILIES if body.head else FAMILIES:
        # A family that comes again goes on where it stopped.
        repairs = begun.setdefault(family.repairs, family.repairs(body))
        count = 0
        while count < family.most and (repair := next(repairs, None)) is not None:
            if repair.key not in done:
                done.add(repair.key)
                count += 1
                yield family.name, repair


def search_body(repairs: Iterable[tuple[str, BodyRepair]], text: BodyText, digest: bytes, body: Anatomy) -> BodyFound:
    """Try repairs in turn until a body has the digest, or the budget ends."""
    tried: dict[str, None] = {}
    for name, repair in repairs:
        found = text.digest(repair.draft, repair.key)
        if found is None:
            return nothing_found(tuple(tried), complete=False)
        tried[name] = None
        if found == digest:
            octets = text.octets(repair.draft)
            return BodyFound(
                repair=repair,
                body=SplicedBody(body.message.body, body.head, octets) if body.head else HeldBody(octets),
                digest=digest,
                is_empty=not body.head and not octets.strip(),
                steps=tuple(_step(body, change) for change in repair.changes),
                tried=tuple(tried),
                complete=True,
            )
    return nothing_found(tuple(tried), complete=not body.head)


def with_boundaries(body: Anatomy, kept: tuple[bytes, ...]) -> list[tuple[str, BodyRepair]]:
    """Return the repairs of a boundary that was changed; `kept`: Content-Type fields that something kept."""
    return [("another boundary", repair) for repair in with_boundary(body, kept)]


def nothing_found(tried: tuple[str, ...] = (), *, complete: bool) -> BodyFound:
    """Return a search that found nothing."""
    return BodyFound(repair=None, body=None, digest=None, is_empty=False, steps=(), tried=tried, complete=complete)


def _step(body: Anatomy, change: Change) -> AlterationStep:
    octets = sum(len(b"".join(body.lines[p])) if isinstance(p, slice) else len(p) for p in change.added)
    at = next((p.start for p in change.added if isinstance(p, slice)), None)
    counted = change.kind in (Kind.PART_ADDED, Kind.HEADER_PART_ADDED, Kind.FOOTER_ADDED)
    return step(
        change.kind,
        change.where,
        line=None if at is None else body.body_line + at,
        added=b"".join(body.readable(p) if isinstance(p, slice) else p for p in change.added),
        removed=change.removed,
        octets=octets if counted else 0,
    )
