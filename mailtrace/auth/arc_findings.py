"""What matters about an ARC chain, RFC 8617: where it broke, and what could not be settled.

That a chain passes is no finding: it says that its sealers vouch, and only who trusts them gains by it.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from mailtrace.auth.arc_claims import SealersClaim
from mailtrace.auth.arc_sets import Chain, SealedSet
from mailtrace.auth.dkim_header import FieldIndex
from mailtrace.auth.dkim_tags import TagError
from mailtrace.auth.dkim_words import UNAVAILABLE, Problem
from mailtrace.auth.types import ARCCheck
from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.message.types import HeaderField
from mailtrace.results import Severity

STRUCTURE = FindingKind(
    code="arc-structure",
    title="The ARC fields do not form a chain",
    severity=Severity.NOTICE,
    reference="RFC 8617 §5.2",
)
LIMIT = FindingKind(
    code="arc-limit",
    title="There are more ARC sets than a message may have",
    severity=Severity.NOTICE,
    reference="RFC 8617 §5.2",
)
CHAIN_FAILED = FindingKind(
    code="arc-chain-failed",
    title="An ARC seal says that the chain was broken already",
    severity=Severity.NOTICE,
    reference="RFC 8617 §5.1.2",
)
MESSAGE_ALTERED = FindingKind(
    code="arc-message-altered",
    title="The newest ARC message signature does not verify",
    severity=Severity.NOTICE,
    reference="RFC 8617 §5.2",
)
SEAL_INVALID = FindingKind(
    code="arc-seal-invalid",
    title="An ARC seal does not verify",
    severity=Severity.NOTICE,
    reference="RFC 8617 §5.2",
)
KEY_UNAVAILABLE = FindingKind(
    code="arc-key-unavailable",
    title="The key of an ARC signature could not be looked up",
    severity=Severity.NOTICE,
    reference="RFC 8617 §5.2",
)
KEY_GONE = FindingKind(
    code="arc-key-gone",
    title="The key of an ARC signature is not published any more",
    severity=Severity.NOTICE,
    reference="RFC 8617 §5.2",
)
SEALER_CLAIMS = FindingKind(
    code="arc-sealer-claims-pass",
    title="A server on the way says, in a seal that verifies, that the author passed",
    severity=Severity.INFO,
    reference="RFC 8617 §7.2",
)
ALTERED_BETWEEN = FindingKind(
    code="arc-altered-between",
    title="The message was changed on the way, between two servers of the ARC chain",
    severity=Severity.INFO,
    reference="RFC 8617 §5.2",
)

FINDINGS_LIMIT = 20
"""Findings of this stage at the most."""

Faults = Sequence[tuple[SealedSet, TagError | None, TagError | None]]
"""Each set, why its seal does not pass, why its message signature does not."""


def observe_arc(
    fields: FieldIndex, check: ARCCheck, chain: Chain, faults: Faults, claim: SealersClaim | None
) -> tuple[Finding, ...]:
    """Return the findings, newest set first."""
    if chain.fault is not None:
        kind = LIMIT if chain.fault.problem == "limit" else STRUCTURE
        detail = f"{chain.fault.detail[0].upper()}{chain.fault.detail[1:]}."
        return (kind.found(detail, _place(fields, chain.fault.field)),)
    return tuple(islice(_observe(fields, check, faults, claim), FINDINGS_LIMIT))


def _observe(fields: FieldIndex, check: ARCCheck, faults: Faults, claim: SealersClaim | None) -> Iterator[Finding]:
    for sealed, seal_fault, message_fault in reversed(faults):
        yield from _status(fields, sealed, seal_fault)
        yield from _broken(fields, SEAL_INVALID, sealed, seal_fault)
        # RFC 8617 §5.2, step 4: of the message signatures only the newest must verify; the others break in any list.
        if sealed.instance == len(faults) or (message_fault and message_fault.problem in UNAVAILABLE):
            yield from _broken(fields, MESSAGE_ALTERED, sealed, message_fault, _undone(check, sealed))
    yield from _altered_between(fields, check, faults)
    if claim is not None:
        sealed = faults[claim.instance - 1][0]
        yield SEALER_CLAIMS.found(claim.words, _place(fields, sealed.results), _place(fields, sealed.seal.field))


def _altered_between(fields: FieldIndex, check: ARCCheck, faults: Faults) -> Iterator[Finding]:
    """Say between which two sealers the message was changed; not by which of them, or by whom between them."""
    instance = check.altered_after
    if instance is None or instance == len(faults):
        return
    older, _, fault = faults[instance - 1]
    held = next((sealed for sealed, _, problem in faults[instance:] if problem is None), None)
    reason = fault.detail if fault else "it does not verify"
    detail = f"The message signature of set {instance} ({older.seal.sdid}) no longer holds: {reason}"
    if held is not None:
        detail += f"; that of set {held.instance} ({held.seal.sdid}) does. It was changed between these two."
    else:
        detail += "; it was changed after that set, and no newer one shows when."
    detail += _undone(check, older)
    yield ALTERED_BETWEEN.found(detail, _place(fields, older.message_signature.field))


def _status(fields: FieldIndex, sealed: SealedSet, seal_fault: TagError | None) -> Iterator[Finding]:
    """Remark on `cv=`: RFC 8617 §5.2, steps 2 and 3."""
    expected = "pass" if sealed.instance > 1 else "none"
    if sealed.cv == "fail":
        detail = f"{sealed.seal.sdid} sealed instance {sealed.instance} with cv=fail."
        if seal_fault is not None:
            name = sealed.seal.sdid or "an unreadable domain"
            detail = (
                f"The seal of instance {sealed.instance}, in the name of {name}, says cv=fail. "
                "It was not verified: anyone may have written it."
            )
        yield CHAIN_FAILED.found(detail, _place(fields, sealed.seal.field))
    elif sealed.cv != expected:
        detail = f"The seal of instance {sealed.instance} says cv={sealed.cv or ''}, where {expected} must stand."
        yield STRUCTURE.found(excerpt(detail), _place(fields, sealed.seal.field))


def _undone(check: ARCCheck, sealed: SealedSet) -> str:
    """Say what that sealer saw, where it is proved."""
    found = next((one.alteration for one in check.sets if one.instance == sealed.instance), None)
    if found is None:
        return ""
    from mailtrace.auth.autopsy.words import clause  # noqa: PLC0415 - there was an autopsy

    return f" {sealed.message_signature.sdid} sealed it {clause(found)}; who made the change is not proved."


def _broken(
    fields: FieldIndex, kind: FindingKind, sealed: SealedSet, fault: TagError | None, undone: str = ""
) -> Iterator[Finding]:
    """Say why one of the two signatures of a set does not pass."""
    if fault is None:
        return
    what, signature = ("seal", sealed.seal) if kind is SEAL_INVALID else ("message signature", sealed.message_signature)
    used = KEY_UNAVAILABLE if fault.problem in UNAVAILABLE else KEY_GONE if fault.problem in _GONE else kind
    detail = f"The {what} of instance {sealed.instance} ({signature.sdid or 'no domain'}): {fault.detail}.{undone}"
    yield used.found(detail, _place(fields, signature.field))


_GONE = frozenset({Problem.KEY_MISSING, Problem.KEY_REVOKED})


def _place(fields: FieldIndex, field: HeaderField) -> Evidence:
    position = [each.index for each in fields.named(field.name)].index(field.index)
    return Evidence(source=f"header:{field.name}[{position}]", line=field.line, excerpt=excerpt(field.value))
