"""Corpora of one dimension: messages that differ in size, in hops, or in signatures, and in nothing else."""

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.corpus.bodies import Body, Writer
from bench.corpus.build import SEED, write_corpus
from bench.corpus.domains import Domain, World, make_world
from bench.corpus.hops import RECEIVER, Journey, received
from bench.corpus.message import FIRST, Made
from bench.corpus.plans import Verdicts
from bench.corpus.signer import sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One place on the axis."""

    octets: int = 8_000
    hops: int = 6
    signatures: int = 1

    @property
    def label(self) -> str:
        """The class of its messages in the manifest."""
        return f"{self.octets}-{self.hops}-{self.signatures}-"


def series(directory: Path, name: str, points: Sequence[Point], *, copies: int = 5, seed: int = SEED) -> Path:
    """Return the corpus of these points; make it if it is not there."""
    # Other points are another corpus, whatever it is called.
    place = directory / f"{name}-{seed}-{zlib.crc32(repr((tuple(points), copies)).encode()):08x}"
    if not (place / "manifest.json").is_file():
        dice = random.Random(f"{seed}/{name}")
        world = make_world(1, random.Random(seed))
        writer = Writer(dice)
        made = (_message(world, writer, point, dice) for point in points for _ in range(copies))
        write_corpus(place, made, world.zone, {"seed": seed, "size": name})
    return place


def _message(world: World, writer: Writer, point: Point, dice: random.Random) -> Made:
    owner = world.senders[0]
    body = writer.sized(point.octets)
    mail_from = f"ann@{owner.name}"
    own = [
        b"Date: Fri, 01 May 2026 06:00:00 +0000\r\n",
        f"From: Ann Miller <{mail_from}>\r\n".encode(),
        f"To: Bob <bob@{RECEIVER}>\r\n".encode(),
        f"Message-ID: <{dice.getrandbits(64):016x}@{owner.name}>\r\n".encode(),
        b"Subject: Offer for the new shelving\r\n",
        b"MIME-Version: 1.0\r\n",
        *body.fields,
    ]
    journey = Journey(
        client=owner.host,
        ip=owner.ip,
        domain=owner.name,
        mail_from=mail_from,
        recipient=f"bob@{RECEIVER}",
        start=FIRST,
    )
    signatures = [_signature(own, body, owner, number) for number in range(point.signatures)]
    fields = [*received(journey, dice, point.hops), *signatures, *own]
    return Made(
        octets=b"".join(fields) + b"\r\n" + body.octets,
        kind="valid",
        size_class=point.label,
        ip=owner.ip,
        helo=owner.host,
        mail_from=mail_from,
        author=owner.name,
        expected=Verdicts(dkim=((owner.name, True),) * point.signatures, spf="pass", dmarc="pass"),
    )


def _signature(own: list[bytes], body: Body, owner: Domain, number: int) -> bytes:
    return sign(
        own,
        body.octets,
        key=owner.key,
        domain=owner.name,
        selector=owner.selector,
        canonicalization="relaxed/relaxed",
        extra=f" t={int(FIRST.timestamp()) - number};",
    )
