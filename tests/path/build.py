"""Messages made of Received fields, and their paths."""

from mailtrace.message import parse
from mailtrace.path import rebuild

SECOND = "Tue, 20 Oct 2026 10:00:{:02} +0000"


def message(*values):
    """Return a message with these Received values, topmost first."""
    fields = "".join(f"Received: {value}\r\n" for value in values)
    return parse(fields.encode("utf-8", "surrogateescape") + b"From: ann@example.com\r\n\r\nHello.\r\n")


def path(*values, trust=()):
    """Rebuild the path of these Received values, topmost first."""
    return rebuild(message(*values), trust)


def postfix(helo, name, address, by, second=0, date=None):
    """Return a field as Postfix writes it."""
    return f"from {helo} ({name} [{address}]) by {by} (Postfix) with ESMTPS id 4ABC; {date or SECOND.format(second)}"


def exchange_edge(helo, address, second=0):
    """Return the field of Exchange Online's edge."""
    return (
        f"from {helo} ({address}) by AM1PEPF1.mail.protection.outlook.com (10.167.242.105) with Microsoft SMTP Server "
        f"id 15.20.9456.9 via Frontend Transport; {SECOND.format(second)}"
    )


def exchange_inner(by, address, second=0):
    """Return a field of a hand-over inside Exchange Online."""
    return (
        f"from A1.prod.outlook.com ({address}) by {by} (2603:10a6:1::1) with Microsoft SMTP Server (version=TLS1_3, "
        f"cipher=TLS_AES_256_GCM_SHA384) id 15.20.9456.9; {SECOND.format(second)}"
    )


def codes(found):
    """Return the codes of a path's findings."""
    return [finding.code for finding in found.findings]
