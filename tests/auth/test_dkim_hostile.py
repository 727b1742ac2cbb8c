"""Whatever a message holds, the checks give results: nothing raises, and the same input gives the same outcome."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailtrace.auth.arc import arc_questions, check_arc, collect
from mailtrace.auth.dkim import check_dkim, dkim_questions, dkim_signatures
from mailtrace.errors import MailtraceError
from mailtrace.message import parse
from tests.auth.arc_sealing import sealed
from tests.auth.dkim_signing import record, signature, zone

AT = datetime(2026, 1, 1, tzinfo=UTC)
RAW = signature(i="a=40b@example.com", length=5, t=5, x=9) + sealed(2)
SCRAPS = [
    b"=",
    b";",
    b":",
    b"\r\n ",
    b"i=9;",
    b"\n",
    b"\xe9",
    b"@",
    b"..",
    b"0",
    b"ARC-Seal: i=1; cv=\r\n",
    b"b=",
    b"=",
]

edits = st.lists(st.tuples(st.integers(0, len(RAW)), st.integers(0, 12), st.sampled_from([b"", *SCRAPS])), max_size=6)


def edited(raw, changes):
    for place, length, scrap in changes:
        raw = raw[:place] + scrap + raw[place + length :]
    return raw


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits)
def test_messages_with_random_edits(changes):
    try:
        mail = parse(edited(RAW, changes))
    except MailtraceError:
        return
    first, second = (
        (check_dkim(mail, dns=zone(), received_at=AT), check_arc(mail, dns=zone(), received_at=AT)) for _ in "12"
    )
    assert first == second
    for question in (*dkim_questions(dkim_signatures(mail)), *arc_questions(collect(mail))):
        assert len(question.name) <= 253


KEY = record(tags="v=DKIM1; h=sha256; s=email; t=y; ")


@settings(max_examples=100, deadline=None)
@given(edits.map(lambda changes: [(place % len(KEY), length, scrap) for place, length, scrap in changes]))
def test_key_records_with_random_edits(changes):
    text = "".join(chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03d}" for octet in edited(KEY.encode(), changes))
    (check,) = check_dkim(parse(signature() + b"From: a@example.com\r\n\r\n"), dns=zone(text), received_at=AT).checks
    assert check.problem
