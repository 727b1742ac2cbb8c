"""What each message is to be: who sends it in whose name, by which way; and the verdicts that follow from that."""

import random
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate

from bench.corpus.domains import Domain, World

KINDS = (
    ("valid", 62),
    ("altered", 10),
    ("spoof", 10),
    ("double", 7),
    ("forwarded", 4),
    ("broken-arc", 3),
    ("bounce", 4),
)
"""Of a hundred messages."""
NULL = "<>"
"""The null reverse-path (RFC 5321 §4.5.5), which has no address."""
BREAKS = ("body", "results", "gap", "failed")
"""What breaks an ARC chain: the body changed after the last seal, a set's results changed, the first set is lost, or
the second forwarder already found it broken and said so in its seal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What every peer has to say of it; `dkim`: the domain of each signature, and whether it passes."""

    dkim: tuple[tuple[str, bool], ...]
    spf: str
    dmarc: str
    arc: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The forwarders that a message came by, the first first; each seals it (RFC 8617)."""

    forwarders: tuple[Domain, ...]
    envelopes: tuple[str, ...]
    """MAIL FROM to each of them, and to the receiver."""
    has_footer: bool
    """Whether the first one writes below the text, before it seals."""
    breaks: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Who sends it in whose name, and who signs."""

    kind: str
    author: str
    """The domain of From, which may lie below the owner's."""
    owner: Domain
    sender: Domain
    """Whose server hands it over: the owner's, a stranger's, or the last forwarder's."""
    helo: str
    signers: tuple[Domain, ...]
    mail_from: str
    spf: str
    route: Route | None = None

    @property
    def is_intact(self) -> bool:
        """Whether the body arrives as it was signed."""
        if self.route is None:
            return self.kind != "altered"
        return not self.route.has_footer and self.route.breaks not in {"body", "failed"}


def deal(count: int, dice: random.Random) -> list[str]:
    """Return that many kinds in their shares, but for rounding; so that a small corpus has each of them, too."""
    bounds = list(accumulate(weight for _, weight in KINDS))
    offset = dice.random()
    points = [(number + offset) * bounds[-1] / count for number in range(count)]
    kinds = [next(kind for (kind, _), bound in zip(KINDS, bounds, strict=True) if point < bound) for point in points]
    dice.shuffle(kinds)
    return kinds


def plan_message(world: World, kind: str, moment: datetime, dice: random.Random) -> Plan:
    """Throw the dice for who sends it."""
    owner = dice.choice(world.senders)
    plan = Plan(
        kind=kind,
        author=f"news.{owner.name}" if dice.random() < 0.15 else owner.name,
        owner=owner,
        sender=owner,
        helo=owner.host,
        signers=(world.service, owner) if kind == "double" else (owner,),
        mail_from=f"bounces+{dice.randrange(10**6)}@{owner.name}",
        spf="pass",
    )
    if kind == "spoof":
        return _spoofed(plan, world, dice)
    if kind == "bounce":
        return _bounced(plan, world, dice)
    if kind in {"forwarded", "broken-arc"}:
        return _forwarded(plan, world, moment, dice)
    return plan


def _spoofed(plan: Plan, world: World, dice: random.Random) -> Plan:
    stranger = dice.choice(world.strangers)
    # with an envelope of its own SPF passes, for a domain that is not the author's
    is_own = dice.random() < 0.5
    return replace(
        plan,
        sender=stranger,
        helo=stranger.host,
        signers=dice.choice(((), (stranger,))),
        mail_from=f"bounce@{stranger.name}" if is_own else plan.mail_from,
        spf="pass" if is_own else plan.owner.otherwise,
    )


def _bounced(plan: Plan, world: World, dice: random.Random) -> Plan:
    """RFC 7208 §2.4: without a reverse-path it is postmaster at the name of HELO who is asked for."""
    owner = plan.owner
    bounce = replace(
        plan,
        author=dice.choice((owner.name, owner.host)),
        signers=dice.choice(((), (owner,))),
        mail_from=NULL,
        spf="pass" if owner.host_spf else "none",
    )
    if dice.random() < 0.75:
        return bounce
    # one that nobody's message was the cause of, under the owner's name in HELO or under its own
    stranger, is_own = dice.choice(world.strangers), dice.random() < 0.5
    return replace(
        bounce,
        sender=stranger,
        helo=stranger.host if is_own else owner.host,
        signers=(),
        spf="pass" if is_own else "fail" if owner.host_spf else "none",
    )


def _forwarded(plan: Plan, world: World, moment: datetime, dice: random.Random) -> Plan:
    breaks = dice.choice(BREAKS) if plan.kind == "broken-arc" else None
    count = 2 if breaks in {"gap", "failed"} or dice.random() < 0.3 else 1
    forwarders = tuple(dice.sample(world.forwarders, count))
    rewrites = dice.random() < 0.6
    envelopes = [plan.mail_from]
    for forwarder in forwarders:
        envelopes.append(_rewritten(envelopes[-1], forwarder.name, moment, dice) if rewrites else plan.mail_from)
    return replace(
        plan,
        sender=forwarders[-1],
        helo=forwarders[-1].host,
        mail_from=envelopes[-1],
        spf="pass" if rewrites else plan.owner.otherwise,
        route=Route(
            forwarders=forwarders,
            envelopes=tuple(envelopes),
            has_footer=dice.random() < 0.4,
            breaks=breaks,
        ),
    )


def _rewritten(address: str, domain: str, moment: datetime, dice: random.Random) -> str:
    """Rewrite a reverse-path by the Sender Rewriting Scheme: with a hash and the day, and once more with the first."""
    local, _, host = address.rpartition("@")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    keyed = "".join(dice.choices(letters, k=4))
    if local.startswith("SRS0="):
        return f"SRS1={keyed}={host}={local.removeprefix('SRS0')}@{domain}"
    day = int(moment.timestamp()) // 86400 % 1024
    return f"SRS0={keyed}={letters[day >> 5]}{letters[day & 31]}={host}={local}@{domain}"


def expected(plan: Plan) -> Verdicts:
    """Say what the receiver must find."""
    arc = {"forwarded": "pass", "broken-arc": "fail"}.get(plan.kind, "none")
    return judged(plan, plan.mail_from, spf=plan.spf, is_intact=plan.is_intact, arc=arc)


def judged(plan: Plan, mail_from: str, *, spf: str, is_intact: bool, arc: str) -> Verdicts:
    """Say what must be found at one place of its way."""
    dkim = tuple((signer.name, is_intact) for signer in plan.signers)
    envelope = plan.helo if mail_from == NULL else mail_from.rpartition("@")[2]
    by_dkim = any(passed and _aligned(name, plan, strict=plan.owner.strict_dkim) for name, passed in dkim)
    by_spf = spf == "pass" and _aligned(envelope, plan, strict=plan.owner.strict_spf)
    dmarc = ("pass" if by_dkim or by_spf else "fail") if plan.owner.dmarc else "none"
    return Verdicts(dkim=dkim, spf=spf, dmarc=dmarc, arc=arc)


def _aligned(name: str, plan: Plan, *, strict: bool) -> bool:
    """RFC 9989 §4.4: every organisation here is one label below its top-level domain."""
    return name == plan.author if strict else name.split(".")[-2:] == plan.owner.name.split(".")


def results(verdicts: Verdicts, plan: Plan, mail_from: str, *, fold: str) -> str:
    """Write them as a server does that checked as it should (RFC 8601), each method after `fold`."""
    dkim = [f"dkim={'pass' if passed else 'fail'} header.d={name}" for name, passed in verdicts.dkim]
    asked = f"smtp.helo={plan.helo}" if mail_from == NULL else f"smtp.mailfrom={mail_from}"
    words = [
        *(dkim or ["dkim=none"]),
        f"spf={verdicts.spf} {asked}",
        f"dmarc={verdicts.dmarc} header.from={plan.author}",
    ]
    if verdicts.arc != "none":
        words.append(f"arc={verdicts.arc}")
    return "".join(f";{fold}{word}" for word in words)
