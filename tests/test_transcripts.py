"""The transcript of a case: what stands in it, whom it goes to, and that it goes once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import SMTP
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from socialdesk import audit, cases, clock, history, mail, messages, replies, transcripts
from socialdesk.cases import Case
from socialdesk.casework import notes, optouts
from socialdesk.customers import Customer, Profile, learn
from socialdesk.desk import Desk, assemble
from socialdesk.errors import AlreadyDone, BadInput, StaleDraft
from socialdesk.fitting.portions import portions
from socialdesk.languages import LANGUAGES
from socialdesk.mail import Mail
from socialdesk.mail.writing import checked_subject, compose
from socialdesk.messages import Gone, Message, Visibility
from socialdesk.privacy import erasing
from socialdesk.replies import Reply, State
from socialdesk.replying import drafts, outbox
from socialdesk.settings import Settings
from socialdesk.transcripts import Told, Transcript
from tests.conftest import Cast
from tests.stories import MARIA, NOON, arrive, direct_message, post

KEY = "a-key-of-the-form"
OTHER = "another-key-of-the-form"
HELP = "Mi cuenta está bloqueada y no puedo entrar desde ayer."
ADDRESS = "maria@kunde.example"


@pytest.fixture
def mailing(database: object, make_settings: Callable[..., Settings]) -> Iterator[Desk]:
    told = {"host": "127.0.0.1", "port": 2525, "sender": "help@northwind.example", "security": "none"}
    desk = assemble(make_settings(mail=told, console={"time_zone": "Europe/Rome"}))
    with desk.database.transaction() as session:
        learn(session, [Profile(MARIA, "maria", "María")])
    yield desk
    desk.database.close()


def the_case(desk: Desk) -> int:
    with desk.database.reading() as session:
        return session.exec(select(Case.id).order_by(col(Case.id))).all()[0] or 0


def told_of(desk: Desk) -> Told:
    with desk.database.reading() as session:
        case = cases.find(session, the_case(desk))
        return transcripts.tell(session, case, library=desk.library, settings=desk.settings)


def by_message(desk: Desk, cast: Cast, key: str = KEY) -> None:
    with desk.database.transaction() as session:
        case = cases.hold(session, the_case(desk))
        told = transcripts.tell(session, case, library=desk.library, settings=desk.settings)
        transcripts.send_by_message(
            session, case, told, settings=desk.settings, library=desk.library, key=key, by=cast.ana
        )


def by_mail(desk: Desk, cast: Cast, to: str = ADDRESS, *, sure: bool = False, key: str = KEY) -> None:
    with desk.database.transaction() as session:
        case = cases.hold(session, the_case(desk))
        told = transcripts.tell(session, case, library=desk.library, settings=desk.settings)
        transcripts.send_by_mail(session, case, told, html="<p>…</p>", to=to, key=key, sure=sure, by=cast.ana)


def answer(desk: Desk, cast: Cast, text: str, x_id: str, *, visibility: Visibility) -> None:
    with desk.database.transaction() as session:
        case = cases.hold(session, the_case(desk))
        reply = drafts.write(session, case, text=text, by=cast.ana, visibility=visibility)
        replies.approve(session, reply, by=cast.ben, sign_off="^{initials}")
    with desk.database.transaction() as session:
        outgoing = outbox.claim(session, 1)
    assert outgoing
    with desk.database.transaction() as session:
        outbox.sent(session, outgoing, x_id=x_id, at=NOON.replace(hour=13))


def sent_replies(desk: Desk) -> list[Reply]:
    with desk.database.reading() as session:
        return list(session.exec(select(Reply).where(Reply.template_id == transcripts.INTRO)))


def test_it_says_who_wrote_what_when_and_in_which_zone(mailing: Desk, cast: Cast) -> None:
    arrive(mailing, direct_message(MARIA, HELP))
    answer(mailing, cast, "Lo miramos ahora.", "1990000000000000000", visibility=Visibility.PRIVATE)
    told = told_of(mailing)

    assert told.language == "es"
    assert "viernes, 20 de noviembre de 2026" in told.plain
    assert "hora de Europa central" in told.zone
    assert [line.time for line in told.lines] == ["13:00", "14:00"]
    assert HELP in told.plain and "Lo miramos ahora." in told.plain
    assert "(AH)" in told.lines[1].who
    for name in ("Ana", "Horvat", "Ben", "Okoro"):
        assert name not in told.plain


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_can_be_told_in_every_language(mailing: Desk, language: str) -> None:
    arrive(mailing, direct_message(MARIA, HELP))
    with mailing.database.transaction() as session:
        cases.hold(session, the_case(mailing)).language = language
    told = told_of(mailing)
    assert told.language == language
    assert told.direction == ("rtl" if language == "ar" else "ltr")
    assert ZoneInfo(mailing.settings.console.time_zone).key not in told.plain


def test_in_arabic_the_handle_keeps_its_sign_before_it_down_to_the_bytes(mailing: Desk) -> None:
    arrive(mailing, direct_message(MARIA, f"{HELP} {ADDRESS}"))
    with mailing.database.transaction() as session:
        cases.hold(session, the_case(mailing)).language = "ar"
    told = told_of(mailing)
    assert "\u2068@NorthwindHelp\u2069" in told.subject
    assert "\u2068@NorthwindHelp\u2069".encode() in told.plain.encode()
    message = compose(
        Mail(
            key="transcript 1",
            recipient=ADDRESS,
            subject=checked_subject(told.subject),
            text=told.plain,
            language="ar",
            message_token="1",
            made_at=clock.now(),
            due_at=clock.now(),
        ),
        "help@northwind.example",
        eight_bit=True,
    )
    assert b"\xe2\x81\xa8@NorthwindHelp\xe2\x81\xa9" in message.as_bytes()
    read = message_from_bytes(message.as_bytes(), policy=SMTP)
    assert read["Subject"] == told.subject


def test_a_language_that_the_desk_does_not_speak_gets_english(mailing: Desk) -> None:
    arrive(mailing, direct_message(MARIA, HELP))
    with mailing.database.transaction() as session:
        cases.hold(session, the_case(mailing)).language = "und"
    assert told_of(mailing).language == "en"


def test_what_stood_in_public_is_masked_and_what_was_private_is_not(mailing: Desk) -> None:
    arrive(
        mailing,
        post(MARIA, "¿Dónde está mi pedido? Escríbanme a rosa.publica@correo.example por favor"),
        direct_message(MARIA, "Mi correo es maria.privada@correo.example, gracias", minutes=5),
    )
    plain = told_of(mailing).plain
    assert "rosa.publica@correo.example" not in plain
    assert "maria.privada@correo.example" in plain


def test_what_was_deleted_is_left_out_and_said_so(mailing: Desk) -> None:
    arrive(mailing, direct_message(MARIA, HELP), direct_message(MARIA, "Otra cosa secreta", minutes=2))
    with mailing.database.transaction() as session:
        said = session.exec(select(Message).where(Message.text == "Otra cosa secreta")).one()
        said.gone, said.text = Gone.DELETED, ""
    told = told_of(mailing)
    assert told.lines[1].text is None
    assert "This message was deleted." in told.plain or told.plain.count("\n") > 5


def test_what_colleagues_noted_is_not_in_it(mailing: Desk, cast: Cast) -> None:
    arrive(mailing, direct_message(MARIA, HELP))
    with mailing.database.transaction() as session:
        notes.write(session, cases.hold(session, the_case(mailing)), text="Cliente difícil", by=cast.ana)
    assert "difícil" not in told_of(mailing).plain


def test_it_leaves_as_a_direct_message(mailing: Desk, cast: Cast) -> None:
    arrive(mailing, direct_message(MARIA, HELP))
    by_message(mailing, cast)
    (reply,) = sent_replies(mailing)
    assert (reply.state, reply.visibility) == (State.APPROVED, Visibility.PRIVATE)
    assert HELP in reply.text


def test_a_long_one_leaves_in_numbered_parts_that_x_takes(mailing: Desk, cast: Cast) -> None:
    arrive(mailing, *(direct_message(MARIA, f"{n} {'palabra ' * 250}", minutes=n) for n in range(8)))
    by_message(mailing, cast)
    sent = sent_replies(mailing)
    assert [each.text.partition("\n")[0] for each in sent] == ["(1/2)", "(2/2)"]
    assert all(len(each.text) <= 10_000 for each in sent)


def test_the_same_form_sent_twice_sends_once(mailing: Desk, cast: Cast) -> None:
    arrive(mailing, direct_message(MARIA, f"{HELP} {ADDRESS}"))
    by_message(mailing, cast)
    by_message(mailing, cast)
    by_mail(mailing, cast, key=OTHER)
    by_mail(mailing, cast, key=OTHER)
    with mailing.database.reading() as session:
        assert len(session.exec(select(Mail)).all()) == 1
        assert len(session.exec(select(Transcript)).all()) == 2
    assert len(sent_replies(mailing)) == 1


def test_nor_do_the_same_words_go_to_the_same_message_again(mailing: Desk, cast: Cast) -> None:
    arrive(mailing, direct_message(MARIA, HELP))
    by_message(mailing, cast)
    with pytest.raises((AlreadyDone, BadInput)):
        by_message(mailing, cast, key=OTHER)
    assert len(sent_replies(mailing)) == 1


def test_whoever_wrote_only_in_public_gets_no_direct_message(mailing: Desk, cast: Cast) -> None:
    arrive(mailing, post(MARIA))
    with pytest.raises(BadInput, match="never written us a direct message"):
        by_message(mailing, cast)


def test_nor_does_whoever_wants_to_hear_nothing_more(mailing: Desk, cast: Cast) -> None:
    arrive(mailing, direct_message(MARIA, HELP))
    with mailing.database.transaction() as session:
        optouts.opt_out(session, session.exec(select(Customer)).one())
    with pytest.raises(BadInput):
        by_message(mailing, cast)


def test_an_address_from_a_direct_message_is_written_to(mailing: Desk, cast: Cast) -> None:
    arrive(mailing, direct_message(MARIA, f"Mándenmelo a {ADDRESS.upper()}, por favor"))
    by_mail(mailing, cast)
    with mailing.database.reading() as session:
        (sent,) = session.exec(select(Mail)).all()
    assert (sent.recipient, sent.language, sent.customer_id is not None) == (ADDRESS, "es", True)


def test_an_address_from_a_public_post_only_once_somebody_made_sure(mailing: Desk, cast: Cast) -> None:
    arrive(mailing, post(MARIA, f"¿Dónde está mi pedido? {ADDRESS}"))
    with pytest.raises(BadInput, match="make sure"):
        by_mail(mailing, cast)
    by_mail(mailing, cast, sure=True)
    with mailing.database.reading() as session:
        assert len(session.exec(select(Mail)).all()) == 1


def test_what_went_on_since_is_seen_first(mailing: Desk) -> None:
    arrive(mailing, direct_message(MARIA, HELP))
    seen = told_of(mailing).digest
    transcripts.refuse_changed(told_of(mailing), seen)
    arrive(mailing, direct_message(MARIA, "¿Hola?", minutes=3))
    with pytest.raises(StaleDraft):
        transcripts.refuse_changed(told_of(mailing), seen)


def test_who_sent_it_is_told_and_the_address_is_not(mailing: Desk, cast: Cast) -> None:
    arrive(mailing, direct_message(MARIA, f"{HELP} {ADDRESS}"))
    by_mail(mailing, cast)
    with mailing.database.reading() as session:
        (event,) = (
            each for each in history.of_case(session, the_case(mailing)) if each.kind == "transcript_sent"
        )
        entry = session.exec(select(audit.AuditEntry).where(audit.AuditEntry.kind == "transcript_sent")).one()
    assert (event.agent_id, event.details) == (cast.ana.id, {"way": "mail"})
    assert ADDRESS not in entry.told + (entry.subject or "")


def test_an_erased_persons_transcript_does_not_leave(mailing: Desk, cast: Cast) -> None:
    arrive(mailing, direct_message(MARIA, f"{HELP} {ADDRESS}"))
    by_mail(mailing, cast)
    with mailing.database.transaction() as session:
        erasing.erase(session, session.exec(select(Customer)).one().id or 0, by=cast.sofia)
    with mailing.database.reading() as session:
        assert session.exec(select(Mail)).all() == []
        assert mail.standing(session).waiting == 0


def test_a_colleagues_draft_stays_as_it_is(mailing: Desk, cast: Cast) -> None:
    arrive(mailing, direct_message(MARIA, HELP))
    with mailing.database.transaction() as session:
        case = cases.hold(session, the_case(mailing))
        drafts.write(session, case, text="Un borrador", by=cast.ben)
    by_message(mailing, cast)
    with mailing.database.reading() as session:
        draft = drafts.of_case(session, cases.find(session, the_case(mailing)))
        assert draft is not None and draft.text == "Un borrador"
        assert messages.of_case(session, the_case(mailing))


def test_portions_keep_paragraphs_whole_and_lose_nothing() -> None:
    blocks = ["a" * 30, "b " * 40, "c" * 10, "d" * 95]
    found = portions(blocks, 40)
    assert all(len(each) <= 40 for each in found)
    assert "".join("".join(found).split()) == "".join("".join(blocks).split())
    assert portions(["one", "two"], 40) == ["one\n\ntwo"]
