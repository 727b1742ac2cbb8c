"""A real server: what Dovecot gives of a mailbox over TLS, and that the mailbox is as it was."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from mailtrace.sources import open_source
from mailtrace.sources.imap.access import Access
from tests.delivery.imap_servers import PASSWORD, USER, Dovecot, missing, skip_without_client
from tests.delivery.test_imap import BOUNCE, ask, message

pytestmark = pytest.mark.server

NESTED = "Ablage/2026/Grüße & Co"


@pytest.fixture(name="dovecot", scope="module")
def start_dovecot():
    skip_without_client()
    reason = missing()
    if reason is not None:
        if os.environ.get("MAILTRACE_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    dovecot = Dovecot()
    try:
        dovecot.create("Werbung", "Weg", "Ausgang", NESTED, "台北", "Leer", "Zu")
        for name, folder in (
            ("inbox", "INBOX"),
            ("junk", "Werbung"),
            ("trash", "Weg"),
            ("sent", "Ausgang"),
            ("nested", NESTED),
            ("taipei", "台北"),
            ("closed", "Zu"),
        ):
            dovecot.save(message(f"<{name}@sender.example>").decode(), folder)
        dovecot.save(message("<seen@sender.example>").decode())
        dovecot.save(BOUNCE.decode().replace("one@", "returned@"))
        for number in range(60):
            dovecot.save(message(f"<more{number}@sender.example>", to="eve@corp.example").decode(), NESTED)
        dovecot.doveadm("flags", "add", "-u", USER, r"\Seen \Flagged", "HEADER", "Message-ID", "seen@sender.example")
        dovecot.deny("Zu")
        yield dovecot
    finally:
        dovecot.stop()


def look(dovecot, name, **words):
    words = {
        "say": lambda _: PASSWORD,
        "authorities": dovecot.authority,
        "timeout": 20.0,
        "message_id": f"<{name}@sender.example>",
    } | words
    return ask(words.pop("url", dovecot.url), **words)


@pytest.mark.parametrize(
    ("name", "folder", "outcome"),
    [
        ("inbox", "INBOX", "delivered"),
        ("junk", "Werbung", "filtered"),
        ("trash", "Weg", "delivered"),
        ("nested", NESTED, "delivered"),
        ("taipei", "台北", "delivered"),
        ("returned", None, "bounced"),
        ("sent", None, "unknown"),
        ("nothing", None, "unknown"),
    ],
)
def test_found_and_left_as_it_was(dovecot, name, folder, outcome):
    before = dovecot.state()
    assert "\\Recent" in before[0]
    assert "\\Seen" in before[0]
    report, opened = look(dovecot, name)
    assert (str(report.answer.outcome), report.recipients[0].folder) == (outcome, folder)
    assert opened.unavailable == []
    assert dovecot.state() == before


def test_flags_and_the_time_of_arrival(dovecot):
    report, _ = look(dovecot, "seen")
    assert report.messages[0].flags == "FS"
    assert look(dovecot, "inbox")[0].messages[0].flags == ""


def test_by_sender_recipient_and_time(dovecot):
    around = datetime(2026, 10, 20, 10, tzinfo=UTC)
    report, _ = look(dovecot, "x", message_id=None, sender=("ann@sender.example",), around=around)
    found = {one.folder for one in report.messages}
    assert found == {"INBOX", "Werbung", "Weg", "Ausgang", NESTED, "台北"}
    report, _ = look(dovecot, "x", message_id=None, sender=("ann@sender.example",), around=around + timedelta(days=400))
    assert report.messages == ()


def test_many_in_a_folder(dovecot):
    report, _ = look(dovecot, "more7", to=("eve@corp.example",))
    assert [one.folder for one in report.messages] == [NESTED]
    (part,) = report.coverage
    assert part.messages == 68


def test_a_folder_that_may_not_be_read_is_named(dovecot):
    report, _ = look(dovecot, "closed")
    assert str(report.answer.outcome) == "unknown"
    assert "the folder Zu " in report.answer.summary
    assert any(note.startswith("folder Zu: ") for note in report.coverage[0].notes)


def test_one_folder(dovecot):
    url = f"{dovecot.url}Ablage/2026/Gr%C3%BC%C3%9Fe%20&%20Co"
    report, _ = look(dovecot, "nested", url=url)
    assert report.messages[0].folder == NESTED
    assert look(dovecot, "inbox", url=url)[0].messages == ()


def test_starttls(dovecot, monkeypatch):
    monkeypatch.setattr("mailtrace.sources.imap.client.is_loopback", lambda _: False)
    url = f"imap://{USER}@127.0.0.1:{dovecot.plain_port}/"
    report, opened = look(dovecot, "inbox", url=url)
    assert opened.unavailable == []
    assert report.messages[0].folder == "INBOX"
    logins = [line for line in dovecot.log().splitlines() if "Login: user=" in line]
    assert "TLS" in logins[-1]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"say": lambda _: "wrong"}, "the login of bob@corp.example was refused"),
        ({"authorities": None}, "certificate is not valid"),
        ({"authorities": "other"}, "certificate is not valid"),
    ],
)
def test_refused(dovecot, words, why):
    words = words | ({"authorities": dovecot.other_authority} if words.get("authorities") == "other" else {})
    report, opened = look(dovecot, "inbox", **words)
    assert str(report.answer.outcome) == "unknown"
    assert why in opened.unavailable[0][1]


def test_a_certificate_for_another_name(dovecot):
    report, opened = look(dovecot, "inbox", url=dovecot.url.replace("127.0.0.1", "localhost"))
    assert str(report.answer.outcome) == "unknown"
    assert "certificate is not valid: Hostname mismatch" in opened.unavailable[0][1]


def test_the_message_is_read_again_by_its_url(dovecot):
    before = dovecot.state()
    report, _ = look(dovecot, "nested")
    (copy,) = report.messages
    access = Access(password=lambda _: PASSWORD, authorities=dovecot.authority)
    with open_source(copy.url, access=access) as raw:
        octets = raw.file.read()
    assert octets.replace(b"\r\n", b"\n") == message("<nested@sender.example>").replace(b"\r\n", b"\n")
    assert dovecot.state() == before
