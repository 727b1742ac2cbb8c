"""Outlook's .msg: what is put together again, that it proves nothing, and what cannot be read."""

import json
import subprocess
import sys

import pytest

from mailtrace.report import analyze
from mailtrace.resolver.recorded import from_mapping
from mailtrace.sources import Reader, SourceFault
from tests.sources.compound import compound

pytest.importorskip("olefile")

TRANSPORT = """\
Received: from mail.example.com (mail.example.com [192.0.2.1]) by mx.example.net (Postfix) with ESMTPS id 4ABC
 for <bob@example.net>; Fri, 1 May 2026 10:00:00 +0000
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1; h=from:subject; bh=AAAA; b=AAAA
From: Ann <ann@example.com>
To: bob@example.net
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Content-Type: multipart/alternative; boundary="gone"
Content-Transfer-Encoding: base64
Date: Fri, 1 May 2026 09:59:58 +0000

"""


def wide(text):
    return text.encode("utf-16-le")


def message(**properties):
    """A .msg: `_007D001F` is the stream of that property."""
    streams = {f"__substg1.0{name}": octets for name, octets in properties.items()}
    return compound({"__properties_version1.0": bytes(32), **streams})


@pytest.fixture
def write(tmp_path):
    def write(octets, name="mail.msg"):
        (tmp_path / name).write_bytes(octets)
        return tmp_path / name

    return write


def only(path):
    ((raw, octets),) = [(raw, _octets(raw)) for raw in Reader(str(path))]
    return raw, octets


def _octets(raw):
    assert not isinstance(raw, SourceFault), raw.message
    raw.file.seek(0)
    return raw.file.read()


@pytest.mark.parametrize(
    "body", ["Hello.", "long line\r\n" * 2000], ids=["in-the-mini-stream", "in-sectors-of-its-own"]
)
def test_the_transport_header_and_the_text(write, body):
    raw, octets = only(write(message(_007D001F=wide(TRANSPORT), _1000001F=wide(body))))
    head, _, text = octets.partition(b"\r\n\r\n")
    assert raw.reconstructed
    assert str(raw.kind) == "msg"
    assert b"boundary" not in head
    assert head.count(b"Content-Transfer-Encoding:") == 1
    assert text.decode() == body


def test_the_path_is_read_and_no_signature_is_judged(write):
    raw, octets = only(write(message(_007D001F=wide(TRANSPORT), _1000001F=wide("Hello."))))
    dns = from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": {}})
    plain = analyze(octets, dns=dns)
    assert plain.message.subject == "Grüße"
    assert [hop.client_ip for hop in plain.path.hops] == ["192.0.2.1"]
    path = write(message(_007D001F=wide(TRANSPORT), _1000001F=wide("Hello.")), "again.msg")
    done = subprocess.run(
        [sys.executable, "-c", "from mailtrace.cli import main; main()", "analyze", "--offline", "--json", str(path)],
        capture_output=True,
        check=False,
    )
    report = json.loads(done.stdout)
    assert report["source"]["reconstructed"] is True
    (signature,) = report["authentication"]["dkim"]
    assert (signature["result"], signature["problem"]) == ("not-checked", "reconstructed")
    assert report["verdict"]["authenticity"] in ("unproven", "indeterminate")
    assert raw.position == 0


def test_without_a_transport_header_the_properties_are_what_there_is(write):
    properties = {
        "_0C1A001F": wide("Ann"), "_5D01001F": wide("ann@example.com"), "_0E04001F": wide("bob@example.net"),
        "_0037001F": wide("Hello"), "_10130102": "<p>Grüße</p>".encode(),
    }  # fmt: skip
    _, octets = only(write(message(**properties)))
    assert octets.startswith(b"From: Ann <ann@example.com>\r\nTo: bob@example.net\r\nSubject: Hello\r\n")
    assert b"Content-Type: text/html; charset=utf-8" in octets
    assert octets.endswith("<p>Grüße</p>".encode())


def test_text_in_the_code_page_of_the_file(write):
    _, octets = only(write(message(_007D001E=TRANSPORT.encode("cp1252"), _1000001E="Grüße".encode("cp1252"))))
    assert octets.endswith("Grüße".encode())


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (compound({"WordDocument": b"x" * 100}), "no message of Outlook"),
        (message(_007D001F=wide(TRANSPORT))[:700], "cannot be read as a message"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600, "cannot be read as a message"),
    ],
    ids=["office", "cut", "garbage"],
)
def test_what_is_no_message_is_a_fault_of_one_line(write, octets, words):
    (fault,) = Reader(str(write(octets)))
    assert isinstance(fault, SourceFault)
    assert words in fault.message
