"""Header fields as a signature covers them, RFC 6376 §3.4, §3.7, §5.4.2."""

import pytest
from dkim import select_headers
from dkim.canonicalization import Relaxed
from hypothesis import given, settings
from hypothesis import strategies as st

from mailtrace.auth._dkimpy import TagListError, parse_tag_list
from mailtrace.auth.dkim_body import LineReading
from mailtrace.auth.dkim_header import FieldIndex, canonical_field, canonical_signature, without_signature
from mailtrace.auth.dkim_words import Canonicalization
from mailtrace.message import parse

SIMPLE, RELAXED = Canonicalization.SIMPLE, Canonicalization.RELAXED
AS_FOUND, NORMALIZED = LineReading.AS_FOUND, LineReading.NORMALIZED


@pytest.mark.parametrize(
    ("raw", "relaxed"),
    [
        (b"A: X\r\n", b"a:X\r\n"),  # this and the next: the example of RFC 6376 §3.4.5
        (b"B : Y\t\r\n\tZ  \r\n", b"b:Y Z\r\n"),
        (b"Subject:\r\n", b"subject:\r\n"),
        (b"Subject: \t \r\n", b"subject:\r\n"),
        (b"SUBJECT \t:x", b"subject:x\r\n"),
        (b"S:a: b\r\n", b"s:a: b\r\n"),
        (b"S: \x0bx\x0c\r\n", b"s:\x0bx\x0c\r\n"),  # RFC 5234: WSP is blank and tab, no other octet
        (b"S: \xc3\xa9\x00\r\n", b"s:\xc3\xa9\x00\r\n"),
    ],
)
def test_rfc6376_3_4_2_relaxed(raw, relaxed):
    assert canonical_field(raw, RELAXED, AS_FOUND) == relaxed


def test_rfc6376_3_4_1_simple_changes_nothing_but_the_line_ends_of_an_lf_file():
    assert canonical_field(b"B : Y\t\r\n\tZ  \r\n", SIMPLE, AS_FOUND) == b"B : Y\t\r\n\tZ  \r\n"
    assert canonical_field(b"B : Y\t\n\tZ  \n", SIMPLE, NORMALIZED) == b"B : Y\t\r\n\tZ  \r\n"
    assert canonical_field(b"B : Y", SIMPLE, AS_FOUND) == b"B : Y\r\n"


@pytest.mark.parametrize(
    ("raw", "emptied"),
    [
        (b"D: a=1; b=xyz\r\n", b"D: a=1; b="),
        (b"D: a=1; b=xyz; c=2\r\n", b"D: a=1; b=; c=2\r\n"),
        (b"D: b=x y\r\n\tz ; c=2\r\n", b"D: b=; c=2\r\n"),
        (b"D: a=1;\r\n\tb = xyz\r\n\t=;\r\n", b"D: a=1;\r\n\tb =;\r\n"),
        (b"D: bh=b=1; bb=2; b=3\r\n", b"D: bh=b=1; bb=2; b="),
        (b"D: B=3; b=4\r\n", b"D: B=3; b="),
        (b"b=1: b=4", b"b=1: b="),
        (b"D: b\r\n", b"D: b\r\n"),
    ],
)
def test_rfc6376_3_7_the_value_of_b_is_deleted_with_the_white_space_around_it(raw, emptied):
    assert without_signature(raw) == emptied


def test_rfc6376_3_7_the_signature_is_hashed_without_its_last_line_end():
    assert canonical_signature(b"D: a=1; b=x; c=2 \r\n", SIMPLE, AS_FOUND) == b"D: a=1; b=; c=2 "
    assert canonical_signature(b"D: a=1; b=x; c=2 \n", SIMPLE, NORMALIZED) == b"D: a=1; b=; c=2 "
    assert canonical_signature(b"D: a=1;\r\n b=x\r\n", RELAXED, AS_FOUND) == b"d:a=1; b="


def fields(*names):
    return parse(
        b"".join(f"{name}: {index}\r\n".encode() for index, name in enumerate(names)) + b"From: x\r\n\r\n"
    ).fields


names = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=8)


@settings(max_examples=100)
@given(names, names)
def test_rfc6376_5_4_2_selection_is_that_of_dkimpy(present, wanted):
    found = [field.raw.split(b": ")[1].strip().decode() for field in FieldIndex(fields(*present)).select(wanted)]
    pairs = [(name, str(index)) for index, name in enumerate(present)]
    assert found == [value for _, value in select_headers(pairs, wanted)]


def test_rfc6376_5_4_2_a_signature_never_covers_itself():
    all_fields = fields("x", "y", "x")
    for own, other in ((2, 0), (0, 2)):
        assert list(FieldIndex(all_fields).select(["x", "x"], but=all_fields[own])) == [all_fields[other]]


@settings(max_examples=100)
@given(st.binary(max_size=30).filter(lambda value: not set(value) & set(b"\r\n\x0b\x0c")))
def test_relaxed_is_that_of_dkimpy(value):
    ((name, expected),) = Relaxed.canonicalize_headers([(b"Subject ", value + b"\r\n")])
    assert canonical_field(b"Subject :" + value + b"\r\n", RELAXED, AS_FOUND) == name + b":" + expected


@pytest.mark.parametrize(
    "octets", [b"a", b"a=1; b", b"a=1;; b=2", b"a=1; a=2", b"1a=2", b"a b=1", b"a-b=1", b"=1", b"a\xe9=1"]
)
def test_rfc6376_3_2_what_is_no_tag_list(octets):
    with pytest.raises(TagListError):
        parse_tag_list(octets)


def test_rfc6376_3_2_tag_lists():
    assert parse_tag_list(b" a=1 ;\tb_2 = x=y ; ") == {"a": b"1", "b_2": b"x=y"}
    assert parse_tag_list(b"") == {}
    assert parse_tag_list(b"A=1; a=2") == {"A": b"1", "a": b"2"}


@pytest.mark.parametrize("unit", [b" ", b"\t ", b"; ", b"b=", b":", b"\r\n ", b"=", b"a;"])
def test_work_grows_with_the_length_alone(unit):
    raw = b"DKIM-Signature: v=1; h=from" + unit * 200_000 + b"x; b=" + unit * 200_000 + b"\r\n"
    assert canonical_signature(raw, RELAXED, AS_FOUND).startswith(b"dkim-signature:v=1")


def test_a_hundred_thousand_names_and_fields_are_selected_in_one_pass():
    many = fields(*(f"x-{index}" for index in range(100_000)))
    wanted = [f"y-{index}" for index in range(100_000)] + ["x-5"]
    assert [field.name for field in FieldIndex(many).select(wanted)] == ["x-5"]
