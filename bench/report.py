"""One whole report per message, against the naive loop, on the samples."""

import pathlib
from collections.abc import Iterator

from bench.naive import naive
from bench.runner import Result, Skipped, compare
from mailtrace.report import analyze
from mailtrace.resolver.recorded import load_dns

SAMPLES = pathlib.Path(__file__).parent.parent / "samples"
NAME = "report"


def report() -> Iterator[Result]:
    """Analyse each sample, and all of them in a row."""
    pairs = [(path, path.with_suffix(".dns.json")) for path in sorted(SAMPLES.glob("*.eml"))]
    cases = [(path.stem, path.read_bytes(), load_dns(dns)) for path, dns in pairs if dns.is_file()]
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
    for (name, *_), (raw, session, dns) in zip(cases, jobs, strict=True):
        yield compare(
            lambda raw=raw, dns=dns: analyze(raw, dns=dns),  # type: ignore[misc]  # the loop's values, bound now
            lambda raw=raw, session=session, dns=dns: naive(raw, session, dns),  # type: ignore[misc]
            name=f"report: {name}",
            peer="email + dkimpy + pyspf",
            rounds=5,
        )
