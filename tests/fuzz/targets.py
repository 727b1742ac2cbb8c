"""Every parser as a plain function of octets: it returns, or raises MailtraceError; anything else is a fault.

Random octets rarely get past a parser's first token. So each target has an alphabet too, the tokens of its grammar:
`spell` maps octets to them, and what was noise becomes nearly a field, nearly a record.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A parser, and the tokens it splits its input into."""

    feed: Callable[[bytes], object]
    alphabet: tuple[bytes, ...]


def spell(octets: bytes, alphabet: tuple[bytes, ...]) -> bytes:
    """Map each octet to a token."""
    return b"".join(alphabet[octet % len(alphabet)] for octet in octets)


def feed_message(octets: bytes) -> object:
    from mailtrace.message import parse

    message = parse(octets)
    return message, sum(map(len, message.body.chunks()))


def feed_recording(octets: bytes) -> object:
    import json

    from mailtrace.resolver.recorded import from_mapping

    try:
        recording = json.loads(octets)
    except (ValueError, RecursionError):
        return None  # load_dns turns these into a RecordingError; its own tests say so
    return from_mapping(recording) if isinstance(recording, dict) else None


TARGETS = {
    "message": Target(
        feed=feed_message,
        alphabet=(
            *(b"From:", b"To:", b"Subject:", b"Date:", b"Received:", b"Return-Path:", b"Content-Type:", b"X-Y"),
            *(
                b"\r\n",
                b"\n",
                b"\r",
                b"\r\n\r\n",
                b" ",
                b"\t",
                b"a",
                b"@",
                b"example.com",
                b"<",
                b">",
                b'"',
                b"\\",
                b"(",
            ),
            *(
                b")",
                b",",
                b";",
                b":",
                b".",
                b"[",
                b"]",
                b"=?utf-8?q?",
                b"=?utf-8?b?",
                b"?=",
                b"=C3",
                b"\xc3\xa9",
                b"\x00",
            ),
            *(b"Tue, 20 Oct 2026 10:00:00 +0000", b"-9999", b"From ", b"xn--", b"\xff"),
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
            *(b"true", b"-1", b"1e999", b'"\\ud800"', b'"recorded_at"', b'"2026-13-01"'),
        ),
    ),
}
