"""The store's own log, behind a server in front that only knows `250 ... Saved`: what it did with a message counts."""

import pytest

from tests.delivery.build import ask, idle, line, received, saved, write

BOB, ID, SESSION = "bob@corp.example", "<abc@sender.example>", "kH3dNnE/12345"


def store(at, said, sieve="sieve: "):
    return line(at, f"dovecot: lmtp({BOB})<104><{SESSION}>: {sieve}msgid={ID}: {said}")


def used(at, said):
    return line(at, f"dovecot: imap({BOB})<105><XvuhgCZhxul/AAAB>: {said}, uid=1, msgid={ID}, size=355")


def one_of(folder, *lines):
    write(folder, mail_log=[*idle(), *received("4QpZ1x2Yz9Kc"), saved("4QpZ1x2Yz9Kc", BOB, at=2), *lines])
    [one] = ask(folder / "mail.log", message_id=ID, to=BOB).recipients
    return one


@pytest.mark.parametrize(
    ("said", "outcome", "folder", "words"),
    [
        ("fileinto action: stored mail into mailbox 'Bills.2026'", "delivered", "Bills.2026", "put into Bills.2026"),
        ("fileinto action: stored mail into mailbox 'Junk'", "filtered", "Junk", "put into Junk"),
        (
            "discard action: Marked message to be discarded if not explicitly delivered (discard action)",
            "filtered",
            None,
            "a rule discarded it",
        ),
        (
            "reject action: rejected message from <ann@sender.example> (reject)",
            "bounced",
            None,
            "a rule of the mailbox refused it",
        ),
        (
            "redirect action: forwarded to <carl@example.net>",
            "handed-over",
            None,
            "A rule of bob@corp.example forwarded it to carl@example.net",
        ),
    ],
)
def test_what_a_rule_did(tmp_path, said, outcome, folder, words):
    one = one_of(tmp_path, store(1, said))
    assert (one.outcome, one.folder) == (outcome, folder)
    assert words in one.explanation


def test_a_copy_is_forwarded_and_the_message_kept(tmp_path):
    kept = (store(1, "redirect action: forwarded to <carl@example.net>"), store(1, "stored mail into mailbox 'INBOX'"))
    assert (one_of(tmp_path, *kept).outcome, one_of(tmp_path, *kept).folder) == ("delivered", "INBOX")


def test_what_was_done_with_it_afterwards(tmp_path):
    steps = (
        store(1, "saved mail to INBOX", sieve=""),
        used(60, "copy from INBOX: box=Trash"),
        used(60, "expunge: box=INBOX"),
        used(90, "expunge: box=Trash"),
    )
    one = one_of(tmp_path, *steps)
    assert one.outcome == "delivered"
    told = "Then it was copied from INBOX into Trash, removed from INBOX and removed from Trash."
    assert one.explanation.endswith(told)
    assert "Whether it is there still" in one_of(tmp_path, steps[0]).explanation
