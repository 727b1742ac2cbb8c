"""What the sealers of an ARC chain claim of the author (RFC 8617 §7.2): theirs to say, and ours to show as a claim.

A seal that verifies proves who wrote the results, never that they are right. Only who trusts that sealer gains by them.
"""

from collections.abc import Sequence

from mailtrace.auth.stamped import stated
from mailtrace.auth.types import ARCCheck, ARCSet
from mailtrace.message.types import HeaderField
from mailtrace.path.trust import read_trust
from mailtrace.path.types import Path
from mailtrace.printable import escape
from mailtrace.records import Struct
from mailtrace.results import ARCResult


class SealersClaim(Struct, frozen=True, kw_only=True):
    """That the author passed, as the oldest sealer who says so has it."""

    instance: int
    words: str
    """One sentence or two: who claims what, and what it would take to believe it."""


def sealers_claim(
    check: ARCCheck, seals: Sequence[HeaderField], author_domain: str | None, path: Path | None
) -> SealersClaim | None:
    """Return who claims that the author passed; None where nobody does, or the chain does not hold.

    `seals`: the ARC-Seal field of each set. The receiving side's own seal is no claim of a stranger: it is left out.
    """
    if check.result is not ARCResult.PASS or author_domain is None:
        return None
    others = [one for one, seal in zip(check.sets, seals, strict=True) if not _is_own(one, seal, check, path)]
    for method in ("dmarc", "dkim"):
        for one in others:
            if one.sdid is not None and _says_pass(one, method, author_domain):
                return _claim(one, one.sdid, method, author_domain, path.trust if path else ())
    return None


def _is_own(one: ARCSet, seal: HeaderField, check: ARCCheck, path: Path | None) -> bool:
    """True for the set that the receiving side put on: above its border, or on top of the chain in its name."""
    border = path.border_hop if path else None
    if path is None or border is None:
        return False
    if seal.index < border.header.index:
        return True
    newest = one.instance == len(check.sets)
    return newest and path.receiver is not None and f".{one.sdid}".endswith(f".{path.receiver}")


def _says_pass(one: ARCSet, method: str, author_domain: str) -> bool:
    properties = {"dmarc": ("header.from",), "dkim": ("header.d", "header.i")}[method]
    return any(
        claim.method == method and claim.result == "pass" and author_domain in stated(claim, properties)
        for claim in one.results
    )


def _claim(one: ARCSet, sealer: str, method: str, author_domain: str, trust: Sequence[str]) -> SealersClaim:
    said = f"{escape(sealer)} says, in a seal that verifies, that {method} passed for {author_domain}"
    if read_trust(trust).names_host(sealer):
        words = f"{said}; you trust it."
    else:
        words = f"{said}. That counts only if you trust {escape(sealer)} (--trust {escape(sealer)})."
    return SealersClaim(instance=one.instance, words=words)
