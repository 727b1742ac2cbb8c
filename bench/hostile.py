"""Messages made to cost: each grows with `n` in one thing that a parser may take too much time or memory over.

`BUILDERS` has the size at which each is measured. All of them are answered from a recording that holds two keys longer
than RFC 8301 §3.2 asks verifiers for.
"""

import base64
from collections.abc import Callable, Iterator, Mapping

from bench.runner import Result, Work, grow
from bench.scale import Scale
from mailtrace.report import analyze
from mailtrace.resolver.recorded import from_mapping

_TOP = (
    b"Received: from mail.example.com (mail.example.com [192.0.2.1]) by mx.example.net (Postfix) with ESMTPS id 4ABC;"
    b" Fri, 1 May 2026 10:00:00 +0000\r\n"
)
_HEAD = (
    b"From: Ann <ann@example.com>\r\nTo: bob@example.net\r\nSubject: Hello\r\nDate: Fri, 1 May 2026 10:00:00 +0000\r\n"
)
_BODY = b"\r\nHello.\r\n"
_VALUE = base64.b64encode(bytes(256))


def _signature(number: int, tags: bytes = b"", names: bytes = b"from:to:subject:date") -> bytes:
    return (
        b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s%d; h=%b;%b\r\n"
        b" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=%b\r\n" % (number, names, tags, _VALUE)
    )


def _message(*lines: bytes, body: bytes = _BODY) -> bytes:
    return b"".join((*lines, _TOP, _HEAD, body))


def _fields(n: int) -> bytes:
    return _message(*(b"X-Field-%d: value\r\n" % number for number in range(n)))


def _received_flat(n: int) -> bytes:
    return _message(b"Received: " + b"from by with id for " * (n // 20) + b"\r\n")


def _received_folded(n: int) -> bytes:
    return _message(b"Received: from a.example\r\n" + b" (by b.example with id 7)\r\n" * n)


def _received_many(n: int) -> bytes:
    return _message(_TOP * n)


def _signatures(n: int) -> bytes:
    return _message(*map(_signature, range(n)), body=b"\r\n" + b"Hello, hello.\r\n" * 5000)


def _signatures_of_one_key(n: int) -> bytes:
    return _message(_signature(1) * n)


def _signatures_with_lengths(n: int) -> bytes:
    signed = (_signature(number, b" l=%d;" % number) for number in range(n))
    return _message(*signed, body=b"\r\n" + b"Hello, hello.\r\n" * 5000)


def _signed_names(n: int) -> bytes:
    names = b":\r\n ".join((b"from", *(b"x-%d" % number for number in range(n))))
    return _message(*(b"X-%d: 1\r\n" % number for number in range(n)), _signature(1, names=names))


def _folded_tag(n: int) -> bytes:
    return _message(_signature(1).rstrip() + b"\r\n A" * n + b"\r\n")


def _folded_tag_names(n: int) -> bytes:
    return _message(_signature(1, tags=b";b" + b"\r\n " * n))


def _addresses(n: int) -> bytes:
    return _message(b"Cc: " + b",\r\n ".join(b"user%d@example.com" % number for number in range(n)) + b"\r\n")


def _encoded_words(n: int) -> bytes:
    return _message(b"Subject: " + b"\r\n ".join([b"=?utf-8?q?=C3=BCber?="] * n) + b"\r\n")


def _comments(n: int) -> bytes:
    return _message(b"From: " + b"(" * n + b")" * n + b" bob@example.com\r\n")


def _comments_in_received(n: int) -> bytes:
    return _message(b"Received: from a.example " + b"(" * n + b")" * n + b" by b.example\r\n")


def _open_comments(n: int) -> bytes:
    return _message(b"Authentication-Results: mx.example.net; spf=pass " + b"(" * n + b"\r\n")


def _open_quotes(n: int) -> bytes:
    return _message(b"From: " + b'"a\\' * n + b"\r\n", b"Authentication-Results: a.example; " + b'a="b\\' * n + b"\r\n")


def _stamps(n: int) -> bytes:
    stamp = (
        b"Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=a.example; dkim=pass header.d=b.example\r\n"
    )
    return _message(stamp * n)


def _results(n: int) -> bytes:
    return _message(b"Authentication-Results: mx.example.net" + b"; dkim=fail header.d=b.example" * n + b"\r\n")


def _seals(n: int) -> bytes:
    sets = (
        b"ARC-Seal: i=%d; a=rsa-sha256; cv=none; d=example.com; s=s1; b=%b\r\n"
        b"ARC-Authentication-Results: i=%d; mx.example.net; spf=pass\r\n" % (number, _VALUE, number)
        for number in range(n)
    )
    return _message(*sets)


def _mime(n: int) -> bytes:
    parts = (
        b"--%d\r\nContent-Type: multipart/mixed; boundary=%d\r\n\r\n" % (number, number + 1) for number in range(n)
    )
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=0\r\n"
    return _message(head, _signature(1), body=b"\r\n" + b"".join(parts))


def _blanks(n: int) -> bytes:
    return _message(_signature(1), body=b"\r\n" + b" " * n + b"x\r\n")


def _tabs(n: int) -> bytes:
    return _message(_signature(1), body=b"\r\n" + b"\t " * (n // 2) + b"\r\n")


def _empty_lines(n: int) -> bytes:
    return _message(_signature(1), body=b"\r\nHello.\r\n" + b"\r\n" * n)


def _long_keys(n: int) -> bytes:
    return _message(*(_signature(number % 2) for number in range(n)))


def long_key(bits: int) -> str:
    """Return the record of an RSA key of so many bits (RFC 8017 §A.1.1); nobody has its other half."""
    modulus = ((1 << bits) - 1).to_bytes(bits // 8 + 1)
    numbers = _der(0x30, _der(2, modulus) + _der(2, b"\x01\x00\x01"))
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    return f"v=DKIM1; p={base64.b64encode(_der(0x30, algorithm + _der(3, bytes(1) + numbers))).decode()}"


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


DNS = {
    "mailtrace_dns": 1,
    "default": "NXDOMAIN",
    "answers": {
        "s0._domainkey.example.com": {"TXT": [long_key(16_384)]},
        "s1._domainkey.example.com": {"TXT": [long_key(8_192)]},
    },
}


def _blanks_in_header(n: int) -> bytes:
    return _message(b"Subject: a" + b" " * n + b"b\r\n", b"Received: from a" + b" " * n + b"by b\r\n")


BUILDERS: Mapping[str, tuple[int, Callable[[int], bytes]]] = {
    "fields": (100_000, _fields),
    "received-flat": (1_000_000, _received_flat),
    "received-folded": (38_000, _received_folded),
    "received-many": (20_000, _received_many),
    "signatures": (10_000, _signatures),
    "signatures-of-one-key": (10_000, _signatures_of_one_key),
    "signatures-with-lengths": (10_000, _signatures_with_lengths),
    "signed-names": (20_000, _signed_names),
    "folded-tag": (20_000, _folded_tag),
    "folded-tag-names": (20_000, _folded_tag_names),
    "addresses": (20_000, _addresses),
    "encoded-words": (20_000, _encoded_words),
    "comments": (20_000, _comments),
    "comments-in-received": (20_000, _comments_in_received),
    "open-comments": (20_000, _open_comments),
    "open-quotes": (20_000, _open_quotes),
    "stamps": (20_000, _stamps),
    "results": (20_000, _results),
    "seals": (20_000, _seals),
    "mime": (20_000, _mime),
    "blanks": (10_000_000, _blanks),
    "tabs": (10_000_000, _tabs),
    "empty-lines": (500_000, _empty_lines),
    "long-keys": (10_000, _long_keys),
    "blanks-in-header": (200_000, _blanks_in_header),
}
"""What there is, each with the size at which it is measured."""


def hostile(_scale: Scale) -> Iterator[Result]:
    """Analyse each, at its size and at half of it."""
    dns = from_mapping(DNS)
    for name, (size, build) in BUILDERS.items():

        def make(n: int, build: Callable[[int], bytes] = build) -> Work:
            raw = build(n)
            return lambda: analyze(raw, dns=dns)

        yield grow(make, name=f"hostile: {name}", size=size // 2, unit="", rounds=3)
