"""The options of `analyze`, as click reads them."""

from collections.abc import Callable
from typing import Any

import click

from mailtrace.cli.exits import CONDITIONS, DEFAULT_CONDITIONS
from mailtrace.cli.wanted import conditions_of

ENGINES = ("processes", "dask")
FORMATS = ("text", "json", "jsonl")
POLICIES = ("default", "nist-800-52r2", "bsi-tr-03108", "hipaa")
"""The names of the transport profiles, which are not imported for the sake of the help."""


def conditions(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Read the list of --fail-on."""
    if value is None:
        return DEFAULT_CONDITIONS
    try:
        return conditions_of(value)
    except ValueError as fault:
        raise click.BadParameter(str(fault)) from fault


def address(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Read an IP address, with or without the brackets of an address literal."""
    if value is None:
        return None
    import ipaddress

    try:
        return str(ipaddress.ip_address(value.strip().strip("[]").removeprefix("IPv6:")))
    except ValueError as fault:
        raise click.BadParameter(f"{value} is not an IP address") from fault


def reverse_path(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Read an envelope sender, with or without angle brackets; `<>` is the null reverse-path."""
    if value is None:
        return None
    inner = value.strip()
    if inner.startswith("<") and inner.endswith(">"):
        inner = inner[1:-1].strip()
    return inner or "<>"


IMAP_OPTIONS: tuple[Callable[..., Any], ...] = (
    click.option("--imap-ca", metavar="FILE", help="Certificate authority for mailboxes on servers (imaps://)."),
    click.option(
        "--imap-timeout",
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True, max=3600),
        help="How long such a server may be silent.  [default: 30]",
    ),
)
_OPTIONS: tuple[Callable[..., Any], ...] = (
    click.argument("sources", metavar="[SOURCE]...", nargs=-1, type=click.Path(allow_dash=True)),
    click.option("--files-from", metavar="FILE", help='Names of SOURCEs, one a line; "-" for standard input.'),
    click.option("-0", "--null", is_flag=True, help="With --files-from: NUL between the names."),
    click.option(
        "--dns", metavar="FILE", help="Answer every DNS question from this recording or zone file; ask nobody."
    ),
    click.option("--record", metavar="FILE", help="Ask live DNS, and keep every answer in FILE for --dns."),
    click.option("--record-wire", is_flag=True, help="With --record: keep the responses as they came, too."),
    click.option("--offline", is_flag=True, help="Ask no DNS: what needs it is reported as not checked."),
    click.option(
        "--resolver",
        metavar="ADDR",
        help="Ask this server: IP, IP:port, [IPv6]:port, tls://... (DoT) or https://... (DoH).",
    ),
    click.option("--resolver-ca", metavar="FILE", help="Certificate authority for DoT and DoH."),
    click.option(
        "--timeout",
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True, max=86400),
        help="For the whole of one message's DNS work.  [default: 10]",
    ),
    click.option("--no-prefetch", is_flag=True, help="Ask DNS one question at a time, and none that is not needed."),
    *IMAP_OPTIONS,
    click.option("--json", is_flag=True, help="Print JSON; for several messages the same as --jsonl."),
    click.option("--jsonl", is_flag=True, help="Print one JSON object a line, in input order."),
    click.option("--format", type=click.Choice(FORMATS), help="How to print it.  [default: text]"),
    click.option("--output", metavar="FILE", help="Where to print it.  [default: standard output]"),
    click.option(
        "--trust",
        metavar="NAME-OR-NET",
        multiple=True,
        help="A host name, a domain (.example.net) or a network of the receiving side; repeatable.",
    ),
    click.option(
        "--keys", metavar="FILE", help="DKIM keys from elsewhere than DNS: old ones, an archive, a recording."
    ),
    click.option("--client-ip", metavar="IP", callback=address, help="The address that handed the message over."),
    click.option("--helo", metavar="NAME", help="What that client called itself."),
    click.option("--mail-from", metavar="ADDRESS", callback=reverse_path, help="The envelope sender; <> if null."),
    click.option("--lint", is_flag=True, help="Comment on the author domain's published records."),
    click.option(
        "--policy",
        metavar="NAME",
        type=click.Choice(POLICIES),
        default="default",
        help=f"Hold what is recorded of TLS against a profile: {', '.join(POLICIES)}.",
    ),
    click.option(
        "--jobs",
        metavar="N",
        type=click.IntRange(1, 1024),
        help="Worker processes for many messages.  [default: the cores]",
    ),
    click.option(
        "--resume", metavar="FILE", help="Keep in FILE how far the run is; with such a FILE, go on from there."
    ),
    click.option("--summary", is_flag=True, help="Count what was found, on standard error behind the output."),
    click.option(
        "--engine",
        type=click.Choice(ENGINES),
        default="processes",
        help="Who works: processes of this machine, or a dask cluster (extra [cluster]).  [default: processes]",
    ),
    click.option(
        "--scheduler",
        metavar="URL",
        help="With --engine dask: tcp://host:port.  [default: a cluster of this machine]",
    ),
    click.option(
        "--fail-on",
        metavar="LIST",
        callback=conditions,
        help=f"End with 10 if one of these holds: {' '.join(CONDITIONS)}; or none.  "
        f"[default: {','.join(DEFAULT_CONDITIONS)}]",
    ),
    click.option("-v", "--verbose", is_flag=True, help="Print all findings, their evidence and the details."),
    click.option("--explain-hops", is_flag=True, help="Print a plain sentence for each hop; -v does, too."),
    click.option(
        "--width", metavar="COLUMNS", type=click.IntRange(40, 1000), help="Of the text.  [default: terminal's]"
    ),
    click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour."),
    click.option("--debug", is_flag=True, help="Show where in mailtrace a fault came from."),
)


def analyze_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Put the options on a command, in the order of the help."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
