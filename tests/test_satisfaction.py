"""The closing question: whom it goes to, what counts as an answer, and the share of those we could help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from socialdesk import cases, clock, satisfaction
from socialdesk.automation import leaving
from socialdesk.cases import Case, Status
from socialdesk.casework import optouts
from socialdesk.customers import Customer
from socialdesk.desk import Desk, assemble
from socialdesk.errors import AlreadyDone, NotFound, SettingsError
from socialdesk.figures.asking import Asked
from socialdesk.history import CaseEvent
from socialdesk.languages import LANGUAGES
from socialdesk.messages import Message
from socialdesk.polling.cursors import Channel
from socialdesk.privacy import erasing, exporting
from socialdesk.replies import Reply
from socialdesk.replies import State as Sent
from socialdesk.sandbox import World
from socialdesk.sandbox.server import SandboxServer
from socialdesk.satisfaction import links
from socialdesk.satisfaction.answers import Verdict, understood
from socialdesk.satisfaction.questions import ClosingQuestion
from socialdesk.satisfaction.words import NO, YES
from socialdesk.settings import Settings
from socialdesk.workers.closing import ask
from socialdesk.workers.line import Line, open_lines
from socialdesk.workers.poller import poll
from tests.conftest import HANDLE, Cast
from tests.outgoing import send_all

HELP = "Mi cuenta está bloqueada desde ayer y no puedo entrar, ¿qué tengo que hacer?"
PUBLIC_URL = "https://support.northwind.example"


@pytest.fixture
def make_asking(
    database: object, make_settings: Callable[..., Settings], sandbox: SandboxServer, keys: None
) -> Iterator[Callable[..., Desk]]:
    """A desk that speaks to the sandbox, with these settings of the closing question."""
    made: list[Desk] = []

    def make(**told: Any) -> Desk:
        x = {"api_url": sandbox.url, "web_url": f"{sandbox.url}/sandbox/web"}
        made.append(assemble(make_settings(x=x, satisfaction={"ask": "always"} | told)))
        return made[-1]

    yield make
    for desk in made:
        desk.database.close()


@pytest.fixture
def asking(make_asking: Callable[..., Desk]) -> Desk:
    return make_asking()


def line_of(desk: Desk) -> Line:
    return open_lines(desk)[0]


def writes(world: World, desk: Desk, handle: str, *words: str, private: bool = True) -> None:
    if handle not in {user.handle for user in world.users()}:
        world.add_user(handle, handle)
    for each in words:
        if private:
            world.direct_message(handle, HANDLE, each)
        else:
            world.post(handle, f"@{HANDLE} {each}")
    poll(line_of(desk), Channel.DIRECT_MESSAGES if private else Channel.MENTIONS)


def case_of(desk: Desk, handle: str = "maria") -> Case:
    with desk.database.reading() as session:
        query = select(Case).join(Customer, col(Customer.id) == Case.customer_id)
        return session.exec(query.where(Customer.handle == handle).order_by(col(Case.id).desc())).all()[0]


def resolve(desk: Desk, cast: Cast, handle: str = "maria") -> None:
    with desk.database.transaction() as session:
        cases.hold(session, case_of(desk, handle).id or 0).resolve(by=cast.ana)


def question(desk: Desk) -> ClosingQuestion:
    with desk.database.reading() as session:
        return session.exec(select(ClosingQuestion).order_by(col(ClosingQuestion.id).desc())).all()[0]


def asked_about(world: World, desk: Desk, cast: Cast, handle: str = "maria", text: str = HELP) -> None:
    """The customer's case is resolved, and the question has reached X."""
    writes(world, desk, handle, text)
    resolve(desk, cast, handle)
    assert ask(desk) == 1
    assert send_all(line_of(desk)) == 1


def last_said(world: World) -> str:
    return max(world.direct_messages(), key=lambda each: int(each.id)).text


def kinds(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return [each.kind for each in session.exec(select(CaseEvent).order_by(col(CaseEvent.id)))]


# What counts as an answer


@pytest.mark.parametrize("language", LANGUAGES)
def test_yes_and_no_are_understood_in_every_language(language: str) -> None:
    for words, helped in ((YES, True), (NO, False)):
        for each in words[language].split("|"):
            for said in (each, each.upper(), f"{each}!", f" {each}. "):
                assert understood(said) == Verdict(helped), said


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("👍", Verdict(True)),
        ("👍🏽👍🏽", Verdict(True)),
        ("❤️", Verdict(True)),
        ("👎", Verdict(False)),
        ("👎🏿 !", Verdict(False)),
        ("5", Verdict(True, 5)),
        ("４", Verdict(True, 4)),
        ("٣", Verdict(False, 3)),
        ("1/5", Verdict(False, 1)),
        ("5 von 5", Verdict(True, 5)),
        ("⭐⭐⭐⭐", Verdict(True, 4)),
        ("ja", Verdict(True)),
        ("はい。", Verdict(True)),
    ],
)
def test_signs_and_numbers_are_understood(said: str, verdict: Verdict) -> None:
    assert understood(said) == verdict


@pytest.mark.parametrize(
    "said",
    [
        "",
        " ",
        "👍👎",
        "6",
        "0",
        "55",
        "yes?",
        "¿sí?",
        "no, my parcel is still missing",
        "yes but it is broken",
        "stop",
        "thanks",
        "ja aber wo ist mein Geld",
        "5 parcels",
        "no order number",
        "いいえ、届いていません",
        ".",
    ],
)
def test_whatever_says_more_is_a_message(said: str) -> None:
    assert understood(said) is None


def test_no_word_means_both_and_none_is_a_wish_to_hear_nothing_more(desk: Desk) -> None:
    yes = {each for of in YES.values() for each in of.split("|")}
    no = {each for of in NO.values() for each in of.split("|")}
    assert not yes & no
    words = leaving.words(desk.settings)
    assert [each for each in yes | no if words.asked_in(each)] == []


@given(st.text(max_size=60))
def test_reading_an_answer_never_fails(text: str) -> None:
    assert understood(text) is None or len(text) <= 40


# Whom it goes to


def test_whoever_wrote_by_direct_message_is_asked_in_his_language(
    asking: Desk, world: World, cast: Cast
) -> None:
    asked_about(world, asking, cast)

    assert "¿Te hemos podido ayudar?" in last_said(world)
    assert question(asking).language == "es"
    case = case_of(asking)
    assert (case.status, case.first_response_at) == (Status.RESOLVED, None)
    assert "closing_question_asked" in kinds(asking)


def test_whoever_never_wrote_one_is_not_asked_and_never_in_public(
    asking: Desk, world: World, cast: Cast
) -> None:
    writes(world, asking, "maria", HELP, private=False)
    resolve(asking, cast)
    assert ask(asking) == 0
    assert send_all(line_of(asking)) == 0
    assert question(asking).why == "The customer has never written us a direct message."


def test_nobody_is_asked_while_the_settings_say_never(
    make_asking: Callable[..., Desk], world: World, cast: Cast
) -> None:
    desk = make_asking(ask="never")
    writes(world, desk, "maria", HELP)
    resolve(desk, cast)
    assert ask(desk) == 0


def test_when_it_is_offered_the_agent_decides(
    make_asking: Callable[..., Desk], world: World, cast: Cast
) -> None:
    desk = make_asking(ask="offer")
    writes(world, desk, "maria", HELP)
    resolve(desk, cast)
    assert ask(desk) == 0
    with desk.database.transaction() as session:
        case = cases.hold(session, case_of(desk).id or 0)
        assert satisfaction.want(session, case, by=cast.ana, settings=desk.settings)
        session.flush()
        assert not satisfaction.want(session, case, by=cast.ana, settings=desk.settings)
    assert ask(desk) == 1
    assert ask(desk) == 0


def test_whoever_wants_to_hear_nothing_more_is_not_asked(asking: Desk, world: World, cast: Cast) -> None:
    writes(world, asking, "maria", HELP)
    with asking.database.transaction() as session:
        optouts.opt_out(session, session.exec(select(Customer).where(Customer.handle == "maria")).one())
    resolve(asking, cast)
    assert ask(asking) == 0
    assert question(asking).why == "The customer has asked to hear nothing more from us."


def test_a_case_that_was_opened_again_meanwhile_is_not_asked_about(
    asking: Desk, world: World, cast: Cast
) -> None:
    writes(world, asking, "maria", HELP)
    resolve(asking, cast)
    with asking.database.transaction() as session:
        case = cases.hold(session, case_of(asking).id or 0)
        satisfaction.want(session, case, by=cast.ana, settings=asking.settings)
        case.reopen(by=cast.ana)
    assert ask(asking) == 0
    assert question(asking).why == "The case was opened again."


def test_nobody_is_asked_twice_within_some_weeks(asking: Desk, world: World, cast: Cast) -> None:
    asked_about(world, asking, cast)
    writes(world, asking, "maria", "Tengo otra pregunta: ¿cómo cambio mi dirección de envío?")
    resolve(asking, cast)
    assert ask(asking) == 0
    assert question(asking).why == "The customer was asked not long ago."


def test_a_customer_whom_a_rule_has_answered_in_this_interaction_is_not_asked(
    asking: Desk, world: World, cast: Cast
) -> None:
    """X lets one automated reply out for each interaction, and that one is it."""
    asked_about(world, asking, cast)
    with asking.database.transaction() as session:
        cases.hold(session, case_of(asking).id or 0).reopen(by=cast.ana)
    resolve(asking, cast)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert ask(asking) == 0


def test_two_processes_ask_once(asking: Desk, world: World, cast: Cast) -> None:
    writes(world, asking, "maria", HELP)
    resolve(asking, cast)
    library = asking.library
    assert satisfaction.ask_all(asking.database, library, asking.settings) == 1
    assert satisfaction.ask_all(asking.database, library, asking.settings) == 0
    with asking.database.reading() as session:
        assert len(session.exec(select(Reply)).all()) == 1


# Answers by direct message


def test_an_answer_opens_nothing_and_waits_for_nobody(asking: Desk, world: World, cast: Cast) -> None:
    asked_about(world, asking, cast)
    writes(world, asking, "maria", "sí, gracias")

    case, answered = case_of(asking), question(asking)
    assert (case.status, case.waiting_since) == (Status.RESOLVED, None)
    assert (answered.helped, answered.score) == (True, None)
    assert answered.answered_at is not None
    assert kinds(asking)[-1] == "closing_helped"
    with asking.database.reading() as session:
        said = session.exec(select(Message).where(Message.x_id == answered.answer_x_id)).one()
        assert said.settled_at is not None


def test_whatever_else_he_writes_opens_the_case(asking: Desk, world: World, cast: Cast) -> None:
    asked_about(world, asking, cast)
    writes(world, asking, "maria", "No, sigo sin poder entrar en mi cuenta")
    assert case_of(asking).status == Status.WAITING
    assert question(asking).answered_at is None


def test_words_after_a_message_are_no_answer_any_more(asking: Desk, world: World, cast: Cast) -> None:
    asked_about(world, asking, cast)
    writes(world, asking, "maria", "Un momento, sigo sin poder entrar en mi cuenta", "no")
    assert question(asking).answered_at is None
    assert case_of(asking).status == Status.WAITING


def test_a_yes_before_the_question_is_no_answer(asking: Desk, world: World, cast: Cast) -> None:
    writes(world, asking, "maria", HELP)
    resolve(asking, cast)
    writes(world, asking, "maria", "sí")
    assert case_of(asking).status == Status.WAITING


def test_an_answer_can_be_changed_for_an_hour(asking: Desk, world: World, cast: Cast) -> None:
    asked_about(world, asking, cast)
    writes(world, asking, "maria", "2")
    assert (question(asking).helped, question(asking).score) == (False, 2)
    writes(world, asking, "maria", "👍")
    assert (question(asking).helped, question(asking).score) == (True, None)
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        writes(world, asking, "maria", "no")
    assert question(asking).helped is True
    assert case_of(asking).status == Status.WAITING


def test_after_some_days_it_is_a_message_again(asking: Desk, world: World, cast: Cast) -> None:
    asked_about(world, asking, cast)
    with time_machine.travel(clock.now() + timedelta(days=8)):
        writes(world, asking, "maria", "sí")
    assert question(asking).answered_at is None


def test_a_no_opens_the_case_where_the_settings_want_it(
    make_asking: Callable[..., Desk], world: World, cast: Cast
) -> None:
    desk = make_asking(reopen_on_no=True)
    asked_about(world, desk, cast)
    writes(world, desk, "maria", "no")
    assert question(desk).helped is False
    assert case_of(desk).status == Status.WAITING
    assert "closing_not_helped" in kinds(desk)


def test_others_are_heard_as_ever(asking: Desk, world: World, cast: Cast) -> None:
    asked_about(world, asking, cast)
    writes(world, asking, "paolo", "sì")
    assert case_of(asking, "paolo").status == Status.WAITING


# Answers by link


@pytest.fixture
def by_link(make_asking: Callable[..., Desk], world: World, cast: Cast) -> Desk:
    desk = make_asking(by="link", public_url=PUBLIC_URL)
    asked_about(world, desk, cast)
    return desk


def token_in(world: World) -> str:
    return last_said(world).partition(f"{PUBLIC_URL}/s/")[2].split()[0]


def test_the_address_is_kept_nowhere_but_in_the_message(by_link: Desk, world: World) -> None:
    token = token_in(world)
    assert len(token) == 32
    assert token not in (question(by_link).token_hash or "")
    with by_link.database.reading() as session:
        assert links.find(session, token).id == question(by_link).id


def test_an_answer_by_link_is_told_on_the_case(by_link: Desk, world: World) -> None:
    with by_link.database.transaction() as session:
        links.answer(session, links.find(session, token_in(world)), helped=False, comment=" Tarde.\x00 ")
    assert (question(by_link).helped, question(by_link).comment) == (False, "Tarde.")
    with by_link.database.reading() as session:
        told = session.exec(select(CaseEvent).where(CaseEvent.kind == "closing_not_helped")).one()
    assert told.details == {"why": "Tarde."}
    assert case_of(by_link).status == Status.RESOLVED


def test_it_can_be_changed_within_the_hour_and_no_longer(by_link: Desk, world: World) -> None:
    for helped in (False, True):
        with by_link.database.transaction() as session:
            links.answer(session, links.find(session, token_in(world)), helped=helped, comment="")
    assert question(by_link).helped is True
    with (
        time_machine.travel(clock.now() + timedelta(hours=2)),
        pytest.raises(AlreadyDone),
        by_link.database.transaction() as session,
    ):
        links.answer(session, links.find(session, token_in(world)), helped=False, comment="")


def test_a_link_runs_out(by_link: Desk, world: World) -> None:
    with (
        time_machine.travel(clock.now() + timedelta(days=8)),
        by_link.database.reading() as session,
        pytest.raises(NotFound),
    ):
        links.find(session, token_in(world))


def test_a_no_by_link_opens_the_case_where_the_settings_want_it(
    make_asking: Callable[..., Desk], world: World, cast: Cast
) -> None:
    desk = make_asking(by="link", public_url=PUBLIC_URL, reopen_on_no=True)
    asked_about(world, desk, cast)
    with desk.database.transaction() as session:
        links.answer(session, links.find(session, token_in(world)), helped=False, comment="")
    assert case_of(desk).status == Status.WAITING


def test_links_want_an_address_that_customers_reach(make_settings: Callable[..., Settings]) -> None:
    with pytest.raises(SettingsError):
        make_settings(satisfaction={"ask": "always", "by": "link"})


# A person's data


def test_an_erased_persons_comment_and_link_are_gone(by_link: Desk, world: World, cast: Cast) -> None:
    with by_link.database.transaction() as session:
        links.answer(session, links.find(session, token_in(world)), helped=True, comment="Muy amables")
    with by_link.database.reading() as session:
        told = exporting.collect(session, session.exec(select(Customer)).one())
    assert told["answers_to_our_question"][0]["comment"] == "Muy amables"
    with by_link.database.transaction() as session:
        erasing.erase(session, session.exec(select(Customer)).one().id or 0, by=cast.sofia)
    left = question(by_link)
    assert (left.comment, left.token_hash, left.helped) == (None, None, True)
    with by_link.database.reading() as session:
        assert all("amables" not in each.told for each in session.exec(select(CaseEvent)))


# Figures


ANSWERS = st.lists(
    st.tuples(st.sampled_from(["es", "it", "ja"]), st.sampled_from([None, True, False]), st.integers(0, 72)),
    max_size=12,
)


@pytest.mark.parametrize("seed", range(3))
def test_the_share_is_what_a_slow_count_makes_of_it(
    asking: Desk, world: World, cast: Cast, seed: int
) -> None:
    rows = [
        (language, None if (seed + number) % 3 == 0 else (seed * number) % 2 == 0, (number * 7 + seed) % 50)
        for number, language in enumerate(["es", "it", "ja", "es", "es", "it", "de", "es"])
    ]
    asked_about(world, asking, cast)
    base = question(asking)
    now = clock.now()
    with asking.database.transaction() as session:
        for number, (language, helped, hours) in enumerate(rows):
            kept = base.model_dump(exclude={"id", "token_hash"})
            kept |= {
                "resolved_at": now - timedelta(days=number + 1),
                "language": language,
                "asked_at": now - timedelta(hours=hours),
                "helped": helped,
                "answered_at": now if helped is not None else None,
            }
            session.add(ClosingQuestion(**kept))
    period = Asked(since=now - timedelta(hours=24), until=now + timedelta(hours=1))
    with asking.database.reading() as session:
        found = {
            (row.language): (row.asked, row.answered, row.helped)
            for row in satisfaction.figures(session, period)
        }
        every = session.exec(select(ClosingQuestion)).all()
    asked: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    helped_: Counter[str] = Counter()
    for each in every:
        assert each.asked_at is not None
        if period.holds(each.asked_at):
            asked[each.language] += 1
            answered[each.language] += each.answered_at is not None
            helped_[each.language] += each.helped is True
    assert found == {code: (asked[code], answered[code], helped_[code]) for code in asked}


def test_what_never_reached_x_is_not_counted_as_asked(asking: Desk, world: World, cast: Cast) -> None:
    writes(world, asking, "maria", HELP)
    resolve(asking, cast)
    assert ask(asking) == 1
    with asking.database.reading() as session:
        assert satisfaction.figures(session, Asked()) == []
        assert session.exec(select(Reply)).one().state == Sent.APPROVED


def test_few_answers_are_flagged_and_other_accounts_are_left_out(
    asking: Desk, world: World, cast: Cast
) -> None:
    asked_about(world, asking, cast)
    with asking.database.reading() as session:
        (row,) = satisfaction.figures(session, Asked())
        assert satisfaction.figures(session, Asked(accounts=frozenset({99}))) == []
    assert (row.few, row.share, row.asked) == (True, None, 1)
    assert satisfaction.by_language([row, row])[0].asked == 2
