"""`mailtrace explain`, and the page of findings made from the same texts."""

import importlib.util
import pathlib

import pytest

from mailtrace.explain import load, near

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_every_code_can_be_explained(run):
    for code, explanation in load().items():
        result = run("explain", code)
        assert (result.exit_code, result.stderr) == (0, "")
        words = " ".join(result.stdout.split())
        assert words.startswith(f"{code} {explanation.title}")
        for text in (explanation.meaning, explanation.remedy, explanation.reference):
            assert " ".join(text.split()) in words
        assert all(len(line) <= 100 for line in result.stdout.splitlines())


def test_the_list_of_codes(run):
    result = run("explain")
    assert result.exit_code == 0
    listed = [line.split()[0] for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert listed == sorted(load())


def test_case_does_not_matter(run):
    assert run("explain", " HOP-Cleartext ").stdout == run("explain", "hop-cleartext").stdout


def test_a_near_miss_is_helped(run):
    result = run("explain", "hop-cleartxt")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "hop-cleartxt: no finding has this code; did you mean hop-cleartext" in result.stderr


def test_a_far_miss_is_told_where_to_look(run):
    result = run("explain", "zzzzzz")
    assert result.exit_code == 2
    assert "`mailtrace explain` lists all codes" in result.stderr


def test_a_huge_code_is_no_work():
    assert near("x" * 10_000_000, load()) == ()


@pytest.mark.parametrize("page", ["findings.md", "schema/analyze.json"])
def test_the_pages_are_current(page):
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "tools" / "make_docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = dict(module.pages())[ROOT / "docs" / page]
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == made, "run: make docs"
