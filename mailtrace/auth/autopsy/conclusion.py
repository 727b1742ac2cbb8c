"""Draw the conclusion from the searches of one signature: verify what was repaired like any other, and say what it is.

Only a message that verifies in full is a proof; what fits one half alone is told, and proves nothing.
"""

from collections.abc import Callable
from datetime import datetime

from mailtrace.auth.autopsy.anatomy import Anatomy, SplicedBody, altered
from mailtrace.auth.autopsy.body_search import BodyFound
from mailtrace.auth.autopsy.budget import Budget
from mailtrace.auth.autopsy.header_search import HeaderFound
from mailtrace.auth.autopsy.hiding import Hiding, hides, octets_before
from mailtrace.auth.autopsy.steps import FORMS, WEIGHTS, Kind, step
from mailtrace.auth.autopsy.types import Autopsy, Outcome
from mailtrace.auth.autopsy.words import clause
from mailtrace.auth.dkim_body import BodyHash, BodyHashes, HashedBody, LineReading
from mailtrace.auth.dkim_verify import Evaluation, evaluate_again
from mailtrace.auth.types import Alteration, AlterationStep
from mailtrace.message.types import HeaderField, Message
from mailtrace.records import Struct, replace
from mailtrace.results import DKIMResult

MOSTLY = 2000
"""Octets that may be added to a body, however short it is, before they are said to outweigh it: long footers are."""

MOSTLY_BEFORE = 500
"""Octets of text, without tags, of which a reader may be shown so many before what was signed: long warnings are."""


Way = tuple[LineReading, BodyHash]
"""How a signature hashes the body."""


class Proofs:
    """The hashes of repaired bodies: those that several signatures come to are computed once."""

    def __init__(self, *, budget: Budget, received_at: datetime | None) -> None:
        self._budget = budget
        self.received_at = received_at
        self._known: dict[int, BodyHashes] = {}
        """By the identity of the body."""

    def as_found(self, anatomy: Anatomy) -> BodyHashes:
        """Return the hashes of the body as it stands: one pass for all signatures of a message."""
        return self._known.setdefault(id(anatomy), BodyHashes(anatomy.message.body))

    def of_repaired(self, way: Way | None, found: BodyFound) -> BodyHashes | None:
        """Return the hashes of a repaired body, which are computed anew, once; None if the budget does not allow it.

        A body that is too long for that has been hashed as a whole to find it, and is not read again.
        """
        body = found.body
        assert body is not None
        if id(body) not in self._known:
            hashes = BodyHashes(body)
            if isinstance(body, SplicedBody) and way is not None and found.digest is not None:
                hashes.remember(LineReading.AS_FOUND, way[1], HashedBody(digest=found.digest, octets=body.size))
            elif not self._budget.work(body.size // 2):
                return None
            self._known[id(body)] = hashes
        return self._known[id(body)]


Verify = Callable[[Message, Evaluation, HeaderField, BodyHashes, datetime | None], str]
"""Verifies a repaired message like any other; returns why it is no pass, or nothing."""


def verify_again(
    message: Message, evaluation: Evaluation, field: HeaderField, hashes: BodyHashes, received_at: datetime | None
) -> str:
    """Verify a DKIM signature over its repaired message."""
    again = evaluate_again(message, evaluation, field, received_at, hashes)
    if again.check.result is DKIMResult.PASS:
        return ""
    return again.fault.detail if again.fault else "the signature does not verify"


def nothing_proved(outcome: Outcome, lacking: str, tried: tuple[str, ...], hashes: int, *, complete: bool) -> Autopsy:
    """Return an autopsy that came to nothing."""
    return Autopsy(
        outcome=outcome,
        alteration=None,
        repaired=None,
        lacking=lacking,
        tried=tried,
        hashes=hashes,
        complete=complete,
    )


class Conclusion(Struct, frozen=True, kw_only=True):
    """Both searches of one signature. None: that half matched as it stands."""

    proofs: Proofs
    verify: Verify
    evaluation: Evaluation
    way: Way | None
    """How the body is hashed; None where it matched as it stands."""
    anatomy: Anatomy
    body: BodyFound | None
    header: HeaderFound | None
    hashes: int

    @property
    def _tried(self) -> tuple[str, ...]:
        both = (*(self.body.tried if self.body else ()), *(self.header.tried if self.header else ()))
        return tuple(dict.fromkeys(both))

    @property
    def _complete(self) -> bool:
        return (self.body is None or self.body.complete) and (self.header is None or self.header.complete)

    def autopsy(self) -> Autopsy:
        """Draw the conclusion."""
        open_body = self.body is not None and self.body.repair is None
        open_header = self.header is not None and self.header.edits is None
        steps = (*(self.body.steps if self.body else ()), *self._field_steps())
        if not steps or (open_header and open_body):
            return nothing_proved(
                Outcome.UNKNOWN, _remains(open_body, open_header), self._tried, self.hashes, complete=self._complete
            )
        repaired, lacking = None, _remains(open_body, open_header)
        if not lacking:
            repaired, lacking = self._prove()
        alteration = self._alteration(steps, proved=not lacking)
        return Autopsy(
            outcome=Outcome.UNPROVED if lacking else Outcome.PROVED,
            alteration=alteration,
            repaired=repaired,
            lacking=lacking,
            tried=self._tried,
            hashes=self.hashes,
            complete=self._complete,
        )

    def _field_steps(self) -> tuple[AlterationStep, ...]:
        edits = self.header.edits if self.header else None
        by_index = {each.index: each for each in self.anatomy.message.fields}
        steps = []
        for each in edits or ():
            now = by_index.get(each.index) if each.index is not None else None
            steps.append(
                step(
                    each.kind,
                    f"header:{now.name if now else each.name}",
                    line=now.line if now else None,
                    added=_value(now.raw) if now else b"",
                    removed=_value(each.raw) if each.raw is not None else b"",
                    octets=0,
                )
            )
        return tuple(steps)

    def _prove(self) -> tuple[Message | None, str]:
        """Verify the repaired message like any other; return why it is no proof, or nothing."""
        edits = (self.header.edits if self.header else None) or ()
        changed = {each.index: each.raw for each in edits if each.index is not None}
        added = tuple(each.raw for each in edits if each.index is None and each.raw is not None)
        repaired = altered(self.anatomy.message, changed, added, self.body.body if self.body else None)
        own = next(each for each in repaired.fields if each.index == self.evaluation.signature.field.index)
        hashes = self.proofs.of_repaired(self.way, self.body) if self.body else self.proofs.as_found(self.anatomy)
        if hashes is None:
            return None, "the limit was reached before it could be verified"
        lacking = self.verify(repaired, self.evaluation, own, hashes, self.proofs.received_at)
        return (None, lacking) if lacking else (repaired, "")

    def _alteration(self, steps: tuple[AlterationStep, ...], *, proved: bool) -> Alteration:
        ordered = tuple(sorted(steps, key=lambda each: WEIGHTS[each.kind]))
        of_body = [each.octets for each in ordered if not each.where.startswith("header:")]
        signed = self.body.body.size if self.body and self.body.body is not None else None
        octets = sum(of_body) if of_body else None
        alteration = Alteration(
            kind=ordered[0].kind,
            detail="",
            proved=proved,
            steps=ordered,
            octets=octets,
            signed_octets=signed,
            form_only=all(map(_is_of_form, ordered)),
            mostly_unsigned=self._outweighs(octets, signed),
            hides=self._hides(),
        )
        sdid = self.evaluation.check.sdid or "the signing domain"
        told = "the signature verifies" if proved else "it would fit, which is not proved"
        verb = "signed" if self.evaluation.signature.field.name.lower() == "dkim-signature" else "sealed"
        detail = f"{sdid} {verb} this message {clause(alteration)}: {told}"
        return replace(alteration, detail=detail)

    def _hides(self) -> Hiding | None:
        fields = {each.index: each for each in self.anatomy.message.fields}
        edits = (self.header.edits if self.header else None) or ()
        return hides(self.anatomy, self.body.repair if self.body else None, edits, fields)

    def _outweighs(self, octets: int | None, signed: int | None) -> bool:
        """Tell whether what was added is the text, and what was signed is a rest."""
        if self.body is None or not octets or signed is None:
            return False
        before = octets_before(self.anatomy, self.body.repair)
        return self.body.is_empty or octets > max(signed, MOSTLY) or before > max(signed, MOSTLY_BEFORE)


def _is_of_form(step: AlterationStep) -> bool:
    """Tell whether a reader sees the same words before and after; white space inside a field may make two of one."""
    return step.kind in FORMS and not (step.kind == Kind.WHITE_SPACE and step.where.startswith("header:"))


def _remains(open_body: bool, open_header: bool) -> str:
    if open_body and open_header:
        return "both the body and the signed header fields differ by more than what was tried"
    if open_body:
        return "the body differs by more than what was tried"
    return "the signed header fields differ by more than what was tried" if open_header else ""


def _value(raw: bytes) -> bytes:
    return raw.partition(b":")[2].strip(b" \t\r\n")
