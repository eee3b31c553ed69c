"""What customers should not have written in public: hidden at once, and first in the queue."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select, text

from socialdesk import clock, exposure, intake, replies, search
from socialdesk.cases import Case, Status
from socialdesk.casework import corrections
from socialdesk.desk import Desk
from socialdesk.messages import Message
from socialdesk.replying import drafts, outbox
from socialdesk.settings import Sending
from socialdesk.worklists import queues, urgency
from socialdesk.worklists.queues import Place
from tests.conftest import Cast
from tests.stories import KENJI, MARIA, NOON, US, all_cases, arrive, direct_message, post

PHONE = "612 34 56 78"
CALL_ME = f"@NorthwindHelp mi móvil es {PHONE}, llamadme por el paquete"


def first(desk: Desk) -> Case:
    with desk.database.reading() as session:
        return all_cases(session)[0]


def said(session: Session) -> Message:
    return session.exec(select(Message).order_by(col(Message.id))).first()  # type: ignore[return-value]


def waiting(desk: Desk) -> list[str]:
    """Who waits, read in pages of two."""
    people: list[str] = []
    place: Place | None = None
    with desk.database.reading() as session:
        while True:
            page = queues.page(session, Status.WAITING, after=place, size=2)
            people += [customer.x_id for _, customer in page.rows]
            place = page.next
            if place is None:
                return people


def test_an_address_in_public_is_hidden_like_a_number_and_in_private_is_not(desk: Desk) -> None:
    arrive(desk, post(MARIA, "@NorthwindHelp vivo en la Calle Mayor 12, 28013 Madrid, ¿y mi paquete?"))
    arrive(desk, direct_message(KENJI, "住所は新宿区西新宿2-8-1です"))
    with desk.database.reading() as session:
        public, private = session.exec(select(Message).order_by(col(Message.id))).all()
        assert exposure.shown(public) == "@NorthwindHelp vivo en la •••• id, ¿y mi paquete?"
        assert exposure.names(public.personal) == ["Postal address"]
        assert private.personal is None
        assert "西新宿2-8-1" in exposure.shown(private)
        assert [case.exposed for case in all_cases(session)] == [True, False]


def test_a_number_in_public_is_flagged_and_masked_in_lists(desk: Desk) -> None:
    arrive(desk, post(MARIA, CALL_ME))
    case = first(desk)
    assert case.exposed
    assert case.excerpt == "@NorthwindHelp mi móvil es •••• 78, llamadme por el paquete"
    with desk.database.reading() as session:
        message = said(session)
        assert message.personal == "phone"
        assert PHONE in message.text
        assert PHONE not in exposure.shown(message)


def test_each_kind_is_named_once(desk: Desk) -> None:
    arrive(desk, post(MARIA, "Pedido 171-1234567-1234567, sí, 171-1234567-1234567: maria@correo.example"))
    with desk.database.reading() as session:
        message = said(session)
    assert message.personal == "order_number,email"
    assert exposure.names(message.personal) == ["Order number", "E-mail address"]


def test_a_number_at_the_excerpts_end_is_masked_whole(desk: Desk) -> None:
    arrive(desk, post(MARIA, f"{'paquete ' * 16}{CALL_ME}"))
    assert "61" not in first(desk).excerpt


def test_what_is_private_or_ours_is_not_masked(desk: Desk) -> None:
    arrive(desk, direct_message(KENJI, "電話番号は 090-1234-5678 です"))
    arrive(desk, post(MARIA, conversation="9"))
    arrive(desk, post(US, "Llámanos: 612 34 56 78", to=MARIA, minutes=3, conversation="9"))
    with desk.database.reading() as session:
        assert [each.personal for each in session.exec(select(Message))] == [None, None, None]
        assert "090-1234-5678" in all_cases(session)[0].excerpt
        assert not any(case.exposed for case in all_cases(session))


def test_an_answer_ends_it(desk: Desk) -> None:
    arrive(desk, post(MARIA, CALL_ME, conversation="9"))
    arrive(desk, post(MARIA, "¿Hola?", minutes=5, conversation="9"))
    assert first(desk).exposed
    arrive(desk, post(US, "Bórralo, por favor.", to=MARIA, minutes=8, conversation="9"))
    assert (first(desk).status, first(desk).exposed) == (Status.ANSWERED, False)


@pytest.mark.parametrize(("before", "after"), [("¿Y mi paquete?", CALL_ME), (CALL_ME, "¿Y mi paquete?")])
def test_what_came_in_after_our_answer_was_written_decides(
    desk: Desk, cast: Cast, before: str, after: str
) -> None:
    arrive(desk, post(MARIA, before, conversation="9"))
    with desk.database.transaction() as session:
        reply = drafts.write(session, all_cases(session)[0], text="Lo miramos.", by=cast.ana)
        replies.approve(session, reply, by=cast.ana)
    arrive(desk, post(MARIA, after, minutes=1, conversation="9"))
    with desk.database.transaction() as session:
        outgoing = outbox.claim(session, 1, Sending(recheck=False))
        assert outgoing
        outbox.sent(session, outgoing, x_id="1999000000000000001", at=NOON + timedelta(minutes=2))
    assert (first(desk).status, first(desk).exposed) == (Status.WAITING, after == CALL_ME)


def test_words_that_come_late_leave_the_case_as_if_they_had_come_in_time(desk: Desk) -> None:
    arrive(desk, post(MARIA, CALL_ME, minutes=5, conversation="9"))
    arrive(desk, post(MARIA, "Quiero el reembolso", conversation="9"))
    late = first(desk)
    assert (late.exposed, late.topic) == (True, "returns_and_refunds")
    assert late.excerpt.endswith("•••• 78, llamadme por el paquete")


def test_resolving_ends_it(desk: Desk, cast: Cast) -> None:
    arrive(desk, post(MARIA, CALL_ME))
    with desk.database.transaction() as session:
        all_cases(session)[0].resolve(by=cast.ana)
    assert not first(desk).exposed


def test_exposed_cases_come_first_on_every_page(desk: Desk) -> None:
    exposed = {"5003", "5006", "5007"}
    for number in range(9):
        x_id = str(5000 + number)
        words = [CALL_ME] if x_id in exposed else []
        arrive(desk, post(x_id, *words, minutes=number))
    assert waiting(desk) == ["5003", "5006", "5007", "5000", "5001", "5002", "5004", "5005", "5008"]
    with desk.database.reading() as session:
        found = {customer.x_id: case for case, customer in queues.page(session, Status.WAITING).rows}
        assert queues.next_free(session, found["5003"], Status.WAITING) == found["5006"]
        assert queues.next_free(session, found["5007"], Status.WAITING) == found["5000"]
        assert queues.next_free(session, found["5008"], Status.WAITING) == found["5003"]


def test_search_finds_the_number_and_shows_it_masked(desk: Desk) -> None:
    arrive(desk, post(MARIA, CALL_ME), direct_message(KENJI, f"Llame a {PHONE}"))
    with desk.database.reading() as session:
        hits = search.find(session, PHONE).hits
    told = {hit.case.x_id: "".join(piece.text for piece in hit.excerpt) for hit in hits}
    assert told == {MARIA: CALL_ME.replace(PHONE, "•••• 78"), KENJI: f"Llame a {PHONE}"}


@pytest.mark.parametrize("language", ["ja", "pt", "other", "und"])
def test_a_corrected_language_uncovers_nothing(desk: Desk, cast: Cast, language: str) -> None:
    """Some numbers are told by the language they stand in."""
    arrive(desk, post(MARIA, CALL_ME))
    with desk.database.transaction() as session:
        corrections.correct_language(session, all_cases(session)[0], said(session), language, by=cast.ana)
    with desk.database.reading() as session:
        assert "•••• 78" in exposure.shown(said(session))


def test_intake_asks_the_database_nothing_more_for_it(desk: Desk) -> None:
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    arrive(desk, *(post(str(7100 + number)) for number in range(30)))
    plain = len(asked)
    asked.clear()
    arrive(desk, *(post(str(7200 + number), CALL_ME) for number in range(30)))
    assert len(asked) <= plain


def test_each_part_of_the_queue_is_read_along_its_index(desk: Desk) -> None:
    arrive(
        desk,
        *(post(str(6000 + number), CALL_ME if number == 7 else "¿Y mi paquete?") for number in range(20)),
    )
    _many_rows(desk)
    plans: list[str] = []
    with desk.database.reading() as session:
        if not desk.database.is_sqlite:  # so few rows it would rather sort
            session.connection().execute(text("SET LOCAL enable_sort = off"))
            session.connection().execute(text("SET LOCAL enable_bitmapscan = off"))
        for exposed in (True, False):
            plans.append(_plan(session, exposed, None))
        plans.append(_plan(session, False, "payment"))
    assert re.search("ix_cases_(due_)?exposed", plans[0]), plans[0]
    assert re.search("ix_cases_(queue|due)", plans[1]), plans[1]
    assert re.search("ix_cases_(queue|due)_topic", plans[2]), plans[2]
    assert not any("SORT" in plan.upper() or "TEMP B-TREE" in plan for plan in plans), plans


def _many_rows(desk: Desk) -> None:
    """Enough for a planner to prefer an index."""
    columns = (
        "account_id, customer_id, status, language, topic, exposed, topic_by_agent, visibility, opened_at,"
        " waiting_since, last_message_at, customer_wrote_at, excerpt, language_sure"
    )
    with desk.database.transaction() as session:
        connection = session.connection()
        for _ in range(8):
            connection.execute(
                text(f"INSERT INTO cases ({columns}) SELECT {columns} FROM cases WHERE NOT exposed")
            )
        connection.execute(text("UPDATE cases SET topic = 'payment' WHERE id % 50 = 3"))
        connection.execute(text("UPDATE cases SET exposed = (1 = 1) WHERE id % 40 = 5"))
        connection.execute(text("ANALYZE"))


def _plan(session: Session, exposed: bool, topic: str | None) -> str:
    place = urgency.Place(exposed, None, clock.now() - timedelta(days=900), 1)
    narrowed = [col(Case.topic) == topic] if topic else []
    query = urgency._part(place.part, narrowed, place).limit(51)
    connection = session.connection()
    told = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {told}"))


def test_the_finding_is_done_before_the_transaction(desk: Desk) -> None:
    read = intake.read(desk.database, 1, [post(MARIA, CALL_ME)])
    assert [each.kind for each in read[0].personal] == ["phone"]
    assert read[0].topic.topic == "orders_and_delivery"
