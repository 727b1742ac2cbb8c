"""One whole report per message, against the naive loop, on the samples."""

import pathlib
from collections.abc import Iterator

from bench.naive import naive
from bench.runner import Result, Skipped, compare
from bench.scale import Scale
from mailtrace.report import analyze
from mailtrace.resolver import Resolver
from mailtrace.resolver.recorded import load_dns

SAMPLES = pathlib.Path(__file__).parent.parent / "samples"
NAME = "report"


def _with_body(name: str, raw: bytes, dns: Resolver) -> tuple[str, bytes, Resolver]:
    """Return the sample with a megabyte of text behind it: the part of the work that grows with the body."""
    line = b"A line of words, as a long letter has many of them.\r\n"
    return f"{name} and 1 MB of text", raw + line * (1_000_000 // len(line)), dns


def report(_: Scale) -> Iterator[Result]:
    """Analyse each sample, and all of them in a row."""
    pairs = [(path, path.with_suffix(".dns.json")) for path in sorted(SAMPLES.glob("*.eml"))]
    cases: list[tuple[str, bytes, Resolver]] = [
        (path.stem, path.read_bytes(), load_dns(dns)) for path, dns in pairs if dns.is_file()
    ]
    if not cases:
        yield Skipped(name=NAME, reason=f"no message with a recording in {SAMPLES.name}/")
        return
    jobs = [(raw, analyze(raw, dns=dns).session, dns) for _, raw, dns in cases]

    def ours() -> None:
        for raw, _, dns in jobs:
            analyze(raw, dns=dns)

    def theirs() -> None:
        for raw, session, dns in jobs:
            naive(raw, session, dns)

    yield compare(ours, theirs, name=f"report: {len(jobs)} samples", peer="email + dkimpy + pyspf")
    cases.append(_with_body(*cases[0]))
    jobs.append((cases[-1][1], *jobs[0][1:]))
    for (name, *__), (raw, session, dns) in zip(cases, jobs, strict=True):
        yield compare(
            lambda raw=raw, dns=dns: analyze(raw, dns=dns),  # type: ignore[misc]  # the loop's values, bound now
            lambda raw=raw, session=session, dns=dns: naive(raw, session, dns),  # type: ignore[misc]
            name=f"report: {name}",
            peer="email + dkimpy + pyspf",
            rounds=5,
        )
