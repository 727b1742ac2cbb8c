"""Fields without a defect are read in one go, and to the same as one by one."""

from unittest import mock

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailtrace.message import header

NAMES = [b"A", b"Subject", b"x-y", b"From ", b"x" * 300]
ENDS = [b"\r\n", b"\r\n", b"\n", b"\r\n ", b"\n\t", b"\r\n\r\n", b"\r"]
OTHERS = [b":", b": ", b" :", b" ", b"\t", b"v", b"y" * 1000, b"\0", b"\x7f", "é".encode(), b"\xff", b"\xef\xbb\xbf"]

anything = st.lists(st.sampled_from([*NAMES, *ENDS, *OTHERS]), max_size=40).map(b"".join)
fields = st.tuples(
    st.sampled_from([b"A", b"B-c", b"D "]), st.sampled_from([b" v", b" v\r\n w", b"", b" " + b"z" * 999])
).map(lambda pair: pair[0] + b":" + pair[1] + b"\r\n")
texts = anything | st.lists(fields, max_size=8).map(lambda several: b"".join(several) + b"\r\nbody\r\n")


@settings(max_examples=500, deadline=None)
@given(texts)
@example(b"A: b\nC: d")
@example(b"A: b\r\n \r\nC: d\r\n\r\n")
@example(b"A: " + b"x" * 996 + b"\r\nB: c\r\n\r\n")
@example(b"A" * 257 + b": b\r\n\r\n")
@example(b"From me\r\nA: b\r\n\r\n")
def test_fields_read_in_one_go_are_those_read_one_by_one(octets):
    in_one_go = header.split_header(octets, ended=True)
    with mock.patch.object(header, "_plain_fields", return_value=[]):
        one_by_one = header.split_header(octets, ended=True)
    assert in_one_go == one_by_one
