"""Look for the header that was signed.

An RSA signature gives back the digest of what was signed (RFC 8017 §8.2.2), so that a trial is one hash and a
comparison; with Ed25519 it is a verification. A key that did not make the signature ends the search before it begins.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from mailtrace.auth.autopsy.anatomy import Anatomy
from mailtrace.auth.autopsy.budget import Budget
from mailtrace.auth.autopsy.copies import copies
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
from mailtrace.auth.dkim_header import FieldIndex, header_digest
from mailtrace.auth.dkim_signature import Signature
from mailtrace.message.types import HeaderField

MAX_FIELDS = 400
"""Signed fields of a message whose header is searched."""

_RANKS = 5
"""Ways of each group that are combined with those of others."""

_NEAR = 4
"""Combinations up to this sum of ranks come before the groups without a hint."""

Repair = tuple[Edit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFound:
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
        made = self._signed is not None or self._public.key_type == "ed25519"
        return made and len(self.fields) <= MAX_FIELDS

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
    groups = _groups(fields, trial.own)
    tried: dict[str, None] = {}
    done: set[Repair] = {()}
    for name, edits in _trials(groups, implied):
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


def _groups(fields: Fields, own: HeaderField) -> list[Group]:
    made = (
        copies(own, fields),
        subject(fields),
        author(fields),
        reply_to(fields),
        added(fields),
        others(fields),
        recipients(fields),
    )
    return [group for group in made if group is not None and group.options]


def _trials(groups: list[Group], implied: Repair) -> Iterator[tuple[str, Repair]]:
    """Yield what is to be tried with the name of its group, the likeliest first."""
    if implied:
        yield "what the body says of the header", implied
    hinted = [group for group in groups if group.hinted]
    combinations = list(_combinations(hinted))
    near = [edits for cost, edits in combinations if cost <= _NEAR]
    far = [edits for cost, edits in combinations if cost > _NEAR]
    names = " and ".join(group.name for group in hinted)
    for edits in near:
        yield from _with_implied(names, edits, implied)
    for group in groups:
        for option in group.options if not group.hinted else group.options[_RANKS:]:
            yield from _with_implied(group.name, option, implied)
    for edits in far:
        yield from _with_implied(names, edits, implied)


def _with_implied(name: str, edits: Repair, implied: Repair) -> Iterator[tuple[str, Repair]]:
    if implied and (both := _merged((implied, edits))) is not None:
        yield name, both
    else:
        yield name, edits


def _combinations(groups: list[Group]) -> Iterator[tuple[int, Repair]]:
    """Yield the ways of the groups, alone and together, by the sum of their ranks."""
    ranked = [[None, *range(min(_RANKS, len(group.options)))] for group in groups[:5]]
    choices = sorted(product(*ranked), key=_cost)
    for choice in choices:
        options = [group.options[rank] for group, rank in zip(groups, choice, strict=False) if rank is not None]
        if options and (edits := _merged(options)) is not None:
            yield _cost(choice)[0], edits


def _cost(choice: tuple[int | None, ...]) -> tuple[int, int]:
    ranks = [rank for rank in choice if rank is not None]
    return sum(ranks) + len(ranks), len(ranks)


def _merged(options: Iterator[Repair] | tuple[Repair, ...] | list[Repair]) -> Repair | None:
    """Join edits; None if two of them speak of one field."""
    edits = tuple(each for option in options for each in option)
    places = [each.index for each in edits if each.index is not None]
    return edits if len(places) == len(set(places)) else None
