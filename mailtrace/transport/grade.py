"""How good the recorded TLS parameters are: RFC 9325 (BCP 195), RFC 8996, RFC 7568, RFC 6176, RFC 7465.

A `Profile` is data: which version and which property of a suite earns which grade, and on whose authority. The grade
of a hop is the worst that anything recorded earns. Where too little is recorded there is no grade: silence is
neither good nor bad.
"""

from collections.abc import Mapping
from types import MappingProxyType

from mailtrace.records import Struct
from mailtrace.results import Grade, PolicyResult
from mailtrace.transport.ciphers import Suite, Trait, read_suite
from mailtrace.transport.types import TLSInfo

_ORDER = (Grade.STRONG, Grade.ACCEPTABLE, Grade.WEAK, Grade.BROKEN)


class Requirement(Struct, frozen=True, kw_only=True):
    """What a document allows, and where it says so."""

    allowed: frozenset[str]
    """Versions as `TLSInfo.version` spells them, or registered names of suites."""
    source: str
    """Document and section."""


class Profile(Struct, frozen=True, kw_only=True, eq=False):
    """A rule book for TLS parameters: grades, and where a document says so, what is allowed at all."""

    name: str
    title: str
    source: str
    """The documents it was taken from."""
    versions: Mapping[str, Grade]
    """A version that is not listed has no grade."""
    traits: Mapping[Trait, Grade]
    """A trait that is not listed does not matter."""
    allowed_versions: Requirement | None = None
    """None: the grade decides, and weak or broken is not met. Set exactly when `allowed_suites` is."""
    allowed_suites: Requirement | None = None
    words: Mapping[PolicyResult, str]
    """How the result is put in words."""
    not_shown: tuple[str, ...]
    """What no header can show of what the documents ask for."""


WORDS: Mapping[PolicyResult, str] = MappingProxyType(
    {PolicyResult.MET: "met", PolicyResult.NOT_MET: "not met", PolicyResult.NO_EVIDENCE: "no evidence"}
)
NOT_SHOWN = (
    "whether the sending side checked the receiver's certificate",
    "what happened before the border",
    "how the message is stored and read",
)
"""What no Received field shows, under any profile."""

DEFAULT = Profile(
    name="default",
    title="RFC 9325 (BCP 195)",
    source="RFC 9325 §3.1.1, §4.1, §4.2; RFC 8996; RFC 7568; RFC 6176; RFC 7465",
    versions=MappingProxyType(
        {
            "SSLv2": Grade.BROKEN,  # RFC 6176 §3
            "SSLv3": Grade.BROKEN,  # RFC 7568 §3
            "TLSv1": Grade.WEAK,  # RFC 8996 §4
            "TLSv1.1": Grade.WEAK,  # RFC 8996 §5
            "TLSv1.2": Grade.STRONG,  # RFC 9325 §3.1.1
            "TLSv1.3": Grade.STRONG,
        }
    ),
    traits=MappingProxyType(
        {
            Trait.NULL: Grade.BROKEN,  # RFC 9325 §4.1: MUST NOT
            Trait.EXPORT: Grade.BROKEN,  # RFC 9325 §4.1: fewer than 112 bits, MUST NOT
            Trait.RC4: Grade.BROKEN,  # RFC 7465 §2
            Trait.RC2: Grade.BROKEN,
            Trait.DES: Grade.BROKEN,  # RFC 9325 §4.1: fewer than 112 bits
            Trait.TRIPLE_DES: Grade.BROKEN,  # 64-bit blocks, RFC 9325 §4.1: fewer than 128 bits
            Trait.IDEA: Grade.BROKEN,  # 64-bit blocks; RFC 8996 made RFC 5469 historic
            Trait.MD5: Grade.BROKEN,  # RFC 6151 §2
            Trait.STATIC_KEY: Grade.WEAK,  # RFC 9325 §4.1: SHOULD NOT
            # Opportunistic TLS names nobody either (RFC 7435 §3): a note, no alarm.
            Trait.ANONYMOUS: Grade.ACCEPTABLE,
            Trait.CBC: Grade.ACCEPTABLE,  # RFC 9325 §4.2 recommends AEAD
        }
    ),
    words=WORDS,
    not_shown=NOT_SHOWN,
)


def worst(*grades: Grade) -> Grade:
    """Return the worst of them.

    >>> worst(Grade.STRONG, Grade.WEAK)
    <Grade.WEAK: 'weak'>
    """
    return max(grades, key=_ORDER.index)


def grade(tls: TLSInfo, profile: Profile = DEFAULT) -> Grade | None:
    """Grade the parameters; None where they do not suffice.

    What is recorded can make the grade bad on its own. For a good one, both version and suite must be known.
    """
    suite = read_suite(tls.cipher) if tls.cipher else None
    version = _version_grade(tls, suite, profile)
    cipher = _suite_grade(tls, suite, profile)
    known = [one for one in (version, cipher) if one is not None]
    if not known:
        return None
    lowest = worst(*known)
    is_bad = lowest in {Grade.WEAK, Grade.BROKEN}
    return lowest if is_bad or len(known) == 2 else None


def _version_grade(tls: TLSInfo, suite: Suite | None, profile: Profile) -> Grade | None:
    # A field that names no version may name a suite that only the newer versions have.
    version = tls.version or (suite.oldest_version if suite else None)
    return profile.versions.get(version) if version else None


def _suite_grade(tls: TLSInfo, suite: Suite | None, profile: Profile) -> Grade | None:
    # RFC 8446 §B.4: every suite of TLS 1.3 is AEAD with forward secrecy, named or not.
    if suite is None:
        return Grade.STRONG if tls.version == "TLSv1.3" else None
    grades = [profile.traits[trait] for trait in suite.traits if trait in profile.traits]
    is_known = tls.forward_secrecy is not None and suite.aead is not None
    if not is_known and not any(one in {Grade.WEAK, Grade.BROKEN} for one in grades):
        return None
    return worst(Grade.STRONG, *grades)
