"""Evidence class C: whose signature makes a bounce or receipt a statement, and what keeps it a claim."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailtrace.delivery.events import Line
from mailtrace.delivery.report_types import Kept
from mailtrace.delivery.reports import read_report
from mailtrace.delivery.signed import seal_of
from mailtrace.records import replace
from mailtrace.resolver.recorded import from_mapping
from tests.auth.dkim_signing import record, signature
from tests.delivery.build import ask, idle, maildir, received, tried, write

ID = "<abc@sender.example>"
BOB = "bob@corp.example"
H = "from:to:subject:date:content-type"

FIELDS = {
    "From": "Mail Delivery System <mailer-daemon@mx.reporter.example>",
    "To": "ann@sender.example",
    "Subject": "Undelivered Mail Returned to Sender",
    "Date": "Tue, 20 Oct 2026 10:05:00 +0000",
    "Content-Type": "multipart/report; report-type=delivery-status; boundary=b",
}
BODY = """\
--b
Content-Type: text/plain

I'm sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.reporter.example
Original-Envelope-Id: QQ123

Final-Recipient: rfc822; bob@corp.example
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp; 552 5.2.2 Mailbox full

--b
Content-Type: text/rfc822-headers

From: Ann <ann@sender.example>
To: bob@corp.example
Message-ID: <abc@sender.example>
Subject: Invoice 7
Date: Tue, 20 Oct 2026 09:59:58 +0000

--b--
"""


def octets(fields, body):
    return [f"{name}: {value}\r\n".encode() for name, value in fields.items()], body.replace("\n", "\r\n").encode()


def bounce(*, d="reporter.example", h=H, then=lambda text: text, fields=FIELDS, body=BODY, above=b"", **more):
    """Sign a bounce; `then` changes it afterwards, `above` stands on top of it."""
    lines, content = octets(fields, body)
    own = signature(lines, content, d=d, h=h, **more)
    return above + own + then(b"".join(lines) + b"\r\n" + content)


def zone(*domains, tags="v=DKIM1; "):
    return from_mapping(
        {
            f"s1._domainkey.{one}": {"TXT": [record(tags=tags)]}
            for one in domains or ("reporter.example", "corp.example", "stranger.example")
        }
    )


def asked(tmp_path, content, *, dns=None, **more):
    (tmp_path / "bounce.eml").write_bytes(content)
    more = {"message_id": ID, "to": BOB, **more}
    report = ask(tmp_path / "bounce.eml", dns=dns or zone(), **more)
    [one] = report.recipients
    return report, one


def test_signed_by_the_server_that_reports(tmp_path):
    report, one = asked(tmp_path, bounce())
    assert (one.outcome, one.evidence_class, one.signed_by) == ("bounced", "C", "reporter.example")
    assert "says a bounce of mx.reporter.example that reporter.example signed: the mailbox is full" in one.explanation
    assert "claim" not in one.explanation
    [found] = report.reports
    assert (found.signature, found.signed_by, found.key_source, found.matched_by, found.is_counted, found.note) == (
        "verified",
        "reporter.example",
        "recording",
        "message-id",
        True,
        None,
    )


def test_what_ties_the_signer_to_the_message(tmp_path):
    nothing = "Nothing else shows that reporter.example had the message."
    assert nothing in asked(tmp_path, bounce())[1].explanation
    assert nothing not in asked(tmp_path, bounce(), sender="joe@reporter.example")[1].explanation
    sent = tried("4QpZ1x2Yz9Kc", BOB, "sent", "250 Ok", dsn="2.0.0", relay="mx.reporter.example[192.0.2.9]:25")
    write(tmp_path, out_log=[*idle(), *received("4QpZ1x2Yz9Kc"), sent])
    [one] = ask(tmp_path / "bounce.eml", tmp_path / "out.log", message_id=ID, to=BOB, dns=zone()).recipients
    assert (one.evidence_class, nothing in one.explanation) == ("C", False)
    with_signature = BODY.replace("From: Ann <ann@sender.example>", SIGNED_BACK)
    [one] = [asked(tmp_path, bounce(body=with_signature), sent=SENT, message_id=None)[1]]
    assert (one.evidence_class, nothing in one.explanation) == ("C", False)
    assert "bears the DKIM signature of the message that was sent" in one.explanation


@given(st.integers(0, 2500), st.integers(0, 60), st.binary(max_size=40))
def test_nothing_that_is_signed_raises(at, length, octets):
    whole = bounce(by="ed25519")
    report = read_report(io.BytesIO(whole), Line(name="bounce.eml", line=None))
    damaged = whole[:at] + octets + whole[at + length :]
    kept = Kept(octets=damaged, from_mbox=False, reconstructed=False)
    dns = from_mapping({"s1._domainkey.reporter.example": {"TXT": [record("ed25519")]}})
    seal = seal_of(replace(report, kept=kept), dns=dns)
    assert (seal.why is None) == (seal.state == "verified")
    again = read_report(io.BytesIO(damaged), Line(name="bounce.eml", line=None))
    if seal.state == "verified":
        assert [fate.action for fate in again.fates] == ["failed"]


def test_octets_that_are_others_when_they_are_asked_for_again():
    first = read_report(
        io.BytesIO(bounce().replace(b"Action: failed", b"Action: delivered")), Line(name="b", line=None)
    )
    kept = Kept(octets=bounce(), from_mbox=False, reconstructed=False)
    seal = seal_of(replace(first, kept=kept), dns=zone())
    assert (seal.state, "what was read is not what was signed" in seal.why) == ("insufficient", True)


def test_signed_by_the_domain_of_the_recipient(tmp_path):
    fields = {**FIELDS, "From": "postmaster@corp.example"}
    _, one = asked(tmp_path, bounce(d="corp.example", fields=fields))
    assert (one.evidence_class, one.signed_by) == ("C", "corp.example")


def test_a_domain_speaks_for_its_own_recipients_only(tmp_path):
    other = (
        "\nFinal-Recipient: rfc822; eve@else.example\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822"
    )
    fields = {**FIELDS, "From": "postmaster@corp.example"}
    body = BODY.replace("\n--b\nContent-Type: text/rfc822", other)
    report, _ = asked(tmp_path, bounce(d="corp.example", fields=fields, body=body))
    both = ask(tmp_path / "bounce.eml", message_id=ID, to=(BOB, "eve@else.example"), dns=zone())
    assert {one.address: str(one.evidence_class) for one in both.recipients} == {BOB: "C", "eve@else.example": "D"}
    assert "corp.example, which signed it, has no say in what became of it" in both.recipients[1].explanation
    assert report.reports[0].signature == "verified"


LESS = {
    "unsigned": (lambda: b"".join(octets(FIELDS, BODY)[0]) + b"\r\n" + octets(FIELDS, BODY)[1], "unsigned", "nobody signed it"),
    "altered body": (lambda: bounce(then=lambda text: text.replace(b"5.2.2", b"5.1.1")), "failed", "its content is not what was signed"),
    "altered header": (lambda: bounce(then=lambda text: text.replace(b"10:05:00", b"10:06:00")), "failed", "its header is not what was signed"),
    "by a stranger": (lambda: bounce(d="stranger.example"), "other-domain", "signed by stranger.example, which is neither"),
    "another author": (
        lambda: bounce(fields={**FIELDS, "From": "service@bank.example"}),
        "other-domain",
        "signed by reporter.example, and written in the name of bank.example",
    ),
    "l= before the report": (lambda: bounce(length=30), "insufficient", "leaves out the last"),
    "something appended behind l=": (
        lambda: bounce(length=len(octets(FIELDS, BODY)[1]), then=lambda text: text + b"more\r\n"),
        "insufficient",
        "leaves out the last 6 octets (l=)",
    ),
    "no date": (lambda: bounce(h="from:content-type"), "insufficient", "does not cover Date"),
    "a second date on top": (lambda: bounce(above=b"Date: Tue, 20 Oct 2026 11:05:00 +0000\r\n"), "insufficient", "does not cover Date"),
    "rsa-sha1": (lambda: bounce(a="rsa-sha1"), "failed", "weak algorithm"),
}  # fmt: skip


@pytest.mark.parametrize("case", LESS)
def test_what_keeps_it_a_claim(tmp_path, case):
    made, state, words = LESS[case]
    report, one = asked(tmp_path, made())
    assert (one.outcome, one.evidence_class, one.signed_by) == ("bounced", "D", None)
    assert report.reports[0].signature == state
    assert words in one.explanation
    assert "That is a claim" in one.explanation


@pytest.mark.parametrize(
    ("dns", "words"),
    [
        (from_mapping({}), "the recording of DNS does not hold the key"),
        (from_mapping({"s1._domainkey.reporter.example": {"TXT": {"rcode": "SERVFAIL"}}}), "DNS did not give the key"),
        (from_mapping({"s1._domainkey.reporter.example": {"TXT": {"rcode": "NXDOMAIN"}}}), "the key is not published"),
    ],
)
def test_what_could_not_be_checked_has_neither_failed_nor_held(tmp_path, dns, words):
    report, one = asked(tmp_path, bounce(), dns=dns)
    assert (one.evidence_class, report.reports[0].signature) == ("D", "not-checked")
    assert f"its signature by reporter.example cannot be checked: {words}" in one.explanation


def test_a_key_in_testing_is_as_good_as_none(tmp_path):
    _, one = asked(tmp_path, bounce(), dns=zone(tags="v=DKIM1; t=y; "))
    assert (one.evidence_class, "the key is marked as a test" in one.explanation) == ("D", True)


OUTER = """\
--a
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.reporter.example

Final-Recipient: rfc822; bob@corp.example
Action: delivered
Status: 2.0.0

--a--
"""


def test_without_content_type_only_what_has_one_reading_counts(tmp_path):
    plain = "from:to:subject:date"
    assert asked(tmp_path, bounce(h=plain))[1].evidence_class == "C"
    # A sender who gets his own message back within a signed bounce can choose the boundary of what he put into it.
    returned = BODY.replace("text/rfc822-headers", "message/rfc822").replace("--b--", OUTER + "\n--b--")
    moved = bounce(h=plain, body=returned, then=lambda text: text.replace(b"boundary=b", b"boundary=a"))
    report, one = asked(tmp_path, moved, sent=None)
    assert report.reports == () or report.reports[0].signature != "verified"
    assert one.evidence_class != "C"
    _, one = asked(tmp_path, bounce(h=plain, body=returned))
    assert "does not cover Content-Type" in one.explanation
    whole = {**FIELDS, "Content-Type": "message/delivery-status"}
    _, one = asked(tmp_path, bounce(h=plain, fields=whole), message_id=None, around="2026-10-20 10:00")
    assert one.evidence_class == "D"


EVIL = OUTER.replace("--a", "--evil").replace(
    "\n--evil--", "\n--evil\nContent-Type: text/rfc822-headers\n\nMessage-ID: <abc@sender.example>\n\n--evil--"
)


def test_what_is_verified_is_what_is_read(tmp_path):
    """A lone CR ends a line for some readers: a field that hides behind one must not choose what the report says."""
    body = BODY.replace("text/rfc822-headers", "message/rfc822").replace("--b--", f"{EVIL}\n--b--")
    hidden = b"X-A: 1\rContent-Type: multipart/report; boundary=evil\r\n"
    _, one = asked(tmp_path, bounce(body=body, above=hidden))
    assert (one.evidence_class, "its header can be read in two ways" in one.explanation) == ("D", True)
    assert asked(tmp_path, bounce(body=body))[1].evidence_class == "C"


def test_what_names_the_message_must_be_signed(tmp_path):
    nameless = BODY.replace("Message-ID: <abc@sender.example>\n", "")
    replied = {**FIELDS, "In-Reply-To": ID}
    _, one = asked(tmp_path, bounce(body=nameless, fields=replied))
    assert (one.evidence_class, "does not cover what names the message" in one.explanation) == ("D", True)
    _, one = asked(tmp_path, bounce(body=nameless, fields=replied, h=f"{H}:in-reply-to"))
    assert one.evidence_class == "C"


def test_a_bounce_in_words_stays_a_claim(tmp_path):
    fields = {**FIELDS, "Content-Type": "text/plain", "Subject": "Delivery failed"}
    body = "Your message could not be delivered to:\n\n  bob@corp.example\n    550 5.1.1 User unknown\n\n--- Below is a copy\n\nMessage-ID: <abc@sender.example>\n"
    fields["From"] = "mailer-daemon@reporter.example"
    _, one = asked(tmp_path, bounce(fields=fields, body=body))
    assert (one.outcome, one.evidence_class) == ("bounced", "D")
    assert "signed by reporter.example, but it is written for people only" in one.explanation


def test_a_bounce_that_was_passed_on_keeps_no_signature(tmp_path):
    inner = bounce().decode()
    lines = "From: carol@reporter.example\r\nTo: ann@sender.example\r\nSubject: Fwd: Undelivered\r\nDate: Tue, 20 Oct 2026 11:00:00 +0000\r\n"
    body = f"--z\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--z--\r\n"
    fields = dict(re.findall(r"(\S+): (.*)\r\n", lines)) | {"Content-Type": "multipart/mixed; boundary=z"}
    _, one = asked(tmp_path, bounce(fields=fields, body=body.replace("\r\n", "\n")))
    assert (one.outcome, one.evidence_class) == ("bounced", "D")
    assert "it lies within another message" in one.explanation


def test_a_receipt_that_the_domain_of_the_reader_signed(tmp_path):
    fields = {**FIELDS, "From": BOB, "Subject": "Read: Invoice 7"}
    fields["Content-Type"] = "multipart/report; report-type=disposition-notification; boundary=b"
    body = (
        "--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; bob@corp.example\n"
        "Original-Message-ID: <abc@sender.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--b--\n"
    )
    _, one = asked(tmp_path, bounce(d="corp.example", fields=fields, body=body))
    assert (one.outcome, one.evidence_class, one.signed_by) == ("delivered", "C", "corp.example")
    assert "a receipt of bob@corp.example that corp.example signed: it was displayed" in one.explanation
    assert "Whether it was read, or by whom, a receipt cannot show" in one.explanation


def test_a_signed_statement_comes_before_a_claim_and_behind_a_mailbox(tmp_path):
    write(tmp_path, claim_eml=BODY and b"".join(octets({**FIELDS, "Date": "Tue, 20 Oct 2026 12:00:00 +0000"}, BODY.replace("failed", "delivered"))[0]).decode() + "\n" + BODY.replace("failed", "delivered"))  # fmt: skip
    (tmp_path / "bounce.eml").write_bytes(bounce())
    both = (tmp_path / "claim.eml", tmp_path / "bounce.eml")
    [one] = ask(*both, message_id=ID, to=BOB, dns=zone()).recipients
    assert (one.outcome, one.evidence_class) == ("bounced", "C")
    [one] = ask(tmp_path / "claim.eml", message_id=ID, to=BOB, dns=zone()).recipients
    assert (one.outcome, one.evidence_class) == ("delivered", "D")
    [one] = ask(*both, maildir(tmp_path), message_id=ID, to=BOB, dns=zone()).recipients
    assert (one.outcome, one.evidence_class) == ("delivered", "A")


SENT = b"""\
DKIM-Signature: v=1; a=rsa-sha256; d=sender.example; s=s1; h=from; bh=eA==;
 b=QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZn
 aGlqa2xtbm9wcXJzdHV2d3h5eg==
From: Ann <ann@sender.example>
To: bob@corp.example
Subject: Invoice 7
Date: Tue, 20 Oct 2026 09:59:58 +0000
Message-ID: <abc@sender.example>

Please find it attached.
"""
SIGNED_BACK = (
    "From: Ann <ann@sender.example>\nDKIM-Signature: v=1; b=QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9\n"
    " wcXJzdHV2d3h5eg==; d=sender.example"
)


def claim(body=BODY, **fields):
    lines, content = octets({**FIELDS, **fields}, body)
    return b"".join(lines) + b"\r\n" + content


def matched(tmp_path, body, **more):
    more = {"sent": SENT, "message_id": None, **more}
    report, one = asked(tmp_path, claim(body), **more)
    [found] = report.reports
    return str(one.outcome), found.matched_by and str(found.matched_by), found.agrees, found.differs


def test_what_came_back_is_compared_with_what_was_sent(tmp_path):
    same = ("Message-ID", "From", "To", "Subject", "Date")
    assert matched(tmp_path, BODY) == ("bounced", "message-id", same, ())
    body = BODY.replace("From: Ann <ann@sender.example>", SIGNED_BACK)
    by_signature = matched(tmp_path, body)
    assert by_signature == ("bounced", "signature", ("Message-ID", "DKIM-Signature", *same[1:]), ())
    other_id = matched(tmp_path, body.replace("<abc@", "<rewritten@"))
    assert other_id == ("bounced", "signature", ("DKIM-Signature", *same[1:]), ())
    renamed = matched(tmp_path, BODY.replace("<abc@", "<rewritten@"))
    assert renamed == ("bounced", "header", same[1:], ())
    tagged = matched(tmp_path, BODY.replace("Invoice 7", "[list] Invoice 7"))
    assert tagged == ("bounced", "message-id", ("Message-ID", "From", "To", "Date"), ("Subject",))


def test_a_bounce_that_only_quotes_the_message_id_is_backscatter(tmp_path):
    outcome, by, _, differs = matched(tmp_path, BODY.replace("09:59:58", "03:00:00"))
    assert (outcome, by, differs) == ("unknown", None, ("Date",))
    outcome, by, _, differs = matched(tmp_path, BODY.replace("Ann <ann@sender.example>", "spam@else.example"))
    assert (outcome, by, differs) == ("unknown", None, ("From",))
    report, _ = asked(tmp_path, claim(BODY.replace("09:59:58", "03:00:00")), sent=SENT, message_id=None)
    assert not report.reports[0].is_counted
    assert "brought back another Date than was sent" in report.reports[0].note
    assert "1 bounce or receipt names the recipient, and is not counted" in report.notes[0]


def test_the_copy_in_the_folder_for_sent_mail_is_what_was_sent(tmp_path):
    base = maildir(tmp_path, box=".Sent", content=SENT.decode())
    (tmp_path / "bounce.eml").write_bytes(claim(BODY.replace("09:59:58", "03:00:00")))
    report = ask(tmp_path / "bounce.eml", base, message_id=ID, to=BOB)
    assert (report.recipients[0].outcome, report.reports[0].differs) == ("unknown", ("Date",))
    (tmp_path / "bounce.eml").write_bytes(claim(BODY.replace("From: Ann <ann@sender.example>", SIGNED_BACK)))
    report = ask(tmp_path / "bounce.eml", base, message_id=ID, to=BOB)
    assert (report.recipients[0].outcome, report.reports[0].matched_by) == ("bounced", "signature")


def test_backscatter_is_said(tmp_path):
    report, one = asked(tmp_path, claim(BODY.replace("<abc@", "<xyz@")))
    assert (one.outcome, report.reports[0].matched_by, report.reports[0].is_counted) == ("unknown", None, False)
    assert "it is of another message, <xyz@sender.example>" in report.reports[0].note
    other = ask(tmp_path / "bounce.eml", message_id=ID, to="eve@corp.example")
    assert other.reports == ()


def test_the_envelope_id(tmp_path):
    nameless = BODY.replace("Message-ID: <abc@sender.example>\n", "")
    (tmp_path / "bounce.eml").write_bytes(claim(nameless))
    report = ask(tmp_path / "bounce.eml", envelope_id="QQ123")
    assert [(str(one.outcome), one.address) for one in report.recipients] == [("bounced", BOB)]
    assert report.reports[0].matched_by == "envelope-id"
    assert [one.joined_by for one in report.events] == ["message-id"]
    assert ask(tmp_path / "bounce.eml", envelope_id="qq123", to=BOB).recipients[0].outcome == "bounced"
    as_id = claim(nameless.replace("QQ123", "abc@sender.example"))
    (tmp_path / "bounce.eml").write_bytes(as_id)
    assert ask(tmp_path / "bounce.eml", message_id=ID).reports[0].matched_by == "envelope-id"


def test_a_bounce_in_the_name_of_a_server_whose_log_does_not_have_it(tmp_path):
    write(tmp_path, mail_log=idle("mx.reporter.example"), other_log=idle("out.else.example"))
    (tmp_path / "bounce.eml").write_bytes(claim())
    near = {"message_id": ID, "to": BOB}
    report = ask(tmp_path / "bounce.eml", tmp_path / "mail.log", **near)
    assert (report.recipients[0].outcome, report.reports[0].is_counted) == ("unknown", False)
    assert "whose log covers the time and does not have the message" in report.reports[0].note
    # Another server's silence says nothing.
    assert ask(tmp_path / "bounce.eml", tmp_path / "other.log", **near).recipients[0].outcome == "bounced"
    (tmp_path / "bounce.eml").write_bytes(bounce())
    [one] = ask(tmp_path / "bounce.eml", tmp_path / "mail.log", dns=zone(), **near).recipients
    assert (one.outcome, one.evidence_class) == ("bounced", "C")
    reply = "host mx.corp.example[192.0.2.25] said: 552 5.2.2 Mailbox full"
    own = [*idle("mx.reporter.example"), *received("4QpZ1x2Yz9Kc", host="mx.reporter.example")]
    write(
        tmp_path, mail_log=[*own, tried("4QpZ1x2Yz9Kc", BOB, "bounced", reply, dsn="5.2.2", host="mx.reporter.example")]
    )
    (tmp_path / "bounce.eml").write_bytes(claim())
    report = ask(tmp_path / "bounce.eml", tmp_path / "mail.log", **near)
    assert (report.recipients[0].evidence_class, report.reports[0].is_counted) == ("A", True)


def test_a_mailbox_of_the_mbox_kind_keeps_a_signature_that_it_quoted(tmp_path):
    body = BODY.replace("I'm sorry.", "From here on it failed.")
    kept = bounce(body=body).replace(b"\nFrom here", b"\n>From here").replace(b"\r\n", b"\n")
    (tmp_path / "box.mbox").write_bytes(b"From MAILER-DAEMON Tue Oct 20 10:05:00 2026\n" + kept + b"\n")
    [one] = ask(tmp_path / "box.mbox", message_id=ID, to=BOB, dns=zone()).recipients
    assert one.evidence_class == "C"
