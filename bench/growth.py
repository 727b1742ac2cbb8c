"""How the work grows from n to 2n: on honest input, and on input that is made to hurt. All of it should be near 1."""

from collections.abc import Callable, Iterator

from bench.runner import Result, Work, grow
from bench.scale import Scale
from mailtrace.message import parse
from mailtrace.path import rebuild
from mailtrace.path.scanner import tokens
from mailtrace.transport import assess

HOP = (
    "Received: from relay{n}.example.net (relay{n}.example.net [192.0.2.{octet}])\r\n"
    "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n"
    "\tby mx{n}.example.com (Postfix) with ESMTPS id 4ABC{n:x}\r\n"
    "\tfor <ann@example.com>; Fri, 1 May 2026 10:00:{second:02} +0000\r\n"
)
# Every sign of a made-up hop at once, so that each is looked for to the end.
ODD = (
    "X-Greylist: delayed 307 seconds by postgrey-1.37 at mx{n}.example.com\r\n"
    "Delivered-To: ann{n}@example.com\r\n"
    "Received: from [240.0.0.1] (account ann@example.com HELO pc) by  (Postfix) with esmtpa (Exim 4.86)\r\n"
    "\tid 4ABC{n:x}; Fri, 1 May 2026 {hour:02}:00:{second:02} +0000 (PDT)\r\n"
)
END = b"From: Ann <ann@example.com>\r\n\r\nHello.\r\n"


def hops(count: int) -> bytes:
    """Return a message with that many honest Received fields."""
    fields = (HOP.format(n=n, octet=n % 250 + 1, second=n % 60) for n in range(count))
    return "".join(fields).encode() + END


def odd_hops(count: int) -> bytes:
    """Return a message with that many Received fields that somebody made up."""
    fields = (ODD.format(n=n, hour=n % 24, second=n % 60) for n in range(count))
    return "".join(fields).encode() + END


def one_field(unit: str, size: int, *, opening: str = "") -> bytes:
    """Return a message with one Received field of `size` octets, made of `unit` again and again."""
    stuffing = (unit * (size // len(unit) + 1))[:size]
    text = f"Received: from a.example (a.example [192.0.2.1]) {opening}{stuffing} by b.example with ESMTP; \r\n"
    return text.encode() + END


# What a scanner, a tokeniser or a regular expression tends to stumble over.
HOSTILE = {
    "keywords": "from by with id for ",
    "open parentheses": "(",
    "pairs of parentheses": "() ",
    "open quotes": '"a ',
    "backslashes": "\\",
    "brackets": "[",
    "semicolons": "; ",
    "white space": " ",
    "folds": "\r\n ",
    "TLS words": "(using TLSv1.3 with cipher ",
    "dates": "Fri, 1 May 2026 10:00:00 ",
    "address parts": "1.",
}

HEADERS = {
    "fields": lambda size: b"X-Field: some words\r\n" * size + END,
    "folds of one field": lambda size: b"Subject: a\r\n" + b" b\r\n" * size + END,
    "lines that are no field": lambda size: b"Subject: one\r\n" + b"no field at all\r\n" * size + END,
    "addresses in From": lambda size: b"From: " + b"Ann <ann@example.com>, " * size + b"\r\n\r\n",
    "nested comments": lambda size: b"From: " + b"(" * size + b" ann@example.com\r\n\r\n",
    "encoded words": lambda size: b"Subject:" + b" =?utf-8?q?a?=" * size + b"\r\n\r\n",
    "one line without an end": lambda size: b"Subject: " + b"x" * size,
}


FIELD = b"Received: from a.example (a.example [192.0.2.1]) by b.example"

# The extremes, octets to hop chain: what no server writes, and anybody can.
EXTREMES: dict[str, tuple[Callable[[int], bytes], int, str]] = {
    "a flat field": (lambda size: one_field("words and (comments) ", size), 1_000_000, "octets"),
    "a folded field": (lambda size: FIELD + b"\r\n (a comment) word" * size + b"\r\n" + END, 38_000, "lines"),
    "nested comments": (
        lambda size: FIELD + b"(" * size + b")" * size + b"; 1 May 2026 10:00:00 +0000\r\n" + END,
        10_000,
        "levels",
    ),
    "Received fields": (lambda size: (FIELD + b"; 1 May 2026\r\n") * size + END, 100_000, "fields"),
}


def path_growth(_: Scale) -> Iterator[Result]:
    """Read Received fields: many honest ones, and one that is hostile."""
    yield grow(_trace(hops), name="path: honest hops", size=500, unit="hops")
    yield grow(_trace(odd_hops), name="path: made-up hops", size=500, unit="hops")
    for name, (make, size, unit) in EXTREMES.items():
        yield grow(_whole(make), name=f"path: octets to hops, {name}", size=size, unit=unit, rounds=3)
    for name, unit in HOSTILE.items():
        yield grow(_trace(_stuffed(unit)), name=f"path: one field of {name}", size=7_000, unit="octets")
        # `rebuild` reads 8 KB of a field; the scanner itself is given all of it here.
        yield grow(_tokens(unit), name=f"scanner: {name}", size=100_000, unit="octets", rounds=3)


def header_growth(_: Scale) -> Iterator[Result]:
    """Parse the header section."""
    for name, make in HEADERS.items():
        yield grow(_parse(make), name=f"header: {name}", size=20_000, unit="of them")


def _whole(make: Callable[[int], bytes]) -> Callable[[int], Work]:
    def build(size: int) -> Work:
        raw = make(size)
        return lambda: assess(rebuild(parse(raw), ()))

    return build


def _tokens(unit: str) -> Callable[[int], Work]:
    def build(size: int) -> Work:
        value = (unit * (size // len(unit) + 1))[:size]
        return lambda: sum(1 for _ in tokens(value))

    return build


def _stuffed(unit: str) -> Callable[[int], bytes]:
    return lambda size: one_field(unit, size)


def _parse(make: Callable[[int], bytes]) -> Callable[[int], Work]:
    def build(size: int) -> Work:
        raw = make(size)
        return lambda: parse(raw)

    return build


def _trace(make: Callable[[int], bytes]) -> Callable[[int], Work]:
    def build(size: int) -> Work:
        message = parse(make(size))
        return lambda: assess(rebuild(message, ()))

    return build
