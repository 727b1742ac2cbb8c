"""Our own library: the whole report of every message."""

from pathlib import Path
from typing import Any

from bench.peers.loop import Entry, Judge, main
from mailtrace import __version__
from mailtrace.auth.types import Session, Source
from mailtrace.report import Report, analyze
from mailtrace.resolver.recorded import load_dns
from mailtrace.results import DKIMResult


def session(entry: Entry) -> Session:
    """Return what the manifest says that SMTP saw."""
    given = Source.GIVEN
    return Session(
        client_ip=entry["ip"],
        client_ip_source=given,
        helo=entry["helo"],
        helo_source=given,
        mail_from=entry["mail_from"],
        mail_from_source=given,
    )


def verdicts(report: Report) -> dict[str, Any]:
    """Return the words that the manifest has."""
    found = report.authentication
    mailfrom = [check for check in found.spf if check.identity == "mailfrom"]
    return {
        "dkim": [[check.sdid, check.result is DKIMResult.PASS] for check in found.dkim if check.sdid],
        "spf": str(mailfrom[0].result) if mailfrom else "none",
        "dmarc": str(found.dmarc.result),
        "arc": str(found.arc.result),
    }


def make(place: Path) -> tuple[Judge, dict[str, str]]:
    """Open the recording."""
    dns = load_dns(place / "zone.json")
    return lambda raw, entry: verdicts(analyze(raw, dns=dns, session=session(entry))), {"mailtrace": __version__}


if __name__ == "__main__":
    main(make)
