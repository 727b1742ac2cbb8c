"""Write a corpus: messages, manifest.json, and the one zone in two forms."""

import json
import random
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.corpus.bodies import CLASSES, Writer
from bench.corpus.domains import Zone, make_world
from bench.corpus.message import Made, make_message
from bench.corpus.plans import deal

VERSION = 3
"""Of the generator: raised whenever the octets of a corpus change."""
SEED = 5322
SIZES = {
    "smoke": {"domains": 10, "S": 24, "M": 12, "L": 4},
    "small": {"domains": 50, "S": 180, "M": 90, "L": 30},
    "full": {"domains": 50, "S": 1200, "M": 600, "L": 200},
}
RECORDED_AT = "2026-06-01T00:00:00Z"


def corpus(directory: Path, size: str, seed: int = SEED) -> Path:
    """Return the corpus of that size below the directory; make it if it is not there."""
    place = directory / f"{size}-{seed}-{VERSION}"
    if not (place / "manifest.json").is_file():
        shutil.rmtree(place, ignore_errors=True)
        build(place, size, seed)
    return place


def build(place: Path, size: str, seed: int = SEED) -> None:
    """Make it; the manifest is written last, so that half a corpus is none."""
    counts = SIZES[size]
    dice = random.Random(f"{seed}/{size}")
    world = make_world(counts["domains"], random.Random(seed))
    writer = Writer(dice)
    sizes = [size_class for size_class in CLASSES for _ in range(counts[size_class])]
    kinds = deal(len(sizes), dice)
    made = (make_message(world, writer, *chosen, dice) for chosen in zip(sizes, kinds, strict=True))
    write_corpus(place, made, world.zone, {"seed": seed, "size": size, "version": VERSION})


def write_corpus(place: Path, messages: Iterable[Made], zone: Zone, about: Mapping[str, Any]) -> None:
    """Write what was made, a file a message."""
    place.mkdir(parents=True)
    entries = []
    numbers: Counter[str] = Counter()
    for made in messages:
        name = f"{made.size_class}{numbers[made.size_class]:04}.eml"
        numbers[made.size_class] += 1
        (place / name).write_bytes(made.octets)
        entries.append(_entry(name, made))
    _write(place / "zone.json", recording(zone))
    _write(place / "zone.mailauth.json", mailauth_cache(zone))
    _write(place / "manifest.json", {**about, "messages": entries})


def _entry(name: str, made: Made) -> dict[str, Any]:
    return {
        "file": name,
        "octets": len(made.octets),
        "class": made.size_class,
        "kind": made.kind,
        "ip": made.ip,
        "helo": made.helo,
        "mail_from": made.mail_from,
        "author": made.author,
        "expected": asdict(made.expected),
    }


def recording(zone: Zone) -> dict[str, Any]:
    """Write the zone as `mailtrace --dns` reads it; what is not in it does not exist."""
    return {"mailtrace_dns": 1, "recorded_at": RECORDED_AT, "default": "NXDOMAIN", "answers": zone}


def mailauth_cache(zone: Zone) -> dict[str, Any]:
    """Write the zone as `mailauth --dns-cache` reads it: what node's resolver returns."""
    return {
        name: {rrtype: [_node(rrtype, record) for record in records] for rrtype, records in types.items()}
        for name, types in zone.items()
    }


def _node(rrtype: str, record: str) -> Any:
    if rrtype == "TXT":
        return [record[at : at + 255] for at in range(0, len(record), 255)]
    if rrtype == "MX":
        preference, _, exchange = record.partition(" ")
        return {"exchange": exchange, "priority": int(preference)}
    return record


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", "utf-8")
