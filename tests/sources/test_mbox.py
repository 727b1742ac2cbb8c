"""Mailboxes: every dialect, fed in pieces of any size, found to be the messages that were put in."""

import mailbox

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtrace.sources import mbox
from mailtrace.sources.kinds import Content, content_of
from mailtrace.sources.mbox import LOOK_AHEAD, Splitter

FROM = b"From ann@example.com Tue Oct 20 10:00:00 2026\n"


def split(octets, size=1 << 20):
    splitter, extents = Splitter(), []
    for at in range(0, len(octets), size):
        extents += splitter.feed(octets[at : at + size])
    extents += splitter.finish()
    return [octets[extent.start : extent.end] for extent in extents]


def mail(number, body=b"Hello.\n", extra=b""):
    return b"Received: by a.example; x\nSubject: %d\n%s\n%s" % (number, extra, body)


def joined(*messages, line=FROM, blank=b"\n"):
    return b"".join(line + message + blank for message in messages)


THREE = tuple(mail(number) for number in range(3))


@pytest.mark.parametrize("size", [1, 7, 64, 511, 512, 513, 1 << 20])
def test_three_messages_in_pieces_of_any_size(size):
    assert split(joined(*THREE), size) == list(THREE)


def test_crlf():
    octets = joined(*THREE).replace(b"\n", b"\r\n")
    assert split(octets) == [message.replace(b"\n", b"\r\n") for message in THREE]


def test_thunderbird_s_line():
    assert split(joined(*THREE, line=b"From - Tue Oct 20 10:00:00 2026\r\n")) == list(THREE)


def test_no_blank_line_at_the_end():
    assert split(joined(*THREE)[:-1]) == list(THREE)


@pytest.mark.parametrize(
    "body",
    [
        b"Text.\n\nFrom here it went on in 2026\nand on.\n",  # no header field behind it
        b"Text.\nFrom ann@example.com Tue Oct 20 10:00:00 2026\nSubject: quoted\n",  # no blank line before it
        b"Text.\n\n>From ann@example.com Tue Oct 20 10:00:00 2026\nSubject: quoted\n",
        b"Text.\n\nFrom the desk of: Ann\nPlace: here\n",  # no year
        b"",
    ],
)
def test_a_line_of_a_body_is_no_separator(body):
    messages = (mail(0, body), mail(1))
    assert split(joined(*messages)) == list(messages)


QUOTED = b"A mailbox, as it is:\n\n" + FROM + b"Subject: inner\n\nInner.\n\n" + FROM + b"Subject: inner too\n\nInner.\n"


def with_length(number, body):
    return mail(number, body, b"Content-Length: %d\n" % len(body))


@pytest.mark.parametrize("size", [1, 64, 600, 1 << 20])
def test_a_length_that_leads_to_a_separator_or_the_end_is_believed(size):
    messages = (with_length(0, QUOTED), mail(1), with_length(2, QUOTED))
    assert split(joined(*messages), size) == list(messages)


@pytest.mark.parametrize("blank", [b"", b"\n\n", b"\r\n\r\n\r\n"])
def test_a_length_is_believed_over_more_blank_lines_than_one_or_none(blank):
    messages = (with_length(0, QUOTED), with_length(1, QUOTED))
    assert split(joined(messages[0], blank=blank) + joined(messages[1])) == list(messages)


def test_a_length_over_more_separators_than_are_remembered_loses_none(monkeypatch):
    monkeypatch.setattr(mbox, "MAX_PENDING", 3)
    far = mail(0, extra=b"Content-Length: %d\n" % 10**14)
    assert split(joined(far, *THREE, *THREE)) == [far, *THREE, *THREE]


@pytest.mark.parametrize("size", [1, 64, 1 << 20])
@pytest.mark.parametrize("before", [b"\n", b"\r\n\r\n", b"\n" * 64, b"\xef\xbb\xbf"])
def test_blank_lines_before_the_first_line_are_passed_over(before, size):
    octets = before + joined(*THREE)
    assert content_of(octets) is Content.MBOX
    assert split(octets, size) == list(THREE)


@pytest.mark.parametrize("damaged", [b"m ann@example.com Tue Oct 20 10:00:00 2026\n", b"\0\0\0\0\n", b"From ann\n"])
def test_a_mailbox_whose_first_line_is_destroyed_loses_no_message(damaged):
    octets = damaged + joined(*THREE)[len(FROM) :]
    assert content_of(octets) is Content.MBOX
    assert split(octets) == [damaged + THREE[0], *THREE[1:]]


def test_a_message_that_quotes_a_mailbox_is_one_message():
    assert content_of(mail(0, QUOTED)) is Content.MESSAGE
    assert content_of(b"\n" + mail(0, QUOTED)) is Content.MESSAGE


def test_a_line_that_names_the_host_of_a_relay():
    """RFC 976: `remote from` behind the date, and the line of the relay before, marked, in front of the fields."""
    line = b"From ann Tue Oct 20 10:00:00 2026 remote from far\n"
    messages = [b">From bob Tue Oct 20 09:00:00 2026 remote from near\n" + message for message in THREE]
    octets = joined(*messages, line=line)
    assert content_of(octets) is Content.MBOX
    assert split(octets) == messages


@pytest.mark.parametrize("length", [0, 5, 10**6, 10**14])
@pytest.mark.parametrize("size", [64, 1 << 20])
def test_a_length_that_leads_nowhere_is_not(length, size):
    messages = (mail(0, b"Hello there, you.\n", b"Content-Length: %d\n" % length), mail(1), mail(2))
    assert split(joined(*messages), size) == list(messages)


def test_a_length_in_a_body_means_nothing():
    messages = (mail(0, b"\nContent-Length: 3\n\nText that is longer.\n"), mail(1))
    assert split(joined(*messages)) == list(messages)


def test_a_wrong_length_and_separators_behind_it():
    messages = (with_length(0, QUOTED[:20] + b"\n"), mail(1, extra=b"Content-Length: 999999\n"), mail(2), mail(3))
    assert split(joined(*messages)) == list(messages)


def test_a_very_long_line_and_many_of_them():
    messages = (mail(0, b"x" * 300_000 + b"\n"), mail(1, b"From \n\n" * 50_000), mail(2))
    assert split(joined(*messages), 4096) == list(messages)


WORDS = st.sampled_from(
    [
        b"a line\n",
        b"\n",
        b"From here\n",
        b">From there\n",
        b"Subject: x\n",
        b"  folded\n",
        b"From a 2026\n",
        b"\r\n",
        b"x",
    ]
)
BODIES = (
    st.lists(WORDS, max_size=12)
    .map(b"".join)
    .map(lambda body: body + b"\n" if body and not body.endswith(b"\n") else body)
)


@settings(max_examples=150)
@given(st.lists(BODIES, min_size=1, max_size=5), st.integers(min_value=1, max_value=2 * LOOK_AHEAD))
def test_what_was_put_in_comes_out(bodies, size):
    messages = [mail(number, body) for number, body in enumerate(bodies)]
    found = split(joined(*messages), size)
    # A body may hold what is a separator by every rule; then there are more, and no octet is lost.
    if len(found) == len(messages):
        assert found == messages
    assert sum(map(len, found)) <= sum(map(len, messages))
    assert found == split(joined(*messages))


@settings(max_examples=150)
@given(st.lists(st.one_of(BODIES, st.just(QUOTED)), min_size=1, max_size=5), st.integers(1, 2 * LOOK_AHEAD))
def test_what_was_put_in_with_its_length_comes_out_whatever_it_holds(bodies, size):
    messages = [with_length(number, body) for number, body in enumerate(bodies)]
    assert split(joined(*messages), size) == messages


@settings(max_examples=150)
@given(st.binary(max_size=3000), st.integers(min_value=1, max_value=1000))
def test_any_octets_are_split_alike_however_they_come(octets, size):
    assert split(octets, size) == split(octets)


def test_the_standard_library_finds_the_same(tmp_path):
    path = tmp_path / "box"
    box = mailbox.mbox(path)
    for number in range(20):
        box.add(f"From: a@b.example\nSubject: {number}\n\nFrom the start\n\nFrom {number} on\n".encode())
    box.flush()
    ours = split(path.read_bytes(), 100)
    theirs = [box.get_bytes(key) for key in box.iterkeys()]
    box.close()
    assert [one.rstrip(b"\n") for one in ours] == [one.rstrip(b"\n") for one in theirs]
