"""`mailtrace find`: "did you get my email?", out of logs, mailboxes, bounces and receipts."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from mailtrace.cli import find_dns
from mailtrace.cli.exits import (
    FIND_CONDITIONS,
    FIND_DEFAULT,
    FORCED_CONDITIONS,
    FORCED_DEFAULT,
    Status,
    first,
    of_answer,
)
from mailtrace.cli.find_options import find_options
from mailtrace.cli.floors import import_upwards
from mailtrace.cli.forced import ForcedQuestion, check, forced, read_list
from mailtrace.cli.output import DEBUG, Output, OutputError, WrongUsageError, reason, refuse_to_overwrite, say
from mailtrace.cli.progress_line import Shown
from mailtrace.cli.times import Zones, time_of, zones_of
from mailtrace.garbage import look_as_usual

if TYPE_CHECKING:
    from mailtrace.delivery.answer import FindReport
    from mailtrace.delivery.query import Query
    from mailtrace.sources.imap.access import Access


def _conditions(words: tuple[str, ...] | None, known: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
    if words is None:
        return default
    if words == ("none",):
        return ()
    unknown = [word for word in words if word not in known]
    if unknown or not words:
        names = f"{', '.join(unknown) or 'nothing'} is not one of: {', '.join(known)}; or none alone"
        raise click.BadParameter(names, param_hint="'--fail-on'")
    return words


@click.command()
@find_options
def find(**given: Any) -> int:
    """Did you get my email? Find out what became of a message, for each recipient.

    A SOURCE is a server's log (plain or packed, rotated files in any order), a mailbox, a message, a bounce, or a
    directory of these; its content says which. imaps://user@host/ is a mailbox on a server, which is only read.
    """
    click.get_current_context().find_root().meta[DEBUG] = given["debug"]
    form = _format(given)
    zones = zones_of(given["tz"], given["log_tz"])
    dns = find_dns.read(given)
    access = _access(given)
    refuse_to_overwrite(
        {"--output": given["output"], "--record": dns.record},
        (*given["sources"], *given["other_side"], given["like"], given["forced_tls"], dns.dns, dns.keys),
    )
    question = _question(given, zones, access)
    if isinstance(question, Status):
        return question
    look_as_usual()
    statuses: list[Status] = []
    try:
        statuses += _answer(given, question, zones, access, form)
    except OutputError as fault:
        say(str(fault))
        statuses.append(Status.OUTPUT)
    return first(statuses)


def _question(given: dict[str, Any], zones: Zones, access: "Access") -> "Query | ForcedQuestion | Status":
    if given["forced_tls"] is not None:
        return _forced_question(given, zones)
    if given["list_all"]:
        raise WrongUsageError("--all needs --forced-tls")
    given["fail_on"] = _conditions(given["fail_on"], FIND_CONDITIONS, FIND_DEFAULT)
    return _query(given, zones, access)


def _forced_question(given: dict[str, Any], zones: Zones) -> ForcedQuestion | Status:
    check(given)
    after, before = (time_of(name, given[name], zones.asker) for name in ("after", "before"))
    if after and before and after > before:
        raise WrongUsageError("--after is later than --before")
    conditions = _conditions(given["fail_on"], FORCED_CONDITIONS, FORCED_DEFAULT)
    found = read_list(given["forced_tls"])
    if isinstance(found, Status):
        return found
    domains, digest = found
    return ForcedQuestion(
        domains=domains,
        sha256=digest,
        after=after,
        before=before,
        zone_name=zones.name,
        log_zone=zones.logs,
        conditions=conditions,
    )


def _answer(
    given: dict[str, Any], question: "Query | ForcedQuestion", zones: Zones, access: "Access", form: str
) -> list[Status]:
    if isinstance(question, ForcedQuestion):
        return forced(given, question, form, Shown())
    with ExitStack() as stack, Output(given["output"]) as output:
        seals = find_dns.seals(find_dns.read(given), stack)
        if isinstance(seals, Status):
            return [seals]
        report, faults = _find(given, question, zones, seals, access)
        # DNS is asked while the report is made, and its status is known behind it.
        statuses = [*faults, seals.status()]
        _print(report, output, form, given)
        return [*statuses, of_answer(report.answer.outcome, given["fail_on"])]


def _format(given: dict[str, Any]) -> str:
    named = [given["format"]] if given["format"] else []
    forms = list(dict.fromkeys([*named, *(name for name in ("json", "csv") if given[name])]))
    if len(forms) > 1:
        raise WrongUsageError(f"one format only, not {' and '.join(forms)}")
    if forms == ["csv"] and given["forced_tls"] is None:
        raise WrongUsageError("--csv needs --forced-tls")
    return str(forms[0]) if forms else "text"


def _access(given: dict[str, Any]) -> "Access":
    from mailtrace.cli.passwords import access_for

    names = (*given["sources"], *given["other_side"], *([given["like"]] if given["like"] else ()))
    return access_for(names, authorities=given["imap_ca"], timeout=given["imap_timeout"])


def _query(given: dict[str, Any], zones: Zones, access: "Access") -> "Query | Status":
    import_upwards()
    from mailtrace.delivery.query import DEFAULT_WINDOW, Query, at_time, bracketed

    window = _window(given["window"])
    query = Query(
        message_ids=tuple(dict.fromkeys(bracketed(one) for one in given["message_ids"] if one.strip("<> "))),
        senders=tuple(one.strip().strip("<>") for one in given["senders"]),
        recipients=tuple(one.strip().strip("<>") for one in given["recipients"]),
        subject=given["subject"] or None,
        envelope_ids=tuple(dict.fromkeys(one.strip() for one in given["envelope_ids"] if one.strip())),
        around=time_of("around", given["around"], zones.asker),
        after=time_of("after", given["after"], zones.asker),
        before=time_of("before", given["before"], zones.asker),
        said=given["said"],
    )
    if given["like"]:
        known = _like(query, given["like"], access)
        if isinstance(known, Status):
            return known
        query = known
    if query.is_empty:
        raise WrongUsageError("say which message: --message-id, --like FILE, or --from, --to, --subject")
    if given["window"] and query.around is None:
        raise WrongUsageError("--window needs --around")
    query = at_time(query, window or DEFAULT_WINDOW)
    if query.after and query.before and query.after > query.before:
        raise WrongUsageError("--after is later than --before")
    return query


def _window(value: str | None) -> timedelta | None:
    from mailtrace.delivery.query import duration

    try:
        return None if value is None else duration(value)
    except (ValueError, OverflowError) as fault:
        raise WrongUsageError(f"--window: {fault}") from fault


def _like(query: "Query", name: str, access: "Access") -> "Query | Status":
    from mailtrace.delivery.query import like
    from mailtrace.errors import MessageError
    from mailtrace.message import parse
    from mailtrace.sources import open_source
    from mailtrace.sources.imap.types import ImapError

    try:
        with open_source(name, access=access) as raw:
            return like(query, parse(raw.file), name)
    except ImapError as fault:
        say(name, str(fault))
        return Status.UNAVAILABLE
    except MessageError as fault:
        say(name, str(fault))
        return Status.DATA
    except OSError as fault:
        say(name, reason(fault))
        return Status.NO_INPUT


def _find(
    given: dict[str, Any], query: "Query", zones: Zones, seals: find_dns.Seals, access: "Access"
) -> tuple["FindReport", list[Status]]:
    from mailtrace.delivery.find import Settings, find
    from mailtrace.delivery.logs.formats import FORMATS

    # The clock is read here, once: a log can be asked for no later time than this.
    settings = Settings(
        zone=zones.asker,
        zone_name=zones.name,
        log_zone=zones.logs,
        now=datetime.now(UTC),
        theirs=given["other_side"],
        seal_of=seals.seal_of,
        access=access,
    )
    shown = Shown()
    report, opened = find(given["sources"], query, formats=FORMATS, settings=settings, progress=shown.progress)
    shown.clear()
    statuses = []
    for name, words, is_missing in opened.faults:
        say(name, words)
        statuses.append(Status.NO_INPUT if is_missing else Status.DATA)
    for name, words in opened.unavailable:
        say(name, words)
        statuses.append(Status.UNAVAILABLE)
    return report, statuses


def _print(report: "FindReport", output: Output, form: str, given: dict[str, Any]) -> None:
    if form == "json":
        from mailtrace.render.json import dumps

        output.write(dumps(report, indent=2) + "\n")
        return
    from mailtrace.render.text.find import render

    look = output.look(width=given["width"], color=given["color"])
    text = render(report, width=look.width, encoding=look.encoding, color=look.color, trace=given["trace"])
    output.write(text, look.encoding)
