"""Replies by rules: what goes out without a person, and what keeps it from going."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from socialdesk import cases, clock, replies
from socialdesk.accounts import Account
from socialdesk.audit import AuditEntry
from socialdesk.automation import occasions, releases, runs, switches
from socialdesk.automation.runs import Did
from socialdesk.cases import Case, Status
from socialdesk.casework import corrections, optouts, sorting, tagging, undoing
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.errors import NotAllowed
from socialdesk.figures.waits import Wait
from socialdesk.languages import LANGUAGES
from socialdesk.messages import Message
from socialdesk.placing.retelling import retell
from socialdesk.polling.cursors import Channel
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts
from socialdesk.sandbox import World
from socialdesk.settings import Settings
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Edit
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from tests.automated import ACKNOWLEDGE, replies_of, run, runs_of, switch_on, understood
from tests.conftest import HANDLE, Cast
from tests.languages.sentences import PLAIN
from tests.outgoing import our_posts, send_all

QUESTION = "¿Dónde está mi paquete? Lo espero desde el lunes y nadie me contesta."


def ask(world: World, line: Line, handle: str = "maria", text: str = QUESTION, **how: Any) -> str:
    """X's id of what was written, which the desk has read."""
    world.add_user(handle, handle)
    said = world.post(handle, f"@{HANDLE} {text}", **how)
    poll(line, Channel.MENTIONS)
    return said.id


def whisper(world: World, line: Line, handle: str, text: str) -> None:
    world.add_user(handle, handle)
    world.direct_message(handle, HANDLE, text)
    poll(line, Channel.DIRECT_MESSAGES)


def all_cases(desk: Desk) -> list[Case]:
    with desk.database.reading() as session:
        return list(session.exec(select(Case).order_by(Case.id)))  # type: ignore[arg-type]


def test_a_rule_answers_a_new_case_once_and_leaves_it_to_people(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    asked = ask(world, line)
    assert (run(x_desk, rules), run(x_desk, rules)) == (1, 0)
    assert send_all(line) == 1

    (answer,) = our_posts(world)
    assert answer.in_reply_to == asked
    (reply,) = replies_of(x_desk)
    assert (reply.state, reply.by_rule, reply.approved_by_id) == (State.SENT, "first_word", None)
    (case,) = all_cases(x_desk)
    assert (case.status, case.first_response_at) == (Status.WAITING, None)
    with x_desk.database.transaction() as session:
        held = cases.hold(session, case.id or 0)
        retell(session, held)
        assert (held.status, held.first_response_at) == (Status.WAITING, None)
        assert session.exec(select(Wait).where(Wait.answered_at != None)).all() == []  # noqa: E711
        told = [event for event in cases.events(session, case.id or 0) if event.kind == "rule_fired"]
    assert [event.details["because"] for event in told] == ["A customer opens a case."]


def test_what_a_rule_sends_is_an_answer_only_where_the_rule_says_so(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    rules = understood(x_desk, ACKNOWLEDGE + "answers = true\n")
    switch_on(x_desk, rules, cast.sofia)
    ask(world, line)
    run(x_desk, rules)
    send_all(line)
    (case,) = all_cases(x_desk)
    assert (case.status, case.first_response_at) == (Status.ANSWERED, None)


def test_every_language_is_answered_in_itself_and_whoever_leaves_is_heard(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    run(x_desk, rules)
    for code in LANGUAGES:
        ask(world, line, f"someone_{code}", PLAIN[code])
    with x_desk.database.transaction() as session:  # as sure as if an agent had said so
        for case, code in zip(session.exec(select(Case).order_by(Case.id)), LANGUAGES, strict=True):  # type: ignore[arg-type]
            case.language, case.language_sure = code, True
    assert run(x_desk, rules) == len(LANGUAGES)
    for reply, case in zip(
        sorted(replies_of(x_desk), key=lambda each: each.case_id), all_cases(x_desk), strict=True
    ):
        assert x_desk.library.sources[Key("acknowledge", case.language, "public")].strip() == reply.text
        assert reply.state == State.APPROVED

    for code, words in LEAVING.items():
        ask(world, line, f"someone_{code}", words)
    run(x_desk, rules)
    assert send_all(line) == 0
    with x_desk.database.reading() as session:
        people = session.exec(select(Customer)).all()
        assert [each.handle for each in people if not each.opted_out_at] == []
    assert {reply.state for reply in replies_of(x_desk)} == {State.CANCELLED}


LEAVING = {
    "it": "Per favore, smettete di scrivermi!",
    "en": "Please stop messaging me.",
    "de": "Bitte hört auf, mir zu schreiben!",
    "es": "Dejad de escribirme, por favor",
    "pt": "Por favor, parem de me escrever",
    "fr": "Arrêtez de m’écrire s’il vous plaît",
    "ja": "もう返信しないでください。",
    "tr": "Lütfen bana mesaj atmayın",
    "nl": "STOP",
    "pl": "Proszę do mnie nie pisać.",
    "cs": "Přestaňte mi psát, prosím",
    "sv": "Sluta skriva till mig, tack",
    "ar": "من فضلكم توقفوا عن مراسلتي",
}


def test_two_steps_at_once_answer_once(x_desk: Desk, line: Line, world: World, cast: Cast) -> None:
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    for number in range(4):
        ask(world, line, f"someone_{number}")
    together = Barrier(2)

    def step() -> int:
        together.wait()
        return run(x_desk, rules)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(lambda _: step(), range(2))) == 4
    assert len(replies_of(x_desk)) == 4
    assert send_all(line) == 4


def test_the_schema_lets_one_automated_reply_out_for_an_interaction(
    x_desk: Desk, line: Line, world: World
) -> None:
    ask(world, line)
    run_of: dict[str, Any] = {"case_id": 1, "interaction": 0, "why": "", "wrote_at": clock.now()}
    with x_desk.database.transaction() as session:
        run_of["message_id"] = session.exec(select(Message.id)).one()
        assert runs.claim(session, rule_id="one", did=Did.SENT, **run_of)
        assert not runs.claim(session, rule_id="two", did=Did.SENT, **run_of)
        assert runs.claim(session, rule_id="two", did=Did.LEFT, **run_of)
    with pytest.raises(IntegrityError), x_desk.database.transaction() as session:
        session.add(runs.RuleRun(rule_id="three", did=Did.SENT, at=clock.now(), **run_of))


def test_who_comes_back_to_a_resolved_case_may_be_answered_again(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    rules = understood(x_desk, ACKNOWLEDGE + FOLLOW_UP)
    switch_on(x_desk, rules, cast.sofia)
    asked = ask(world, line)
    run(x_desk, rules)
    send_all(line)
    ask(world, line, text=f"{QUESTION} ¿Hola?", in_reply_to=asked)
    run(x_desk, rules)
    assert [each.did for each in runs_of(x_desk)] == [Did.SENT, Did.LEFT]

    with x_desk.database.transaction() as session:
        cases.hold(session, 1).resolve(by=cast.ana)
    ask(world, line, text="Sigue sin llegar mi paquete, ¿qué pasa ahora?", in_reply_to=asked)
    run(x_desk, rules)
    assert [each.did for each in runs_of(x_desk)] == [Did.SENT, Did.LEFT, Did.SENT]
    assert [each.interaction for each in runs_of(x_desk)] == [0, 0, 1]


FOLLOW_UP = """
[[rules]]
id = "second_word"
title = "Ask for a direct message"
when = "follow_up"
do = "send"
template = "please_send_dm"
"""


def test_only_supervisors_switch_rules_on_and_release_texts(desk: Desk, cast: Cast) -> None:
    rules = understood(desk, ACKNOWLEDGE)
    key = Key("acknowledge", "es", "public")
    with desk.database.transaction() as session:
        with pytest.raises(NotAllowed):
            switches.switch_on(session, rules.rules[0], by=cast.ana)
        with pytest.raises(NotAllowed):
            releases.release(session, desk.library, [key], by=cast.ben)
        switches.switch_on(session, rules.rules[0], by=cast.sofia)
        releases.release(session, desk.library, [key], by=cast.sofia)
        releases.withdraw(session, key, by=cast.sofia)
        switches.switch_off(session, rules.rules[0], by=cast.sofia)
    with desk.database.reading() as session:
        told = [(entry.kind, entry.agent_id, entry.subject) for entry in session.exec(select(AuditEntry))]
    assert told == [
        ("rule_switched_on", cast.sofia.id, "first_word"),
        ("template_released", cast.sofia.id, key.file),
        ("template_withdrawn", cast.sofia.id, key.file),
        ("rule_switched_off", cast.sofia.id, "first_word"),
    ]


def test_a_rule_that_was_written_anew_is_off(x_desk: Desk, line: Line, world: World, cast: Cast) -> None:
    switch_on(x_desk, understood(x_desk, ACKNOWLEDGE), cast.sofia)
    ask(world, line)
    assert run(x_desk, understood(x_desk, ACKNOWLEDGE + 'languages = ["es"]\n')) == 0
    assert run(x_desk, understood(x_desk, ACKNOWLEDGE.replace("Say that", "Tell them"))) == 1


def test_what_was_written_before_the_rule_was_on_is_left_to_people(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    ask(world, line)
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    assert run(x_desk, rules) == 0


def test_nobody_answers_for_so_long(x_desk: Desk, line: Line, world: World, cast: Cast) -> None:
    rules = understood(x_desk, ACKNOWLEDGE.replace('"new_case"', '"no_answer"\nminutes = 30'))
    switch_on(x_desk, rules, cast.sofia)
    whisper(world, line, "kenji", "アカウントにログインできません。どうすればいいですか")
    assert run(x_desk, rules) == 0
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        assert run(x_desk, rules) == 1
    assert [each.why for each in runs_of(x_desk)] == ["Nobody has answered for a while (30 minutes)."]


def unreleased(session: Session, desk: Desk, cast: Cast) -> None:
    releases.withdraw(session, Key("acknowledge", "es", "public"), by=cast.sofia)


def a_guess(session: Session, desk: Desk, cast: Cast) -> None:
    session.get_one(Case, 1).language_sure = False


def only_carried(session: Session, desk: Desk, cast: Cast) -> None:
    session.get_one(Message, 1).not_repliable = "carried_over"


Spoil = Callable[[Session, Desk, Cast], object]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (unreleased, "No supervisor has released this text"),
        (a_guess, "only a guess"),
        (only_carried, "X may refuse a public answer"),
    ],
)
def test_what_wants_a_persons_eye_is_proposed_with_the_reason(
    x_desk: Desk, line: Line, world: World, cast: Cast, spoil: Spoil, why: str
) -> None:
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    ask(world, line)
    with x_desk.database.transaction() as session:
        spoil(session, x_desk, cast)
    run(x_desk, rules)
    (done,) = runs_of(x_desk)
    assert (done.did, why in done.why) == (Did.PROPOSED, True)
    (draft,) = replies_of(x_desk)
    assert (draft.state, draft.by_rule, draft.automated) == (State.DRAFT, "first_word", False)
    with x_desk.database.transaction() as session:  # an agent who makes it his own
        changed = drafts.write(session, cases.hold(session, 1), text="Lo miramos.", by=cast.ana)
        assert changed.by_rule is None


def test_a_bystander_is_not_answered_for_the_person_beside_him(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    asked = ask(world, line, "pavel")
    ask(world, line, "maria", "A mí me pasa lo mismo, mi paquete tampoco llega.", in_reply_to=asked)
    run(x_desk, rules)
    did = {each.case_id: (each.did, each.why.split(". ")[-1]) for each in runs_of(x_desk)}
    assert did[1] == (Did.SENT, "A customer opens a case.")
    assert did[2] == (Did.PROPOSED, "The post answers another customer, or stands in his conversation.")


def test_what_is_under_way_is_taken_back_when_an_agent_notes_the_wish(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    ask(world, line)
    run(x_desk, rules)
    with x_desk.database.transaction() as session:
        opted_out(session, x_desk, cast)
    run(x_desk, rules)
    assert [reply.state for reply in replies_of(x_desk)] == [State.CANCELLED]


def opted_out(session: Session, desk: Desk, cast: Cast) -> None:
    optouts.opt_out(session, session.get_one(Customer, 1), by=cast.ana)


def a_brand(session: Session, desk: Desk, cast: Cast) -> None:
    session.get_one(Customer, 1).business = True


def blocked(session: Session, desk: Desk, cast: Cast) -> None:
    session.get_one(Customer, 1).blocked_at = clock.now()


def one_of_us(session: Session, desk: Desk, cast: Cast) -> None:
    x_id = session.get_one(Customer, 1).x_id
    session.add(Account(handle="Other", credentials="OTHER", x_id=x_id, enrolled_at=clock.now()))


def a_colleague_writes(session: Session, desk: Desk, cast: Cast) -> None:
    drafts.write(session, cases.hold(session, 1), text="Lo miramos.", by=cast.ana)


def a_colleague_has_answered(session: Session, desk: Desk, cast: Cast) -> None:
    reply = drafts.write(session, cases.hold(session, 1), text="Lo miramos.", by=cast.ana)
    replies.approve(session, reply, by=cast.ana)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (opted_out, "hear nothing more"),
        (a_brand, "a brand's"),
        (blocked, "blocked"),
        (one_of_us, "one of ours"),
        (a_colleague_writes, "A colleague is writing"),
        (a_colleague_has_answered, "on its way already"),
    ],
)
def test_some_are_not_written_to_at_all(
    x_desk: Desk, line: Line, world: World, cast: Cast, spoil: Spoil, why: str
) -> None:
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    ask(world, line)
    with x_desk.database.transaction() as session:
        spoil(session, x_desk, cast)
    before = len(replies_of(x_desk))
    run(x_desk, rules)
    (done,) = runs_of(x_desk)
    assert (done.did, why in done.why) == (Did.LEFT, True)
    assert len(replies_of(x_desk)) == before


def test_who_says_the_same_again_and_again_is_taken_for_a_robot(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    for _ in range(3):
        ask(world, line)
    run(x_desk, rules)
    assert {(each.did, "looks automated" in each.why) for each in runs_of(x_desk)} == {(Did.LEFT, True)}


def test_the_same_words_go_to_nobody_twice(x_desk: Desk, line: Line, world: World, cast: Cast) -> None:
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    ask(world, line)
    run(x_desk, rules)
    send_all(line)
    ask(world, line, text="¿Y mi otro pedido, el de la semana pasada? No sé nada de él.")
    run(x_desk, rules)
    assert [each.did for each in runs_of(x_desk)] == [Did.SENT, Did.LEFT]
    assert "have gone to this customer before" in runs_of(x_desk)[1].why


def test_what_people_wrote_leaves_first(x_desk: Desk, line: Line, world: World, cast: Cast) -> None:
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    ask(world, line, "first")
    run(x_desk, rules)
    ask(world, line, "second")
    with x_desk.database.transaction() as session:
        a_colleague = drafts.write(session, cases.hold(session, 2), text="Lo miramos.", by=cast.ana)
        replies.approve(session, a_colleague, by=cast.ana)
    send_all(line)
    assert [reply.by_rule for reply in sorted(replies_of(x_desk), key=lambda each: int(each.x_id or 0))] == [
        None,
        "first_word",
    ]


def test_a_direct_message_of_a_rule_carries_the_link_to_the_privacy_policy(
    x_desk: Desk, line: Line, world: World, cast: Cast, make_settings: Callable[..., Settings]
) -> None:
    linked = Desk(
        x_desk.settings.model_copy(
            update={
                "automation": x_desk.settings.automation.model_copy(
                    update={"privacy_link": "https://example.com/privacy"}
                )
            }
        ),
        x_desk.database,
        x_desk.shelf,
    )
    rules = understood(linked, ACKNOWLEDGE)
    switch_on(linked, rules, cast.sofia)
    whisper(world, line, "kenji", "アカウントにログインできません。どうすればいいですか")
    run(linked, rules)
    (reply,) = replies_of(linked)
    assert (reply.state, reply.text.endswith("\n\nhttps://example.com/privacy")) == (State.APPROVED, True)
    assert send_all(line) == 1


def test_a_rule_that_misfires_stops_itself_and_says_so(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    run(x_desk, rules)
    for number in range(3):
        ask(world, line, f"someone_{number}")
    run(x_desk, rules)
    send_all(line)
    assert {reply.state for reply in replies_of(x_desk)} == {State.SENT}
    for number in range(3):
        ask(world, line, f"someone_{number}", "Basta")
    run(x_desk, rules)
    with x_desk.database.reading() as session:
        (stopped,) = switches.stopped(session)
        kinds = [entry.kind for entry in session.exec(select(AuditEntry))]
    assert (stopped.rule_id, stopped.by_id) == ("first_word", None)
    assert "after 3 the customer wanted to hear nothing more" in (stopped.why or "")
    assert "rule_stopped" in kinds
    ask(world, line, "another")
    assert run(x_desk, rules) == 0


def refused(session: Session, reply: Reply, cast: Cast) -> None:
    reply.state, reply.attempts = State.HELD, 1


def corrected(session: Session, reply: Reply, cast: Cast) -> None:
    cases.hold(session, reply.case_id).correct_language("pt", was="es", by=cast.ana)


def apologised_for(session: Session, reply: Reply, cast: Cast) -> None:
    case = cases.hold(session, reply.case_id)
    sorry = drafts.write(session, case, text="Lo sentimos.", by=cast.ana, template_id="apology_and_follow_up")
    replies.approve(session, sorry, by=cast.ana)


@pytest.mark.parametrize("harm", [refused, corrected, apologised_for])
def test_what_people_have_to_put_right_stops_a_rule(
    x_desk: Desk, line: Line, world: World, cast: Cast, harm: Callable[[Session, Reply, Cast], None]
) -> None:
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    for number in range(3):
        ask(world, line, f"someone_{number}")
    run(x_desk, rules)
    send_all(line)
    for reply in replies_of(x_desk):
        with x_desk.database.transaction() as session:
            harm(session, session.get_one(Reply, reply.id), cast)
    run(x_desk, rules)
    with x_desk.database.reading() as session:
        assert [each.rule_id for each in switches.stopped(session)] == ["first_word"]


@pytest.mark.parametrize(("what", "choice"), [("language", "pt"), ("topic", "membership")])
def test_a_correction_that_was_undone_counts_against_no_rule(
    x_desk: Desk, line: Line, world: World, cast: Cast, what: str, choice: str
) -> None:
    """Nor does the undoing, until the case is corrected once more."""
    rules = understood(x_desk, ACKNOWLEDGE)
    switch_on(x_desk, rules, cast.sofia)
    for number in range(3):
        ask(world, line, f"someone_{number}")
    run(x_desk, rules)
    send_all(line)
    ids = [reply.case_id for reply in replies_of(x_desk)]
    for case_id in ids:
        put_right(x_desk, case_id, what, choice, cast)
    with x_desk.database.transaction() as session:
        event = undoing.newest(session, ids[0], f"{what}_corrected")
        assert event
        undoing.undo(session, ids[0], event.id or 0, by=cast.ana)
    run(x_desk, rules)
    with x_desk.database.reading() as session:
        assert switches.stopped(session) == []
    put_right(x_desk, ids[0], what, choice, cast)
    run(x_desk, rules)
    with x_desk.database.reading() as session:
        (stopped,) = switches.stopped(session)
    assert "after 3 an agent apologised or corrected the case" in (stopped.why or "")


def put_right(desk: Desk, case_id: int, what: str, choice: str, cast: Cast) -> None:
    with desk.database.transaction() as session:
        case = cases.find(session, case_id)
        if what == "topic":
            sorting.correct_topic(session, case, choice, by=cast.ana)
        else:
            said = corrections.newest(session, case_id)
            corrections.correct_language(session, case, said, choice, by=cast.ana)


OTHERS = """
[[rules]]
id = "to_ana"
title = "Spanish goes to Ana"
when = "new_case"
languages = ["es"]
do = "assign"
to = "ana"
[[rules]]
id = "loud"
title = "Many read it"
when = "new_case"
followers_at_least = 1000
do = "priority"
priority = "high"
[[rules]]
id = "noise"
title = "Contests are noise"
when = "new_case"
words = ["sorteo"]
do = "close"
"""


def test_rules_assign_set_the_priority_and_close_noise(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    rules = understood(x_desk, OTHERS)
    switch_on(x_desk, rules, cast.sofia)
    ask(world, line)
    with x_desk.database.transaction() as session:
        session.get_one(Customer, 1).followers = 5000
    run(x_desk, rules)
    ask(world, line, "spam", "¡Participa en el gran SORTEO de hoy y gana un teléfono nuevo!")
    with x_desk.database.transaction() as session:
        session.get_one(Case, 2).language = "pt"
    run(x_desk, rules)
    first, second = all_cases(x_desk)
    assert (first.assignee_id, first.priority) == (cast.ana.id, "high")
    assert second.status == Status.RESOLVED


CONTEST = "¿Cuándo es el gran sorteo de hoy? Lo espero desde el lunes y nadie me contesta."
LABELS = """
[[rules]]
id = "parcels"
title = "Spanish is tagged"
when = "new_case"
languages = ["es"]
do = "tag"
tag = "Iberia"
[[rules]]
id = "later"
title = "Contests can wait"
when = "new_case"
words = ["sorteo"]
do = "snooze"
snooze_minutes = 90
"""


def test_rules_tag_and_snooze_each_case_once_with_the_reason(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    rules = understood(x_desk, LABELS)
    switch_on(x_desk, rules, cast.sofia)
    with time_machine.travel(clock.now(), tick=False):
        ask(
            world,
            line,
            text=CONTEST,
        )
        until = clock.now() + timedelta(minutes=90)
        assert (run(x_desk, rules), run(x_desk, rules)) == (2, 0)
    (case,) = all_cases(x_desk)
    assert ([tag.name for tag in case.tags], case.snoozed_until) == (["Iberia"], until)
    assert [each.did for each in runs_of(x_desk)] == [Did.TAGGED, Did.SNOOZED]
    with x_desk.database.reading() as session:
        told = [each for each in cases.events(session, 1) if each.kind == "rule_fired"]
    assert [(each.agent_id, each.details["did"], each.details["because"]) for each in told] == [
        (None, "tagged", "A customer opens a case (Spanish)."),
        (None, "snoozed", "A customer opens a case (“sorteo”)."),
    ]


def test_a_rule_that_comes_too_late_to_tag_or_snooze_says_why(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    rules = understood(x_desk, LABELS)
    switch_on(x_desk, rules, cast.sofia)
    ask(world, line, text=CONTEST)
    with x_desk.database.transaction() as session:
        case = cases.hold(session, 1)
        tagging.add(session, case, "iberia", by=cast.ana)
        case.assign(cast.ana, by=cast.ana)
    run(x_desk, rules)
    (case,) = all_cases(x_desk)
    assert ([tag.name for tag in case.tags], case.snoozed_until) == (["iberia"], None)
    assert [(each.did, each.why.partition("). ")[2]) for each in runs_of(x_desk)] == [
        (Did.LEFT, "The case has the tag “Iberia” already."),
        (Did.LEFT, "Somebody works on this case."),
    ]


def test_a_text_that_has_changed_is_released_no_more(desk: Desk, cast: Cast) -> None:
    key = Key("acknowledge", "es", "public")
    with desk.database.transaction() as session:
        assert releases.release(session, desk.library, [key, key], by=cast.sofia) == 1
        assert releases.is_released(session, desk.library, key)
        library = desk.library
        changed = library.edited({key: Edit("Otra cosa.", None, library.version(key))})
        assert not releases.is_released(session, changed, key)


def test_an_interaction_begins_when_the_customer_comes_back(
    x_desk: Desk, line: Line, world: World, cast: Cast
) -> None:
    asked = ask(world, line)
    with x_desk.database.transaction() as session:
        cases.hold(session, 1).resolve(by=cast.ana)
    with x_desk.database.transaction() as session:
        cases.hold(session, 1).reopen(by=cast.ana)
    with x_desk.database.reading() as session:
        assert occasions.interaction(session, 1) == 0
    with x_desk.database.transaction() as session:
        cases.hold(session, 1).resolve(by=cast.ana)
    ask(world, line, in_reply_to=asked)
    with x_desk.database.reading() as session:
        assert occasions.interaction(session, 1) == 1
