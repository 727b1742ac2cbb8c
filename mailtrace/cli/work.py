"""What is done with one message: analysed, judged by --fail-on, and written down. A worker does this and no more."""

from contextlib import nullcontext
from datetime import datetime
from typing import TYPE_CHECKING

from mailtrace.cli.exits import Status, of_report
from mailtrace.cli.output import Look, in_short, reason, traced
from mailtrace.cli.parcels import Fresh, Parcel, key_of, title_of_fault
from mailtrace.cli.wanted import Options
from mailtrace.errors import MessageError
from mailtrace.records import Struct, replace
from mailtrace.report import Comment, ErrorDetail, ErrorReport, Report, SourceReport, analyze
from mailtrace.resolver import Resolver
from mailtrace.resolver.archive import KeyArchive
from mailtrace.sources import SourceFault
from mailtrace.transport import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable


class Setup(Struct, frozen=True, kw_only=True):
    """Everything besides a message that its report depends on; the same for all messages of a run."""

    options: Options
    look: Look
    several: bool
    """There is more than one message: JSON is a line each, and text names them."""
    now: datetime | None
    keys: KeyArchive | None
    dns: Resolver | None
    """None in a worker that asks through a pipe."""


class Facts(Struct, frozen=True, kw_only=True):
    """What a summary counts of one message."""

    authenticity: str | None
    """None, like the next, where there is no report."""
    transport: str | None
    findings: tuple[str, ...]
    author: str | None
    receiver: str | None
    """The server that took the message over, at the border."""
    error: str | None


class Done(Struct, frozen=True, kw_only=True):
    """What came of one message, or something to be said between two."""

    status: Status
    text: str = ""
    """For the output, as it is."""
    complaint: tuple[str, ...] = ()
    """For standard error: what is wrong, and with what."""
    trace: str = ""
    """For standard error, with --debug."""
    facts: Facts | None = None
    """None where it is no message."""
    key: str | None = None
    """Of the message; None where it is none."""
    sha256: str | None = None


class Analyst:
    """Does it."""

    def __init__(self, setup: Setup, dns: Resolver) -> None:
        """Take what all messages share, and whom to ask."""
        options = setup.options
        self._setup = setup
        self._dns = dns
        self._session = options.session()
        self._profile = PROFILES[options.policy]
        self._comment: Comment | None = None
        if options.lint:  # slow to import, and it brings an HTTP client
            from mailtrace.posture import comment

            self._comment = comment
        self._write: Callable[[str, Report | ErrorReport], str] = (
            self._as_text if options.format == "text" else self._as_json
        )
        if options.format == "text":  # imported before processes part ways
            import mailtrace.render.text
        else:
            import mailtrace.render.json  # noqa: F401

    def work(self, item: Fresh | Parcel) -> Done:
        """Analyse one message. Nothing about it raises."""
        try:
            with item.opened() if isinstance(item, Parcel) else nullcontext(item.raw.file) as file:
                report = analyze(
                    file,
                    dns=self._dns,
                    source=item.source,
                    now=self._setup.now,
                    trust=self._setup.options.trust,
                    session=self._session,
                    keys=self._setup.keys,
                    profile=self._profile,
                    comment=self._comment,
                    look_ahead=not self._setup.options.no_prefetch,
                )
            return Done(
                status=of_report(report, self._setup.options.fail_on),
                text=self._write(item.title, report),
                facts=facts_of(report),
                key=item.key,
                sha256=report.source.sha256,
            )
        except MessageError as fault:
            return self.failed(item, Status.DATA, "not-a-message", str(fault))
        except OSError as fault:
            return self.failed(item, Status.NO_INPUT, "no-such-input", reason(fault))
        except Exception as fault:  # noqa: BLE001 - a fault of ours must not stop the messages behind it
            debug = self._setup.options.debug
            done = self.failed(item, Status.FAULT, "internal-fault", in_short(fault, debug=debug))
            return replace(done, trace=traced(fault) if debug else "")

    def failed(self, item: Fresh | Parcel, status: Status, code: str, message: str) -> Done:
        """Say why there is no report on a message."""
        return self._failed(item.title, item.source, item.key, status, ErrorDetail(code=code, message=message))

    def unreadable(self, fault: SourceFault) -> Done:
        """Say what could not be read from a source."""
        source = SourceReport(
            name=None if fault.name == "-" else fault.name,
            kind="unknown",
            position=fault.position,
            size=None,
            sha256=None,
            member=fault.member,
        )
        if fault.is_unavailable:
            status, code = Status.UNAVAILABLE, "server-unavailable"
        else:
            status, code = (Status.NO_INPUT, "no-such-input") if fault.is_missing else (Status.DATA, "not-a-message")
        error = ErrorDetail(code=code, message=fault.message)
        return self._failed(title_of_fault(fault), source, key_of(fault), status, error)

    def _failed(self, title: str, source: SourceReport, key: str, status: Status, error: ErrorDetail) -> Done:
        """Say what is wrong with a message; in JSON it is an answer as well."""
        report = ErrorReport(source=replace(source, kind="unknown", flags=None, reconstructed=False), error=error)
        return Done(
            status=status,
            text="" if self._setup.options.format == "text" else self._write(title, report),
            complaint=(title, error.message),
            facts=Facts(authenticity=None, transport=None, findings=(), author=None, receiver=None, error=error.code),
            key=key,
        )

    def _as_text(self, title: str, report: "Report | ErrorReport") -> str:
        from mailtrace.render.text import render

        assert isinstance(report, Report)
        options, look, several = self._setup.options, self._setup.look, self._setup.several
        text = render(
            report,
            width=look.width,
            encoding=look.encoding,
            color=look.color,
            verbose=options.verbose,
            explain_hops=options.explain_hops,
            title=title if several else None,
        )
        return text + "\n" * several

    def _as_json(self, _: str, report: "Report | ErrorReport") -> str:
        from mailtrace.render.json import dumps

        return dumps(report, indent=None if self._setup.several else 2) + "\n"


def facts_of(report: Report) -> Facts:
    """Take from a report what a summary counts."""
    border = report.path.border
    return Facts(
        authenticity=report.verdict.authenticity,
        transport=report.verdict.transport,
        findings=tuple(dict.fromkeys(finding.code for finding in report.findings)),
        author=report.message.author_domain,
        receiver=report.path.hops[border].by if border is not None else None,
        error=None,
    )
