"""Whose form a Received field has: a row per server or provider, the first that fits.

A row says how the form is recognised, what its silence about TLS means, and shows a sample of the form (example names,
documentation addresses). Adding a format is adding a row and a case file; docs/received.md says how.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailtrace.path.types import HopKind, Received, Silence

C, U, L = Silence.CLEARTEXT, Silence.UNRECORDED, Silence.LIKELY_CLEARTEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One row. Every pattern that is given must be found; at least one is."""

    software: str
    silence: Silence
    sample: str
    by: str | None = None
    """In the `by` host, case-insensitive."""
    words: str | None = None
    """In the words of the `with` clause."""
    comment: str | None = None
    """At the beginning of some comment."""
    id: str | None = None
    text: str | None = None
    """Anywhere in the first 2,000 characters."""
    kind: HopKind | None = None
    """Where the form itself says what sort of step it is."""

    def fits(self, received: Received) -> bool:
        """Tell whether a field has this form."""
        checks = (
            (self.by, received.by),
            (self.words, received.with_text),
            (self.id, received.id),
            (self.text, received.text[:2000]),
        )
        if any(pattern and not (value and re.search(pattern, value, re.IGNORECASE)) for pattern, value in checks):
            return False
        return self.comment is None or any(
            re.match(self.comment, comment[:300], re.IGNORECASE) for comment in received.comments
        )


DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        software="Exchange Online", silence=C, by=r"\.(outlook\.com|office365\.(com|us))$|\.exchangelabs\.com$",
        words=r"^Microsoft SMTP Server",
        sample="from a.example (192.0.2.1) by X1.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server "
        "(version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.1.1 via Frontend Transport; "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Exchange Online", silence=U, words=r"^(HTTPS?|mapi|MailboxResubmission)\b", kind=HopKind.INTERNAL,
        by=r"\.(outlook|exchangelabs)\.com$",
        sample="from A1.prod.outlook.com (2001:db8::1) by B1.prod.outlook.com with HTTPS; Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Exchange", silence=L, words=r"^mapi\b", kind=HopKind.LOCAL,
        sample="from a.corp.example ([fe80::1]) by a.corp.example ([fe80::1%9]) with mapi id 15.1.1.1; "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Exchange", silence=C, words=r"^Microsoft SMTP Server",
        sample="from a.corp.example (192.0.2.1) by b.corp.example (192.0.2.2) with Microsoft SMTP Server (TLS) id 15.0.1.1; "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Exchange 5.5", silence=U, comment=r"Microsoft Exchange Internet Mail Service",
        sample="from a.example (192.0.2.1 [192.0.2.1]) by b.example with SMTP (Microsoft Exchange Internet Mail Service Version "
        "5.5.1.1) id G1; Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Microsoft SMTPSVC", silence=L, text=r"^\s*from mail pickup service by ", kind=HopKind.LOCAL,
        sample="from mail pickup service by b.example with Microsoft SMTPSVC; Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Microsoft SMTPSVC", silence=L, words=r"^Microsoft SMTPSVC",
        sample="from a.example ([192.0.2.1]) by b.example with Microsoft SMTPSVC(6.0.1.1); Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Gmail", silence=C, by=r"^(mx|smtp|mail-relay|smtp-relay|relay)\.(google|gmail)\.com$",
        sample="from a.example (a.example. [192.0.2.1]) by mx.google.com with ESMTPS id x1si1.1.2026.10.20.03.00.00 "
        "for <b@example.com>; Tue, 20 Oct 2026 03:00:00 -0700 (PDT)",
    ),
    Dialect(
        software="Gmail", silence=U, by=r"^(2002:a|.*\.google\.com$|gmailapi\.google\.com$|10\.)", kind=HopKind.INTERNAL,
        text=r"^\s*(by (2002:a|mail-|10\.)|from \S+ named unknown by gmailapi)",
        sample="by 2002:a05:6504:1c8:b0:1f6:5e0e:297f with SMTP id z5csp1ook; Tue, 20 Oct 2026 03:00:00 -0700 (PDT)",
    ),
    Dialect(
        software="Yahoo", silence=U, words=r"^(SMTPs?|NNFMP|HTTP)\b", text=r"\bby (10\.|\S+\.yahoo\.)", comment=None,
        sample="from 192.0.2.1 (EHLO a.example) by 10.0.0.1 with SMTPs (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256); "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Yahoo", silence=U, comment=r"Yahoo Inc\.",
        sample="by hermes--x1 (Yahoo Inc. Hermes SMTP Server) with ESMTPA ID a1; Tue, 20 Oct 2026 10:00:00 +0000 (UTC)",
    ),
    Dialect(
        software="Yahoo", silence=U, by=r"\.yahoo\.com$", comment=r"JAMES SMTP Server",
        sample="from a.example (EHLO b.example) ([192.0.2.1]) by smtp1.mail.bf1.yahoo.com (JAMES SMTP Server ) with ESMTPA ID a1; "
        "Tue, 20 Oct 2026 10:00:00 +0000 (UTC)",
    ),
    Dialect(
        software="Proton", silence=U, by=r"\.protonmail\.ch$", text=r"^\s*from (\S+) by \1;", kind=HopKind.INTERNAL,
        sample="from mail.protonmail.ch by mail.protonmail.ch; Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Amazon SES", silence=U, by=r"\.amazonaws\.com$",
        sample="from a.example (a.example [192.0.2.1]) by inbound-smtp.us-east-1.amazonaws.com with SMTP id d6 "
        "for b@example.com; Tue, 20 Oct 2026 10:00:00 +0000 (UTC)",
    ),
    Dialect(
        software="SendGrid", silence=U, comment=r"SG$",
        sample="from MTIz (unknown) by geopod-ismtpd-0 (SG) with HTTP id x1 Tue, 20 Oct 2026 10:00:00.608 +0000 (UTC)",
    ),
    Dialect(
        software="SendGrid", silence=U, by=r"^filterdrecv-|\.sendgrid\.net$",
        sample="by filterdrecv-1-a with SMTP id filterdrecv-1-a-1 2026-10-20 10:00:00.1 +0000 UTC m=+1.5",
    ),
    Dialect(
        software="Proofpoint", silence=C, comment=r"PPS$",
        sample="from a.example (a.example [192.0.2.1]) by mx1.pphosted.com (PPS) with ESMTPS id 3n (version=TLSv1.2 "
        "cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256 verify=NO) for <b@example.com>; Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Proofpoint", silence=C, text=r"^from pps\.filterd", kind=HopKind.LOOPBACK,
        sample="from pps.filterd (m1.ppops.net [127.0.0.1]) by mx1.pphosted.com (8.17.1/8.17.1) with ESMTP id 30; "
        "Tue, 20 Oct 2026 10:00:00 GMT",
    ),
    Dialect(
        software="Proofpoint Essentials", silence=C, comment=r"PPE Hosted",
        sample="from a.example (a.example [192.0.2.1]) by mx1.ppe-hosted.com (PPE Hosted ESMTP Server) with ESMTPS id C1; "
        "Tue, 20 Oct 2026 10:00:00 +0000 (UTC)",
    ),
    Dialect(
        software="Coremail", silence=U, comment=r"Coremail$|NewEsmtp$",
        sample="from a (unknown [192.0.2.1]) by mx1 (Coremail) with SMTP id c1; Tue, 20 Oct 2026 18:00:00 +0800 (CST)",
    ),
    Dialect(
        software="Fastmail", silence=U, text=r"^\s*by mail\.messagingengine\.com \(Postfix\) with ESMTPA|\(MEProxy\)",
        sample="by mail.messagingengine.com (Postfix) with ESMTPA; Tue, 20 Oct 2026 06:00:00 -0400 (EDT)",
    ),
    Dialect(
        software="Cloudflare", silence=U, comment=r"cloudflare$",
        sample="from a.example (192.0.2.1) by cloudflare-email.net (cloudflare) id B1 for <b@example.com>; "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Domino", silence=U, comment=r"(IBM|HCL|Lotus) Domino",
        sample="from a.example ([192.0.2.1]) by b.example (HCL Domino Release 11.0.1) with ESMTP id 20; "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="FirstClass", silence=U, comment=r"FirstClass Mail Server",
        sample="from a.example (192.0.2.1) by b.example (FirstClass Mail Server v11.1 build 11.1) with SMTP transient id 4; "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="GroupWise", silence=U, words=r"^Novell_GroupWise$", kind=HopKind.INTERNAL,
        sample="from INET-A by b.example with Novell_GroupWise; Tue, 20 Oct 2026 10:00:00 -0600",
    ),
    Dialect(
        software="Sun Messaging Server", silence=U, text=r"^\s*from (conversion|process)-daemon\.", kind=HopKind.LOCAL,
        sample="from conversion-daemon.b.example by b.example (Sun Java System Messaging Server 6.2-4.02 (built Sep  9 2005)) "
        "id <0I@b.example>; Tue, 20 Oct 2026 10:00:00 -0700 (PDT)",
    ),
    Dialect(
        software="PMDF", silence=U, text=r"^\s*from (\S+) by \1 \(PMDF ", kind=HopKind.LOCAL,
        sample="from A.EXAMPLE by A.EXAMPLE (PMDF V4.3-10 #8779) id <01K@A.EXAMPLE>; Tue, 20 Oct 2026 10:00:00 +0100",
    ),
    Dialect(
        software="PowerMTA", silence=U, comment=r"PowerMTA",
        sample="from a.example (192.0.2.1) by b.example (PowerMTA(TM) v3.5r16) id h1 for <b@example.com>; "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="amavis", silence=U, comment=r"amavis", text=r"\[(127\.|::1|IPv6:::1)[^]]*\]\)\s*\(amavis", kind=HopKind.LOOPBACK,
        sample="from a.example ([127.0.0.1]) by localhost (a.example [127.0.0.1]) (amavis, port 10024) with LMTP id E1; "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="amavis", silence=L, comment=r"amavis",
        sample="from a.example ([10.0.0.1]) by b.example (b.example [10.0.0.2]) (amavisd-new, port 10024) with LMTP id E1; "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="fetchmail", silence=U, words=r"^(IMAP|POP3)\b", kind=HopKind.RETRIEVAL,
        sample="from mail.example [192.0.2.1] by localhost with IMAP (fetchmail-6.4) for b@localhost (single-drop); "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Sendmail", silence=L, comment=r"\d+\.\d+[^/ ]*/\d[^ ]*/Submit", kind=HopKind.LOCAL,
        sample="(from ann@localhost) by a.example (8.17.1/8.17.1/Submit) id 30; Tue, 20 Oct 2026 10:00:00 GMT",
    ),
    Dialect(
        software="Sendmail", silence=C, comment=r"8\.1[4-9][^ /]*/8",
        sample="from a.example (a.example [192.0.2.1]) by b.example (8.17.1/8.17.1) with ESMTPS id 30 (version=TLSv1.3 "
        "cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NO); Tue, 20 Oct 2026 10:00:00 GMT",
    ),
    Dialect(
        software="Sendmail", silence=L, comment=r"\d+\.\d+[^ /]*/\d",
        sample="from a.example (a.example [192.0.2.1]) by b.example (8.12.1/8.12.1) with ESMTP id 30; "
        "Tue, 20 Oct 2026 10:00:00 GMT",
    ),
    Dialect(
        software="Postfix", silence=L, comment=r"Postfix, from userid", kind=HopKind.LOCAL,
        sample="by a.example (Postfix, from userid 1000) id D1; Tue, 20 Oct 2026 10:00:00 +0000 (UTC)",
    ),
    Dialect(
        software="Postfix", silence=C, comment=r"Postfix",
        sample="from a.example (a.example [192.0.2.1]) by b.example (Postfix) with ESMTPS id D1 for <b@example.com>; "
        "Tue, 20 Oct 2026 10:00:00 +0000 (UTC)",
    ),
    Dialect(
        software="Exim", silence=L, words=r"^local$", kind=HopKind.LOCAL,
        sample="from ann by a.example with local (Exim 4.98) (envelope-from <ann@a.example>) id 1u-2-3; "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Exim", silence=C, comment=r"Exim \d",
        sample="from a.example ([192.0.2.1]:2525) by b.example with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384 (Exim 4.98) "
        "(envelope-from <a@a.example>) id 1u-2-3; Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="OpenSMTPD", silence=C, comment=r"OpenSMTPD",
        sample="from a.example (a.example [192.0.2.1]) by b.example (OpenSMTPD) with ESMTPS id e1 "
        "(TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO) for <b@example.com>; Tue, 20 Oct 2026 10:00:00 +0000 (UTC)",
    ),
    Dialect(
        software="Haraka", silence=U, text=r"^\s*\(Haraka outbound\)", kind=HopKind.LOCAL,
        sample="(Haraka outbound); Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Haraka", silence=C, comment=r"Haraka/",
        sample="from a.example (a.example [192.0.2.1]) by b.example (Haraka/2.8) with ESMTPS id U.1 envelope-from "
        "<a@a.example> (cipher=TLS_AES_256_GCM_SHA384); Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Stalwart", silence=C, comment=r"Stalwart",
        sample="from a.example (a.example [192.0.2.1] (AS1 EXAMPLE, US)) by b.example (Stalwart SMTP) with ESMTP id 4; "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Halon", silence=C, comment=r"Halon$",
        sample="from a.example (a.example [192.0.2.1]) by b.example (Halon) with ESMTPS id u1; "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Cyrus", silence=C, comment=r"Cyrus ",
        sample="from a.example ([unix socket]) by a.example (Cyrus v3.0) with LMTPA; Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Dovecot", silence=C, words=r"^LMTPS?\b", id=r"^[A-Za-z0-9+/]{22}$",
        sample="from a.example ([192.0.2.1]) by b.example with LMTP id MAuAOlBCBWJuPQAAMHmgww (envelope-from "
        "<a@a.example>) for <b>; Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Dovecot", silence=C, comment=r"Dovecot$",
        sample="from a.example by b.example (Dovecot) with LMTP id YVBbOi5Cm1WC; Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="IronPort", silence=C, words=r"^ESMTP(/TLS/\S+)?$", by=r"\.iphmx\.com$",
        sample="from a.example ([192.0.2.1]) by ob1.hc1.eu.iphmx.com with ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384; "
        "20 Oct 2026 12:00:00 +0200",
    ),
    Dialect(
        software="qmail", silence=L, text=r"^\s*\(qmail \d+ invoked", kind=HopKind.LOCAL,
        sample="(qmail 38014 invoked by uid 8061); 20 Oct 2026 10:00:00 -0000",
    ),
    Dialect(
        software="qmail", silence=L, comment=r"HELO ", words=r"^E?SMTP$|encrypted",
        sample="from a.example (HELO b.example) (192.0.2.1) by c.example with SMTP; 20 Oct 2026 10:00:00 -0000",
    ),
    Dialect(
        software="qmail-scanner", silence=U, words=r"^qmail-scanner-", kind=HopKind.LOOPBACK,
        sample="from 192.0.2.1 by b.example (envelope-from <a@a.example>, uid 502) with qmail-scanner-1.24 "
        "(clamdscan: 0.80/594.  Clear:RC:0(192.0.2.1):.  Processed in 0.28 secs); 20 Oct 2026 10:00:00 -0000",
    ),
    Dialect(
        software="DragonFly Mail Agent", silence=U, comment=r"DragonFly Mail Agent", kind=HopKind.LOCAL,
        sample="from root (uid 0) (envelope-from ann@b.example) id e1 by b.example (DragonFly Mail Agent v0.13); "
        "Tue, 20 Oct 2026 18:00:00 +0900",
    ),
    Dialect(
        software="dmail", silence=U, text=r"^\s*via dmail-", kind=HopKind.LOCAL,
        sample="via dmail-2008.19 for +INBOX; Tue, 20 Oct 2026 10:00:00 -0600 (CST)",
    ),
    Dialect(
        software="list expansion", silence=U, text=r"\bvia listexpand\b|^\s*with ECARTIS|\(LISTSERV", kind=HopKind.LIST,
        sample="(majordomo@lists.example) by lists.example via listexpand id S1 (ORCPT <rfc822;b@example.com>); "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
)  # fmt: skip


def dialect_of(received: Received, rows: Sequence[Dialect] = DIALECTS) -> Dialect | None:
    """Return the first row that fits; None for a form that no row knows."""
    return next((row for row in rows if row.fits(received)), None)
