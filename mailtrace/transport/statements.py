"""What a comment or a `with` clause of a Received field says about TLS, whoever wrote it.

RFC 5321 §4.4 leaves this to comments, so every server has its own form. Each form here is matched from the beginning
of a comment: a client can put its own words into the middle of one (`(HELO ...)`, `(Client CN "...")`), never at its
start. Comments are cut at a fixed length before they are matched, so that no form costs more than that.
"""

import re
from functools import lru_cache

from mailtrace.patterns import lazy
from mailtrace.records import Struct
from mailtrace.transport import certificates, exchange
from mailtrace.transport.types import ClientCertificate

# What a template is filled with where there was no TLS; Java's session before any handshake has the last two.
_NOTHING = frozenset({"none", "no", "off", "false", "ssl_null_with_null_null", "tls_null_with_null_null"})

COMMENT_LIMIT = 600
"""Characters of a comment that are looked at; the longest real TLS statement has about 200."""


class Statement(Struct, frozen=True, kw_only=True):
    """TLS was used, and with what. Every None: it does not say."""

    protocol: str | None = None
    """What was used instead of TLS."""
    version: str | None = None
    """As written."""
    cipher: str | None = None
    bits: int | None = None
    key_exchange: str | None = None
    server_signature: str | None = None
    client: ClientCertificate | None = None


_NAME = r"[A-Za-z0-9]+(?:[-_]+[A-Za-z0-9]+)+"
_VERSION = r"(?:TLS|SSL)[-_ ]?v?\d(?:[._]\d)?(?:/SSLv3)?"

# A sample of each form stands above it.
#
# Postfix: using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 ...
# Postini: using TLSv1; Symantec: using TLS with cipher AES256-SHA256 (256/256 bits)
_USING = (
    r"using (?P<version>(?:TLS|SSL)[\w./-]*)"
    r"(?: with cipher (?P<cipher>[\w+.-]+)(?: \((?P<bits>\d{1,4})(?:/\d{1,4})? bits\))?)?(?= |$)"
)
# Trustwave: using TLS: TLSv1.2, DES-CBC3-SHA
_USING_COLON = r"using (?:TLS|SSL): (?P<version>[^\s,]+), ?(?P<cipher>[\w+.-]+)$"
# Exim: TLS1.2:ECDHE_RSA_AES_256_GCM_SHA384:256; OpenSMTPD: ...:256:NO; T-Online: TLSv1.3:... encrypted
_COLONS = (
    rf"(?:Cipher )?(?P<version>{_VERSION}):(?P<cipher>[\w+.-]+)"
    r"(?::(?P<bits>\d{1,4})(?::(?P<verified>\w+))?)?(?: encrypted)?$"
)
# mox: TLS1.3 TLS_AES_128_GCM_SHA256; IndiMail: TLSv1.3 TLS_AES_256_GCM_SHA384 bits=256; Exim beside its clause: TLS1.3
_SPACED = (
    rf"(?P<version>{_VERSION})(?:[ ,]+(?P<cipher>{_NAME})(?: bits=(?P<bits>\d{{1,4}}))?)?(?: encrypted)?"
    r"(?:, ?authenticated)?$"
)
# qmail with the TLS patch: DHE-RSA-AES256-SHA encrypted; ECDHE-... encrypted, authenticated
_ENCRYPTED = rf"(?P<cipher>{_NAME}) encrypted(?:, ?authenticated)?$"
# Courier: TLS: TLS1.3,128bits,ECDHE_RSA_AES_128_GCM_SHA256
_COURIER = rf"(?:TLS|SSL): (?P<version>[^\s,]+), ?(?P<bits>\d{{1,4}})bits, ?(?P<cipher>{_NAME})$"
# chasquid, beside its tls clause: over submission, TLS-1.3, envelope from "user@example.org"
_OVER = rf"over [\w+]{{1,30}}, (?P<version>{_VERSION})(?:,|$)"
# Exchange 2013, SurgeMail: TLS; IceWarp: SSL; GroupWise: TLS encrypted
_BARE = r"(?:TLS|SSL|STARTTLS)(?: encrypted)?$"
# Google's ALTS, between its own machines: encryption, and no TLS.
_ALTS = r"(?P<protocol>Google Transport Security)$"


class _Form(Struct, frozen=True):
    """A form, and words of which each text of that form has one: most texts are held against no pattern at all."""

    pattern: re.Pattern[str]
    words: tuple[str, ...]


def _form(pattern: str, *words: str) -> _Form:
    return _Form(lazy(pattern, re.IGNORECASE), words)


def _matched(text: str, forms: tuple[_Form, ...]) -> re.Match[str] | None:
    lowered = text.lower()
    for form in forms:
        if any(word in lowered for word in form.words) and (match := form.pattern.match(text)):
            return match
    return None


_FORMS = (
    _form(_USING, "using "),
    _form(_USING_COLON, "using "),
    _form(_COLONS, "tls", "ssl"),
    _form(_SPACED, "tls", "ssl"),
    _form(_ENCRYPTED, " encrypted"),
    _form(_COURIER, "tls: ", "ssl: "),
    _form(_OVER, "over "),
    _form(_BARE, "tls", "ssl"),
    _form(_ALTS, "google transport security"),
)
# What Exim writes beside its tls clause nowadays: it needs no pattern.
_VERSIONS_ALONE = frozenset({"TLS1.2", "TLS1.3"})
# Sendmail, Gmail, Exchange, hMailServer: version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256 verify=NO
# Exclaimer: tlsversion=TLS12, tlscipher=TLS_ECDHE_WITH_AES256_SHA384; SmarterMail: version=TLS\Tls12 cipher=Aes256
_PAIRS_START = lazy(r"(?:TLS )?(?:tls)?(?:version|cipher)=", re.IGNORECASE)
_PAIR = lazy(r"\b(?:tls)?(version|cipher|bits|verify)=(?:TLS\\)?([\w./+-]+)", re.IGNORECASE)
# .NET names TLS 1.0 so, as it names TLS 1.2 `Tls12`.
_DOTNET_TLS10 = "Tls"
# chasquid; GroupWise
_PLAIN = lazy(r"over [\w+]{1,30}, plain text!(?:,|$)|NOT encrypted$", re.IGNORECASE)


def folded(comment: str) -> str:
    """Cut to the length that is looked at, and write each run of white space as one space."""
    return " ".join(comment[:COMMENT_LIMIT].split())


def read_comment(comment: str) -> Statement | None:
    """Read a comment (without its outer parentheses); None if it does not say that TLS was used.

    >>> read_comment("TLSv1.2:ECDHE-RSA-AES256-GCM-SHA384:256:FAIL").client.verified
    False
    """
    return _read_folded(folded(comment))


@lru_cache(maxsize=1024)
def _read_folded(text: str) -> Statement | None:
    # Courier puts the login in front: `AUTH: CRAM-MD5 user, TLS: ...`. What the server adds comes last.
    if text.startswith("AUTH: "):
        text = text[max(text.rfind(", TLS: "), text.rfind(", SSL: ")) + 2 :]
    if "=" in text and _PAIRS_START.match(text):
        return _pairs(text)
    if text in _VERSIONS_ALONE:
        return Statement(version=text)
    match = _matched(text, _FORMS)
    return _statement(match.groupdict(), text[match.end() :]) if match else None


def says_nothing(value: str | None) -> bool:
    """Say whether this stands where a version or a cipher would, had there been one."""
    return value is not None and value.lower() in _NOTHING


def says_plain(comment: str) -> bool:
    """Say whether the comment states that there was no encryption (chasquid writes `plain text!`)."""
    may_say = "plain" in comment or "encrypted" in comment
    return may_say and _PLAIN.match(folded(comment)) is not None


_HINT = lazy(r"\b(?<!no )(?<!not )(?<!without )(?:(?:TLS|SSL)[-_ ]?v?\d|cipher\b(?!=)|encrypted\b)", re.IGNORECASE)
# What holds a name, an account or an address: the words of whoever sent.
_OF_CLIENT = lazy(r"auth|account|client |envelope|mailfrom|orcpt|original|sender|user|from |ident", re.IGNORECASE)


def hints_at_tls(text: str) -> bool:
    """Say whether a server says something of TLS in words that no form here has: it is not silent then."""
    said = folded(text)
    return _HINT.search(said) is not None and not _OF_CLIENT.match(said)


_WITH = (
    # Cisco: ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384; CommuniGate: ESMTP-TLS
    _form(r"E?SMTP[/-]TLS(?:/(?P<cipher>[\w+.-]+))?(?= |$)", "/tls", "-tls"),
    # MessageLabs: ECDHE-RSA-AES256-GCM-SHA384 encrypted SMTP
    _form(rf"(?P<cipher>{_NAME}) encrypted E?SMTP", " encrypted "),
    # Mimecast: ESMTP with STARTTLS; IronMail: ESMTP with TLS
    _form(r"E?SMTP with (?:START)?TLS\b", "tls"),
)


def read_with(words: str) -> Statement | None:
    """Read the words of a `with` clause that say more than a protocol; None if they do not."""
    return _read_words(folded(words))


@lru_cache(maxsize=512)
def _read_words(text: str) -> Statement | None:
    match = _matched(text, _WITH)
    return _statement(match.groupdict()) if match else None


def _pairs(text: str) -> Statement | None:
    # ecelerity adds the certificate's subject, which is the client's to choose: nothing is read from it on.
    pairs: dict[str, str] = {}
    for match in _PAIR.finditer(text.partition(" subject=")[0]):
        pairs.setdefault(match[1].lower(), match[2])
    if pairs.get("version") == _DOTNET_TLS10:
        pairs["version"] = "TLS1.0"
    return _statement(pairs, text)


def _statement(groups: dict[str, str | None] | dict[str, str], rest: str = "") -> Statement | None:
    """Make a statement of what a form has matched; `rest` is what a server may have written behind it."""
    version, cipher, bits = groups.get("version"), groups.get("cipher"), groups.get("bits")
    if says_nothing(cipher):
        cipher = None
        # `TLS` alone is the template's word; a number is the connection's.
        version = version if version and any(map(str.isdigit, version)) else "none"
    if says_nothing(version):
        return None
    words = exchange.read_words(rest) if rest.startswith(" ") else {}
    keys, digest = words.get("key-exchange"), words.get("server-digest")
    signature = words.get("server-signature")
    return Statement(
        protocol=groups.get("protocol"),
        version=version,
        cipher=cipher,
        bits=_bits(bits),
        key_exchange=exchange.group(keys) if keys else None,
        server_signature=f"{signature} {digest}" if signature and digest else signature,
        client=certificates.from_verify(groups.get("verified") or groups.get("verify"))
        or certificates.from_subject(rest)
        or certificates.from_signature(words.get("client-signature")),
    )


def _bits(text: str | None) -> int | None:
    """Read `128/256`: the bits used, of the bits the algorithm has."""
    digits = (text or "").partition("/")[0]
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 4):
        return None
    bits = int(digits)
    # Old releases of Exim with GnuTLS (`TLS1.0:RSA_AES_128_CBC_SHA1:16`) write the key's octets: no cipher has a key of
    # so few bits.
    return (bits * 8 if bits <= 32 else bits) or None
