"""Every finding has a long explanation, and every explanation a finding."""

import importlib
import pathlib
import pkgutil
import re
import tomllib
from collections.abc import Mapping

import pytest

import mailtrace
from mailtrace.findings import FindingKind

EXPLANATIONS = pathlib.Path(mailtrace.__file__).parent / "explanations"


@pytest.fixture(scope="module", name="kinds")
def find_kinds():
    """Return every FindingKind that a module of the package holds, once per object."""
    found = {}
    for module in pkgutil.walk_packages(mailtrace.__path__, "mailtrace."):
        if module.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            for kind in members(value):
                if isinstance(kind, FindingKind):
                    found.setdefault(id(kind), kind)
    return tuple(found.values())


def members(value):
    """Return what a container holds, and anything else alone."""
    if isinstance(value, Mapping):
        return tuple(value.values())
    return value if isinstance(value, tuple | list | frozenset) else (value,)


def explanations():
    """Return (code, entry) of every explanation, with repetitions across files."""
    return tuple(
        (code, entry)
        for path in sorted(EXPLANATIONS.glob("*.toml"))
        for code, entry in tomllib.loads(path.read_text("utf-8")).items()
    )


EXPLAINED = dict(explanations())


def test_there_are_findings(kinds):
    assert len(kinds) >= 10


def test_no_code_is_used_twice(kinds):
    codes = sorted(kind.code for kind in kinds)
    assert codes == sorted(set(codes))


def test_no_code_is_explained_twice():
    codes = sorted(code for code, _ in explanations())
    assert codes == sorted(set(codes))


def test_every_finding_is_explained_and_every_explanation_has_a_finding(kinds):
    assert sorted(kind.code for kind in kinds) == sorted(EXPLAINED)


def test_titles_and_references_are_the_same_in_both_places(kinds):
    there = {code: (entry["title"], entry["reference"]) for code, entry in EXPLAINED.items()}
    here = {kind.code: (kind.title, kind.reference) for kind in kinds if kind.code in there}
    assert here == {code: there[code] for code in here}


def test_an_explanation_says_what_it_means_and_what_to_do():
    for code, entry in EXPLAINED.items():
        assert set(entry) == {"title", "meaning", "remedy", "reference"}, code
        assert len(entry["meaning"].split()) >= 10, code
        assert entry["remedy"].strip(), code


def test_codes_are_kebab_case(kinds):
    assert [kind.code for kind in kinds if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind.code)] == []


def test_no_finding_calls_anything_secure(kinds):
    """Received fields are unauthenticated: nothing here may be read as a promise."""
    titles = [kind.title for kind in kinds if re.search(r"\b(in)?secure(ly)?\b", kind.title, re.IGNORECASE)]
    assert titles == []
