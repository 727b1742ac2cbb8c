"""Received fields of real messages, from MAILTRACE_SUITES: stamped by their receivers, labelled by hand, or merely found."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from mailtrace.errors import MessageError
from mailtrace.message import parse
from mailtrace.path import rebuild
from mailtrace.path.addresses import read_address
from mailtrace.path.received import read, scan
from mailtrace.results import Security, Standing
from mailtrace.transport import assess
from mailtrace.transport.tls import canonical_version

pytestmark = pytest.mark.suite

LEAST = 0.99
"""The share of a field's labels that must be read alike."""

# Rows of the labelled fields of which nobody can say what is right. docs/received.md gives the reasons at length.
UNDECIDABLE = {
    59: "the name in the comment may be HELO or the name found, and the port is a fifth number of the address",
    286: "the date has no zone; the label takes it for UTC, which we never do",
    311: "forged: a name, an address behind it, and no software that writes so",
    314: "forged: the same, with a protocol that has no peer",
    315: "forged: two addresses, two by clauses, words that no software writes",
}
# Labels that their own note takes back: `<unknown>` stands where a name would, and is none.
CORRECTED = {(173, "from_helo"): None}


def bare(text):
    return None if text is None else str(text).strip("[]").lower().removeprefix("ipv6:").rstrip(".")


def unfolded(text):
    return " ".join(text.split())


@pytest.fixture(scope="module")
def stamped(suites):
    folder = suites / "receiver-stamped"
    rows = [json.loads(line) for line in (folder / "facts.jsonl").read_text("utf-8").splitlines()]
    return [(row, rebuild(parse((folder / row["file"]).read_bytes()))) for row in rows]


@pytest.fixture(scope="module")
def borders(stamped):
    """Give each fact with the hop that was found to be the border, blind, and with what is said of its transport."""
    rows = [(row["boundary"], path) for row, path in stamped if row.get("boundary")]
    assert len(rows) > 300
    return [
        (fact, hop, None if hop is None else assess(path).hops[hop.index])
        for fact, path in rows
        for hop in [path.border_hop]
    ]


BORDER = {
    "position": lambda fact, hop, _: hop.field == fact["received_index_from_top"],
    "client address": lambda fact, hop, _: hop.received.client_ip == fact["client_ip"],
    "HELO": lambda fact, hop, _: bare(hop.received.helo) == bare(fact["helo"]),
    "by": lambda fact, hop, _: hop.received.by == fact["by"],
    # An Exchange build: the facts leave it out, and it is never taken for an address.
    "id": lambda _, hop, __: (hop.received.id or "").startswith("15.20."),
    "time": lambda fact, hop, _: (
        hop.received.received_at is not None
        and abs(hop.received.received_at - datetime.fromisoformat(fact["arrival_utc"])) <= timedelta(seconds=5)
    ),
    "version": lambda fact, _, seen: (seen.tls and seen.tls.version) == canonical_version(fact["tls"]),
    "cipher": lambda fact, _, seen: (seen.tls and seen.tls.cipher) == fact["cipher"],
    "security": lambda fact, _, seen: seen.security == (Security.ENCRYPTED if fact["tls"] else Security.CLEARTEXT),
}


@pytest.mark.parametrize("name", BORDER)
def test_the_border_as_its_receiver_stamped_it(borders, name):
    wrong = [(fact, hop) for fact, hop, seen in borders if hop is None or not BORDER[name](fact, hop, seen)]
    assert len(wrong) <= (1 - LEAST) * len(borders), wrong[:3]


def test_no_real_message_contradicts_its_receiver(stamped):
    trusted = [hop for _, path in stamped for hop in path.hops if path.border is None or hop.index >= path.border]
    assert not [hop.header.value for hop in trusted if hop.standing is Standing.CONTRADICTED]


def test_nearly_every_hop_has_a_dialect(stamped):
    known = Counter(hop.software is not None for _, path in stamped for hop in path.hops)
    assert known[True] / known.total() >= 0.97


@pytest.fixture(scope="module")
def labelled(suites):
    text = (suites / "received" / "labelled.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    return [(row, scan(unfolded(row["raw"]))) for row in rows]


def label_of(row, name):
    return CORRECTED.get((row["n"], name), row[name])


LABELLED = {
    "from_helo": "helo", "from_rdns": "client_name", "from_ip": "client_ip", "by": "by", "with": "protocol", "id": "id",
    "for": "recipient", "envelope_from": "mail_from", "date_utc": "received_at", "auth": "authenticated",
}  # fmt: skip


def test_what_is_undecidable_is_little_and_listed(labelled):
    numbers = {row["n"] for row, _ in labelled}
    assert len(labelled) == 267
    assert set(UNDECIDABLE) <= numbers
    assert len(UNDECIDABLE) <= 5


@pytest.mark.parametrize("name", LABELLED)
def test_labelled_field(labelled, name):
    """Of the labels that say something, and of all, those that say that the field does not."""
    decidable = [(row, got) for row, got in labelled if row["n"] not in UNDECIDABLE]
    wrong = [
        (row["n"], getattr(got, LABELLED[name]), row[name]) for row, got in decidable if not _agrees(name, row, got)
    ]
    given = sum(label_of(row, name) is not None for row, _ in decidable)
    assert given >= 25
    assert len(wrong) <= (1 - LEAST) * given, wrong


def _agrees(name, row, got):
    value, label = getattr(got, LABELLED[name]), label_of(row, name)
    if name == "auth":
        # "cannot tell" and "no" are told apart by software here, and by hand there; true is never missed or invented.
        return (value is True) == (label is True)
    if name == "from_ip":
        return value == (label and read_address(label))
    if name == "date_utc":
        return (value and value.strftime("%Y-%m-%dT%H:%M:%SZ")) == label
    if name == "with":
        # The labels keep the version that sticks to Microsoft's word.
        return bare(label and label.partition("(")[0]) in (bare(value), bare(got.with_text))
    return bare(value) == bare(label)


# Fields of the other parser that mean the same as ours. Its values that are known to be wrong: the years of two-digit
# dates (1903), all of a ctime date, zones of zero where there is none, a date cut at its fraction, and an id cut at
# its slash. Its `with` is one of a closed list of words: `SMTP` stands for whatever Microsoft wrote.
SAME = {
    "from_ip": "client_ip", "from_iprev": "client_name", "helo": "helo", "by": "by", "with": "protocol", "via": "via",
    "id": "id", "for_": "recipient",
}  # fmt: skip
THEIRS_IS_WRONG = {
    (4, "via"): "`via smail from stdin` is more than its first word",
    (27, "from_iprev"): "`<unknown.domain>` says that no name was found",
    (49, "with"): "`ESMTP-TLS` is what was written",
    (58, "date"): "there is no zone",
    (72, "date"): "the second is 55, with a fraction",
}


def test_fields_that_another_parser_reads(suites):
    rows = json.loads((suites / "received" / "stalwart-received.json").read_text("utf-8"))
    right, wrong = Counter(), []
    for number, row in enumerate(rows):
        got, expected = scan(unfolded(row["header"])), row["expected"]
        for theirs, ours in (*SAME.items(), ("date", "received_at")):
            if theirs not in expected or (number, theirs) in THEIRS_IS_WRONG:
                continue
            same = _same_value(theirs, getattr(got, ours), expected[theirs])
            if same is not None:
                right[theirs, same] += 1
                wrong += [] if same else [(number, theirs, expected[theirs], getattr(got, ours))]
    assert right.total() > 350
    for name in (*SAME, "date"):
        known = right[name, True] + right[name, False]
        assert known, name
        assert right[name, True] / known >= LEAST, (name, wrong)


def _same_value(name, value, expected):
    """Tell whether both read the same; None where its own value is known to be none."""
    if name == "date":
        if expected is None:
            return value is None
        if not 1990 < expected["year"] < 2100:
            return None
        return value is not None and value.replace(microsecond=0) == _utc(expected)
    label = next(iter(expected.values())) if isinstance(expected, dict) else expected
    if name == "from_ip":
        return value == read_address(label)
    if name == "with":
        return label.lower() in (value or "").lower()
    if name == "id" and value and "/" in value:
        return value.startswith(label)
    return bare(value) == bare(label)


def _utc(date):
    offset = timedelta(hours=date["tz_hour"], minutes=date["tz_minute"])
    local = datetime(*(date[part] for part in ("year", "month", "day", "hour", "minute", "second")), tzinfo=UTC)
    return local + offset if date["tz_before_gmt"] else local - offset


@pytest.mark.parametrize("folder", ["real-mail", "robustness", "dkim-rspamd", "dsn-mdn"])
def test_nothing_raises_and_everything_is_read_alike_twice(suites, folder):
    seen = 0
    for file in sorted((suites / folder).rglob("*")):
        if not file.is_file() or file.suffix in (".json", ".jsonl", ".md"):
            continue
        try:
            message = parse(file.read_bytes())
        except MessageError:
            continue
        first, second = rebuild(message), rebuild(message)
        assert first == second, file.name
        assert all(read(hop.header.value).received == hop.received for hop in first.hops)
        seen += 1
    assert seen


# Signs of made-up hops, and how often they may be seen in honest chains. Above notice: in fewer than one of a hundred.
SIGNS = frozenset({
    "border-not-continuous", "hop-address-documentation", "hop-address-private", "hop-address-reserved",
    "hop-before-message", "hop-by-odd", "hop-contradicted", "hop-dialects-mixed", "hop-id-impossible",
    "hop-id-time-differs", "hop-not-provider-form", "hop-protocol-odd", "hop-repeated", "hop-without-client",
    "hop-zone-name-differs", "mail-loop",
})  # fmt: skip


@pytest.fixture(scope="module")
def honest(suites, stamped):
    """Signs of each honest chain: whole messages, and of the phishing ones what their receivers wrote."""
    chains = []
    for folder in ("real-mail", "robustness"):
        for file in sorted((suites / folder).rglob("*")):
            if not file.is_file() or file.suffix in (".json", ".jsonl"):
                continue
            try:
                path = rebuild(parse(file.read_bytes()))
            except MessageError:
                continue
            if path.hops:
                chains.append([one for one in path.findings if one.code in SIGNS])
    chains += [[one for one in path.findings if one.code in SIGNS and _is_inside(one, path)] for _, path in stamped]
    return chains


def _is_inside(finding, path):
    """Tell whether a finding is of the border's field, or of one above it."""
    places = [one.source for one in finding.evidence if one.source.startswith("header:Received[")]
    fields = [int(place.partition("[")[2].rstrip("]")) for place in places]
    return not fields or path.border is None or min(fields) <= path.hops[path.border].field


def test_signs_are_rare_in_honest_chains(honest):
    assert len(honest) > 430
    loud = [chain for chain in honest if any(one.severity in ("warning", "critical") for one in chain)]
    assert len(loud) / len(honest) < 0.01
    # What is at notice is rare as well; continuity is info, since honest senders break it most.
    counts = Counter(code for chain in honest for code in {one.code for one in chain})
    shares = {code: round(count / len(honest), 4) for code, count in counts.most_common()}
    print(f"\nof {len(honest)} honest chains: {shares}")  # noqa: T201 -- `pytest -s` shows the calibration
    noted = Counter(one.code for chain in honest for one in chain if one.severity == "notice")
    assert all(count / len(honest) < 0.01 for count in noted.values()), noted
    assert shares.get("border-not-continuous", 0) < 0.08


def test_signs_in_what_phishing_brings_along(stamped):
    """Not held to a share: the messages come from real services as often as from spamware."""
    below = [
        {one.code for one in path.findings if one.code in SIGNS and not _is_inside(one, path)} for _, path in stamped
    ]
    print(f"\nof {len(below)} phishing chains: {Counter(code for codes in below for code in codes)}")  # noqa: T201
    assert any(below)
