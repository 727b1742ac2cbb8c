"""`mailtrace analyze`: messages in, reports out, and an exit status that says how it went."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailtrace.cli.exits import Status, first, of_report
from mailtrace.cli.names import NamesError, names
from mailtrace.cli.options import Options, analyze_options, read
from mailtrace.cli.output import DEBUG, ClosedPipeError, Output, OutputError, in_words, reason, say
from mailtrace.cli.printing import Printer

if TYPE_CHECKING:
    from mailtrace.cli.dns import Answers
    from mailtrace.report import Comment, Report
    from mailtrace.resolver.archive import KeyArchive
    from mailtrace.sources import RawMessage, SourceFault


@click.command(short_help="Analyse messages: author, path, encryption.")
@analyze_options
def analyze(**given: Any) -> int:
    """Analyse messages: who wrote them, which way they came, whether they were encrypted on it.

    A SOURCE is a message, a mailbox (mbox), a Maildir, an MH folder, a directory of these, any of them packed (gzip,
    bzip2, xz, zip), an .emlx or an Outlook .msg; its content says which. Without one, or for "-", standard input is
    read.
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
        self._now = datetime.now(UTC).replace(microsecond=0) if self._dns.mode is Mode.LIVE else None
        self._session = options.session()
        self._comment: Comment | None = None
        if options.lint:  # slow to import, and it brings an HTTP client
            from mailtrace.posture import comment

            self._comment = comment
        self._printer = Printer(options, output)

    def statuses(self) -> Iterator[Status]:
        """Analyse every message of every source, in order; one bad message never stops the rest."""
        options = self._options
        separator = b"\0" if options.null else b"\n"
        try:
            for name in names(options.sources, options.files_from, separator=separator):
                yield from self._source(name)
        except (OSError, NamesError) as fault:
            say(options.files_from or "--files-from", reason(fault) if isinstance(fault, OSError) else str(fault))
            yield Status.NO_INPUT if isinstance(fault, OSError) else Status.DATA
        finally:
            self._printer.finish()

    def _source(self, name: str) -> Iterator[Status]:
        from mailtrace.sources import Reader, SourceFault

        reader = Reader(name, _standard_input(name))
        for item in reader:
            yield self._unreadable(item) if isinstance(item, SourceFault) else self._message(item)
        if reader.passed_over:
            files = "1 file" if reader.passed_over == 1 else f"{reader.passed_over:,} files"
            say(_shown(name), f"{files} passed over: no mail in them")

    def _message(self, raw: "RawMessage") -> Status:
        from mailtrace.errors import MessageError

        try:
            report = self._analyze(raw)
            self._printer.add(_title(raw), report)
            return of_report(report, self._options.fail_on)
        except (OutputError, ClosedPipeError):
            raise
        except MessageError as fault:
            return self._failed(raw, Status.DATA, "not-a-message", str(fault))
        except OSError as fault:
            return self._failed(raw, Status.NO_INPUT, "no-such-input", reason(fault))
        except Exception as fault:  # noqa: BLE001 - a fault of ours must not stop the messages behind it
            return self._failed(raw, Status.FAULT, "internal-fault", in_words(fault, debug=self._options.debug))

    def _unreadable(self, fault: "SourceFault") -> Status:
        if fault.is_missing:
            return self._failed(fault, Status.NO_INPUT, "no-such-input", fault.message)
        return self._failed(fault, Status.DATA, "not-a-message", fault.message)

    def _analyze(self, raw: "RawMessage") -> "Report":
        from mailtrace.report import SourceReport, analyze
        from mailtrace.transport import PROFILES

        name = None if raw.name == "-" else raw.name
        return analyze(
            raw.file,
            dns=self._dns,
            source=SourceReport(
                name=name,
                kind=raw.kind,
                position=raw.position,
                size=None,
                sha256=None,
                member=raw.member,
                flags=raw.flags,
                reconstructed=raw.reconstructed,
            ),
            now=self._now,
            trust=self._options.trust,
            session=self._session,
            keys=self._keys,
            profile=PROFILES[self._options.policy],
            comment=self._comment,
        )

    def _failed(self, item: "RawMessage | SourceFault", status: Status, code: str, message: str) -> Status:
        """Say what is wrong with a message; in JSON it is an answer as well."""
        say(_title(item), message)
        if self._options.format != "text":
            from mailtrace.report import ErrorDetail, ErrorReport, SourceReport

            source = SourceReport(
                name=None if item.name == "-" else item.name,
                kind="unknown",
                position=item.position,
                size=None,
                sha256=None,
                member=item.member,
            )
            self._printer.add(_title(item), ErrorReport(source=source, error=ErrorDetail(code=code, message=message)))
        return status


def _shown(name: str) -> str:
    return "standard input" if name == "-" else name


def _title(item: "RawMessage | SourceFault") -> str:
    """Name a message for people: the source, the file in it, and which message of a mailbox."""
    from mailtrace.sources import RawMessage

    title = _shown(item.name) if item.member is None else f"{_shown(item.name)}: {item.member}"
    many = item.position or (isinstance(item, RawMessage) and item.kind == "mbox")
    return f"{title} #{item.position}" if many and item.member is None else title


def _standard_input(name: str) -> Any:
    """Return standard input as octets, and say so where a person might wait for nothing."""
    if name != "-":
        return None
    if sys.stdin is None:
        raise OSError("standard input is closed")
    if sys.stdin.isatty():
        say("reading a message from standard input")
    return sys.stdin.buffer
