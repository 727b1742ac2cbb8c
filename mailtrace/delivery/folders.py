"""Folders: the name of the folder that a file stands for, and whether it is one for junk, trash or what was sent. Pure.

RFC 6154 §2 has the roles; the names are those that programs and providers give their folders, in the languages seen.
"""

import re
from collections.abc import Collection
from enum import unique
from pathlib import Path

from mailtrace.enums import StrEnum
from mailtrace.sources.imap.names import decoded

INBOX = "INBOX"


@unique
class Role(StrEnum):
    """What a folder is for."""

    INBOX = "inbox"
    JUNK = "junk"
    TRASH = "trash"
    SENT = "sent"  # also drafts and outbox: the owner's own copies
    QUARANTINE = "quarantine"
    OTHER = "other"


_NAMES = {
    Role.JUNK: {
        "junk", "spam", "junk e-mail", "junk email", "junk mail", "bulk", "bulk mail", "junk-e-mail", "probably-spam",
        "junkmail", "spamverdacht", "unerwünscht", "courrier indésirable", "indésirables", "pourriel",
        "correo no deseado", "posta indesiderata", "ongewenst", "ongewenste e-mail", "skräppost", "lixo eletrônico",
        "спам", "迷惑メール",
    },
    Role.TRASH: {
        "trash", "deleted", "deleted items", "deleted messages", "bin", "papierkorb", "corbeille",
        "gelöschte elemente",  # codespell:ignore elemente
        "éléments supprimés", "papelera", "cestino", "prullenbak", "papperskorgen", "lixeira", "корзина", "ごみ箱",
    },
    Role.SENT: {
        "sent", "sent items", "sent mail", "sent-mail", "sent messages", "drafts", "outbox", "templates", "gesendet",
        "gesendete elemente",  # codespell:ignore elemente
        "gesendete objekte", "entwürfe", "postausgang", "envoyés", "éléments envoyés",
        "brouillons", "enviados", "borradores", "inviata", "posta inviata", "bozze", "verzonden", "verzonden items",
        "skickat", "отправленные", "送信済み",
    },
    Role.QUARANTINE: {"quarantine", "quarantäne", "virusmails", "virus"},
}  # fmt: skip
_ROLES = {name: role for role, names in _NAMES.items() for name in names}


def role_of(folder: str | None) -> Role:
    """Say what a folder is for, by its last part.

    >>> role_of("INBOX"), role_of("INBOX.Junk"), role_of("Archive/2026")
    (<Role.INBOX: 'inbox'>, <Role.JUNK: 'junk'>, <Role.OTHER: 'other'>)
    """
    if folder is None or folder.casefold() == "inbox":
        return Role.INBOX
    parts = [part for part in re.split(r"[./\\]", folder.casefold()) if part]
    for part in reversed(parts):
        if part in _ROLES:
            return _ROLES[part]
    return Role.OTHER


def maildir_folder(path: Path) -> str:
    """Name the folder of a message in a Maildir, `.../cur/name`: Maildir++ or folders within folders.

    >>> maildir_folder(Path("/home/bob/Maildir/.Archive.2026/cur/1.x"))
    'Archive.2026'
    """
    folder = path.parent.parent
    if folder.name.startswith("."):
        return decoded(folder.name[1:]) or INBOX
    parts: list[str] = []
    while (folder.parent / "cur").is_dir() and len(parts) < 16:
        parts.append(folder.name)
        folder = folder.parent
    return decoded("/".join(reversed(parts))) or INBOX


_SPOOLS = {("var", "mail"), ("spool", "mail"), ("var", "spool")}


def file_folder(path: Path) -> str | None:
    """Name the folder of a mailbox in one file; None where its name says nothing."""
    parts = path.resolve().parts
    if tuple(parts[-3:-1]) in _SPOOLS or path.name.casefold() in ("inbox", "mbox", "inbox.mbox"):
        return INBOX
    stem = path.name
    for ending in (".gz", ".bz2", ".xz", ".mbox", ".mbx", ".mbs"):
        stem = stem.removesuffix(ending)
    return decoded(stem) or None


_USES = {
    "\\junk": Role.JUNK,
    "\\trash": Role.TRASH,
    "\\sent": Role.SENT,
    "\\drafts": Role.SENT,
    "\\inbox": Role.INBOX,  # Gmail's, before RFC 6154
    "\\spam": Role.JUNK,
}


def role_on_server(folder: str, attributes: Collection[str]) -> Role:
    r"""Say what a server's folder is for: as the server says (RFC 6154 §2), else by its name.

    >>> role_on_server("Werbung", {"\\junk"}), role_on_server("INBOX/Papierkorb", set())
    (<Role.JUNK: 'junk'>, <Role.TRASH: 'trash'>)
    """
    return next((_USES[one] for one in sorted(attributes) if one in _USES), role_of(folder))
