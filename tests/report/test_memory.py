"""What a report holds in memory: a few times the header section, and of the body a few chunks, however long it is."""

import tracemalloc

import pytest

from mailtrace.report import analyze
from mailtrace.resolver.recorded import from_mapping

DNS = from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": {}})
SIGNED = (
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1; h=from;%b\r\n"
    b" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n"
)
HEAD = b"".join((SIGNED % b"", SIGNED % b" l=1000;", b"From: Ann <ann@example.com>\r\nSubject: Hello\r\n\r\n"))
LINES = {
    "base64": b"QUJD" * 19 + b"\r\n",
    "text": b"A line of words,  as\ta long letter has many of them. \r\n",
    "no line end": b"letters and blanks  ",
    "no content": b" \t\r\n",
}
LIMIT = 6 * 1024 * 1024
"""Octets held at the most."""


def held(path):
    """Return the most that was held at any time while the report was made, besides what was there before."""
    with path.open("rb") as file:
        tracemalloc.start()
        try:
            analyze(file, dns=DNS)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("kind", LINES)
def test_the_body_is_never_held(tmp_path, kind):
    line = LINES[kind]
    path = tmp_path / "large.eml"
    path.write_bytes(HEAD + line * (24 * 1024 * 1024 // len(line)) + b"the end\r\n")
    assert held(path) < LIMIT


def test_a_long_header_is_held_a_few_times(tmp_path):
    field = b"X-Field: " + b"some words of a value, folded,\r\n\t" * 20 + b"the end\r\n"
    path = tmp_path / "header.eml"
    path.write_bytes(field * 4000 + HEAD + b"Hello.\r\n")
    assert held(path) < 6 * path.stat().st_size + LIMIT
