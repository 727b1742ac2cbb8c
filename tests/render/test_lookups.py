"""Published records with -v: no record, and none that was read, are two things; so are not passing and not checked."""

import pathlib

import pytest

from mailtrace import analyze, load_dns
from mailtrace.render.text import render
from mailtrace.resolver.recorded import from_mapping

SAMPLES = pathlib.Path(__file__).parents[2] / "samples"


def told(name, dns=None):
    report = analyze((SAMPLES / f"{name}.eml").read_bytes(), dns=dns or load_dns(SAMPLES / f"{name}.dns.json"))
    return " ".join(render(report, verbose=True, width=200).split("Published records")[1].split())


def test_what_was_not_asked_is_not_said_to_be_absent():
    text = told("genuine", from_mapping({}))
    assert "SPF mailfrom no record was read: not recorded" in text
    assert "DMARC no record was read: not recorded" in text
    assert "DMARC no record " not in text.replace("no record was read", "")
    assert "(relaxed), was not checked" in text
    assert "did not pass" not in text


def test_what_does_not_exist_is_said_to_be_absent():
    text = told("stamp-forged")
    assert "SPF mailfrom no record SPF helo no record" in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("list-footer", "DKIM example.org: aligned (relaxed), but did not pass"),
        ("stamp-forged", "SPF vps77.hosting.example: not aligned (relaxed), and did not pass"),
    ],
)
def test_what_did_not_pass(name, words):
    assert words in told(name)
