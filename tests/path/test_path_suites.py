"""Received fields of real messages, from MAILTRACE_SUITES: stamped by their receivers, labelled by hand, or merely found."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from mailtrace.errors import MessageError
from mailtrace.message import parse
from mailtrace.path import rebuild
from mailtrace.path.addresses import read_address
from mailtrace.path.received import read, scan
from mailtrace.results import Standing

pytestmark = pytest.mark.suite

# Shares of the labels that must be read alike. The few that are not: forged fields whose parts are undecidable, a date
# without a zone that the label takes for UTC, and `<unknown>`, which is no name.
LEAST = {
    "from_helo": 0.98, "from_rdns": 0.98, "from_ip": 0.99, "by": 0.99, "with": 0.99, "id": 0.99, "for": 0.99,
    "envelope_from": 0.99, "date_utc": 0.99,
}  # fmt: skip


def bare(text):
    return None if text is None else str(text).strip("[]").lower().removeprefix("ipv6:").rstrip(".")


def unfolded(text):
    return " ".join(text.split())


@pytest.fixture(scope="module")
def stamped(suites):
    folder = suites / "receiver-stamped"
    rows = [json.loads(line) for line in (folder / "facts.jsonl").read_text("utf-8").splitlines()]
    return [(row, rebuild(parse((folder / row["file"]).read_bytes()))) for row in rows]


def test_the_border_is_found_blind(stamped):
    rows = [(row["boundary"], path.border_hop) for row, path in stamped if row.get("boundary")]
    right = sum(
        hop is not None
        and hop.field == fact["received_index_from_top"]
        and hop.received.client_ip == fact["client_ip"]
        and bare(hop.received.helo) == bare(fact["helo"])
        for fact, hop in rows
    )
    assert len(rows) > 300
    assert right / len(rows) >= 0.99


def test_the_border_s_time(stamped):
    rows = [(row["boundary"], path.border_hop) for row, path in stamped if row.get("boundary")]
    near = sum(
        hop is not None
        and hop.received.received_at is not None
        and abs(hop.received.received_at - datetime.fromisoformat(fact["arrival_utc"])) <= timedelta(seconds=5)
        for fact, hop in rows
    )
    assert near / len(rows) >= 0.97


def test_no_real_message_contradicts_its_receiver(stamped):
    trusted = [hop for _, path in stamped for hop in path.hops if path.border is None or hop.index >= path.border]
    assert not [hop.header.value for hop in trusted if hop.standing is Standing.CONTRADICTED]


def test_nearly_every_hop_has_a_dialect(stamped):
    known = Counter(hop.software is not None for _, path in stamped for hop in path.hops)
    assert known[True] / known.total() >= 0.97


def test_labelled_fields(suites):
    wrong, count = {name: [] for name in LEAST}, 0
    for line in (suites / "received" / "labelled.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        count += 1
        got = scan(unfolded(row["raw"]))
        values = {
            "from_helo": got.helo, "from_rdns": got.client_name, "from_ip": got.client_ip, "by": got.by,
            "with": got.with_text, "id": got.id, "for": got.recipient, "envelope_from": got.mail_from,
            "date_utc": got.received_at and got.received_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }  # fmt: skip
        for name, value in values.items():
            if not _agrees(name, value, row[name], got):
                wrong[name].append((row["n"], value, row[name]))
    shares = {name: 1 - len(wrong[name]) / count for name in LEAST}
    assert count > 250
    assert not {name: wrong[name] for name, least in LEAST.items() if shares[name] < least}


def _agrees(name, value, label, got):
    if name == "from_ip" and label:
        label = read_address(label)
    if name == "with" and value and label:
        # The labels keep a version that sticks to the word, and leave out what follows a second `with`.
        return bare(label) in (bare(got.protocol), bare(value)) or bare(label).startswith(bare(value))
    return bare(value) == bare(label)


def test_labelled_authentication(suites):
    for line in (suites / "received" / "labelled.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        assert (scan(unfolded(row["raw"])).authenticated is True) == (row["auth"] is True), row["n"]


# Fields of the other parser that mean the same as ours, and those of its values that are known to be wrong: the year
# of two-digit and ctime dates, an id cut at its slash, and zones read as zero where there was none.
SAME = {"from_ip": "client_ip", "by": "by", "id": "id", "for_": "recipient", "helo": "helo"}


def test_fields_that_another_parser_reads(suites):
    rows = json.loads((suites / "received" / "stalwart-received.json").read_text("utf-8"))
    right, wrong = Counter(), []
    for number, row in enumerate(rows):
        got, expected = scan(unfolded(row["header"])), row["expected"]
        for theirs, ours in SAME.items():
            if theirs in expected:
                label = _plain(expected[theirs])
                value = getattr(got, ours)
                same = _same_value(theirs, value, label)
                right[same] += 1
                wrong += [] if same else [(number, theirs, label, value)]
        if (expected.get("date") or {"year": 0})["year"] > 1990:
            same = got.received_at is not None and got.received_at.replace(microsecond=0) == _utc(expected["date"])
            right[same] += 1
            wrong += [] if same else [(number, "date", expected["date"], got.received_at)]
    assert right.total() > 300
    assert right[True] / right.total() >= 0.99, wrong


def _plain(label):
    return next(iter(label.values())) if isinstance(label, dict) else label


def _same_value(name, value, label):
    if name == "from_ip":
        return value == read_address(label)
    if name == "id" and value and "/" in value:
        return value.startswith(label)
    return bare(value) == bare(label)


def _utc(date):
    offset = timedelta(hours=date["tz_hour"], minutes=date["tz_minute"])
    local = datetime(*(date[part] for part in ("year", "month", "day", "hour", "minute", "second")), tzinfo=UTC)
    return local + offset if date["tz_before_gmt"] else local - offset


@pytest.mark.parametrize("folder", ["real-mail", "robustness", "dkim-rspamd", "dsn-mdn"])
def test_nothing_raises_and_everything_is_read_alike_twice(suites, folder):
    seen = 0
    for file in sorted((suites / folder).rglob("*")):
        if not file.is_file() or file.suffix in (".json", ".jsonl", ".md"):
            continue
        try:
            message = parse(file.read_bytes())
        except MessageError:
            continue
        first, second = rebuild(message), rebuild(message)
        assert first == second, file.name
        assert all(read(hop.header.value).received == hop.received for hop in first.hops)
        seen += 1
    assert seen
