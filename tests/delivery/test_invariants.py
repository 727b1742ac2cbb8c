"""What must not change an answer, whatever happened: properties of `find` over made-up days of two servers."""

import random
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from mailtrace.delivery.answer import Outcome
from mailtrace.render.json import dumps
from tests.delivery.build import START, ask, idle, line, received, saved, tried, write
from tests.delivery.scenes import ID, PEOPLE, moved, noise, scenes

SEVERITY = list(Outcome)
CLASSES = "ABCDE"
fresh = count()
examples = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(name="place")
def make_place(tmp_path):
    return lambda: tmp_path / str(next(fresh))


def told(report, folder=""):
    """Return what is said of each recipient, but for where it stands."""
    return {
        one.address: (
            str(one.outcome),
            one.evidence_class and str(one.evidence_class),
            one.reply,
            one.explanation.replace(str(folder), ""),
        )
        for one in report.recipients
    }


@examples
@given(scene=scenes(), dice=st.randoms(use_true_random=False))
def test_the_order_of_the_sources(place, scene, dice):
    paths = list(scene.write(place()).values())
    expected = dumps(ask(*paths, **scene.question()))
    dice.shuffle(paths)
    assert dumps(ask(*paths, **scene.question())) == expected


@examples
@given(scene=scenes())
def test_two_logs_in_one_file_say_what_they_say_in_two(place, scene):
    scene.given |= {"out.log", "mx.log"}
    apart = told(ask(*scene.write(place()).values(), **scene.question()))
    both = {"all.log": [*scene.logs["out.log"], *scene.logs["mx.log"]]}
    together = told(ask(*scene.write(place(), both).values(), **scene.question()))
    assert together.keys() == apart.keys()
    for address, said in apart.items():
        # Where nothing was found the file is named, and one server's lines may fill the other's silence.
        absent = {"unknown", "never-seen"}
        assert together[address] == said or {together[address][0], said[0]} <= absent


@examples
@given(scene=scenes(), data=st.data())
def test_a_log_that_was_rotated_at_any_line(place, scene, data):
    scene.given |= {"mx.log"}
    folder = place()
    whole = told(ask(*scene.write(folder).values(), **scene.question()), folder)
    lines = sorted(scene.logs["mx.log"])
    at = sorted(data.draw(st.sets(st.integers(1, len(lines) - 1), max_size=3)))
    ends = [0, *at, len(lines)]
    parts = {
        "mx.log" if number == len(at) else f"mx.log!{len(at) - number}": lines[ends[number] : ends[number + 1]]
        for number in range(len(at) + 1)
    }
    folder = place()
    rotated = scene.write(folder, {"out.log": scene.logs["out.log"], **parts})
    assert len(rotated) == len(at) + len(scene.given)
    report = ask(*rotated.values(), **scene.question())
    assert told(report, folder) == whole


@examples
@given(scene=scenes(), seconds=st.integers(-(10**6), 5 * 10**5))
def test_the_same_at_another_time(place, scene, seconds):
    scene.given -= {"Maildir", "bounce.eml"}
    scene.given |= {"out.log"}
    expected = told(ask(*scene.write(place()).values(), **scene.question()))
    question = scene.question() | {"around": (START + timedelta(seconds=seconds)).isoformat()}
    logs = {name: moved(lines, seconds) for name, lines in scene.logs.items()}
    found = told(ask(*scene.write(place(), logs).values(), **question))
    assert [one[:3] for one in found.values()] == [one[:3] for one in expected.values()]


@examples
@given(scene=scenes(), dice=st.randoms(use_true_random=False), covers=st.booleans())
def test_a_log_that_has_nothing_to_do_with_it(place, scene, dice, covers):
    folder = place()
    paths = scene.write(folder)
    before = told(ask(*paths.values(), **scene.question()))
    span = (-21600, 21600) if covers else (-21600, -7200)
    idle = [line(at, "postfix/qmgr[9]: 4QIdleXzz: removed", "other") for at in range(*span, 300)]
    (folder / "other.log").write_text("".join(sorted([*idle, *noise(dice, 3 if covers else 0, "other")])))
    after = told(ask(*paths.values(), folder / "other.log", **scene.question()))
    for address, (outcome, evidence, *_) in before.items():
        now, evidence_now = after[address][:2]
        assert evidence_now == evidence
        if now != outcome:
            assert (outcome, now) in {("never-seen", "unknown"), ("unknown", "never-seen")}
            assert evidence is None


@examples
@given(scene=scenes(), data=st.data())
def test_less_evidence_is_never_stronger(place, scene, data):
    paths = scene.write(place())
    theirs = data.draw(st.sampled_from([(), ("mx.log",), ("out.log",)]))
    gone = data.draw(st.sampled_from(sorted(paths)))

    def answers(names):
        mine = [paths[name] for name in names if name not in theirs]
        if not names:
            return {}
        return told(ask(*mine, theirs=[paths[name] for name in names if name in theirs], **scene.question()))

    more, less = answers(paths), answers([name for name in paths if name != gone])
    for address, (outcome, evidence, *_) in less.items():
        before, evidence_before = more[address][:2]
        if evidence is None or "no recipient is named" in less[address][3]:
            continue  # the log that is gone may have said that it went to others
        assert evidence_before is not None
        if before == outcome:
            note(f"{address}: {more[address]} -> {less[address]} {scene.fates} {sorted(scene.given)} {scene.by_id}")
            assert CLASSES.index(evidence) >= CLASSES.index(evidence_before)


@examples
@given(scene=scenes())
def test_never_seen_only_where_every_log_covers_the_time(place, scene):
    for around in ("2026-10-20 10:00", "2026-10-20 15:30", "2026-10-21 12:00"):
        question = scene.question() | {"around": around}
        report = ask(*scene.write(place()).values(), **question)
        logs = [part for part in report.coverage if part.messages is None]
        for one in report.recipients:
            if one.outcome == "never-seen":
                assert logs
                assert all(part.covers_query for part in logs)
        assert report.answer.outcome == min((one.outcome for one in report.recipients), key=SEVERITY.index)


def test_the_scenes_bring_about_what_they_are_to_bring_about(place):
    seen = set()
    for seed in range(300):
        dice = random.Random(seed)
        from tests.delivery.scenes import FATES, SOURCES, Scene

        scene = Scene(
            dice.choices(FATES, k=2),
            set(dice.sample(SOURCES, dice.randint(1, 4))),
            dice,
            idle=600,
            by_id=dice.random() < 0.5,
            in_junk=dice.random() < 0.5,
        )
        seen |= {(str(one.outcome)) for one in ask(*scene.write(place()).values(), **scene.question()).recipients}
    assert seen >= {
        "delivered",
        "filtered",
        "bounced",
        "deferred",
        "handed-over",
        "sent-not-seen",
        "unknown",
        "never-seen",
    }
    assert ID in "".join(Scene(["delivered"], set(), dice, idle=600, by_id=True, in_junk=False).logs["mx.log"])
    assert len(PEOPLE) == 3


BUSY = [*range(-7200, -3600, 60), *range(-60, 7200, 60)]
QUIET = range(-10 * 7200, 10 * 7200, 7200)


@pytest.mark.parametrize(("seconds", "cut", "outcome"), [(BUSY, -3000, "unknown"), (QUIET, -100, "never-seen")])
def test_a_silence_is_the_same_doubt_within_a_file_and_between_two(tmp_path, seconds, cut, outcome):
    idle_line = "postfix/qmgr[9]: 4QIdleXzz: from=<x@other.example>, size=1, nrcpt=1 (queue active)"
    lines = [line(at, idle_line) for at in seconds]
    older = [one for at, one in zip(seconds, lines, strict=True) if at < cut]
    question = {"message_id": ID, "to": PEOPLE[0], "around": "2026-10-20 10:00", "window": timedelta(hours=1)}
    (tmp_path / "mail.log").write_text("".join(lines))
    whole = told(ask(tmp_path, **question))
    (tmp_path / "mail.log").write_text("".join(lines[len(older) :]))
    (tmp_path / "mail.log.1").write_text("".join(older))
    assert told(ask(tmp_path, **question)) == whole
    assert [said[0] for said in whole.values()] == [outcome]


def test_a_server_that_is_silent_among_others_has_not_refused_anything(tmp_path):
    """A central log: one server's lines do not speak for another's."""
    reply = "250 2.0.0 Ok: queued as 7EF01C2D3E"
    sent = tried("4QpZ1x2Yz9Kc", PEOPLE[0], "sent", reply, dsn="2.0.0", host="out")
    busy = [*idle("out"), *received("4QpZ1x2Yz9Kc", host="out"), sent]
    asked = {"message_id": ID, "to": PEOPLE[0]}
    mine = [*idle("mx"), saved("4QOther1zz", "eve@corp.example", at=14400)]
    write(tmp_path, all_log=[*busy, *mine])
    assert [one.outcome for one in ask(tmp_path / "all.log", **asked).recipients] == ["sent-not-seen"]
    write(tmp_path, all_log=[*busy, *(one for one in mine if not "09:00" <= one[11:16] <= "13:00")])
    assert [one.outcome for one in ask(tmp_path / "all.log", **asked).recipients] == ["handed-over"]
    other = {
        "message_id": "<x@sender.example>",
        "to": PEOPLE[0],
        "around": "2026-10-20 11:00",
        "window": timedelta(hours=1),
    }
    [one] = ask(tmp_path / "all.log", **other).recipients
    assert (one.outcome, "the lines of mx do not cover the time" in one.explanation) == ("unknown", True)
    mine = [*idle("mx"), saved("4QOther1zz", "eve@corp.example", at=14400)]
    write(tmp_path, all_log=[*busy, *mine])
    assert [one.outcome for one in ask(tmp_path / "all.log", **other).recipients] == ["never-seen"]
