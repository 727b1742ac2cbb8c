"""Look for the body that has the hash which the signature states."""

from dataclasses import dataclass
from functools import partial

from mailtrace.auth.autopsy.anatomy import Anatomy
from mailtrace.auth.autopsy.body_repairs import (
    BodyRepair,
    Change,
    Family,
    banners,
    banners_and_footers,
    footers,
    part_banners,
    part_footers,
    unwrapped,
    without_parts,
)
from mailtrace.auth.autopsy.boundaries import with_boundary
from mailtrace.auth.autopsy.budget import Budget
from mailtrace.auth.autopsy.recoding import recoded, rewrapped
from mailtrace.auth.autopsy.steps import Kind, step
from mailtrace.auth.autopsy.text import BodyText, Draft
from mailtrace.auth.autopsy.transforms import transformed, transformed_and_cut
from mailtrace.auth.dkim_body import BodyHash
from mailtrace.auth.types import AlterationStep

FAMILIES = (
    Family(name="a text at the end", repairs=footers, most=16),
    Family(name="a wrapping around the message", repairs=unwrapped, most=3),
    Family(name="parts put beside those signed", repairs=without_parts, most=3),
    Family(name="line ends, white space, dots and `>From `", repairs=transformed, most=24),
    Family(name="a text at the end of a part", repairs=part_footers, most=60),
    Family(name="another transfer encoding, with a text at the end or without", repairs=recoded, most=80),
    Family(name="base64 in lines of another length", repairs=rewrapped, most=8),
    Family(name="a text at the beginning", repairs=banners, most=16),
    Family(name="a text at the beginning of a part", repairs=part_banners, most=32),
    Family(name="texts at both ends", repairs=banners_and_footers, most=36),
    Family(name="line ends, dots or `>From ` and a text at the end", repairs=transformed_and_cut, most=12),
    Family(name="a text at the end", repairs=footers, most=120),
    Family(name="a text at the beginning", repairs=banners, most=60),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyFound:
    """What the search came to."""

    repair: BodyRepair | None
    octets: bytes | None
    """The body as it was signed."""
    steps: tuple[AlterationStep, ...]
    tried: tuple[str, ...]
    """Names of the families, in their order."""
    complete: bool


def search_body(
    body: Anatomy, wanted: BodyHash, digest: bytes, budget: Budget, content_types: tuple[bytes, ...] = ()
) -> BodyFound:
    """Try the families in turn until a body has the digest, or the budget ends.

    `content_types`: Content-Type fields that were kept, for a boundary that was changed.
    """
    tried: dict[str, None] = {}
    done: set[Draft] = set()
    # Reading, splitting and canonicalizing cost about what hashing does.
    if not budget.work(3 * len(body.octets)):
        return _nothing(tried, complete=False)
    text = BodyText(body.lines, wanted, budget)
    kept = Family(name="another boundary", repairs=partial(with_boundary, kept=content_types), most=3)
    for family in (kept, *FAMILIES):
        for draft, repair in _new(body, family, done, text):
            tried[family.name] = None
            found = text.digest(draft)
            if found is None:
                return _nothing(tried, complete=False)
            if found == digest:
                return BodyFound(
                    repair=repair,
                    octets=text.octets(draft),
                    steps=tuple(_step(body, change) for change in repair.changes),
                    tried=tuple(tried),
                    complete=True,
                )
    return _nothing(tried, complete=True)


def _nothing(tried: dict[str, None], *, complete: bool) -> BodyFound:
    return BodyFound(repair=None, octets=None, steps=(), tried=tuple(tried), complete=complete)


def _new(body: Anatomy, family: Family, done: set[Draft], text: BodyText) -> list[tuple[Draft, BodyRepair]]:
    """Return the repairs of a family that were not tried yet, the beginnings that they need hashed."""
    fresh: list[tuple[Draft, BodyRepair]] = []
    for repair in family.repairs(body):
        if len(fresh) >= family.most:
            break
        key = tuple((p.start, p.stop) if isinstance(p, slice) else p for p in repair.draft)
        if key not in done:
            done.add(key)  # type: ignore[arg-type]
            fresh.append((repair.draft, repair))
    heads = [draft[0] for draft, _ in fresh if draft]
    text.prepare([head.stop for head in heads if isinstance(head, slice) and not head.start])
    return fresh


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
