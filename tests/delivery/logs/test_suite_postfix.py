"""Lines of real Postfix servers with the fields that they parse to, as others have written them down (data/mta-logs)."""

import re

import pytest

from tests.delivery.logs.logs import format_of, read

pytestmark = pytest.mark.suite

AT = "Oct 20 10:00:00 mx postfix/"
# Lines on a queue id that are no event: nothing is said there of where a message went. Each with what it is instead.
SILENT = {
    "cleanup_0003": "a milter sent it to somebody else",
    "cleanup_0008": "a header that is not the subject",
    "cleanup_0009": "a field was put in front",
    "cleanup_0012": "a table could not be read",
    "error_0002": "a probe of an address",
    "qmgr_0001": "removed from the queue: done, one way or the other, as other lines have said",
    "qmgr_0006": "still at it",
    "smtp_0031": "how the other side is spoken to",
    "smtpd_0017": "VRFY: no message",
    "smtpd_0018": "VRFY: no message",
    "smtpd_0027": "goes to a filter",
    "smtpd_0031": "would have been refused",
}
FRAGMENTS = re.compile(r"(?:delays|relay|command_counter_data|tls_features_00(?:0[7-9]|1\d))_?")


def values(path):
    """Read the few forms of YAML that these files have."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        match = re.match(r"\s*([\w-]+): (.*?)\s*$", line)
        if match is None:
            continue
        value = match[2]
        if value.startswith('"') and value.endswith('"') and len(value) > 1:
            value = re.sub(r"\\(.)", lambda escaped: {"n": "\n", "r": "\r"}.get(escaped[1], escaped[1]), value[1:-1])
        found[match[1]] = value
    return found


def service_of(stem):
    name = stem.rpartition("_")[0]
    return {"tls_features": "smtp", "trivial_rewrite": "trivial-rewrite", "script": "postfix-script"}.get(name, name)


def pairs(text):
    found = dict(re.findall(r"\b(from|to|orig_to|relay|delay|delays|dsn|size)=(<[^>]*>|[^,\s]*)", text))
    return {name: value[1:-1] if value.startswith("<") and len(value) > 2 else value for name, value in found.items()}


def expected(fields):
    """Say in the words of an event what the file says in its own."""
    keys = pairs(fields.get("postfix_keyvalue_data", ""))
    queue_id = fields.get("postfix_queueid")
    message_id = fields.get("postfix_message-id")
    name = fields.get("postfix_client_hostname", fields.get("postfix_relay_hostname", ""))
    address = fields.get("postfix_client_ip", fields.get("postfix_relay_ip"))
    sender = keys.get("from", {"": "<>"}.get(fields.get("postfix_from"), fields.get("postfix_from")))
    said = {
        "queue_id": None if queue_id == "NOQUEUE" else queue_id,
        "next_queue_id": fields.get("postfix_bounce_queueid"),
        "message_id": message_id if not message_id or message_id.startswith("=?") else f"<{message_id}>",
        "peer": f"{name}[{address}]" if address else None,
        "status": fields.get("postfix_status_code_enhanced", keys.get("dsn")),
        "sender": sender,
        "recipient": keys.get("to"),
        "original_recipient": keys.get("orig_to"),
        "delay_seconds": float(keys["delay"]) if "delay" in keys else None,
        "delays": tuple(float(part) for part in keys["delays"].split("/")) if "delays" in keys else None,
        "size": int(keys["size"]) if "size" in keys else None,
    }
    return {name: value for name, value in said.items() if value not in {None, ""}}


def responses(fields):
    return [value for name, value in fields.items() if name.endswith(("_response", "_status_message")) and value]


@pytest.fixture(scope="module")
def files(suites):
    folder = suites / "mta-logs" / "postfix-grok"
    if not folder.is_dir():
        pytest.skip("mta-logs is not there")
    found = {path.stem: values(path) for path in sorted(folder.glob("*.yaml"))}
    assert len(found) > 180
    return {stem: fields for stem, fields in found.items() if not FRAGMENTS.match(stem)}


def events(stem, *lines):
    return read([f"{AT}{service_of(stem)}[1]: {line}".encode() for line in lines], "postfix-log")


def test_lines_parse_to_the_fields_given_there(files):
    """Every field that the file names and an event has is the same in both, and no line is passed over in silence."""
    seen, wrong = 0, []
    for stem, fields in files.items():
        named = {"postfix_queueid", "postfix_action", "postfix_proxy_result"} & fields.keys()
        found = events(stem, fields["data"])
        if not named or stem in SILENT or stem.startswith(("postmap", "postdrop")):
            wrong += [(stem, "an event", found)] if found else []
            continue
        seen += 1
        want = expected(fields)
        got = {name: getattr(event, name) for event in found[:1] for name in want}
        if len(found) != 1 or got != want:
            wrong.append((stem, want, got))
        elif any(response not in (found[0].reply or "") for response in responses(fields)):
            wrong.append((stem, responses(fields), found[0].reply))
    assert not wrong
    assert seen > 55


def test_tls_lines_parse_to_the_fields_given_there_and_reach_the_transfer(files):
    seen = 0
    for stem, fields in files.items():
        if "postfix_tls_version" not in fields:
            continue
        seen += 1
        name = fields.get("postfix_client_hostname", fields.get("postfix_relay_hostname"))
        peer = f"{name}[{fields.get('postfix_client_ip', fields.get('postfix_relay_ip'))}]"
        sent = f"4QpZ0y1xYzz9: to=<a@example.org>, relay={peer}:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)"
        after = f"4QpZ0y1xYzz9: client={peer}" if stem.startswith("smtpd") else sent
        (event,) = events(stem, fields["data"], after)
        assert event.peer == peer
        assert event.encrypted
        assert event.tls.version == fields["postfix_tls_version"]
        assert event.tls.cipher == fields["postfix_tls_cipher"]
        assert event.tls.bits == int(fields["postfix_tls_cipher_size"].partition("/")[0])
        assert event.tls.key_exchange == fields.get("postfix_tls_key_exchange")
        assert (event.tls.server_signature or "").startswith(fields.get("postfix_tls_server_signature", ""))
        if not stem.startswith("smtpd"):
            assert event.server_trust == fields["postfix_tls_trustlevel"].lower()
    assert seen >= 8


def test_the_levels_of_tls_on_the_delivery_line(files):
    """tls=LEVEL: encrypted; LEVEL:none: not; LEVEL?: nobody knows."""
    seen = {}
    for stem, fields in files.items():
        if match := re.search(r", tls=([^,]*),", fields["data"]):
            (event,) = events(stem, fields["data"])
            seen[match[1]] = event.encrypted
    assert seen["dane"] is True
    assert seen["may:none"] is False
    assert seen["may?"] is None
    assert len(seen) >= 6


def test_every_line_is_recognised_as_postfix(files):
    for stem, fields in files.items():
        line = f"{AT}smtpd[1]: {fields['data']}".encode()
        assert [one.kind for one in format_of([line])] == ["postfix-log"], stem
