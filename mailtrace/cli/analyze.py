"""`mailtrace analyze`: messages in, reports out, and an exit status that says how it went."""

from typing import Any

import click

from mailtrace.cli.analysis import analysis
from mailtrace.cli.options import analyze_options
from mailtrace.cli.output import DEBUG
from mailtrace.cli.wanted import read


@click.command()
@analyze_options
def analyze(**given: Any) -> int:
    """Analyse messages: who wrote them, which way they came, whether they were encrypted on it.

    A SOURCE is a message, a mailbox (mbox), a Maildir, an MH folder, a directory of these, any of them packed (gzip,
    bzip2, xz, zip), an .emlx or an Outlook .msg; its content says which. imaps://user@host/folder;UID=42 is one on a
    server. Without one, or for "-", standard input is read.
    """
    click.get_current_context().find_root().meta[DEBUG] = given["debug"]
    return analysis(read(**given))
