"""ARC, RFC 8617: servers on the way say what they found, and seal it.

Takes a message, answers of DNS and the time of reception; gives the chain, each seal and each message signature with
its own result. A chain that passes says that the newest sealer vouches for what it and those before it wrote: who
believes it must trust that sealer. It makes nothing authentic by itself.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from mailtrace.auth.arc_claims import sealers_claim
from mailtrace.auth.arc_findings import observe_arc
from mailtrace.auth.arc_sets import Chain, SealedSet, collect
from mailtrace.auth.claims_grammar import parse_results
from mailtrace.auth.dkim_body import BodyHashes, LineReading, line_readings
from mailtrace.auth.dkim_header import FieldIndex, canonical_field, canonical_signature, header_digest
from mailtrace.auth.dkim_key import KeyLookup, look_up, try_keys
from mailtrace.auth.dkim_signature import Signature
from mailtrace.auth.dkim_tags import TagError
from mailtrace.auth.dkim_verify import instant, wanted_hash
from mailtrace.auth.dkim_words import Canonicalization, Problem
from mailtrace.auth.types import ARCCheck, ARCSet
from mailtrace.findings import Finding
from mailtrace.message.types import Message
from mailtrace.path.types import Path
from mailtrace.records import Struct, replace
from mailtrace.resolver import Question, Resolver, RRType
from mailtrace.results import ARCResult

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
) -> ARCOutcome:
    """Validate the chain, RFC 8617 §5.2.

    `hashes`: shared with `check_dkim`, to read the body once. `path`: for telling the receiving side's own seal
    from a claim; it changes no result. `chain`: the sets, if they are collected. `reconstructed`: the octets are not
    those that were sealed, so nothing is checked.
    """
    chain = chain or collect(message)
    fields = FieldIndex.of(message)
    validator = _Validator(
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
    check = ARCCheck(
        result=result,
        oldest_pass=_oldest_pass(links) if result is ARCResult.PASS else None,
        sets=tuple(map(_report, links)),
        problem=problem,
        altered_after=_altered_after(links),
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


class _Link(Struct, frozen=True, kw_only=True):
    """One set with what became of its two signatures. A fault is None exactly where the signature passes."""

    sealed: SealedSet
    seal: ARCResult
    seal_fault: TagError | None
    message_signature: ARCResult
    message_fault: TagError | None


def _unchecked(sealed: SealedSet) -> _Link:
    """Return the set as it stands: in a chain of broken form nothing is verified."""
    nothing = ARCResult.NOT_CHECKED
    return _Link(sealed=sealed, seal=nothing, seal_fault=None, message_signature=nothing, message_fault=None)


def _chain_status(chain: Chain, links: Sequence[_Link]) -> tuple[ARCResult, str | None]:
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


def _oldest_pass(links: Sequence[_Link]) -> int | None:
    """RFC 8617 §5.2, step 5: the lowest instance whose message signature and all above it pass; 0 if all do."""
    for link in reversed(links):
        if link.message_signature is ARCResult.FAIL:
            return link.sealed.instance + 1
        if link.message_signature is not ARCResult.PASS:
            return None
    return 0


_ALTERED = frozenset({Problem.BODY_ALTERED, Problem.HEADER_ALTERED})


def _altered_after(links: Sequence[_Link]) -> int | None:
    """Return the newest instance after which the message was changed: its key is there, and the content is another.

    A message signature that fails for want of its key shows no change at all, and one below it may still.
    """
    changed = (link for link in reversed(links) if link.message_fault and link.message_fault.problem in _ALTERED)
    return next((link.sealed.instance for link in changed), None)


def _report(link: _Link) -> ARCSet:
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
    )


class _Validator(Struct, frozen=True, kw_only=True):
    """What all signatures of one chain are verified with."""

    message: Message
    fields: FieldIndex
    dns: Resolver
    received_at: datetime | None
    hashes: BodyHashes
    lookups: dict[str, KeyLookup]
    """Sealers sign twice with one key: it is fetched and read once."""

    def validate(self, sets: Sequence[SealedSet]) -> Iterator[_Link]:
        """Verify both signatures of every set, oldest first."""
        readings = line_readings(self.message.line_ending)
        for sealed in sets:
            if wanted := wanted_hash(sealed.message_signature):
                self.hashes.want(wanted)
        digests = {reading: seal_digests(sets, reading) for reading in readings}
        for position, sealed in enumerate(sets):
            seal_faults = [self._verify(sealed.seal, digests[reading][position]) for reading in readings]
            message_faults = [self._verify_message(sealed.message_signature, reading) for reading in readings]
            seal_fault, message_fault = _least(seal_faults), _least(message_faults)
            yield _Link(
                sealed=sealed,
                seal=_result(seal_fault),
                seal_fault=seal_fault,
                message_signature=_result(message_fault),
                message_fault=message_fault,
            )

    def _verify_message(self, signature: Signature, reading: LineReading) -> TagError | None:
        """Verify an ARC-Message-Signature as a DKIM signature (RFC 8617 §4.1.2); say why it does not pass."""
        wanted = wanted_hash(signature)
        if signature.fault is not None or wanted is None or signature.canonicalization is None:
            return signature.fault
        own = signature.field
        selected = self.fields.select(signature.signed_fields, but=own)
        digest = header_digest(selected, own, signature.canonicalization[0], reading, wanted.digest)
        fault = self._verify(signature, digest)
        hashed = self.hashes.get(reading, wanted)
        if fault is None and (signature.body_length or 0) > hashed.octets:
            return TagError(Problem.BODY_LENGTH, f"l={signature.body_length} is more than the body has")
        if fault is None and hashed.digest != signature.body_digest:
            return TagError(Problem.BODY_ALTERED, "the body is not the one that was signed")
        if fault is None and signature.expires_at is not None and self.received_at is not None:
            expired = self.received_at.timestamp() > signature.expires_at
            return TagError(Problem.EXPIRED, "it had expired at reception") if expired else None
        return fault

    def _verify(self, signature: Signature, digest: bytes) -> TagError | None:
        """Verify one signature over a digest; say why it does not count."""
        name, algorithm = signature.key_name, signature.algorithm
        if signature.fault is not None or name is None or algorithm is None or signature.signature is None:
            return signature.fault
        # RFC 8301 §3.1. ARC has no word for "verifies, and does not count".
        if algorithm.digest == "sha1":
            return TagError(Problem.WEAK_ALGORITHM, "rsa-sha1 does not count")
        if name not in self.lookups:
            self.lookups[name] = look_up(name, self.dns)
        trial = try_keys(self.lookups[name], algorithm, signature.signature, digest)
        if trial.fault is not None:
            return trial.fault
        if trial.record is not None and trial.record.public.is_weak:
            return TagError(Problem.WEAK_KEY, f"an RSA key of {trial.record.public.bits} bits does not count")
        return None


def seal_digests(sets: Sequence[SealedSet], reading: LineReading) -> tuple[bytes, ...]:
    """Hash what each seal covers: its own set and all before it, relaxed, its own b= empty (RFC 8617 §5.1.1).

    A seal that says cv=fail covers its own set alone (§5.1.2). One running hash serves all, so that fifty sets cost
    what their octets cost.
    """
    relaxed = Canonicalization.RELAXED
    running, digests = hashlib.sha256(), []
    for sealed in sets:
        fields = (sealed.results, sealed.message_signature.field)
        own_set = b"".join(canonical_field(field.raw, relaxed, reading) for field in fields)
        running.update(own_set)
        own = hashlib.sha256(own_set) if sealed.cv == "fail" else running.copy()
        own.update(canonical_signature(sealed.seal.field.raw, relaxed, reading))
        digests.append(own.digest())
        running.update(canonical_field(sealed.seal.field.raw, relaxed, reading))
    return tuple(digests)


def _least(faults: Sequence[TagError | None]) -> TagError | None:
    """Of the readings of the line ends one that verifies is enough; else the first speaks."""
    return None if None in faults else faults[0]


def _result(fault: TagError | None) -> ARCResult:
    if fault is None:
        return ARCResult.PASS
    if fault.problem is Problem.DNS_FAILURE:
        return ARCResult.TEMPERROR
    if fault.problem in (Problem.NOT_RECORDED, Problem.OFFLINE):
        return ARCResult.NOT_CHECKED
    return ARCResult.FAIL
