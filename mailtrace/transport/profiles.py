"""The transport profiles: what documents of NIST, the BSI and the HHS ask of TLS, as data with their sources.

The grade of a hop is the same under each of them (RFC 9325, grade.py); a profile adds what its documents allow at all.
Key sizes, certificates and groups are not judged: a Received field hardly ever shows them. docs/transport.md explains
the choices; a document is applied as it stands, whatever the date of the message.
"""

from collections.abc import Mapping
from types import MappingProxyType

from mailtrace.records import replace
from mailtrace.results import PolicyResult
from mailtrace.transport.grade import DEFAULT, NOT_SHOWN, Profile, Requirement

_SINCE_TLS12 = frozenset({"TLSv1.2", "TLSv1.3"})

_AEAD_OR_SHA2 = ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "AES_128_CBC_SHA256")
_SHA1 = ("AES_128_CBC_SHA", "AES_256_CBC_SHA")
_CCM = ("AES_128_CCM", "AES_256_CCM")
_CCM_8 = ("AES_128_CCM_8", "AES_256_CCM_8")
# The suite of AES-256 in CBC mode takes SHA-384 with elliptic curves (RFC 5289) and SHA-256 with the others (RFC 5246).
_CBC_256 = MappingProxyType({"EC": "AES_256_CBC_SHA384", "DH": "AES_256_CBC_SHA256"})


def _suites(keys: str, *ciphers: str) -> frozenset[str]:
    return frozenset(f"TLS_{keys}_WITH_{cipher}" for cipher in (*ciphers, _CBC_256[keys[:2]]))


# NIST SP 800-52 Rev. 2 §3.3.1.1, by the kind of certificate; §3.3.1.2 for TLS 1.3. RSA key transport is in Appendix D
# only, for a transition; ChaCha20-Poly1305 is not approved.
_NIST_SUITES = frozenset.union(
    _suites("ECDHE_ECDSA", *_AEAD_OR_SHA2, *_SHA1, *_CCM, *_CCM_8),
    _suites("ECDHE_RSA", *_AEAD_OR_SHA2, *_SHA1),
    _suites("DHE_RSA", *_AEAD_OR_SHA2, *_SHA1, *_CCM, *_CCM_8),
    _suites("DHE_DSS", *_AEAD_OR_SHA2, *_SHA1),
    _suites("DH_DSS", *_AEAD_OR_SHA2, *_SHA1),
    _suites("DH_RSA", *_AEAD_OR_SHA2, *_SHA1),
    _suites("ECDH_ECDSA", *_AEAD_OR_SHA2, *_SHA1),
    _suites("ECDH_RSA", *_AEAD_OR_SHA2, *_SHA1),
    {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"},
)
# BSI TR-02102-2 §3.3.1.1 (with forward secrecy; those without, §3.3.1.2, are no choice for mail) and §3.4.4.
_BSI_SUITES = frozenset.union(
    _suites("ECDHE_ECDSA", *_AEAD_OR_SHA2, *_CCM),
    _suites("ECDHE_RSA", *_AEAD_OR_SHA2),
    _suites("DHE_RSA", *_AEAD_OR_SHA2, *_CCM),
    _suites("DHE_DSS", *_AEAD_OR_SHA2),
    {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_AES_128_CCM_SHA256"},
)

NIST_800_52R2 = replace(
    DEFAULT,
    name="nist-800-52r2",
    title="NIST SP 800-52 Rev. 2",
    source="NIST SP 800-52 Rev. 2 (August 2019) §3.1, §3.3.1",
    # §3.1: TLS 1.1 and 1.0 are let to servers that citizens and businesses use, where need be; not counted here.
    allowed_versions=Requirement(allowed=_SINCE_TLS12, source="NIST SP 800-52 Rev. 2 §3.1"),
    allowed_suites=Requirement(allowed=_NIST_SUITES, source="NIST SP 800-52 Rev. 2 §3.3.1"),
    not_shown=(
        *NOT_SHOWN,
        "validated modules (FIPS 140), keys and certificates",
    ),
)
BSI_TR_03108 = replace(
    DEFAULT,
    name="bsi-tr-03108",
    title="BSI TR-03108-1",
    source="BSI TR-03108-1 §3.2, which takes its cryptography from TR-03116-4 and that from TR-02102-2",
    allowed_versions=Requirement(allowed=_SINCE_TLS12, source="BSI TR-02102-2 §3.2"),
    allowed_suites=Requirement(allowed=_BSI_SUITES, source="BSI TR-02102-2 §3.3.1.1, §3.4.4"),
    not_shown=(*NOT_SHOWN, "DANE, DNSSEC and the security concept that TR-03108-1 asks for"),
)
_ADDRESSABLE = (
    "whether encryption was called for (an addressable specification, which an organisation weighs for itself)"
)
HIPAA = replace(
    NIST_800_52R2,
    name="hipaa",
    title="HIPAA transmission security",
    source="45 CFR 164.312(e)(1), (e)(2)(ii); HHS guidance, 74 FR 19006 (April 27, 2009), which names NIST SP 800-52",
    words=MappingProxyType(
        {
            PolicyResult.MET: "encryption in transmission is recorded",
            PolicyResult.NOT_MET: "transmission is recorded without the encryption that the guidance names",
            PolicyResult.NO_EVIDENCE: "no evidence of the encryption that the guidance names",
        }
    ),
    not_shown=(*NOT_SHOWN, _ADDRESSABLE, "anything else that the Security Rule asks for"),
)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {profile.name: profile for profile in (DEFAULT, NIST_800_52R2, BSI_TR_03108, HIPAA)}
)
"""By the name that --policy takes."""
