"""`mailtrace analyze`: messages in, reports out, and an exit status that says how it went."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailtrace.cli.exits import Status, first, of_report
from mailtrace.cli.options import Options, analyze_options, read
from mailtrace.cli.output import DEBUG, ClosedPipeError, Look, Output, OutputError, in_words, reason, say

if TYPE_CHECKING:
    from mailtrace.cli.dns import Answers
    from mailtrace.report import Comment, ErrorReport, Report
    from mailtrace.resolver.archive import KeyArchive
    from mailtrace.sources import RawMessage


@click.command(short_help="Analyse messages: author, path, encryption.")
@analyze_options
def analyze(**given: Any) -> int:
    """Analyse messages: who wrote them, which way they came, whether they were encrypted on it.

    A SOURCE is a message in a file; without one, or for "-", it is read from standard input.
    """
    click.get_current_context().find_root().meta[DEBUG] = given["debug"]
    options = read(**given)
    _spare_the_evidence(options)
    from mailtrace.errors import RecordingError

    try:
        return _run(options)
    except RecordingError as fault:
        say(options.dns or "--dns", str(fault))
        return Status.DATA


def _spare_the_evidence(options: Options) -> None:
    """Refuse to write over what is to be read."""
    for written, option in ((options.output, "--output"), (options.record, "--record")):
        for name in (*options.sources, options.dns, options.keys):
            if written and name and _same_file(Path(written), Path(name)):
                raise click.UsageError(f"{option} would write over {name}")


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.is_file() and one.samefile(other)
    except (OSError, ValueError):
        return False


def _run(options: Options) -> Status:
    from mailtrace.cli.dns import open_answers, open_keys

    statuses: list[Status] = []
    keys = open_keys(options)
    if isinstance(keys, Status):
        return keys
    try:
        with open_answers(options) as answers, Output(options.output) as output:
            statuses += Run(options, answers, output, keys).statuses()
            statuses.append(answers.status())
    except OSError as fault:
        say(options.dns or "input", reason(fault))
        statuses.append(Status.NO_INPUT)
    except OutputError as fault:
        say(str(fault))
        statuses.append(Status.OUTPUT)
    return first(statuses)


class Run:
    """One run of the command: its options, its resolver, its output."""

    def __init__(self, options: Options, answers: "Answers", output: Output, keys: "KeyArchive | None" = None) -> None:
        """Take what every message of the run shares. The clock is read here, once."""
        from mailtrace.resolver import Mode

        self._options = options
        self._dns = answers.resolver
        self._keys = keys
        self._output = output
        self._now = datetime.now(UTC).replace(microsecond=0) if self._dns.mode is Mode.LIVE else None
        self._session = options.session()
        self._comment: Comment | None = None
        if options.lint:  # slow to import, and it brings an HTTP client
            from mailtrace.posture import comment

            self._comment = comment
        self._look = output.look(width=options.width, color=options.color)

    def statuses(self) -> Iterator[Status]:
        """Analyse every source in order; one bad message never stops the rest."""
        for name in self._options.sources:
            yield self._source(name)

    def _source(self, name: str) -> Status:
        from mailtrace.errors import MessageError
        from mailtrace.sources import open_source

        shown = "standard input" if name == "-" else name
        try:
            with open_source(name, _standard_input(name)) as raw:
                report = self._analyze(raw)
            self._print(report, shown)
            return of_report(report, self._options.fail_on)
        except (OutputError, ClosedPipeError):
            raise
        except MessageError as fault:
            return self._failed(name, Status.DATA, "not-a-message", str(fault))
        except OSError as fault:
            return self._failed(name, Status.NO_INPUT, "no-such-input", reason(fault))
        except Exception as fault:  # noqa: BLE001 - a fault of ours must not stop the messages behind it
            return self._fault(name, fault)

    def _analyze(self, raw: "RawMessage") -> "Report":
        from mailtrace.report import SourceReport, analyze
        from mailtrace.transport import PROFILES

        name = None if raw.name == "-" else raw.name
        return analyze(
            raw.file,
            dns=self._dns,
            source=SourceReport(name=name, kind=raw.kind, position=raw.position, size=None, sha256=None),
            now=self._now,
            trust=self._options.trust,
            session=self._session,
            keys=self._keys,
            profile=PROFILES[self._options.policy],
            comment=self._comment,
        )

    def _print(self, report: "Report", shown: str) -> None:
        if self._options.format != "text":
            self._print_json(report)
            return
        from mailtrace.render.text import render

        look: Look = self._look
        several = len(self._options.sources) > 1
        text = render(
            report,
            width=look.width,
            encoding=look.encoding,
            color=look.color,
            verbose=self._options.verbose,
            explain_hops=self._options.explain_hops,
            title=shown if several else None,
        )
        self._output.write(text + "\n" * several, look.encoding)

    def _print_json(self, report: "Report | ErrorReport") -> None:
        from mailtrace.render.json import dumps

        alone = self._options.format == "json" and len(self._options.sources) == 1
        self._output.write(dumps(report, indent=2 if alone else None) + "\n")

    def _failed(self, name: str, status: Status, code: str, message: str) -> Status:
        """Say what is wrong with a source; in JSON it is an answer as well."""
        say("standard input" if name == "-" else name, message)
        if self._options.format != "text":
            from mailtrace.report import ErrorDetail, ErrorReport, SourceReport

            named = None if name == "-" else name
            source = SourceReport(name=named, kind="unknown", position=0, size=None, sha256=None)
            self._print_json(ErrorReport(source=source, error=ErrorDetail(code=code, message=message)))
        return status

    def _fault(self, name: str, fault: Exception) -> Status:
        words = in_words(fault, debug=self._options.debug)
        return self._failed(name, Status.FAULT, "internal-fault", words)


def _standard_input(name: str) -> Any:
    """Return standard input as octets, and say so where a person might wait for nothing."""
    if name != "-":
        return None
    if sys.stdin is None:
        raise OSError("standard input is closed")
    if sys.stdin.isatty():
        say("reading a message from standard input")
    return sys.stdin.buffer
