"""IMAP URLs (RFC 5092): `imaps://user@host[:port]/[folder[;UIDVALIDITY=n][/;UID=n]]`. Pure.

`imaps` is in no RFC, and in every mail program: TLS from the first octet (RFC 8314 §3.2). A password has no place in a
URL, where it would be seen by everybody who can list processes: such a URL is refused, and never repeated.
"""

import ipaddress
import re
from urllib.parse import quote, unquote_to_bytes

from mailtrace.errors import MailtraceError
from mailtrace.patterns import lazy
from mailtrace.records import Struct
from mailtrace.sources.imap.access import is_imap

TLS_PORT, PORT = 993, 143


_SCHEME = lazy(r"imaps?://", re.IGNORECASE)
_HOST = lazy(r"\[[0-9A-Fa-f:.]{2,45}\]|[^\s\[\]:/?#@\\\"<>%]{1,255}")
_NUMBER = lazy(r"[1-9]\d{0,9}", re.ASCII)
_UID = lazy(r"/?;UID=([^;/]*)\Z", re.IGNORECASE)
_VALIDITY = lazy(r";UIDVALIDITY=([^;/]*)\Z", re.IGNORECASE)


class UrlError(MailtraceError):
    """It is no URL of a mailbox. Its text never repeats what was given: there may be a password in it."""


class ImapUrl(Struct, frozen=True, kw_only=True):
    """Where a mailbox is."""

    name: str
    """As given."""
    is_tls: bool
    """From the first octet; else STARTTLS."""
    user: str
    host: str
    """Without the brackets of an IPv6 address."""
    port: int
    folder: str | None
    """Decoded; None: every folder."""
    uid_validity: int | None
    uid: int | None
    """None: every message of the folder."""


def shown(name: str) -> str:
    """Return the name of a source as it may be repeated: nothing behind the scheme of a URL that is refused."""
    if not is_imap(name):
        return name
    try:
        read_url(name)
    except UrlError:
        return f"{name.partition(':')[0].lower()}://..."
    return name


def read_url(name: str) -> ImapUrl:
    """Read a URL. Raises UrlError."""
    scheme, _, rest = name.partition("://")
    is_tls = scheme.lower() == "imaps"
    if any(ord(one) < 0x21 or ord(one) == 0x7F for one in name):
        raise UrlError("a blank or control character in the URL of a mailbox: write %20 for a blank")
    # RFC 5092 §11: no `?` or `#` is allowed unescaped; an authority that holds one is cut short by others.
    authority, _, path = rest.partition("/")
    user, at, place = authority.rpartition("@")
    if ":" in user or (not at and "@" in path):
        raise UrlError(_REFUSED)
    if not at or not user:
        raise UrlError("the URL of a mailbox names its user: imaps://user@host/")
    host, port = _place(place, TLS_PORT if is_tls else PORT)
    folder, uid_validity, uid = _path(path)
    return ImapUrl(
        name=name,
        is_tls=is_tls,
        user=_user(user),
        host=host,
        port=port,
        folder=folder,
        uid_validity=uid_validity,
        uid=uid,
    )


_REFUSED = (
    "no password belongs into a URL, where others can see it: write imaps://user@host/, and set "
    "MAILTRACE_IMAP_PASSWORD, use the keyring, or be asked"
)


def _user(text: str) -> str:
    user = _text(text)
    if ";AUTH=" in user.upper():
        raise UrlError("the URL of a mailbox cannot choose how to log in (;AUTH=)")
    if ":" in user:
        raise UrlError(_REFUSED)
    return user


def _place(text: str, default: int) -> tuple[str, int]:
    match = _HOST.match(text)
    rest = text[match.end() :] if match else ""
    if match is None or (rest and not re.fullmatch(r":\d{1,5}", rest, re.ASCII)):
        raise UrlError("the URL of a mailbox names a host, and perhaps a port: imaps://user@host:993/")
    port = int(rest[1:]) if rest else default
    if not 0 < port < 65536:
        raise UrlError("the port in the URL of a mailbox is none")
    return match[0].strip("[]"), port


def _path(path: str) -> tuple[str | None, int | None, int | None]:
    """Take a path apart from its end. RFC 5092 §11: `;` stands in no folder name unescaped."""
    uid, path = _parameter(_UID, path)
    validity, path = _parameter(_VALIDITY, path)
    if any(one in path for one in ";?#"):
        raise UrlError("the URL of a mailbox takes ;UIDVALIDITY= and ;UID= only: write %3B, %3F, %23 in names")
    folder = _text(path.rstrip("/")) or None
    if folder is None and (uid is not None or validity is not None):
        raise UrlError("the URL of a message names its folder: imaps://user@host/INBOX;UID=42")
    return folder, validity, uid


def _parameter(form: re.Pattern[str], path: str) -> tuple[int | None, str]:
    match = form.search(path)
    if match is None:
        return None, path
    if not _NUMBER.fullmatch(match[1]) or int(match[1]) >= 1 << 32:
        raise UrlError("the UID or UIDVALIDITY in the URL of a mailbox is no number above 0")
    return int(match[1]), path[: match.start()]


def _text(text: str) -> str:
    """Undo percent-encoding (RFC 5092 §8: UTF-8)."""
    try:
        decoded = unquote_to_bytes(text).decode()
    except UnicodeDecodeError as fault:
        raise UrlError("the URL of a mailbox holds what is no UTF-8") from fault
    if any(ord(one) < 0x20 or ord(one) == 0x7F for one in decoded):
        raise UrlError("a control character in the URL of a mailbox")
    return decoded


def message_url(url: ImapUrl, folder: str, uid_validity: int | None, uid: int) -> str:
    """Name a message so that it can be read again.

    >>> message_url(read_url("imaps://bob@imap.example.org/"), "Archive/Schön", 7, 42)
    'imaps://bob@imap.example.org/Archive/Sch%C3%B6n;UIDVALIDITY=7/;UID=42'
    """
    scheme, default = ("imaps", TLS_PORT) if url.is_tls else ("imap", PORT)
    host = f"[{url.host}]" if ":" in url.host else url.host
    port = "" if url.port == default else f":{url.port}"
    return f"{scheme}://{quote(url.user, safe='@')}@{host}{port}/{member(folder, uid_validity, uid)}"


def member(folder: str, uid_validity: int | None, uid: int) -> str:
    """Name a message within its server."""
    validity = f";UIDVALIDITY={uid_validity}" if uid_validity is not None else ""
    # "surrogatepass" would be no UTF-8; what cannot be written is replaced, and then not found again.
    return f"{quote(folder.encode('utf-8', 'replace'), safe='/@')}{validity}/;UID={uid}"


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, by its own name: nothing on the way to it can be overheard."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"
