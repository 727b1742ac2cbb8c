"""One run of `analyze`, from its options to its exit status."""

from typing import TYPE_CHECKING

from mailtrace.cli.exits import Status, first
from mailtrace.cli.floors import import_upwards
from mailtrace.cli.lean import import_msgspec
from mailtrace.cli.output import Output, OutputError, reason, refuse_to_overwrite, say
from mailtrace.cli.stops import ClusterError, ResumeError
from mailtrace.cli.wanted import Options

if TYPE_CHECKING:
    from mailtrace.cli.resume import Resume
    from mailtrace.sources.imap.access import Access


def analysis(options: Options) -> Status:
    """Analyse what the options name. Raises WrongUsageError for what cannot be done so."""
    import_msgspec()
    _spare_the_evidence(options)
    from mailtrace.errors import RecordingError

    try:
        return _run(options, _access(options))
    except RecordingError as fault:
        say(options.dns or "--dns", str(fault))
        return Status.DATA


def _spare_the_evidence(options: Options) -> None:
    refuse_to_overwrite(
        {"--output": options.output, "--record": options.record, "--resume": options.resume},
        (*options.sources, options.dns, options.keys, options.files_from),
    )


def _access(options: Options) -> "Access | None":
    """Say how mailboxes on servers may be reached, where there may be any. Raises WrongUsageError."""
    if options.files_from is None and not any("://" in name for name in options.sources):
        return None
    from mailtrace.cli.passwords import access_for

    return access_for(options.sources, authorities=options.imap_ca, timeout=options.imap_timeout)


def _run(options: Options, access: "Access | None") -> Status:
    import_upwards()
    from mailtrace.cli.batch import Run
    from mailtrace.cli.dns import open_answers, open_keys

    status = Status.DONE
    keys = open_keys(options)
    if isinstance(keys, Status):
        return keys
    try:
        resume, behind = _begun(options) if options.resume is not None else (None, None)
        with open_answers(options) as answers, Output(options.output, behind=behind) as output:
            for found in Run(options, answers.resolver, output, keys, resume, access).statuses():
                status = first((status, found))
            status = first((status, answers.status()))
    except ResumeError as fault:
        say("--resume", str(fault))
        return fault.status
    except ClusterError as fault:
        say("--engine dask", str(fault))
        status = first((status, Status.UNAVAILABLE))
    except OSError as fault:
        say(options.dns or "input", reason(fault))
        status = first((status, Status.NO_INPUT))
    except OutputError as fault:
        say(str(fault))
        status = first((status, Status.OUTPUT))
    return status


def _begun(options: Options) -> "tuple[Resume, int | None]":
    """Open what --resume names, and say behind how many octets of --output to go on. Raises ResumeError, OSError."""
    from mailtrace.cli.resume import Resume, behind

    resume = Resume.open(str(options.resume), options)
    return resume, behind(resume, options)
