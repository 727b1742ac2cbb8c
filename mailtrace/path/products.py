"""Rows of the dialect table: servers that are sold, and those of which the archives still speak."""

from mailtrace.path.dialects import Dialect
from mailtrace.path.origin import Order
from mailtrace.path.types import HopKind, Silence

_CLEAR, _SILENT, _LIKELY = Silence.CLEARTEXT, Silence.UNRECORDED, Silence.LIKELY_CLEARTEXT
_AT = "Tue, 20 Oct 2026 10:00:00 +0000"
_FROM = "from a.example (a.example [192.0.2.1])"
_TLS13 = "TLS_AES_256_GCM_SHA384"

PRODUCTS: tuple[Dialect, ...] = (
    # Commercial servers.
    Dialect(
        software="Oracle Messaging Server", silence=_LIKELY, tells_auth=True,
        by_comment="Oracle Communications Messaging",
        sample="from a.example ([192.0.2.1]) by b.example (Oracle Communications Messaging Server 8.1 (built Dec "
        "14 2023)) "
        f"with ESMTPS id <0S6@b.example> for b@example.com; {_AT} (GMT)",
    ),
    Dialect(
        software="Sun Messaging Server", silence=_SILENT, kind=HopKind.LOCAL, by_comment="Sun|iPlanet|Oracle",
        first=r"(conversion|process)-daemon\.",
        sample="from conversion-daemon.a.example by a.example (Sun Java System Messaging Server 6.2 (built Sep  "
        "9 2005)) "
        f"id <0I@a.example> (original mail from a@a.example) for b@example.com; {_AT}",
    ),
    Dialect(
        software="Sun Messaging Server", silence=_LIKELY, by_comment="(Sun Java|iPlanet)",
        sample=f"from a.example ([192.0.2.1]) by b.example (Sun Java System Messaging Server 6.2) with ESMTP id "
        f"<0I>; {_AT}",
    ),
    Dialect(
        software="PMDF", silence=_SILENT, kind=HopKind.LOCAL, by_comment="PMDF",
        sample=f"from A.EXAMPLE by A.EXAMPLE (PMDF V4.3-10 #7482) id <01K@A.EXAMPLE>; {_AT}",
    ),
    Dialect(
        software="Domino", silence=_SILENT, by_comment=r"(IBM|HCL|Lotus) Domino",
        sample=f"from a.example ([192.0.2.1]) by b.example (HCL Domino Release 11.0.1) with ESMTP id 20 ; {_AT}",
    ),
    Dialect(
        software="GroupWise", silence=_SILENT, kind=HopKind.INTERNAL, words="Novell_GroupWise",
        sample=f"from A-MTA by a.example with Novell_GroupWise; {_AT}",
    ),
    Dialect(
        software="GroupWise", silence=_LIKELY, words="E?SMTP", comment="(TLS|NOT) encrypted$",
        sample=f"{_FROM} by b.example with ESMTP (TLS encrypted); {_AT}",
    ),
    Dialect(
        software="SmarterMail", silence=_LIKELY, words="E?SMTP", comment=r"version=(TLS\\)?Tls(1[123])? cipher=",
        sample=rf"{_FROM} by b.example with SMTP (version=TLS\Tls12 cipher=Aes256 bits=256); {_AT}",
    ),
    Dialect(
        software="FirstClass", silence=_SILENT, by_comment="FirstClass",
        sample=f"from 192.0.2.1 (192.0.2.1) by b.example (FirstClass Mail Server v11.1) with SMTP transient id "
        f"4216; {_AT}",
    ),
    Dialect(
        software="XMail", silence=_SILENT, words=r"\[XMail",
        sample="from a.example (192.0.2.1:23198) by b.example with [XMail 1.20 ESMTP Server] id <S72E> for "
        "<b@example.com> "
        f"from <a@a.example>; {_AT}",
    ),
    Dialect(
        software="MDaemon", silence=_LIKELY, tells_auth=True, order=Order.HELO_ONLY, comment="MDaemon",
        sample="from a.example [(192.0.2.1)] by b.example (192.0.2.2) (MDaemon PRO v19.0.2) with ESMTP id md50.msg; "
        f"{_AT}",
    ),
    Dialect(
        software="MDaemon", silence=_LIKELY, tells_auth=True, order=Order.HELO_ONLY, id=r"md\d+\.msg$",
        sample=f"from a.example [(192.0.2.1)] by b.example with ESMTPSA id md50.msg; {_AT}",
    ),
    Dialect(
        software="Mercury", silence=_SILENT, kind=HopKind.LOCAL, order=Order.USER, by_comment="Mercury/",
        first="spooler$", has_with=False,
        sample=f"from Spooler by a.example (Mercury/32 v4.52) ID MO1; {_AT}",
    ),
    Dialect(
        software="Mercury", silence=_LIKELY, by_comment="Mercury/",
        sample=f"from a.example (192.0.2.1) by b.example (Mercury/32 v4.62) with ESMTP ID MG1; {_AT}",
    ),
    Dialect(
        software="MailEnable", silence=_LIKELY, tells_auth=True, words="MailEnable",
        sample=f"from a ([192.0.2.1]) by b.example with MailEnable ESMTPA; {_AT}",
    ),
    Dialect(
        software="IceWarp", silence=_LIKELY, by_comment=r"IceWarp|\d+\.\d[\d.]* build|\(D\)$",
        sample=f"from a ([192.0.2.1]) by b.example (12.3.0 build 2 x64) with ASMTP (SSL) id 01; {_AT}",
    ),
    Dialect(
        software="CommuniGate Pro", silence=_LIKELY, tells_auth=True, by_comment="CommuniGate",
        sample="from [192.0.2.1] (account a@a.example HELO b.example) by b.example (CommuniGate Pro SMTP 5.1.13) with "
        f"ESMTPSA id 98 for b@example.com; {_AT}",
    ),
    Dialect(
        software="Kerio Connect", silence=_LIKELY, tells_auth=True, by_comment="Kerio",
        sample="from a.example ([192.0.2.1]) by b.example (Kerio Connect 9.2.12) with ESMTPS (using TLSv1.2 with "
        "cipher "
        f"ECDHE-RSA-AES256-GCM-SHA384 (256 bits)); {_AT}",
    ),
    Dialect(
        software="Apache James", silence=_LIKELY, tells_auth=True, by_comment="JAMES",
        sample="from a.example (EHLO b) ([192.0.2.1]) by b.example (JAMES SMTP Server ) with ESMTPA ID 17 "
        f"for <b@example.com>; {_AT}",
    ),
    Dialect(
        software="SurgeMail", silence=_LIKELY, by_comment="SurgeMail",
        sample=f"from [10.0.0.1] (unverified [192.0.2.1]) by b.example (SurgeMail 7.4c) with ESMTP (TLS) id 47; {_AT}",
    ),
    Dialect(
        software="Scalix", silence=_LIKELY, by_comment="Scalix",
        sample=f"from a ( 192.0.2.1) by b.example (Scalix SMTP Relay 10.0.1.3) via ESMTP; {_AT}",
    ),
    Dialect(
        software="Axigen", silence=_LIKELY, by_comment="Axigen",
        sample=f"from [192.0.2.1] (192.0.2.1) by b.example (Axigen) with ESMTP id 3D; {_AT}",
    ),
    Dialect(
        software="IBM gateway", silence=_SILENT, kind=HopKind.LOCAL, order=Order.USER, words="IBM ESMTP SMTP Gateway",
        first="/spool/",
        sample="from /spool/local by a.example with IBM ESMTP SMTP Gateway: Authorized Use Only! Violators will be "
        f"prosecuted for <b@example.com> from <a@example.net>; {_AT}",
    ),
    Dialect(
        software="IBM gateway", silence=_SILENT, words="IBM ESMTP SMTP Gateway",
        sample="from a.example (192.0.2.1) by b.example (192.0.2.2) with IBM ESMTP SMTP Gateway: Authorized Use Only! "
        f"Violators will be prosecuted; {_AT}",
    ),
    Dialect(
        software="OS/400", silence=_SILENT, kind=HopKind.LOCAL, by_comment="IBM OS/400",
        sample=f"by A.EXAMPLE (IBM OS/400 ANYMAIL/400 MIME V5R4M0) {_AT}",
    ),
    # Museum.
    Dialect(
        software="smap", silence=_LIKELY, via="c?smap",
        sample=f"from a.example(192.0.2.1, HELO b.example) by c.example via smap (V1.3) id xma1; {_AT}",
    ),
    Dialect(
        software="Obtuse smtpd", silence=_LIKELY, via="SMTP$", id="smtpd",
        sample='from a.example(192.0.2.1), claiming to be "b.example" via SMTP by c.example, id smtpd1; '
        "Tue Oct 20 10:00:00 2026",
    ),
    Dialect(
        software="smail", silence=_SILENT, kind=HopKind.LOCAL, via="smail from stdin",
        sample=f"from a.example by b.example via smail from stdin id <m1-0@b.example> for b@lists.example; {_AT}",
    ),
    Dialect(
        software="ArGoSoft", silence=_SILENT, by_comment="ArGoSoft",
        sample=f"from [192.0.2.1] by a (ArGoSoft Mail Server Freeware, Version 1.8 (1.8.2.5)); {_AT}",
    ),
    Dialect(
        software="MessageWall", silence=_SILENT, by_comment="MessageWall",
        sample="from [192.0.2.1] by a.example (MessageWall 1.1.0) with SMTP; 20 Oct 2026 10:00:00 -0000",
    ),
    Dialect(
        software="Rockliffe", silence=_LIKELY, by_comment="Rockliffe",
        sample="FROM a (192.0.2.1 [192.0.2.1]) BY b.example (Rockliffe SMTPRA 10.3.0) WITH SMTP ID <B1@b.example> FOR "
        f"<b@example.com>; {_AT}",
    ),
    Dialect(
        software="LSMTP", silence=_SILENT, by_comment="LSMTP",
        sample=f"from A (a.example) by b.example (LSMTP for Windows NT v1.1b) with SMTP id <21.1@b.example>; {_AT}",
    ),
)  # fmt: skip
