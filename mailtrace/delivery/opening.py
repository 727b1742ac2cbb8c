"""Opening: which of the files that were given are logs, which hold mail, and which are passed over.

The content decides: a log is what a format recognises by its first lines, plain or packed; mail is what `sources`
takes for mail. Nothing is kept open, and nothing is read here but the beginnings of files.
"""

import codecs
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from mailtrace.delivery.logs import MAX_LINE, SAMPLE, Clock, LineReader, LogFormat
from mailtrace.delivery.logs.unknown import UnknownFormat
from mailtrace.errors import MessageError
from mailtrace.records import Mutable, Struct, field
from mailtrace.sources import folders
from mailtrace.sources.imap.access import is_imap
from mailtrace.sources.imap.url import ImapUrl, UrlError, read_url
from mailtrace.sources.imap.url import shown as shown_name
from mailtrace.sources.kinds import HEAD, PACKED, Content, begins_like_mail, content_of
from mailtrace.sources.packed import UNREADABLE, in_words, unpacked
from mailtrace.sources.spool import Readable

_STREAMS = PACKED - {Content.ZIP}


class LogFile(Struct, frozen=True, kw_only=True):
    """One file of a log."""

    name: str
    """As given, or the source and the file in it."""
    path: Path
    content: Content
    """How it is packed; MESSAGE: not at all."""
    encoding: str | None
    """What it is decoded from; None: octets as they are."""
    format: LogFormat
    reader: LineReader
    sample: tuple[bytes, ...]
    size: int
    """Octets of the file as it stands."""
    modified: datetime
    """UTC."""
    zone_name: str
    """Of its times, where they name none."""


class MailFile(Struct, frozen=True, kw_only=True):
    """One file that may hold mail."""

    name: str
    """The source, as given."""
    member: str | None
    """Which file below a directory; None where the source is the file."""
    path: Path
    in_folder: folders.Member | None
    """What the directory says of it: a Maildir's flags; None where it says nothing."""


class Opened(Mutable):
    """What the sources hold."""

    logs: list[LogFile] = field(default_factory=list)
    mail: list[MailFile] = field(default_factory=list)
    servers: list[ImapUrl] = field(default_factory=list)
    """Mailboxes on servers; not reached yet."""
    unknown: list[LogFile] = field(default_factory=list)
    """Files that were named and are neither: nothing can be read from them, but they may name what is asked for."""
    passed_over: list[str] = field(default_factory=list)
    """Files below directories that are neither."""
    faults: list[tuple[str, str, bool]] = field(default_factory=list)
    """A source or file that could not be read: its name, why, and whether there is none."""
    unread: list[tuple[str, str]] = field(default_factory=list)
    """Those of the faults in which something may stand all the same: all but what is known to be neither."""
    unavailable: list[tuple[str, str]] = field(default_factory=list)
    """A server that could not be read: its name, and why."""


def open_sources(names: Sequence[str], formats: Sequence[LogFormat], zone: tzinfo) -> Opened:
    """Look at every file of the sources. `zone`: of log times that have none."""
    opened = Opened()
    seen: set[Path] = set()
    for name in dict.fromkeys(names):
        if is_imap(name):
            _on_server(opened, name)
            continue
        try:
            path = Path(name)
            members: list[tuple[folders.Member, str | None]]
            if stat.S_ISDIR(path.stat().st_mode):
                members = [(member, str(member.path.relative_to(path))) for member in folders.members(path)]
            else:
                members = [(folders.Member(path=path, kind=None), None)]
        except (OSError, ValueError) as fault:
            _lost(opened, name, getattr(fault, "strerror", None) or str(fault), is_missing=True)
            continue
        for member, shown in members:
            if member.fault is not None:
                _lost(opened, str(member.path), member.fault, is_missing=True)
                continue
            # A file that is named twice, as with `mail.log* mail.log`, is read once.
            if (real := member.path.resolve()) not in seen:
                seen.add(real)
                _look(opened, name, member, shown, formats, zone)
    return opened


def _lost(opened: Opened, name: str, words: str, *, is_missing: bool = False) -> None:
    opened.faults.append((name, words, is_missing))
    opened.unread.append((name, words))


def _on_server(opened: Opened, name: str) -> None:
    try:
        opened.servers.append(read_url(name))
    except UrlError as fault:
        _lost(opened, shown_name(name), str(fault))


def _look(
    opened: Opened,
    name: str,
    member: folders.Member,
    shown: str | None,
    formats: Sequence[LogFormat],
    zone: tzinfo,
) -> None:
    label = name if shown is None else f"{name}: {shown}"
    if member.kind is not None:
        opened.mail.append(MailFile(name=name, member=shown, path=member.path, in_folder=member))
        return
    try:
        content, head = _head(member.path)
        log = _log(label, member.path, content, head, formats, zone)
    except MessageError as fault:
        _lost(opened, label, str(fault))
        return
    except OSError as fault:
        _lost(opened, label, fault.strerror or str(fault), is_missing=True)
        return
    if log is not None:
        opened.logs.append(log)
    elif begins_like_mail(head):
        opened.mail.append(MailFile(name=name, member=shown, path=member.path, in_folder=None))
    elif shown is None:
        what = "the input is empty" if not head else "neither mail nor a log that is known"
        opened.faults.append((label, what, False))
        unknown = _log(label, member.path, content, head, (UnknownFormat(),), zone)
        opened.unknown += [unknown] if unknown is not None else []
    else:
        opened.passed_over.append(label)


def _head(path: Path) -> tuple[Content, bytes]:
    """Read the beginning, unpacked. Raises MessageError for what is damaged."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        content = content_of(head)
        if content not in _STREAMS:
            return (content if content is Content.ZIP else Content.MESSAGE), head
        try:
            with unpacked(file, content) as stream:
                return content, stream.read(HEAD)
        except UNREADABLE as fault:
            raise MessageError(in_words(content, fault, begun=False)) from fault


def _log(
    label: str, path: Path, content: Content, head: bytes, formats: Sequence[LogFormat], zone: tzinfo
) -> LogFile | None:
    encoding = _encoding(head)
    text = head.decode(encoding, "replace").encode() if encoding else head
    lines = text.split(b"\n")
    whole = lines[:-1] if len(lines) > 1 and len(head) >= HEAD else [line for line in lines if line]
    sample = tuple(line.rstrip(b"\r")[:MAX_LINE] for line in whole[:SAMPLE])
    form = next((form for form in formats if sample and form.recognises(sample)), None)
    if form is None:
        return None
    state = path.stat()
    modified = datetime.fromtimestamp(state.st_mtime, UTC)
    return LogFile(
        name=label,
        path=path,
        content=content,
        encoding=encoding,
        format=form,
        reader=form.reader(label, sample, Clock(zone=zone, newest=modified)),
        sample=sample,
        size=state.st_size,
        modified=modified,
        zone_name=str(zone),
    )


def _encoding(head: bytes) -> str | None:
    """Tell UTF-16 and UTF-8 with a mark apart from octets; Microsoft writes UTF-16 without a mark as well."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    even, odd = head[0:200:2], head[1:200:2]
    if len(odd) >= 20 and odd.count(0) > len(odd) // 2 > even.count(0):
        return "utf-16-le"
    if len(even) >= 20 and even.count(0) > len(even) // 2 > odd.count(0):
        return "utf-16-be"
    return None


@contextmanager
def octets(log: LogFile) -> Iterator[Readable]:
    """Open the octets of a log, unpacked. Raises OSError, and what unpacking raises (`UNREADABLE`)."""
    with log.path.open("rb") as file:
        if log.content in _STREAMS:
            with unpacked(file, log.content) as stream:
                yield stream
                if stream.behind is not None:
                    raise stream.behind
        else:
            yield file
