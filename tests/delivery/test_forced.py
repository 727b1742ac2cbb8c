"""`find --forced-tls`: cases as files (tests/corpus/forced), each a way in which a log could be misread."""

import json
import os
import tomllib
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from mailtrace.cli import main

CORPUS = Path(__file__).parents[1] / "corpus" / "forced"
SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "forced-tls.json"
NOVEMBER = 1793491200  # 2026-11-01, for the years that syslog leaves out


def cases():
    for file in sorted(CORPUS.glob("*.toml")):
        for case in tomllib.loads(file.read_text("utf-8"))["case"]:
            yield pytest.param(case, id=f"{file.stem}: {case['name']}")


def write(folder, case):
    (folder / "domains.txt").write_text(case.get("list", "clinic.example") + "\n", "utf-8")
    names = case.get("files", ["mail.log"])
    texts = (case.get("head", "") + case["lines"]).split("--- next\n")
    for name, text in zip(names, texts, strict=True):
        (folder / name).write_text(text, "utf-8")
        os.utime(folder / name, (NOVEMBER, NOVEMBER))
    return names


def said(transfer, wanted):
    """What a transfer says of what a case asks for."""
    found = {"line": transfer["source"]["line"], "source": transfer["source"]["name"]}
    found["tls_line"] = transfer["tls_source"]["line"] if transfer["tls_source"] else None
    if wanted.get("why", "") in transfer["why"]:
        found["why"] = wanted.get("why")
    return {name: found.get(name, transfer.get(name)) for name in wanted}


@pytest.mark.parametrize("case", list(cases()))
def test_a_case(case, tmp_path, monkeypatch):
    names = write(tmp_path, case)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["find", "--forced-tls", "domains.txt", "--all", "--json", *names])
    assert done.stderr == ""
    report = json.loads(done.stdout)
    jsonschema.validate(report, json.loads(SCHEMA.read_text("utf-8")))
    pairs = list(zip(report["transfers"], case["rows"], strict=True))
    assert [said(transfer, wanted) for transfer, wanted in pairs] == case["rows"]
    assert report["answer"]["on_this_machine"] == case.get("on_this_machine", report["answer"]["on_this_machine"])
    assert sum(one["broken_lines"] for one in report["coverage"]) == case.get("broken_lines", 0)
    assert done.exit_code == case["status"]
