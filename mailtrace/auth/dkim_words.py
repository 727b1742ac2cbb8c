"""The words of DKIM verification, RFC 6376: algorithms, canonicalizations, and what can be wrong with a signature.

Each problem leads to one result word of RFC 8601 §2.7.1. Absent, failed and not checkable are kept apart: a key that is
gone is not a broken signature, and a question without an answer is neither.
"""

from enum import unique
from typing import NamedTuple

from mailtrace.enums import StrEnum
from mailtrace.results import DKIMResult


@unique
class Canonicalization(StrEnum):
    """RFC 6376 §3.4."""

    SIMPLE = "simple"
    RELAXED = "relaxed"


class Algorithm(NamedTuple):
    """One `a=`, RFC 6376 §3.3."""

    key_type: str
    """`rsa` or `ed25519`, as in `k=` of a key record."""
    digest: str
    """`sha1` or `sha256`."""


ALGORITHMS = {
    b"rsa-sha256": Algorithm("rsa", "sha256"),
    b"rsa-sha1": Algorithm("rsa", "sha1"),  # RFC 8301 §3.1: it verifies, and does not count
    b"ed25519-sha256": Algorithm("ed25519", "sha256"),  # RFC 8463
}


@unique
class Problem(StrEnum):
    """Why a signature is not a pass; `problem` of the report."""

    SIGNATURE_MALFORMED = "signature-malformed"  # it breaks a MUST of RFC 6376 §3.5 or §6.1.1
    FROM_UNSIGNED = "from-unsigned"  # h= without From, RFC 6376 §6.1.1
    SIGNATURE_UNSUPPORTED = "signature-unsupported"  # an algorithm, canonicalization or query method nobody defined
    KEY_MISSING = "key-missing"  # no such name, or no TXT record there
    KEY_REVOKED = "key-revoked"  # an empty p=, RFC 6376 §3.6.1
    KEY_UNUSABLE = "key-unusable"  # a record that is no key record, or that excludes this use
    KEY_TYPE_MISMATCH = "key-type-mismatch"  # a= wants another type than k= gives
    KEY_STRICT = "key-strict"  # t=s, and i= is in a subdomain of d=
    BODY_LENGTH = "body-length"  # l= says more octets than the body has
    BODY_ALTERED = "body-altered"  # the body hash differs from bh=
    HEADER_ALTERED = "header-altered"  # the signed fields are not those that were signed
    SIGNATURE_MISMATCH = "signature-mismatch"  # b= was not made by this key at all
    WEAK_KEY = "weak-key"  # RSA below 1024 bits, RFC 8301 §3.2
    WEAK_ALGORITHM = "weak-algorithm"  # rsa-sha1, RFC 8301 §3.1
    EXPIRED = "expired"  # x= had passed at reception
    DNS_FAILURE = "dns-failure"
    NOT_RECORDED = "not-recorded"  # the recording does not hold the question
    OFFLINE = "offline"
    RECONSTRUCTED = "reconstructed"  # the file does not keep the octets that were signed
    LIMIT = "limit"  # more signatures than are evaluated


RESULTS = {
    Problem.SIGNATURE_MALFORMED: DKIMResult.PERMERROR,
    Problem.FROM_UNSIGNED: DKIMResult.PERMERROR,
    Problem.SIGNATURE_UNSUPPORTED: DKIMResult.NEUTRAL,
    Problem.KEY_MISSING: DKIMResult.PERMERROR,
    Problem.KEY_REVOKED: DKIMResult.PERMERROR,
    Problem.KEY_UNUSABLE: DKIMResult.PERMERROR,
    Problem.KEY_TYPE_MISMATCH: DKIMResult.PERMERROR,
    Problem.KEY_STRICT: DKIMResult.PERMERROR,
    Problem.BODY_LENGTH: DKIMResult.PERMERROR,
    Problem.BODY_ALTERED: DKIMResult.FAIL,
    Problem.HEADER_ALTERED: DKIMResult.FAIL,
    Problem.SIGNATURE_MISMATCH: DKIMResult.FAIL,
    Problem.WEAK_KEY: DKIMResult.POLICY,
    Problem.WEAK_ALGORITHM: DKIMResult.POLICY,
    # RFC 6376 §3.5: expired signatures MAY be considered invalid. It verified, and does not count.
    Problem.EXPIRED: DKIMResult.POLICY,
    Problem.DNS_FAILURE: DKIMResult.TEMPERROR,
    Problem.NOT_RECORDED: DKIMResult.NOT_CHECKED,
    Problem.OFFLINE: DKIMResult.NOT_CHECKED,
    Problem.RECONSTRUCTED: DKIMResult.NOT_CHECKED,
    Problem.LIMIT: DKIMResult.NOT_CHECKED,
}

UNAVAILABLE = frozenset({Problem.DNS_FAILURE, Problem.NOT_RECORDED, Problem.OFFLINE})
"""Nothing is known about the key: asking again, or elsewhere, may settle it."""
