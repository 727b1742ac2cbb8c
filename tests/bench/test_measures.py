"""The pieces that the measurements are made with."""

import contextlib
import json
import mailbox as stdlib_mailbox
import random
import sys

import dns.message
import pytest

from bench import dns_server
from bench.corpus import build
from bench.corpus.hops import Journey, received
from bench.corpus.message import FIRST
from bench.corpus.series import Point, series
from bench.live import server
from bench.many import mailbox
from bench.peers.loop import entries
from bench.peers.mailtrace_loop import make
from bench.side_by_side import differing
from bench.usage import FailedError, use
from mailtrace.resolver import RRType
from mailtrace.resolver.live import live_resolver


def test_what_a_command_uses():
    used = use([sys.executable, "-c", "print('x' * 999); b = bytearray(80_000_000)"])
    assert used.written == 1000
    assert used.cpu > 0
    assert 80_000_000 < used.peak < 200_000_000
    assert 0 < used.first <= used.wall


def test_a_command_that_fails_is_told():
    with pytest.raises(FailedError, match="not today"):
        use([sys.executable, "-c", "raise SystemExit('not today')"])


def test_a_command_on_a_terminal_knows():
    probe = [sys.executable, "-c", "import sys; sys.exit(0 if sys.stdout.isatty() else 3)"]
    assert use(probe, terminal=True).status == 0
    with pytest.raises(FailedError):
        use(probe)


def test_a_series_differs_in_one_thing_and_is_judged_as_made(tmp_path):
    points = [Point(octets=3_000, hops=9), Point(octets=3_000, signatures=3)]
    place = series(tmp_path, "some", points, copies=1)
    judge, _ = make(place)
    for entry, point in zip(entries(place, 1), points, strict=True):
        raw = (place / entry["file"]).read_bytes()
        assert raw.count(b"\r\nReceived:") + raw.startswith(b"Received:") == point.hops
        assert raw.count(b"DKIM-Signature:") == point.signatures
        assert list(differing("mailtrace", entry, judge(raw, entry))) == []


def test_a_mailbox_is_one(tmp_path, monkeypatch):
    monkeypatch.setitem(build.SIZES, "tiny", {"domains": 1, "S": 4, "M": 0, "L": 0})
    path = tmp_path / "box"
    count = mailbox(build.corpus(tmp_path, "tiny"), path, 1)
    with contextlib.closing(stdlib_mailbox.mbox(path)) as box:
        assert len(box) == count > 50


ZONE = {"a.test": {"TXT": ["x" * 300], "MX": ["10 mx.a.test"]}, "b.c.test": {"A": ["192.0.2.1"]}}


@pytest.mark.parametrize(
    ("name", "kind", "rcode", "answers"),
    [
        ("A.test", "TXT", 0, 1),
        ("a.test", "MX", 0, 1),
        ("a.test", "A", 0, 0),
        ("c.test", "A", 0, 0),
        ("d.test", "A", 3, 0),
    ],
)
def test_the_slow_server_answers_as_a_zone_does(name, kind, rcode, answers):
    response = dns.message.from_wire(dns_server.answer(dns.message.make_query(name, kind).to_wire(), ZONE))
    assert (response.rcode(), len(response.answer)) == (rcode, answers)


@pytest.mark.server
def test_the_slow_server_is_slow(tmp_path):
    zone = tmp_path / "zone.json"
    zone.write_text(json.dumps({"answers": ZONE}))
    with server(zone, 0.05) as address:
        assert live_resolver(address).resolve("b.c.test", RRType.A).records == ("192.0.2.1",)


def test_hops_are_as_many_as_asked_for():
    journey = Journey(
        client="a.test", ip="192.0.2.1", domain="a.test", mail_from="a@a.test", recipient="b@b.test", start=FIRST
    )
    assert [len(received(journey, random.Random(1), count)) for count in (4, 50)] == [4, 50]
