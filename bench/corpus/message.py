"""A message, and what it must be found to be: both follow from one plan."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from bench.corpus.bodies import Body, Writer
from bench.corpus.domains import Domain, World
from bench.corpus.hops import RECEIVER, Journey, received
from bench.corpus.signer import SIGNED, sign

FIRST = datetime(2026, 5, 1, 6, tzinfo=UTC)
KINDS = (("valid", 70), ("altered", 10), ("spoof", 10), ("double", 10))
FORMS = (("relaxed/relaxed", 80), ("relaxed/simple", 15), ("simple/simple", 5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What every peer has to say of it; `dkim`: the domain of each signature, and whether it passes."""

    dkim: tuple[tuple[str, bool], ...]
    spf: str
    dmarc: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Who sends it in whose name, and who signs."""

    kind: str
    author: str
    """The domain of From, which may lie below the sender's."""
    owner: Domain
    sender: Domain
    """Whose server hands it over: the owner's, or a stranger's."""
    signers: tuple[Domain, ...]
    mail_from: str
    spf: str


def make_message(world: World, writer: Writer, size_class: str, dice: random.Random) -> Made:
    """Throw the dice for one message."""
    plan = _plan(world, dice)
    body = writer.write(size_class)
    recipient = f"bob@{RECEIVER}"
    moment = FIRST + timedelta(seconds=dice.randrange(28 * 86400))
    own = _own_fields(plan, body, recipient, moment, dice)
    trace = received(
        Journey(
            client=plan.sender.host,
            ip=plan.sender.ip,
            domain=plan.sender.name,
            mail_from=plan.mail_from,
            recipient=recipient,
            start=moment,
        ),
        dice,
    )
    signatures = [_sign(own, body, signer, dice) for signer in plan.signers]
    octets = body.octets
    if plan.kind == "altered":
        octets = _alter(octets, dice)
    expected = _expected(plan)
    stamp = [_stamp(plan, expected)] if dice.random() < 0.6 else []
    fields = [f"Return-Path: <{plan.mail_from}>\r\n".encode(), *stamp, *trace, *signatures, *own]
    return Made(
        octets=b"".join(fields) + b"\r\n" + octets,
        kind=plan.kind,
        size_class=size_class,
        ip=plan.sender.ip,
        helo=plan.sender.host,
        mail_from=plan.mail_from,
        author=plan.author,
        expected=expected,
    )


def _plan(world: World, dice: random.Random) -> Plan:
    owner = dice.choice(world.senders)
    kind = _weighted(KINDS, dice)
    author = f"news.{owner.name}" if dice.random() < 0.15 else owner.name
    mail_from = f"bounces+{dice.randrange(10**6)}@{owner.name}"
    sender, spf = owner, "pass"
    signers: tuple[Domain, ...] = (owner,)
    if kind == "double":
        signers = (world.service, owner)
    if kind == "spoof":
        sender = dice.choice(world.strangers)
        signers = dice.choice(((), (sender,)))
        # with an envelope of its own SPF passes, for a domain that is not the author's
        if dice.random() < 0.5:
            mail_from = f"bounce@{sender.name}"
        else:
            spf = owner.otherwise
    return Plan(kind=kind, author=author, owner=owner, sender=sender, signers=signers, mail_from=mail_from, spf=spf)


def _weighted(choices: tuple[tuple[str, int], ...], dice: random.Random) -> str:
    return dice.choices([word for word, _ in choices], [weight for _, weight in choices])[0]


def _own_fields(plan: Plan, body: Body, recipient: str, moment: datetime, dice: random.Random) -> list[bytes]:
    number = dice.getrandbits(64)
    fields = [
        f"Date: {format_datetime(moment)}\r\n".encode(),
        f"From: Ann Miller <ann@{plan.author}>\r\n".encode(),
        f"To: Bob\r\n <{recipient}>\r\n".encode(),
        f"Message-ID: <{number:016x}@{plan.author}>\r\n".encode(),
        dice.choice(
            (
                b"Subject: Offer  for the new shelving\r\n",
                b"Subject: =?utf-8?q?Bestellung_best=C3=A4tigt?=\r\n",
                b"Subject: A rather long subject about the meeting on Friday,\r\n and the room for it\r\n",
            )
        ),
        b"MIME-Version: 1.0\r\n",
        *body.fields,
    ]
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
    footer = b"-- \r\nThis message was scanned on its way.\r\n"
    if dice.random() < 0.5:
        return octets + footer
    at = octets.index(b" ", len(octets) // 3) if b" " in octets[len(octets) // 3 :] else 0
    return octets[:at] + b"#" + octets[at:]


def _expected(plan: Plan) -> Verdicts:
    dkim = tuple((signer.name, plan.kind != "altered") for signer in plan.signers)
    envelope = plan.mail_from.rpartition("@")[2]
    by_dkim = any(passed and _aligned(name, plan, strict=plan.owner.strict_dkim) for name, passed in dkim)
    by_spf = plan.spf == "pass" and _aligned(envelope, plan, strict=plan.owner.strict_spf)
    dmarc = ("pass" if by_dkim or by_spf else "fail") if plan.owner.dmarc else "none"
    return Verdicts(dkim=dkim, spf=plan.spf, dmarc=dmarc)


def _aligned(name: str, plan: Plan, *, strict: bool) -> bool:
    """RFC 9989 §4.4: every organisation here is one label below its top-level domain."""
    return name == (plan.author if strict else plan.owner.name)


def _stamp(plan: Plan, expected: Verdicts) -> bytes:
    """Return the stamp of a receiver that checked as it should."""
    dkim = "".join(
        f";\r\n\tdkim={'pass' if passed else 'fail'} header.d={name}" for name, passed in expected.dkim
    ) or ";\r\n\tdkim=none"  # fmt: skip
    spf = f";\r\n\tspf={expected.spf} smtp.mailfrom={plan.mail_from}"
    dmarc = f";\r\n\tdmarc={expected.dmarc} header.from={plan.author}"
    return f"Authentication-Results: mx1.{RECEIVER}{dkim}{spf}{dmarc}\r\n".encode()
