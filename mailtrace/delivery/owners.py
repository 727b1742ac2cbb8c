"""Owners: whose mailbox a copy lies in. Pure.

Delivery mostly adds a field that says so (`Delivered-To` and the like); where several recipients got a message in one
transfer, it often does not. Then the name of the mailbox may say it, or that there is nobody else it could be of.
"""

import re
from collections.abc import Sequence
from enum import IntEnum, unique

from mailtrace.delivery.envelopes import stands_for
from mailtrace.delivery.mailboxes import Copy
from mailtrace.delivery.query import folded
from mailtrace.sources import Kind

_PARTS = re.compile(r"[/\\@]+")


@unique
class Owned(IntEnum):
    """How sure it is that a copy lies in somebody's mailbox."""

    NO = 0
    LIKELY = 1  # by the name of the mailbox, or since nobody else is known
    SURE = 2  # a field that delivery added says so


def box_of(copy: Copy) -> str:
    """Name the mailbox that a copy lies in: a Maildir with all its folders, a file, an account on a server."""
    if copy.kind is not Kind.MAILDIR:
        return copy.source if copy.member is None or copy.url else f"{copy.source}/{copy.member}"
    path = copy.source if copy.member is None else f"{copy.source}/{copy.member}"
    parts = path.split("/")
    for at, part in enumerate(parts):
        if part.casefold() == "maildir":
            return "/".join(parts[: at + 1])
    return copy.source


def owner_of(copy: Copy) -> str:
    """Say whose mailbox it is: an address as far as one is known, else the mailbox's name."""
    if copy.event.recipient is not None:
        return copy.event.recipient
    if len(copy.to) == 1:
        return copy.to[0]
    named = [one for one in copy.to if _local(one) in _path(copy)]
    return named[0] if len(named) == 1 else f"the owner of {box_of(copy)}"


def owned(copy: Copy, names: frozenset[str], others: frozenset[str], *, is_only: bool) -> Owned:
    """Say whether a copy lies in the mailbox of one of these; `others`: who else the message went to."""
    named = (one for one in (copy.event.recipient, copy.event.original_recipient) if one)
    fields = {form for one in named for form in stands_for(one)}
    if fields & names:
        return Owned.SURE
    # A name of the machine's own, as `bob` or `bob@localhost`, is no address that anybody asks for.
    if any("@" in one and not one.endswith("localhost") for one in fields):
        return Owned.NO
    path = _path(copy) | {_local(one) for one in fields}
    mine, theirs = ({_local(one) for one in people} for people in (names, others - names))
    # A copy that the sender sent to themselves as well names the others only.
    sender = {_local(one) for one in (copy.event.sender, copy.author) if one}
    if path & ((theirs | sender) - mine) and not path & mine:
        return Owned.NO
    if path & (mine - theirs) or folded(owner_of(copy)) in names:
        return Owned.LIKELY
    return Owned.LIKELY if is_only and not path & theirs else Owned.NO


def is_one_box(copies: Sequence[Copy]) -> bool:
    """Tell whether the copies whose owner no field names lie in one mailbox."""
    return len({box_of(copy) for copy in copies if copy.event.recipient is None}) <= 1


def _path(copy: Copy) -> set[str]:
    return {part for part in _PARTS.split(box_of(copy).casefold()) if part}


def _local(address: str) -> str:
    return folded(address).partition("@")[0]
