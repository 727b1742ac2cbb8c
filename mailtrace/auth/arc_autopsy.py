"""What was changed after a server sealed a message: found by experiment, as for DKIM (`mailtrace/auth/autopsy`).

An ARC-Message-Signature is a DKIM signature of another name (RFC 8617 §4.1.2), so the same examiner searches, with what
DKIM has left of the message's budget. A proof says what that sealer saw, and changes no result and no verdict.
"""

from datetime import datetime

from mailtrace.auth.arc_verify import Validator
from mailtrace.auth.autopsy.examiner import Examiner
from mailtrace.auth.dkim_body import BodyHashes, LineReading, line_readings
from mailtrace.auth.dkim_header import FieldIndex, header_digest
from mailtrace.auth.dkim_key import Trial, try_keys
from mailtrace.auth.dkim_signature import Signature, read_arc_message_signature
from mailtrace.auth.dkim_tags import TagError
from mailtrace.auth.dkim_verify import Evaluation, instant, wanted_hash
from mailtrace.auth.types import Alteration, DKIMCheck
from mailtrace.message.types import HeaderField, Message
from mailtrace.records import replace
from mailtrace.results import Comparison, DKIMResult


def changed_since(validator: Validator, signature: Signature, fault: TagError, examiner: Examiner) -> Alteration | None:
    """Return what was changed since a message signature that fails; None where nothing was proved.

    What fits one half of it alone is not told here: of a sealer nobody has to be cleared by it.
    """
    evaluation = _evaluation(validator, signature, fault)
    if evaluation is None:
        return None

    def verify(message: Message, _: Evaluation, field: HeaderField, hashes: BodyHashes, __: datetime | None) -> str:
        again = replace(validator, message=message, fields=FieldIndex.of(message), hashes=hashes)
        fault = again.verify_message(read_arc_message_signature(field), LineReading.AS_FOUND)
        return fault.detail if fault else ""

    autopsy = examiner.examine_all([evaluation], verify)[evaluation.check.index]
    return autopsy.alteration if autopsy.alteration is not None and autopsy.alteration.proved else None


def _evaluation(validator: Validator, signature: Signature, fault: TagError) -> Evaluation | None:
    """Set a message signature against the message, in the reading of the line ends that fits best."""
    wanted, name, algorithm = wanted_hash(signature), signature.key_name, signature.algorithm
    if wanted is None or name not in validator.lookups or algorithm is None or signature.canonicalization is None:
        return None
    best: tuple[int, LineReading, bool, Trial] | None = None
    for reading in line_readings(validator.message.line_ending):
        selected = validator.fields.select(signature.signed_fields, but=signature.field)
        digest = header_digest(selected, signature.field, signature.canonicalization[0], reading, wanted.digest)
        trial = try_keys(validator.lookups[name], algorithm, signature.signature or b"", digest)
        same = validator.hashes.get(reading, wanted).digest == signature.body_digest
        matches = [same, trial.header is Comparison.MATCH].count(True)
        if best is None or matches > best[0]:
            best = (matches, reading, same, trial)
    assert best is not None  # there is always one reading
    _, reading, same, trial = best
    if trial.record is None:
        return None
    check = _check(signature, Comparison.MATCH if same else Comparison.MISMATCH, trial)
    return Evaluation(check=check, signature=signature, trial=trial, reading=reading, fault=fault)


def _check(signature: Signature, body: Comparison, trial: Trial) -> DKIMCheck:
    """Put a message signature into the words of DKIM."""
    record = trial.record
    form = signature.canonicalization
    return DKIMCheck(
        index=0,
        sdid=signature.sdid,
        auid=None,
        selector=signature.selector,
        algorithm=signature.algorithm_name,
        key_bits=record.public.bits if record else None,
        key_source=trial.lookup.source,
        signed_fields=signature.signed_fields,
        canonicalization=f"{form[0]}/{form[1]}" if form else None,
        body_length=signature.body_length,
        signed_at=instant(signature.signed_at),
        expires_at=instant(signature.expires_at),
        result=DKIMResult.FAIL,
        body_hash=body,
        header_signature=trial.header,
        problem=None,
        alteration=None,
        testing=False,
        unsigned_octets=None,
        key_record=record.text if record else None,
        key_origin=None,
    )
