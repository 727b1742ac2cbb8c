"""The report on forced TLS as a table of comma-separated values (RFC 4180): a row for each transfer that is listed.

What senders and servers wrote is hostile to spreadsheets too: a cell that one would take for a formula begins with an
apostrophe, and control characters are written out. Prints, never decides.
"""

import csv
import io
from datetime import UTC, datetime

from mailtrace.delivery.forced.report import ForcedTLSReport, Transfer
from mailtrace.printable import escape

COLUMNS = (
    *("answer", "time", "sender", "recipient", "domain", "policy", "transport", "verified", "server_trust"),
    *("tls_version", "cipher", "why", "host", "peer", "queue_id", "message_id", "status", "reply"),
    *("source", "line", "tls_line"),
)
# A spreadsheet may take what begins so for a formula, in full width too; blanks in front are passed over.
_FORMULA = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def render(report: ForcedTLSReport) -> str:
    """Write the header, then the transfers in the order of the report."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in _row(transfer)] for transfer in report.transfers)
    return file.getvalue()


def _row(one: Transfer) -> tuple[object, ...]:
    tls = one.tls
    return (
        *(one.answer, one.time, one.sender, one.recipient, one.domain, one.policy, one.transport, one.verified),
        *(one.server_trust, tls.version if tls else None, tls.cipher if tls else None, one.why, one.host, one.peer),
        *(one.queue_id, one.message_id, one.status, one.reply, one.source.name, one.source.line),
        one.tls_source.line if one.tls_source else None,
    )


def _cell(value: object) -> str:
    """Write one value; what is not known is empty.

    >>> _cell("=1+1"), _cell(None), _cell(True), _cell("250 ok")
    ("'=1+1", '', 'yes', '250 ok')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    text = escape(str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
