"""Whose mailbox a copy lies in: nobody has a message because somebody else does."""

import pytest

from tests.delivery.build import COPY, ask, idle, received, tried, write

BOB, EVE = "bob@corp.example", "eve@corp.example"
ID = "<abc@sender.example>"
NO_SUCH = "550 5.1.1 <eve@corp.example>: Recipient address rejected: User unknown"


def put(folder, *owners, to=f"{BOB}, {EVE}", delivered_to=None):
    """Put a copy into the Maildir of each of these, with no field that says whose it is."""
    text = COPY.format(to=to, message_id=ID)
    field = f"Delivered-To: {delivered_to}\n" if delivered_to else ""
    text = text.replace(f"Delivered-To: {to}\n", field)
    for owner in owners:
        for part in ("cur", "new", "tmp"):
            (folder / owner / "Maildir" / part).mkdir(parents=True)
        (folder / owner / "Maildir" / "new" / "1.M1.mx").write_text(text, encoding="utf-8")
    return folder


def fates(report):
    return {one.address: one.outcome for one in report.recipients}


def test_a_copy_in_the_mailbox_of_another(tmp_path):
    put(tmp_path, "bob")
    assert fates(ask(tmp_path, message_id=ID, to=BOB)) == {BOB: "delivered"}
    assert fates(ask(tmp_path, message_id=ID, to=EVE)) == {EVE: "unknown"}


def test_the_log_refutes_a_mailbox_that_may_be_anybodys(tmp_path):
    put(tmp_path / "mail", "box")
    refused = tried("4QpZ1x2Yz9Kc", EVE, "bounced", NO_SUCH, dsn="5.1.1")
    write(tmp_path, mail_log=[*idle(), *received("4QpZ1x2Yz9Kc"), refused])
    assert fates(ask(tmp_path / "mail", message_id=ID, to=EVE)) == {EVE: "delivered"}
    assert fates(ask(tmp_path / "mail", tmp_path / "mail.log", message_id=ID, to=EVE)) == {EVE: "bounced"}


def test_two_mailboxes_of_nobody_knows_whom(tmp_path):
    put(tmp_path, "one", "two")
    assert fates(ask(tmp_path, message_id=ID, to=EVE)) == {EVE: "unknown"}


def test_mailboxes_whose_names_say_it(tmp_path):
    put(tmp_path, "bob", "eve")
    assert fates(ask(tmp_path, message_id=ID)) == {BOB: "delivered", EVE: "delivered"}
    assert fates(ask(tmp_path, message_id=ID, to=(BOB, EVE))) == {BOB: "delivered", EVE: "delivered"}


def test_a_mailbox_that_names_nobody(tmp_path):
    """A blind copy: the header names others only."""
    put(tmp_path, "joe")
    owner = f"the owner of {tmp_path}/joe/Maildir"
    assert fates(ask(tmp_path, message_id=ID)) == {owner: "delivered"}


@pytest.mark.parametrize(("to", "outcome"), [(BOB, "unknown"), (EVE, "delivered")])
def test_a_field_says_it_whatever_the_name_of_the_mailbox(tmp_path, to, outcome):
    put(tmp_path, "bob", delivered_to=EVE)
    assert fates(ask(tmp_path, message_id=ID, to=to)) == {to: outcome}


def test_one_copy_shows_how_to_look_at_it(tmp_path):
    put(tmp_path, "bob", "eve")
    steps = ask(tmp_path, message_id=ID).answer.next_steps
    assert [step.startswith("`mailtrace analyze") for step in steps] == [True]
