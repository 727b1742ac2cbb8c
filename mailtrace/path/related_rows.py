"""Header fields that tell of a hop beside its Received field: what each says, and who usually writes it.

One row a name, or a beginning of names (`List-*`). Whatever a row says its field means, anybody who could write the hop
could write the field: its word is worth what the word of its place is worth, and no more.
"""

from functools import cache, lru_cache

from mailtrace.path.types import RelatedKind
from mailtrace.records import Struct


class RelatedRow(Struct, frozen=True, kw_only=True):
    """One row."""

    name: str
    """As it is usually spelled; one that ends in `*` stands for all names that begin so."""
    kind: RelatedKind
    meaning: str
    writer: str
    """Who usually writes it."""


def _rows(kind: RelatedKind, *rows: tuple[str, str, str]) -> tuple[RelatedRow, ...]:
    return tuple(RelatedRow(name=name, kind=kind, meaning=meaning, writer=writer) for name, meaning, writer in rows)


_WEBMAIL, _FILTER, _EXCHANGE = "webmail", "a filter", "Exchange"

ROWS: tuple[RelatedRow, ...] = (
    *_rows(
        RelatedKind.VIEW,
        ("X-Received", "a second record of a hand-over inside Google", "Google"),
        ("X-ME-Received", "a second record of a hand-over inside Fastmail", "Fastmail"),
    ),
    *_rows(
        RelatedKind.CLIENT,
        ("X-Originating-IP", "the client's address, as the webmail or the first server saw it", _WEBMAIL),
        ("X-Originating-Client-IP", "the client's address, as the webmail saw it", _WEBMAIL),
        ("X-Sender-IP", "the address that the message was taken from", "webmail, gateways"),
        ("X-SenderIP", "the address that the message was taken from", "webmail, gateways"),
        ("X-Source-IP", "the client's address, as the hosting server saw it", "hosting panels"),
        ("X-SourceIP", "the client's address, as the first server saw it", "gateways"),
        ("X-Client-IP", "the client's address, as the first server saw it", _WEBMAIL),
        ("X-ClientIP", "the client's address, as the first server saw it", _WEBMAIL),
        ("X-Remote-IP", "the address that connected", "webmail, gateways"),
        ("X-Remote-Addr", "the address that connected", _WEBMAIL),
        ("X-Originating-Host", "the client's name or address, as the webmail saw it", _WEBMAIL),
        ("X-MDRemoteIP", "the address that connected", "MDaemon"),
        ("X-BESS-Apparent-Source-IP", "the address that the filter takes for the sender's", "Barracuda"),
        ("X-Barracuda-Apparent-Source-IP", "the address that the filter takes for the sender's", "Barracuda"),
        ("X-Loopia-Originating-IP", "the client's address, as the host saw it", "Loopia"),
        ("X-Forefront-Antispam-Report", "the filter's result; CIP is the address that connected", "Exchange Online"),
        ("X-MS-Exchange-Organization-OriginalClientIPAddress", "the address that connected", _EXCHANGE),
        ("X-OVH-ClientIP", "the client's address, as the host saw it", "OVH"),
        ("X-EN-OrigIP", "the client's address, as the webmail saw it", "EarthLink"),
        ("X-IronPort-RemoteIP", "the address that connected", "Cisco"),
    ),
    *_rows(
        RelatedKind.SENDING,
        ("X-Mailgun-Sending-Ip", "the address that the service sends from", "Mailgun"),
        ("X-SES-Outgoing", "the date, and the address that the service sends from", "Amazon SES"),
    ),
    *_rows(
        RelatedKind.ACCOUNT,
        ("X-Authenticated-Sender", "the account that had logged in", "hosting panels"),
        ("X-Authenticated-User", "the account that had logged in", "submission servers"),
        ("X-AuthUser", "the account that had logged in", "submission servers"),
        ("X-Authenticated-Id", "the account that had logged in", "hosting panels"),
        ("X-Authentication-Warning", "a user of the machine who gave another name", "Sendmail"),
        ("X-Get-Message-Sender-Via", "how the server knows who sent it", "cPanel"),
    ),
    *_rows(
        RelatedKind.DELIVERY,
        ("Delivered-To", "the address that it was delivered to", "the delivering server"),
        ("X-Delivered-To", "the address that it was delivered to", "the delivering server"),
        ("X-Original-To", "the recipient before aliases were followed", "Postfix"),
        ("Envelope-To", "the recipient of the envelope", "Exim"),
        ("X-Envelope-To", "the recipient of the envelope", "the delivering server"),
        ("X-Apparently-To", "the address that it was delivered to", "Yahoo"),
        ("X-Resolved-To", "the recipient after aliases were followed", "Fastmail"),
        ("Delivery-Date", "when it was put into the mailbox", "Exim"),
    ),
    *_rows(
        RelatedKind.ENVELOPE,
        ("Return-Path", "the envelope sender, written at the final delivery", "the delivering server"),
        ("X-Envelope-From", "the envelope sender", "gateways"),
        ("X-Return-Path", "the envelope sender", "gateways"),
        ("X-Mail-From", "the envelope sender", "Fastmail"),
        ("X-MailFrom", "the envelope sender", "gateways"),
    ),
    *_rows(
        RelatedKind.FORWARDING,
        ("X-Forwarded-To", "the address that it was forwarded to", "Gmail"),
        ("X-Forwarded-For", "the addresses that it was forwarded for: from, and to", "Gmail"),
        ("X-MS-Exchange-Inbox-Rules-Loop", "the mailbox whose rule sent it on", _EXCHANGE),
        ("X-MS-Exchange-ForwardingLoop", "the mailbox that sent it on", _EXCHANGE),
        ("X-Gmail-Fetch-Info", "the account that it was fetched from", "Gmail"),
        ("X-Getmail-Retrieved-From-Mailbox", "the mailbox that it was fetched from", "getmail"),
    ),
    *_rows(
        RelatedKind.RESENT,
        ("Resent-*", "somebody sent it on as it was", "mail programs"),
    ),
    *_rows(
        RelatedKind.SIGNATURE,
        ("DKIM-Signature", "a signature in the name of a domain", "the signing server"),
        ("X-Google-DKIM-Signature", "Google's signature for itself", "Google"),
        ("DomainKey-Signature", "a signature of the older kind", "the signing server"),
    ),
    *_rows(
        RelatedKind.SEAL,
        ("ARC-Seal", "the seal over an ARC set", "lists, forwarders, receivers"),
        ("ARC-Message-Signature", "the message as the sealer had it", "lists, forwarders, receivers"),
        ("ARC-Authentication-Results", "what the sealer had found", "lists, forwarders, receivers"),
    ),
    *_rows(
        RelatedKind.STAMP,
        ("Authentication-Results", "what a server found when it checked the author", "receiving servers"),
        ("Authentication-Results-Original", "the same of an earlier server, not vouched for", "gateways"),
        ("X-Original-Authentication-Results", "the same of an earlier server, not vouched for", "Google Groups"),
        ("X-MS-Exchange-Authentication-Results", "what Exchange found when it checked the author", _EXCHANGE),
        ("Received-SPF", "whether the client might send for the envelope sender", "receiving servers"),
    ),
    *_rows(
        RelatedKind.LIST,
        ("List-*", "a mailing list, and how to deal with it", "lists, bulk senders"),
        ("X-BeenThere", "the list that it went through", "Mailman"),
        ("X-Mailing-List", "the list that it went through", "lists"),
        ("Mailing-List", "the list that it went through", "lists"),
        ("X-Mailman-Version", "the list software", "Mailman"),
        ("X-Loop", "a mark against loops", "lists"),
    ),
    *_rows(
        RelatedKind.FILTER,
        ("X-Spam*", "what a spam filter found", _FILTER),
        ("X-Rspamd-*", "what a spam filter found", "rspamd"),
        ("X-Forefront-Antispam-Report-Untrusted", "what an earlier filter is said to have found", "Exchange Online"),
        ("X-Virus-*", "what a virus scanner found", _FILTER),
        ("X-Greylist*", "whether it was made to wait", "a greylisting filter"),
        ("X-Barracuda-*", "what the filter found", "Barracuda"),
        ("X-Proofpoint-*", "what the filter found", "Proofpoint"),
        ("X-Mimecast-*", "what the filter found", "Mimecast"),
        ("X-IronPort-*", "what the filter found", "Cisco"),
        ("X-MS-Exchange-Organization-SCL", "the spam confidence level", _EXCHANGE),
        ("X-Microsoft-Antispam*", "what the filter found", "Exchange Online"),
        ("X-MS-Office365-Filtering-*", "the filter's number for the message", "Exchange Online"),
    ),
    *_rows(
        RelatedKind.PROVIDER,
        ("X-MS-Exchange-Organization-AuthSource", "the server that said who the sender was", _EXCHANGE),
        ("X-MS-Exchange-Organization-AuthAs", "as whom the sender was taken: Internal or Anonymous", _EXCHANGE),
        ("X-MS-Exchange-Organization-Network-Message-Id", "the message's number in its traces", _EXCHANGE),
        ("X-MS-Exchange-Organization-*", "a note within the organisation", _EXCHANGE),
        ("X-MS-Exchange-CrossTenant-*", "a note between customers of Exchange Online", "Exchange Online"),
        ("X-MS-Exchange-Transport-*", "a note of the transport", _EXCHANGE),
        ("X-ClientProxiedBy", "the server that the client's program went through", _EXCHANGE),
        ("X-OriginatorOrg", "the customer of Exchange Online that it left from", "Exchange Online"),
        ("X-EOPAttributedMessage", "whether it was taken for a known customer's", "Exchange Online"),
        ("X-Google-Smtp-Source", "a token of the server that took the message", "Google"),
        ("X-Gm-Message-State", "a token of the server that sent the message", "Google"),
        ("X-Google-Original-From", "the author before the address was replaced", "Google"),
        ("X-Google-*", "a note within Google", "Google"),
    ),
    *_rows(
        RelatedKind.PROGRAM,
        ("X-Mailer", "the program that it was written with", "mail programs"),
        ("User-Agent", "the program that it was written with", "mail programs"),
        ("X-PHP-Originating-Script", "the script that sent it", "PHP"),
        ("X-MimeOLE", "the program that it was written with", "Outlook"),
        ("X-AntiAbuse", "the server, account and script that sent it", "cPanel"),
        ("X-Source-Dir", "the folder of the script that sent it", "cPanel"),
        ("X-Source-Args", "the command that sent it", "cPanel"),
    ),
)  # fmt: skip

_LONGEST = 64
"""Characters of a name that are looked at; no row has as many."""


@cache
def _exact() -> dict[str, RelatedRow]:
    return {row.name.lower(): row for row in ROWS if not row.name.endswith("*")}


@cache
def _beginnings() -> tuple[tuple[str, RelatedRow], ...]:
    return tuple((row.name[:-1].lower(), row) for row in ROWS if row.name.endswith("*"))


def row_of(name: str) -> RelatedRow | None:
    """Return the row of a field name, whatever its case; None if the field tells nothing of a hop."""
    return _row_of(name[:_LONGEST].lower())


@lru_cache(maxsize=1024)
def _row_of(lowered: str) -> RelatedRow | None:
    row = _exact().get(lowered)
    return row or next((row for beginning, row in _beginnings() if lowered.startswith(beginning)), None)
