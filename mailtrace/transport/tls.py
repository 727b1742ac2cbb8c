"""What one Received field says about encryption: RFC 3848 (keywords), RFC 8314 §4.3 (the `tls` clause), and comments.

The answer has four values, and the first of these that holds decides:

1. a comment, a `tls` clause or the words of the `with` clause say that TLS was used; details as far as they go
2. the `with` keyword says so (`ESMTPS`)
3. a comment says that there was none (`plain text!`)
4. nothing crossed a network
5. the protocol, or its absence, says nothing about SMTP (`HTTP`, `POP3`, no `with`)
6. a plain keyword, from software that never tells, or with words on TLS that are not understood
7. a plain keyword, from software that would have told

Pure: it knows the field and its dialect, not whether they can be believed.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache

from mailtrace.path.types import Hop, HopKind, Received, Silence
from mailtrace.records import Struct, replace
from mailtrace.results import Confidence, Security, TLSBasis
from mailtrace.transport import certificates, exchange
from mailtrace.transport.ciphers import is_tls13, read_suite
from mailtrace.transport.scope import is_loopback
from mailtrace.transport.statements import (
    Statement,
    folded,
    hints_at_tls,
    read_comment,
    read_with,
    says_nothing,
    says_plain,
)
from mailtrace.transport.suites import iana_name
from mailtrace.transport.types import ClientCertificate, TLSInfo


class Reading(Struct, frozen=True, kw_only=True):
    """What the field says, taken at its word."""

    security: Security
    tls: TLSInfo | None
    """Set exactly when `security` is encrypted."""
    confidence: Confidence


# RFC 3848, RFC 6531 §4.3, and what is written without being registered: Exim's `essmtp` (TLS from the first octet),
# SMTPS, HTTPS. `utf8` and `local-` may stand before each of them.
_ENCRYPTED = frozenset({"esmtps", "esmtpsa", "smtps", "smtpsa", "lmtps", "lmtpsa", "asmtps"})
_ENCRYPTED_ON_CONNECT = frozenset({"ssmtp", "ssmtpa", "essmtp", "essmtpa", "https"})
_PLAIN = frozenset({"smtp", "smtpa", "esmtp", "esmtpa", "asmtp", "lmtp", "lmtpa"})
_LMTP = frozenset({"lmtp", "lmtpa"})
# Exchange's store moves a message from one mailbox database to another.
_NO_TRANSFER = frozenset({"mapi", "mailboxresubmission"})
_WEB = frozenset({"http", "https", "httprest", "rest"})
# Apache James writes what it came through: `with ESMTP via SSL`.
_VIA = frozenset({"ssl", "tls"})
# These note TLS by the keyword alone, as they are delivered.
_BY_KEYWORD = frozenset({"Postfix", "Mailgun"})
_LOCALHOST = frozenset({"localhost", "localhost.localdomain"})
# Exchange and the IIS service write no protocol word; MailEnable writes its own name in front of it.
_NAMED_SMTP = ("microsoft smtp server", "microsoft smtpsvc", "mailenable ")

_HANDED_OVER = frozenset({HopKind.INTERNAL, HopKind.HTTP, HopKind.RETRIEVAL})
_LOCAL_KINDS = frozenset({HopKind.LOOPBACK, HopKind.LIST})
_RFC3848_IN_USE = datetime(2007, 1, 1, tzinfo=UTC)
"""Postfix adds the S since July 2007; before, most servers wrote `ESMTP` under TLS as well."""


_LONGEST_VERSION = len("TLS-v1.0")


def is_old(received: Received) -> bool:
    """Tell whether a field is from before the S of RFC 3848 was in use everywhere."""
    return received.received_at is not None and received.received_at < _RFC3848_IN_USE


def read_field(hop: Hop) -> Reading:
    """Read one field."""
    received = hop.received
    # 1. and 2.
    if tls := _tls(received, hop.software):
        return Reading(security=Security.ENCRYPTED, tls=tls, confidence=Confidence.HIGH)
    # 3.
    if any(says_plain(comment) for comment in received.own_comments):
        return _without(Security.CLEARTEXT)
    # 4.
    if _is_local(hop):
        return _without(Security.LOCAL)
    # 5. and 6.
    if not _is_plain_smtp(received) or hop.silence is Silence.UNRECORDED:
        return _without(Security.UNRECORDED)
    if _is_not_understood(received):
        return _without(Security.UNRECORDED)
    # 7.
    if hop.silence is Silence.CLEARTEXT and not _hides_its_peer(received):
        return _without(Security.CLEARTEXT, _certainty(hop))
    # A field of unknown software that does not even name its peer is no witness to what it leaves out.
    if received.client_ip is None and (hop.software is None or _hides_its_peer(received)):
        return _without(Security.UNRECORDED)
    # TLS in front of the address is the client's word in every form that we know, and may be the server's in another.
    if hop.software is None and any(read_comment(comment) for comment in received.comments[: received.reached]):
        return _without(Security.UNRECORDED)
    return _without(Security.CLEARTEXT, _likelihood(hop))


def canonical_version(text: str | None) -> str | None:
    """Return `TLSv1.3` ... `SSLv2`; None where the text is not a protocol version.

    `TLSv1/SSLv3` is not: it is the family of the cipher, and stands there under TLS 1.2 too.

    >>> canonical_version("TLS1_2"), canonical_version("TLS-1.0"), canonical_version("TLSv1/SSLv3")
    ('TLSv1.2', 'TLSv1', None)
    """
    # `TLSv1/SSLv3` has eleven characters, and what is a version has fewer.
    return _version(text) if text and len(text) <= _LONGEST_VERSION else None


@lru_cache(maxsize=64)
def _version(text: str) -> str | None:
    match = re.fullmatch(r"(TLS|SSL)[-_ ]?v?(\d)(?:[._]?(\d))?", text, re.IGNORECASE | re.ASCII)
    if match is None:
        return None
    family, major, minor = match[1].upper(), match[2], match[3] or "0"
    if family == "SSL":
        return f"SSLv{major}" if major in "23" and minor == "0" else None
    if major != "1" or minor not in "0123":
        return None
    return "TLSv1" if minor == "0" else f"TLSv1.{minor}"


def logged_tls(statement: Statement) -> TLSInfo:
    """Make the parameters of what a server's log states of a connection."""
    return _merge([statement], TLSBasis.LOG, None)


def keyword(received: Received) -> str | None:
    """Return the `with` word in lower case, without Exim's `local-` and without `utf8`; None without one."""
    word = (received.protocol or "").strip().lower()
    named = folded(received.with_text or received.protocol or "").lower()
    if named.startswith("mailenable "):
        word = named.removeprefix("mailenable ")
    return word.removeprefix("local-").removeprefix("utf8") or None


def _without(security: Security, confidence: Confidence = Confidence.HIGH) -> Reading:
    return Reading(security=security, tls=None, confidence=confidence)


def _tls(received: Received, software: str | None) -> TLSInfo | None:
    """Steps 1 and 2: the TLS parameters that the field states, if it says that TLS was used."""
    comments = [_known(read, software) for comment in received.own_comments if (read := read_comment(comment))]
    words = read_with(received.with_text or received.protocol or "")
    word = keyword(received)
    clause = None if says_nothing(received.tls_clause) else received.tls_clause
    if clause and not _secured_channel(received):
        # RFC 8314 §4.3: the value is a suite's name. Anything else says "TLS", and no more.
        named = read_suite(clause) is not None
        stated = [Statement(cipher=clause if named else None), *comments]
        basis = TLSBasis.CLAUSE
    elif comments or _secured_channel(received):
        stated = comments
        basis = TLSBasis.COMMENT
    elif words or word in _ENCRYPTED | _ENCRYPTED_ON_CONNECT or (received.via or "").lower() in _VIA:
        stated = [words] if words else []
        basis = TLSBasis.KEYWORD
    else:
        return None
    shown = (certificates.from_comment(comment) for comment in reversed(received.own_comments))
    return _merge(stated, basis, next((one for one in shown if one is not None), None))


def _known(statement: Statement, software: str | None) -> Statement:
    """Haraka writes `verify=FAIL` where a client showed no certificate as well: only its OK says something."""
    if software == "Haraka" and statement.client is not None and not statement.client.verified:
        return replace(statement, client=None)
    return statement


def _merge(stated: list[Statement], basis: TLSBasis, client: ClientCertificate | None) -> TLSInfo:
    """Put together what several places say of one connection.

    A clause stands first in the list; of several comments the last one with a value counts, since what a client can
    smuggle in (its HELO) comes before what the server adds.
    """
    clause = stated[:1] if basis is TLSBasis.CLAUSE else []
    order = [*clause, *reversed(stated[len(clause) :])]
    cipher = next((one.cipher for one in order if one.cipher), None)
    version = next((found for one in order if (found := canonical_version(one.version))), None)
    # A comment of its own names the client; `verify=` and a signature only say that there was one.
    client = client or next((one.client for one in order if one.client), None)
    if version is None and cipher and is_tls13(cipher):
        version = "TLSv1.3"
    signature = next((one.server_signature for one in order if one.server_signature), None)
    keys = next((one.key_exchange for one in order if one.key_exchange), None)
    return TLSInfo(
        protocol=next((one.protocol for one in order if one.protocol), None) if version is None else None,
        version=version,
        cipher=cipher,
        cipher_iana=iana_name(cipher, version) if cipher else None,
        bits=next((one.bits for one in order if one.bits), None),
        forward_secrecy=_forward_secrecy(version, cipher),
        key_exchange=keys or (exchange.group_in_cipher(cipher) if cipher else None),
        server_signature=signature or (exchange.signature_in_cipher(cipher) if cipher else None),
        peer_verified=client.verified if client else None,
        client_certificate=client,
        basis=basis,
    )


def _forward_secrecy(version: str | None, cipher: str | None) -> bool | None:
    # RFC 8446 §1.2: TLS 1.3 has no static key exchange.
    if version == "TLSv1.3":
        return True
    suite = read_suite(cipher) if cipher else None
    return suite.forward_secrecy if suite else None


def _secured_channel(received: Received) -> bool:
    """Microsoft's SMTPSVC: `by HOST over TLS secured channel with Microsoft SMTPSVC(...)`, after the last `by HOST`."""
    if not received.by:
        return False
    behind = received.text.rpartition(f"by {received.by}")[2]
    return folded(behind).startswith("over TLS secured channel")


def _is_local(hop: Hop) -> bool:
    """Step 4: a pipe, a socket, the loopback interface, or a provider's hand-over without a peer."""
    received = hop.received
    word = keyword(received)
    if hop.kind in _LOCAL_KINDS or is_loopback(received.client_ip) or word in _NO_TRANSFER:
        return True
    if received.client_ip is not None:
        return False
    # LMTP without an address came through a socket (RFC 2033 §1: it is for local delivery). A pickup has no address
    # either: `with LOCAL` beside one is a forger's template.
    if hop.kind is HopKind.LOCAL or word in _LMTP or _from_localhost(received):
        return True
    # A provider's hand-over without an address. A login had a peer, and so has SMTP or HTTP to unknown software.
    if received.authenticated or (hop.software is None and (word in _PLAIN or hop.kind is HopKind.HTTP)):
        return False
    return hop.kind in _HANDED_OVER and (_has_no_from(received) or (hop.kind is HopKind.INTERNAL and word not in _WEB))


def _from_localhost(received: Received) -> bool:
    """Say whether it came from a program on the machine: `from localhost`, and no connection that had an address."""
    names = {received.helo, received.client_name} - {None}
    return bool(names) and names <= _LOCALHOST and not received.authenticated


def _has_no_from(received: Received) -> bool:
    """`by HOST with ...`; a field that says `from <unknown>` had a peer."""
    return _hides_its_peer(received) and not received.text.lstrip().lower().startswith("from")


def _hides_its_peer(received: Received) -> bool:
    return received.client_ip is None and received.helo is None and received.client_name is None


def _is_not_understood(received: Received) -> bool:
    """Say whether the server said something of TLS that is not understood: then it did not say nothing."""
    words = received.with_text or ""
    return hints_at_tls(words) or any(hints_at_tls(comment) for comment in received.own_comments)


def _is_plain_smtp(received: Received) -> bool:
    """Step 5: SMTP or LMTP in a form that could have said more."""
    named = folded(received.with_text or received.protocol or "").lower()
    return keyword(received) in _PLAIN or named.startswith(_NAMED_SMTP)


def _certainty(hop: Hop) -> Confidence:
    """Step 7, for software that is known to tell: not so well known are its old releases, and a client that said HELO.

    RFC 3848 has no word for SMTP without extensions under TLS; Postfix, which notes TLS by that word alone unless it
    is told otherwise, writes `SMTP` then. `ASMTP` is from before RFC 3848.
    """
    word = keyword(hop.received)
    said_helo = word == "smtp" and hop.software in _BY_KEYWORD
    return Confidence.MEDIUM if is_old(hop.received) or word == "asmtp" or said_helo else Confidence.HIGH


def _likelihood(hop: Hop) -> Confidence:
    """Step 7, for software that is old, unknown or may be set not to tell."""
    if hop.software is None or is_old(hop.received):
        return Confidence.LOW
    return Confidence.MEDIUM
