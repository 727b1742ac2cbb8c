"""What an autopsy found, as findings: what was changed, what is proved by it, and what was not tried."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from mailtrace.auth.autopsy.budget import MAX_HASHES
from mailtrace.auth.autopsy.hiding import TOLD, Hiding
from mailtrace.auth.autopsy.steps import Kind
from mailtrace.auth.autopsy.types import Autopsy, Outcome
from mailtrace.auth.autopsy.words import clause
from mailtrace.auth.dkim_header import FieldIndex
from mailtrace.auth.dkim_verify import Evaluation
from mailtrace.auth.types import AlterationStep
from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.results import Comparison, Severity

ALTERATION_PROVED = FindingKind(
    code="dkim-alteration-proved",
    title="What was changed after signing is proved: with it undone the signature verifies",
    severity=Severity.NOTICE,
    reference="RFC 6376 §6.1.3",
)
ALTERATION_UNPROVED = FindingKind(
    code="dkim-alteration-unproved",
    title="A change was found that explains a part of a DKIM failure, and proves nothing",
    severity=Severity.INFO,
    reference="RFC 6376 §6.1.3",
)
ALTERATION_UNKNOWN = FindingKind(
    code="dkim-alteration-unknown",
    title="What was changed after signing could not be found",
    severity=Severity.INFO,
    reference="RFC 6376 §6.1.3",
)
MOSTLY_UNSIGNED = FindingKind(
    code="dkim-mostly-unsigned",
    title="Most of the text that is read here is not what was signed",
    severity=Severity.WARNING,
    reference="RFC 6376 §8.2",
)
SIGNED_HIDDEN = FindingKind(
    code="dkim-signed-part-hidden",
    title="What was changed can keep a reader from what was signed",
    severity=Severity.WARNING,
    reference="RFC 6376 §8.2",
)
FIELDS_ABSENT = FindingKind(
    code="dkim-signed-fields-absent",
    title="A DKIM signature that does not verify names header fields that the message does not have",
    severity=Severity.INFO,
    reference="RFC 6376 §5.4.2",
)
BUDGET_ENDED = FindingKind(
    code="dkim-autopsy-limit",
    title="The search for what was changed after signing was ended by its limit",
    severity=Severity.INFO,
    reference="RFC 6376 §8.4",
)

MAILBOX_QUOTING = FindingKind(
    code="dkim-mailbox-quoting",
    title="A DKIM signature verifies over the message without the marks that its mailbox put into it",
    severity=Severity.INFO,
    reference="RFC 4155 §2",
)

MOST = 6
"""Signatures whose autopsies are told one by one."""


def observe_autopsies(
    fields: FieldIndex, evaluations: Sequence[Evaluation], autopsies: Mapping[int, Autopsy]
) -> tuple[Finding, ...]:
    """Return the findings, topmost signature first."""
    examined = [each for each in evaluations if each.check.index in autopsies]
    found: list[Finding] = []
    for evaluation in examined[:MOST]:
        autopsy = autopsies[evaluation.check.index]
        found += _conclusion(evaluation, autopsy)
        found += _absent(fields, evaluation, autopsy)
    cut = [each for each in examined if not autopsies[each.check.index].complete]
    if cut:
        found.append(_limit(cut, sum(autopsy.hashes for autopsy in autopsies.values())))
    return tuple(found)


def is_mailbox_quoting(autopsy: Autopsy) -> bool:
    """Tell whether all that was changed is what mailboxes do: a `>` before lines that begin with From."""
    alteration = autopsy.alteration
    if autopsy.outcome is not Outcome.PROVED or alteration is None:
        return False
    return all(step.kind == Kind.FROM_ESCAPED and _is_mark_put(step) for step in alteration.steps)


def _is_mark_put(step: AlterationStep) -> bool:
    """Tell a mark that was put from one that was taken away, by the first line that differs.

    What is shown behind it may be lines that nothing was done to.
    """
    if not step.added or not step.removed:
        return False
    return step.added[0][:_BEGINNING] == f">{step.removed[0]}"[:_BEGINNING]


_BEGINNING = 40
"""Characters of a line that are compared: long ones are shown cut."""


def observe_quoting(
    evaluations: Sequence[Evaluation], autopsies: Mapping[int, Autopsy], quoted: Collection[int]
) -> tuple[Finding, ...]:
    """Say of the signatures that fail by nothing but a mailbox's quoting that they were verified without it."""
    found = []
    for evaluation in [each for each in evaluations if each.check.index in quoted][:MOST]:
        alteration = autopsies[evaluation.check.index].alteration
        assert alteration is not None
        detail = f"The signature of {evaluation.check.sdid}: mailboxes put a > before lines that begin with From."
        found.append(MAILBOX_QUOTING.found(detail, *(_place(evaluation, step) for step in alteration.steps)))
    return tuple(found)


def _conclusion(evaluation: Evaluation, autopsy: Autopsy) -> Iterator[Finding]:
    sdid = evaluation.check.sdid or "an unreadable domain"
    alteration = autopsy.alteration
    if alteration is None:
        if autopsy.outcome is Outcome.UNKNOWN:
            yield ALTERATION_UNKNOWN.found(_unknown(evaluation, autopsy), _field(evaluation))
        return
    places = [_place(evaluation, step) for step in alteration.steps]
    if autopsy.outcome is Outcome.UNPROVED:
        detail = f"The signature of {sdid} would fit the message {clause(alteration)}, but: {autopsy.lacking}."
        yield ALTERATION_UNPROVED.found(detail, *places)
        return
    detail = f"{sdid} signed this message {clause(alteration)}. Who made the change is not proved."
    yield ALTERATION_PROVED.found(detail, *places)
    if alteration.mostly_unsigned:
        detail = f"{sdid} signed {alteration.signed_octets:,} octets; {alteration.octets:,} were added to them."
        yield MOSTLY_UNSIGNED.found(detail, *places)
    if alteration.hides is not None:
        yield SIGNED_HIDDEN.found(f"{sdid} signed this message, and {TOLD[Hiding(alteration.hides)]}.", *places)


def _unknown(evaluation: Evaluation, autopsy: Autopsy) -> str:
    made = evaluation.trial is not None and evaluation.trial.header is Comparison.MATCH
    genuine = made or evaluation.check.algorithm != "ed25519-sha256"
    told = "it was made with the published key, and " if genuine else ""
    tried = f" Tried with {autopsy.hashes} hashes: {', '.join(autopsy.tried)}." if autopsy.tried else ""
    return f"The signature of {evaluation.check.sdid}: {told}{autopsy.lacking}.{tried}"


def _absent(fields: FieldIndex, evaluation: Evaluation, autopsy: Autopsy) -> Iterator[Finding]:
    """Name the fields of h= that are not there: not there when it was signed either, or taken away since."""
    if autopsy.outcome is not Outcome.UNKNOWN or evaluation.check.header_signature is Comparison.MATCH:
        return
    absent = [name for name in dict.fromkeys(evaluation.check.signed_fields) if not fields.named(name)]
    if absent:
        names = ", ".join(excerpt(name) for name in absent[:12])
        detail = f"{names}: either absent when {evaluation.check.sdid} signed, or taken away since."
        yield FIELDS_ABSENT.found(detail, _field(evaluation))


def _limit(cut: Sequence[Evaluation], hashes: int) -> Finding:
    domains = dict.fromkeys(each.check.sdid or "an unreadable domain" for each in cut)
    shown = ", ".join(list(domains)[:5])
    detail = f"{hashes} of {MAX_HASHES} hashes were spent; not everything was tried for {len(cut)} of the signatures"
    return BUDGET_ENDED.found(f"{detail} ({shown}).", *map(_field, cut[:MOST]))


def _place(evaluation: Evaluation, step: AlterationStep) -> Evidence:
    if not step.added and not step.removed:
        return _field(evaluation)
    now, then = excerpt(" / ".join(step.added)), excerpt(" / ".join(step.removed))
    told = f"{now} (signed: {then})" if now and then else now or f"signed, and missing: {then}"
    return Evidence(source=_source(step), line=step.line, excerpt=excerpt(told))


def _source(step: AlterationStep) -> str:
    return f"{step.where}[0]" if step.where.startswith("header:") else step.where


def _field(evaluation: Evaluation) -> Evidence:
    field = evaluation.signature.field
    source = f"header:DKIM-Signature[{evaluation.check.index}]"
    return Evidence(source=source, line=field.line, excerpt=excerpt(field.value))
