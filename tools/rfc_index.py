"""Collect the RFC sections that code and tests cite into docs/rfc.md.

    python tools/rfc_index.py            write docs/rfc.md
    python tools/rfc_index.py --check    say whether it is current, and write nothing

A citation is `RFC 7208 §4.6.4`; further sections of the same RFC follow it as `, §5.2`. The index names files and not
lines, so that it changes only when a file begins or ceases to cite a section. How much of an RFC there is, is a
judgement and stands in `STATUS`; an RFC that is cited and missing there is an error.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "rfc.md"
SOURCES = (("code", "mailtrace", ("*.py", "*.toml")), ("tests", "tests", ("*.py", "*.toml", "*.json")))

SECTION = r"§\s?(?:[0-9]+|[A-Z])(?:\.[0-9]+)*"
CITATION = re.compile(rf"RFC ([0-9]{{3,5}})((?:(?:,| and|)\s{SECTION})*)")

TABLE = """\
976 | UUCP mail interchange | Partial | the `remote from` and the marked lines at the top of a message
1035 | DNS; zone files | Partial | names, the record types asked for, zone files; the rest is dnspython's
1123 | Host requirements | Partial | the form of host names
1918 | Private addresses | Yes | for the border and the scope
1952 | gzip | Yes | by the standard library; what stands behind its end is told
2033 | LMTP | Partial | what Received fields say of it
2034 | Enhanced status codes in SMTP | Partial | the code of a reply that a log quotes
2045 | MIME: bodies | Partial | transfer encodings, as far as a finding needs them
2046 | MIME: media types | Partial | boundaries, as far as a finding needs them
2047 | Encoded words | Yes |
2181 | DNS clarifications | Partial | names, and the limits of TTL
2231 | Parameter values | Partial | as far as a finding needs them
2298 | Message Disposition Notification, 1998 | Partial | its disposition `failed`, which RFC 8098 no longer has
2308 | Negative answers | Yes | no data and no such name are told apart
2369 | List fields | Partial | List-Id and its kin are read as claims
2387 | multipart/related | Partial | which part is shown
2919 | List-Id | Partial | read as a claim
3164 | BSD syslog | Partial | the times and names of log lines
3207 | STARTTLS for SMTP | Partial | who starts TLS
3225 | DNSSEC OK bit | Yes | asked for, by dnspython
3339 | Timestamps | Yes | every time in JSON
3461 | SMTP Service Extension for Delivery Status Notifications | Partial | its envelope id, by `find`
3463 | Enhanced Mail System Status Codes | Yes | put into words by `find`
3464 | An Extensible Message Format for Delivery Status Notifications | Yes | read by `find`
3501 | IMAP4rev1 | Partial | names of folders, EXAMINE, SEARCH, BODY.PEEK; the rest is imapclient's
3676 | format=flowed | Partial | a parameter that may have been left out
3696 | Forms of names | Partial | lengths of addresses
3848 | Transmission types (ESMTPS, ...) | Yes |
3849 | IPv6 addresses for documentation | Yes | kept apart from addresses that exist
3927 | Link-local addresses | Yes | by ipaddress
3986 | URIs | Partial | the report addresses of DMARC
4155 | mbox | Partial | the From line at the top of a message
4180 | CSV | Partial | as Exchange, Microsoft 365 and Google write it
4193 | Unique local IPv6 addresses | Yes | by ipaddress
4291 | IPv6 addresses | Yes | by ipaddress; IPv4-mapped ones are read as IPv4
4592 | Wildcards in DNS | Yes | zone files as recordings
4616 | SASL PLAIN | Partial | the login at an IMAP server; imapclient's
4871 | DKIM (2007, obsolete) | No | see RFC 6376
4954 | SMTP AUTH | Partial | what Received fields say of it
5233 | Sieve: subaddresses | Partial | an address with a detail is read as one of the mailbox without it
5234 | ABNF | Yes | the words of the grammars
5246 | TLS 1.2 | Partial | names of versions and cipher suites
5280 | X.509 certificates | Partial | the length of a common name
5288 | AES-GCM suites | Partial | names of cipher suites
5289 | Elliptic curves with SHA-2 and GCM | Partial | names of cipher suites
5321 | SMTP | Partial | trace fields (§4.4), reverse-path, limits
5092 | IMAP URLs | Partial | mailboxes and messages; `imaps` as well, and never a password
5322 | Internet message format | Yes | header and addresses, with the obsolete forms
5424 | Syslog | Partial | the times and names of log lines
5429 | Sieve: reject | Partial | what a log says of a message that a rule returned
5469 | DES and IDEA suites deprecated | Yes | the grade
5598 | Mail architecture | Yes | the words
5737 | IPv4 addresses for documentation | Yes | kept apart from addresses that exist
5890 | IDNA: definitions | Yes | by idna
5891 | IDNA: protocol | Yes | by idna
6008 | header.b: telling signatures apart in Authentication-Results | Yes | reading
6151 | MD5: security | Yes | the grade
6154 | IMAP: folders by their use | Partial | folders for junk, trash and what was sent; else by their names
6176 | SSL 2.0 prohibited | Yes | the grade
6376 | DKIM | Yes | verification; signing only in tests and samples
6531 | SMTP in UTF-8 | Partial | addresses, transmission types
6532 | Headers in UTF-8 | Yes |
6533 | Delivery reports for addresses in UTF-8 | Partial | addresses of the type utf-8, as `find` reads them
6598 | Shared address space | Yes | for the border and the scope
6647 | Greylisting | Partial | recognised where a field states it, or by the length of a wait
6655 | AES-CCM suites | Partial | names of cipher suites
6761 | Special-use names | Partial | for the border
6840 | DNSSEC clarifications | Partial | the AD bit is kept; nothing is validated here
6854 | Groups in From | Yes |
6890 | Special-purpose addresses | Yes | by ipaddress
6891 | EDNS(0) | Yes | by dnspython
7208 | SPF | Yes | by pyspf, corrected where docs/libraries.md says so
7250 | Raw public keys in TLS | Partial | what Postfix writes of a client's
7372 | Email authentication status codes | Yes | put into words by `find`
7435 | Opportunistic security | Partial | what encryption without authentication is worth
7465 | RC4 prohibited | Yes | the grade
7489 | DMARC (2015, obsolete) | Partial | the result, shown where it differs from RFC 9989; no reports
7505 | Null MX | Partial | the root as a name
7568 | SSL 3.0 deprecated | Yes | the grade
7858 | DNS over TLS | Yes | by dnspython
7905 | ChaCha20-Poly1305 suites | Partial | names of cipher suites
7919 | Finite-field groups of TLS | Partial | names of groups
7960 | DMARC and indirect mail | Partial | the ordinary causes of a failure
8017 | RSA (PKCS #1) | Yes | by cryptography
8020 | NXDOMAIN means nothing below | Partial | a closed recording: an empty name is no data
8098 | Message Disposition Notification | Yes | read by `find`
8259 | JSON | Yes | by msgspec and json
8301 | DKIM: algorithms and key sizes | Yes |
8314 | Cleartext considered obsolete | Partial | the tls clause of Received; no password goes to an IMAP server in clear
8422 | Elliptic curves in TLS 1.2 | Partial | names of groups
8446 | TLS 1.3 | Partial | names of versions and cipher suites
8457 | IMAP: the important | Partial | a folder that only shows again what lies in others
8460 | SMTP TLS reporting | No |
8461 | MTA-STS | No |
8463 | DKIM: Ed25519 | Yes |
8484 | DNS over HTTPS | Yes | by dnspython
8601 | Authentication-Results | Yes | read as claims; the result words of §2.7
8616 | Authentication of internationalised mail | Partial | A-labels and U-labels are compared as one
8617 | ARC | Yes | verification; a chain never makes a message authentic
8914 | Extended DNS errors | Partial | shown as the detail of a failure
8996 | TLS 1.0 and 1.1 deprecated | Yes | the grade
9051 | IMAP4rev2 | No | see RFC 3501
9057 | Author field | Partial | a place where the author may be kept who was taken out of From
9091 | DMARC for public suffixes (obsolete) | No | see RFC 9989
9150 | TLS 1.3 suites without encryption | Yes | the grade
9228 | Delivered-To | Partial | read as a claim
9325 | Recommendations for TLS | Yes | the grade
9989 | DMARC | Yes | no reports
"""

STATUS = {int(row[0]): row[1:] for line in TABLE.splitlines() for row in [[cell.strip() for cell in line.split("|")]]}
"""RFC: title; Yes, Partial or No; what is missing, or why it is cited."""


def citations(text: str) -> Iterator[tuple[int, str]]:
    """Yield (RFC, section) as the text cites them; the section is empty where an RFC is cited as a whole."""
    for match in CITATION.finditer(text):
        sections = re.findall(SECTION, match[2])
        for section in sections or ("",):
            yield int(match[1]), section.lstrip("§ ")


def collect() -> dict[int, dict[str, dict[str, list[str]]]]:
    """Return RFC -> section -> "code" or "tests" -> files, each in order."""
    index: dict[int, dict[str, dict[str, list[str]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for kind, folder, patterns in SOURCES:
        for path in sorted(path for pattern in patterns for path in (ROOT / folder).rglob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            for rfc, section in sorted(set(citations(path.read_text(encoding="utf-8", errors="replace")))):
                index[rfc][section][kind].append(name)
    return index


def in_order(section: str) -> tuple[tuple[bool, int, str], ...]:
    """Sort key: 4.6.4 before 4.10, numbered sections before appendices."""
    return tuple((not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in section.split("."))


def render() -> str:
    """Return the page. Raises LookupError, naming them, if RFCs are cited that have no status."""
    index = collect()
    if missing := sorted(index.keys() - STATUS.keys()):
        raise LookupError(f"cited, and without a row in STATUS (tools/rfc_index.py): RFC {missing}")
    lines = [
        "# RFCs",
        "",
        "Made by `make docs` from the citations in the code and the tests; the judgements stand in tools/rfc_index.py.",
        "",
        "| RFC | what | implemented | note |",
        "|---|---|---|---|",
    ]
    for rfc in sorted({*STATUS, *index}):
        title, implemented, note = STATUS[rfc]
        shown = f"[{rfc}](#rfc-{rfc})" if rfc in index else str(rfc)
        lines.append(f"| {shown} | {title} | {implemented} | {note} |")
    for rfc in sorted(index):
        lines += ["", f"## RFC {rfc}", "", "| section | code | tests |", "|---|---|---|"]
        for section in sorted(index[rfc], key=in_order):
            files = index[rfc][section]
            cells = (" ".join(f"{name}" for name in files[kind]) for kind, _, _ in SOURCES)
            lines.append(f"| {f'§{section}' if section else 'as a whole'} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the page, or check it."""
    try:
        page = render()
    except LookupError as fault:
        print(fault, file=sys.stderr)
        return 1
    if "--check" not in arguments:
        PAGE.write_text(page, encoding="utf-8")
        return 0
    current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page
    if not current:
        print("docs/rfc.md is not current: run `make docs`", file=sys.stderr)
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
