"""What happened, as text: what is alike is told once, and nothing twice because two logs have it."""

from mailtrace.render.text.find import render
from tests.delivery.build import ask, idle, received, tried, write

BOB, EVE = "bob@corp.example", "eve@corp.example"
LATER = "host mx.corp.example[192.0.2.25] said: 451 4.3.0 Try again later"
EXIM = "2026-10-20 10:00:00 H=(x) [192.0.2.7] F=<ann@sender.example> {said} RCPT <bob@corp.example>: {why}\n"


def test_tries_that_are_alike(tmp_path):
    failed = [tried("4QpZ1x2Yz9Kc", BOB, "deferred", LATER, dsn="4.3.0", at=600 * n) for n in range(1, 6)]
    write(tmp_path, mail_log=[*idle(), *received("4QpZ1x2Yz9Kc"), *failed])
    text = render(ask(tmp_path / "mail.log", message_id="<abc@sender.example>"))
    assert text.count("mx: deferred") == 1
    assert "5 such tries, the last 10:50:00" in text
    everything = render(ask(tmp_path / "mail.log", message_id="<abc@sender.example>"), trace=True)
    assert everything.count("mx: deferred") == 5


def test_what_two_logs_have_alike_was_one(tmp_path):
    for said, why, kind in (("rejected", "no", "rejected"), ("temporarily rejected", "try later", "deferred")):
        write(tmp_path, mainlog=EXIM.format(said=said, why=why), rejectlog=EXIM.format(said=said, why=why))
        report = ask(tmp_path / "mainlog", tmp_path / "rejectlog", sender="ann@sender.example", to=BOB)
        assert len(report.events) == 2
        text = render(report)
        assert text.count(f"{kind} {BOB}") == 1
        assert "such tries" not in text


def test_what_is_of_others(tmp_path):
    sent = [tried("4QpZ1x2Yz9Kc", who, "deferred", LATER, dsn="4.3.0", at=1) for who in (BOB, EVE)]
    write(tmp_path, mail_log=[*idle(), *received("4QpZ1x2Yz9Kc"), *sent])
    for_one = render(ask(tmp_path / "mail.log", message_id="<abc@sender.example>", to=BOB))
    assert (f"deferred {BOB}" in for_one, f"deferred {EVE}" in for_one) == (True, False)
    for_all = render(ask(tmp_path / "mail.log", message_id="<abc@sender.example>"))
    assert (f"deferred {BOB}" in for_all, f"deferred {EVE}" in for_all) == (True, True)
