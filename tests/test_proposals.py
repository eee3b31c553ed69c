"""What the desk proposes to say, case by case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from socialdesk.cases import Case, Status
from socialdesk.gratitude import says_thanks
from socialdesk.languages import LANGUAGES
from socialdesk.messages import Direction, Message, Visibility
from socialdesk.replying import proposals
from socialdesk.settings import CHECKOUT
from socialdesk.templating.library import Library
from tests.stories import NOON

PUBLIC, PRIVATE = Visibility.PUBLIC, Visibility.PRIVATE
ASKED = "¿Dónde está mi paquete?"


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(CHECKOUT / "replies")


def said(*words: tuple[str, float] | str, language: str = "es") -> list[Message]:
    """The thread: the customer's words, ours where they begin with ^, with the hour of each."""
    told = [(each, float(hour)) if isinstance(each, str) else each for hour, each in enumerate(words)]
    return [
        Message(
            account_id=1,
            case_id=1,
            customer_id=1,
            x_id=str(9000 + number),
            visibility=PUBLIC,
            direction=Direction.OUTBOUND if text.startswith("^") else Direction.INBOUND,
            text=text.removeprefix("^"),
            sent_at=NOON + timedelta(hours=hour),
            taken_in_at=NOON + timedelta(hours=hour),
            language=language,
            confidence=1.0,
            language_source="detector",
        )
        for number, (text, hour) in enumerate(told)
    ]


def case(**more: object) -> Case:
    """Maria's, waiting since noon."""
    told: dict[str, object] = {
        "topic": "orders_and_delivery",
        "status": Status.WAITING,
        "waiting_since": NOON,
    }
    return Case(
        account_id=1,
        customer_id=1,
        visibility=PUBLIC,
        opened_at=NOON,
        last_message_at=NOON,
        customer_wrote_at=NOON,
        language="es",
        **(told | more),
    )


def proposed(
    library: Library,
    about: Case,
    thread: Sequence[Message],
    *,
    hours: float = 1,
    visibility: str = PUBLIC,
    language: str = "es",
    given: Sequence[str] = (),
    is_open: bool = True,
) -> str | None:
    found = proposals.propose(
        library,
        about,
        thread,
        language=language,
        visibility=visibility,
        now=NOON + timedelta(hours=hours),
        given=given,
        is_open=is_open,
    )
    return found.template.id if found else None


@pytest.mark.parametrize(
    ("topic", "template"),
    [
        ("orders_and_delivery", "where_is_my_order"),
        ("returns_and_refunds", "return_and_refund"),
        ("digital_and_devices", "streaming_and_devices"),
        ("membership", "membership"),
        ("payment", "payment_declined"),
        ("account", "account_locked"),
        ("suspicious_activity", "suspicious_message"),
        ("gift_cards", "gift_card"),
        ("other", "please_send_dm"),
        (None, "please_send_dm"),
    ],
)
def test_a_first_question_is_answered_by_its_topic(
    library: Library, topic: str | None, template: str
) -> None:
    assert proposed(library, case(topic=topic), said(ASKED)) == template


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("visibility", [PUBLIC, PRIVATE])
def test_there_is_a_proposal_for_a_first_question_in_every_language(
    library: Library, language: str, visibility: str
) -> None:
    for topic in ("orders_and_delivery", "payment", "other", None):
        assert proposed(library, case(topic=topic), said(ASKED), visibility=visibility, language=language)


@pytest.mark.parametrize(
    ("about", "thread", "hours", "stage"),
    [
        (case(), said(ASKED), 1, "first"),
        (case(), said(ASKED, "Y nadie contesta.", "¿Hola?"), 3, "waiting"),
        (case(), said((ASKED, 0.0), ("Es el azul.", 0.1)), 1, "first"),
        (case(), said(ASKED), 25, "waiting"),
        (case(), said(ASKED, "^Lo miramos.", "Sigue sin llegar."), 3, "follow_up"),
        (case(), said(ASKED, "^Lo miramos.", "Muchas gracias, ya llegó."), 3, "thanks"),
        (case(), said(ASKED, "^Lo miramos.", "Gracias, ¿y cuándo llega?"), 3, "follow_up"),
        (case(), said(ASKED, "^Lo miramos.", "Sigue sin llegar.", "Gracias."), 4, "waiting"),
        (case(), said("Gracias por todo."), 1, "first"),
        (case(status=Status.ANSWERED), said(ASKED, "^Lo miramos."), 3, "resolved"),
        (case(status=Status.RESOLVED), said(ASKED), 3, "resolved"),
        (case(exposed=True), said(ASKED), 1, "exposed"),
    ],
)
def test_where_a_case_stands(about: Case, thread: list[Message], hours: float, stage: str) -> None:
    now = NOON + timedelta(hours=hours)
    assert proposals.stage(about, thread, visibility=PUBLIC, now=now) == stage


@pytest.mark.parametrize(
    ("about", "thread", "more", "template"),
    [
        (case(exposed=True), said(ASKED), {}, "please_delete_post"),
        (case(exposed=True), said(ASKED), {"visibility": PRIVATE}, "where_is_my_order"),
        (case(), said(ASKED), {"hours": 30}, "order_late"),
        (case(topic="account"), said(ASKED), {"hours": 30}, "apology_and_follow_up"),
        (case(), said(ASKED, "^Sí.", "Sigue sin llegar."), {"hours": 3}, "please_send_dm"),
        (
            case(),
            said(ASKED, "^Sí.", "Sigue sin llegar."),
            {"hours": 3, "visibility": PRIVATE},
            "acknowledge",
        ),
        (case(), said(ASKED, "^Sí.", "¡Muchas gracias!"), {"hours": 3}, "thanks"),
        (case(status=Status.ANSWERED), said(ASKED, "^Sí."), {"hours": 9}, "resolved_question"),
        (case(), said(ASKED), {"is_open": False}, "out_of_hours"),
        (case(), said(ASKED), {"given": ["where_is_my_order"]}, "order_late"),
        (case(), said(ASKED), {"is_open": False, "given": ["out_of_hours"]}, "where_is_my_order"),
    ],
)
def test_what_is_proposed_fits_where_the_case_stands(
    library: Library, about: Case, thread: list[Message], more: dict[str, object], template: str
) -> None:
    assert proposed(library, about, thread, **more) == template  # type: ignore[arg-type]


def test_where_nothing_fits_nothing_is_proposed(library: Library) -> None:
    everything = [entry.id for entry in library.templates]
    assert proposed(library, case(), said(ASKED), given=everything) is None
    assert proposed(library, case(), said(ASKED), language="fi") is None
    assert proposed(library, case(exposed=True), said(ASKED), given=["please_delete_post"]) is None


def test_a_proposal_says_why(library: Library) -> None:
    found = proposals.propose(library, case(), said(ASKED), language="es", visibility=PUBLIC, now=NOON)
    assert found
    assert found.why == "The case is about: Orders and delivery. Nothing has been answered yet."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Grazie mille, gentilissimi!", True),
        ("Thank you so much for the quick help", True),
        ("Vielen Dank, alles angekommen.", True),
        ("Muchas gracias, ya llegó.", True),
        ("Muito obrigada pela ajuda", True),
        ("Merci beaucoup pour votre aide", True),
        ("ありがとうございます！届きました。", True),
        ("Çok teşekkür ederim", True),
        ("Dank je wel, top geregeld", True),
        ("Dziękuję bardzo za pomoc", True),
        ("Moc děkuji za pomoc", True),
        ("Tack så mycket för hjälpen", True),
        ("شكرا جزيلا لكم", True),
        ("Thanks for nothing", False),
        ("Thanks, but it is still not here", False),
        ("Danke im Voraus", False),
        ("Gracias, ¿y cuándo llega?", False),
        ("ありがとうございます。でもまだ届きません。", False),
        ("Ya llegó", False),
        (f"Gracias. {'Y otra cosa más que contar. ' * 10}", False),
    ],
)
def test_thanks_are_heard_in_every_language_and_what_is_more_than_thanks(text: str, says: bool) -> None:
    assert says_thanks(text) == says
