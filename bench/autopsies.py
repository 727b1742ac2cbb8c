"""What the search for a change costs at its worst: CPU of it alone, beside that of verifying the same message.

Each message is signed, and altered by what is not undone, so that all that is allowed is tried. What is allowed is
counted and not timed (mailtrace/auth/autopsy/budget.py); here is seen what it comes to. Two seconds are the limit.
"""

import base64
import functools
import hashlib
import quopri
import time
from collections.abc import Callable, Iterator, Mapping

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bench.arithmetic import median
from bench.figures import Bound, Figure, Table
from bench.runner import milliseconds
from bench.scale import Scale
from mailtrace.auth.autopsy.budget import MAX_HASHES, MAX_OCTETS, Budget
from mailtrace.auth.autopsy.examiner import examine
from mailtrace.auth.dkim_body import BodyHashes
from mailtrace.auth.dkim_header import FieldIndex
from mailtrace.auth.dkim_verify import Evaluation, evaluate
from mailtrace.message import parse
from mailtrace.message.types import Message
from mailtrace.resolver.recorded import from_mapping

_FIELDS = (
    b"From: Ann <ann@example.com>\r\n",
    b"To: bob@example.net\r\n",
    b"Subject: Lunch\r\n",
    b"Date: Fri, 1 May 2026 10:00:00 +0000\r\n",
    b"X-MS-Has-Attach:\r\n",
)
_TEXT = b"".join(b"Line %d of a text without a rule in it.\r\n" % number for number in range(400))
_PARTS = b"Content-Type: multipart/mixed; boundary=b\r\n"
_HEAD = b'<html><head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n\r\n</head><body>'


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _signature(fields: tuple[bytes, ...], number: int, length: int | None = None) -> bytes:
    """Sign these fields, and a body that is not there (RFC 6376 §3.7)."""
    names = b":".join(field.partition(b":")[0].lower() for field in fields if not field.startswith(b"X-"))
    digest = base64.b64encode(hashlib.sha256(b"Another text, number %d.\r\n" % number).digest())
    tags = b"" if length is None else b" l=%d;" % length
    own = (
        b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1; t=%d;%b\r\n"
        b"\th=%b;\r\n\tbh=%b;\r\n\tb=" % (number + 1, tags, names, digest)
    )
    signed = [each for each in (*fields, own) if not each.startswith(b"X-")]
    text = b"\r\n".join(name.lower() + b":" + b" ".join(value.split()) for name, _, value in _halves(signed))
    octets = _key().sign(text, padding.PKCS1v15(), hashes.SHA256())
    return own + base64.b64encode(octets) + b"\r\n"


def _halves(fields: list[bytes]) -> Iterator[tuple[bytes, bytes, bytes]]:
    return (field.partition(b":") for field in fields)


def _message(
    body: bytes,
    *,
    signatures: int = 1,
    fields: tuple[bytes, ...] = _FIELDS,
    lengths: bool = False,
    subject: bytes = b"",
) -> bytes:
    signed = b"".join(_signature(fields, number, number + 1 if lengths else None) for number in range(signatures))
    now = b"".join(fields).replace(b"Lunch", subject or b"Lunch")
    return signed + now + b"\r\n" + body


def _multipart(count: int, text: bytes, kind: bytes = b"text/plain", encoding: bytes = b"8bit") -> bytes:
    head = b"--b\r\nContent-Type: %b; charset=utf-8\r\nContent-Transfer-Encoding: %b\r\n\r\n" % (kind, encoding)
    return (head + text) * count + b"--b--\r\n"


def _quoted(text: bytes) -> bytes:
    return quopri.encodestring(text).replace(b"\n", b"\r\n")


def _list(name: bytes) -> bytes:
    return b", ".join(b"%b %d <%b%d@example.net>" % (name, number, name, number) for number in range(230)) + b"\r\n"


_MANY = (*_FIELDS[:1], b"To: " + _list(b"bob"), b"Cc: " + _list(b"carl"), b"Sender: " + _list(b"eve"), *_FIELDS[2:])
_MIXED = (*_FIELDS, _PARTS)

BUILDERS: Mapping[str, Callable[[], bytes]] = {
    "30 MB of text": lambda: _message(_TEXT * 1900),
    "4 MB of text": lambda: _message(_TEXT * 240),
    "20 signatures, 60 KB": lambda: _message(_TEXT * 4, signatures=20),
    "20 signatures of other lengths, 1 MB": lambda: _message(_TEXT * 60, signatures=20, lengths=True),
    "20 signatures, long lists of recipients": lambda: _message(_TEXT, signatures=20, fields=_MANY, subject=b"Fee"),
    "40 parts, 4 MB": lambda: _message(_multipart(40, _TEXT * 6), fields=_MIXED),
    "4,000 parts": lambda: _message(_multipart(4000, b"x\r\n"), fields=_MIXED),
    "HTML in quoted-printable, three parts": lambda: _message(
        _multipart(3, _quoted(_HEAD + "é\r\n".encode() * 10_000), b"text/html", b"quoted-printable"), fields=_MIXED
    ),
    "lines to be unquoted and unstuffed": lambda: _message(b">From x\r\n..\r\n" * 20_000),
    "lines of one letter": lambda: _message(b"x\r\n" * 80_000),
}
"""The costliest that are known."""


def autopsies(scale: Scale) -> Iterator[Figure | Table]:
    """Time the search of each, by itself."""
    rows, worst = [], (0.0, "")
    for name, build in BUILDERS.items():
        message = parse(build())
        times = [_once(message) for _ in range(scale.rounds)]
        verified, searched = median([each[0] for each in times]), median([each[1] for each in times])
        spent = times[0][2]
        worst = max(worst, (searched, name))
        used = (f"{MAX_HASHES - spent.hashes}", f"{(MAX_OCTETS - spent.octets) / 2**20:.1f}")
        rows.append((name, milliseconds(verified), milliseconds(searched), *used))
    yield Figure(
        name="autopsy: the costliest search", value=worst[0], unit="s", bound=Bound(must=2, aim=1), note=worst[1]
    )
    heads = ("altered message", "verified ms", "search ms", f"of {MAX_HASHES} hashes", f"of {MAX_OCTETS >> 20} MiB")
    yield Table(name="The search for a change, CPU", heads=heads, rows=tuple(rows))


def _once(message: Message) -> tuple[float, float, Budget]:
    start = time.process_time()
    found = evaluations(message)
    begun = time.process_time()
    budget = Budget()
    examine(message, found, None, budget)
    return begun - start, time.process_time() - begun, budget


def evaluations(message: Message) -> tuple[Evaluation, ...]:
    """Verify the signatures, with their key."""
    der = _key().public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    record = "v=DKIM1; p=" + base64.b64encode(der).decode()
    dns = from_mapping({"s1._domainkey.example.com": {"TXT": [record]}})
    return evaluate(
        message, FieldIndex.of(message), dns=dns, keys=None, received_at=None, hashes=BodyHashes(message.body)
    )
