"""authheaders, in an environment of its own (`make bench-peers`): it judges DKIM and DMARC; SPF is its caller's.

It imports nothing of ours but the loop, which is standard library alone.
"""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import authheaders  # type: ignore[import-not-found]  # in an environment of its own
import spf

from bench.peers.loop import Entry, Judge, main


def make(place: Path) -> tuple[Judge, dict[str, str]]:
    """Answer from the recording: TXT for dkimpy and DMARC, everything for pyspf."""
    zone = json.loads((place / "zone.json").read_text("utf-8"))["answers"]

    def policy(name: str) -> str | None:
        records = zone.get(name.rstrip(".").lower(), {}).get("TXT", ())
        return records[0] if records else None

    def key(name: bytes, timeout: float = 5) -> bytes | None:
        del timeout
        record = policy(name.decode())
        return record.encode() if record else None

    def lookup(name: str, qtype: str, *_: object) -> list[tuple[tuple[str, str], Any]]:
        records = zone.get(name.rstrip(".").lower(), {}).get(qtype, ())
        return [((name, qtype), _value(qtype, record)) for record in records]

    spf.DNSLookup = lookup
    of_domain = authheaders.get_org_domain

    def organisation(domain: str) -> str:
        """Its list lacks the reserved top-level domains, for which it gives them; its work is done all the same."""
        found = str(of_domain(domain))
        return found if "." in found else ".".join(domain.split(".")[-2:])

    authheaders.get_org_domain = authheaders.dmarc_lookup.get_org_domain = organisation

    def judge(raw: bytes, entry: Entry) -> dict[str, Any]:
        mail_from = "" if entry["mail_from"] == "<>" else entry["mail_from"]
        result, _ = spf.check2(i=entry["ip"], s=mail_from, h=entry["helo"])
        # it looks for the domain of MAIL FROM alone; RFC 7208 §2.4 has it that a null one is postmaster at HELO
        by_spf = authheaders.SPFAuthenticationResult(
            result=result, smtp_mailfrom=mail_from or f"postmaster@{entry['helo']}"
        )
        by_dkim = authheaders.check_dkim(raw, dnsfunc=key)
        dmarc = authheaders.check_dmarc(raw, spf_result=by_spf, dkim_result=by_dkim, dnsfunc=policy)
        return {
            # one signature only, the topmost: it does not look at others
            "dkim": [[by_dkim.header_d, by_dkim.result == "pass"]] if by_dkim.header_d else [],
            "spf": result,
            "dmarc": dmarc.result,
        }

    return judge, {name: version(name) for name in ("authheaders", "dkimpy", "pyspf")}


def _value(qtype: str, record: str) -> Any:
    if qtype == "TXT":
        return (record.encode(),)
    if qtype == "MX":
        preference, _, exchange = record.partition(" ")
        return (int(preference), exchange)
    return record


if __name__ == "__main__":
    main(make)
