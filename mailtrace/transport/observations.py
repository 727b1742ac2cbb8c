"""What of a hop's transport is worth a finding (RFC 3848, RFC 8314, RFC 9325).

Every sentence names the writer of the field: it is that server's record, not ours. A hop that counts for the verdict
is reported at full severity; one that the receiving side does not vouch for, or that stayed inside one organisation,
is reported as an aside and with low confidence where it is only claimed.
"""

from collections.abc import Iterator

from mailtrace.findings import Evidence, Finding, FindingKind, excerpt
from mailtrace.path.types import Hop
from mailtrace.printable import escape
from mailtrace.records import replace
from mailtrace.results import Confidence, Grade, Scope, Security, Severity, Standing
from mailtrace.transport.ciphers import Trait, read_suite
from mailtrace.transport.grade import Profile
from mailtrace.transport.scope import crossed_organisations, is_deciding
from mailtrace.transport.types import HopTransport, TLSInfo

HOP_CLEARTEXT = FindingKind(
    code="hop-cleartext",
    title="No encryption recorded where a server took the message over",
    severity=Severity.WARNING,
    reference="RFC 3848",
)
HOP_CLEARTEXT_CLAIMED = FindingKind(
    code="hop-cleartext-claimed",
    title="A hop on the sender's side claims no encryption",
    severity=Severity.INFO,
    reference="RFC 3848",
)
HOP_UNRECORDED = FindingKind(
    code="hop-unrecorded",
    title="Encryption of a hop is not recorded",
    severity=Severity.INFO,
    reference="RFC 3848",
)
SUBMISSION_CLEARTEXT = FindingKind(
    code="submission-cleartext",
    title="The sender logged in without recorded encryption",
    severity=Severity.WARNING,
    reference="RFC 8314 §4.1",
)
TLS_VERSION_BROKEN = FindingKind(
    code="tls-version-broken",
    title="Broken TLS version",
    severity=Severity.CRITICAL,
    reference="RFC 7568 §3",
)
TLS_VERSION_WEAK = FindingKind(
    code="tls-version-weak",
    title="Deprecated TLS version",
    severity=Severity.WARNING,
    reference="RFC 8996",
)
TLS_CIPHER_BROKEN = FindingKind(
    code="tls-cipher-broken",
    title="Broken cipher",
    severity=Severity.WARNING,
    reference="RFC 9325 §4.1",
)
TLS_NO_FORWARD_SECRECY = FindingKind(
    code="tls-no-forward-secrecy",
    title="Encryption without forward secrecy",
    severity=Severity.NOTICE,
    reference="RFC 9325 §4.1",
)
TLS_ANONYMOUS = FindingKind(
    code="tls-anonymous",
    title="Key exchange without a certificate",
    severity=Severity.INFO,
    reference="RFC 7435 §3",
)
TLS_CBC = FindingKind(
    code="tls-cbc",
    title="Cipher in CBC mode",
    severity=Severity.INFO,
    reference="RFC 9325 §4.2",
)

TLS_CLIENT_CERTIFICATE = FindingKind(
    code="tls-client-certificate",
    title="The sending side's own certificate was verified",
    severity=Severity.INFO,
    reference="RFC 8446 §4.3.2",
)

_MILD = frozenset({Trait.CBC, Trait.STATIC_KEY, Trait.ANONYMOUS})
_BAD = frozenset({Grade.WEAK, Grade.BROKEN})


def observe(hop: Hop, transport: HopTransport, profile: Profile) -> Iterator[Finding]:
    """Yield what there is to say of this hop."""
    if transport.security is Security.CLEARTEXT:
        yield from _cleartext(hop, transport)
    elif transport.security is Security.UNRECORDED and is_deciding(hop, transport):
        detail = f"{_writer(hop)} does not say whether the message reached it encrypted{_from(hop)}."
        yield HOP_UNRECORDED.found(detail, _evidence(hop), confidence=transport.confidence)
    elif transport.tls is not None:
        yield from _version(hop, transport, transport.tls, profile)
        yield from _suite(hop, transport, transport.tls, profile)
        yield from _client(hop, transport, transport.tls)


def _cleartext(hop: Hop, transport: HopTransport) -> Iterator[Finding]:
    if not crossed_organisations(transport):
        return
    # Where the software may not tell, its silence is a hint only; and where the peer's address or organisation is not
    # known, a private network may be what the hop crossed.
    certain = transport.confidence is Confidence.HIGH and transport.scope is Scope.PUBLIC
    severity = None if certain and hop.received.client_ip is not None else Severity.NOTICE
    detail = f"{_writer(hop)} recorded no TLS when it took the message over{_from(hop)}."
    if is_deciding(hop, transport):
        yield HOP_CLEARTEXT.found(detail, _evidence(hop), confidence=transport.confidence, severity=severity)
    else:
        yield HOP_CLEARTEXT_CLAIMED.found(detail, _evidence(hop), confidence=Confidence.LOW)
    if transport.authenticated_submission:
        login = _found(
            SUBMISSION_CLEARTEXT, hop, transport, f"{_writer(hop)} recorded a login{_from(hop)}, and no TLS."
        )
        yield replace(login, severity=severity or login.severity)


def _version(hop: Hop, transport: HopTransport, tls: TLSInfo, profile: Profile) -> Iterator[Finding]:
    earned = profile.versions.get(tls.version) if tls.version else None
    if earned in _BAD:
        kind = TLS_VERSION_BROKEN if earned is Grade.BROKEN else TLS_VERSION_WEAK
        yield _found(kind, hop, transport, f"{_writer(hop)} recorded {tls.version}{_from(hop)}.")


def _suite(hop: Hop, transport: HopTransport, tls: TLSInfo, profile: Profile) -> Iterator[Finding]:
    suite = read_suite(tls.cipher) if tls.cipher else None
    if suite is None:
        return
    written = f"{_writer(hop)} recorded the cipher {escape(tls.cipher or '')}{_from(hop)}"
    bad = [trait for trait in suite.traits if trait not in _MILD and profile.traits.get(trait) in _BAD]
    if bad:
        yield _found(TLS_CIPHER_BROKEN, hop, transport, f"{written}: {', '.join(map(str, bad))}.")
    if tls.forward_secrecy is False and Trait.STATIC_KEY in profile.traits:
        yield _found(TLS_NO_FORWARD_SECRECY, hop, transport, f"{written}: the key is not ephemeral.")
    if Trait.ANONYMOUS in suite.traits and Trait.ANONYMOUS in profile.traits:
        yield _found(TLS_ANONYMOUS, hop, transport, f"{written}: neither side showed a certificate.")
    if Trait.CBC in suite.traits and Trait.CBC in profile.traits and not bad:
        yield _found(TLS_CBC, hop, transport, f"{written}.")


def _client(hop: Hop, transport: HopTransport, tls: TLSInfo) -> Iterator[Finding]:
    """Only a verified certificate on a hop that decides is worth a word: anybody can show any other."""
    client = tls.client_certificate
    if client is None or client.verified is not True or not is_deciding(hop, transport):
        return
    named = f'; it calls itself "{excerpt(client.common_name)}"' if client.common_name else ""
    detail = f"{_writer(hop)} asked the sending side for its certificate{_from(hop)} and verified its issuer{named}."
    yield _found(TLS_CLIENT_CERTIFICATE, hop, transport, detail)


def _found(kind: FindingKind, hop: Hop, transport: HopTransport, detail: str) -> Finding:
    """Report at full severity only what decides; an aside is a notice at the most."""
    trusted = hop.standing is Standing.TRUSTED
    aside = kind.severity in {Severity.CRITICAL, Severity.WARNING} and not is_deciding(hop, transport)
    return kind.found(
        detail,
        _evidence(hop),
        confidence=transport.confidence if trusted else Confidence.LOW,
        severity=Severity.NOTICE if aside else None,
    )


def _writer(hop: Hop) -> str:
    by = excerpt(hop.received.by) if hop.received.by else "the writer of the field"
    return f"According to the header, {by}"


def _from(hop: Hop) -> str:
    peer = hop.received.client_name or hop.received.client_ip or hop.received.helo
    return f" from {excerpt(peer)}" if peer else ""


def _evidence(hop: Hop) -> Evidence:
    return Evidence(source=f"header:Received[{hop.field}]", line=hop.header.line, excerpt=excerpt(hop.received.text))
