"""`mailtrace analyze`: messages in, reports out, and an exit status that says how it went."""

from typing import TYPE_CHECKING, Any

import click

from mailtrace.cli.exits import Status, first
from mailtrace.cli.floors import import_upwards
from mailtrace.cli.options import Options, analyze_options, read
from mailtrace.cli.output import DEBUG, Output, OutputError, reason, refuse_to_overwrite, say

if TYPE_CHECKING:
    from mailtrace.sources.imap.url import Access


@click.command(short_help="Analyse messages: author, path, encryption.")
@analyze_options
def analyze(**given: Any) -> int:
    """Analyse messages: who wrote them, which way they came, whether they were encrypted on it.

    A SOURCE is a message, a mailbox (mbox), a Maildir, an MH folder, a directory of these, any of them packed (gzip,
    bzip2, xz, zip), an .emlx or an Outlook .msg; its content says which. imaps://user@host/folder;UID=42 is one on a
    server. Without one, or for "-", standard input is read.
    """
    click.get_current_context().find_root().meta[DEBUG] = given["debug"]
    options = read(**given)
    _spare_the_evidence(options)
    from mailtrace.cli.passwords import access_for
    from mailtrace.errors import RecordingError

    access = access_for(options.sources, authorities=options.imap_ca, timeout=options.imap_timeout)
    try:
        return _run(options, access)
    except RecordingError as fault:
        say(options.dns or "--dns", str(fault))
        return Status.DATA


def _spare_the_evidence(options: Options) -> None:
    refuse_to_overwrite(
        {"--output": options.output, "--record": options.record, "--resume": options.resume},
        (*options.sources, options.dns, options.keys, options.files_from),
    )


def _run(options: Options, access: "Access") -> Status:
    import_upwards()
    from mailtrace.cli.batch import Run
    from mailtrace.cli.dns import open_answers, open_keys
    from mailtrace.cli.resume import ResumeError, begin, behind
    from mailtrace.cli.work import ClusterError

    status = Status.DONE
    keys = open_keys(options)
    if isinstance(keys, Status):
        return keys
    try:
        resume = begin(options)
        with open_answers(options) as answers, Output(options.output, behind=behind(resume, options)) as output:
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
