"""Passwords of mailboxes on servers: from the environment, the keyring (an extra), or whoever sits at the terminal."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mailtrace.cli.output import WrongUsageError
from mailtrace.printable import escape
from mailtrace.sources.imap.access import TIMEOUT, Access, is_imap

if TYPE_CHECKING:
    from mailtrace.sources.imap.url import ImapUrl

VARIABLE = "MAILTRACE_IMAP_PASSWORD"
SERVICE = "mailtrace:{host}"
"""Under which the keyring holds a password, with the user's name."""


def access_for(sources: Iterable[str], *, authorities: str | None, timeout: float | None) -> Access:
    """Say how mailboxes on servers may be reached. Raises WrongUsageError for a URL that is none."""
    hosts = {_host(name) for name in sources if is_imap(name)}
    if os.environ.get(VARIABLE) and len(hosts) > 1:
        raise WrongUsageError(
            f"{VARIABLE} would be sent to {len(hosts)} servers: put their passwords into the keyring, or ask one by one"
        )
    return Access(password=Passwords().of, authorities=authorities, timeout=timeout or TIMEOUT)


def _host(name: str) -> str:
    from mailtrace.sources.imap.url import UrlError, read_url

    try:
        return read_url(name).host.lower()
    except UrlError as fault:
        raise WrongUsageError(str(fault)) from None  # its context would hold the URL


class Passwords:
    """Finds them, and asks for each once."""

    def __init__(self) -> None:
        self._trusted: str | None = None
        self._known: dict[tuple[str, str], str | None] = {}

    def of(self, url: "ImapUrl") -> str | None:
        """Return the password of a mailbox; None where nobody has one."""
        given = os.environ.get(VARIABLE)
        host = url.host.lower()
        if given and self._trusted in (None, host):
            self._trusted = host  # it is one server's, and no other is told
            return given
        key = (url.user, host)
        if key not in self._known:
            self._known[key] = _kept(url) or _asked(url)
        return self._known[key]


def _kept(url: "ImapUrl") -> str | None:
    try:
        import keyring
    except ImportError:
        return None
    try:
        found = keyring.get_password(SERVICE.format(host=url.host.lower()), url.user)
    except Exception:  # noqa: BLE001 - its backends raise what they like; without one there is no password in it
        return None
    return found or None


def _asked(url: "ImapUrl") -> str | None:
    """Ask at the terminal, without echo; never where it would be shown."""
    import getpass
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(f"Password of {escape(url.user)} at {escape(url.host)}: ") or None
    except (getpass.GetPassWarning, EOFError, OSError):
        return None
