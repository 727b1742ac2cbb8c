"""Recordings by hand and from files: what is there, what is not, and what is no recording."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.errors import RecordingError
from mailtrace.resolver import Mode, Outcome, Question, RRType, recording_format
from mailtrace.resolver.ledger import Ledger
from mailtrace.resolver.offline import OfflineResolver
from mailtrace.resolver.recorded import from_mapping, load_dns
from mailtrace.resolver.recording_format import read_text

ANSWERS = {
    "example.com": {
        "TXT": {"rcode": "NOERROR", "ttl": 300, "ad": True, "records": [["v=spf1 ", "-all"], "caf\u00e9"]},
        "MX": ["20 Backup.example.com.", "10 mx.example.com"],
        "A": [],
        "SPF": ["of a type that nothing asks for"],
    },
    "Alias.Example.com.": {"CNAME": ["example.com."]},
    "gone.example.com": {"TXT": {"rcode": "NXDOMAIN"}},
    "slow.example.com": {"A": {"rcode": "TIMEOUT", "detail": "no answer"}},
    "broken.example.com": {"A": {"rcode": "SERVFAIL"}, "AAAA": {"rcode": "REFUSED"}, "MX": {"rcode": "FORMERR"}},
    "nobody.example.com": {"A": {"rcode": "UNREACHABLE"}, "AAAA": {"rcode": "BADNAME"}},
    "deep.down.example.com": {"A": ["192.0.2.1"]},
    "*.wild.example.com": {"TXT": ["from the star"]},
    "here.wild.example.com": {"A": ["192.0.2.2"]},
}
OPEN = {"mailtrace_dns": 1, "recorded_at": "2026-05-01T12:00:00+02:00", "resolver": None, "answers": ANSWERS}
CLOSED = OPEN | {"default": "NXDOMAIN"}

# name, type, outcome in an open recording, outcome in a closed one
TABLE = [
    ("example.com", "TXT", "ANSWER", "ANSWER"),
    ("EXAMPLE.com.", "MX", "ANSWER", "ANSWER"),
    ("example.com", "A", "NODATA", "NODATA"),
    ("example.com", "AAAA", "NOT-RECORDED", "NODATA"),
    ("alias.example.com", "TXT", "ANSWER", "ANSWER"),
    ("alias.example.com", "CNAME", "ANSWER", "ANSWER"),
    ("alias.example.com", "A", "NODATA", "NODATA"),
    ("alias.example.com", "AAAA", "NOT-RECORDED", "NODATA"),
    ("gone.example.com", "TXT", "NXDOMAIN", "NXDOMAIN"),
    ("gone.example.com", "A", "NOT-RECORDED", "NXDOMAIN"),
    ("slow.example.com", "A", "TIMEOUT", "TIMEOUT"),
    ("broken.example.com", "A", "SERVFAIL", "SERVFAIL"),
    ("broken.example.com", "AAAA", "REFUSED", "REFUSED"),
    ("broken.example.com", "MX", "FORMERR", "FORMERR"),
    ("nobody.example.com", "A", "UNREACHABLE", "UNREACHABLE"),
    ("nobody.example.com", "AAAA", "BADNAME", "BADNAME"),
    ("down.example.com", "A", "NOT-RECORDED", "NODATA"),
    ("com", "A", "NOT-RECORDED", "NODATA"),
    ("other.example.com", "A", "NOT-RECORDED", "NXDOMAIN"),
    ("a.gone.example.com", "A", "NOT-RECORDED", "NXDOMAIN"),
    ("example.net", "A", "NOT-RECORDED", "NXDOMAIN"),
    ("any.wild.example.com", "TXT", "NOT-RECORDED", "ANSWER"),
    ("two.any.wild.example.com", "TXT", "NOT-RECORDED", "ANSWER"),
    ("any.wild.example.com", "A", "NOT-RECORDED", "NODATA"),
    ("here.wild.example.com", "TXT", "NOT-RECORDED", "NODATA"),
    ("x.here.wild.example.com", "TXT", "NOT-RECORDED", "NXDOMAIN"),
    ("a..example.com", "A", "BADNAME", "BADNAME"),
    ("x" * 64 + ".example.com", "A", "BADNAME", "BADNAME"),
    ("", "A", "BADNAME", "BADNAME"),
    ("caf\u00e9.example", "A", "BADNAME", "BADNAME"),
]


@pytest.mark.parametrize(("name", "rrtype", "of_open", "of_closed"), TABLE)
def test_what_a_recording_answers(name, rrtype, of_open, of_closed):
    assert from_mapping(OPEN).resolve(name, RRType(rrtype)).outcome == of_open
    assert from_mapping(CLOSED).resolve(name, RRType(rrtype)).outcome == of_closed
    assert from_mapping(ANSWERS).resolve(name, RRType(rrtype)).outcome == of_open


def test_what_an_answer_carries():
    dns = from_mapping(OPEN)
    txt = dns.resolve("alias.example.com", RRType.TXT)
    assert (txt.name, txt.records, txt.cname) == (
        "alias.example.com",
        ("caf\\195\\169", "v=spf1 -all"),
        ("example.com",),
    )
    assert (txt.ttl, txt.authenticated, txt.texts[0]) == (300, True, "caf\u00e9".encode())
    assert dns.resolve("example.com", RRType.MX).records == ("10 mx.example.com", "20 backup.example.com")
    assert dns.resolve("slow.example.com", RRType.A).detail == "no answer"
    assert (dns.mode, dns.recorded_at.isoformat()) == (Mode.RECORDED, "2026-05-01T10:00:00+00:00")


def chain(length):
    answers = {f"c{number}.example": {"CNAME": [f"c{number + 1}.example"]} for number in range(length)}
    return from_mapping(answers | {f"c{length}.example": {"A": ["192.0.2.1"]}})


def test_ten_cnames_are_followed_and_no_more():
    assert len(chain(10).resolve("c0.example", RRType.A).cname) == 10
    assert chain(10).resolve("c0.example", RRType.A).outcome is Outcome.ANSWER
    assert chain(11).resolve("c0.example", RRType.A).outcome is Outcome.SERVFAIL
    loop = from_mapping({"a.example": {"CNAME": ["b.example"]}, "b.example": {"CNAME": ["a.example"]}})
    assert loop.resolve("a.example", RRType.A).outcome is Outcome.SERVFAIL


def test_the_chain_of_an_answer_is_added_to_the_one_that_led_there():
    dns = from_mapping(
        {"a.example": {"CNAME": ["b.example"]}, "b.example": {"A": {"cname": ["C.example."], "rcode": "NXDOMAIN"}}}
    )
    answer = dns.resolve("a.example", RRType.A)
    assert (answer.outcome, answer.cname) == (Outcome.NXDOMAIN, ("b.example", "c.example"))


def entry(value, rrtype="TXT"):
    return {"mailtrace_dns": 1, "answers": {"example.com": {rrtype: value}}}


BROKEN = {
    "version": {"mailtrace_dns": 2, "answers": {}},
    "version-bool": {"mailtrace_dns": True, "answers": {}},
    "no-answers": {"mailtrace_dns": 1},
    "answers-list": {"mailtrace_dns": 1, "answers": []},
    "default": {"mailtrace_dns": 1, "default": "SERVFAIL", "answers": {}},
    "time": {"mailtrace_dns": 1, "recorded_at": "yesterday", "answers": {}},
    "time-number": {"mailtrace_dns": 1, "recorded_at": 5, "answers": {}},
    "time-overflow": {"mailtrace_dns": 1, "recorded_at": "0001-01-01T00:00:00+23:00", "answers": {}},
    "types-list": {"example.com": ["192.0.2.1"]},
    "types-text": {"default": "NXDOMAIN", "example.com": {}},
    "entry-text": entry("v=spf1 -all"),
    "entry-number": entry(5),
    "records-text": entry({"records": "v=spf1 -all"}),
    "record-number": entry([5]),
    "record-null": entry([None]),
    "strings-number": entry([["a", 5]]),
    "rcode": entry({"rcode": "NOREC"}),
    "rcode-list": entry({"rcode": ["NXDOMAIN"]}),
    "rcode-case": entry({"rcode": "nxdomain"}),
    "contradiction": entry({"rcode": "NXDOMAIN", "records": ["v=spf1 -all"]}),
    "ttl-text": entry({"ttl": "300", "records": []}),
    "ttl-negative": entry({"ttl": -1, "records": []}),
    "ttl-bool": entry({"ttl": True, "records": []}),
    "ad": entry({"ad": "false", "records": []}),
    "detail": entry({"detail": ["x"], "rcode": "TIMEOUT"}),
    "cname-text": entry({"cname": "b.example", "records": []}),
    "cname-number": entry({"cname": [5], "records": []}),
    "escape": entry(["\\300"]),
    "a-not-address": entry(["example.com"], "A"),
    "a-is-ipv6": entry(["2001:db8::1"], "A"),
    "aaaa-is-ipv4": entry(["192.0.2.1"], "AAAA"),
    "aaaa-zone": entry(["fe80::1%eth0"], "AAAA"),
    "mx-without-preference": entry(["mx.example.com"], "MX"),
    "mx-preference": entry(["65536 mx.example.com"], "MX"),
    "mx-two-names": entry(["10 a.example b.example"], "MX"),
    "mx-u-label": entry(["10 b\u00fccher.example"], "MX"),
    "cname-record-empty": entry([""], "CNAME"),
    "one-name-twice": {"example.com": {"A": []}, "Example.com.": {"A": []}},
    "one-type-twice": {"example.com": {"A": [], "a": []}},
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_recording_is_refused_in_one_line(case):
    with pytest.raises(RecordingError) as refusal:
        from_mapping(BROKEN[case])
    assert str(refusal.value).isprintable()


UNREADABLE = {
    "empty": b"",
    "blank": b" \n\n",
    "half": b'{"mailtrace_dns": 1, "answers": {',
    "list": b"[]",
    "twice": b'{"a.example": {"A": []}, "a.example": {"A": ["192.0.2.1"]}}',
    "twice-type": b'{"a.example": {"A": [], "A": ["192.0.2.1"]}}',
    "deep-list": b"[" * 200_000,
    "deep-object": b'{"a":' * 200_000,
    "deep-record": b'{"a.example": {"TXT": [' + b"[" * 500 + b"]" * 500 + b"]}}",
    "huge-number": b'{"a.example": {"A": {"ttl": ' + b"9" * 5000 + b"}}}",
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "message": b"From: ann@example.com\r\nTo: bob@example.net\r\n\r\nHello.\r\n",
    "include": b"$INCLUDE /etc/passwd\n",
    "generate": b"$GENERATE 1-1000000 h$ A 192.0.2.1\n",
    "zone-comment": b"; nothing here\n",
    "zone-half": b"example.com. 300 IN TXT (\n",
    "zone-address": b"example.com. 300 IN A 192.0.2\n",
    "zone-class": b"example.com. 300 CH A 192.0.2.1\n",
    "zone-string": b'example.com. TXT "' + b"x" * 300 + b'"\n',
    "zone-controls": b"example.com. \x1b[31m \x00\n",
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_an_unreadable_file_is_refused_in_one_line(case, tmp_path):
    path = tmp_path / "dns.json"
    path.write_bytes(UNREADABLE[case])
    with pytest.raises(RecordingError, match=r"dns\.json") as refusal:
        load_dns(path)
    assert str(refusal.value).isprintable()


def test_a_file_that_is_not_there_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_dns(tmp_path / "none.json")
    with pytest.raises(IsADirectoryError):
        load_dns(tmp_path)


def test_reading_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(recording_format, "MAX_SIZE", 1000)
    path = tmp_path / "dns.json"
    path.write_text(" " * 998 + "{}")
    assert not load_dns(path).answers
    path.write_text(" " * 999 + "{}")
    with pytest.raises(RecordingError, match="too large"):
        load_dns(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_read_as_a_file_is(tmp_path):
    import threading

    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(json.dumps(OPEN),))
    writer.start()
    assert load_dns(path).resolve("example.com", RRType.TXT).outcome is Outcome.ANSWER
    writer.join()


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "dns.json"
    path.write_text(json.dumps(OPEN), encoding="utf-8-sig")
    assert load_dns(path).recorded_at is not None


ZONE = r"""
$ORIGIN example.com.
$TTL 300
@       IN SOA ns hostmaster ( 1 7200 3600 86400 300 ) ; a comment
        IN TXT "v=spf1 " "-all"
        MX 10 Mail
mail 60 A 192.0.2.1
mail    A 192.0.2.2
octets  TXT "caf\195\169 \\ \"q\""
alias   CNAME mail
$ORIGIN down
deep    AAAA 2001:DB8:0::1
*.wild  TXT any
info    HINFO a b
"""
ZONE_TABLE = [
    ("example.com", "TXT", "ANSWER", ("v=spf1 -all",)),
    ("example.com", "MX", "ANSWER", ("10 mail.example.com",)),
    ("mail.example.com", "A", "ANSWER", ("192.0.2.1", "192.0.2.2")),
    ("octets.example.com", "TXT", "ANSWER", ('caf\\195\\169 \\092 "q"',)),
    ("alias.example.com", "A", "ANSWER", ("192.0.2.1", "192.0.2.2")),
    ("deep.down.example.com", "AAAA", "ANSWER", ("2001:db8::1",)),
    ("a.wild.down.example.com", "TXT", "ANSWER", ("any",)),
    ("down.example.com", "TXT", "NODATA", ()),
    ("info.down.example.com", "TXT", "NODATA", ()),
    ("other.example.com", "TXT", "NXDOMAIN", ()),
    ("example.net", "TXT", "NXDOMAIN", ()),
]


@pytest.mark.parametrize(("name", "rrtype", "outcome", "records"), ZONE_TABLE)
def test_a_zone_file_is_closed(name, rrtype, outcome, records, tmp_path):
    path = tmp_path / "zone"
    path.write_text(ZONE)
    answer = load_dns(path).resolve(name, RRType(rrtype))
    assert (answer.outcome, answer.records) == (outcome, records)


def test_the_output_of_dig_is_read(tmp_path):
    path = tmp_path / "dig.txt"
    path.write_text("""
; <<>> DiG 9.18 <<>> TXT www.example.com
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1
;; QUESTION SECTION:
;www.example.com.\t\tIN\tTXT

;; ANSWER SECTION:
www.example.com.\t300\tIN\tCNAME\texample.com.
example.com.\t\t60\tIN\tTXT\t"v=spf1 " "-all"

;; Query time: 1 msec
""")
    answer = load_dns(path).resolve("www.example.com", RRType.TXT)
    assert (answer.records, answer.cname, answer.ttl) == (("v=spf1 -all",), ("example.com",), 60)


@pytest.mark.parametrize("size", [2_000, 20_000])
def test_reading_is_linear(size):
    names = {f"h{number}.example": {"A": ["192.0.2.1"]} for number in range(size)}
    dns = from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": names})
    for number in range(size):
        assert dns.resolve(f"x{number}.example", RRType.A).outcome is Outcome.NXDOMAIN
    assert len(read_text("".join(f"a.example. TXT {number}\n" for number in range(size))).answers) == 1
    long_name = {"a." * size: {"A": {"rcode": "BADNAME"}}}
    assert from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": long_name}).answers


_keys = st.text(max_size=6) | st.sampled_from(
    ["mailtrace_dns", "answers", "default", "recorded_at", "A", "TXT", "MX", "rcode", "records", "cname", "ttl", "ad"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=12,
)


def check_refusal(text):
    """Read a text: what is refused is refused in one line, and nothing else is raised."""
    refusals = []
    try:
        read_text(text)
    except RecordingError as refusal:
        refusals.append(str(refusal))
    assert all(refusal.isprintable() for refusal in refusals)


@given(
    json_values
    | st.dictionaries(st.text(max_size=4), st.dictionaries(st.sampled_from(["TXT", "MX", "A"]), json_values))
)
def test_any_json_is_a_recording_or_refused(value):
    check_refusal(json.dumps(value))


@given(st.text(max_size=60) | st.text(alphabet='@$ORIGINTXMA "\\().;\n\t1a', max_size=60))
def test_any_text_is_a_recording_or_refused(text):
    check_refusal(text)


def test_offline_asks_nobody():
    dns = OfflineResolver()
    assert (dns.mode, dns.recorded_at, dns.for_message()) == (Mode.OFFLINE, None, dns)
    dns.prefetch([Question("example.com", RRType.A)])
    answer = dns.resolve("Example.com.", RRType.A)
    assert (answer.name, answer.outcome, answer.is_unasked) == ("example.com", Outcome.OFFLINE, True)


def test_the_ledger_keeps_what_was_asked_once():
    ledger = Ledger(from_mapping(OPEN))
    ledger.prefetch([Question("example.com", RRType.MX)])
    ledger.peek("example.com", RRType.A)
    for name in ("example.com", "Example.com.", "slow.example.com"):
        ledger.resolve(name, RRType.A)
    assert [(answer.name, answer.outcome) for answer in ledger.answers] == [
        ("example.com", "NODATA"),
        ("slow.example.com", "TIMEOUT"),
    ]
