"""The border of messages that their receivers stamped, from MAILTRACE_SUITES: found blind, or among the readings shown."""

import json

import pytest

from mailtrace.message import parse
from mailtrace.path import rebuild

pytestmark = pytest.mark.suite


@pytest.fixture(scope="module")
def paths(suites):
    folder = suites / "receiver-stamped"
    rows = [json.loads(line) for line in (folder / "facts.jsonl").read_text("utf-8").splitlines()]
    return [
        (row["boundary"], rebuild(parse((folder / row["file"]).read_bytes()))) for row in rows if row.get("boundary")
    ]


def is_at(fact, hop):
    helo = (hop.received.helo or "").strip("[]").lower()
    return (
        hop.field == fact["received_index_from_top"]
        and hop.received.client_ip == fact["client_ip"]
        and helo == (fact["helo"] or "").strip("[]").lower()
    )


def test_found_blind(paths):
    right = sum(path.border is not None and is_at(fact, path.border_hop) for fact, path in paths)
    # The two that are left: an address cut short in the file, and a tenant that passes everything on (below).
    assert right / len(paths) >= 0.994


def test_where_two_readings_are_possible_the_receiver_s_own_is_among_them(paths):
    among = sum(
        any(is_at(fact, path.hops[index]) for index in (path.border, *(other.index for other in path.other_borders)))
        for fact, path in paths
        if path.border is not None
    )
    assert among / len(paths) >= 0.997


def test_a_second_reading_is_not_shown_for_most(paths):
    """Nine in ten have one reading; the rest went through two tenants, a filter or a forwarder."""
    assert 0.05 <= sum(bool(path.other_borders) for _, path in paths) / len(paths) <= 0.11
