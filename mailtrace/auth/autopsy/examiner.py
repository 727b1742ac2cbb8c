"""Examine every signature of a message that does not verify: body, header, and then the proof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from mailtrace.auth.autopsy.anatomy import Anatomy, SplicedBody, altered, anatomy
from mailtrace.auth.autopsy.body_search import BodyFound, Repairs, nothing_found, search_body, with_boundaries
from mailtrace.auth.autopsy.boundaries import kept_content_types
from mailtrace.auth.autopsy.budget import Budget
from mailtrace.auth.autopsy.copies import read_copies
from mailtrace.auth.autopsy.header_search import HeaderFound, HeaderTrial, Repair, search_header
from mailtrace.auth.autopsy.hiding import Hiding, hides, octets_before
from mailtrace.auth.autopsy.mime import boundary_of
from mailtrace.auth.autopsy.steps import FORMS, WEIGHTS, Edit, Kind, step
from mailtrace.auth.autopsy.text import BodyText
from mailtrace.auth.autopsy.types import Autopsy, Outcome
from mailtrace.auth.autopsy.words import clause
from mailtrace.auth.dkim_body import BodyHash, BodyHashes, HashedBody, LineReading
from mailtrace.auth.dkim_verify import Evaluation, evaluate_again, wanted_hash
from mailtrace.auth.dkim_words import Problem
from mailtrace.auth.types import Alteration, AlterationStep
from mailtrace.message.types import HeaderField, Message
from mailtrace.names.organisation import organisation_of
from mailtrace.results import Comparison, DKIMResult

_EXAMINED = frozenset({Problem.BODY_ALTERED, Problem.HEADER_ALTERED, Problem.SIGNATURE_MISMATCH})

MOSTLY = 2000
"""Octets that may be added to a body, however short it is, before they are said to outweigh it: long footers are."""

MOSTLY_BEFORE = 500
"""Octets of text, without tags, of which a reader may be shown so many before what was signed: long warnings are."""


def examine(
    message: Message, evaluations: Sequence[Evaluation], received_at: datetime | None, budget: Budget | None = None
) -> Mapping[int, Autopsy]:
    """Return an autopsy for each signature that does not verify and whose key is there, by its index.

    The author domain's come first, so that signatures of others cannot use up what may be spent on them.
    """
    failed = [each for each in evaluations if each.fault and each.fault.problem in _EXAMINED and each.trial]
    if not failed:
        return {}
    failed.sort(key=lambda each: (not _is_author(message, each), each.check.index))
    examiner = _Examiner(message=message, received_at=received_at, budget=budget or Budget(), failed=failed)
    return {evaluation.check.index: examiner.examine(evaluation) for evaluation in failed}


def _is_author(message: Message, evaluation: Evaluation) -> bool:
    author, sdid = message.author_domain, evaluation.check.sdid
    return bool(author and sdid) and organisation_of(author or "") == organisation_of(sdid or "")


_Way = tuple[LineReading, BodyHash]


@dataclass(slots=True, kw_only=True)
class _Examiner:
    """One message, and what was found out about it so far."""

    message: Message
    received_at: datetime | None
    budget: Budget
    failed: list[Evaluation]
    """In the order in which they are examined."""
    repairs: dict[LineReading, Repairs] = field(default_factory=dict)
    texts: dict[_Way, BodyText | None] = field(default_factory=dict)
    """For each way of hashing the body: signatures that hash it alike profit from each other's trials."""
    found: dict[tuple[_Way, bytes], BodyFound] = field(default_factory=dict)
    proofs: dict[int, BodyHashes] = field(default_factory=dict)
    """The hashes of repaired bodies, by the identity of the octets."""

    def examine(self, evaluation: Evaluation) -> Autopsy:
        """Search the body, then the header, then prove."""
        before = self.budget.hashes
        trial, signature = evaluation.trial, evaluation.signature
        assert trial is not None
        assert trial.record is not None  # the problems that are examined are found with a key
        left = len(self.failed) - self.failed.index(evaluation)
        matches = trial.header is Comparison.MATCH
        body = self.anatomy(evaluation)
        header = HeaderTrial(body, signature, trial.record.public, self.budget)
        if not matches and not header.is_possible:
            return _nothing(Outcome.NOT_THIS_KEY, "the key did not make this signature", (), 0, complete=True)
        if not matches and header.is_too_long:
            return _nothing(Outcome.UNKNOWN, "its signed header fields are too many or too long", (), 0, complete=False)
        body_found = None
        if _differs(evaluation):
            # Half of the share of a signature whose header has to be searched as well is kept for that.
            members = sum(_way(each) == _way(evaluation) for each in self.failed[-left:])
            self.budget.open_share(left, members, body_first=not matches)
            body_found = self._search_body(body, evaluation)
        header_found = None
        if not matches:
            self.budget.open_share(left)
            header_found = search_header(body, header, signature, _implied(body, evaluation, body_found))
        return _Result(
            examiner=self,
            evaluation=evaluation,
            anatomy=body,
            body=body_found,
            header=header_found,
            hashes=before - self.budget.hashes,
        ).autopsy()

    def anatomy(self, evaluation: Evaluation) -> Anatomy:
        """Return the message in the reading of its line ends that fits the signature best."""
        reading = evaluation.reading or LineReading.AS_FOUND
        if reading not in self.repairs:
            self.repairs[reading] = Repairs(anatomy(self.message, reading))
        return self.repairs[reading].body

    def _search_body(self, body: Anatomy, evaluation: Evaluation) -> BodyFound:
        way, digest = _way(evaluation), evaluation.signature.body_digest
        assert way is not None
        assert digest is not None
        if (way, digest) not in self.found:
            self.found[way, digest] = self._searched(body, evaluation, way, digest)
        return self.found[way, digest]

    def _searched(self, body: Anatomy, evaluation: Evaluation, way: _Way, digest: bytes) -> BodyFound:
        if way not in self.texts:
            self.texts[way] = self._text(body, way[1])
        text = self.texts[way]
        if text is None:
            return nothing_found(complete=False)
        kept = kept_content_types(body, read_copies(evaluation.signature.field))
        return search_body(chain(with_boundaries(body, kept), self.repairs[way[0]]), text, digest, body)

    def _text(self, body: Anatomy, wanted: BodyHash) -> BodyText | None:
        """Take the body apart; None if the budget does not allow it, or `l=` ends somewhere in what is too long."""
        if (body.head and wanted.length is not None) or not self.budget.work(body.work):
            return None
        return BodyText(body.lines, wanted, self.budget, body.head_octets if body.head else None)

    def hashes_of(self, way: _Way | None, found: BodyFound) -> BodyHashes | None:
        """Return the hashes of a repaired body, which are computed anew, once; None if the budget does not allow it.

        A body that is too long for that has been hashed as a whole to find it, and is not read again.
        """
        body = found.body
        assert body is not None
        if id(body) not in self.proofs:
            hashes = BodyHashes(body)
            if isinstance(body, SplicedBody) and way is not None and found.digest is not None:
                hashes.remember(LineReading.AS_FOUND, way[1], HashedBody(digest=found.digest, octets=body.size))
            elif not self.budget.work(body.size // 2):
                return None
            self.proofs[id(body)] = hashes
        return self.proofs[id(body)]


def _way(evaluation: Evaluation) -> _Way | None:
    """Return how a signature hashes the body; None for one whose body is not to be searched."""
    wanted = wanted_hash(evaluation.signature)
    return (evaluation.reading or LineReading.AS_FOUND, wanted) if wanted and _differs(evaluation) else None


def _differs(evaluation: Evaluation) -> bool:
    return evaluation.check.body_hash is Comparison.MISMATCH


def _implied(body: Anatomy, evaluation: Evaluation, found: BodyFound | None) -> Repair:
    """Return the edits of the header that a body implies: those of Content fields that are signed."""
    if found is None or found.repair is None:
        return ()
    edits = []
    for name, raw in found.repair.implied:
        if name not in evaluation.signature.signed_fields:
            continue
        own = next((each for each in reversed(body.message.fields) if each.name.lower() == name), None)
        if own is None and raw is not None:
            edits.append(Edit(kind=Kind.FIELD_REMOVED, name=name.title(), index=None, raw=raw))
        elif own is not None and raw != own.raw:
            edits.append(Edit(kind=_implied_kind(found, own, raw), name=own.name, index=own.index, raw=raw))
    return tuple(edits)


def _implied_kind(found: BodyFound, own: HeaderField, raw: bytes | None) -> Kind:
    """Name the change of a field that follows from that of the body: a part of it, if it says nothing else."""
    kinds = {each.kind for each in found.steps}
    if own.name.lower() == "content-transfer-encoding" and Kind.RE_ENCODED in kinds:
        return Kind.RE_ENCODED
    if raw is not None and Kind.BOUNDARY_CHANGED in kinds and _but_boundary(own.raw) == _but_boundary(raw):
        return Kind.BOUNDARY_CHANGED
    return Kind.FIELD_ADDED if raw is None else Kind.FIELD_CHANGED


def _but_boundary(content_type: bytes) -> bytes:
    boundary = boundary_of(content_type) or b""
    return b"".join(content_type.lower().replace(b'"', b"").replace(boundary.lower(), b"").split())


def _nothing(outcome: Outcome, lacking: str, tried: tuple[str, ...], hashes: int, *, complete: bool) -> Autopsy:
    return Autopsy(
        outcome=outcome,
        alteration=None,
        repaired=None,
        lacking=lacking,
        tried=tried,
        hashes=hashes,
        complete=complete,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """Both searches of one signature. None: that half matched as it stands."""

    examiner: _Examiner
    evaluation: Evaluation
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
            return _nothing(
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
        hashes = self.examiner.hashes_of(_way(self.evaluation), self.body) if self.body else self._as_found
        if hashes is None:
            return None, "the limit was reached before it could be verified"
        again = evaluate_again(repaired, self.evaluation, own, self.examiner.received_at, hashes)
        if again.check.result is DKIMResult.PASS:
            return repaired, ""
        return None, again.fault.detail if again.fault else "the signature does not verify"

    @property
    def _as_found(self) -> BodyHashes:
        """The hashes of the body as it stands: one pass for all signatures of a message."""
        return self.examiner.proofs.setdefault(id(self.anatomy), BodyHashes(self.anatomy.message.body))

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
        detail = f"{sdid} signed this message {clause(alteration)}: {told}"
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
