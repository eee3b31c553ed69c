"""Approving: guards asked, a second person where the settings want one, and everything told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, select

from socialdesk import audit, cases, replies
from socialdesk.accounts import Account
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.errors import AlreadyDone, BadInput, Conflict, Guarded, NotFound, StaleDraft
from socialdesk.messages import Message, Visibility
from socialdesk.people import skills
from socialdesk.people.agents import Agent
from socialdesk.replies import Reply, State
from socialdesk.replying import approvals, drafts, policy, scrutiny
from socialdesk.replying.approvals import Outcome
from socialdesk.replying.policy import Written
from socialdesk.settings import ApprovalRule, Approvals, Settings
from tests.conftest import Cast
from tests.stories import KENJI, MARIA, PAVEL, all_cases, arrive, direct_message, post

WORDS = "Lo sentimos, lo miramos ahora mismo."
IN_ENGLISH = "We are sorry, and we are looking into this right now."
PHONE = "Llámanos mañana al +34 612 345 678, por favor."


@pytest.fixture
def of_maria(desk: Desk) -> int:
    """Her public question, waiting."""
    arrive(desk, post(MARIA))
    with desk.database.reading() as session:
        (case,) = all_cases(session)
        return case.id or 0


@pytest.fixture
def four_eyes(make_settings: Callable[..., Settings]) -> Settings:
    """Of public replies by agents a supervisor approves all but a template's own words."""
    rule = {"role": "agent", "channel": "public", "words": "free", "needs": "supervisor"}
    return make_settings(approvals={"rules": [rule]})


def draft(session: Session, case_id: int, by: Agent, text: str = WORDS, **more: Any) -> Reply:
    return drafts.write(session, cases.hold(session, case_id), text=text, by=by, **more)


def approve(
    desk: Desk, session: Session, reply: Reply, by: Agent, settings: Settings | None = None, **more: Any
) -> Outcome:
    settings = settings or desk.settings
    return approvals.approve(session, reply, by=by, library=desk.library, settings=settings, **more)


def drafted(desk: Desk, case_id: int, by: Agent, text: str = WORDS, **more: Any) -> tuple[int, int]:
    with desk.database.transaction() as session:
        reply = draft(session, case_id, by, text, **more)
        return reply.id or 0, reply.revision


def told(session: Session, case_id: int) -> list[tuple[str, int | None]]:
    return [(event.kind, event.agent_id) for event in cases.events(session, case_id)][1:]


def test_without_rules_everybody_approves_his_own(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        reply = draft(session, of_maria, cast.ana)
        assert approve(desk, session, reply, cast.ana) == Outcome.APPROVED
        assert reply.state == State.APPROVED


def test_what_stands_against_a_reply_is_told_with_what_may_be_set_aside(
    desk: Desk, cast: Cast, of_maria: int
) -> None:
    with desk.database.transaction() as session, pytest.raises(Guarded, match="Phone number") as ana:
        approve(desk, session, draft(session, of_maria, cast.ana, PHONE), cast.ana)
    with desk.database.transaction() as session, pytest.raises(Guarded) as sofia:
        approve(desk, session, draft(session, of_maria, cast.ana, PHONE), cast.sofia)

    assert (ana.value.kinds, ana.value.may_override) == (["personal_data"], [])
    assert sofia.value.may_override == ["personal_data"]


def test_whoever_confirms_a_warning_lets_the_reply_go_and_history_keeps_it(
    desk: Desk, cast: Cast, of_maria: int
) -> None:
    with desk.database.transaction() as session:
        reply = draft(session, of_maria, cast.ana, IN_ENGLISH)
        with pytest.raises(Guarded) as refused:
            approve(desk, session, reply, cast.ana)
        assert refused.value.may_override == ["language"]
        assert approve(desk, session, reply, cast.ana, overrides=["language"]) == Outcome.APPROVED

    with desk.database.reading() as session:
        event = next(each for each in cases.events(session, of_maria) if each.kind == "guard_overridden")
        assert (event.agent_id, event.details) == (cast.ana.id, {"reply": reply.id, "guard": "language"})


def test_an_agent_cannot_set_aside_what_takes_a_supervisor(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        reply = draft(session, of_maria, cast.ana, PHONE)
        with pytest.raises(Guarded):
            approve(desk, session, reply, cast.ana, overrides=["personal_data"], reason="It is our own.")
        with pytest.raises(BadInput, match="why"):
            approve(desk, session, reply, cast.sofia, overrides=["personal_data"])
        approve(desk, session, reply, cast.sofia, overrides=["personal_data"], reason="It is our own.")

    with desk.database.reading() as session:
        event = next(each for each in cases.events(session, of_maria) if each.kind == "guard_overridden")
        assert (event.agent_id, event.details["why"]) == (cast.sofia.id, "It is our own.")
        entry = next(each for each in audit.newest(session) if each.kind == "guard_overridden")
        assert (entry.agent_id, entry.details["guard"]) == (cast.sofia.id, "personal_data")
        assert "why" not in entry.details  # it may be a customer's words, and here nothing can be erased


@pytest.mark.parametrize("text", ["", "Hola {{ customer_name }}", "Llega el ⟦delivery date⟧."])
def test_nobody_sets_aside_what_blocks(desk: Desk, cast: Cast, of_maria: int, text: str) -> None:
    with desk.database.transaction() as session, pytest.raises(Guarded):
        reply = draft(session, of_maria, cast.ana, text)
        approve(desk, session, reply, cast.sofia, overrides=["empty", "unfilled"], reason="Anyway.")


def test_an_edited_post_is_read_again_before_it_is_answered(desk: Desk, cast: Cast, of_maria: int) -> None:
    reply_id, revision = drafted(desk, of_maria, cast.ana)
    with desk.database.transaction() as session:
        session.exec(select(Message)).one().x_id = "1999999999999999999"

    with desk.database.transaction() as session:
        reply = replies.find(session, reply_id)
        with pytest.raises(Guarded) as refused:
            approve(desk, session, reply, cast.ana, revision=revision)
        assert refused.value.may_override == ["edited"]
        assert approve(desk, session, reply, cast.ana, overrides=["edited"]) == Outcome.APPROVED


def test_who_takes_part_in_the_conversation_may_be_called(desk: Desk, cast: Cast) -> None:
    question = post(MARIA, "@NorthwindHelp @luis_g también espera el suyo, ¿dónde está?")
    arrive(desk, question, post(PAVEL, "Y el mío.", conversation=question.x_id, minutes=1))
    with desk.database.transaction() as session:
        for x_id, handle in ((MARIA, "Maria"), (PAVEL, "pavel")):
            session.exec(select(Customer).where(Customer.x_id == x_id)).one().handle = handle
        reply = draft(session, 1, cast.ana, "@Maria, @luis_g y @pavel: lo miramos ahora mismo.")
        assert approve(desk, session, reply, cast.ana) == Outcome.APPROVED


def test_the_same_words_go_to_the_same_post_once(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        approve(desk, session, draft(session, of_maria, cast.ana), cast.ana)
    with desk.database.transaction() as session, pytest.raises(Guarded, match="already"):
        approve(desk, session, draft(session, of_maria, cast.ana), cast.ana)


def test_a_reply_is_looked_at_with_its_parts_and_its_price(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        reply = draft(session, of_maria, cast.ana, f"{WORDS} " * 12)
        looked = scrutiny.look(
            session, cases.find(session, of_maria), reply, library=desk.library, settings=desk.settings
        )

    assert len(looked.parts) == 2
    assert looked.parts[1].endswith("^AH (2/2)")
    assert f"{looked.price}" == "0.025"
    assert looked.objections == []


def test_a_reply_that_needs_a_second_person_waits_for_one(
    desk: Desk, cast: Cast, of_maria: int, four_eyes: Settings
) -> None:
    reply_id, _ = drafted(desk, of_maria, cast.ana)
    with desk.database.transaction() as session:
        reply = replies.find(session, reply_id)
        assert approve(desk, session, reply, cast.ana, four_eyes) == Outcome.WAITS
        with pytest.raises(AlreadyDone, match="A supervisor has to approve"):
            approve(desk, session, reply, cast.ana, four_eyes)
        with pytest.raises(AlreadyDone):
            approve(desk, session, reply, cast.ben, four_eyes)
        (waits,) = approvals.waiting(session)
        assert (waits.reply.id, waits.case.id, approvals.waiting_count(session)) == (reply_id, of_maria, 1)
        assert (reply.state, reply.submitted_by_id) == (State.DRAFT, cast.ana.id)

    with desk.database.transaction() as session:
        reply = replies.find(session, reply_id)
        assert approve(desk, session, reply, cast.sofia, four_eyes) == Outcome.APPROVED
        assert approvals.waiting_count(session) == 0

    with desk.database.reading() as session:
        assert told(session, of_maria) == [
            ("reply_draft", cast.ana.id),
            ("reply_submitted", cast.ana.id),
            ("reply_approved", cast.sofia.id),
        ]


def test_a_reply_is_sent_back_with_the_reason_and_editing_clears_it(
    desk: Desk, cast: Cast, of_maria: int, four_eyes: Settings
) -> None:
    reply_id, _ = drafted(desk, of_maria, cast.ana)
    with desk.database.transaction() as session:
        reply = replies.find(session, reply_id)
        with pytest.raises(AlreadyDone):
            approvals.send_back(session, reply, by=cast.sofia, why="Too short.")
        approve(desk, session, reply, cast.ana, four_eyes)
        with pytest.raises(BadInput):
            approvals.send_back(session, reply, by=cast.sofia, why=" ")
        approvals.send_back(session, reply, by=cast.sofia, why=" Say when. ", revision=reply.revision)
        assert (reply.state, reply.submitted_at, reply.sent_back_why) == (State.DRAFT, None, "Say when.")
        assert reply.sent_back_by_id == cast.sofia.id
        assert approvals.waiting(session) == []

    with desk.database.transaction() as session:
        reply = draft(session, of_maria, cast.ana, "Lo sentimos, llega mañana por la tarde.")
        assert (reply.id, reply.sent_back_at, reply.sent_back_why) == (reply_id, None, None)
        assert approve(desk, session, reply, cast.ana, four_eyes) == Outcome.WAITS

    with desk.database.reading() as session:
        assert ("reply_sent_back", cast.sofia.id) in told(session, of_maria)


def test_editing_a_waiting_reply_takes_it_from_the_list(
    desk: Desk, cast: Cast, of_maria: int, four_eyes: Settings
) -> None:
    with desk.database.transaction() as session:
        approve(desk, session, draft(session, of_maria, cast.ana), cast.ana, four_eyes)
        read = replies.find(session, 1).revision
        draft(session, of_maria, cast.ana, "Otra cosa distinta.")
        assert approvals.waiting_count(session) == 0
        with pytest.raises(StaleDraft):
            approve(desk, session, replies.find(session, 1), cast.sofia, four_eyes, revision=read)


def test_a_waiting_reply_grows_stale_like_any_draft(
    desk: Desk, cast: Cast, of_maria: int, four_eyes: Settings
) -> None:
    with desk.database.transaction() as session:
        approve(desk, session, draft(session, of_maria, cast.ana), cast.ana, four_eyes)
        conversation = session.exec(select(Message)).one().conversation_id
    arrive(desk, post(MARIA, "Ya llegó, gracias.", conversation=conversation, minutes=3))

    with desk.database.transaction() as session, pytest.raises(StaleDraft):
        approve(desk, session, replies.find(session, 1), cast.sofia, four_eyes)


def test_what_a_supervisor_may_set_aside_is_left_to_her_when_she_has_to_approve_anyway(
    desk: Desk, cast: Cast, of_maria: int, four_eyes: Settings
) -> None:
    with desk.database.transaction() as session:
        reply = draft(session, of_maria, cast.ana, PHONE)
        assert approve(desk, session, reply, cast.ana, four_eyes) == Outcome.WAITS
        with pytest.raises(Guarded):
            approve(desk, session, reply, cast.sofia, four_eyes)


def test_anybody_may_ask_for_a_second_person(desk: Desk, cast: Cast, of_maria: int) -> None:
    terms: dict[str, Any] = {"library": desk.library, "settings": desk.settings}
    with desk.database.transaction() as session:
        reply = draft(session, of_maria, cast.ana, PHONE)
        assert approvals.submit(session, reply, by=cast.ana, **terms) == Outcome.WAITS
        with pytest.raises(AlreadyDone):
            approvals.submit(session, reply, by=cast.ana, **terms)
        done = approve(
            desk, session, reply, cast.sofia, overrides=["personal_data"], reason="It is our own number."
        )
        assert done == Outcome.APPROVED


def test_what_blocks_is_not_submitted_either(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session, pytest.raises(Guarded):
        reply = draft(session, of_maria, cast.ana, "Hola {{ name }}")
        approvals.submit(session, reply, by=cast.ana, library=desk.library, settings=desk.settings)


def test_of_two_who_approve_at_once_one_wins_and_the_other_is_told(
    desk: Desk, cast: Cast, of_maria: int
) -> None:
    reply_id, _ = drafted(desk, of_maria, cast.ana)
    outcomes: list[str] = []
    both_there = threading.Barrier(2)

    def press(by: Agent) -> None:
        both_there.wait(10)
        try:
            with desk.database.transaction() as session:
                outcomes.append(approve(desk, session, replies.find(session, reply_id), by))
        except Conflict as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=press, args=(agent,)) for agent in (cast.ana, cast.sofia)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert outcomes.count(Outcome.APPROVED) == 1
    assert {"Already approved by Ana Horvat.", "Already approved by Sofia Lindgren."} & set(outcomes)


def test_many_are_approved_each_for_itself(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA), direct_message(KENJI), post(PAVEL, "Kde je moje zásilka? Čekám od pondělí."))
    choices = []
    with desk.database.transaction() as session:
        for number, case in enumerate(all_cases(session)):
            customer = session.get_one(Customer, case.customer_id)
            text = drafts.from_template(
                desk.library,
                "where_is_my_order",
                language=case.language,
                visibility=case.visibility,
                customer=customer,
            )
            text = f"{text} Y algo más." if number == 0 else text
            reply = draft(session, case.id or 0, cast.ana, text, template_id="where_is_my_order")
            choices.append((reply.id or 0, reply.revision))
    choices += [(choices[-1][0], 99), (4711, 1)]

    became = approvals.approve_many(
        desk.database, choices, by=cast.ana, library=desk.library, settings=desk.settings
    )

    assert [each.outcome for each in became] == [None, Outcome.APPROVED, Outcome.APPROVED, None, None]
    assert [bool(each.why) for each in became] == [True, False, False, True, True]
    with desk.database.reading() as session:
        states = [reply.state for reply in session.exec(select(Reply).order_by(Reply.id))]  # type: ignore[arg-type]
        assert states == [State.DRAFT, State.APPROVED, State.APPROVED]


def test_a_template_is_signed_nowhere_and_linked_where_the_account_wants_it(
    desk: Desk, cast: Cast, of_maria: int, make_settings: Callable[..., Settings]
) -> None:
    ours = {"handle": "NorthwindHelp", "credentials": "NORTHWIND"}
    linking = make_settings(accounts=[ours | {"dm_link": True}])
    with desk.database.transaction() as session:
        account = session.exec(select(Account)).one()
        account.recognised_as("1000")
        customer = session.exec(select(Customer)).one()
        assert drafts.dm_link(desk.settings, account) == ""
        link = drafts.dm_link(linking, account)
        assert link == "https://x.com/messages/compose?recipient_id=1000"
        told: dict[str, Any] = {"language": "es", "visibility": Visibility.PUBLIC, "customer": customer}
        plain = drafts.from_template(desk.library, "please_send_dm", **told)
        linked = drafts.from_template(desk.library, "please_send_dm", dm_link=link, **told)
    assert "^" not in plain
    assert linked == f"{plain} {link}"


def test_what_only_an_agent_knows_is_a_gap(desk: Desk, of_maria: int) -> None:
    with desk.database.reading() as session:
        customer = session.exec(select(Customer)).one()
    text = drafts.from_template(
        desk.library, "order_late", language="es", visibility=Visibility.PRIVATE, customer=customer
    )
    assert "⟦delivery date⟧" in text
    with pytest.raises(NotFound):
        drafts.from_template(
            desk.library, "order_early", language="es", visibility=Visibility.PUBLIC, customer=customer
        )


def test_nobody_is_called_a_gap(desk: Desk, of_maria: int) -> None:
    with desk.database.reading() as session:
        customer = session.exec(select(Customer)).one()
    customer.name = "⟦mia⟧"
    text = drafts.from_template(
        desk.library, "where_is_my_order", language="es", visibility=Visibility.PRIVATE, customer=customer
    )
    assert "Hola, mia:" in text


def rules(*several: dict[str, Any], **more: Any) -> Approvals:
    return Approvals(rules=tuple(ApprovalRule(**rule) for rule in several), **more)


@pytest.mark.parametrize(
    ("rule", "himself", "colleague", "supervisor"),
    [
        ({}, False, True, True),
        ({"needs": "supervisor"}, False, False, True),
        ({"role": "supervisor"}, True, True, True),
        ({"role": "agent"}, False, True, True),
        ({"channel": "private"}, True, True, True),
        ({"channel": "public"}, False, True, True),
        ({"languages": ["ja"]}, True, True, True),
        ({"languages": ["es", "ja"]}, False, True, True),
        ({"templates": ["thanks"]}, True, True, True),
        ({"unread": True}, False, True, False),
    ],
)
def test_a_rule_holds_when_everything_fits_that_it_names(
    cast: Cast, rule: dict[str, Any], himself: bool, colleague: bool, supervisor: bool
) -> None:
    """Free words of Ana's in public, in Spanish, which of the three only Ben reads."""
    approvals_ = rules(rule, readers={"es": frozenset({"ben"})})
    written = Written(cast.ana, Visibility.PUBLIC, "es", None)

    may = [policy.second_person(approvals_, written, by) is None for by in (cast.ana, cast.ben, cast.sofia)]
    assert may == [himself, colleague, supervisor]


@pytest.mark.parametrize(
    ("template", "words", "may"),
    [
        (None, "free", False),
        ("order_late", "free", True),
        ("where_is_my_order", "free", True),
        (None, "not_alone", False),
        ("order_late", "not_alone", False),
        ("where_is_my_order", "not_alone", True),
    ],
)
def test_a_templates_own_words_may_go_alone_where_its_catalog_says_so(
    desk: Desk, cast: Cast, template: str | None, words: str, may: bool
) -> None:
    entry = desk.library.find(template) if template else None
    written = Written(cast.ana, Visibility.PUBLIC, "es", entry)
    assert (policy.second_person(rules({"words": words}), written, cast.ana) is None) == may


def test_a_template_edited_by_a_word_is_no_template_any_more(desk: Desk, cast: Cast, of_maria: int) -> None:
    with desk.database.transaction() as session:
        case = cases.find(session, of_maria)
        customer = session.get_one(Customer, case.customer_id)
        text = drafts.from_template(
            desk.library, "thanks", language="es", visibility=Visibility.PUBLIC, customer=customer
        )
        for words, expected in ((text, "thanks"), (f"{text} Un saludo.", None)):
            reply = draft(session, of_maria, cast.ana, words, template_id="thanks")
            looked = scrutiny.look(session, case, reply, library=desk.library, settings=desk.settings)
            assert (looked.template.id if looked.template else None) == expected


def test_what_somebody_reads_on_the_peoples_page_decides_who_may_approve(
    desk: Desk, cast: Cast, of_maria: int
) -> None:
    strict = desk.settings.model_copy(update={"approvals": rules({"unread": True})})
    with desk.database.transaction() as session:
        skills.learn(session, session.get_one(Agent, cast.ben.id), {"es": "reads"})
        case = cases.find(session, of_maria)
        reply = draft(session, of_maria, cast.ana)
        written = scrutiny.look(session, case, reply, library=desk.library, settings=strict).written
    assert written.readers == frozenset({cast.ben.id or 0})
    assert policy.second_person(strict.approvals, written, cast.ben) is None
    assert policy.second_person(strict.approvals, written, cast.ana) is not None


@pytest.mark.parametrize(
    ("change", "verbatim"),
    [(lambda text: text, True), (lambda text: f"{text} ¡Saludos!", False), (lambda text: text[:-1], False)],
    ids=["as it is", "something added", "something left out"],
)
def test_an_approved_reply_knows_whether_its_words_are_its_templates(
    desk: Desk, cast: Cast, of_maria: int, change: Callable[[str], str], verbatim: bool
) -> None:
    """Also when it was changed before it was saved for the first time."""
    with desk.database.transaction() as session:
        customer = session.get_one(Customer, cases.find(session, of_maria).customer_id)
        words = drafts.from_template(
            desk.library, "order_late", language="es", visibility="private", customer=customer
        )
        assert "⟦delivery date⟧" in words
        text = change(words.replace("⟦delivery date⟧", "24 de septiembre"))
        reply = draft(
            session, of_maria, cast.ana, text, visibility=Visibility.PRIVATE, template_id="order_late"
        )
        approve(desk, session, reply, cast.ana)
        assert reply.verbatim is verbatim
        assert reply.revision == 1
