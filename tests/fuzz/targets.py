"""Every parser as a plain function of octets: it returns, or raises MailtraceError; anything else is a fault.

Random octets rarely get past a parser's first token. So each target has an alphabet too, the tokens of its grammar:
`spell` maps octets to them, and what was noise becomes nearly a field, nearly a record. A record is fuzzed inside a
fixed message, or a fixed zone: what surrounds it is good, so that it is reached.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from mailtrace.auth.arc import check_arc
from mailtrace.auth.claims_grammar import parse_received_spf, parse_results
from mailtrace.auth.dkim import check_dkim
from mailtrace.auth.dkim2 import check_dkim2
from mailtrace.auth.dmarc_record import parse_record
from mailtrace.auth.spf import check_spf
from mailtrace.auth.types import Session
from mailtrace.message import parse
from mailtrace.message.address import read_addresses
from mailtrace.names.domain import a_labels, u_labels
from mailtrace.path.received import scan
from mailtrace.render import json as as_json
from mailtrace.render import text as as_text
from mailtrace.report import analyze
from mailtrace.resolver.address import parse_address
from mailtrace.resolver.recorded import from_mapping
from mailtrace.sources.imap.names import decoded, encoded
from mailtrace.sources.imap.url import read_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A parser, and the tokens it splits its input into."""

    feed: Callable[[bytes], object]
    alphabet: tuple[bytes, ...]


def spell(octets: bytes, alphabet: tuple[bytes, ...]) -> bytes:
    """Map each octet to a token."""
    return b"".join(alphabet[octet % len(alphabet)] for octet in octets)


def words(text: str, *more: bytes) -> tuple[bytes, ...]:
    """Make an alphabet: the words of the text, what stands between words, and more."""
    between = (
        b" ",
        b"\t",
        b"\r\n ",
        b";",
        b":",
        b"=",
        b",",
        b".",
        b'"',
        b"\\",
        b"(",
        b")",
        b"/",
        b"@",
        b"-",
        b"0",
        b"\xff",
    )
    return (*(word.encode() for word in text.split()), *between, *more)


EMPTY = from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": {}})
ADDRESS = "a@example.com b.example <c@example.net> [192.0.2.1] xn--caf-dma.example group: undisclosed-recipients:;"
RECEIVED = """from by with via id for esmtp esmtps lmtp http (helo= (envelope-from <a@example.com> mx.example.net [192.0.2.1]
    [IPv6:2001:db8::1] (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) (version=TLS1_2 cipher= bits=128/128)
    unknown localhost (Postfix, from userid 0) Tue, 20 Oct 2026 10:00:00 +0000 (UTC) -0700 1761000000 X-TLS: (qmail 1"""
TAGS = "v=1 a=rsa-sha256 a=ed25519-sha256 b= bh= c=relaxed/simple d=example.com s=s1 h=from:to:date i=@example.com l= t= x= q=dns/txt z="
RESULTS = "mx.example.net spf dkim dmarc arc =pass =fail none reason= smtp.mailfrom= header.d= header.from= policy. i=1 1 action="


def field(name: bytes, octets: bytes) -> bytes:
    """Make a small message of which the octets are the value of one field."""
    return (
        name
        + b": "
        + octets.replace(b"\r\n\r\n", b"")
        + b"\r\nFrom: a@example.com\r\nTo: b@example.net\r\n\r\nbody\r\n"
    )


def feed_message(octets: bytes) -> object:
    message = parse(octets)
    return message, sum(map(len, message.body.chunks()))


def feed_whole(octets: bytes) -> object:
    report = analyze(b"From: a@example.com\r\n" + octets, dns=EMPTY)
    return as_json.dumps(report), as_text.render(report, verbose=True)


def feed_recording(octets: bytes) -> object:
    try:
        recording = json.loads(octets)
    except (ValueError, RecursionError):
        return None  # load_dns turns these into a RecordingError; its own tests say so
    return from_mapping(recording) if isinstance(recording, dict) else None


def feed_signature(octets: bytes) -> object:
    return check_dkim(parse(field(b"DKIM-Signature", octets)), dns=EMPTY, received_at=None)


def feed_key(octets: bytes) -> object:
    signed = b"v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=AAAA; b=AAAA"
    zone = from_mapping({"s1._domainkey.example.com": {"TXT": [octets.decode("latin-1")]}})
    return check_dkim(parse(field(b"DKIM-Signature", signed)), dns=zone, received_at=None)


def feed_arc(octets: bytes) -> object:
    half = len(octets) // 2
    fields = (
        (b"ARC-Seal", octets[:half]),
        (b"ARC-Message-Signature", octets[half:]),
        (b"ARC-Authentication-Results", octets),
    )
    header = b"".join(name + b": i=1; " + value.replace(b"\n", b"") + b"\r\n" for name, value in fields)
    return check_arc(parse(header + b"From: a@example.com\r\n\r\n"), dns=EMPTY, received_at=None)


def feed_dkim2(octets: bytes) -> object:
    header = b"".join(
        name + b": " + octets.replace(b"\n", b"") + b"\r\n"
        for name in (b"DKIM2-Signature", b"Message-Instance", b"DKIM2-Signature")
    )
    return check_dkim2(parse(header + b"From: a@example.com\r\n\r\n"))


STAMPED = (
    b"\r\nReceived: from a.example ([192.0.2.1]) by mx.example.net with ESMTPS id 1; "
    b"Tue, 20 Oct 2026 10:00:00 +0000\r\n"
    b"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from; bh=AAAA; b=AAAA\r\nFrom: a@example.com\r\n\r\nbody"
)


def feed_stamps(octets: bytes) -> object:
    value = octets.replace(b"\n", b"").replace(b"\r", b"")
    report = analyze(b"Authentication-Results: " + value + b"\r\nReceived-SPF: " + value + STAMPED, dns=EMPTY)
    return as_json.dumps(report), as_text.render(report, verbose=True)


def feed_spf(octets: bytes) -> object:
    record = "v=spf1 " + octets.decode("latin-1")
    zone = from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": {"example.com": {"TXT": [record]}}})
    return check_spf(Session(client_ip="192.0.2.1", helo="mx.example.com", mail_from="a@example.com"), dns=zone)


def of_text(function: Callable[[str], object]) -> Callable[[bytes], object]:
    """Feed a parser of text as `parse` does: what is no UTF-8 comes as surrogates."""
    return lambda octets: function(octets.decode("utf-8", "surrogateescape"))


HEADER = words(
    f"{ADDRESS} {RECEIVED} From: To: Subject: Date: Return-Path: Received: DKIM-Signature: List-Id: Content-Type: X-Y: <>",
    *(b"\n", b"\r", b"\r\n", b"\r\n\r\n", b"From ", b"=?utf-8?q?", b"=?utf-8?b?", b"?=", b"=C3", b"\xc3\xa9", b"\x00"),
)

TARGETS = {
    "message": Target(feed=feed_message, alphabet=HEADER),
    "whole": Target(feed=feed_whole, alphabet=(*HEADER, b"\r\nReceived: from ", b"\r\nAuthentication-Results: ")),
    "addresses": Target(
        feed=of_text(read_addresses), alphabet=words(ADDRESS, b"<", b">", b"[", b"]", b"\xc3\xa9", b"\x00")
    ),
    "domain": Target(
        feed=of_text(lambda name: (a_labels(name), u_labels(name))),
        alphabet=words("xn-- example com", b"\xc3\xa9", b"\xe2\x80\x8b", b"a" * 63),
    ),
    "received": Target(feed=of_text(scan), alphabet=words(RECEIVED, b"[", b"]", b"<", b">")),
    "results": Target(feed=of_text(parse_results), alphabet=words(RESULTS)),
    "received-spf": Target(
        feed=of_text(parse_received_spf),
        alphabet=words("pass fail softfail client-ip= envelope-from= helo= receiver= identity=mailfrom 192.0.2.1"),
    ),
    "dkim-signature": Target(feed=feed_signature, alphabet=words(TAGS)),
    "dkim-key": Target(feed=feed_key, alphabet=words("v=DKIM1 k=rsa k=ed25519 p= MIIBIjAN t=s t=y h=sha256 s=* n= g=")),
    "arc": Target(feed=feed_arc, alphabet=words(f"{TAGS} {RESULTS} cv=none cv=pass i=2")),
    "dkim2": Target(
        feed=feed_dkim2,
        alphabet=words("i= m= t=1 d=example.com mf= rt= PGFAYi5leGFtcGxlPg== s= sel rsa-sha256 h= r= nd= f=", b"|"),
    ),
    "stamps": Target(feed=feed_stamps, alphabet=words(f"{RESULTS} example.com client-ip= 192.0.2.1 header.b= AAAA")),
    "dmarc-record": Target(
        feed=parse_record, alphabet=words("v=DMARC1 p=reject sp= np= adkim=s aspf=r psd=y t=y rua=mailto: pct=")
    ),
    "spf-record": Target(
        feed=feed_spf,
        alphabet=words(
            "a mx ip4: 192.0.2.0 ip6: 2001:db8:: include: exists: redirect= exp= all ptr example.com %{i} %{",
            b"+",
            b"~",
        ),
    ),
    "recording": Target(
        feed=feed_recording,
        alphabet=(
            *(b"{", b"}", b"[", b"]", b":", b",", b'"mailtrace_dns"', b"1", b'"answers"', b'"default"', b'"NXDOMAIN"'),
            *(
                b'"example.com"',
                b'"TXT"',
                b'"A"',
                b'"MX"',
                b'"CNAME"',
                b'"records"',
                b'"rcode"',
                b'"ttl"',
                b'"a"',
                b"null",
            ),
            *(b"true", b"-1", b"1e999", b'"\\ud800"', b'"recorded_at"', b'"2026-13-01"', b'{"example.com": {"TXT": '),
        ),
    ),
    "resolver-address": Target(
        feed=of_text(parse_address),
        alphabet=words("https:// tls:// 192.0.2.53 :53 dns.example /dns-query # ?", b"[", b"]", b"::"),
    ),
    "imap-url": Target(
        feed=of_text(lambda name: read_url(f"imaps://{name}")),
        alphabet=words("bob imap.example.org :993 INBOX ;UID= 42 ;UIDVALIDITY= %C3 %BC ;AUTH=* ? #", b"[::1]"),
    ),
    "folder-name": Target(
        feed=of_text(lambda name: (decoded(name), encoded(name))),
        alphabet=words("& &- &APY- &2D0- &2D3eAA- INBOX", b"\xc3\xbc", b"+"),
    ),
}
