"""Logs with broken lines: they are counted and stop nothing, and what the whole lines say stays as it is."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtrace.delivery.forced.domains import read_domains
from mailtrace.delivery.forced.find import ForcedSettings, find_forced
from mailtrace.delivery.logs.formats import FORMATS
from mailtrace.delivery.opening import open_sources
from mailtrace.delivery.query import Query
from mailtrace.delivery.watch import Watch
from tests.delivery.build import NOW, UTC, ask, idle, line, received, saved
from tests.delivery.logs.logs import CLOCK, cases, lines_of

LOGS = sorted((Path(__file__).parents[1] / "corpus" / "find").glob("*/*.log"))
# What another program, a crash or a full disk leaves between the lines of a log.
FOREIGN = [
    b"192.0.2.9 - - [20/Oct/2026:10:00:00 +0000] GET / HTTP/1.1 200 12",
    b'{"time": "2026-10-20T10:00:00Z", "message": "<abc@sender.example>"}',
    b"\x00" * 300,
    b"\xff\xfe\x80 junk",
    b"Traceback (most recent call last):",
    b"=?",
]
FOLLOWS_TLS = {"tls", "encrypted", "tls_line", "server_trust", "source"}


def events(lines):
    """Read lines with the reader of their kind; what each says by itself, without what is joined from others."""
    form = next(form for form in FORMATS if form.recognises(lines[:200]))
    reader = form.reader("mail.log", lines[:200], CLOCK)
    return [
        [{name: getattr(event, name) for name in event.__struct_fields__ if name not in FOLLOWS_TLS} for event in found]
        for found in (reader.read(one, number) for number, one in enumerate(lines, 1))
    ]


@st.composite
def damages(draw, length):
    """Say for some lines what becomes of them: octets replaced, cut, glued to the next, or something put before."""
    places = draw(st.sets(st.integers(0, length - 1), min_size=1, max_size=6))
    kinds = st.sampled_from(["octets", "cut", "glued", "foreign"])
    return {
        place: (draw(kinds), draw(st.integers(0, 400)), draw(st.binary(min_size=1, max_size=8))) for place in places
    }


def damaged(lines, damage):
    """Return the lines as they are then, and where those that are whole stand now, and stood before."""
    found, whole, glue = [], {}, b""
    for at, line_before in enumerate(lines):
        kind, place, octets = damage.get(at, ("", 0, b""))
        text = glue + line_before
        place = min(place, len(text))
        if kind == "foreign":
            found.append(FOREIGN[place % len(FOREIGN)])
        elif not kind and not glue:
            whole[len(found)] = at
        glue = b""
        if kind == "octets":
            text = text[:place] + octets.replace(b"\n", b"\r") + text[place + len(octets) :]
        elif kind == "cut":
            text = text[:place]
        elif kind == "glued":
            glue = text[:place]
            continue
        found.append(text)
    return [*found, glue], whole


@pytest.mark.parametrize("path", LOGS, ids=lambda path: f"{path.parent.name}-{path.name}")
@settings(max_examples=25)
@given(data=st.data())
def test_whole_lines_say_the_same_beside_broken_ones(path, data):
    lines = path.read_bytes().splitlines()
    broken, whole = damaged(lines, data.draw(damages(len(lines))))
    if not any(form.recognises(broken[:200]) for form in FORMATS):
        return
    before, after = events(lines), events(broken)
    assert [after[new] for new in whole] == [before[old] for old in whole.values()]


@settings(max_examples=40)
@given(data=st.data())
def test_a_damaged_log_is_answered_from(tmp_path_factory, data):
    """The whole of `find`, over what is left of a log: an answer, and never an exception."""
    path = data.draw(st.sampled_from(LOGS))
    lines = path.read_bytes().splitlines()
    broken, _ = damaged(lines, data.draw(damages(len(lines))))
    log = tmp_path_factory.mktemp("damaged") / "mail.log"
    log.write_bytes(b"\n".join([b"2026-10-20T03:59:00+00:00 mx postfix/qmgr[9]: x", *broken]))
    report = ask(log, message_id="abc@sender.example", to="bob@corp.example", around="2026-10-20 10:00")
    assert report.coverage[0].broken_lines >= sum(one in FOREIGN for one in broken)


def counted(tmp_path, *lines, kind="postfix-log"):
    path = tmp_path / "some.log"
    path.write_bytes(b"".join(one if isinstance(one, bytes) else one.encode() for one in lines))
    (log,) = open_sources([str(path)], FORMATS, UTC).logs
    assert log.format.kind == kind
    watch = Watch(log)
    text = path.read_bytes()
    assert watch(text) == text.count(b"\n")
    return watch.broken_lines


@pytest.mark.parametrize("junk", FOREIGN)
def test_a_line_of_something_else_is_counted(tmp_path, junk):
    lines = idle()
    assert counted(tmp_path, *lines) == 0
    assert counted(tmp_path, *lines[:9], junk + b"\n", *lines[9:]) == 1
    assert counted(tmp_path, *lines, junk) == 1
    assert counted(tmp_path, lines[0], junk + b"\n" + junk + b"\n", *lines[1:]) == 2


def test_what_logs_have_beside_their_lines_is_not_broken(tmp_path):
    marks = "-- Boot 7f3a --\n\n                 a second line of one message\n"
    assert counted(tmp_path, *idle(), marks, line(50, "last message repeated 3 times"), *idle(since=7, until=8)) == 0


def test_times_of_several_forms_in_one_log_are_whole(tmp_path):
    others = [f"Oct {day:2} 10:00:00 mx2 postfix/qmgr[9]: x\n" for day in (9, 10, 31)]
    assert counted(tmp_path, *idle(), *others, *idle()) == 0
    assert counted(tmp_path, *others, "Nov  1 10:00:00 mx2 postfix/qmgr[9]: x\n", *others) == 0


@pytest.mark.parametrize(("kind", "head", "case"), [pytest.param(*case, id=name) for name, *case in cases()])
def test_the_lines_of_the_corpus_are_whole(kind, head, case):
    lines = lines_of(head + case["lines"])
    form = next(form for form in FORMATS if form.kind == kind and form.recognises(lines))
    reader = form.reader("mail.log", lines, CLOCK)
    broken = [one for one in lines if not reader.is_line(one) or (reader.breaks_off(one) and not reader.read(one, 1))]
    assert broken == [one.encode() for one in case.get("broken", [])]


def test_a_line_that_is_asked_for_and_breaks_off_is_counted(tmp_path):
    whole = [*idle(), *received("4QpZ1x2Yz9Kc"), saved("4QpZ1x2Yz9Kc", "bob@corp.example")]
    cut = line(2, "postfix/lmtp[103]: 4QpZ1x2Yz9Kc: to=<eve@corp.example>, relay=mx[private/dovecot-lm")
    other = line(3, "postfix/lmtp[103]: 4QpZ1x2Yz9Kd: to=<eve@corp.example>, relay=mx[private/dovecot-lm")
    log = tmp_path / "mail.log"
    log.write_text("".join([*whole, cut, other]))
    report = ask(log, message_id="abc@sender.example")
    assert report.coverage[0].broken_lines == 1
    assert "1 line is broken, or not this log's" in report.coverage[0].notes


def test_a_line_behind_octets_that_were_never_written_is_read(tmp_path):
    log = tmp_path / "mail.log"
    late = saved("4QpZ1x2Yz9Kc", "bob@corp.example")
    log.write_bytes("".join([*idle(), *received("4QpZ1x2Yz9Kc")]).encode() + b"\0" * 100_000 + late.encode())
    report = ask(log, message_id="abc@sender.example")
    assert report.answer.outcome == "delivered"
    assert report.coverage[0].broken_lines == 1


def test_the_rows_of_a_table_are_told_by_their_columns(tmp_path):
    head = "Message ID,Event date,Event status,Event target,Recipient address\n"
    row = "<one@example.com>,2026/10/20 10:00:00 UTC,Sent,SMTP-OUT,bob@corp.example\n"
    assert counted(tmp_path, head, row, row, kind="google-email-log") == 0
    assert counted(tmp_path, head, row, "<two@example.com>,2026/10\n", row, kind="google-email-log") == 1


def test_it_is_in_the_json(tmp_path, monkeypatch):
    from click.testing import CliRunner

    from mailtrace.cli import main

    monkeypatch.chdir(tmp_path)
    Path("mail.log").write_text("".join([*idle(), "junk\n"]))
    done = CliRunner().invoke(main, ["find", "--message-id", "a@b", "--json", "mail.log"])
    assert json.loads(done.stdout)["coverage"][0]["broken_lines"] == 1


TLS = "TLS connection established to {peer}:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
JUNK = st.binary(min_size=4, max_size=12).map(lambda octets: bytes(one % 9 if one % 2 else one | 128 for one in octets))


def sessions():
    """Return a log of half an hour: transfers under TLS and in clear, by turns, by few processes."""
    lines = []
    for number in range(24):
        at, pid, peer = number * 75, 200 + number % 3, f"mx{number % 2}.clinic.example[192.0.2.{number % 2 + 1}]"
        queue_id = f"4QpZ0y1xYz{number:02}"
        if number % 4 != 2:
            lines.append(line(at, f"postfix/smtp[{pid}]: Untrusted {TLS.format(peer=peer)}"))
        for person in ("bob", "eve")[: number % 2 + 1]:
            rest = f"relay={peer}:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {number:X})"
            lines.append(line(at + 1, f"postfix/smtp[{pid}]: {queue_id}: to=<{person}@clinic.example>, {rest}"))
    return [one.encode().rstrip() for one in lines]


def answers(folder, lines):
    """Return what `find --forced-tls` says of each transfer, by queue id and recipient."""
    log = folder / "mail.log"
    log.write_bytes(b"\n".join(lines))
    asked = ForcedSettings(
        log_zone=UTC, now=NOW, zone_name="UTC", domain_file="list", domain_file_sha256="", lists_all=True
    )
    report, _ = find_forced([str(log)], read_domains(b"clinic.example"), Query(), formats=FORMATS, settings=asked)
    return {(one.queue_id, one.recipient): one.answer for one in report.transfers}


@settings(max_examples=60)
@given(data=st.data())
def test_what_is_broken_never_makes_cleartext(tmp_path_factory, data):
    """What was under TLS is never said to have been in clear because a line is missing, cut or overwritten with junk."""
    lines = sessions()
    # A line that is gone without a trace is never missed: of one that is cut, something is left.
    damage = {place: (kind, at + 1, data.draw(JUNK)) for place, (kind, at, _) in data.draw(damages(len(lines))).items()}
    broken, _ = damaged(lines, damage)
    before, after = (answers(tmp_path_factory.mktemp("forced"), one) for one in (lines, broken))
    assert set(before.values()) == {"met", "in-clear"}
    assert {key for key, answer in after.items() if answer == "in-clear" and before.get(key) != "in-clear"} == set()
