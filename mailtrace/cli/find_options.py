"""The options of `find`, in the order of its help."""

import re
from collections.abc import Callable
from typing import Any

import click

from mailtrace.cli import find_dns
from mailtrace.cli.exits import FIND_CONDITIONS, FIND_DEFAULT, FORCED_CONDITIONS, FORCED_DEFAULT
from mailtrace.cli.options import IMAP_OPTIONS


def _words(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Read the list of --fail-on: the words, whatever they are; None where it is not given."""
    if value is None:
        return None
    return tuple(dict.fromkeys(word.strip().lower() for word in value.split(",") if word.strip()))


_SAID = re.compile(r"\s*<?([^@\s<>]+@[^=\s<>]+)>?\s*=\s*(\S.*)", re.DOTALL)


def _said(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Read ADDRESS=WORDS."""
    found = []
    for value in values:
        match = _SAID.fullmatch(value)
        if match is None:
            raise click.BadParameter(f"not ADDRESS=WORDS, as 'bob@example.org=got it': {value}")
        found.append((match[1], " ".join(match[2].split())))
    return tuple(found)


_OPTIONS: tuple[Callable[..., Any], ...] = (
    click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=click.Path()),
    click.option("--message-id", "message_ids", metavar="ID", multiple=True, help="With or without angle brackets."),
    click.option("--from", "senders", metavar="ADDRESS", multiple=True, help="Who sent it."),
    click.option("--to", "recipients", metavar="ADDRESS", multiple=True, help="Who should have it; repeatable."),
    click.option("--subject", metavar="TEXT", help="A part of the subject (most logs have none)."),
    click.option("--around", metavar="TIME", help="When it was sent: '2026-10-20 10:00', in the zone of --tz."),
    click.option("--window", metavar="DURATION", help="How far from --around, each way.  [default: 24h]"),
    click.option("--after", metavar="TIME", help="Not before this time."),
    click.option("--before", metavar="TIME", help="Not after this time."),
    click.option("--tz", metavar="ZONE", default="UTC", help="Your time zone, Europe/Berlin.  [default: UTC]"),
    click.option("--log-tz", metavar="ZONE", help="Of log times that name none.  [default: UTC]"),
    click.option(
        "--other-side",
        metavar="SOURCE",
        multiple=True,
        help="A log that the other side sent: what only it shows is marked so.",
    ),
    *IMAP_OPTIONS,
    click.option("--like", metavar="FILE", help="The sender's own copy of the message is the question."),
    click.option("--envelope-id", "envelope_ids", metavar="ID", multiple=True, help="Its ENVID, as bounces repeat it."),
    *find_dns.OPTIONS,
    click.option(
        "--said",
        metavar="ADDRESS=WORDS",
        multiple=True,
        callback=_said,
        help="What somebody says of it, 'bob@example.org=got it': it is shown, and decides nothing.",
    ),
    click.option("--trace", is_flag=True, help="Print everything that happened to it, in order of time."),
    click.option(
        "--forced-tls",
        metavar="DOMAIN-FILE",
        help="Report what went to these domains, a domain a line, and was not under TLS; instead of one message.",
    ),
    click.option("--all", "list_all", is_flag=True, help="With --forced-tls: list what was under TLS as well."),
    click.option("--json", is_flag=True, help="Print JSON."),
    click.option("--csv", is_flag=True, help="Print a table; with --forced-tls only."),
    click.option("--format", type=click.Choice(("text", "json", "csv")), help="How to print it.  [default: text]"),
    click.option("--output", metavar="FILE", help="Where to print it.  [default: standard output]"),
    click.option(
        "--fail-on",
        metavar="LIST",
        callback=_words,
        help=f"End with 10 if the answer is one of these: {' '.join(FIND_CONDITIONS)}; or none.  "
        f"[default: {','.join(FIND_DEFAULT)}]  With --forced-tls, of: {' '.join(FORCED_CONDITIONS)}.  "
        f"[default: {','.join(FORCED_DEFAULT)}]",
    ),
    click.option(
        "--width", metavar="COLUMNS", type=click.IntRange(40, 1000), help="Of the text.  [default: terminal's]"
    ),
    click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour."),
    click.option("--debug", is_flag=True, help="Show where in mailtrace a fault came from."),
)


def find_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Put the options on the command, in the order of the help."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
