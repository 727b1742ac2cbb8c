"""What `assess` gives: per hop, whether TLS was used and how we know."""

from mailtrace.findings import Finding
from mailtrace.records import Struct
from mailtrace.results import Confidence, Grade, PolicyResult, Scope, Security, TLSBasis


class ClientCertificate(Struct, frozen=True, kw_only=True):
    """The certificate of the *client* (the sending side), as the receiver saw it. Every None: the field does not say.

    It says nothing of the receiver's own certificate, nor whether the client checked that one.
    """

    presented: bool
    """False: the client showed none, or was not asked for one."""
    verified: bool | None
    """The receiver found it to come from an authority that it trusts; not that the name is the right one."""
    common_name: str | None
    """The client's own words."""
    issuer: str | None
    """As the certificate has it: the client's words too, unless `verified`."""
    raw_public_key: str | None
    """The fingerprint of a key without a certificate (RFC 7250), as written."""


class TLSInfo(Struct, frozen=True, kw_only=True):
    """TLS parameters as one Received field states them. Every None: it does not say."""

    protocol: str | None = None
    """What encrypted the hop where that was not TLS: `Google Transport Security`."""
    version: str | None
    """`TLSv1.3`, `TLSv1.2`, `TLSv1.1`, `TLSv1`, `SSLv3`, `SSLv2`."""
    cipher: str | None
    """As written."""
    cipher_iana: str | None = None
    """The registered name of `cipher`; None where that cannot be decided."""
    bits: int | None
    forward_secrecy: bool | None
    key_exchange: str | None = None
    """The group: `X25519`, `P-256`, `X25519MLKEM768`."""
    server_signature: str | None = None
    """What the receiving server signed the handshake with, as written."""
    peer_verified: bool | None
    """`client_certificate.verified`: the *client's* certificate; says nothing of the receiver's own."""
    client_certificate: ClientCertificate | None = None
    basis: TLSBasis


class HopTransport(Struct, frozen=True, kw_only=True):
    """The transport of one hop."""

    security: Security
    grade: Grade | None
    """None unless encrypted with parameters that can be graded."""
    tls: TLSInfo | None
    authenticated_submission: bool | None
    scope: Scope
    confidence: Confidence
    """Of `security`."""
    at_its_word: Confidence = Confidence.HIGH
    """The same, if whoever wrote the field could be believed."""


class HopPolicy(Struct, frozen=True, kw_only=True):
    """What one hop's field shows of a profile's rules."""

    index: int
    """Of the hop, 0 = oldest."""
    result: PolicyResult
    why: str
    """One sentence."""
    rule: str
    """Document and section of the rule that decided."""


class TransportPolicy(Struct, frozen=True, kw_only=True):
    """A profile's rules, against the hops that decide: vouched for, between organisations or possibly so."""

    profile: str
    title: str
    source: str
    """The documents that the rules are from."""
    result: PolicyResult
    """`not-met` if a hop is; else `no-evidence` if a hop is, or if no hop decides; else `met`."""
    summary: str
    """One or two sentences. They speak of what the header records, and of nobody's duties."""
    hops: tuple[HopPolicy, ...]
    """Only the hops that decide, oldest first."""
    not_shown: tuple[str, ...]
    """What a header cannot show, whatever the result."""


class Transport(Struct, frozen=True, kw_only=True):
    """One entry per hop of the path, in its order (oldest first)."""

    hops: tuple[HopTransport, ...]
    policy: TransportPolicy
    findings: tuple[Finding, ...]
