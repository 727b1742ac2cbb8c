"""`mailtrace find --forced-tls`: was everything that went to these domains under TLS?"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

from mailtrace.cli import find_dns
from mailtrace.cli.exits import Status, of_forced
from mailtrace.cli.output import Output, WrongUsageError, reason, say
from mailtrace.cli.progress_line import Shown

if TYPE_CHECKING:
    from mailtrace.delivery.forced.domains import Domains
    from mailtrace.delivery.forced.report import ForcedTLSReport

MAX_LIST = 8 << 20
"""Octets of a list of domains that are read."""
_OF_ONE_MESSAGE = (
    *("message_ids", "senders", "recipients", "subject", "around", "window", "other_side", "like", "envelope_ids"),
    *("said", "trace", *find_dns.NAMES),
)
_NAMES = {"message_ids": "message-id", "senders": "from", "recipients": "to", "envelope_ids": "envelope-id"}


class ForcedQuestion(NamedTuple):
    """What was asked, read from the command line."""

    domains: "Domains"
    sha256: str
    after: datetime | None
    before: datetime | None
    zone_name: str
    log_zone: tzinfo
    conditions: tuple[str, ...]


def check(given: Mapping[str, Any]) -> None:
    """Refuse what asks for one message. Raises WrongUsageError."""
    from mailtrace.sources.imap.access import is_imap

    if any(is_imap(name) for name in given["sources"]):
        raise WrongUsageError("--forced-tls is about logs: it goes without mailboxes on servers")
    for name in _OF_ONE_MESSAGE:
        if given[name]:
            raise WrongUsageError(
                f"--forced-tls is about all messages: it goes without {_NAMES.get(name, f'--{name}')}"
            )


def read_list(name: str) -> "tuple[Domains, str] | Status":
    """Read the list of domains. Raises WrongUsageError for a list that is none."""
    from hashlib import sha256

    from mailtrace.delivery.forced.domains import DomainListError, read_domains

    try:
        with open(name, "rb") as file:  # noqa: PTH123 - a name as given, and may be a pipe
            text = file.read(MAX_LIST + 1)
    except (OSError, ValueError) as fault:
        say(name, reason(fault) if isinstance(fault, OSError) else str(fault))
        return Status.NO_INPUT
    if len(text) > MAX_LIST:
        raise WrongUsageError(f"--forced-tls: {name}: more than {MAX_LIST >> 20} MiB")
    try:
        return read_domains(text), sha256(text).hexdigest()
    except DomainListError as fault:
        raise WrongUsageError(f"--forced-tls: {name}: {fault}") from fault


def forced(given: Mapping[str, Any], question: ForcedQuestion, form: str, shown: Shown) -> list[Status]:
    """Make the report and print it; return how it ends."""
    from mailtrace.delivery.forced.find import ForcedSettings, find_forced
    from mailtrace.delivery.logs.formats import FORMATS
    from mailtrace.delivery.query import Query

    settings = ForcedSettings(
        log_zone=question.log_zone,
        now=datetime.now(UTC),
        zone_name=question.zone_name,
        domain_file=given["forced_tls"],
        domain_file_sha256=question.sha256,
        lists_all=given["list_all"],
    )
    query = Query(after=question.after, before=question.before)
    with Output(given["output"]) as output:
        report, opened = find_forced(
            given["sources"], question.domains, query, formats=FORMATS, settings=settings, progress=shown.progress
        )
        shown.clear()
        statuses = []
        for name, words, is_missing in opened.faults:
            say(name, words)
            statuses.append(Status.NO_INPUT if is_missing else Status.DATA)
        if not opened.logs and not opened.faults:
            say("no log among the sources")
            statuses.append(Status.DATA)
        _print(report, output, form, given)
    answer = report.answer
    counts = {"in-clear": answer.in_clear, "not-verified": answer.not_verified, "undecided": answer.undecided}
    return [*statuses, of_forced(counts, question.conditions, is_complete=answer.is_complete)]


def _print(report: "ForcedTLSReport", output: Output, form: str, given: Mapping[str, Any]) -> None:
    writers: dict[str, Callable[[ForcedTLSReport], str]] = {"json": _as_json, "csv": _as_csv}
    if form in writers:
        output.write(writers[form](report))
        return
    from mailtrace.render.text.forced import render

    look = output.look(width=given["width"], color=given["color"])
    output.write(render(report, width=look.width, encoding=look.encoding, color=look.color), look.encoding)


def _as_json(report: "ForcedTLSReport") -> str:
    from mailtrace.render.json import dumps

    return dumps(report, indent=2) + "\n"


def _as_csv(report: "ForcedTLSReport") -> str:
    from mailtrace.render.table import render

    return render(report)
