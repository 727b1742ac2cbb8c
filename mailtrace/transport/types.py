"""What `assess` gives: per hop, whether TLS was used and how we know."""

from dataclasses import dataclass

from mailtrace.findings import Finding
from mailtrace.results import Confidence, Grade, Scope, Security, TLSBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class TLSInfo:
    """TLS parameters as one Received field states them. Every None: it does not say."""

    version: str | None
    """`TLSv1.3`, `TLSv1.2`, `TLSv1.1`, `TLSv1`, `SSLv3`, `SSLv2`."""
    cipher: str | None
    """As written."""
    bits: int | None
    forward_secrecy: bool | None
    peer_verified: bool | None
    """The *client's* certificate was verified by the receiver; says nothing of the receiver's own certificate."""
    basis: TLSBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class HopTransport:
    """The transport of one hop."""

    security: Security
    grade: Grade | None
    """None unless encrypted with parameters that can be graded."""
    tls: TLSInfo | None
    authenticated_submission: bool | None
    scope: Scope
    confidence: Confidence
    """Of `security`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """One entry per hop of the path, in its order (oldest first)."""

    hops: tuple[HopTransport, ...]
    findings: tuple[Finding, ...]
