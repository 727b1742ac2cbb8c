"""How often a message has to wait for DNS: a round is what is asked at once, and nothing is asked beside it."""

from mailtrace.report import analyze
from mailtrace.resolver import Mode, Question
from mailtrace.resolver.recorded import from_mapping

MESSAGE = b"""\
Return-Path: <ann@news.example.com>\r
Received: from out.example.org (out.example.org [192.0.2.9])\r
\tby mx.example.net (Postfix) with ESMTPS id 4ABC\r
\tfor <bob@example.net>; Fri, 1 May 2026 10:00:00 +0000\r
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1; h=from;\r
 bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r
From: Ann <ann@example.com>\r
To: bob@example.net\r
Subject: Hello\r
Date: Fri, 1 May 2026 10:00:00 +0000\r
\r
Hello.\r
"""
ANSWERS = {
    "news.example.com": {"TXT": ["v=spf1 include:one.example mx -all"], "MX": ["10 in.example.com"]},
    "one.example": {"TXT": ["v=spf1 include:two.example a:a.one.example -all"]},
    "two.example": {"TXT": ["v=spf1 a:a.two.example ip4:192.0.2.9 -all"]},
    "in.example.com": {"A": ["192.0.2.1"]},
    "a.one.example": {"A": ["192.0.2.2"]},
    "a.two.example": {"A": ["192.0.2.3"]},
    "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"]},
    "out.example.org": {"TXT": ["v=spf1 a -all"], "A": ["192.0.2.9"]},
}


class Wire:
    """Live DNS that counts the rounds: questions asked at once are one, each other question is one."""

    mode = Mode.LIVE
    recorded_at = None

    def __init__(self):
        self._zone = from_mapping({"mailtrace_dns": 1, "default": "NXDOMAIN", "answers": ANSWERS})
        self.known = set()
        self.rounds = []

    def resolve(self, name, rrtype):
        if Question(name, rrtype) not in self.known:
            self.prefetch([Question(name, rrtype)])
        return self._zone.resolve(name, rrtype)

    def prefetch(self, questions):
        asked = [question for question in dict.fromkeys(questions) if question not in self.known]
        if asked:
            self.known.update(asked)
            self.rounds.append(asked)

    def for_message(self):
        return self


def test_two_levels_of_include_take_three_rounds_and_their_hosts_a_fourth():
    dns = Wire()
    report = analyze(MESSAGE, dns=dns)
    assert [check.result for check in report.authentication.spf] == ["pass", "pass"]
    assert len(dns.rounds) == 4, dns.rounds
    assert sum(map(len, dns.rounds)) <= 20


def test_one_at_a_time_asks_only_what_is_needed():
    ahead, needed = Wire(), Wire()
    first, second = analyze(MESSAGE, dns=ahead), analyze(MESSAGE, dns=needed, look_ahead=False)
    assert first == second
    assert all(len(asked) == 1 for asked in needed.rounds)
    assert len(needed.rounds) == second.dns.questions < sum(map(len, ahead.rounds))


def test_a_recording_is_not_looked_ahead_in():
    dns = Wire()
    dns.mode = Mode.RECORDED
    analyze(MESSAGE, dns=dns)
    assert all(len(asked) == 1 for asked in dns.rounds)
