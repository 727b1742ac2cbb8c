"""Cases as files: a question, its sources, and the whole answer as it is printed."""

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from mailtrace.cli import main

CASES = sorted(path.parent for path in (Path(__file__).parents[1] / "corpus" / "find").glob("*/question.toml"))


def test_there_are_cases():
    assert len(CASES) >= 10


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case(case, golden, monkeypatch):
    question = tomllib.loads((case / "question.toml").read_text("utf-8"))
    monkeypatch.chdir(case)
    done = CliRunner().invoke(main, ["find", "--width", "80", "--color", "never", *question["arguments"]])
    assert done.stderr == ""
    golden(case / "expected.txt", done.stdout)
    assert done.exit_code == question["status"]
