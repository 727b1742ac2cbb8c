"""Rows of the dialect table: the open servers that anybody runs, and the filters beside them."""

from mailtrace.path.dialects import Dialect
from mailtrace.path.origin import Order
from mailtrace.path.types import HopKind, Silence

_CLEAR, _SILENT, _LIKELY = Silence.CLEARTEXT, Silence.UNRECORDED, Silence.LIKELY_CLEARTEXT
_AT = "Tue, 20 Oct 2026 10:00:00 +0000"
_FROM = "from a.example (a.example [192.0.2.1])"
_TLS13 = "TLS_AES_256_GCM_SHA384"

SERVERS: tuple[Dialect, ...] = (
    # Filters: they take the message back on the same machine, and some copy the first client's address.
    Dialect(
        software="amavis", silence=_SILENT, kind=HopKind.LOOPBACK, by="localhost|127", by_comment="amavis",
        sample="from a.example ([192.0.2.1]) by localhost (a.example [127.0.0.1]) (amavis, port 10024) with LMTP "
        f"id E1; {_AT}",
    ),
    Dialect(
        software="amavis", silence=_LIKELY, by_comment="amavis",
        sample="from a.example ([10.0.0.1]) by b.example (b.example [10.0.0.2]) (amavisd-new, port 10024) with "
        "UTF8LMTP "
        f"id qx; {_AT}",
    ),
    Dialect(
        software="qmail-scanner", silence=_SILENT, kind=HopKind.LOOPBACK, words="qmail-scanner",
        sample="from 192.0.2.1 by a.example (envelope-from <a@example.com>, uid 502) with qmail-scanner-1.24 "
        "(clean. Processed in 0.1 secs); 20 Oct 2026 10:00:00 -0000",
    ),
    # Postfix: the name in the comment is `unknown` unless it was found both ways.
    Dialect(
        software="Postfix", silence=_SILENT, kind=HopKind.LOCAL, by_comment="Postfix, from userid",
        sample=f"by a.example (Postfix, from userid 1000) id D1; {_AT} (UTC)",
    ),
    Dialect(
        software="Postfix", silence=_CLEAR, confirms_name=True, tells_auth=True, by_comment="Postfix", words=".",
        sample=f"{_FROM} (using TLSv1.3 with cipher {_TLS13} (256/256 bits)) by b.example (Postfix) with ESMTPS id D1 "
        f"for <b@example.com>; {_AT} (UTC)",
    ),
    Dialect(
        software="Postfix", silence=_SILENT, kind=HopKind.LOCAL, has_from=False, by_comment="Postfix",
        sample=f"by a.example (Postfix) id D1; {_AT} (UTC)",
    ),
    Dialect(
        software="Postfix", silence=_SILENT, confirms_name=True, by_comment="Postfix",
        sample=f"{_FROM} by b.example (Postfix) id D1 for <b@example.com>; {_AT} (UTC)",
    ),
    # Exim: the name found (both ways) comes first. The text is an option: many variants.
    Dialect(
        software="Exim", silence=_SILENT, kind=HopKind.LOCAL, order=Order.USER,
        words="local(-bsmtp)?$|(spam|virus|sa)-?scanned$|scanned-ok$",
        comment="Exim|envelope-from",
        sample=f"from ann by a.example with local (Exim 4.98) (envelope-from <ann@a.example>) id 1u-2-3; {_AT}",
    ),
    Dialect(
        software="WEB.DE", silence=_CLEAR, order=Order.NAME_FIRST, tells_auth=True, comment="WEB.DE",
        sample=f"from [192.0.2.1] (helo=a) by smtp1.web.de with asmtp (TLSv1:AES256-SHA:256) (WEB.DE 4.110) id 1; "
        f"{_AT}",
    ),
    Dialect(
        software="Exim", silence=_CLEAR, order=Order.NAME_FIRST, confirms_name=True, tells_auth=True,
        comment=r"Exim( \d|$)",
        sample=f"from a.example ([192.0.2.1]:2525) by b.example with esmtps (TLS1.3) tls {_TLS13} (Exim 4.98) "
        f"(envelope-from <a@a.example>) id 1u-2-3; {_AT}",
    ),
    Dialect(
        software="Exim", silence=_LIKELY, order=Order.NAME_FIRST, confirms_name=True, origin=r"\[.*helo=|helo=|port=",
        id=r"\w{6}-\w{6,11}-\w{2,4}$",
        sample=f"from a.example ([192.0.2.1] helo=b) id 8pScfr-0008UJ-E8 by authid <a@a.example> for "
        f"b@example.com; {_AT}",
    ),
    Dialect(
        software="Exim", silence=_LIKELY, order=Order.NAME_FIRST, tells_auth=True, words="(utf8)?e?smtp",
        id=r"\w{6}-(\w{6}-\w{2}|\w{11}-\w{4})$",
        sample="from a.example ([192.0.2.1]) by b.example with esmtp (envelope-from <a@a.example>) "
        f"id 1rudnJ-0001gz-Fw; {_AT}",
    ),
    Dialect(
        software="Nemesis", silence=_CLEAR, tells_auth=True, comment="Nemesis",
        sample="from a.example ([192.0.2.1]) by mx.example (mx1 [192.0.2.2]) with ESMTPS (Nemesis) id 1M "
        f"for <b@example.com>; {_AT}",
    ),
    Dialect(
        software="T-Online", silence=_LIKELY, by=r"fwd\d+\.(aul\.)?t-online\.de$",
        sample=f"from [10.0.0.1] ([192.0.2.1]) by fwd1.t-online.de with (TLSv1.3:{_TLS13} encrypted) esmtp id 1u; "
        f"{_AT}",
    ),
    # Sendmail and its descendants. `may be forged`: the name was not found both ways.
    Dialect(
        software="Sendmail", silence=_SILENT, kind=HopKind.LOCAL, by_comment=r"[^()/]*/[^()]*/Submit",
        sample="(from ann@localhost) by a.example (8.17.1/8.17.1/Submit) id 30; Tue, 20 Oct 2026 10:00:00 GMT",
    ),
    Dialect(
        software="Sendmail", silence=_CLEAR, confirms_name=True, tells_auth=True, by_comment=r"8\.1[4-9][^/ ]*/",
        sample=f"{_FROM} by b.example (8.17.1/8.17.1) with ESMTPS id 30 (version=TLSv1.3 cipher={_TLS13} bits=256 "
        "verify=NO); Tue, 20 Oct 2026 10:00:00 GMT",
    ),
    Dialect(
        software="Sendmail", silence=_LIKELY, confirms_name=True, tells_auth=True, by_comment=r"(SGI-)?8\.\d+[^/ ]*/",
        sample=f"{_FROM} by b.example (8.12.1/8.12.1) with ESMTP id 30; Tue, 20 Oct 2026 10:00:00 GMT",
    ),
    Dialect(
        software="FortiMail", silence=_CLEAR, tells_auth=True, id=r"[0-9A-Za-z]{14}-[0-9A-Za-z]{14}$",
        sample=f"from a.example ([192.0.2.1]) by b.example with ESMTPS id 70EJeRHd089450-40ZQtPMq057730 "
        f"(version=TLSv1.3 "
        f"cipher={_TLS13} bits=256 verify=NO); {_AT}",
    ),
    # Newer servers, which name themselves.
    Dialect(
        software="OpenSMTPD", silence=_SILENT, kind=HopKind.LOCAL, by_comment="OpenSMTPD", origin=r".*\[local\]",
        sample=f"from localhost (a.example [local]) by a.example (OpenSMTPD) with ESMTPA id e4; {_AT} (UTC)",
    ),
    Dialect(
        software="OpenSMTPD", silence=_CLEAR, confirms_name=True, tells_auth=True, by_comment="OpenSMTPD",
        sample=f"{_FROM} by b.example (OpenSMTPD) with ESMTPS id e1 (TLSv1.3:{_TLS13}:256:NO) for "
        f"<b@example.com>; {_AT}",
    ),
    Dialect(
        software="Haraka", silence=_SILENT, kind=HopKind.LOCAL, comment="Haraka outbound",
        sample=f"(Haraka outbound); {_AT}",
    ),
    Dialect(
        software="Haraka", silence=_CLEAR, tells_auth=True, by_comment="Haraka(/|$)",
        sample=f"{_FROM} by b.example (Haraka/2.8) with ESMTPS id U.1 envelope-from <a@a.example> "
        f"(cipher={_TLS13}); {_AT}",
    ),
    Dialect(
        software="Stalwart", silence=_CLEAR, tells_auth=True, by_comment="Stalwart",
        sample="from a.example (a.example [192.0.2.1] (AS64496 EXAMPLE, ZZ)) (using TLSv1.3 with cipher "
        f"TLS13_AES_256_GCM_SHA384) by b.example (Stalwart SMTP) with ESMTPS id 4; {_AT}",
    ),
    Dialect(
        software="chasquid", silence=_CLEAR, tells_auth=True, by_comment="chasquid",
        sample=f"from a.example ([192.0.2.1]) by b.example (chasquid) with ESMTPS tls {_TLS13} (over SMTP, TLS-1.3, "
        f'envelope from "a@a.example") ; {_AT}',
    ),
    Dialect(
        software="mox", silence=_CLEAR, tells_auth=True, order=Order.NAME_FIRST, via="tcp$", words="(UTF8)?E?SMTP",
        by_comment=r"\[",
        sample=f"from a.example ([192.0.2.1]) by b.example ([192.0.2.2]) via tcp with ESMTPS id B1 (TLS1.3 {_TLS13}) "
        "for <b@example.com>; 20 Oct 2026 10:00:00 +0000",
    ),
    Dialect(
        software="maddy", silence=_CLEAR, tells_auth=True, by_comment="envelope-sender <", id=r"[0-9a-f]{8}$",
        sample=f"{_FROM} by b.example (envelope-sender <a@a.example>) with ESMTPS id bd3a27ca; {_AT}",
    ),
    Dialect(
        software="hMailServer", silence=_CLEAR, tells_auth=True, words="ESMTPS?A?$",
        comment=r"version=\S+ cipher=\S+ bits=\d+$",
        sample=f"from a.example (Unknown [192.0.2.1]) by b.example with ESMTPS (version=TLSv1.3 cipher={_TLS13} "
        f"bits=256) ; {_AT}",
    ),
    Dialect(
        software="KumoMTA", silence=_CLEAR, by_comment="KumoMTA",
        sample=f"from [10.0.0.1] (10.0.0.1) by b.example (KumoMTA 192.0.2.2) with ESMTP id 54 for "
        f"<b@example.com>; {_AT}",
    ),
    Dialect(
        software="ZoneMTA", silence=_LIKELY, tells_auth=True, by_comment="ZoneMTA",
        sample="from [127.0.0.1] ([192.0.2.1] a.example) by b.example (ZoneMTA) with ESMTPSA id 19.001 for "
        "<b@example.com> "
        f"(version=TLSv1.3 cipher={_TLS13}); {_AT}",
    ),
    Dialect(
        software="Halon", silence=_CLEAR, tells_auth=True, by_comment="Halon",
        sample=f"{_FROM} by b.example (Halon) with ESMTPS id u1; {_AT}",
    ),
    # The qmail family: the name found first (or `unknown`), HELO in a comment only where it differs.
    Dialect(
        software="qmail", silence=_SILENT, kind=HopKind.LOCAL, has_from=False, comment=r"qmail \d+ invoked|ofmipd",
        sample="(qmail 27153 invoked by uid 8061); 20 Oct 2026 10:00:00 -0000",
    ),
    # They take mail from programs of the same machine, and hand it on.
    Dialect(
        software="nullmailer", silence=_SILENT, kind=HopKind.LOCAL, has_from=False, comment=r"nullmailer pid \d+ invoked",
        sample=f"(nullmailer pid 3537985 invoked by uid 1000); {_AT}",
    ),
    Dialect(
        software="sSMTP", silence=_SILENT, kind=HopKind.LOCAL, has_from=False, by_comment="sSMTP ",
        sample=f"by a.example (sSMTP sendmail emulation); {_AT}",
    ),
    Dialect(
        software="IndiMail", silence=_LIKELY, order=Order.NAME_FIRST, stray="indimail-mta ",
        sample="indimail-mta smtpd 27153 from a.example (HELO b.example) (ann@192.0.2.1) by c.example with ESMTPS; "
        "20 Oct 2026 10:00:00 -0000",
    ),
    Dialect(
        software="qpsmtpd", silence=_LIKELY, order=Order.NAME_FIRST, by_comment="qpsmtpd",
        sample=f"from a.example (HELO b) (192.0.2.1) by c.example (qpsmtpd/0.94) with ({_TLS13} encrypted) "
        f"ESMTPS; {_AT}",
    ),
    Dialect(
        software="qmail", silence=_LIKELY, order=Order.NAME_FIRST, by_comment="qmail-ldap|qp ",
        sample="from unknown (HELO b) (192.0.2.1) by c.example (qmail-ldap-1.03) with SMTP for <b@example.com>; "
        "20 Oct 2026 10:00:00 -0000",
    ),
    Dialect(
        software="IronPort", silence=_CLEAR, order=Order.NAME_FIRST, words=r"ESMTP/TLS/",
        sample="from a.example (HELO b.example) ([192.0.2.1]) by ob1.hc1.eu.iphmx.com with "
        "ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384; 20 Oct 2026 12:00:00 +0200",
    ),
    Dialect(
        software="IronPort", silence=_CLEAR, order=Order.NAME_FIRST, by=r".+\.iphmx\.com$",
        sample="from a.example ([192.0.2.1]) by ob1.hc1.eu.iphmx.com with ESMTP; 20 Oct 2026 12:00:00 +0200",
    ),
)  # fmt: skip

BY_SHAPE: tuple[Dialect, ...] = (
    Dialect(
        software="IronPort", silence=_CLEAR, order=Order.NAME_FIRST, words="ESMTP$", origin=r"HELO [^()]*\) \(\[",
        sample="from unknown (HELO b.example) ([192.0.2.1]) by c.example with ESMTP; 20 Oct 2026 12:00:00 +0200",
    ),
    Dialect(
        software="qmail", silence=_LIKELY, order=Order.NAME_FIRST, origin="HELO",
        words=r"E?SMTP|\S+ encrypted E?SMTP",
        sample="from a.example (HELO b.example) (192.0.2.1) by c.example with SMTP; 20 Oct 2026 10:00:00 -0000",
    ),
    Dialect(
        software="Courier", silence=_LIKELY, tells_auth=True, words="e?smtp",
        origin=r"(\S+ )?\[::ffff:|AUTH: |TLS: |SSL: ",
        sample="from a.example (a.example [::ffff:192.0.2.1]) (AUTH: LOGIN ann, TLS: TLS1.3,128bits,ECDHE_RSA_AES_128) "
        f"by b.example with ESMTPSA id 0.1.2; {_AT}",
    ),
)  # fmt: skip
"""Software that names itself nowhere: asked about when no row has found a name."""
