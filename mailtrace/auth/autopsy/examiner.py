"""Examine every signature of a message that does not verify: body, header, and then the proof."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain

from mailtrace.auth.autopsy.anatomy import Anatomy, anatomy
from mailtrace.auth.autopsy.body_search import BodyFound, Repairs, nothing_found, search_body, with_boundaries
from mailtrace.auth.autopsy.boundaries import kept_content_types
from mailtrace.auth.autopsy.budget import Budget
from mailtrace.auth.autopsy.conclusion import Conclusion, Proofs, Verify, Way, nothing_proved, verify_again
from mailtrace.auth.autopsy.copies import read_copies
from mailtrace.auth.autopsy.header_search import HeaderTrial, search_header
from mailtrace.auth.autopsy.implied import implied_edits
from mailtrace.auth.autopsy.text import BodyText
from mailtrace.auth.autopsy.types import Autopsy, Outcome
from mailtrace.auth.dkim_body import BodyHash, LineReading
from mailtrace.auth.dkim_verify import Evaluation, wanted_hash
from mailtrace.auth.dkim_words import Problem
from mailtrace.message.types import Message
from mailtrace.names.organisation import organisation_of
from mailtrace.records import Mutable, field
from mailtrace.results import Comparison

_EXAMINED = frozenset({Problem.BODY_ALTERED, Problem.HEADER_ALTERED, Problem.SIGNATURE_MISMATCH})


def examiner_of(message: Message, received_at: datetime | None, budget: Budget | None = None) -> "Examiner":
    """Return who examines all signatures of a message, DKIM's and ARC's, with one budget."""
    budget = budget or Budget()
    return Examiner(message=message, budget=budget, proofs=Proofs(budget=budget, received_at=received_at))


def examine(
    message: Message, evaluations: Sequence[Evaluation], received_at: datetime | None, budget: Budget | None = None
) -> Mapping[int, Autopsy]:
    """Return an autopsy for each signature that does not verify and whose key is there, by its index."""
    return examiner_of(message, received_at, budget).examine_all(evaluations)


def _is_author(message: Message, evaluation: Evaluation) -> bool:
    author, sdid = message.author_domain, evaluation.check.sdid
    return bool(author and sdid) and organisation_of(author or "") == organisation_of(sdid or "")


class Examiner(Mutable, kw_only=True):
    """One message, and what was found out about it so far."""

    message: Message
    budget: Budget
    proofs: Proofs
    """The hashes of repaired bodies, which all signatures share."""
    failed: list[Evaluation] = field(default_factory=list)
    """In the order in which they are examined."""
    repairs: dict[LineReading, Repairs] = field(default_factory=dict)
    texts: dict[Way, BodyText | None] = field(default_factory=dict)
    """For each way of hashing the body: signatures that hash it alike profit from each other's trials."""
    found: dict[tuple[Way, bytes], BodyFound] = field(default_factory=dict)

    def examine_all(self, evaluations: Sequence[Evaluation], verify: Verify = verify_again) -> Mapping[int, Autopsy]:
        """Examine those that fail. The author domain's come first, so that others cannot use up what they may cost.

        `verify`: proves a repaired message.
        """
        failed = [each for each in evaluations if each.fault and each.fault.problem in _EXAMINED and each.trial]
        self.failed = sorted(failed, key=lambda each: (not _is_author(self.message, each), each.check.index))
        return {evaluation.check.index: self._examine(evaluation, verify) for evaluation in self.failed}

    def _examine(self, evaluation: Evaluation, verify: Verify) -> Autopsy:
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
            return nothing_proved(Outcome.NOT_THIS_KEY, "the key did not make this signature", (), 0, complete=True)
        if not matches and header.is_too_long:
            lacking = "its signed header fields are too many or too long"
            return nothing_proved(Outcome.UNKNOWN, lacking, (), 0, complete=False)
        body_found = None
        if _differs(evaluation):
            # Half of the share of a signature whose header has to be searched as well is kept for that.
            members = sum(_way(each) == _way(evaluation) for each in self.failed[-left:])
            self.budget.open_share(left, members, body_first=not matches)
            body_found = self._search_body(body, evaluation)
        header_found = None
        if not matches:
            self.budget.open_share(left)
            implied = implied_edits(body, signature.signed_fields, body_found)
            header_found = search_header(body, header, signature, implied)
        return Conclusion(
            proofs=self.proofs,
            verify=verify,
            evaluation=evaluation,
            way=_way(evaluation),
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

    def _searched(self, body: Anatomy, evaluation: Evaluation, way: Way, digest: bytes) -> BodyFound:
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
        return BodyText(body.text, wanted, self.budget, body.head_octets if body.head else None)


def _way(evaluation: Evaluation) -> Way | None:
    """Return how a signature hashes the body; None for one whose body is not to be searched."""
    wanted = wanted_hash(evaluation.signature)
    return (evaluation.reading or LineReading.AS_FOUND, wanted) if wanted and _differs(evaluation) else None


def _differs(evaluation: Evaluation) -> bool:
    return evaluation.check.body_hash is Comparison.MISMATCH
