"""Received fields in the forms that servers write, five to seven to a message, the newest first.

The sender's machines stand below the border, the receiver's above; only the field of the border tells the client.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from bench.corpus import ids

RECEIVER = "receiver.test"
TLS13, TLS12 = "TLS_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"
POSTFIX_TLS = (
    f"(using TLSv1.3 with cipher {TLS13} (256/256 bits)\r\n\t key-exchange X25519 server-signature RSA-PSS (2048 bits))"
)

# {name}, {ip}: the client, {helo}: what it calls itself; {by}: the writer; {who}: the envelope sender,
# {login}: who logged in; {to}: the recipient
BORDER = (
    "from {helo} ({name} [{tagged}])\r\n\t" + POSTFIX_TLS + "\r\n\t(No client certificate requested)\r\n\tby {by} "
    "(Postfix) with ESMTPS id {id}\r\n\tfor <{to}>; {date} (UTC)",
    "from {helo} ({name} [{tagged}])\r\n\tby {by} (Postfix) with ESMTP id {id}\r\n\tfor <{to}>; {date} (UTC)",
    "from {helo} ([{ip}])\r\n\tby {by} with esmtps  (TLS1.3) tls " + TLS13 + "\r\n\t(Exim 4.98)\r\n\t"
    "(envelope-from <{who}>)\r\n\tid {exim}\r\n\tfor {to};\r\n\t{date}",
    "from {helo} ({name} [{tagged}])\r\n\tby {by} (8.17.1/8.17.1) with ESMTPS id {sendmail}\r\n\t"
    "(version=TLSv1.2 cipher=" + TLS12 + " bits=256 verify=NO)\r\n\tfor <{to}>; {date}",
    "from {helo} ({name}. [{ip}])\r\n        by {by} with ESMTPS id {long}\r\n        for <{to}>\r\n        "
    "(version=TLS1_3 cipher=" + TLS13 + " bits=256/256);\r\n        {date}",
    "from {helo} ({name} [{tagged}])\r\n\tby {by} (OpenSMTPD) with ESMTPS id {id} (TLSv1.3:" + TLS13 + ":256:NO)\r\n\t"
    "for <{to}>;\r\n\t{date}",
    "from {helo} ({name} [{ip}])\r\n\tby {by} (Haraka/3.0.3) with ESMTPS id {haraka}\r\n\tenvelope-from <{who}>\r\n\t"
    "(cipher=" + TLS13 + ");\r\n\t{date}",
)  # fmt: skip
ABOVE = (
    "from localhost (localhost [127.0.0.1])\r\n\tby {by} (Postfix) with ESMTP id {id}\r\n\tfor <{to}>; {date} (UTC)",
    (
        "from {by} ([127.0.0.1])\r\n\tby localhost ({by} [127.0.0.1]) (amavis, port 10024) with ESMTP\r\n\t"
        "id {id} for <{to}>; {date} (UTC)"
    ),
    (
        "from {by} ([10.1.0.5])\r\n\tby store.receiver.test with LMTP\r\n\tid {dovecot}\r\n\t"
        "(envelope-from <{who}>)\r\n\tfor <{to}>; {date}"
    ),
    (
        "from {by} (10.1.0.5) by box.receiver.test (10.1.0.9)\r\n with Microsoft SMTP Server (version=TLS1_2,\r\n "
        "cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.2.1544.11; {date}"
    ),
)
# how many hops the receiver's side has, and which of ABOVE they are, the first first
INSIDE = {1: ((2,), (3,)), 2: ((0, 2), (0, 3)), 3: ((1, 0, 2),)}
BELOW = (
    (
        "from desk.{d} (unknown [10.20.3.4])\r\n\t(Authenticated sender: {login})\r\n\tby mail.{d} (Postfix) with "
        "ESMTPSA id {id}\r\n\tfor <{to}>; {date} (UTC)"
    ),
    (
        "from [10.20.3.4] (helo=desk)\r\n\tby mail.{d} with esmtpsa (TLS1.2:ECDHE_RSA_AES_256_GCM_SHA384:256)\r\n\t"
        "(Exim 4.96)\r\n\t(envelope-from <{who}>) id {exim}\r\n\tfor {to}; {date}"
    ),
    "from 10.20.3.4 by webmail.{d}\r\n\twith HTTP (HTTP/1.1 POST); {date}",
    "from ex1.{d} ([fe80::1c2a]) by ex1.{d}\r\n ([fe80::1c2a%9]) with mapi id 15.02.1544.011; {date}",
    "(qmail 21733 invoked by uid 89); {date}",
    "from unknown (HELO desk.{d}) (10.20.3.4)\r\n  by mail.{d} with SMTP; {date}",
    "from app7.{d} (app7.{d} [10.20.0.7])\r\n\tby relay.{d} (8.15.2/8.15.2) with ESMTP id {sendmail};\r\n\t{date}",
    "by mail.{d} (Postfix, from userid 33)\r\n\tid {id}; {date} (UTC)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What the Received fields tell."""

    client: str
    ip: str
    domain: str
    """Of the sender's machines."""
    mail_from: str
    """Empty for the null reverse-path."""
    recipient: str
    start: datetime
    helo: str = ""
    """If it is not the client's name."""
    by: str = f"mx1.{RECEIVER}"
    """The server at which it arrives."""


def received(journey: Journey, dice: random.Random, count: int | None = None) -> list[bytes]:
    """Return that many fields (five to seven unless it is said, four at the least), topmost first."""
    count = count or dice.randint(5, 7)
    above = dice.randint(1, 3)
    forms = [
        *_below(count - above - 1, dice),
        dice.choice(BORDER),
        *(ABOVE[at] for at in dice.choice(INSIDE[above])),
    ]
    return _written(forms, journey, dice)


def leg(journey: Journey, dice: random.Random, *, below: int = 0, inside: bool = False) -> list[bytes]:
    """Return the fields of one step of a longer way, topmost first: so many of the sender's, the one where it arrives,
    and if it goes no farther, those of the receiver's side."""
    forms = [*_below(below, dice), dice.choice(BORDER)]
    if inside:
        forms += (ABOVE[at] for at in dice.choice(INSIDE[dice.randint(1, 3)]))
    return _written(forms, journey, dice)


def _below(count: int, dice: random.Random) -> list[str]:
    """Choose forms of the sender's, each once as long as there are enough: no server writes the same field twice."""
    return dice.sample(BELOW, count) if count <= len(BELOW) else dice.choices(BELOW, k=count)


def _written(forms: Sequence[str], journey: Journey, dice: random.Random) -> list[bytes]:
    moment, fields = journey.start, []
    for form in forms:
        moment += timedelta(seconds=dice.randint(0, 4))
        fields.append(_field(form, journey, moment, dice))
    return fields[::-1]


def _field(form: str, journey: Journey, moment: datetime, dice: random.Random) -> bytes:
    value = form.format(
        name=journey.client,
        helo=journey.helo or journey.client,
        ip=journey.ip,
        tagged=f"IPv6:{journey.ip}" if ":" in journey.ip else journey.ip,
        by=journey.by,
        d=journey.domain,
        who=journey.mail_from,
        login=journey.mail_from or f"postmaster@{journey.domain}",
        to=journey.recipient,
        date=format_datetime(moment.astimezone(UTC)),
        id=ids.postfix(dice),
        exim=ids.exim(moment, dice),
        sendmail=ids.sendmail(moment, dice),
        dovecot=ids.dovecot(moment, dice),
        long=f"{dice.getrandbits(88):022x}",
        haraka=f"{dice.getrandbits(128):032X}.1",
    )
    return b"Received: " + value.encode() + b"\r\n"
