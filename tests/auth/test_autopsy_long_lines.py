"""A body that cannot be cut at a line: it is not held, and nothing is searched for again and again."""

import io

import pytest

from mailtrace.auth.autopsy.anatomy import MAX_BODY, TAIL, anatomy
from mailtrace.auth.dkim_body import LineReading
from mailtrace.message import parse

HEAD = b"From: ann@example.com\r\n\r\n"


@pytest.mark.parametrize("octet", [b" ", b"\t", b"a", b"\r\n"], ids=["blanks", "tabs", "letters", "empty lines"])
def test_without_a_place_to_cut_all_is_left_as_it_is(octet):
    body = octet * (MAX_BODY // len(octet)) + b"the end\r\n"
    found = anatomy(parse(HEAD + body), LineReading.AS_FOUND)
    assert (found.head, found.octets) == (len(body), b"")
    assert b"".join(found.head_octets) == body


def test_the_end_is_cut_off_where_there_is_a_line():
    body = b"a" * MAX_BODY + b"\r\n" + b"A line of words.\r\n" * (TAIL // 6)
    found = anatomy(parse(HEAD + body), LineReading.AS_FOUND)
    assert b"".join(found.head_octets) + found.octets == body
    assert TAIL <= len(found.octets) <= 3 * TAIL or found.octets == b""


class Counted(io.BytesIO):
    """A file that counts what is read of it."""

    octets = 0

    def read(self, size=-1):
        """Read, and count."""
        got = super().read(size)
        self.octets += len(got)
        return got


def test_it_is_read_once():
    file = Counted(HEAD + b" " * (2 * MAX_BODY) + b"x\r\n")
    message = parse(file)
    file.octets = 0
    anatomy(message, LineReading.AS_FOUND)
    assert file.octets == message.body.size
