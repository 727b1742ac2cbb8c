"""Made-up days of two servers: who was sent what, what became of it, and what is left of it as evidence."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from tests.delivery.build import copy, line, maildir, received, saved, tried
from tests.delivery.test_reports import DSN

ID = "<abc@sender.example>"
PEOPLE = ("bob@corp.example", "eve@corp.example", "joe@corp.example")
HOUR = timedelta(hours=1)
FATES = ("delivered", "bounced", "deferred", "handed-over", "refused", "waiting", "unknown")
SOURCES = ("out.log", "mx.log", "Maildir", "bounce.eml")


def _of_one(to, fate, number, at):
    """Return the lines of `out` and of `mx` about one recipient."""
    there, host = f"7EF01C2D{number:02X}", "out"
    client = "out.sender.example[192.0.2.7]"
    match fate:
        case "bounced":
            return [tried("4QpZ1x2Yz9Kc", to, "bounced", "552 5.2.2 Mailbox full", dsn="5.2.2", at=at, host=host)], []
        case "deferred":
            reply = "connect to mx.corp.example[192.0.2.25]:25: Connection timed out"
            return [tried("4QpZ1x2Yz9Kc", to, "deferred", reply, dsn="4.4.1", at=at, host=host)], []
        case "refused":
            said = f"550 5.1.1 <{to}>: Recipient address rejected: User unknown in local recipient table"
            refusal = (
                f"postfix/smtpd[7]: NOQUEUE: reject: RCPT from {client}: {said}; from=<ann@sender.example> to=<{to}> "
                "proto=ESMTP helo=<out>"
            )
            reply = f"host mx.corp.example[192.0.2.25] said: {said}"
            return [tried("4QpZ1x2Yz9Kc", to, "bounced", reply, dsn="5.1.1", at=at, host=host)], [
                line(at - 0.2, refusal)
            ]
        case "handed-over" | "delivered" | "waiting":
            reply = f"250 2.0.0 Ok: queued as {there}"
            sent = [tried("4QpZ1x2Yz9Kc", to, "sent", reply, dsn="2.0.0", at=at, host=host)]
            taken = [
                line(at + 0.1, f"postfix/smtpd[7]: {there}: client={client}"),
                line(at + 0.2, f"postfix/cleanup[8]: {there}: message-id={ID}"),
            ]
            got = [saved(there, to, at=at + 0.5)]
            return sent, {"handed-over": [], "waiting": taken, "delivered": [*taken, *got]}[fate]
        case _:
            return [], []


def noise(dice, count, host="mx"):
    """Return the lines of messages that nobody asks for, to the same recipients as well."""
    lines = []
    for number in range(count):
        at = dice.uniform(-20000, 20000)
        queue_id = f"4QNoise{number:03}z"
        lines += received(queue_id, f"<n{number}@x.example>", sender="x@other.example", at=at, host=host)
        lines.append(saved(queue_id, dice.choice(PEOPLE), at=at + 1, host=host))
    return lines


class Scene:
    """What happened, and the sources that are given."""

    def __init__(self, fates, given, dice, *, idle, by_id, in_junk, quiet=(0, 0)):
        self.fates = dict(zip(PEOPLE, fates, strict=False))
        self.given = given
        self.by_id = by_id
        self.logs = {"out.log": received("4QpZ1x2Yz9Kc", host="out"), "mx.log": []}
        for number, (to, fate) in enumerate(self.fates.items()):
            out, mx = _of_one(to, fate, number, 1.0 + 40 * number + dice.random())
            self.logs["out.log"] += out
            self.logs["mx.log"] += mx
        for name in self.logs:
            host = name.partition(".")[0]
            ticks = range(-21600, 21601, idle)
            self.logs[name] += [
                line(
                    at,
                    f"postfix/qmgr[9]: 4QIdle{at % 997}zz: from=<x@other.example>, size=1, nrcpt=1 (queue active)",
                    host,
                )
                for at in ticks
                if not quiet[0] <= at < quiet[1]
            ]
            self.logs[name] += noise(dice, dice.randrange(4), host)
        self.box = ".Junk" if in_junk else ""

    def question(self):
        if self.by_id:
            return {"message_id": ID, "to": PEOPLE[:2], "around": "2026-10-20 10:00", "window": HOUR}
        return {"sender": "ann@sender.example", "to": PEOPLE[:2], "around": "2026-10-20 10:00", "window": HOUR}

    def write(self, folder, logs=None):
        """Write the sources; return their paths by name."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = {}
        for name, lines in (logs if logs is not None else self.logs).items():
            if name.split("!")[0] in self.given or name not in SOURCES:
                paths[name] = folder / name.replace("!", ".")
                paths[name].write_text("".join(sorted(lines)), encoding="utf-8")
        if "Maildir" in self.given:
            paths["Maildir"] = maildir(folder, box=self.box, content=copy(PEOPLE[0]))
        if "bounce.eml" in self.given:
            paths["bounce.eml"] = folder / "bounce.eml"
            paths["bounce.eml"].write_text(DSN.decode(), encoding="utf-8")
        return paths


@st.composite
def scenes(draw):
    return Scene(
        draw(st.lists(st.sampled_from(FATES), min_size=1, max_size=3)),
        draw(st.sets(st.sampled_from(SOURCES), min_size=1)),
        draw(st.randoms(use_true_random=False)),
        idle=draw(st.sampled_from((600, 60, 1800))),
        by_id=draw(st.booleans()),
        in_junk=draw(st.booleans()),
        quiet=sorted(draw(st.tuples(st.integers(-18000, 18000), st.integers(-18000, 18000)))),
    )


def moved(lines, seconds):
    """Return lines of a log with their times moved."""
    found = []
    for one in lines:
        stamp, _, rest = one.partition(" ")
        time = datetime.fromisoformat(stamp) + timedelta(seconds=seconds)
        found.append(f"{time.isoformat(timespec='microseconds')} {rest}")
    return found
