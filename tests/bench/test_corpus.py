"""The generated corpus: the same every time, and every verdict of ours is the one it was made for."""

import hashlib
import json
import random

import pytest

from bench.corpus import build, plans
from bench.corpus.bodies import Writer
from bench.corpus.domains import make_world
from bench.corpus.keys import prime
from bench.corpus.message import make_message
from bench.corpus.signer import canonical_body, canonical_field
from bench.peers.loop import entries
from bench.peers.mailtrace_loop import make
from bench.side_by_side import differing
from mailtrace.report import analyze
from mailtrace.resolver.recorded import load_dns


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    return build.corpus(tmp_path_factory.mktemp("corpus"), "smoke")


def digest(place):
    whole = hashlib.sha256()
    for path in sorted(place.iterdir()):
        whole.update(path.name.encode() + path.read_bytes())
    return whole.hexdigest()


def test_the_same_seed_gives_the_same_octets(tmp_path, monkeypatch):
    monkeypatch.setitem(build.SIZES, "tiny", {"domains": 1, "S": 3, "M": 1, "L": 0})
    first, second, other = (
        build.corpus(tmp_path / name, "tiny", seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert digest(first) == digest(second) != digest(other)


def test_the_smoke_corpus_has_not_changed_without_its_version(smoke):
    """Figures are compared with those of an earlier run: another corpus needs another `build.VERSION`."""
    assert (build.VERSION, digest(smoke)[:16]) == (3, "e201adbc47bbe324")


def test_every_message_is_judged_as_it_was_made(smoke):
    judge, _ = make(smoke)
    messages = entries(smoke, 1)
    assert len(messages) == 40
    wrong = [
        one
        for entry in messages
        for one in differing("mailtrace", entry, judge((smoke / entry["file"]).read_bytes(), entry))
    ]
    assert wrong == []


def test_the_corpus_has_every_kind_and_both_sides_of_every_verdict(smoke):
    messages = entries(smoke, 1)
    assert {entry["kind"] for entry in messages} == {kind for kind, _ in plans.KINDS}
    assert {entry["expected"]["dmarc"] for entry in messages} == {"pass", "fail", "none"}
    assert {"pass", "fail"} <= {entry["expected"]["spf"] for entry in messages}
    assert {entry["expected"]["arc"] for entry in messages} == {"pass", "fail", "none"}
    assert {entry["mail_from"] for entry in messages if entry["kind"] == "bounce"} == {"<>"}
    assert {passed for entry in messages for _, passed in entry["expected"]["dkim"]} == {True, False}


def test_the_border_is_found_where_the_corpus_put_it(smoke):
    """Nobody tells mailtrace the client here: the Received fields do, in every form of the border."""
    dns = load_dns(smoke / "zone.json")
    small = [entry for entry in entries(smoke, 1) if entry["class"] == "S"]
    found = [analyze((smoke / entry["file"]).read_bytes(), dns=dns).session.client_ip for entry in small]
    assert found == [entry["ip"] for entry in small]


def test_a_wrong_verdict_is_told(smoke):
    entry = entries(smoke, 1)[0]
    right = {**entry["expected"]}
    assert list(differing("peer", entry, right)) == []
    ((domain, passed), *rest) = right["dkim"]
    (one,) = differing("peer", entry, {**right, "dkim": [[domain, not passed], *rest]})
    assert (one.peer, one.method) == ("peer", "dkim")


def test_the_zone_is_the_same_in_both_forms(smoke):
    ours = json.loads((smoke / "zone.json").read_text())["answers"]
    theirs = json.loads((smoke / "zone.mailauth.json").read_text())
    assert ours.keys() == theirs.keys()
    for name, types in ours.items():
        assert ["".join(strings) for strings in theirs[name].get("TXT", ())] == types.get("TXT", [])
        assert [f"{mx['priority']} {mx['exchange']}" for mx in theirs[name].get("MX", ())] == types.get("MX", [])


@pytest.fixture(scope="module")
def world():
    return make_world(3, random.Random(4))


@pytest.mark.parametrize("breaks", plans.BREAKS)
def test_a_chain_is_found_broken_however_it_was(tmp_path, monkeypatch, world, breaks):
    monkeypatch.setattr(plans, "BREAKS", (breaks,))
    dice = random.Random(9)
    writer = Writer(dice)
    made = [make_message(world, writer, "S", kind, dice) for kind in ["broken-arc"] * 3 + ["forwarded"] * 3]
    build.write_corpus(tmp_path / "chains", made, world.zone, {})
    judge, _ = make(tmp_path / "chains")
    messages = entries(tmp_path / "chains", 1)
    found = [judge((tmp_path / "chains" / entry["file"]).read_bytes(), entry) for entry in messages]
    assert [one["arc"] for one in found] == ["fail"] * 3 + ["pass"] * 3
    assert [list(differing("", entry, one)) for entry, one in zip(messages, found, strict=True)] == [[]] * 6


def test_a_bounce_is_judged_by_helo(tmp_path, world):
    dice = random.Random(2)
    writer = Writer(dice)
    made = [make_message(world, writer, "S", "bounce", dice) for _ in range(24)]
    build.write_corpus(tmp_path / "bounces", made, world.zone, {})
    judge, _ = make(tmp_path / "bounces")
    messages = entries(tmp_path / "bounces", 1)
    assert {entry["expected"]["spf"] for entry in messages} == {"pass", "fail", "none"}
    for entry in messages:
        raw = (tmp_path / "bounces" / entry["file"]).read_bytes()
        assert raw.startswith(b"Return-Path: <>\r\n")
        assert list(differing("", entry, judge(raw, entry))) == []


def test_kinds_are_dealt_in_their_shares():
    dealt = plans.deal(2000, random.Random(1))
    assert {kind: dealt.count(kind) for kind in set(dealt)} == {kind: 20 * share for kind, share in plans.KINDS}
    assert set(plans.deal(40, random.Random(1))) == {kind for kind, _ in plans.KINDS}


def test_fifty_domains_have_the_keys_of_real_mail(monkeypatch):
    made = []
    monkeypatch.setattr("bench.corpus.domains.make_key", lambda kind, _: made.append(kind) or KEY)
    make_world(50, random.Random(1))
    senders = made[:50]
    assert {kind: senders.count(kind) for kind in set(senders)} == {"rsa2048": 38, "rsa1024": 6, "ed25519": 6}
    assert len(set(senders[:10])) == 3


class KEY:
    record = "v=DKIM1; p="


def test_a_prime_is_one():
    found = prime(256, random.Random(3))
    assert found.bit_length() == 256
    assert all(pow(base, found - 1, found) == 1 for base in (2, 3, 5, 7, 11))
    assert prime(256, random.Random(3)) == found


# RFC 6376 §3.4.5 has these.
def test_the_signer_canonicalizes_as_the_standard_shows():
    field_a, field_b = b"A: X\r\n", b"B : Y\t\r\n\tZ  \r\n"
    body = b" C \r\nD \t E\r\n\r\n\r\n"
    assert canonical_field(field_a, "relaxed") + canonical_field(field_b, "relaxed") == b"a:X\r\nb:Y Z\r\n"
    assert canonical_field(field_b, "simple") == field_b
    assert canonical_body(body, "relaxed") == b" C\r\nD E\r\n"
    assert canonical_body(body, "simple") == b" C \r\nD \t E\r\n"
    assert canonical_body(b"\r\n\r\n", "simple") == b"\r\n"
    assert canonical_body(b"\r\n\r\n", "relaxed") == b""
