"""Chains as files: tests/corpus/border/*.toml says for each where the border is, why, and what stands at which field."""

import tomllib
from pathlib import Path

import pytest

from mailtrace.message import parse
from mailtrace.path import rebuild
from mailtrace.results import Standing

FILES = sorted((Path(__file__).parents[1] / "corpus" / "border").glob("*.toml"))


def cases():
    for file in FILES:
        for case in tomllib.loads(file.read_text("utf-8"))["case"]:
            yield pytest.param(case, id=f"{file.stem}: {case['name']}")


def read(case, trust):
    fields = [f"Received: {value}" for value in case["received"]] + case.get("fields", []) + ["From: ann@example.com"]
    return rebuild(parse("\r\n".join([*fields, "", "Hello."]).encode()), trust)


def field_at(found, index):
    return None if index is None else found.hops[index].field


@pytest.mark.parametrize("case", list(cases()))
def test_case(case):
    found = read(case, case.get("trust", ()))
    assert field_at(found, found.border) == case.get("border")
    assert found.border_reason == case["reason"]
    assert found.border_source == case.get("source", None if found.border is None else "inferred")
    assert found.receiver == case.get("receiver")
    trusted = sum(hop.standing is Standing.TRUSTED for hop in found.hops)
    assert trusted == case["trusted"]
    assert all(hop.standing is Standing.TRUSTED for hop in found.hops if hop.field < trusted)


@pytest.mark.parametrize("case", [case for case in cases() if "readings" in case.id])
def test_other_readings(case):
    found = read(case, case.get("trust", ()))
    others = [
        {
            "border": field_at(found, other.index),
            "client": other.client_ip,
            "trust": list(other.trust),
            "basis": other.basis,
            "receiver": other.receiver,
            "condition": other.condition,
        }
        for other in found.other_borders
    ]
    assert others == case.get("others", [])
    assert ("border-other-reading" in [finding.code for finding in found.findings]) == bool(others)


@pytest.mark.parametrize("case", list(cases()))
def test_what_a_reading_says_to_give_makes_it_so(case):
    trust = tuple(case.get("trust", ()))
    for other in read(case, trust).other_borders:
        if other.trust:
            given = read(case, (*trust, *other.trust))
            assert (given.border, given.border_source, given.receiver) == (other.index, "given", other.receiver)
            assert given.border_hop.received.client_ip == other.client_ip


def test_there_are_cases():
    assert sum(1 for _ in cases()) > 50
