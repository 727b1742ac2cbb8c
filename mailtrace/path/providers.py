"""Rows of the dialect table: mailbox providers, whose silence and hand-overs are their own.

Exchange Online takes mail over from outside at `*.mail.protection.outlook.com`, and nowhere else but for its own users'
submissions. Behind that edge its machines hand over to each other in Microsoft's IPv6 networks; mail that it relays to
another of its customers goes through the edge as well, and is never taken for a hand-over.
"""

from mailtrace.path.chains import GOOGLE, MICROSOFT, YAHOO
from mailtrace.path.dialects import Dialect
from mailtrace.path.origin import Order
from mailtrace.path.types import HopKind, Silence

_MICROSOFT_HOST = r".+\.(outlook\.(com|de|cn)|office365\.(com|us)|exchangelabs\.com)$"
_CLEAR, _SILENT, _LIKELY = Silence.CLEARTEXT, Silence.UNRECORDED, Silence.LIKELY_CLEARTEXT
_AT = "Tue, 20 Oct 2026 10:00:00 +0000"

PROVIDERS: tuple[Dialect, ...] = (
    # Microsoft: a bare address, and no place for the name found.
    Dialect(
        software="Exchange Online", silence=_CLEAR, provider=MICROSOFT, order=Order.HELO_ONLY,
        by=_MICROSOFT_HOST, words="Microsoft SMTP Server",
        sample="from a.example (192.0.2.1) by X1.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server "
        f"(version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.1.1 via Frontend Transport; {_AT}",
    ),
    Dialect(
        software="Exchange Online", silence=_SILENT, provider=MICROSOFT, order=Order.HELO_ONLY, kind=HopKind.LOCAL,
        by=_MICROSOFT_HOST, words="mapi|MailboxResubmission",
        sample="from A1.prod.outlook.com (2001:db8::1) by A1.prod.outlook.com (2001:db8::1) with MailboxResubmission "
        f"by AntispamTT id 15.20.1.1; {_AT}",
    ),
    Dialect(
        software="Exchange Online", silence=_SILENT, provider=MICROSOFT, order=Order.HELO_ONLY, kind=HopKind.INTERNAL,
        by=_MICROSOFT_HOST, words=r"HTTPS?\b",
        sample=f"from A1.prod.outlook.com (2001:db8::1) by B1.prod.outlook.com with HTTPS; {_AT}",
    ),
    Dialect(
        software="Exchange", silence=_SILENT, order=Order.HELO_ONLY, kind=HopKind.LOCAL, words="mapi",
        sample=f"from a.corp.example ([fe80::1]) by a.corp.example ([fe80::1%9]) with mapi id 15.1.1.1; {_AT}",
    ),
    Dialect(
        software="Exchange", silence=_CLEAR, order=Order.HELO_ONLY, words="Microsoft SMTP Server",
        sample="from a.corp.example (192.0.2.1) by b.corp.example (192.0.2.2) with Microsoft SMTP Server (TLS) "
        f"id 15.0.1.1; {_AT}",
    ),
    Dialect(
        software="Exchange 5.5", silence=_SILENT, kind=HopKind.INTERNAL, words="Internet Mail Service",
        sample=f"by ALPHA with Internet Mail Service (5.5.1.1) id <A1>; {_AT}",
    ),
    Dialect(
        software="Exchange 5.5", silence=_SILENT, comment="Microsoft Exchange Internet Mail Service",
        sample="from a.example (192.0.2.1 [192.0.2.1]) by b.example with SMTP "
        f"(Microsoft Exchange Internet Mail Service Version 5.5.1.1) id A1; {_AT}",
    ),
    Dialect(
        software="Exchange WebDAV", silence=_SILENT, kind=HopKind.HTTP, words="Microsoft Exchange Server HTTP",
        sample="from 192.0.2.1 ([192.0.2.1]) by a.example ([192.0.2.2]) via Exchange Front-End Server b.example "
        f"([192.0.2.3]) with Microsoft Exchange Server HTTP-DAV ; {_AT}",
    ),
    Dialect(
        software="Microsoft SMTPSVC", silence=_LIKELY, kind=HopKind.LOCAL, words="Microsoft SMTPSVC", first="mail$",
        sample=f"from mail pickup service by a.example with Microsoft SMTPSVC; {_AT}",
    ),
    Dialect(
        software="Microsoft SMTPSVC", silence=_LIKELY, words="Microsoft SMTPSVC",
        sample=f"from a ([192.0.2.1] RDNS failed) by b.example with Microsoft SMTPSVC(6.0.1.1); {_AT}",
    ),
    # Google: the name found ends in a dot; the hop to the mailbox and the one out of it have no from part.
    Dialect(
        software="Gmail", silence=_CLEAR, provider=GOOGLE, tells_auth=True, confirms_name=True,
        by=r"(mx|(aspmx|gmr-mx|mx\d)\.?[a-z0-9.]*)\.google\.com$|smtp\.gmail\.com$|smtp\.googlemail\.com$|smtp-relay\.gmail\.com$",
        sample="from a.example (a.example. [192.0.2.1]) by mx.google.com with ESMTPS id x1si1.1.2026.10.20.03.00.00 "
        "for <b@example.com> (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256); "
        "Tue, 20 Oct 2026 03:00:00 -0700 (PDT)",
    ),
    Dialect(
        software="Gmail API", silence=_SILENT, provider=GOOGLE, kind=HopKind.HTTP, by=r"gmailapi\.google\.com$",
        sample="from 123456 named unknown by gmailapi.google.com with HTTPREST; Tue, 20 Oct 2026 03:00:00 -0700",
    ),
    Dialect(
        software="Gmail", silence=_SILENT, provider=GOOGLE, kind=HopKind.HTTP, has_from=False,
        by=r"2002:a[0-9a-f]{2}:|10\.\d|mail-\w+-\w+\.google\.com$", words="HTTP",
        sample="by 2002:a05:6b0:23a:b0:1c4:2b7f:1d5e with HTTP; Tue, 20 Oct 2026 03:00:00 -0700 (PDT)",
    ),
    Dialect(
        software="Gmail POP3 fetch", silence=_SILENT, provider=GOOGLE, kind=HopKind.RETRIEVAL, has_from=False,
        by=r"2002:a[0-9a-f]{2}:|10\.\d", words="POP3",
        sample="by 10.0.0.1 with POP3 id 9du205562dtr.239; Tue, 20 Oct 2026 03:00:00 -0700 (PDT)",
    ),
    # Anybody has machines in 10.0.0.0/8, and short names: there the id shows whose form it is.
    Dialect(
        software="Gmail", silence=_SILENT, provider=GOOGLE, kind=HopKind.INTERNAL, has_from=False,
        by=r"10\.\d|[a-z]{3,6}\d{1,3}$", words="E?SMTP", id=r"[0-9a-z]+(mr|csp?|so)\d+[a-z]{2,3}(\.\d+){0,3}$",
        sample="by yxe7 with SMTP id 7so1234567yxe.25 for <b@example.com>; Tue, 20 Oct 2026 03:00:00 -0700 (PDT)",
    ),
    Dialect(
        software="Gmail", silence=_SILENT, provider=GOOGLE, kind=HopKind.INTERNAL, has_from=False,
        by=r"2002:a[0-9a-f]{2}:|.+\.google\.com$", words="E?SMTP",
        sample="by 2002:a05:6b0:23a:b0:1c4:2b7f:1d5e with SMTP id z5csp1ook; Tue, 20 Oct 2026 03:00:00 -0700 (PDT)",
    ),
    Dialect(
        software="Google Groups", silence=_CLEAR, provider=GOOGLE, tells_auth=True, by=r".+\.google\.com$",
        sample="from a.example ([192.0.2.1]) by gmr-x.prod.google.com with ESMTPS id x1; "
        "Tue, 20 Oct 2026 03:00:00 -0700 (PDT)",
    ),
    # Yahoo: the address first, HELO in a comment.
    Dialect(
        software="Yahoo", silence=_SILENT, provider=YAHOO, tells_auth=True, kind=HopKind.SUBMISSION,
        by_comment=r"Yahoo Inc\.",
        sample=f"by hermes--a1 (Yahoo Inc. Hermes SMTP Server) with ESMTPA ID a1; {_AT} (UTC)",
    ),
    Dialect(
        software="Yahoo", silence=_SILENT, provider=YAHOO, kind=HopKind.INTERNAL, words="NNFMP|HTTP",
        by=r".+\.yahoo\.(com|co\.jp)$", order=Order.HELO_FIRST,
        sample=f"from a.mail.yahoo.com by b.mail.yahoo.com with HTTP; {_AT}",
    ),
    Dialect(
        software="Yahoo", silence=_SILENT, provider=YAHOO, kind=HopKind.HTTP, by=r".+\.yahoo\.com$", via="HTTP",
        sample="from [192.0.2.1] by web1.mail.yahoo.com via HTTP; Tue, 20 Oct 2026 10:00:00 GMT",
    ),
    Dialect(
        software="Yahoo", silence=_SILENT, provider=YAHOO, tells_auth=True, by=r".+\.yahoo\.com$",
        order=Order.ADDRESS_FIRST,
        sample="from 127.0.0.1  (EHLO a.example) (192.0.2.1) by mta1.mail.yahoo.com with SMTPS; "
        "Tue, 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="Yahoo", silence=_SILENT, provider=YAHOO, tells_auth=True, by=r"10\.\d", words="SMTPs?$",
        origin="EHLO ", order=Order.ADDRESS_FIRST,
        sample="from 192.0.2.1 (EHLO a.example) by 10.0.0.1 with SMTPs "
        f"(version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256); {_AT}",
    ),
    # Mailbox providers.
    Dialect(
        software="Fastmail", silence=_SILENT, kind=HopKind.SUBMISSION, tells_auth=True, has_from=False,
        by=r".+\.messagingengine\.com$", words="ESMTPS?A$",
        sample="by mail.messagingengine.com (Postfix) with ESMTPA; Tue, 20 Oct 2026 06:00:00 -0400 (EDT)",
    ),
    Dialect(
        software="Fastmail", silence=_SILENT, kind=HopKind.INTERNAL, by_comment="MEProxy",
        sample=f"from a1 ([10.0.0.1]) by b1.internal (MEProxy); {_AT}",
    ),
    Dialect(
        software="Proton Mail", silence=_SILENT, kind=HopKind.INTERNAL, by=r"mail\.protonmail\.ch$",
        first=r"mail\.proton",
        sample=f"from mail.protonmail.ch by mail.protonmail.ch; {_AT}",
    ),
    Dialect(
        software="Yandex", silence=_CLEAR, tells_auth=True, by_comment=r"\w+/Yandex",
        sample="from a.example (a.example [192.0.2.1]) by b.mail.yandex.net (nwsmtp/Yandex) with ESMTPSA id Y1; "
        f"{_AT} (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) (Client certificate not present)",
    ),
    Dialect(
        software="mail.ru", silence=_SILENT, kind=HopKind.SUBMISSION, tells_auth=True, has_from=False,
        by=r".+\.mail\.ru$", words="esmtpa$",
        sample="by smtp1.i.mail.ru with esmtpa (envelope-from <a@example.com>) id 1sN4wR-1; "
        "Tue, 20 Oct 2026 13:00:00 +0300",
    ),
    Dialect(
        software="mail.ru", silence=_SILENT, tells_auth=True, order=Order.NAME_FIRST, by=r".+\.mail\.ru$",
        words="e?smtpa?$",
        sample="from a.example ([192.0.2.1]:25) by mx1.mail.ru with esmtp (envelope-from <a@a.example>) id 1sN4wR-1 "
        "for b@mail.ru; Tue, 20 Oct 2026 13:00:00 +0300",
    ),
    Dialect(
        software="QQ Mail", silence=_SILENT, by=r".+\.qq\.com$",
        sample="from a ( [192.0.2.1]) by bizesmtp1.qq.com (ESMTP) with id ; Tue, 20 Oct 2026 18:00:00 +0800 (CST)",
    ),
    Dialect(
        software="Coremail", silence=_SILENT, by_comment=r"Coremail|NewEsmtp",
        sample="from a (unknown [192.0.2.1]) by mx1 (Coremail) with SMTP id c1; Tue, 20 Oct 2026 18:00:00 +0800 (CST)",
    ),
    Dialect(
        software="Zoho", silence=_SILENT, kind=HopKind.SUBMISSION, has_from=False,
        by=r"(mx|sender).*\.zoho(mail)?\.\w+$",
        sample="by mx.zohomail.com with SMTPS id 1.2; Tue, 20 Oct 2026 03:00:00 -0700 (PDT)",
    ),
    Dialect(
        software="Zoho", silence=_SILENT, by=r"(mx|sender).*\.zoho(mail)?\.\w+$",
        sample="from [10.0.0.1] (10.0.0.1 [10.0.0.1]) by mx.zoho.eu with SMTPS id 1.2; " + _AT,
    ),
    Dialect(
        software="Rackspace", silence=_LIKELY, kind=HopKind.SUBMISSION, has_from=False, by=r".+\.emailsrvr\.com$",
        sample=f"by smtp1.relay.emailsrvr.com (Authenticated sender: a-AT-example.com) with ESMTPSA id 4223; {_AT}",
    ),
    Dialect(
        software="Migadu", silence=_LIKELY, by=r"smtp\.migadu\.com$",
        sample=f"from [IPV6:2001:db8::1] (2001:db8::1) by smtp.migadu.com with ESMTPS id 0b21; {_AT}",
    ),
    Dialect(
        software="Purelymail", silence=_SILENT, kind=HopKind.SUBMISSION, by_comment="Purelymail",
        sample=f"by smtp.purelymail.com (Purelymail SMTP) with ESMTPA id -243384252; {_AT}",
    ),
    Dialect(
        software="DuckDuckGo", silence=_SILENT, kind=HopKind.INTERNAL, has_from=False, by=r".+\.duck\.com$",
        sample=f"by smtp-inbound5.duck.com; {_AT}",
    ),
    Dialect(
        software="Amazon internal", silence=_LIKELY, comment="peer crosscheck",
        sample="from a.example by b.example with ESMTP (peer crosscheck: a.example)",
    ),
    Dialect(
        software="Seznam", silence=_SILENT, by_comment="Seznam SMTPD",
        sample="from a.example (a.example [192.0.2.1]) by email-relay1.seznam.cz (Seznam SMTPD 1.3) with ESMTP; "
        f"{_AT} (CEST)",
    ),
    Dialect(
        software="Hostedemail", silence=_LIKELY, tells_auth=True, by=r".+\.hostedemail\.com$",
        sample="from a (unknown [192.0.2.1]) (Authenticated sender: a@example.com) by omf1.b.hostedemail.com (Postfix) "
        f"with ESMTPA for <b@example.net>; {_AT} (UTC)",
    ),
)  # fmt: skip
