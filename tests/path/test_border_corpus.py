"""Chains as files: tests/corpus/border/*.toml says for each where the border is, why, and what stands at which field."""

import tomllib
from pathlib import Path

import pytest

from mailtrace.results import Standing
from tests.path.build import path

FILES = sorted((Path(__file__).parents[1] / "corpus" / "border").glob("*.toml"))


def cases():
    for file in FILES:
        for case in tomllib.loads(file.read_text("utf-8"))["case"]:
            yield pytest.param(case, id=f"{file.stem}: {case['name']}")


@pytest.mark.parametrize("case", list(cases()))
def test_case(case):
    found = path(*case["received"], trust=tuple(case.get("trust", ())))
    assert (None if found.border is None else found.border_hop.field) == case.get("border")
    assert found.border_reason == case["reason"]
    assert found.border_source == case.get("source", None if found.border is None else "inferred")
    assert found.receiver == case.get("receiver")
    trusted = sum(hop.standing is Standing.TRUSTED for hop in found.hops)
    assert trusted == case["trusted"]
    assert all(hop.standing is Standing.TRUSTED for hop in found.hops if hop.field < trusted)


def test_there_are_cases():
    assert sum(1 for _ in cases()) > 20
