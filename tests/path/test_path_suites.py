"""Received fields of real messages, from MAILTRACE_SUITES."""

import json
from collections import Counter

import pytest

from mailtrace.message import parse
from mailtrace.path import rebuild
from mailtrace.path.addresses import read_address
from mailtrace.path.received import scan

pytestmark = pytest.mark.suite

# Shares of the labels that must be read alike; the labels' conventions are their authors'.
LEAST = {
    "from_helo": 0.97, "from_rdns": 0.97, "from_ip": 0.98, "by": 0.98, "with": 0.97, "id": 0.99, "for": 0.98,
    "envelope_from": 0.99, "date_utc": 0.99,
}  # fmt: skip


def bare(text):
    return None if text is None else str(text).strip("[]").lower().removeprefix("ipv6:").rstrip(".")


def test_the_border_is_found_blind(suites):
    folder = suites / "receiver-stamped"
    rows = [json.loads(line) for line in (folder / "facts.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if row.get("boundary")]
    right = 0
    for row in rows:
        hop = rebuild(parse((folder / row["file"]).read_bytes())).border_hop
        fact = row["boundary"]
        right += bool(
            hop
            and hop.field == fact["received_index_from_top"]
            and hop.received.client_ip == fact["client_ip"]
            and bare(hop.received.helo) == bare(fact["helo"])
        )
    assert len(rows) > 300
    assert right / len(rows) >= 0.99


def test_labelled_fields(suites):
    wrong, count = Counter(), 0
    for line in (suites / "received" / "labelled.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        count += 1
        got = scan(row["raw"].replace("\r", "").replace("\n", "").strip())
        date = got.received_at and got.received_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        read = {
            "from_helo": got.helo, "from_rdns": got.client_name, "from_ip": got.client_ip, "by": got.by,
            "with": got.protocol, "id": got.id, "for": got.recipient, "envelope_from": got.mail_from, "date_utc": date,
        }  # fmt: skip
        for name, value in read.items():
            label = read_address(row[name]) if name == "from_ip" and row[name] else row[name]
            wrong[name] += bare(value) != bare(label)
    shares = {name: 1 - wrong[name] / count for name in LEAST}
    assert all(shares[name] >= least for name, least in LEAST.items()), shares


def test_nothing_raises_and_everything_is_read_alike_twice(suites):
    for path in sorted((suites / "robustness").rglob("*")):
        if path.is_file() and b"Received:" in (raw := path.read_bytes()):
            try:
                message = parse(raw)
            except Exception:  # noqa: BLE001 - what is no message is tested elsewhere
                continue
            assert rebuild(message) == rebuild(message), path.name
