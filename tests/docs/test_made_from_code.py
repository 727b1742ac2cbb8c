"""Pages that are made from the code are as the code makes them now."""

import importlib.util
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def load(name):
    spec = importlib.util.spec_from_file_location(f"tools_{name}", TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_rfc_page_is_current(capsys):
    assert load("rfc_index").main(["--check"]) == 0, capsys.readouterr()


def test_readme_shows_what_the_program_says(capsys):
    assert load("readme").main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("as RFC 7208 §4.6.4 says", [(7208, "4.6.4")]),
        ("RFC 8601 §2.7.1, §2.7.2 and §5", [(8601, "2.7.1"), (8601, "2.7.2"), (8601, "5")]),
        ("RFC 7208 §4.6.4, RFC 6376 §3.6.2.", [(7208, "4.6.4"), (6376, "3.6.2")]),
        ("RFC 6376 §A.2", [(6376, "A.2")]),
        ("by RFC 3848.", [(3848, "")]),
        ("RFC-822 and rfc7208", []),
    ],
)
def test_citations(text, found):
    assert list(load("rfc_index").citations(text)) == found


def test_sections_are_sorted_as_numbers():
    sections = ["10", "A.1", "4.10", "4.6.4", "4", ""]
    assert sorted(sections, key=load("rfc_index").in_order) == ["4", "4.6.4", "4.10", "10", "", "A.1"]


def test_jq_paths():
    select = load("readme").select
    document = '{"a": {"b": "c", "l": [{"n": 1}, {"n": null}]}}'
    assert select(document, ".a.b") == "c\n"
    assert select(document, ".a.l[].n") == "1\nnull\n"
