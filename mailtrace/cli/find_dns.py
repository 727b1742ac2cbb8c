"""Who signed the bounces and receipts: the options of `find` by which their keys are had, and DNS when it is needed.

Most questions need no DNS at all, so that live DNS is opened by the first signed report, and not before.
"""

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from mailtrace.cli.dns import Answers, open_answers, open_keys
from mailtrace.cli.exits import Status
from mailtrace.cli.output import WrongUsageError, reason, say

if TYPE_CHECKING:
    from mailtrace.delivery.report_types import Report, Seal
    from mailtrace.resolver.archive import KeyArchive

OPTIONS: tuple[Callable[..., Any], ...] = (
    click.option("--dns", metavar="FILE", help="Keys of signed bounces from this recording or zone file; ask nobody."),
    click.option("--record", metavar="FILE", help="Ask live DNS for them, and keep every answer in FILE for --dns."),
    click.option("--offline", is_flag=True, help="Ask no DNS: signed bounces are claims like any other."),
    click.option("--resolver", metavar="ADDR", help="Ask this server, as with analyze."),
    click.option("--resolver-ca", metavar="FILE", help="Certificate authority for DoT and DoH."),
    click.option(
        "--timeout",
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True, max=86400),
        help="For the DNS work of one bounce.  [default: 10]",
    ),
    click.option("--keys", metavar="FILE", help="DKIM keys from elsewhere than DNS: old ones, an archive."),
)
NAMES = ("dns", "record", "offline", "resolver", "resolver_ca", "timeout", "keys")


class DNS(NamedTuple):
    """What the command line of `find` says of DNS."""

    dns: str | None
    record: str | None
    offline: bool
    resolver: str | None
    resolver_ca: str | None
    timeout: float | None
    keys: str | None
    record_wire: bool = False


_NOT_WITH = (("dns", "offline"), ("dns", "record"), ("dns", "resolver"), ("offline", "record"), ("offline", "resolver"))


def read(given: dict[str, Any]) -> DNS:
    """Take the options of DNS. Raises WrongUsageError, in one line, for what does not go together."""
    for one, other in _NOT_WITH:
        if given[one] and given[other]:
            raise WrongUsageError(f"--{one} cannot be used with --{other}")
    if given["resolver_ca"] and not given["resolver"]:
        raise WrongUsageError("--resolver-ca needs --resolver")
    return DNS(**{name: given[name] for name in NAMES})


class Seals:
    """Checks signatures of reports; asks DNS as the options say."""

    def __init__(self, options: DNS, keys: "KeyArchive | None", stack: ExitStack) -> None:
        """Take the options; the stack closes what is opened."""
        self._options = options
        self._keys = keys
        self._stack = stack
        self._answers: Answers | None = None

    def open(self) -> Answers:
        """Open DNS, once. Raises what `open_answers` raises."""
        if self._answers is None:
            self._answers = self._stack.enter_context(open_answers(self._options))
        return self._answers

    def seal_of(self, report: "Report") -> "Seal":
        """Say who signed a report."""
        if report.kept is None:
            return report.seal
        from mailtrace.delivery.signed import seal_of

        return seal_of(report, dns=self.open().resolver, keys=self._keys)

    def status(self) -> Status:
        """Say how asking went."""
        return self._answers.status() if self._answers is not None else Status.DONE


def seals(options: DNS, stack: ExitStack) -> Seals | Status:
    """Open what is named at once, so that what is wrong with it is said; live DNS only when it is needed."""
    from mailtrace.errors import RecordingError

    keys = open_keys(options)
    if isinstance(keys, Status):
        return keys
    made = Seals(options, keys, stack)
    try:
        if options.dns or options.record or options.resolver:
            made.open()
    except RecordingError as fault:
        say(options.dns or "--dns", str(fault))
        return Status.DATA
    except OSError as fault:
        say(options.dns or "--dns", reason(fault))
        return Status.NO_INPUT
    return made
