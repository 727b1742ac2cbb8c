"""ARC, RFC 8617: servers on the way say what they found, and seal it.

Takes a message, answers of DNS and the time of reception; gives the chain, each seal and each message signature with
its own result. A chain that passes says that the newest sealer vouches for what it and those before it wrote: who
believes it must trust that sealer. It makes nothing authentic by itself.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from mailtrace.auth.arc_claims import sealers_claim
from mailtrace.auth.arc_findings import observe_arc
from mailtrace.auth.arc_sets import Chain, SealedSet, collect
from mailtrace.auth.arc_verify import Link, Validator
from mailtrace.auth.claims_grammar import parse_results
from mailtrace.auth.dkim_body import BodyHashes
from mailtrace.auth.dkim_header import FieldIndex
from mailtrace.auth.dkim_verify import instant
from mailtrace.auth.dkim_words import Problem
from mailtrace.auth.types import Alteration, ARCCheck, ARCSet
from mailtrace.findings import Finding
from mailtrace.message.types import Message
from mailtrace.path.types import Path
from mailtrace.records import Struct, replace
from mailtrace.resolver import Question, Resolver, RRType
from mailtrace.results import ARCResult

if TYPE_CHECKING:
    from mailtrace.auth.autopsy import Examiner

__all__ = ["ARCOutcome", "arc_questions", "check_arc", "collect"]


class ARCOutcome(Struct, frozen=True, kw_only=True):
    """The chain, and what matters about it."""

    check: ARCCheck
    findings: tuple[Finding, ...]


def check_arc(
    message: Message,
    *,
    dns: Resolver,
    received_at: datetime | None,
    hashes: BodyHashes | None = None,
    path: Path | None = None,
    chain: Chain | None = None,
    reconstructed: bool = False,
    examiner: "Callable[[], Examiner] | None" = None,
) -> ARCOutcome:
    """Validate the chain, RFC 8617 §5.2.

    `hashes`: shared with `check_dkim`, to read the body once. `path`: for telling the receiving side's own seal
    from a claim; it changes no result. `chain`: the sets, if they are collected. `reconstructed`: the octets are not
    those that were sealed, so nothing is checked. `examiner`: gives that which is shared with `check_dkim`, so that one
    budget serves both.
    """
    chain = chain or collect(message)
    fields = FieldIndex.of(message)
    validator = Validator(
        message=message,
        fields=fields,
        dns=dns,
        received_at=received_at,
        hashes=hashes or BodyHashes(message.body),
        lookups={},
    )
    checked = chain.fault is None and not reconstructed
    links = tuple(validator.validate(chain.sets)) if checked else tuple(map(_unchecked, chain.sets))
    result, problem = _chain_status(chain, links)
    if reconstructed and result is not ARCResult.NONE:
        result, problem = ARCResult.NOT_CHECKED, "reconstructed"
    since = _altered_after(links)
    altered = _examined(links, since, validator, examiner)
    check = ARCCheck(
        result=result,
        oldest_pass=_oldest_pass(links) if result is ARCResult.PASS else None,
        sets=tuple(_report(link, altered if link.sealed.instance == since else None) for link in links),
        problem=problem,
        altered_after=since,
    )
    faults = tuple((link.sealed, link.seal_fault, link.message_fault) for link in links)
    seals = [link.sealed.seal.field for link in links]
    claim = sealers_claim(check, seals, message.author_domain, path)
    check = replace(check, sealers_claim=claim.words if claim else None)
    return ARCOutcome(check=check, findings=observe_arc(fields, check, chain, faults, claim))


def arc_questions(chain: Chain) -> tuple[Question, ...]:
    """List the DNS questions that `check_arc` will ask."""
    if chain.fault is not None:
        return ()
    names = (
        signature.key_name
        for sealed in chain.sets
        for signature in (sealed.message_signature, sealed.seal)
        if signature.fault is None
    )
    return tuple(dict.fromkeys(Question(name, RRType.TXT) for name in names if name))


def _unchecked(sealed: SealedSet) -> Link:
    """Return the set as it stands: in a chain of broken form nothing is verified."""
    nothing = ARCResult.NOT_CHECKED
    return Link(sealed=sealed, seal=nothing, seal_fault=None, message_signature=nothing, message_fault=None)


def _chain_status(chain: Chain, links: Sequence[Link]) -> tuple[ARCResult, str | None]:
    """Determine the Chain Validation Status by the steps of RFC 8617 §5.2, and why it is not a pass."""
    # Step 1: no sets; and step 3, which needs no key: the form.
    if chain.fault is not None:
        return ARCResult.FAIL, chain.fault.problem
    if not links:
        return ARCResult.NONE, None
    # Step 2: the newest sealer already says that the chain is broken.
    # Step 3: no cv= but "none" in the first set and "pass" in all others.
    if any(link.sealed.cv == "fail" for link in links):
        return ARCResult.FAIL, "chain-failed"
    if any(link.sealed.cv != ("pass" if link.sealed.instance > 1 else "none") for link in links):
        return ARCResult.FAIL, "structure"
    # Step 4: the newest message signature. Step 6: every seal, the newest first.
    newest = links[-1]
    needed = [(newest.message_signature, newest.message_fault, "message-signature")]
    needed += [(link.seal, link.seal_fault, "seal") for link in reversed(links)]
    if failed := [problem for result, _, problem in needed if result is ARCResult.FAIL]:
        return ARCResult.FAIL, failed[0]
    # A key that could not be had leaves the status open: it is not the "fail" of a broken chain.
    for open_result in (ARCResult.TEMPERROR, ARCResult.NOT_CHECKED):
        for result, fault, _ in needed:
            if result is open_result:
                return result, fault.problem.value if fault else None
    return ARCResult.PASS, None


def _oldest_pass(links: Sequence[Link]) -> int | None:
    """RFC 8617 §5.2, step 5: the lowest instance whose message signature and all above it pass; 0 if all do."""
    for link in reversed(links):
        if link.message_signature is ARCResult.FAIL:
            return link.sealed.instance + 1
        if link.message_signature is not ARCResult.PASS:
            return None
    return 0


_ALTERED = frozenset({Problem.BODY_ALTERED, Problem.HEADER_ALTERED})


def _altered_after(links: Sequence[Link]) -> int | None:
    """Return the newest instance after which the message was changed: its key is there, and the content is another.

    A message signature that fails for want of its key shows no change at all, and one below it may still.
    """
    changed = (link for link in reversed(links) if link.message_fault and link.message_fault.problem in _ALTERED)
    return next((link.sealed.instance for link in changed), None)


def _examined(
    links: Sequence[Link], since: int | None, validator: Validator, examiner: "Callable[[], Examiner] | None"
) -> Alteration | None:
    """Return what was changed after that instance, where it is proved."""
    link = next((each for each in links if each.sealed.instance == since), None)
    if link is None or link.message_fault is None:
        return None
    from mailtrace.auth.arc_autopsy import changed_since  # noqa: PLC0415 - most messages need none, and it is large
    from mailtrace.auth.autopsy import examiner_of  # noqa: PLC0415

    chosen = examiner() if examiner else examiner_of(validator.message, validator.received_at)
    return changed_since(validator, link.sealed.message_signature, link.message_fault, chosen)


def _report(link: Link, alteration: Alteration | None) -> ARCSet:
    sealed, fault = link.sealed, link.seal_fault or link.message_fault
    results = parse_results(sealed.results.value)
    return ARCSet(
        instance=sealed.instance,
        sdid=sealed.seal.sdid,
        selector=sealed.seal.selector,
        cv=sealed.cv,
        seal=link.seal,
        message_signature=link.message_signature,
        results=results.results,
        problem=fault.problem.value if fault else None,
        authserv_id=results.authserv_id,
        sealed_at=instant(sealed.seal.signed_at),
        seal_problem=link.seal_fault.problem.value if link.seal_fault else None,
        seal_key=sealed.seal.key_name,
        message_problem=link.message_fault.problem.value if link.message_fault else None,
        message_key=sealed.message_signature.key_name,
        alteration=alteration,
        signed_fields=sealed.message_signature.signed_fields,
        unsigned_octets=link.unsigned_octets,
    )
