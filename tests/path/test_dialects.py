"""Every row of the dialect table against its own sample, and the fields of the forms that matter most."""

import pytest

from mailtrace.message import parse
from mailtrace.path import rebuild
from mailtrace.path.dialects import table
from mailtrace.path.received import scan

ROWS = table()


def hop_of(value):
    return rebuild(parse(f"Received: {value}\r\nFrom: a@example.com\r\n\r\n".encode())).hops[0]


@pytest.mark.parametrize("row", ROWS, ids=[f"{number}-{row.software}" for number, row in enumerate(ROWS)])
def test_a_sample_is_recognised_as_its_row(row):
    hop = hop_of(row.sample)
    assert (hop.software, hop.silence) == (row.software, row.silence)


# value -> helo, client_name, client_ip, by, protocol, id, recipient, mail_from
FORMS = {
    "postfix": (
        (
            "from h.example (r.example [192.0.2.1]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) "
            "by mx.example.net (Postfix) with ESMTPS id 4Qx for <b@example.net>; Tue, 20 Oct 2026 10:00:00 +0000 (UTC)"
        ),
        ("h.example", "r.example", "192.0.2.1", "mx.example.net", "ESMTPS", "4Qx", "b@example.net", None),
    ),
    "postfix-unknown": (
        (
            "from h.example (unknown [IPv6:2001:db8::1]) by mx.example.net (Postfix) with ESMTP id 4Qx; "
            "Tue, 20 Oct 2026 10:00:00 +0000"
        ),
        ("h.example", None, "2001:db8::1", "mx.example.net", "ESMTP", "4Qx", None, None),
    ),
    "exim": (
        (
            "from r.example ([192.0.2.1]:2525 helo=h.example) by mx.example.net with esmtps (TLS1.3) tls "
            "TLS_AES_256_GCM_SHA384 (Exim 4.98) (envelope-from <a@example.com>) id 1u-2-3 for b@example.net; "
            "Tue, 20 Oct 2026 10:00:00 +0000"
        ),
        ("h.example", "r.example", "192.0.2.1", "mx.example.net", "esmtps", "1u-2-3", "b@example.net", "a@example.com"),
    ),
    "exchange-online": (
        (
            "from h.example (192.0.2.1) by A1.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server "
            "(version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.6631.42 via Frontend Transport; "
            "Tue, 20 Oct 2026 10:00:00 +0000"
        ),
        (
            "h.example",
            None,
            "192.0.2.1",
            "A1.mail.protection.outlook.com",
            "Microsoft SMTP Server",
            "15.20.6631.42",
            None,
            None,
        ),
    ),
    "gmail": (
        (
            "from h.example (r.example. [192.0.2.1]) by mx.google.com with ESMTPS id a1si1.2.2026.10.20.03.00.00 for "
            "<b@example.net> (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128); Tue, 20 Oct 2026 03:00:00 -0700"
        ),
        (
            "h.example",
            "r.example",
            "192.0.2.1",
            "mx.google.com",
            "ESMTPS",
            "a1si1.2.2026.10.20.03.00.00",
            "b@example.net",
            None,
        ),
    ),
    "sendmail": (
        (
            "from h.example (IDENT:u@r.example [192.0.2.1] (may be forged)) by mx.example.net (8.17.1/8.17.1) with ESMTP "
            "id 2BI for <b@example.net>; Tue, 20 Oct 2026 10:00:00 GMT"
        ),
        ("h.example", "r.example", "192.0.2.1", "mx.example.net", "ESMTP", "2BI", "b@example.net", None),
    ),
    "qmail": (
        "from r.example (HELO h.example) (u@192.0.2.1) by mx.example.net with SMTP; 20 Oct 2026 10:00:00 -0000",
        ("h.example", "r.example", "192.0.2.1", "mx.example.net", "SMTP", None, None, None),
    ),
    "yahoo": (
        (
            "from 192.0.2.1 (EHLO h.example) by 10.0.0.1 with SMTPs (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256); "
            "Tue, 20 Oct 2026 10:00:00 +0000"
        ),
        ("h.example", None, "192.0.2.1", "10.0.0.1", "SMTPs", None, None, None),
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_the_parts_of_a_form(name):
    value, expected = FORMS[name]
    got = scan(value)
    assert (
        got.helo,
        got.client_name,
        got.client_ip,
        got.by,
        got.protocol,
        got.id,
        got.recipient,
        got.mail_from,
    ) == expected
    assert got.received_at is not None
    assert got.received_at.isoformat() == "2026-10-20T10:00:00+00:00"
