"""Look for the header that was signed.

An RSA signature gives back the digest of what was signed (RFC 8017 §8.2.2), so that a trial is one hash and a
comparison; with Ed25519 it is a verification. A key that did not make the signature ends the search before it begins.
"""

from collections.abc import Iterator

from mailtrace.auth.autopsy.anatomy import Anatomy
from mailtrace.auth.autopsy.budget import Budget
from mailtrace.auth.autopsy.copies import copies
from mailtrace.auth.autopsy.header_forms import content, reformed, tagged_words, words
from mailtrace.auth.autopsy.header_habits import dates, mailboxes, written_anew
from mailtrace.auth.autopsy.header_repairs import (
    Fields,
    Group,
    added,
    author,
    others,
    recipients,
    reply_to,
    subject,
)
from mailtrace.auth.autopsy.steps import Edit
from mailtrace.auth.dkim_body import LineReading
from mailtrace.auth.dkim_crypto import PublicKey, signed_digest, verifies
from mailtrace.auth.dkim_header import FieldIndex, canonical_field, canonical_signature, header_digest
from mailtrace.auth.dkim_signature import Signature
from mailtrace.auth.dkim_words import Canonicalization
from mailtrace.message.types import HeaderField
from mailtrace.records import Struct, replace

MAX_FIELDS = 100
"""Signed fields of a message whose header is searched."""

MAX_OCTETS = 64 * 1024
"""Octets of all these."""

_RANKS = 5
"""Ways of each group that are combined with those of others."""

_NEAR = 3
"""Combinations up to this sum of ranks come before the groups without a hint."""

_FAR = 7
"""Beyond it there are none."""

Repair = tuple[Edit, ...]


class HeaderFound(Struct, frozen=True, kw_only=True):
    """What the search came to."""

    edits: Repair | None
    tried: tuple[str, ...]
    complete: bool


class HeaderTrial:
    """Hashes the header with some fields exchanged, and compares with what was signed."""

    def __init__(self, body: Anatomy, signature: Signature, public: PublicKey, budget: Budget) -> None:
        assert signature.algorithm is not None
        assert signature.signature is not None
        assert signature.canonicalization is not None
        self._budget = budget
        self._public = public
        self._octets = signature.signature
        self._digest_name = signature.algorithm.digest
        self._canonicalization = signature.canonicalization[0]
        self._names = signature.signed_fields
        self.own = next(field for field in body.message.fields if field.index == signature.field.index)
        named = set(self._names)
        self.fields = [f for f in body.message.fields if f is self.own or f.name.lower() in named]
        self._signed = signed_digest(public, signature.signature, self._digest_name)
        self._cost = sum(len(field.raw) for field in self.fields) + 100 * len(self._names)

    @property
    def is_possible(self) -> bool:
        """False where no header can be the signed one: the key did not make this signature."""
        return self._signed is not None or self._public.key_type == "ed25519"

    @property
    def is_too_long(self) -> bool:
        """The signed fields are too many, or too long, to be tried in many ways."""
        return len(self.fields) > MAX_FIELDS or self._cost > MAX_OCTETS

    @property
    def is_simple(self) -> bool:
        """The header was canonicalized as it stands (RFC 6376 §3.4.1)."""
        return self._canonicalization is Canonicalization.SIMPLE

    def telling(self, edits: Repair) -> Repair:
        """Leave out the edits that change nothing of what is signed: each that is left was needed, if they fit."""
        by_index = {field.index: field for field in self.fields}
        return tuple(each for each in edits if each.index is None or self._tells(by_index.get(each.index), each.raw))

    def _tells(self, field: HeaderField | None, raw: bytes | None) -> bool:
        if field is None or raw is None:
            return field is not None
        form = canonical_signature if field is self.own else canonical_field
        before, after = (form(each, self._canonicalization, LineReading.AS_FOUND) for each in (field.raw, raw))
        return before != after

    def matches(self, edits: Repair) -> bool | None:
        """Tell whether the header was signed in this form; None if the budget does not allow to ask."""
        if not self._budget.hash(self._cost):
            return None
        fields, own = edited(self.fields, self.own, edits)
        selected = FieldIndex(fields).select(self._names, but=own)
        digest = header_digest(selected, own, self._canonicalization, LineReading.AS_FOUND, self._digest_name)
        if self._signed is not None:
            return digest == self._signed
        return verifies(self._public, self._octets, digest, self._digest_name)


def edited(fields: list[HeaderField], own: HeaderField, edits: Repair) -> tuple[list[HeaderField], HeaderField]:
    """Return the fields with the edits applied, and the signature's own among them."""
    changed = {edit.index: edit.raw for edit in edits if edit.index is not None}
    now: list[HeaderField] = []
    for field in fields:
        raw = changed.get(field.index, field.raw)
        if raw is None:
            continue
        kept = field if raw == field.raw else replace(field, raw=raw, name=field.name)
        own = kept if field.index == own.index else own
        now.append(kept)
    now += [
        HeaderField(name=each.name, raw=each.raw, value="", index=-1, line=0)
        for each in edits
        if each.index is None and each.raw is not None
    ]
    return now, own


def search_header(body: Anatomy, trial: HeaderTrial, signature: Signature, implied: Repair) -> HeaderFound:
    """Try repairs in turn until the header is the signed one, or the budget ends.

    `implied`: what the body, as it was signed, says of the header.
    """
    fields = Fields(body.message.fields, signature.signed_fields, signature.sdid or "")
    groups = _groups(fields, trial)
    tried: dict[str, None] = {}
    done: set[Repair] = {()}
    for name, trial_edits in _trials(groups, implied):
        edits = trial.telling(trial_edits)
        if edits in done:
            continue
        done.add(edits)
        tried[name] = None
        outcome = trial.matches(edits)
        if outcome is None:
            return HeaderFound(edits=None, tried=tuple(tried), complete=False)
        if outcome:
            return HeaderFound(edits=edits, tried=tuple(tried), complete=True)
    return HeaderFound(edits=None, tried=tuple(tried), complete=True)


def _groups(fields: Fields, trial: HeaderTrial) -> list[Group]:
    made = (
        copies(trial.own, fields),
        subject(fields),
        tagged_words(fields),
        author(fields),
        reply_to(fields),
        content(fields),
        words(fields),
        mailboxes(fields),
        added(fields),
        reformed(fields, trial.own, simple=trial.is_simple),
        others(fields),
        dates(fields),
        written_anew(fields),
        recipients(fields),
    )
    return [group for group in made if group is not None and group.options]


def _trials(groups: list[Group], implied: Repair) -> Iterator[tuple[str, Repair]]:
    """Yield what is to be tried with the name of its group, the likeliest first."""
    if implied:
        yield "what the body says of the header", implied
    hinted = [group for group in groups if group.hinted]
    names = " and ".join(group.name for group in hinted)
    for edits in _combinations(hinted, range(1, _NEAR + 1)):
        yield from _with_implied(names, edits, implied)
    for group in groups:
        for option in group.options if not group.hinted else group.options[_RANKS:]:
            yield from _with_implied(group.name, option, implied)
    for edits in _combinations(hinted, range(_NEAR + 1, _FAR + 1)):
        yield from _with_implied(names, edits, implied)


def _with_implied(name: str, edits: Repair, implied: Repair) -> Iterator[tuple[str, Repair]]:
    both = _merged((implied, edits))
    if both is not None:
        yield name, both


def _combinations(groups: list[Group], costs: range) -> Iterator[Repair]:
    """Yield the ways of the groups, alone and together, by the sum of their ranks (the first of a group has 1)."""
    for cost in costs:
        for options in _choices(groups, cost):
            edits = _merged(options)
            if edits is not None:
                yield edits


def _choices(groups: list[Group], cost: int) -> Iterator[tuple[Repair, ...]]:
    """Yield one way each of some groups, whose ranks add up to `cost`."""
    if not cost:
        yield ()
    elif groups:
        group, *rest = groups
        for rank, option in enumerate(group.options[: min(_RANKS, cost)], 1):
            for others in _choices(rest, cost - rank):
                yield (option, *others)
        yield from _choices(rest, cost)


def _merged(options: tuple[Repair, ...]) -> Repair | None:
    """Join edits; None if two of them speak of one field."""
    edits = tuple(each for option in options for each in option)
    places = [each.index for each in edits if each.index is not None]
    return edits if len(places) == len(set(places)) else None
