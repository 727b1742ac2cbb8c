"""Bounces without a machine-readable part: who did not get it, and why, out of what is written for people.

qmail, Exim, Gmail, Exchange, Yahoo, Domino and many more each have words of their own. What they have in common is read
here: an address on its own or behind a few phrases, a reply, and behind a line of its own the message that came back.
"""

import re
from email.message import Message

from mailtrace.delivery.reasons import Reason, reason_of
from mailtrace.message.encoded import decode_words
from mailtrace.records import Struct

MAX_TEXT = 1 << 16
"""Characters of the text that are looked at."""
MAX_RECIPIENTS = 100


class Bounce(Struct, frozen=True, kw_only=True):
    """What such a bounce says."""

    recipients: tuple[str, ...]
    names_nobody: bool
    """Its own words name no recipient: whom it is about follows from the message that came back."""
    action: str
    """`failed` or `delayed`."""
    status: str | None
    diagnostic: str | None
    reporter: str | None
    original: dict[str, str]
    """Fields of the message that came back, names in lower case."""


_A = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}[A-Za-z0-9]"
_PHRASES = "unknown user|RCPT TO|recipients? returned permanent errors"
_ADDRESS = re.compile(_A)
_SENT_BACK = re.compile(
    r"^[ \t>*=-]{0,40}(?:below (?:this line )?is a copy|original message|returned message|this is a copy|"
    r"unsent message|original mail|included is a copy|the header of the original|a copy of the original|"
    r"message (?:header|text) follows|the attachment contains|message details)|"
    r"^(?:Received|Return-Path|DKIM-Signature|X-[A-Za-z-]{1,60}): ?\S",
    re.IGNORECASE | re.MULTILINE,
)
_FROM = re.compile(
    r"mailer-?daemon|postmaster|mail deliver|ndr admin|no-?reply|system administrator|post_master", re.IGNORECASE
)
_BY_SERVER = re.compile(
    r"mailer-?daemon|postmaster|mail deliver|ndr admin|system administrator|post_master", re.IGNORECASE
)
_LETTERS = ("multipart/alternative", "multipart/related", "text/html")
"""How newsletters are made, and bounces are not."""
_ABOUT = re.compile(
    r"undeliver|deliver\w*[ -](?:failure|status|has failed|problem)|returned mail|"
    r"return(?:ed|ing) (?:mail|message|to sender)|"
    r"failure|failed|error|bounce|could ?n.t be delivered|non-?delivery|"
    r"unzustellbar|user unknown|エラー|送信できません|недоставлен",
    re.IGNORECASE,
)
_WAITS = re.compile(
    r"\bdelay(?:ed)?\b|will (?:be )?(?:retr|continue)|not (?:yet )?been delivered|still trying", re.IGNORECASE
)
_GIVEN_UP = re.compile(
    r"permanent|giv(?:en|ing) up|gave up|will not (?:be )?(?:retr|tr)|no (?:further|more) (?:attempts|tries)|"
    r"not going to try again|(?:could|can)(?: ?not|n.t) be delivered|undeliverable",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"will (?:be )?(?:retr|continue)|not yet been delivered|still trying", re.IGNORECASE)
_ANSWERS = re.compile(
    r"\s*(?:(?:re|aw|sv|antw)(?:\[\d{1,3}\])?\s?:|(?:auto(?:matic|matische|mated)?[- ]?(?:reply|response|antwort)|"
    r"out of (?:the )?office|abwesen|réponse auto|absence|respuesta autom|risposta autom|vacation)[^:\n]{0,40}:)",
    re.IGNORECASE,
)
"""How subjects begin of answers that a person's mailbox gives by itself; what follows is another message's subject."""
_FORMS = tuple(
    re.compile(form, re.IGNORECASE | re.MULTILINE)
    for form in (
        # the fields of a delivery status, in a part for people
        rf"^Final-Recipient: {{0,4}}rfc822; {{0,4}}<?({_A})",
        # qmail, Yahoo, GMX: the address in brackets or quotes, a colon, and the reason below or behind
        rf"^[ \t]{{0,16}}[<\"]({_A})[>\"]:",
        # Exim, Gmail, Domino, and lists with a mark in front of each: alone on its line
        rf"^[ \t]{{0,16}}(?:[*-]{{1,2}} |>>> (?:\S{{1,320}} )?)?<?({_A})>?[ \t]{{0,16}}$",
        # Verizon, MailFoundry, IMail: behind a phrase
        rf"(?:delivered to|deliver (?:your )?(?:message|mail) to|delivery to|{_PHRASES})[: \t]{{0,8}}<?({_A})",
        # Exchange, Zoho, OpenSMTPD: at the beginning of a line, with the reason behind
        rf"^[ \t]{{0,16}}<?({_A})>?(?:[:<\[ \t])",
    )
)
_NOT_THE_RECIPIENT = re.compile(
    rf"(?:MAIL FROM|^[ \t]{{0,8}}(?:From|Sender|CC|Reply-To))[:< \t]{{1,4}}<?({_A})", re.IGNORECASE | re.MULTILINE
)
_STATUS = re.compile(r"(?<![\d.])#?([45]\.\d{1,2}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.#-])([45]\d\d)[ -](?![\d.]{1,4} (?:bytes|octets))\S[^\n]{0,600}")


def by_its_header(message: Message) -> bool:
    """Tell from the header section alone whether to read on: a guess, where reading every message costs too much."""
    sender, path = str(message.get("From", "")), str(message.get("Return-Path", "x")).strip()
    if path in ("", "<>") or _BY_SERVER.search(sender) or _BY_SERVER.search(path) or message["X-Failed-Recipients"]:
        return True
    kind = message.get_content_type()
    if _FROM.search(sender):
        return kind not in _LETTERS or _ABOUT.search(decode_words(str(message.get("Subject", "")))) is not None
    # Passed on by a filter or a person, as a message within another.
    is_container = kind in ("multipart/mixed", "message/rfc822")
    return is_container and _ABOUT.search(decode_words(str(message.get("Subject", "")))) is not None


def read(message: Message, parts: list[Message]) -> Bounce | None:
    """Read a bounce of any kind; None for a message that is none."""
    text = _text(parts)
    cut = _SENT_BACK.search(text)
    said, returned = (text[: cut.start()], text[cut.start() :]) if cut else (text, "")
    if not _is_a_bounce(message, said):
        return None
    original = _original(returned)
    everything = f"{said}\n{returned}" if not said.strip() else said
    recipients = _recipients(message, everything, original, returned)
    if not recipients:
        return None
    status = _STATUS.search(said)
    reply = _REPLY.search(said)
    goes_on = _GOES_ON.search(said) is not None or _GIVEN_UP.search(said) is None
    waits = _WAITS.search(said) is not None and goes_on and "permanent" not in said.lower()
    words = {one.lower() for one in (*_ADDRESS.findall(said), *_beside(message, returned))}
    return Bounce(
        recipients=recipients,
        names_nobody=not words.intersection(one.lower() for one in recipients),
        action="delayed" if waits else "failed",
        status=status[1] if status else None,
        diagnostic=_diagnostic(said, reply),
        reporter=_sender(message),
        original=original,
    )


def _text(parts: list[Message]) -> str:
    """Join what is written for people: the plain parts, or what is left of HTML where there are none."""
    for kind in ("text/plain", "text/html"):
        found = "\n".join(_decoded(part) for part in parts if part.get_content_type() == kind)[:MAX_TEXT]
        if found.strip():
            return found if kind == "text/plain" else re.sub(r"<[^<>]{0,1000}>", " ", found)
    # Parts that cannot be told apart, as where the boundary was lost: RFC 2046 §5.1 leaves nothing but the text.
    return "\n".join(_decoded(part) for part in parts if part.get_content_maintype() == "multipart")[:MAX_TEXT]


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = str(part.get_content_charset() or "utf-8")
    if b"\x1b$" in payload[:MAX_TEXT]:
        charset = "iso-2022-jp"
    return _read_as(payload, (charset, "utf-8")).replace("\r\n", "\n").replace("\u2019", "'")


def _read_as(octets: bytes, charsets: tuple[str, ...]) -> str:
    """Read a text by the first of these charsets that fits; some name one and write another."""
    for charset in charsets:
        try:
            return octets.decode(charset)
        except (LookupError, UnicodeError):
            continue
    return octets.decode("latin-1")


def _is_a_bounce(message: Message, said: str) -> bool:
    sender = str(message.get("From", ""))
    path = str(message.get("Return-Path", "x")).strip()
    subject = str(message.get("Subject", ""))
    is_server = _FROM.search(sender) is not None or _FROM.search(path) is not None
    if not is_server and _ANSWERS.match(decode_words(subject)):
        return False
    by_machine = path in ("", "<>") or is_server
    return by_machine and (_ABOUT.search(subject) is not None or _ABOUT.search(said) is not None)


def _recipients(message: Message, said: str, original: dict[str, str], returned: str) -> tuple[str, ...]:
    own = {one.lower() for name in ("To", "From", "Sender") for one in _ADDRESS.findall(str(message.get(name, "")))}
    others = own | {one.lower() for one in _NOT_THE_RECIPIENT.findall(said)}
    for form in _FORMS:
        found = [one for one in form.findall(said) if one.lower() not in others]
        if found:
            return tuple({one.lower(): one for one in found}.values())[:MAX_RECIPIENTS]
    behind = [*_beside(message, returned), *_ADDRESS.findall(original.get("to", ""))]
    loose = [one for one in (*_ADDRESS.findall(said), *behind) if one.lower() not in others]
    return tuple(loose[:1])


def _beside(message: Message, returned: str) -> list[str]:
    """Name whom a bounce names outside of its words: in a field of Exim's and Gmail's, or in the session it repeats."""
    field = str(message.get("X-Failed-Recipients", ""))[:MAX_TEXT]
    return [*_ADDRESS.findall(field), *_FORMS[3].findall(returned)]


_FIELD = re.compile(
    r"^[ \t]{0,4}(message-id|subject|to|date):[ \t]{0,8}(\S[^\n]{0,1000}(?:\n[ \t]+\S[^\n]{0,1000}){0,20})",
    re.IGNORECASE | re.MULTILINE,
)


_NAME = re.compile(r"^[ \t]{0,4}[A-Za-z][A-Za-z-]{1,60}:", re.MULTILINE)
_SECTION = 3
"""Fields that make a header section; fewer are a list of what is known of the message."""


def _section(returned: str) -> str:
    """Return the header section that came back, without the body behind it, which may quote another message's."""
    begins = _NAME.search(returned)
    if begins is None:
        return returned
    section = re.split(r"\n[ \t]*\n", returned[begins.start() :], maxsplit=1)[0]
    return section if len(_NAME.findall(section)) >= _SECTION else returned


def _original(returned: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _FIELD.finditer(_section(returned[:MAX_TEXT])):
        found.setdefault(match[1].lower(), " ".join(match[2].split()))
    return found


def _diagnostic(said: str, reply: re.Match[str] | None) -> str | None:
    """Return the reply that is quoted, to the end of its paragraph; else the line that says why."""
    if reply is not None:
        paragraph = said[reply.start() :].partition("\n\n")[0]
        return " ".join(paragraph.split())[:600]
    lines = [" ".join(line.split()) for line in said.split("\n")]
    telling = [line for line in lines if line and reason_of(None, line) is not Reason.UNSTATED]
    return telling[0][:600] if telling else None


def _sender(message: Message) -> str | None:
    found = _ADDRESS.search(str(message.get("From", "")))
    return found[0] if found else None
