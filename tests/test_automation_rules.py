"""The file of the rules and its mistakes, the opt-out words, and trying a rule on what was written."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from socialdesk.automation import book, conditions, leaving, trying
from socialdesk.automation.conditions import Matter
from socialdesk.automation.loops import answers_at_once
from socialdesk.automation.rules import Rule
from socialdesk.desk import Desk
from socialdesk.errors import BadInput
from socialdesk.folding import fold
from socialdesk.languages import LANGUAGES
from socialdesk.messages import Direction, Message
from socialdesk.settings import CHECKOUT, Settings, build
from socialdesk.templating import stamps
from socialdesk.templating.library import Library
from tests.automated import replies_of, runs_of
from tests.conftest import HANDLE, REPLIES, Cast
from tests.languages.sentences import GREETINGS, PLAIN
from tests.stories import KENJI, MARIA, NOON, US, arrive, direct_message, post
from tests.test_cli import Run, settings_file, socialdesk

__all__ = ["settings_file", "socialdesk"]

WORDS = leaving.read(CHECKOUT / "replies" / leaving.NAME)
GOOD = ['id = "one"', 'title = "One"', 'when = "new_case"', 'do = "send"', 'template = "acknowledge"']


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(REPLIES)


@pytest.fixture(scope="module")
def plain() -> Settings:
    return build({"accounts": [{"handle": HANDLE, "credentials": "NORTHWIND"}]}, folder=Path())


def flaws(source: str, plain: Settings, library: Library) -> list[str]:
    return [str(flaw) for flaw in book.understand(source.encode(), plain, library).flaws]


def ruled(*lines: str) -> str:
    return "\n".join(["[[rules]]", *GOOD, *lines])


def test_the_shipped_rules_are_sound_and_serve_as_examples(plain: Settings, library: Library) -> None:
    shipped = book.read(plain.model_copy(update={"paths": plain.paths}), library)
    assert shipped.flaws == ()
    assert len(shipped.rules) >= 4


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        (["wehn = 3"], 7, "“wehn” is nothing a rule has; write “when”"),
        (["colour = 3"], 7, "“colour” is nothing a rule has; take it out"),
        (['languages = ["es", "xx"]'], 7, "“xx” is no language of the desk"),
        (['topics = ["weather"]'], 7, "“weather” is no topic"),
        (["snooze_minutes = 5"], 2, '“snooze_minutes” is for do = "snooze" only: take it out'),
        (["minutes = 5"], 2, '“minutes” is for when = "no_answer" only: take it out'),
        (['account = "Other"'], 7, f"“Other” is no account of the settings; write one of {HANDLE}"),
        (["followers_at_least = 9", "followers_at_most = 3"], 2, "make followers_at_most the larger one"),
        (['channel = "fax"'], 7, "“fax” is no “channel”; write 'public' or 'private'"),
        (["followers_at_least = -1"], 7, "“followers_at_least” is wrong: input should be greater"),
    ],
)
def test_every_mistake_is_told_with_the_rule_the_line_and_what_to_write(
    plain: Settings, library: Library, lines: list[str], line: int, words: str
) -> None:
    found = flaws(ruled(*lines), plain, library)
    assert len(found) == 1
    assert words in found[0]
    assert found[0].startswith(f"rules.toml, line {line}, rule one: ") or line == 2


TAGS = '[[rules]]\nid = "one"\ntitle = "1"\nwhen = "new_case"\ndo = "tag"\ntag = "late"\n'
SNOOZES = '[[rules]]\nid = "one"\ntitle = "1"\nwhen = "new_case"\ndo = "snooze"\nsnooze_minutes = 5\n'


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("[[rules]]\nid = ", "rules.toml, line 2: "),
        ("colours = 3\n", "“colours” is not known here"),
        ("rules = 3\n", "each rule begins with a line [[rules]]"),
        (ruled() + "\n" + ruled(), "there is a rule one already"),
        (ruled().replace("acknowledge", "acknowlege"), "write “acknowledge”"),
        (ruled().replace('template = "acknowledge"', ""), 'do = "send" needs “template”: add it'),
        (ruled().replace('"new_case"', '"no_answer"'), 'when = "no_answer" needs “minutes”: add it'),
        (TAGS.replace('tag = "late"', ""), 'do = "tag" needs “tag”: add it'),
        (TAGS.replace('"late"', '"!"'), "A tag is a short word of at most 30 characters."),
        (SNOOZES.replace("new_case", "resolved"), "a resolved case can only be written to or tagged"),
        (ruled('calendar = "rome"').replace('"new_case"', '"outside_hours"'), "“rome” is no calendar"),
        (ruled().replace('"one"', '"One!"'), "is no id; write small letters"),
    ],
)
def test_what_the_whole_file_has_against_it(
    plain: Settings, library: Library, source: str, words: str
) -> None:
    assert any(words in each for each in flaws(source, plain, library))


def test_a_mistake_in_one_rule_leaves_the_others_alone(plain: Settings, library: Library) -> None:
    other = ruled().replace('"one"', '"two"')
    found = book.understand(f"{ruled('wehn = 3')}\n{other}".encode(), plain, library)
    assert [rule.id for rule in found.rules] == ["two"]
    assert len(found.flaws) == 1


@given(source=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=60, deadline=None)
def test_nothing_in_the_file_makes_reading_it_fail(source: bytes) -> None:
    book.understand(source, build({}, folder=Path()), Library.load(REPLIES))


def test_what_rules_can_say_since_makes_no_other_rule_of_those_that_do_not_say_it() -> None:
    plain = {"id": "one", "title": "1", "when": "new_case", "do": "close"}
    told = Rule.model_validate(plain).model_dump_json(exclude={"title", "tag", "snooze_minutes"})
    assert Rule.model_validate(plain).version == stamps.version(told)
    tags = [Rule.model_validate(plain | {"do": "tag", "tag": name}) for name in ("late", "early")]
    assert tags[0].version != tags[1].version


def test_a_rule_is_another_one_as_soon_as_it_says_something_else() -> None:
    one = Rule(id="one", title="One", when="new_case", do="send", template="acknowledge")
    assert one.version == one.model_copy(update={"title": "Two"}).version
    assert one.version != one.model_copy(update={"languages": ("es",)}).version


@pytest.mark.parametrize("code", LANGUAGES)
def test_who_asks_to_hear_nothing_more_is_understood_and_who_only_asks_is_not(code: str) -> None:

    own = tomllib.loads((REPLIES / leaving.NAME).read_text(encoding="utf-8"))[code]
    for phrase in own["alone"]:
        assert WORDS.asked_in(phrase)
        assert WORDS.asked_in(f"@NorthwindHelp {phrase.upper()}!")
    for phrase in own["within"]:
        assert WORDS.asked_in(f"{PLAIN[code]} {phrase}.")
    assert not WORDS.asked_in(PLAIN[code])
    assert not any(WORDS.asked_in(each) for each in GREETINGS[code])
    assert not WORDS.asked_in(f"{PLAIN[code]} “{own['within'][0]}”")
    assert not WORDS.asked_in(f"RT @someone: {own['within'][0]}")


@pytest.mark.parametrize(
    "text",
    [
        "When will the late deliveries stop?",
        "Wann hört das auf? Mein Paket ist weg.",
        "¡Basta ya de retrasos! ¿Dónde está mi pedido?",
        "Il tasto stop della mia smart tv non funziona",
        "Please stop my order, I have changed my mind",
    ],
)
def test_a_complaint_is_no_wish_to_leave(text: str) -> None:
    assert not WORDS.asked_in(text)


def test_words_for_a_language_that_are_missing_are_told(tmp_path: Path) -> None:
    (tmp_path / "optout.toml").write_text('[en]\nalone = ["stop"]\nwithin = ["stop it now"]\n')
    with pytest.raises(BadInput, match="has no words in"):
        leaving.read(tmp_path / "optout.toml")


MATTERS = st.builds(
    Matter,
    account=st.sampled_from([HANDLE, "Other"]),
    visibility=st.sampled_from(["public", "private"]),
    language=st.sampled_from(["es", "ja", "de"]),
    topic=st.sampled_from([None, "orders_and_delivery", "account"]),
    text=st.sampled_from(["¿Dónde está mi paquete?", "荷物はどこですか", "Mein Konto", ""]),
    followers=st.none() | st.integers(0, 20),
    first_contact=st.booleans(),
)
RULES = st.builds(
    Rule,
    id=st.just("one"),
    title=st.just("One"),
    when=st.just("new_case"),
    do=st.just("send"),
    template=st.just("acknowledge"),
    account=st.none() | st.just(f"@{HANDLE.lower()}"),
    channel=st.sampled_from([None, "public", "private"]),
    languages=st.sampled_from([(), ("es",), ("es", "ja")]),
    topics=st.sampled_from([(), ("account",)]),
    words=st.sampled_from([(), ("PAQUETE",), ("荷物", "konto")]),
    followers_at_least=st.none() | st.integers(0, 10),
    followers_at_most=st.none() | st.integers(10, 20),
    first_contact=st.sampled_from([None, True, False]),
)


@given(rule=RULES, matter=MATTERS)
@settings(max_examples=200, deadline=None)
def test_a_rule_is_for_what_fits_everything_that_it_names(rule: Rule, matter: Matter) -> None:
    folded = fold(matter.text)
    expected = [
        not rule.account or matter.account == HANDLE,
        rule.channel is None or rule.channel == matter.visibility,
        not rule.languages or matter.language in rule.languages,
        not rule.topics or matter.topic in rule.topics,
        not rule.words or any(fold(word) in folded for word in rule.words),
        rule.followers_at_least is None
        or (matter.followers is not None and matter.followers >= rule.followers_at_least),
        rule.followers_at_most is None
        or (matter.followers is not None and matter.followers <= rule.followers_at_most),
        rule.first_contact is None or rule.first_contact == matter.first_contact,
    ]
    assert conditions.fits(rule, matter) == all(expected)
    assert conditions.reason(rule, matter).endswith(".")


def test_words_are_whole_words_save_where_there_are_no_blanks() -> None:
    rule = Rule(id="one", title="1", when="new_case", do="close", words=("pack", "荷物"))
    assert conditions.word_in(rule, "My Pack, please") == "pack"
    assert conditions.word_in(rule, "unpacking") is None
    assert conditions.word_in(rule, "私の荷物はどこ") == "荷物"


@given(gaps=st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=12))
def test_answers_within_seconds_are_counted(gaps: list[tuple[bool, int]]) -> None:
    at, expected, before = NOON, 0, False
    said: list[Message] = []
    for ours, seconds in gaps:
        at += timedelta(seconds=seconds)
        expected += bool(before and not ours and seconds <= 10)
        before = ours
        direction = Direction.OUTBOUND if ours else Direction.INBOUND
        told: dict[str, Any] = {"sent_at": at, "direction": direction}
        said.append(Message(**told))
    assert answers_at_once(said) == expected


def test_a_rule_is_tried_on_what_was_written_and_nothing_changes(desk: Desk, cast: Cast) -> None:
    first = post(MARIA, minutes=-90)
    arrive(desk, first, direct_message(KENJI, minutes=-60))
    ours = post(US, "Lo miramos.", minutes=-50, conversation=first.x_id, answers=first.x_id, to=MARIA)
    arrive(
        desk, ours, post(MARIA, "¿Y bien? Sigo esperando mi paquete.", minutes=-10, conversation=first.x_id)
    )
    tried = {
        'when = "new_case"': [(KENJI, "ja"), (MARIA, "es")],
        'when = "follow_up"': [(MARIA, "es")],
        'when = "no_answer"\nminutes = 45': [(KENJI, "ja")],
        'when = "no_answer"\nminutes = 30': [(KENJI, "ja"), (MARIA, "es")],
        'when = "resolved"': [],
    }
    for when, expected in tried.items():
        source = f'[[rules]]\nid = "one"\ntitle = "One"\n{when}\ndo = "propose"\ntemplate = "acknowledge"\n'
        (rule,) = book.understand(source.encode(), desk.settings, desk.library).rules
        with time_machine.travel(NOON), desk.database.reading() as session:
            trial = trying.attempt(session, rule, days=7, settings=desk.settings)
        assert [each.language for each in trial.meant] == [language for _, language in expected], when
    assert trial.sentence == "Over the last 7 days it would have been for no case."
    assert (runs_of(desk), replies_of(desk)) == ([], [])


@pytest.mark.parametrize("days", [0, 32])
def test_a_rule_is_tried_on_a_month_at_most(desk: Desk, days: int) -> None:
    rule = Rule(id="one", title="1", when="new_case", do="close")
    with desk.database.reading() as session, pytest.raises(BadInput, match="1 to 31 days"):
        trying.attempt(session, rule, days=days, settings=desk.settings)


def test_rules_are_checked_listed_tried_and_switched_at_the_command_line(
    socialdesk: Run, settings_file: Path, tmp_path: Path
) -> None:
    given = ("--settings", settings_file)
    assert socialdesk("rules", "check", *given).said.endswith("nothing to mend.\n")
    socialdesk("db", "upgrade", *given)
    for name, role in (("sofia", "supervisor"), ("ana", "agent")):
        hired = socialdesk(
            "agents", "add", name, "--name", name, "--role", role, *given, given="drizzle above the harbour"
        )
        assert hired.code == 0, hired.complained
    refused = socialdesk("rules", "on", "did_it_help", "--by", "ana", *given)
    assert (refused.code, "Only a supervisor" in refused.complained) == (1, True)
    assert (
        socialdesk("rules", "on", "did_it_help", "--by", "sofia", *given).said
        == "The rule did_it_help is on.\n"
    )
    listed = {row["id"]: row["state"] for row in socialdesk("rules", "list", "--json", *given).rows}
    assert [rule for rule, state in listed.items() if state == "on"] == ["did_it_help"]
    assert "for no case" in socialdesk("rules", "try", "did_it_help", "--days", 7, *given).said
    assert socialdesk("rules", "off", "did_it_help", "--by", "sofia", *given).code == 0
    assert socialdesk("rules", "try", "another", *given).code == 2
