"""Rows of the dialect table: delivery to the mailbox, list software, and programs that fetch mail from elsewhere."""

from mailtrace.path.dialects import Dialect
from mailtrace.path.origin import Order
from mailtrace.path.types import HopKind, Silence

_CLEAR, _SILENT, _LIKELY = Silence.CLEARTEXT, Silence.UNRECORDED, Silence.LIKELY_CLEARTEXT
_AT = "Tue, 20 Oct 2026 10:00:00 +0000"
_FROM = "from a.example (a.example [192.0.2.1])"
_TLS13 = "TLS_AES_256_GCM_SHA384"

MAILBOXES: tuple[Dialect, ...] = (
    # Delivery to the mailbox.
    Dialect(
        software="Cyrus", silence=_LIKELY, by_comment="Cyrus ",
        sample=f"from a.example ([unix socket]) by a.example (Cyrus v3.0) with LMTPA; {_AT}",
    ),
    Dialect(
        software="Dovecot", silence=_CLEAR, tells_auth=True, by_comment="Dovecot",
        sample=f"from a.example by b.example (Dovecot) with LMTP id YVBbOi5Cm1WC; {_AT}",
    ),
    Dialect(
        software="Dovecot", silence=_CLEAR, tells_auth=True, words="LMTPS?$", id=r"[A-Za-z0-9+/]{22}$",
        sample="from a.example ([10.0.0.1]) by b.example with LMTP id MAuAOlBCBWJuPQAAMHmgww (envelope-from "
        "<a@a.example>) "
        f"for <b>; {_AT}",
    ),
    Dialect(
        software="Zimbra", silence=_LIKELY, words="LMTP$", origin="LHLO ",
        sample=f"from a.example (LHLO a.example) (10.0.0.1) by b.example with LMTP; {_AT}",
    ),
    Dialect(
        software="Dragonfly Mail Agent", silence=_SILENT, kind=HopKind.LOCAL, order=Order.USER, comment="DragonFly",
        sample=f"from root (uid 0) (envelope-from a@a.example) id 4568a by a.example (DragonFly Mail Agent "
        f"v0.13); {_AT}",
    ),
    Dialect(
        software="UW dmail", silence=_SILENT, kind=HopKind.LOCAL, via="dmail",
        sample=f"via dmail-2008.19 for +INBOX; {_AT}",
    ),
    # ZMailer and lists.
    Dialect(
        software="ZMailer", silence=_SILENT, kind=HopKind.LIST, via="listexpand",
        sample=f"(majordomo@lists.example) by lists.example via listexpand id S1 (ORCPT <rfc822;b@example.com>); {_AT}",
    ),
    Dialect(
        software="ZMailer", silence=_LIKELY, order=Order.NAME_FIRST, origin=r"\[[^\]]*\]:\d+ \"(EHLO|HELO)",
        sample='from a.example ([192.0.2.1]:42386 "EHLO b.example" rhost-flags-OK-OK-OK-OK) by lists.example '
        'with ESMTP '
        f"id S1 (ORCPT <rfc822;b@example.com>); {_AT}",
    ),
    Dialect(
        software="Ecartis", silence=_SILENT, kind=HopKind.LIST, words="ECARTIS",
        sample=f"with ECARTIS (v1.0.0; list a); {_AT}",
    ),
    Dialect(
        software="LISTSERV", silence=_SILENT, kind=HopKind.LIST, by_comment="LISTSERV",
        sample=f"from A.EXAMPLE by A.EXAMPLE (LISTSERV-TCP/IP release 1.8d) with spool id 35 for B@A.EXAMPLE; {_AT}",
    ),
    # Fetchers: the server was the client, and the chain starts anew.
    Dialect(
        software="fetchmail", silence=_SILENT, kind=HopKind.RETRIEVAL, order=Order.NO_HELO, comment="fetchmail",
        sample=f"from mail.example [192.0.2.1] by localhost with IMAP (fetchmail-6.4) for b@localhost "
        f"(single-drop); {_AT}",
    ),
    Dialect(
        software="getmail", silence=_SILENT, kind=HopKind.RETRIEVAL, order=Order.NO_HELO, words="(POP3|IMAP)S?",
        sample="from mail.example (192.0.2.1) by a.example with POP3; 20 Oct 2026 10:00:00 -0000",
    ),
)  # fmt: skip
