"""What matters about the signatures of a message, RFC 6376 §8 (security considerations), RFC 8301.

A pass is no finding. A signature that fails beside one that passes is ordinary (a list signs again) and only noticed;
what a reader would take for signed, and is not, is a warning even where everything passes.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from mailtrace.auth.dkim_body import LineReading
from mailtrace.auth.dkim_crypto import SIGNERS_RSA_BITS
from mailtrace.auth.dkim_header import FieldIndex
from mailtrace.auth.dkim_verify import Evaluation
from mailtrace.auth.dkim_words import Problem
from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.message.types import LineEnding, Message
from mailtrace.resolver.archive import KeyOrigin
from mailtrace.results import Comparison, DKIMResult, Severity

CLOCK_SLACK = timedelta(minutes=15)
"""A signature may be this much younger than its reception before it is remarked on."""

SEEN_SLACK = timedelta(days=1)
"""An archive that looks once a day may see a key this much later than it was published."""

FINDINGS_LIMIT = 40
"""Findings of this stage at the most; a hostile message can hold thousands of signatures."""


def _kind(code: str, title: str, severity: Severity, reference: str) -> FindingKind:
    return FindingKind(code=f"dkim-{code}", title=title, severity=severity, reference=reference)


_W, _N, _I = Severity.WARNING, Severity.NOTICE, Severity.INFO

KINDS = {
    Problem.SIGNATURE_MALFORMED: _kind(
        "signature-malformed", "A DKIM signature field breaks the rules for its form", _W, "RFC 6376 §6.1.1"
    ),
    Problem.FROM_UNSIGNED: _kind(
        "from-unsigned", "A DKIM signature does not cover the From field", _W, "RFC 6376 §6.1.1"
    ),
    Problem.SIGNATURE_UNSUPPORTED: _kind(
        "signature-unsupported", "A DKIM signature uses a method that no standard defines", _N, "RFC 6376 §3.5"
    ),
    Problem.KEY_MISSING: _kind("key-missing", "The key of a DKIM signature is not published", _N, "RFC 6376 §6.1.2"),
    Problem.KEY_REVOKED: _kind("key-revoked", "The key of a DKIM signature has been revoked", _N, "RFC 6376 §3.6.1"),
    Problem.KEY_UNUSABLE: _kind(
        "key-unusable", "The published key record of a DKIM signature cannot be used", _W, "RFC 6376 §3.6.1"
    ),
    Problem.KEY_TYPE_MISMATCH: _kind(
        "key-type-mismatch", "A DKIM signature and its published key are of different types", _W, "RFC 6376 §6.1.2"
    ),
    Problem.KEY_STRICT: _kind(
        "key-strict", "A DKIM signature speaks for a subdomain that its key excludes", _W, "RFC 6376 §3.6.1"
    ),
    Problem.BODY_LENGTH: _kind(
        "body-too-short", "A DKIM signature covers more octets than the body has", _W, "RFC 6376 §3.5"
    ),
    Problem.BODY_ALTERED: _kind(
        "body-altered", "The body is not the one that was signed with DKIM", _W, "RFC 6376 §6.1.3"
    ),
    Problem.HEADER_ALTERED: _kind(
        "header-altered", "The signed header fields are not those that were signed with DKIM", _W, "RFC 6376 §6.1.3"
    ),
    Problem.SIGNATURE_MISMATCH: _kind(
        "signature-mismatch", "A DKIM signature was not made with the key that is published", _W, "RFC 6376 §6.1.3"
    ),
    Problem.WEAK_KEY: _kind("weak-key", "A DKIM signature verifies with a key too short to count", _W, "RFC 8301 §3.2"),
    Problem.WEAK_ALGORITHM: _kind(
        "weak-algorithm", "A DKIM signature verifies with SHA-1, which does not count", _W, "RFC 8301 §3.1"
    ),
    Problem.EXPIRED: _kind("expired", "A DKIM signature had expired at reception", _W, "RFC 6376 §3.5"),
    Problem.RECONSTRUCTED: _kind(
        "reconstructed",
        "A DKIM signature cannot be checked: the file does not keep what was signed",
        _N,
        "RFC 6376 §5.3",
    ),
    Problem.LIMIT: _kind("limit", "There are more DKIM signatures than are evaluated", _N, "RFC 6376 §8.4"),
}

UNSIGNED_TAIL = _kind("body-length", "A DKIM signature covers only the beginning of the body", _W, "RFC 6376 §8.2")
KEY_UNAVAILABLE = _kind("key-unavailable", "The key of a DKIM signature could not be looked up", _N, "RFC 6376 §6.1.2")
TESTING = _kind("testing", "The signing domain says that it is only testing DKIM", _I, "RFC 6376 §3.6.1")
UNSIGNED_COPY = _kind(
    "unsigned-copy", "A header field stands above its signed copy and is not signed itself", _W, "RFC 6376 §8.15"
)
FIELDS_UNSIGNED = _kind(
    "fields-unsigned", "Header fields that readers see are not covered by a DKIM signature", _I, "RFC 6376 §5.4.1"
)
SEVERAL_KEYS = _kind("several-keys", "Several TXT records are published for one DKIM key", _N, "RFC 6376 §3.6.2.2")
LINE_ENDINGS = _kind(
    "line-endings", "A DKIM signature matches one reading of the file's mixed line ends", _N, "RFC 6376 §5.3"
)
SIGNED_IN_FUTURE = _kind(
    "signed-in-future", "A DKIM signature is dated after the message was received", _N, "RFC 6376 §3.5"
)
EXPIRY_NOT_CHECKED = _kind(
    "expiry-not-checked", "Whether a DKIM signature had expired cannot be told", _N, "RFC 6376 §3.5"
)

KEY_ARCHIVED = _kind(
    "key-archived", "The key of a DKIM signature is from an archive, not from DNS", _N, "RFC 6376 §6.1.2"
)
KEY_SHORT = _kind("key-short", "A DKIM key is shorter than signers should use", _I, "RFC 8301 §3.2")

_READERS_SEE = ("from", "sender", "reply-to", "subject", "date", "to", "cc", "content-type")
"""Fields that decide what a reader sees; a program shows or uses the topmost of each."""


def observe_dkim(
    message: Message,
    fields: FieldIndex,
    evaluations: tuple[Evaluation, ...],
    received_at: datetime | None,
    proved: Collection[int] = (),
) -> tuple[Finding, ...]:
    """Return the findings of all signatures, topmost first; those beyond the limit in one.

    `proved`: the signatures that verify with a change undone; what they do not cover matters as much.
    """
    passing = any(evaluation.check.result is DKIMResult.PASS for evaluation in evaluations)
    found: list[Finding] = []
    beyond = [one for one in evaluations if one.fault and one.fault.problem is Problem.LIMIT]
    for evaluation in evaluations:
        if evaluation.fault and evaluation.fault.problem is Problem.LIMIT:
            continue
        found.extend(_failure(evaluation, beside_a_pass=passing))
        found.extend(_key_remarks(evaluation))
        found.extend(_archived(evaluation, received_at))
        if verified(evaluation):
            found.extend(_unsigned_tail(evaluation, evaluations))
            found.extend(_unsigned_fields(fields, evaluation))
            found.extend(_line_endings(message, evaluation))
        elif evaluation.check.index in proved:
            found.extend(_unsigned_fields(fields, evaluation))
        found.extend(_time(evaluation, received_at))
    if not beyond:
        return tuple(found[:FINDINGS_LIMIT])
    detail = f"{len(fields.named('DKIM-Signature'))} signatures; {beyond[0].fault.detail if beyond[0].fault else ''}."
    return (*found[: FINDINGS_LIMIT - 1], KINDS[Problem.LIMIT].found(detail, _field(beyond[0])))


def verified(evaluation: Evaluation) -> bool:
    """Both comparisons match: what the signature says of the message is so, whether or not it counts."""
    check = evaluation.check
    return check.body_hash is Comparison.MATCH and check.header_signature is Comparison.MATCH


def _failure(evaluation: Evaluation, *, beside_a_pass: bool) -> Iterator[Finding]:
    """Say why a signature is not a pass."""
    fault, check = evaluation.fault, evaluation.check
    if fault is None:
        return
    kind = KINDS.get(fault.problem, KEY_UNAVAILABLE)
    severity = _N if beside_a_pass and kind.severity is _W else kind.severity
    yield kind.found(f"{_whose(evaluation)}: {fault.detail}.", *_evidence(evaluation), severity=severity)
    # The two comparisons are two statements: a body that differs is said whatever the key came to.
    if check.body_hash is Comparison.MISMATCH and fault.problem is not Problem.BODY_ALTERED:
        detail = f"{_whose(evaluation)}: the body does not have the hash that the field states."
        yield KINDS[Problem.BODY_ALTERED].found(detail, _field(evaluation), severity=severity)


def _key_remarks(evaluation: Evaluation) -> Iterator[Finding]:
    trial = evaluation.trial
    if trial is None:
        return
    if len(trial.lookup.texts) > 1:
        detail = f"{trial.lookup.name} has {len(trial.lookup.texts)} TXT records; what that means is undefined."
        yield SEVERAL_KEYS.found(detail, *_evidence(evaluation))
    if evaluation.check.testing:
        detail = f"The key at {trial.lookup.name} says t=y; that changes nothing in the result."
        yield TESTING.found(detail, *_evidence(evaluation))

    bits = evaluation.check.key_bits
    if trial.record is not None and trial.record.public.is_short:
        bits = trial.record.public.bits
        detail = f"The key at {trial.lookup.name} has {bits} bits: it counts, and {SIGNERS_RSA_BITS} are advised."
        yield KEY_SHORT.found(detail, *_evidence(evaluation))


def _archived(evaluation: Evaluation, received_at: datetime | None) -> Iterator[Finding]:
    """Say that a key is not from DNS, where it is from, and what DNS says instead."""
    trial, check = evaluation.trial, evaluation.check
    if trial is None or check.key_source != "archive":
        return
    origin, instead = check.key_origin, trial.instead
    parts = [f"{_whose(evaluation)} verifies with a key of the archive that was given"]
    if origin is not None:
        parts[0] += f" ({_seen(origin)})"
        if received_at is not None and _is_outside(origin, received_at):
            parts.append("it was not seen there at the time of reception")
    if instead is not None:
        parts.append(f"as for DNS, {instead.detail}")
    yield KEY_ARCHIVED.found(f"{'; '.join(parts)}.", *_evidence(evaluation))


def _seen(origin: KeyOrigin) -> str:
    source = excerpt(origin.source) if origin.source else "no source named"
    first, last = origin.first_seen, origin.last_seen
    if first is None and last is None:
        return f"{source}, no time named"
    if first == last:
        return f"{source}, seen on {first:%Y-%m-%d}"
    begin = f" from {first:%Y-%m-%d}" if first else ""
    end = f" until {last:%Y-%m-%d}" if last else ""
    return f"{source}, seen{begin}{end}"


def _is_outside(origin: KeyOrigin, time: datetime) -> bool:
    early = origin.first_seen is not None and time < origin.first_seen - SEEN_SLACK
    return early or (origin.last_seen is not None and time > origin.last_seen + SEEN_SLACK)


def _unsigned_tail(evaluation: Evaluation, evaluations: tuple[Evaluation, ...]) -> Iterator[Finding]:
    """Say what stands in the body behind the part that is signed."""
    check = evaluation.check
    if not check.unsigned_octets:
        return
    covered = any(_covers_whole_body(other, check.sdid) for other in evaluations)
    detail = f"{_whose(evaluation)} covers {check.body_length} octets; {check.unsigned_octets} more follow unsigned"
    detail += ", though another signature of that domain covers them." if covered else "."
    evidence = Evidence(source="body", excerpt=f"{check.unsigned_octets} octets behind l={check.body_length}")
    yield UNSIGNED_TAIL.found(detail, _field(evaluation), evidence, severity=_I if covered else _W)


def _unsigned_fields(fields: FieldIndex, evaluation: Evaluation) -> Iterator[Finding]:
    """Say which fields a reader would take for signed, and are not."""
    unsigned = []
    for name in _READERS_SEE:
        present, signed = fields.named(name), evaluation.check.signed_fields.count(name)
        if signed == 0 and present:
            unsigned.append(present[0])
        elif len(present) > signed:
            top = present[0]
            detail = (
                f"{len(present)} {top.name} fields, of which {_whose(evaluation, 'the')} covers the lowest {signed}."
            )
            place = Evidence(source=f"header:{top.name}[0]", line=top.line, excerpt=excerpt(top.value))
            yield UNSIGNED_COPY.found(detail, place, _field(evaluation))
    if unsigned:
        names = ", ".join(field.name for field in unsigned)
        places = (
            Evidence(source=f"header:{field.name}[0]", line=field.line, excerpt=excerpt(field.value))
            for field in unsigned
        )
        yield FIELDS_UNSIGNED.found(f"{_whose(evaluation)} does not cover: {names}.", *places)


def _covers_whole_body(evaluation: Evaluation, sdid: str | None) -> bool:
    check = evaluation.check
    return check.result is DKIMResult.PASS and check.sdid == sdid and not check.unsigned_octets


def _line_endings(message: Message, evaluation: Evaluation) -> Iterator[Finding]:
    if message.line_ending is not LineEnding.MIXED:
        return
    as_found = evaluation.reading is LineReading.AS_FOUND
    how = "with its lone LFs as octets of their lines" if as_found else "with every lone LF read as CRLF"
    yield LINE_ENDINGS.found(f"{_whose(evaluation)} matches the file {how}.", _field(evaluation))


def _time(evaluation: Evaluation, received_at: datetime | None) -> Iterator[Finding]:
    signed_at, expires_at = evaluation.check.signed_at, evaluation.check.expires_at
    if received_at is None and expires_at is not None and verified(evaluation):
        detail = f"{_whose(evaluation)} was to be accepted until {expires_at:%Y-%m-%d %H:%M:%S} UTC; "
        detail += "no trusted field says when the message was received, so that counts neither for it nor against it."
        yield EXPIRY_NOT_CHECKED.found(detail, _field(evaluation))
    if signed_at is None or received_at is None or signed_at - received_at <= CLOCK_SLACK:
        return
    detail = f"{_whose(evaluation)} is dated {signed_at:%Y-%m-%d %H:%M:%S} UTC, after its reception: "
    detail += "a clock is wrong, or that time made up."
    yield SIGNED_IN_FUTURE.found(detail, _field(evaluation))


def _whose(evaluation: Evaluation, article: str = "The") -> str:
    return f"{article} signature of {evaluation.check.sdid or 'an unreadable domain'}"


def _field(evaluation: Evaluation) -> Evidence:
    field = evaluation.signature.field
    source = f"header:DKIM-Signature[{evaluation.check.index}]"
    return Evidence(source=source, line=field.line, excerpt=excerpt(field.value))


def _evidence(evaluation: Evaluation) -> Iterator[Evidence]:
    """Yield the field, and the key record if one was asked for."""
    yield _field(evaluation)
    trial = evaluation.trial
    if trial is not None:
        shown = trial.record.text if trial.record else " | ".join(trial.lookup.texts[:2])
        detail = trial.lookup.fault.detail if trial.lookup.fault else ""
        yield Evidence(source=f"dns:TXT {trial.lookup.name}", excerpt=excerpt(shown or detail))
