"""The way of a forwarded message: the fields that it gathers, and the ARC set of each forwarder (RFC 8617)."""

import base64
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bench.corpus.domains import Domain
from bench.corpus.hops import RECEIVER, Journey, leg
from bench.corpus.plans import Plan, Route, judged, results
from bench.corpus.signer import SIGNED, canonical_field, folded, sign

FOOTER = b"-- \r\nYou get this because you are on the list of members.\r\n"
FOLD = "\r\n\t"
LATER = b"-- \r\nThis message was scanned on its way.\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ARCSet:
    """Its three fields."""

    results: bytes
    signature: bytes
    seal: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message on its way: its fields, topmost first, and its body."""

    fields: tuple[bytes, ...]
    body: bytes
    sets: tuple[ARCSet, ...] = ()
    """The oldest first; they are not among the fields."""
    trace: tuple[bytes, ...] = ()
    """What was written above the author's fields, topmost first, and each set in its place."""

    def under(self, *written: bytes) -> "Parcel":
        """Return it with fields written above it."""
        return replace(self, trace=(*written, *self.trace))


def forward(
    plan: Plan,
    route: Route,
    fields: Sequence[bytes],
    body: bytes,
    recipient: str,
    moment: datetime,
    dice: random.Random,
) -> tuple[list[bytes], bytes]:
    """Send a signed message by its forwarders; return all its fields, and the body as it arrives."""
    parcel, client = Parcel(fields=tuple(fields), body=body), plan.owner
    for at, forwarder in enumerate(route.forwarders):
        arrival = f"bob@{forwarder.name}"
        journey = _journey(client, plan, route.envelopes[at], arrival, moment, by=f"mx.{forwarder.name}")
        parcel = parcel.under(*leg(journey, dice, below=0 if at else dice.randint(1, 2)))
        if at and route.breaks == "failed":
            parcel = replace(parcel, body=parcel.body + LATER)
        parcel = _sealed(parcel, plan, route, at, moment)
        moment, client = moment + timedelta(seconds=dice.randint(5, 30)), forwarder
    journey = _journey(client, plan, plan.mail_from, recipient, moment, by=f"mx1.{RECEIVER}")
    parcel = _broken(parcel, route).under(*leg(journey, dice, inside=True))
    return [*parcel.trace, *parcel.fields], parcel.body


def _journey(client: Domain, plan: Plan, mail_from: str, recipient: str, moment: datetime, *, by: str) -> Journey:
    return Journey(
        client=client.host,
        ip=client.ip,
        domain=plan.owner.name,
        mail_from=mail_from,
        recipient=recipient,
        start=moment,
        by=by,
    )


def _sealed(parcel: Parcel, plan: Plan, route: Route, at: int, moment: datetime) -> Parcel:
    """Let a forwarder check it, change it if that is its way, and seal it."""
    forwarder = route.forwarders[at]
    is_late = at > 0 and route.breaks == "failed"
    found = judged(
        plan,
        route.envelopes[at],
        spf="pass" if at == 0 or route.envelopes[at] != route.envelopes[0] else plan.owner.otherwise,
        is_intact=at == 0 or not (route.has_footer or is_late),
        arc="none" if at == 0 else "fail" if is_late else "pass",
    )
    if at == 0 and route.has_footer:
        parcel = replace(parcel, body=parcel.body + FOOTER)
    words = f"i={at + 1}; mx.{forwarder.name}{results(found, plan, route.envelopes[at], fold=FOLD)}"
    new = _arc_set(parcel, forwarder, words, found.arc, moment)
    return replace(parcel.under(new.seal, new.signature, new.results), sets=(*parcel.sets, new))


def _arc_set(parcel: Parcel, sealer: Domain, words: str, chain: str, moment: datetime) -> ARCSet:
    """RFC 8617 §5.1: the results, a signature over the message as it leaves, and a seal over all sets."""
    instance = len(parcel.sets) + 1
    arc_results = f"ARC-Authentication-Results: {words}\r\n".encode()
    signature = sign(
        [*parcel.trace, *parcel.fields],
        parcel.body,
        key=sealer.key,
        domain=sealer.name,
        selector=sealer.selector,
        canonicalization="relaxed/relaxed",
        names=f"{SIGNED}:dkim-signature",
        opening=f"ARC-Message-Signature: i={instance}",
    )
    own = (
        f"ARC-Seal: i={instance}; a={sealer.key.algorithm}; t={int(moment.timestamp())}; cv={chain};\r\n\t"
        f"d={sealer.name}; s={sealer.selector};\r\n\tb="
    ).encode()
    # RFC 8617 §5.1.2: what seals a broken chain covers its own set alone
    earlier = (
        [] if chain == "fail" else [field for one in parcel.sets for field in (one.results, one.signature, one.seal)]
    )
    sealed = b"".join(canonical_field(field, "relaxed") for field in (*earlier, arc_results, signature, own + b"\r\n"))[
        :-2
    ]
    value = base64.b64encode(sealer.key.sign(sealed, hashlib.sha256(sealed).digest())).decode()
    return ARCSet(results=arc_results, signature=signature, seal=own + folded(value))


def _broken(parcel: Parcel, route: Route) -> Parcel:
    """Do to the chain what is planned."""
    if route.breaks == "body":
        return replace(parcel, body=parcel.body + LATER)
    if route.breaks == "gap":
        first = parcel.sets[0]
        lost = {first.results, first.signature, first.seal}
        return replace(parcel, trace=tuple(field for field in parcel.trace if field not in lost))
    if route.breaks == "results":
        last = parcel.sets[-1].results
        other = last.replace(b"; mx.", b"; mx2.")
        return replace(parcel, trace=tuple(other if field == last else field for field in parcel.trace))
    return parcel
