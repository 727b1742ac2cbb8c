"""Encoded words whose charset spells what no text can hold."""

import pytest

from mailtrace.message import parse
from mailtrace.message.encoded import decode_words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-7?q?+2AA-?=", "\ufffd"),
        ("=?utf-7?q?a+3AA-b?=", "a\ufffdb"),
        ("=?utf-7?q?+2D3eAA-?=", "\U0001f600"),
        ("=?utf-8?q?=F0=9F=98=80?=", "\U0001f600"),
    ],
)
def test_half_a_pair_is_no_character(value, text):
    assert decode_words(value) == text
    mail = parse(f"From: {value} <a@example.com>\r\nTo: {value} <b@example.net>\r\nSubject: {value}\r\n\r\n".encode())
    assert (mail.subject, mail.from_[0].name) == (text, text)
