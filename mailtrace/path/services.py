"""Rows of the dialect table: services and appliances that send or filter mail for others, and ways in by HTTP."""

from mailtrace.path.dialects import Dialect
from mailtrace.path.origin import Order
from mailtrace.path.types import HopKind, Silence

_CLEAR, _SILENT, _LIKELY = Silence.CLEARTEXT, Silence.UNRECORDED, Silence.LIKELY_CLEARTEXT
_AT = "Tue, 20 Oct 2026 10:00:00 +0000"

SERVICES: tuple[Dialect, ...] = (
    # Senders on behalf of others. Their interfaces want TLS, and their fields do not say so.
    Dialect(
        software="Amazon SES", silence=_SILENT, by=r".+\.amazonaws\.com$",
        sample="from a.example (a.example [192.0.2.1]) by inbound-smtp.us-east-1.amazonaws.com with SMTP id d6 "
        f"for b@example.com; {_AT} (UTC)",
    ),
    Dialect(
        software="Amazon SES", silence=_SILENT, comment="SimpleEmailService",
        sample="from a (a.example [192.0.2.1]) by email-smtp.example with SMTP (SimpleEmailService-1) id m5 "
        f"for b@example.com; {_AT} (UTC)",
    ),
    Dialect(
        software="SendGrid", silence=_SILENT, kind=HopKind.HTTP, by_comment="SG$", words="HTTP",
        sample="from MTIz (unknown) by geopod-ismtpd-0 (SG) with HTTP id x1 Tue, 20 Oct 2026 10:00:00.608 +0000 (UTC)",
    ),
    Dialect(
        software="SendGrid", silence=_SILENT, by_comment="SG$",
        sample="from a.example (a.example [192.0.2.1]) by ismtpd1.sendgrid.net (SG) with ESMTP id x1 "
        "for <b@example.com>; Tue, 20 Oct 2026 10:00:00.987 +0000 (UTC)",
    ),
    Dialect(
        software="SendGrid", silence=_SILENT, kind=HopKind.INTERNAL, has_from=False, by=r"(filterdrecv|recvd)-",
        sample="by filterdrecv-1-a with SMTP id filterdrecv-1-a-1 2026-10-20 10:00:00.928333532 +0000 UTC m=+1.5",
    ),
    Dialect(
        software="Mailgun", silence=_SILENT, kind=HopKind.HTTP, by=r"[0-9a-f]{12}$", words="HTTP",
        sample=f"from <unknown> (<unknown> []) by c3ad48f5ff52 with HTTP id 64c287; {_AT}",
    ),
    Dialect(
        software="Mailgun", silence=_CLEAR, by=r"[0-9a-f]{12}$", id=r"[0-9a-f]{24}$",
        sample="from [127.0.0.1] (a.example [192.0.2.1]) by c3ad48f5ff52 with SMTP id 2e46e4f8fcf684aab9d7362e; "
        "Tue, 20 Oct 2026 10:00:00 GMT",
    ),
    Dialect(
        software="Mandrill", silence=_SILENT, kind=HopKind.HTTP, by=r"mandrillapp\.com$",
        sample=f"from [192.0.2.1] by mandrillapp.com id ded5; {_AT}",
    ),
    Dialect(
        software="Postmark", silence=_SILENT, kind=HopKind.LOCAL, by=r".+\.mtasv\.net$",
        sample="by a1.mtasv.net id hfer5c for <b@example.com>; Tue, 20 Oct 2026 10:00:00 +0000 "
        "(envelope-from <a@example.com>)",
    ),
    Dialect(
        software="Brevo", silence=_SILENT, kind=HopKind.SUBMISSION, by=r".+\.(sendinblue|brevo)\.com$",
        sample="by smtp-relay.sendinblue.com with ESMTP id cc-1; Tue, 20 October 2026 10:00:00 +0000 (UTC)",
    ),
    Dialect(
        software="DirectMail", silence=_SILENT, by=r"smtpdm.*\.aliyun\.com$",
        sample=f"from a1(mailfrom:a@example.com fp:SMTPD_1) by smtpdm.aliyun.com(127.0.0.1); {_AT}",
    ),
    Dialect(
        software="SMTP.com", silence=_SILENT, kind=HopKind.HTTP, by=r"Caffeine/",
        sample=f"Received from 10.0.0.1 by Caffeine/http-relay (a1) with SMTP id 7be for b@example.com; {_AT} (UTC)",
    ),
    Dialect(
        software="Injection API", silence=_SILENT, kind=HopKind.HTTP, by=r"injection-api",
        sample=f"from ::ffff:192.0.2.1 by injection-api-1 via HTTP; {_AT}",
    ),
    Dialect(
        software="ecelerity", silence=_LIKELY, tells_auth=True, comment="ecelerity ",
        sample="from [192.0.2.1] ([192.0.2.1:7115] helo=a.example) by b.example (envelope-from <a@a.example>) "
        f"(ecelerity 4.8.0.1 r(tag)) with ESMTPS (cipher=TLS_AES_256_GCM_SHA384) id E8/14-1; {_AT}",
    ),
    Dialect(
        software="PowerMTA", silence=_SILENT, comment="PowerMTA",
        sample="from a.example (192.0.2.1) by b.example (PowerMTA(TM) v3.5r16) id h1 for <b@example.com>; "
        f"{_AT} (envelope-from <a@a.example>)",
    ),
    Dialect(
        software="PowerMTA", silence=_SILENT, comment="envelope-from <", id=r"[0-9A-Za-z]{7,13}$", has_with=False,
        sample="from a.example (192.0.2.1) by b.example id hkhhm40e97cr for <b@example.com>; "
        f"{_AT} (envelope-from <a@a.example>)",
    ),
    Dialect(
        software="MailChannels", silence=_LIKELY, by_comment="trex/",
        sample="from a.example (a.example [192.0.2.1]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384) "
        f"by 100.64.0.1 (trex/6.9.1); {_AT}",
    ),
    Dialect(
        software="Cloudmark", silence=_SILENT, words="cmsmtp",
        sample=f"from a.example ([192.0.2.1]) by b.example with cmsmtp id J42; {_AT}",
    ),
    Dialect(
        software="Cloudmark", silence=_LIKELY, by=r"cmsmtp$",
        sample=f"from a.example ([10.0.0.1]) by cmsmtp with ESMTPS id J42; {_AT}",
    ),
    Dialect(
        software="Openwave", silence=_SILENT, words="bizsmtp|ngmta",
        sample=f"from a.example ([192.0.2.1]) by b.example with bizsmtp id uaD8; {_AT}",
    ),
    # Filters in front of somebody's mailboxes.
    Dialect(
        software="Proofpoint", silence=_CLEAR, kind=HopKind.LOOPBACK, by_comment=r"8\.[\d.]+/8|PPS",
        first=r"pps\.(filterd|reinject)$", origin=r"[^\[]*\[(127|10|192\.168|172\.(1[6-9]|2\d|3[01]))\.",
        tells_auth=True,
        sample="from pps.filterd (m1.ppops.net [127.0.0.1]) by mx1.pphosted.com (8.17.1/8.17.1) with ESMTP id 30; "
        "Tue, 20 Oct 2026 10:00:00 GMT",
    ),
    Dialect(
        software="Proofpoint", silence=_CLEAR, by_comment="PPS$", tells_auth=True,
        sample="from a.example (a.example [192.0.2.1]) by mx1.pphosted.com (PPS) with ESMTPS id 3n (version=TLSv1.2 "
        f"cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256 verify=NO) for <b@example.com>; {_AT}",
    ),
    Dialect(
        software="Proofpoint Essentials", silence=_CLEAR, by_comment="PPE Hosted", tells_auth=True,
        sample="from a.example (a.example [192.0.2.1]) by mx1.ppe-hosted.com (PPE Hosted ESMTP Server) with ESMTPS "
        f"id C1; {_AT} (UTC)",
    ),
    Dialect(
        software="Mimecast", silence=_CLEAR, by=r".+\.mimecast\.[a-z.]+$", id=r"\S+-mta-|\S+-\d+-",
        sample="from a.example (a.example [192.0.2.1]) by relay.mimecast.com with ESMTP with STARTTLS "
        "(version=TLSv1.3, "
        f"cipher=TLS_AES_256_GCM_SHA384) id us-mta-639-A-1; {_AT}",
    ),
    Dialect(
        software="Mimecast", silence=_SILENT, id=r"[a-z]{2,3}-mta-\d+-\S+-\d+$",
        sample=f"from a.example (192.0.2.1 [192.0.2.1]) by b.example with ESMTP id de-mta-63-a-1; {_AT}",
    ),
    Dialect(
        software="Barracuda", silence=_LIKELY, by=r".+\.(cudaops|barracuda)\.com$",
        sample="from a.example (a.example [192.0.2.1]) by mx1.ess.rzc.cudaops.com (version=TLSv1.2 "
        f"cipher=ECDHE-RSA-AES256-SHA384 bits=256 verify=NO); {_AT}",
    ),
    Dialect(
        software="Barracuda", silence=_SILENT, by_comment="Spam Firewall",
        sample=f"from a.example (a.example [192.0.2.1]) by b.example (Spam Firewall) with ESMTP id 8B; {_AT}",
    ),
    Dialect(
        software="MessageLabs", silence=_LIKELY, by=r".+\.messagelabs\.com$", order=Order.HELO_FIRST,
        sample="from unknown (HELO a.example) (192.0.2.1) by server-1.tower-1.messagelabs.com with "
        "ECDHE-RSA-AES256-GCM-SHA384 encrypted SMTP; 20 Oct 2026 10:00:00 -0000",
    ),
    Dialect(
        software="Symantec Messaging Gateway", silence=_LIKELY, by_comment="SMTP Gateway|Symantec",
        sample="from a.example (a.example [192.0.2.1]) (using TLS with cipher AES256-SHA256 (256/256 bits)) by "
        "b.example "
        f"(SMTP Gateway) with SMTP id 72.79.92876.T33HD3J6; {_AT}",
    ),
    Dialect(
        software="Symantec Messaging Gateway", silence=_LIKELY,
        id=r"[0-9A-Z]{2}\.[0-9A-Z]{2}\.[0-9A-Z]{5}\.[0-9A-Z]{8}$",
        sample=f"from a.example (a.example [192.0.2.1]) by b.example (Relay) with SMTP id NF.AM.00000.00000000; {_AT}",
    ),
    Dialect(
        software="Trustwave", silence=_SILENT, words="Trustwave SEG|MailMarshal",
        sample=f"from a.example (Not Verified[192.0.2.1]) by b.example with Trustwave SEG (v8,2) id <B6>; {_AT}",
    ),
    Dialect(
        software="Trustwave", silence=_SILENT, by_comment="using TLS: ",
        sample="from a.example (Not Verified[192.0.2.1]) by b.example (using TLS: TLSv1.2, AES256-SHA) id <B6>; "
        f"{_AT}",
    ),
    Dialect(
        software="Exclaimer", silence=_LIKELY, order=Order.HELO_ONLY, words="Exclaimer ",
        sample="from a.example (192.0.2.1) by eu1.smtp.exclaimer.net (192.0.2.9) with Exclaimer Signature Manager "
        f"ESMTP Proxy eu1.smtp.exclaimer.net (tlsversion=TLS12, tlscipher=TLS_ECDHE_WITH_AES256_SHA384); {_AT}",
    ),
    Dialect(
        software="Trend Micro", silence=_LIKELY, by_comment="TrendMicro", tells_auth=True,
        sample="from a.example (unknown [192.0.2.1]) by relay1.hes.trendmicro.com (TrendMicro Hosted Email "
        "Security) with "
        f"ESMTPS id 60; {_AT} (UTC)",
    ),
    Dialect(
        software="Cloudflare", silence=_SILENT, by=r"cloudflare-email\.net$",
        sample=f"from a.example (192.0.2.1) by cloudflare-email.net (cloudflare) id B1 for <b@example.com>; {_AT}",
    ),
    Dialect(
        software="Hornetsecurity", silence=_SILENT, by=r"mx-gate\d+-",
        sample=f"from a.example ([192.0.2.1]) by mx-gate26-hz87; {_AT}",
    ),
    Dialect(
        software="Postini", silence=_LIKELY, by=r".+\.postini\.com$",
        sample="from source ([192.0.2.1]) (using TLSv1) by a1.postini.com; Tue, 20 Oct 2026 10:00:00 PST",
    ),
    Dialect(
        software="ImprovMX", silence=_LIKELY, by=r".+\.improvmx\.com$",
        sample="from a.example (a.example. [192.0.2.1]) by mx1.improvmx.com with ESMTP (version=TLSv1.3 "
        f"cipher=TLS_AES_256_GCM_SHA384 bits=256/256) for <b@example.com>; {_AT}",
    ),
    Dialect(
        software="Forward Email", silence=_LIKELY, tells_auth=True, by_comment="Forward Email",
        sample="from a ([192.0.2.1] a.example) by smtp.forwardemail.net (Forward Email) with ESMTPSA "
        f"(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384); {_AT}",
    ),
    # Webmail and other ways in by HTTP.
    Dialect(
        software="SquirrelMail", silence=_SILENT, kind=HopKind.HTTP, words="HTTP", origin="SquirrelMail",
        sample=f"from 192.0.2.1 (SquirrelMail authenticated user ann) by a.example with HTTP; {_AT}",
    ),
    Dialect(
        software="Horde", silence=_SILENT, kind=HopKind.HTTP, by_comment="Horde",
        sample=f"from [192.0.2.1] ([192.0.2.1]) by a.example (Horde Framework) with HTTPS; {_AT}",
    ),
    Dialect(
        software="Roundcube", silence=_SILENT, kind=HopKind.HTTP, words="HTTP", comment="HTTP/",
        sample=f"from [192.0.2.1] by a.example with HTTP (HTTP/1.1 POST); {_AT}",
    ),
    Dialect(
        software="Webmail", silence=_SILENT, kind=HopKind.HTTP, by_comment="via HTTP",
        sample=f"from [192.0.2.1] ([192.0.2.1]) by msg-rest-1 (via HTTP); {_AT}",
    ),
    Dialect(
        software="Facebook", silence=_SILENT, kind=HopKind.INTERNAL, words="Thrift",
        sample=f"from facebook.com (x1 2001:db8::1) by facebook.com with Thrift id 42; {_AT}",
    ),
)  # fmt: skip
