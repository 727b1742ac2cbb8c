"""Verify the signatures of an ARC chain, RFC 8617 §4.1.2, §4.1.3: each seal and each message signature by itself."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from mailtrace.auth.arc_sets import SealedSet
from mailtrace.auth.dkim_body import BodyHashes, LineReading, line_readings
from mailtrace.auth.dkim_header import FieldIndex, canonical_field, canonical_signature, header_digest
from mailtrace.auth.dkim_key import KeyLookup, look_up, try_keys
from mailtrace.auth.dkim_signature import Signature
from mailtrace.auth.dkim_tags import TagError
from mailtrace.auth.dkim_verify import wanted_hash
from mailtrace.auth.dkim_words import Canonicalization, Problem
from mailtrace.digests import sha256
from mailtrace.message.types import Message
from mailtrace.records import Struct
from mailtrace.resolver import Resolver
from mailtrace.results import ARCResult


class Link(Struct, frozen=True, kw_only=True):
    """One set with what became of its two signatures. A fault is None exactly where the signature passes."""

    sealed: SealedSet
    seal: ARCResult
    seal_fault: TagError | None
    message_signature: ARCResult
    message_fault: TagError | None
    unsigned_octets: int | None = None
    """Octets of the body that the message signature leaves out by `l=`."""


class Validator(Struct, frozen=True, kw_only=True):
    """What all signatures of one chain are verified with."""

    message: Message
    fields: FieldIndex
    dns: Resolver
    received_at: datetime | None
    hashes: BodyHashes
    lookups: dict[str, KeyLookup]
    """Sealers sign twice with one key: it is fetched and read once."""

    def validate(self, sets: Sequence[SealedSet]) -> Iterator[Link]:
        """Verify both signatures of every set, oldest first."""
        readings = line_readings(self.message.line_ending)
        for sealed in sets:
            if wanted := wanted_hash(sealed.message_signature):
                self.hashes.want(wanted)
        digests = {reading: seal_digests(sets, reading) for reading in readings}
        for position, sealed in enumerate(sets):
            seal_faults = [self._verify(sealed.seal, digests[reading][position]) for reading in readings]
            message_faults = [self.verify_message(sealed.message_signature, reading) for reading in readings]
            seal_fault, message_fault = _least(seal_faults), _least(message_faults)
            yield Link(
                sealed=sealed,
                seal=_result(seal_fault),
                seal_fault=seal_fault,
                message_signature=_result(message_fault),
                message_fault=message_fault,
                unsigned_octets=self._unsigned(sealed.message_signature, readings[message_faults.index(message_fault)]),
            )

    def _unsigned(self, signature: Signature, reading: LineReading) -> int | None:
        wanted = wanted_hash(signature)
        if wanted is None or signature.body_length is None:
            return None
        return max(0, self.hashes.get(reading, wanted).octets - signature.body_length)

    def verify_message(self, signature: Signature, reading: LineReading) -> TagError | None:
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
    running, digests = sha256(), []
    for sealed in sets:
        fields = (sealed.results, sealed.message_signature.field)
        own_set = b"".join(canonical_field(field.raw, relaxed, reading) for field in fields)
        running.update(own_set)
        own = sha256(own_set) if sealed.cv == "fail" else running.copy()
        own.update(canonical_signature(sealed.seal.field.raw, relaxed, reading))
        digests.append(own.finalize())
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
