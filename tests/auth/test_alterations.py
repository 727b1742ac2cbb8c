"""Messages that software which is not ours altered, and forgeries of the same shape: what must be said of each.

The labels were written before the messages were read by mailtrace; tests/corpus/originals/README.md explains them.
"""

import functools
import json
import pathlib
import re
import subprocess
import sys

import pytest

from mailtrace import analyze, load_dns
from mailtrace.auth.dkim import check_dkim
from mailtrace.message import parse
from mailtrace.render.json import builtins
from mailtrace.results import Authenticity, DKIMResult

CORPUS = pathlib.Path(__file__).parents[1] / "corpus"
TOOL = CORPUS.parents[1] / "tools" / "make_alterations.py"

WORDS = {
    "footer-added", "header-part-added", "part-added", "subject-tagged", "from-rewritten", "reply-to-changed",
    "line-ends", "white-space", "from-escaped", "dot-stuffed", "re-encoded", "boundary-changed", "refolded", "recased",
    "words-decoded", "field-added", "field-removed", "field-changed", "recipients-rewritten",
    "html-head-rewritten", "part-fields-added",
}  # fmt: skip

BYSTANDERS = (
    "lists.opensource.example", "bulk.evil.example", "alumni.example", "gate.example.net", "mx.example.net",
    "Mailman", "Postfix", "Exim", "Development",
)  # fmt: skip
"""Servers, lists and programs that the messages name. None of them may be said to have made the change."""


class Case:
    """One folder: the message, its DNS, and what must be said of it."""

    def __init__(self, folder):
        self.folder = folder
        self.expected = json.loads((folder / "expected.json").read_text("utf-8"))
        self.readme = (folder / "README").read_text("utf-8")

    @functools.cached_property
    def report(self):
        return analyze((self.folder / "message.eml").read_bytes(), dns=load_dns(self.folder / "dns.json"))

    @property
    def software(self):
        """What altered it; `hand`, where it follows what is documented of software that was not at hand."""
        return re.search(r"^Altered by: (.+?) \d", self.readme, re.MULTILINE)[1]


def cases(name):
    return [Case(folder) for folder in sorted((CORPUS / name).iterdir()) if folder.is_dir()]


ALTERATIONS, FORGERIES = cases("alterations"), cases("forgeries")

# Five field names, each of another form, all recased at once: one form for all is tried, and one field at a time.
NOT_PROVED = {"formail-recased"}


def each(found, missed=()):
    """One parameter for each case; those that are known to be missed are expected to fail."""
    mark = pytest.mark.xfail(reason="mixed forms of field names are not tried together")
    marks = {name: [mark] for name in missed}
    return pytest.mark.parametrize(
        "case", [pytest.param(case, id=case.folder.name, marks=marks.get(case.folder.name, [])) for case in found]
    )


def strings(value):
    """Every text in a piece of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def signatures(report, case):
    """The author's signatures, as in the JSON."""
    found = builtins(report)["authentication"]["dkim"]
    return [check for check in found if check["sdid"] == case.expected["sdid"]]


def shown(report):
    """All that the report says of alterations: in the signatures and in the findings about them."""
    whole = builtins(report)
    alterations = [check["alteration"] for check in whole["authentication"]["dkim"]]
    findings = [finding for finding in whole["findings"] if finding["code"].startswith("dkim-")]
    return list(strings([alterations, findings]))


def sentences(report):
    """What the report says in its own words of who changed what."""
    whole = builtins(report)
    yield from (check["alteration"]["detail"] for check in whole["authentication"]["dkim"] if check["alteration"])
    yield from (f["detail"] for f in whole["findings"] if f["code"].startswith("dkim-"))
    yield from (part for part in re.split(r"(?<=[.;]) ", whole["verdict"]["summary"]) if "signed" in part)


def credits_nobody(report):
    for sentence in sentences(report):
        own_words = re.sub(r'"[^"]*"', "", sentence)
        assert not any(name in own_words for name in BYSTANDERS), sentence
        assert not re.search(r"\b(?:added|appended|altered|changed|rewritten|tagged) by\b", own_words), sentence
    return True


def is_shown(report, text):
    return any(text in told for told in shown(report))


def proved(report, case):
    return [check for check in signatures(report, case) if check["alteration"] and check["alteration"]["proved"]]


def test_the_tool_reproduces_every_octet():
    done = subprocess.run([sys.executable, TOOL, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("path", sorted((CORPUS / "originals").glob("*.eml")), ids=lambda path: path.stem)
def test_every_original_verifies(path):
    zone = next(case.folder for case in (*ALTERATIONS, *FORGERIES) if case.expected["original"] == path.stem)
    dns = load_dns(zone / "dns.json")
    found = check_dkim(parse(path.read_bytes()), dns=dns, received_at=None).checks
    assert [check.result for check in found] == [DKIMResult.PASS] * len(found)
    assert found


def test_there_are_enough_of_them():
    assert len(ALTERATIONS) >= 25
    assert len(FORGERIES) >= 25
    assert len({case.expected["kinds"][0] for case in ALTERATIONS}) >= 8
    assert len({case.software for case in ALTERATIONS if not case.software.startswith("hand")}) >= 8


@each([*ALTERATIONS, *FORGERIES])
def test_every_label_is_whole(case):
    assert set(case.expected) == {"original", "sdid", "kinds", "proved", "authenticity", "added", "removed"}
    assert set(case.expected["kinds"]) <= WORDS
    assert Authenticity.AUTHENTIC not in {Authenticity(word) for word in case.expected["authenticity"]}
    assert (CORPUS / "originals" / f"{case.expected['original']}.eml").exists()
    assert f"originals/{case.expected['original']}.eml" in case.readme
    assert len((case.folder / "message.eml").read_bytes()) < 15_000


@each(ALTERATIONS)
def test_the_software_broke_the_signature(case):
    assert {check["result"] for check in signatures(case.report, case)} == {"fail"}


@each(ALTERATIONS, NOT_PROVED)
def test_an_alteration_is_proved_by_undoing_it(case):
    report = case.report
    assert len(proved(report, case)) == len(signatures(report, case))
    assert {check["alteration"]["kind"] for check in proved(report, case)} <= set(case.expected["kinds"])
    assert report.verdict.authenticity in case.expected["authenticity"]
    for text in (*case.expected["added"], *case.expected["removed"]):
        assert is_shown(report, text), text


@each(FORGERIES)
def test_a_forgery_is_never_authentic(case):
    assert case.report.verdict.authenticity in case.expected["authenticity"]


@each(FORGERIES)
def test_what_a_forger_added_is_shown(case):
    report = case.report
    undone = proved(report, case)
    if case.expected["proved"] is not None:
        assert len(undone) == (len(signatures(report, case)) if case.expected["proved"] else 0)
    if undone and case.expected["kinds"]:
        assert {check["alteration"]["kind"] for check in undone} <= set(case.expected["kinds"])
    if undone:
        for text in (*case.expected["added"], *case.expected["removed"]):
            assert is_shown(report, text), text


@each([case for case in FORGERIES if case.folder.name.startswith("second-")])
def test_a_field_above_the_signed_one_is_shown_though_the_signature_verifies(case):
    report = case.report
    assert {check["result"] for check in signatures(report, case)} == {"pass"}
    told = list(strings(builtins(report)["findings"]))
    assert all(any(text in line for line in told) for text in case.expected["added"])


@each([*ALTERATIONS, *FORGERIES])
def test_what_was_added_cannot_steer_a_terminal(case):
    control = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
    assert not [told for told in strings(builtins(case.report)) if control.search(told)]


@each([*ALTERATIONS, *FORGERIES])
def test_nobody_is_said_to_have_done_it(case):
    assert credits_nobody(case.report)
