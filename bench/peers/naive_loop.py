"""What one writes in an afternoon (bench/naive.py): email, dkimpy, pyspf; it judges no DMARC."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.naive import naive
from bench.peers.loop import Entry, Judge, main
from bench.peers.mailtrace_loop import session
from mailtrace.resolver.recorded import load_dns


def make(place: Path) -> tuple[Judge, dict[str, str]]:
    """Answer from the same recording, through the same reader of it."""
    dns = load_dns(place / "zone.json")

    def judge(raw: bytes, entry: Entry) -> dict[str, Any]:
        found = naive(raw, session(entry), dns)
        return {"dkim": [list(pair) for pair in found.signatures], "spf": found.spf}

    return judge, {name: version(name) for name in ("dkimpy", "pyspf")}


if __name__ == "__main__":
    main(make)
