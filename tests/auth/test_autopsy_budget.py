"""The budget: counted, shared fairly, and what it left unchecked is said; the same message gives the same report."""

import pytest

from mailtrace.auth.autopsy.anatomy import MAX_BODY
from mailtrace.auth.autopsy.budget import MAX_HASHES, MAX_OCTETS, Budget
from mailtrace.auth.autopsy.examiner import examine
from mailtrace.auth.dkim import check_dkim
from mailtrace.auth.dkim_body import BodyHashes
from mailtrace.auth.dkim_header import FieldIndex
from mailtrace.auth.dkim_verify import evaluate
from mailtrace.message import parse
from mailtrace.resolver.recorded import from_mapping
from tests.auth.autopsies import autopsies, autopsy, mail, told
from tests.auth.dkim_signing import FIELDS, NAME, record, signature, zone
from tests.counting import calls

LONG = b"".join(b"Line %d of a text without a rule in it.\r\n" % n for n in range(400))
OTHER = LONG.replace(b"Line 7 ", b"Line 8 ")


def flood(count, now=OTHER, **tags):
    signatures = b"".join(
        signature(FIELDS, b"Another text, number %d.\r\n" % n, t=n + 1, length=tags.get("length") and n + 1)
        for n in range(count)
    )
    return signatures + b"".join(FIELDS) + b"\r\n" + now


def test_shares_are_equal_and_what_one_leaves_goes_to_the_next():
    budget = Budget(hashes=100, octets=1000)
    budget.open_share(2)
    assert [budget.hash(1) for _ in range(51)] == [True] * 50 + [False]
    assert budget.ended
    budget.open_share(1)
    assert (budget.share, budget.ended) == (50, False)
    assert not budget.hash(1000)


def test_a_flood_of_signatures_stays_inside_the_budget_and_says_so():
    raw = flood(20, length=True)  # each hashes another length, so that no trial serves two of them
    found = autopsies(raw)
    assert len(found) == 20
    assert MAX_HASHES - 20 <= sum(each.hashes for each in found.values()) <= MAX_HASHES
    assert not any(each.complete for each in found.values())
    findings = check_dkim(parse(raw), dns=zone(), received_at=None).findings
    (limit,) = [finding for finding in findings if finding.code == "dkim-autopsy-limit"]
    assert "not everything was tried for 20 of the signatures (example.com)" in limit.detail


def test_signatures_that_hash_alike_profit_from_each_others_trials():
    found = autopsies(flood(20))
    assert all(each.complete for each in found.values())
    assert sum(each.hashes for each in found.values()) <= MAX_HASHES


def test_the_author_domain_is_not_starved_by_others():
    others = b"".join(signature(FIELDS, b"%d\r\n" % n, d="example.org") for n in range(19))
    raw = others + mail(FIELDS, LONG, now_body=LONG + b"-- \r\nlist\r\n")
    dns = from_mapping({NAME: {"TXT": [record()]}, "s1._domainkey.example.org": {"TXT": [record()]}})
    assert told(autopsies(raw, dns)[19]) == ("proved", ["footer-added"])


def test_copies_of_one_signature_are_searched_once():
    one = signature(FIELDS, LONG)
    raw = one * 12 + b"".join(FIELDS) + b"\r\n" + LONG + b"-- \r\nlist\r\n"
    found = autopsies(raw)
    assert [told(each)[0] for each in found.values()] == ["proved"] * 12
    assert sum(each.hashes for each in found.values()) < 10


def test_the_end_of_the_hashes_is_not_the_end_of_the_search():
    found = autopsy(mail(FIELDS, LONG, now_body=OTHER), hashes=5)
    assert (str(found.outcome), found.hashes, found.complete) == ("unknown", 5, False)
    found = autopsy(mail(FIELDS, LONG, now_body=OTHER), octets=100)
    assert (str(found.outcome), found.hashes, found.complete) == ("unknown", 0, False)


def test_the_same_message_gives_the_same_answer():
    raw = flood(6)
    first, second = (check_dkim(parse(raw), dns=zone(), received_at=None) for _ in range(2))
    assert first == second


COSTLY = {
    "another text": OTHER * 200,
    "blank lines": b"\r\n" * 50_000,
    "lines that may begin a footer": b"_____\r\n" * 100_000,
    "blanks": b" \t" * 500_000 + b"x\r\n",
    "quoted and stuffed lines": b">From x\r\n..\r\n" * 40_000,
    "one line": b"x" * 1_900_000,
    "ends of HTML": b"</body>\r\n<br>\r\n" * 50_000,
}


@pytest.mark.parametrize("name", COSTLY)
def test_the_costliest_bodies_cost_no_more_calls_than_a_fair_share_of_two_seconds(name):
    """A call of Python is a tenth of a microsecond or more: what is counted by octets must not hide in calls."""
    message = parse(flood(20, COSTLY[name]))
    evaluations = evaluate(
        message, FieldIndex(message.fields), dns=zone(), keys=None, received_at=None, hashes=BodyHashes(message.body)
    )
    assert calls(lambda: examine(message, evaluations, None, Budget())) < 3_000_000


BLANKS = b"a" + b" " * 7000 + b"b"
TO_TURN = {
    "names": b", ".join(b'"Bob %d" <bob%d@example.net>' % (n, n) for n in range(230)),
    "open quotes": b'"a\\' * 2500,
    "blanks": BLANKS,
    "blanks before an address": BLANKS + b" <a@example.net>",
    "commas": b"," * 8000,
    "blanks behind a word": b"=?" + b" " * 7000 + b"x",
    "blanks behind an octet": b"\xc3\xa9" + b" " * 7000 + b"<x",
    "escapes": b'"\\' * 3900 + b"\\",
}


@pytest.mark.parametrize("name", TO_TURN)
def test_the_costliest_lists_of_names_cost_no_more_calls_either(name):
    lists = tuple(field + b": " + TO_TURN[name] + b"\r\n" for field in (b"To", b"Cc", b"Reply-To", b"Sender"))
    before = (*FIELDS[:1], *lists, *FIELDS[2:], b"X-MS-Has-Attach:\r\n")
    h = "from:to:cc:reply-to:sender:subject:date"
    signatures = b"".join(signature(before, b"x\r\n", t=n + 1, h=h) for n in range(20))
    now = b"".join(before).replace(b"Lunch", b"Dinner")
    message = parse(signatures + now + b"\r\nx\r\n")
    evaluations = evaluate(
        message, FieldIndex(message.fields), dns=zone(), keys=None, received_at=None, hashes=BodyHashes(message.body)
    )
    assert len(examine(message, evaluations, None, Budget())) == 20
    assert calls(lambda: examine(message, evaluations, None, Budget())) < 3_000_000


def test_the_octets_are_bounded_as_well():
    budget = Budget()
    message = parse(flood(3, OTHER * 200))
    evaluations = evaluate(
        message, FieldIndex(message.fields), dns=zone(), keys=None, received_at=None, hashes=BodyHashes(message.body)
    )
    examine(message, evaluations, None, budget)
    assert 0 <= budget.octets < MAX_OCTETS


HUGE = LONG * 320
MIXED = (*FIELDS, b'Content-Type: multipart/mixed; boundary="b"\r\n')
INNER = b"--b\r\nContent-Type: text/plain\r\n\r\n" + HUGE + b"--b--\r\n"
PUT = b"--b\r\nContent-Type: text/plain\r\n\r\nlist\r\n--b--\r\n"


@pytest.mark.parametrize("c", ["relaxed/relaxed", "simple/simple"])
@pytest.mark.parametrize(
    ("now", "kind"),
    [(INNER + b"_____\r\nlist\r\n", "footer-added"), (INNER.replace(b"--b--\r\n", PUT), "part-added")],
)
def test_of_a_body_too_long_to_be_held_the_end_is_looked_at(now, kind, c):
    assert len(INNER) > MAX_BODY
    raw = mail(MIXED, INNER, now_body=now, c=c, h="from:content-type")
    found = autopsy(raw)
    assert told(found) == ("proved", [kind])
    line = raw.split(b"\r\n")[found.alteration.steps[0].line - 1]
    assert line.startswith(b"_____") if kind == "footer-added" else line == b"--b"


def test_a_long_body_leaves_enough_for_the_header():
    body = LONG * 250
    assert MAX_BODY * 0.9 < len(body) < MAX_BODY
    now = (*FIELDS[:2], b"Subject: [dev] Lunch\r\n", FIELDS[3])
    found = autopsy(mail(FIELDS, body, now_fields=now, now_body=body + b"_____\r\nlist\r\n"))
    assert told(found) == ("proved", ["footer-added", "subject-tagged"])


def test_of_a_body_too_long_to_be_held_the_rest_is_said_to_be_unchecked():
    found = autopsy(mail(FIELDS, HUGE, now_body=b"CAUTION\r\n\r\n" + HUGE))
    assert (told(found), found.complete) == (("unknown", []), False)
    header = autopsy(mail(FIELDS, HUGE, now_fields=(*FIELDS[:2], b"Subject: [dev] Lunch\r\n", FIELDS[3])))
    assert told(header) == ("proved", ["subject-tagged"])
    cut = autopsy(mail(FIELDS, HUGE, now_body=HUGE + b"x\r\n", length=len(HUGE) + 1))
    assert told(cut) == ("unknown", [])
