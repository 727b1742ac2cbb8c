"""Random messages, random changes: what is proved is verified by another implementation, and what is not says so.

`autopsy` (tests/auth/autopsies.py) has dkimpy verify every repaired message: a false proof fails each of these.
"""

import quopri

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mailtrace.auth.autopsy.budget import MAX_HASHES
from mailtrace.auth.autopsy.encoders import quoted_printable
from mailtrace.auth.dkim import check_dkim
from mailtrace.errors import MailtraceError
from mailtrace.message import parse
from tests.auth.autopsies import autopsy, mail, octets_of, told
from tests.auth.dkim_signing import FIELDS, zone

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]

lines = st.lists(st.text(st.sampled_from("ab -_>.\té="), max_size=30).map(str.encode), min_size=1, max_size=20)
bodies = lines.map(lambda each: b"".join(line.rstrip() + b"\r\n" for line in each) + b"end.\r\n")
forms = st.sampled_from(["relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed"])

FOOTERS = [b"-- \r\nlist\r\n", b"_____\r\nlist\r\nhttps://example.org/\r\n", b"\r\n*****\r\nx\r\n\r\n"]
CHANGES = {
    "footer": lambda body, pick: body + FOOTERS[pick % 3],
    "banner": lambda body, _: b"CAUTION\r\n\r\n" + body,
    "both": lambda body, pick: b"CAUTION\r\n\r\n" + body + FOOTERS[pick % 3],
    "carriage returns": lambda body, _: body.replace(b"\r\n", b"\r\r\n"),
    "dots": lambda body, _: b".x\r\n".join([b"", body]).replace(b"\r\n.", b"\r\n.."),
}


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(bodies, forms, st.sampled_from(sorted(CHANGES)), st.integers(0, 5))
def test_a_body_that_can_be_repaired_is_proved_or_not_explained(body, form, change, pick):
    now = CHANGES[change](body, pick)
    raw = mail(FIELDS, body, now_body=now, c=form)
    (check,) = check_dkim(parse(raw), dns=zone(), received_at=None).checks
    if check.result == "pass":
        return
    found = autopsy(raw)
    assert told(found)[0] in ("proved", "unknown")
    assert found.hashes <= MAX_HASHES
    if change == "footer":
        # The signed body is a beginning of this one, so what is taken away is an end of it.
        assert str(found.outcome) == "proved"
        assert octets_of(found.repaired).rstrip() in raw


SCRAPS = [b"", b"x", b"\r\n", b" ", b"=", b"--", b"<br>", b"[a] ", b"\r\n.", b">From ", b"\xc3\xa9", b"Re: "]
edits = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9), st.sampled_from(SCRAPS)), min_size=1, max_size=3)


@settings(max_examples=120, deadline=None, suppress_health_check=SLOW)
@given(bodies, forms, edits)
@example(body=b"===\xc3\xa9\r\nend.\r\n", form="relaxed/relaxed", changes=[(118, 1, b" ")])  # a blank for the last LF
def test_random_edits_are_never_proved_falsely(body, form, changes):
    signed = mail(FIELDS, body, c=form)
    start = signed.index(b"From: ")
    rest = signed[start:]
    for place, length, scrap in changes:
        rest = rest[:place] + scrap + rest[place + length :]
    try:
        parse(signed[:start] + rest)
        (check, *_) = check_dkim(parse(signed[:start] + rest), dns=zone(), received_at=None).checks
    except (MailtraceError, ValueError):
        return
    if check.problem in ("body-altered", "header-altered"):
        autopsy(signed[:start] + rest)


PARTS = (
    b"--b1\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: %s\r\n\r\n%s--b1\r\n"
    b"Content-Type: text/html\r\n\r\n<html><body>\r\n<p>x</p>\r\n</body></html>\r\n--b1--\r\n"
)
TYPE = b'Content-Type: multipart/alternative; boundary="b1"\r\n'


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(bodies, st.sampled_from([b"7bit", b"8bit", b"base64", b"quoted-printable", b"x"]), edits, st.booleans())
def test_random_parts_are_never_proved_falsely(body, encoding, changes, wrap):
    signed = PARTS % (encoding, body)
    now = signed
    for place, length, scrap in changes:
        now = now[:place] + scrap + now[place + length :]
    if wrap:
        now = b"--w\r\n" + TYPE + b"\r\n" + now + b"\r\n--w\r\nContent-Type: text/plain\r\n\r\nlist\r\n--w--\r\n"
    outer = b'Content-Type: multipart/mixed; boundary="w"\r\n' if wrap else TYPE
    raw = mail((*FIELDS, TYPE), signed, now_fields=(*FIELDS, outer), now_body=now, h="from:subject:content-type")
    (check,) = check_dkim(parse(raw), dns=zone(), received_at=None).checks
    if check.problem in ("body-altered", "header-altered"):
        autopsy(raw)


hostile = st.text(st.sampled_from('ab=?_[]<>@",;: \té\u202e'), max_size=60).map(str.encode)


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
@given(hostile, hostile, hostile, hostile, forms)
def test_hostile_fields_never_raise(subject, author, other, copies, form):
    now = (
        b"From: " + author + b"<a@b.example>\r\n",
        b"To: =?utf-7?q?+2AA-?= " + other + b"\r\n",
        b"Subject: " + subject + b"\r\n",
        b"Reply-To: " + other + b"\r\n",
        b"Content-Type: " + other + b"\r\n",
        FIELDS[3],
    )
    z = copies.decode("ascii", "ignore").replace(";", "").strip() or "x"
    raw = mail(FIELDS, now_fields=now, h="from:to:subject:date:reply-to:content-type", c=form, z=z)
    first, second = (check_dkim(parse(raw), dns=zone(), received_at=None) for _ in range(2))
    assert first == second


texts = st.lists(
    st.sampled_from([b"word ", b" ", b"\t", b"=", "é€".encode(), b"\r\n", b"\r\n", b"\r", b"\n", b".", b"\x00\x7f"])
    | st.integers(70, 160).map(lambda count: b"x" * count),
    max_size=20,
).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(texts, st.sampled_from([(76, False), (76, True), (73, False)]))
@example(b"x" * 74 + b"=\r\n", (76, False))
@example(b"x" * 75 + b" ", (76, True))
@example(b"a = b \r\n\t\r\n", (76, False))
def test_quoted_printable_gives_the_text_back_in_lines_that_are_not_too_long(text, habit):
    width, words = habit
    coded = quoted_printable(text, width, words=words)
    assert quopri.decodestring(coded) == text
    for line in coded.split(b"\r\n"):  # RFC 2045 §6.7 (3), (5)
        assert len(line) <= width
        assert line.rstrip(b" \t") == line
        assert not set(line) - set(range(0x20, 0x7F)) - {9}
