"""Reasons: what a refusal means in plain words, from its enhanced status code (RFC 3463) and from what was said. Pure.

Servers choose codes loosely, and what they say beside them is more exact: words come first, then the code.
"""

import re
from enum import unique
from types import MappingProxyType

from mailtrace.enums import StrEnum

LIMIT = 4000
"""Characters of a reply that are looked at."""


@unique
class Reason(StrEnum):
    """Why a message was not delivered."""

    UNKNOWN_USER = "unknown-user"
    MAILBOX_FULL = "mailbox-full"
    REFUSED = "refused"  # by a policy: spam, authentication, permission
    TOO_LARGE = "too-large"
    NO_ANSWER = "no-answer"  # the other server was not reached
    LATER = "later"  # it asked to try again later
    EXPIRED = "expired"  # tried until time was up
    WAITING = "waiting"  # not tried: it is not yet time for it
    NO_TLS = "no-tls"  # the encryption that the sending server insists on was not to be had
    LOOP = "loop"
    UNKNOWN_HOST = "unknown-host"
    DISABLED = "disabled"  # the mailbox exists, and takes nothing
    RULE = "rule"  # one that the owner of the mailbox made
    UNSTATED = "unstated"


WORDS = MappingProxyType(
    {
        Reason.UNKNOWN_USER: "there is no such address there",
        Reason.MAILBOX_FULL: "the mailbox is full",
        Reason.REFUSED: "the other side's rules do not allow it",
        Reason.TOO_LARGE: "the message is too large for them",
        Reason.NO_ANSWER: "the other server could not be reached",
        Reason.LATER: "the other server asked to try again later",
        Reason.EXPIRED: "it could not be handed over before time was up",
        Reason.WAITING: "it is not yet time for the next try",
        Reason.NO_TLS: "the sending server insists on encryption that it did not get there",
        Reason.LOOP: "the message went round in a loop",
        Reason.UNKNOWN_HOST: "the domain has no mail server that could be found",
        Reason.DISABLED: "the mailbox is switched off",
        Reason.RULE: "a rule of the mailbox refused it",
    }
)

ADVICE = MappingProxyType(
    {
        Reason.UNKNOWN_USER: "Check the spelling of {address}, or ask the recipient for the right address.",
        Reason.MAILBOX_FULL: "Ask the owner of {address} to make room, then send it again.",
        Reason.REFUSED: "Show the reply to the administrator of the sending server: it names the rule.",
        Reason.TOO_LARGE: "Send it smaller, or as a link.",
        Reason.NO_TLS: "Ask the administrator of the sending server which certificate it expects of {domain}, and why.",
        Reason.NO_ANSWER: "Send it again; if that fails, ask the administrator of {domain} whether their server is up.",
        Reason.LATER: "Send it again; if that fails, ask the administrator of {domain} why their server puts it off.",
        Reason.EXPIRED: "Send it again; if that fails, ask the administrator of {domain} whether their server is up.",
        Reason.LOOP: "Ask the administrator of {domain}: two servers or a forwarding send it back and forth.",
        Reason.UNKNOWN_HOST: "Check the spelling of {domain}.",
        Reason.DISABLED: "Ask the owner of {address} for another address.",
        Reason.RULE: "Ask the owner of {address} which rule it was.",
    }
)

WAITING = r"retry time not reached"
"""What Exim says of a message that it does not try, since the same server failed a short while ago."""
_SAID = MappingProxyType(
    {
        # Postfix, smtp(8): smtp_tls_security_level of encrypt and above
        Reason.NO_TLS: (
            r"\AServer certificate not (?:verified|trusted)|\ATLS is required, but|\ACannot start TLS",
            r"\ATLS (?:engine )?unavailable",
        ),
        # Dovecot's Sieve
        Reason.RULE: (r"\A(?:reject action: )?rejected message from ",),
        Reason.MAILBOX_FULL: (
            r"mail ?(?:box|folder|drop)[^\n]{0,60}(?:full|exceed|over)",
            r"over ?quota|quota (?:is |has been )?exceeded|disk quota",
            r"(?:exceed|out of)\w* (?:\w+ ){0,3}(?:quota|storage|disk space)|insufficient (?:disk|storage)",
            r"postfach[^\n]{0,40}voll|boîte[^\n]{0,60}pleine|buzón[^\n]{0,40}lleno|ящик[^\n]{0,40}переполнен",
            r"容量[^\n]{0,20}(?:超|オーバー)|メールボックス[^\n]{0,30}(?:いっぱい|一杯)",
        ),
        Reason.LOOP: (r"hop count|too many hops|mail loop|routing loop|loops back to myself|forwarding loop",),
        Reason.TOO_LARGE: (
            r"message (?:size|length|file)[^\n]{0,40}exceed|(?:message|mail) (?:is )?too (?:large|big)",
            r"exceeds[^\n]{0,40}(?:size|maximum)|size limit",
        ),
        Reason.DISABLED: (
            r"(?:account|mailbox|user|recipient)[^\n]{0,40}(?:disabled|inactive|suspended|expired|deactivated|blocked)",
        ),
        Reason.UNKNOWN_USER: (
            r"(?:user|recipient|address|account|mailbox|alias)[^\n]{0,50}"  # noqa: ISC004 - one form
            r"(?:unknown|incorrect|(?:not|n.t) (?:exist|recogni|listed|found|known))",
            r"(?:unknown|invalid|no such|bad) (?:\w+ )?(?:user|recipient|address|account|mailbox|local.?part|person)",
            r"no (?:mailbox|user|valid recipients|account)\b|not listed in|does(?:n.t| not) (?:exist|have an? )",
            r"not our customer|recipientnotfound|unrouteable address",
            r"(?:empfänger|adresse|benutzer)[^\n]{0,60}(?:unbekannt|nicht gefunden|existiert nicht)",
            r"unbekannte[rn]? (?:empf|benutz)",
            r"(?:utilisateur|destinataire|adresse)[^\n]{0,60}(?:inconnu|introuvable|n'existe pas)",
            r"(?:usuario|destinatario|dirección)[^\n]{0,60}(?:desconocid|no existe)",
            r"(?:пользовател|адрес)[^\n]{0,60}(?:не (?:найден|существует)|неизвест)",
            r"存在し(?:ない|ません)|見つかりません|(?:宛先|あて先)[^\n]{0,20}不明",
        ),
        Reason.UNKNOWN_HOST: (
            r"(?:host|domain)[^\n]{0,60}(?:not found|unknown|does not exist)|unknown (?:host|domain)|nxdomain",
            r"no mx or a|could ?n.t find any host|name service error|mx records point to non-existent",
        ),
        Reason.REFUSED: (
            r"spam|blocked|block ?list|black ?list|dnsbl|policy|reputation|virus|content rejected",
            r"unauthenticated|not authenticated|\bdmarc\b|\bspf\b|access denied|relay(?:ing)? (?:access )?denied",
            r"not (?:allowed|permitted|authori[sz]ed)|administrative prohibition|smtp server of your isp",
            # Who refused it is no reason.
            r"rejected by (?!(?:an? |the )?(?:remote|other|mail|recipient|host|server))",
        ),
        Reason.NO_ANSWER: (r"timed? ?out|connection refused|no route|unreachable|network is down|lost connection",),
        Reason.WAITING: (WAITING,),
        Reason.EXPIRED: (r"(?:cannot|could not) send message for|retry time(?:out)? exceeded|expired, returned",),
        Reason.LATER: (r"temporar|(?:try|come) (?:it )?again|try later|gr[ea]y[- ]?list",),
    }
)
_PHRASES = tuple((reason, re.compile("|".join(forms), re.IGNORECASE)) for reason, forms in _SAID.items())

_BY_CODE = MappingProxyType(
    {
        "1.1": Reason.UNKNOWN_USER,
        "1.3": Reason.UNKNOWN_USER,
        "1.6": Reason.UNKNOWN_USER,
        "1.10": Reason.UNKNOWN_USER,
        "1.2": Reason.UNKNOWN_HOST,
        "2.1": Reason.DISABLED,
        "2.2": Reason.MAILBOX_FULL,
        "2.3": Reason.TOO_LARGE,
        "3.1": Reason.MAILBOX_FULL,
        "3.4": Reason.TOO_LARGE,
        "4.1": Reason.NO_ANSWER,
        "4.2": Reason.NO_ANSWER,
        "4.4": Reason.UNKNOWN_HOST,
        "4.6": Reason.LOOP,
        "4.7": Reason.EXPIRED,
    }
)


def reason_of(status: str | None, reply: str | None) -> Reason:
    """Say why, as far as it is said.

    >>> reason_of("5.1.1", None), reason_of("5.5.0", "550 Unknown user bob")
    (<Reason.UNKNOWN_USER: 'unknown-user'>, <Reason.UNKNOWN_USER: 'unknown-user'>)
    """
    text = (reply or "")[:LIMIT]
    for reason, phrase in _PHRASES:
        if phrase.search(text):
            return reason
    # RFC 3463 §2: class, subject, detail.
    detail = (status or "").partition(".")[2]
    if detail.startswith("7."):
        return Reason.REFUSED
    return _BY_CODE.get(detail, Reason.UNSTATED)


CODES = MappingProxyType(
    {
        # RFC 3463 §3.2
        "1.0": "something is wrong with an address",
        "1.1": "there is no such mailbox",
        "1.2": "there is no such domain, or it takes no mail",
        "1.3": "the address is not written as addresses are",
        "1.4": "the address is ambiguous",
        "1.5": "the address is right",
        "1.6": "the mailbox has moved, and left no address",
        "1.7": "the sender's address is not written as addresses are",
        "1.8": "the sender's domain does not exist, or takes no mail",
        "1.9": "it was handed to a server that makes no reports",
        "1.10": "the domain says that it takes no mail",
        # RFC 3463 §3.3
        "2.0": "something is wrong with the mailbox",
        "2.1": "the mailbox is switched off",
        "2.2": "the mailbox is full",
        "2.3": "the message is longer than this mailbox takes",
        "2.4": "the list behind the address could not be expanded",
        # RFC 3463 §3.4
        "3.0": "something is wrong with the receiving system",
        "3.1": "the receiving system has no room left",
        "3.2": "the receiving system takes no mail at present",
        "3.3": "the receiving system lacks a feature that was asked for",
        "3.4": "the message is too big for the receiving system",
        "3.5": "the receiving system is set up wrongly",
        # RFC 3463 §3.5
        "4.0": "something is wrong with the network or the routing",
        "4.1": "the other server did not answer",
        "4.2": "the connection was lost",
        "4.3": "a directory (DNS) did not answer",
        "4.4": "no server for the domain could be found",
        "4.5": "the system is too busy",
        "4.6": "the message went round in a loop",
        "4.7": "it waited until time was up",
        # RFC 3463 §3.6
        "5.0": "the two servers did not understand each other",
        "5.1": "a command was not understood, or came at the wrong time",
        "5.2": "a command was not written as it must be",
        "5.3": "there were more recipients than are allowed",
        "5.4": "a command had a parameter that is not allowed",
        "5.5": "the two servers do not speak the same version",
        # RFC 3463 §3.7
        "6.0": "something is wrong with the content",
        "6.1": "the content is of a kind that is not taken",
        "6.2": "the content would have to be converted, and may not be",
        "6.3": "the content would have to be converted, and cannot be",
        "6.4": "the content was converted, and something was lost",
        "6.5": "the content could not be converted",
        # RFC 3463 §3.8
        "7.0": "it is against the rules there",
        "7.1": "it was refused: the sender is not allowed to send to this address, or the content is not wanted",
        "7.2": "the sender may not send to this list",
        "7.3": "it would have to be converted between security systems",
        "7.4": "a security feature that was asked for is lacking",
        "7.5": "something is wrong with the cryptography",
        "7.6": "a cryptographic algorithm is lacking",
        "7.7": "the message was changed on the way",
        # RFC 7372 §3
        "7.20": "no DKIM signature passed",
        "7.21": "no acceptable DKIM signature was found",
        "7.22": "no DKIM signature of the author was found",
        "7.23": "SPF failed: the sending server is not allowed to send for the domain",
        "7.24": "SPF could not be evaluated",
        "7.25": "the sending server's address has no name that leads back to it",
        "7.26": "several checks of authentication failed, as SPF and DKIM",
        # RFC 7505
        "7.27": "the sender's domain says that it takes no mail",
    }
)


def code_in_words(status: str | None) -> str | None:
    """Say what an enhanced status code means; None for one that no RFC gives a meaning."""
    return CODES.get((status or "").partition(".")[2])


def in_words(status: str | None, reply: str | None) -> str:
    """Say in plain words why something was not delivered.

    >>> in_words("5.2.2", None)
    'the mailbox is full'
    """
    reason = reason_of(status, reply)
    return WORDS.get(reason) or code_in_words(status) or "the reason is not said"
