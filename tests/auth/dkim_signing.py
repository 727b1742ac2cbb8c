"""A signer for the tests, written from RFC 6376 alone: nothing of mailtrace's canonicalization is used to make them."""

import base64
import functools
import hashlib
import re

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailtrace.message import parse
from mailtrace.resolver.recorded import from_mapping

FIELDS = (
    b"From: Ann <ann@example.com>\r\n",
    b"To: bob@example.net\r\n",
    b"Subject: Lunch\r\n",
    b"Date: Fri, 1 May 2026 10:00:00 +0000\r\n",
)
BODY = b"See you  at noon. \r\n\r\nAnn\r\n"
NAME = "s1._domainkey.example.com"
H = "from:to:subject:date"

# 384-bit primes of a 768-bit key, which `cryptography` verifies with but does not generate.
_P = 0xE0D722DB29FBB46CA4558B89DE626FFAE203E507DF72F4B3282804B00CC5E25D472054C5078F92334BEC901ED9A422F9
_Q = 0xD7AC2F746C200EDF07A2A0BDC110C36BFB4E1DC7F0026A7F37A85E415368037683D1BCB78322E7585B40196BD287E329
_PREFIX = {
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
}


class WeakKey:
    """RSA with 768 bits, RFC 8017 §8.2.1 by hand."""

    n, e = _P * _Q, 65537

    def public_key(self):
        return rsa.RSAPublicNumbers(self.e, self.n).public_key()

    def sign(self, digest, digest_name):
        size = (self.n.bit_length() + 7) // 8
        tail = _PREFIX[digest_name] + digest
        padded = b"\0\1" + b"\xff" * (size - len(tail) - 3) + b"\0" + tail
        d = pow(self.e, -1, (_P - 1) * (_Q - 1))
        return pow(int.from_bytes(padded), d, self.n).to_bytes(size)


@functools.cache
def key(name):
    if name == "weak":
        return WeakKey()
    if name.startswith("ed25519"):
        return ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
    return rsa.generate_private_key(65537, 1024 if name == "short" else 2048)


def public_octets(name, *, form=None):
    public = key(name).public_key()
    if form is None and name.startswith("ed25519"):
        return public.public_bytes_raw()
    return public.public_bytes(Encoding.DER, form or PublicFormat.SubjectPublicKeyInfo)


def record(name="rsa", tags="v=DKIM1; ", *, form=None):
    k = "ed25519" if name.startswith("ed25519") else "rsa"
    return f"{tags}k={k}; p={base64.b64encode(public_octets(name, form=form)).decode()}"


def zone(*records, name=NAME, **answer):
    return from_mapping({name: {"TXT": answer or list(records or (record(),))}})


def _body(body, canonicalization):
    if canonicalization == "relaxed":
        lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    else:
        lines = body.split(b"\r\n")
    while lines and not lines[-1]:
        lines.pop()
    if canonicalization == "relaxed" and not lines:
        return b""
    return b"".join(line + b"\r\n" for line in lines) or b"\r\n"


def _field(raw, canonicalization):
    if canonicalization == "simple":
        return raw
    name, value = raw.split(b":", 1)
    return name.strip().lower() + b":" + b" ".join(value.split()) + b"\r\n"


def _sign(private, digest, digest_name):
    if isinstance(private, WeakKey):
        return private.sign(digest, digest_name)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign(digest)
    algorithm = hashes.SHA1() if digest_name == "sha1" else hashes.SHA256()
    return private.sign(digest, padding.PKCS1v15(), Prehashed(algorithm))


def signature(
    fields=FIELDS,
    body=BODY,
    *,
    by="rsa",
    a=None,
    c="relaxed/relaxed",
    h=H,
    d="example.com",
    s="s1",
    length=None,
    name="DKIM-Signature",
    **tags,
):
    """Return a DKIM-Signature field over fields and body; None as a tag's value leaves the tag out."""
    a = a or ("ed25519-sha256" if by.startswith("ed25519") else "rsa-sha256")
    digest_name = a.split("-")[1]
    header_c, _, body_c = c.lower().partition("/")
    canonical = _body(body, body_c or "simple")
    covered = canonical if length is None else canonical[:length]
    bh = base64.b64encode(hashlib.new(digest_name, covered).digest()).decode()
    all_tags = {"v": "1", "a": a, "c": c, "d": d, "s": s, "h": h, "bh": bh, "l": length, **tags}
    value = "; ".join(f"{tag}={text}" for tag, text in all_tags.items() if text is not None)
    own = f"{name}: {value}; b=".encode()
    rest = list(fields)
    signed = b""
    for wanted in h.encode().lower().split(b":"):
        for field in reversed(rest):
            if field.split(b":", 1)[0].strip().lower() == wanted.strip():
                signed += _field(field, header_c)
                rest.remove(field)
                break
    signed += _field(own + b"\r\n", header_c)[:-2]
    octets = _sign(key(by), hashlib.new(digest_name, signed).digest(), digest_name)
    encoded = base64.b64encode(octets).decode()
    return own + b"\r\n\t".join(encoded[i : i + 64].encode() for i in range(0, len(encoded), 64)) + b"\r\n"


def message(*signatures, fields=FIELDS, body=BODY):
    return parse(b"".join((*signatures, *fields)) + b"\r\n" + body)
