"""URLs of mailboxes on servers (RFC 5092), and the names of folders (RFC 3501 §5.1.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.sources.imap.access import is_imap
from mailtrace.sources.imap.names import decoded, encoded
from mailtrace.sources.imap.url import UrlError, is_loopback, message_url, read_url, shown


def parts(name):
    url = read_url(name)
    return url.is_tls, url.user, url.host, url.port, url.folder, url.uid_validity, url.uid


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("imaps://bob@imap.example.org/", (True, "bob", "imap.example.org", 993, None, None, None)),
        ("imaps://bob@imap.example.org", (True, "bob", "imap.example.org", 993, None, None, None)),
        ("IMAP://bob@imap.example.org/", (False, "bob", "imap.example.org", 143, None, None, None)),
        ("imaps://bob%40corp.example@h.example/", (True, "bob@corp.example", "h.example", 993, None, None, None)),
        ("imaps://bob@corp.example@h.example/", (True, "bob@corp.example", "h.example", 993, None, None, None)),
        ("imaps://bob@[2001:db8::1]:1993/INBOX", (True, "bob", "2001:db8::1", 1993, "INBOX", None, None)),
        ("imaps://bob@h/Ablage/Gr%C3%BC%C3%9Fe/", (True, "bob", "h", 993, "Ablage/Grüße", None, None)),
        ("imaps://bob@h/Ablage/Grüße", (True, "bob", "h", 993, "Ablage/Grüße", None, None)),
        # RFC 5092 §6: the slash belongs there; without it people write it all the same.
        ("imaps://bob@h/INBOX/;UID=42", (True, "bob", "h", 993, "INBOX", None, 42)),
        ("imaps://bob@h/INBOX;uid=42", (True, "bob", "h", 993, "INBOX", None, 42)),
        ("imaps://bob@h/INBOX;UIDVALIDITY=7/;UID=42", (True, "bob", "h", 993, "INBOX", 7, 42)),
        ("imaps://bob@h/a%3Bb%3Fc%23d;UIDVALIDITY=7", (True, "bob", "h", 993, "a;b?c#d", 7, None)),
    ],
)
def test_read(name, expected):
    assert is_imap(name)
    assert parts(name) == expected


SECRET = "hunter2"


@pytest.mark.parametrize(
    "name",
    [
        f"imaps://bob:{SECRET}@h/",
        f"imaps://bob:{SECRET}@corp.example@h/",
        f"imaps://bob:pa@{SECRET}@h/",
        f"imaps://bob:a/{SECRET}@h/INBOX",
        f"imaps://bob:a?{SECRET}@h/INBOX",
        f"imaps://bob:a#{SECRET}@h/INBOX",
        f"imaps://bob%3A{SECRET}@h/",
        f"imaps://:{SECRET}@h/",
        f"imaps://bob:{SECRET}",
        f"imaps://bob@h:{SECRET}/",
        f"imaps://bob;AUTH={SECRET}@h/",
        f"imaps://bob {SECRET}@h/",
        f"imaps://bob\x1b[31m{SECRET}@h/",
        f"imaps://bob%00{SECRET}@h/",
        f"imaps://bob%ff{SECRET}@h/",
        f"imaps://bob@h/INBOX;TYPE={SECRET}",
        f"imaps://bob@h/INBOX?{SECRET}",
        f"imaps://bob@h/INBOX;UID={SECRET}",
        f"imaps://bob@h/;UID=1;{SECRET}",
        "imaps://bob@h/INBOX;UID=0",
        "imaps://bob@h/INBOX;UID=4294967296",
        "imaps://bob@h/;UID=42",
        "imaps://bob@h:0/",
        "imaps://bob@h:65536/",
        "imaps://bob@h:٣/",
        "imaps://bob@/INBOX",
        "imaps://h/INBOX",
        "imaps:///",
    ],
)
def test_what_is_refused_is_not_repeated(name):
    with pytest.raises(UrlError) as refused:
        read_url(name)
    assert SECRET not in str(refused.value)
    assert SECRET not in shown(name)


@given(st.text(max_size=60))
def test_nothing_that_is_refused_is_repeated(text):
    name = f"imaps://bob:{text}@h/"
    with pytest.raises(UrlError):
        read_url(name)
    assert shown(name) == "imaps://..."


def test_a_file_is_no_url():
    assert [is_imap(name) for name in ("mail.log", "imaps:/x", "-", "./imap://x", "ximap://u@h/")] == [False] * 5
    assert shown("mail.log") == "mail.log"


@given(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(lambda name: name.strip("/") == name),
    st.integers(1, 2**32 - 1),
    st.integers(1, 2**32 - 1),
)
def test_what_is_written_is_read(folder, validity, uid):
    base = read_url("imap://bob@corp.example@[::1]:1143/")
    url = read_url(message_url(base, folder, validity, uid))
    assert (url.folder, url.uid_validity, url.uid) == (folder, validity, uid)
    assert (url.is_tls, url.user, url.host, url.port) == (False, "bob@corp.example", "::1", 1143)


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("INBOX", "INBOX"),
        ("Gr&APwA3w-e &- Co", "Grüße & Co"),
        # RFC 3501 §5.1.3, its example
        ("~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),
        ("&2D3eAA-", "😀"),
    ],
)
def test_names(wire, name):
    assert (decoded(wire), encoded(name)) == (name, wire)


@pytest.mark.parametrize("wire", ["&", "&&", "&-&", "&AP", "&A-", "&2D0-", "a&!-b"])
def test_what_is_no_name_stays_as_it_is(wire):
    assert isinstance(decoded(wire), str)


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=80))
def test_names_go_there_and_back(name):
    assert encoded(name).isascii()
    assert decoded(encoded(name)) == name


def test_this_machine():
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST.")))
    assert not any(map(is_loopback, ("192.0.2.1", "localhost.example", "example.org", "::", "0.0.0.0")))
