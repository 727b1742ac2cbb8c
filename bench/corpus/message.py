"""A message, and what it must be found to be: both follow from one plan."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from bench.corpus.bodies import Body, Writer
from bench.corpus.domains import Domain, World
from bench.corpus.forwarding import LATER, forward
from bench.corpus.hops import RECEIVER, Journey, received
from bench.corpus.plans import NULL, Plan, Verdicts, expected, plan_message, results
from bench.corpus.signer import SIGNED, sign

FIRST = datetime(2026, 5, 1, 6, tzinfo=UTC)
SUBJECTS = (
    b"Subject: Offer  for the new shelving\r\n",
    b"Subject: =?utf-8?q?Bestellung_best=C3=A4tigt?=\r\n",
    b"Subject: A rather long subject about the meeting on Friday,\r\n and the room for it\r\n",
)
BOUNCED = (b"Subject: Undelivered Mail Returned to Sender\r\n", b"Subject: Delivery Status Notification (Failure)\r\n")
FORMS = (("relaxed/relaxed", 80), ("relaxed/simple", 15), ("simple/simple", 5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The octets, what SMTP saw, and what must be found."""

    octets: bytes
    kind: str
    size_class: str
    ip: str
    helo: str
    mail_from: str
    author: str
    expected: Verdicts


def make_message(world: World, writer: Writer, size_class: str, kind: str, dice: random.Random) -> Made:
    """Throw the dice for one message of that kind."""
    moment = FIRST + timedelta(seconds=dice.randrange(28 * 86400))
    plan = plan_message(world, kind, moment, dice)
    recipient = f"bob@{plan.route.forwarders[0].name if plan.route else RECEIVER}"
    body = writer.returned(size_class, plan.owner.name, recipient) if kind == "bounce" else writer.write(size_class)
    own = _own_fields(plan, body, recipient, moment, dice)
    signed = [*(_sign(own, body, signer, dice) for signer in plan.signers), *own]
    fields, octets = _sent(plan, signed, body.octets, moment, dice)
    found = expected(plan)
    above = [f"Return-Path: <{_bare(plan.mail_from)}>\r\n".encode()]
    if dice.random() < 0.6:
        above.append(_stamp(plan, found))
    return Made(
        octets=b"".join((*above, *fields, b"\r\n", octets)),
        kind=kind,
        size_class=size_class,
        ip=plan.sender.ip,
        helo=plan.helo,
        mail_from=plan.mail_from,
        author=plan.author,
        expected=found,
    )


def _sent(
    plan: Plan, signed: list[bytes], body: bytes, moment: datetime, dice: random.Random
) -> tuple[list[bytes], bytes]:
    """Return the fields and the body as they arrive."""
    if plan.route:
        return forward(plan, plan.route, signed, body, f"bob@{RECEIVER}", moment, dice)
    journey = Journey(
        client=plan.sender.host,
        helo=plan.helo,
        ip=plan.sender.ip,
        domain=plan.sender.name,
        mail_from=_bare(plan.mail_from),
        recipient=f"bob@{RECEIVER}",
        start=moment,
    )
    return [*received(journey, dice), *signed], _alter(body, dice) if plan.kind == "altered" else body


def _bare(mail_from: str) -> str:
    return "" if mail_from == NULL else mail_from


def _weighted(choices: tuple[tuple[str, int], ...], dice: random.Random) -> str:
    return dice.choices([word for word, _ in choices], [weight for _, weight in choices])[0]


def _own_fields(plan: Plan, body: Body, recipient: str, moment: datetime, dice: random.Random) -> list[bytes]:
    number = dice.getrandbits(64)
    is_bounce = plan.kind == "bounce"
    who = f"Mail Delivery System <MAILER-DAEMON@{plan.author}>" if is_bounce else f"Ann Miller <ann@{plan.author}>"
    fields = [
        f"Date: {format_datetime(moment)}\r\n".encode(),
        f"From: {who}\r\n".encode(),
        f"To: Bob\r\n <{recipient}>\r\n".encode(),
        f"Message-ID: <{number:016x}@{plan.author}>\r\n".encode(),
        dice.choice(BOUNCED if is_bounce else SUBJECTS),
        b"MIME-Version: 1.0\r\n",
        *body.fields,
    ]
    if is_bounce:
        return [*fields, b"Auto-Submitted: auto-replied\r\n"]
    if dice.random() < 0.3:
        fields.append(f"List-Unsubscribe: <https://{plan.owner.name}/u/{number:x}>\r\n".encode())
    if dice.random() < 0.4:
        fields.append(b"X-Mailer: Sender 4.2 (build 77)\r\n")
    return fields


def _sign(own: list[bytes], body: Body, signer: Domain, dice: random.Random) -> bytes:
    return sign(
        own,
        body.octets,
        key=signer.key,
        domain=signer.name,
        selector=signer.selector,
        canonicalization=_weighted(FORMS, dice),
        names=dice.choice((SIGNED, SIGNED + ":from", SIGNED + ":list-unsubscribe")),
        extra=dice.choice(("", f" t={int(FIRST.timestamp())};", f" q=dns/txt; i=@{signer.name};")),
    )


def _alter(octets: bytes, dice: random.Random) -> bytes:
    if dice.random() < 0.5:
        return octets + LATER
    at = octets.index(b" ", len(octets) // 3) if b" " in octets[len(octets) // 3 :] else 0
    return octets[:at] + b"#" + octets[at:]


def _stamp(plan: Plan, found: Verdicts) -> bytes:
    """Return the stamp of a receiver that checked as it should."""
    words = results(found, plan, plan.mail_from, fold="\r\n\t")
    return f"Authentication-Results: mx1.{RECEIVER}{words}\r\n".encode()
