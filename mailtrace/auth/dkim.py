"""DKIM, RFC 6376: the owner of a domain signed this message, and so much of it is still as it was signed.

Takes a message, answers of DNS, and the time of reception; gives one check for every DKIM-Signature field. The hash of
the body and the signature over the header are two statements and are always told apart: a mailing list that adds a
footer breaks the one, and the other still proves who signed. An old message is judged as of its reception: a signature
that has expired since is not expired, and a key that is gone is not a forgery. No clock; DNS through the one seam.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from mailtrace.auth.dkim_body import BodyHashes
from mailtrace.auth.dkim_findings import observe_dkim
from mailtrace.auth.dkim_header import FieldIndex
from mailtrace.auth.dkim_signature import Signature
from mailtrace.auth.dkim_verify import Evaluation, dkim_signatures, evaluate, evaluated_of, not_checked
from mailtrace.auth.types import DKIMCheck
from mailtrace.findings import Finding
from mailtrace.message.types import Message
from mailtrace.records import Struct, replace
from mailtrace.resolver import Question, Resolver, RRType
from mailtrace.results import Comparison, DKIMResult

if TYPE_CHECKING:
    from mailtrace.auth.autopsy import Examiner

__all__ = ["BodyHashes", "DKIMOutcome", "check_dkim", "dkim_questions", "dkim_signatures"]


class DKIMOutcome(Struct, frozen=True, kw_only=True):
    """Every signature, topmost first, and what matters about them."""

    checks: tuple[DKIMCheck, ...]
    findings: tuple[Finding, ...]


def check_dkim(
    message: Message,
    *,
    dns: Resolver,
    received_at: datetime | None,
    keys: Resolver | None = None,
    hashes: BodyHashes | None = None,
    signatures: Sequence[Signature] | None = None,
    reconstructed: bool = False,
    from_mbox: bool = False,
    examiner: "Callable[[], Examiner] | None" = None,
) -> DKIMOutcome:
    """Verify every DKIM-Signature field.

    `received_at`: the border's time, by which `x=` is judged; without it no time rule is. `keys`: keys from elsewhere
    than DNS, used where the key of DNS does not fit. `hashes`: shared with `check_arc`, to read the body once.
    `signatures`: the fields, where they are read already. `reconstructed`: the octets are not those that were sent, so
    nothing is checked. `from_mbox`: a mailbox may have put a `>` before lines that begin with From (decision 0009).
    `examiner`: gives that which is shared with `check_arc`, so that one budget serves both.
    """
    fields = FieldIndex.of(message)
    if reconstructed:
        unchecked = not_checked(dkim_signatures(message) if signatures is None else signatures)
        found = observe_dkim(message, fields, unchecked, received_at)
        return DKIMOutcome(checks=tuple(each.check for each in unchecked), findings=found)
    evaluations = evaluate(
        message,
        fields,
        dns=dns,
        keys=keys,
        received_at=received_at,
        hashes=hashes or BodyHashes(message.body),
        signatures=signatures,
    )
    if any(each.fault and each.trial for each in evaluations):
        return _examined(message, fields, evaluations, received_at, from_mbox=from_mbox, examiner=examiner)
    return DKIMOutcome(
        checks=tuple(each.check for each in evaluations),
        findings=tuple(observe_dkim(message, fields, evaluations, received_at)),
    )


def _examined(
    message: Message,
    fields: FieldIndex,
    evaluations: Sequence[Evaluation],
    received_at: datetime | None,
    *,
    from_mbox: bool,
    examiner: "Callable[[], Examiner] | None",
) -> DKIMOutcome:
    """Find out what was changed, where a signature fails although its key is there."""
    from mailtrace.auth.autopsy import Outcome, examiner_of  # noqa: PLC0415 - most messages need none, and it is large
    from mailtrace.auth.autopsy.findings import (  # noqa: PLC0415
        is_mailbox_quoting,
        observe_autopsies,
        observe_quoting,
    )

    autopsies = (examiner() if examiner else examiner_of(message, received_at)).examine_all(evaluations)
    quoted = {index for index, each in autopsies.items() if from_mbox and is_mailbox_quoting(each)}
    unquoted = observe_quoting(evaluations, autopsies, quoted)
    evaluations = tuple(_unquoted(each) if each.check.index in quoted else each for each in evaluations)
    autopsies = {index: each for index, each in autopsies.items() if index not in quoted}
    proved = [index for index, autopsy in autopsies.items() if autopsy.outcome is Outcome.PROVED]
    return DKIMOutcome(
        checks=tuple(
            replace(each.check, alteration=autopsies[each.check.index].alteration)
            if each.check.index in autopsies
            else each.check
            for each in evaluations
        ),
        findings=(
            *observe_dkim(message, fields, evaluations, received_at, proved),
            *observe_autopsies(fields, evaluations, autopsies),
            *unquoted,
        ),
    )


def _unquoted(evaluation: Evaluation) -> Evaluation:
    """Return the signature as it verifies over the message that the mailbox holds (docs/decisions/0009)."""
    matches = Comparison.MATCH
    check = replace(evaluation.check, result=DKIMResult.PASS, body_hash=matches, header_signature=matches, problem=None)
    return replace(evaluation, check=check, fault=None)


def dkim_questions(signatures: Sequence[Signature], author_domain: str | None = None) -> tuple[Question, ...]:
    """List the DNS questions that `check_dkim` will ask."""
    chosen = (signatures[at] for at in sorted(evaluated_of(signatures, author_domain)))
    names = (signature.key_name for signature in chosen if signature.fault is None)
    return tuple(dict.fromkeys(Question(name, RRType.TXT) for name in names if name))
