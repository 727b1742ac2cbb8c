"""Verify signatures, RFC 6376 §6.1: the field, the key, the two comparisons, and what counts against a good one.

The hash of the body and the signature over the header are computed independently, whatever became of the other: without
a key the body is still compared, and an altered body does not hide whether the header is genuine.
"""

from binascii import b2a_base64
from collections.abc import Sequence
from datetime import UTC, datetime

from mailtrace.auth.dkim_body import BodyHash, BodyHashes, HashedBody, LineReading, line_readings
from mailtrace.auth.dkim_header import FieldIndex, header_digest
from mailtrace.auth.dkim_key import KeyLookup, Trial, look_up, try_keys
from mailtrace.auth.dkim_signature import Signature, read_signature
from mailtrace.auth.dkim_tags import TagError
from mailtrace.auth.dkim_words import RESULTS, Problem
from mailtrace.auth.types import DKIMCheck
from mailtrace.message.types import HeaderField, LineEnding, Message
from mailtrace.names.organisation import organisation_of
from mailtrace.records import Struct, replace
from mailtrace.resolver import Resolver
from mailtrace.results import Comparison, DKIMResult

MAX_SIGNATURES = 20
"""Signatures evaluated; a limit is allowed (RFC 6376 §6.1), and what is beyond it is said to be not checked."""

MAX_LISTED = 200
"""Signatures that are listed at all; more are only counted, in a finding."""


class Evaluation(Struct, frozen=True, kw_only=True):
    """One signature with everything that was learnt about it."""

    check: DKIMCheck
    signature: Signature
    trial: Trial | None
    """None: no key was asked for."""
    reading: LineReading | None
    """How line ends were read; None if nothing was hashed."""
    fault: TagError | None
    """Why it is not a pass."""


class _Compared(Struct, frozen=True, kw_only=True):
    """A signature set against the message, under one reading of its line ends."""

    reading: LineReading
    body: Comparison
    hashed: HashedBody | None
    trial: Trial | None

    @property
    def header(self) -> Comparison:
        return self.trial.header if self.trial else Comparison.NOT_CHECKED

    @property
    def matches(self) -> int:
        return [self.header, self.body].count(Comparison.MATCH)


def dkim_signatures(message: Message) -> tuple[Signature, ...]:
    """Read the DKIM-Signature fields, topmost first, as many as are listed."""
    return tuple(map(read_signature, message.all("DKIM-Signature")[:MAX_LISTED]))


def is_checkable(signature: Signature) -> bool:
    """True if nothing in the field itself decides already."""
    return signature.fault is None


def evaluate(
    message: Message,
    fields: FieldIndex,
    *,
    dns: Resolver,
    keys: Resolver | None,
    received_at: datetime | None,
    hashes: BodyHashes,
    signatures: Sequence[Signature] | None = None,
) -> tuple[Evaluation, ...]:
    """Check each signature, topmost first; beyond the limit say that it was not checked."""
    signatures = dkim_signatures(message) if signatures is None else signatures
    chosen = evaluated_of(signatures, message.author_domain)
    for index in chosen:
        if wanted := wanted_hash(signatures[index]):
            hashes.want(wanted)
    judge = _Judge(
        line_ending=message.line_ending, fields=fields, dns=dns, keys=keys, received_at=received_at, hashes=hashes
    )
    return tuple(
        judge.evaluate(index, signature) if index in chosen else _beyond_limit(index, signature)
        for index, signature in enumerate(signatures)
    )


def evaluated_of(signatures: Sequence[Signature], author_domain: str | None) -> frozenset[int]:
    """Choose the signatures that are evaluated: those of the author domain's organisation first, then the topmost.

    So that nobody hides the author's signature behind a pile of others.
    """
    places = range(len(signatures))
    if len(signatures) <= MAX_SIGNATURES:
        return frozenset(places)
    own = organisation_of(author_domain) if author_domain else None
    theirs = [at for at in places if own and (sdid := signatures[at].sdid) and organisation_of(sdid) == own]
    return frozenset(tuple(dict.fromkeys((*theirs, *places)))[:MAX_SIGNATURES])


def evaluate_again(
    message: Message, evaluation: Evaluation, field: HeaderField, received_at: datetime | None, hashes: BodyHashes
) -> Evaluation:
    """Verify a signature anew over another form of its message, with the key record that was used before.

    `field`: the signature's own field in that form; `hashes`: those of the body in that form.
    """
    from mailtrace.resolver.offline import OfflineResolver  # noqa: PLC0415 - for what is proved only

    trial = evaluation.trial
    judge = _Judge(
        line_ending=message.line_ending,
        fields=FieldIndex.of(message),
        dns=OfflineResolver(),
        keys=None,
        received_at=received_at,
        hashes=hashes,
    )
    return judge.evaluate_with(evaluation.check.index, read_signature(field), (trial.lookup,) if trial else ())


def not_checked(signatures: Sequence[Signature]) -> tuple[Evaluation, ...]:
    """List the signatures of a message that was put together again: its octets are not those that were signed."""
    fault = TagError(Problem.RECONSTRUCTED, "the file does not keep the octets that were signed")
    return tuple(
        Evaluation(
            check=_check(index, signature, _NOTHING, fault), signature=signature, trial=None, reading=None, fault=fault
        )
        for index, signature in enumerate(signatures)
    )


def wanted_hash(signature: Signature) -> BodyHash | None:
    """Return the body hash that the signature speaks of, if it says enough."""
    if signature.algorithm is None or signature.canonicalization is None or signature.body_digest is None:
        return None
    return BodyHash(signature.canonicalization[1], signature.algorithm.digest, signature.body_length)


def _beyond_limit(index: int, signature: Signature) -> Evaluation:
    fault = TagError(Problem.LIMIT, f"only {MAX_SIGNATURES} are evaluated, the author domain's own first")
    return Evaluation(
        check=_check(index, signature, _NOTHING, fault), signature=signature, trial=None, reading=None, fault=fault
    )


_NOTHING = _Compared(reading=LineReading.AS_FOUND, body=Comparison.NOT_CHECKED, hashed=None, trial=None)


class _Judge(Struct, frozen=True, kw_only=True):
    """What all signatures of one message are judged with."""

    line_ending: LineEnding
    fields: FieldIndex
    dns: Resolver
    keys: Resolver | None
    received_at: datetime | None
    hashes: BodyHashes

    def evaluate(self, index: int, signature: Signature) -> Evaluation:
        """Verify one signature, RFC 6376 §6.1."""
        return self.evaluate_with(index, signature, self._look_up(signature))

    def evaluate_with(self, index: int, signature: Signature, lookups: tuple[KeyLookup, ...]) -> Evaluation:
        """Verify one signature with keys that were looked up."""
        compared = self._compare(signature, lookups)
        fault = self._judge(signature, compared)
        return Evaluation(
            check=_check(index, signature, compared, fault),
            signature=signature,
            trial=compared.trial,
            reading=compared.reading if compared.hashed or compared.trial else None,
            fault=fault,
        )

    def _look_up(self, signature: Signature) -> tuple[KeyLookup, ...]:
        """Fetch the key, RFC 6376 §6.1.2: DNS first, then the archive if there is one."""
        if not is_checkable(signature) or signature.key_name is None:
            return ()
        lookup = look_up(signature.key_name, self.dns)
        if self.keys is None:
            return (lookup,)
        return (lookup, look_up(signature.key_name, self.keys, archive=True))

    def _compare(self, signature: Signature, lookups: tuple[KeyLookup, ...]) -> _Compared:
        """Compute both hashes, RFC 6376 §6.1.3; of several readings of the line ends take the one that fits best."""
        best: _Compared | None = None
        for reading in line_readings(self.line_ending):
            body, hashed = self._compare_body(signature, reading)
            trial = self._compare_header(signature, lookups, reading)
            compared = _Compared(reading=reading, body=body, hashed=hashed, trial=trial)
            if best is None or compared.matches > best.matches:
                best = compared
            if best.matches == 2:
                break
        return best or _NOTHING

    def _compare_body(self, signature: Signature, reading: LineReading) -> tuple[Comparison, HashedBody | None]:
        wanted = wanted_hash(signature)
        if wanted is None:
            return Comparison.NOT_CHECKED, None
        hashed = self.hashes.get(reading, wanted)
        matches = hashed.digest == signature.body_digest
        return Comparison.MATCH if matches else Comparison.MISMATCH, hashed

    def _compare_header(
        self, signature: Signature, lookups: tuple[KeyLookup, ...], reading: LineReading
    ) -> Trial | None:
        if not lookups:
            return None
        # A key was looked up, so the field could be read: all its required tags are there.
        assert signature.algorithm is not None
        assert signature.signature is not None
        assert signature.canonicalization is not None
        own = signature.field
        selected = self.fields.select(signature.signed_fields, but=own)
        digest = header_digest(selected, own, signature.canonicalization[0], reading, signature.algorithm.digest)
        first, *others = (try_keys(lookup, signature.algorithm, signature.signature, digest) for lookup in lookups)
        # A key from the archive counts only where it fits: it may be another key of that selector.
        fitting = [trial for trial in others if trial.header is Comparison.MATCH]
        return replace(fitting[0], instead=first.fault) if fitting and first.header is not Comparison.MATCH else first

    def _judge(self, signature: Signature, compared: _Compared) -> TagError | None:
        """Say why the signature is not a pass: the first reason in the order of RFC 6376 §6.1."""
        # §6.1.1: the field itself.
        if signature.fault is not None:
            return signature.fault
        # §6.1.2: the key. What excludes it comes before what it shows.
        trial = compared.trial
        assert trial is not None  # a field without a fault names a key, and that was looked up
        if trial.record is None:
            return trial.fault
        if trial.fault is not None and trial.header is not Comparison.MISMATCH:
            return trial.fault
        # RFC 6376 §3.6.1: with t=s the domain of i= must be that of d=, not one below it.
        if trial.record.strict and signature.auid_domain != signature.sdid:
            return TagError(Problem.KEY_STRICT, f"t=s of the key allows no subdomain, and i= is {signature.auid}")
        # §6.1.3: the two comparisons. A header that does not match says nothing of bh=, so it comes first.
        if trial.fault is not None:
            return trial.fault
        if compared.body is Comparison.MISMATCH:
            return TagError(Problem.BODY_ALTERED, "the body is not the one that was signed")
        return self._verified_but(signature, compared, trial)

    def _verified_but(self, signature: Signature, compared: _Compared, trial: Trial) -> TagError | None:
        """Say why a signature that verifies is not a pass all the same."""
        octets = compared.hashed.octets if compared.hashed else 0
        # RFC 6376 §3.5: l= MUST NOT be larger than the canonicalized body.
        if signature.body_length is not None and signature.body_length > octets:
            detail = f"l={signature.body_length} is more than the {octets} octets of the body"
            return TagError(Problem.BODY_LENGTH, detail)
        if signature.algorithm and signature.algorithm.digest == "sha1":
            return TagError(Problem.WEAK_ALGORITHM, "rsa-sha1 verifies, and does not count")
        if trial.record and trial.record.public.is_weak:
            return TagError(Problem.WEAK_KEY, f"an RSA key of {trial.record.public.bits} bits does not count")
        # RFC 6376 §3.5, x=: judged when the message was received, never today.
        expires_at = signature.expires_at
        if expires_at is not None and self.received_at is not None and self.received_at.timestamp() > expires_at:
            return TagError(Problem.EXPIRED, "the signature had expired when the message was received")
        return None


def _check(index: int, signature: Signature, compared: _Compared, fault: TagError | None) -> DKIMCheck:
    trial = compared.trial
    record = trial.record if trial else None
    canonicalization = signature.canonicalization
    length = signature.body_length
    return DKIMCheck(
        index=index,
        sdid=signature.sdid,
        auid=signature.auid,
        selector=signature.selector,
        algorithm=signature.algorithm_name,
        key_bits=record.public.bits if record else None,
        key_source=trial.lookup.source if trial and record else None,
        signed_fields=signature.signed_fields,
        canonicalization=f"{canonicalization[0]}/{canonicalization[1]}" if canonicalization else None,
        body_length=length,
        signed_at=instant(signature.signed_at),
        expires_at=instant(signature.expires_at),
        result=RESULTS[fault.problem] if fault else DKIMResult.PASS,
        body_hash=compared.body,
        header_signature=compared.header,
        problem=fault.problem.value if fault else None,
        alteration=None,
        testing=record.testing if record else False,
        unsigned_octets=max(0, compared.hashed.octets - length) if compared.hashed and length is not None else None,
        key_record=record.text if record else None,
        key_origin=trial.lookup.origins.get(record.text) if trial and record else None,
        signature_prefix=b2a_base64(signature.signature[:12], newline=False).decode() if signature.signature else None,
    )


_LAST = 253402300799
"""9999-12-31T23:59:59Z."""


def instant(seconds: int | None) -> datetime | None:
    """Return a time of `t=` or `x=`; None beyond the year 9999."""
    return datetime.fromtimestamp(seconds, tz=UTC) if seconds is not None and seconds <= _LAST else None
