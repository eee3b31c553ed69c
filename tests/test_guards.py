"""What may not go out, or not without a second look; each with its reason."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from socialdesk import fitting, guards, prices
from socialdesk.guards import Circumstances, Kind, Remedy, Severity
from socialdesk.languages import LANGUAGES, OTHER, UNDETERMINED
from socialdesk.messages import Direction, Gone, Message, Unrepliable, Visibility
from socialdesk.people.agents import Agent, Role
from socialdesk.settings import CHECKOUT
from socialdesk.templating.library import Library

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PUBLIC, PRIVATE = Visibility.PUBLIC, Visibility.PRIVATE
SORRY = "Lo sentimos mucho, lo estamos mirando ahora mismo."


def post(x_id: str = "9001", **more: object) -> Message:
    """What Maria wrote in public."""
    return Message(
        account_id=1,
        case_id=1,
        customer_id=1,
        x_id=x_id,
        visibility=PUBLIC,
        direction=Direction.INBOUND,
        text="¿Dónde está mi paquete?",
        sent_at=NOON,
        taken_in_at=NOON,
        language="es",
        confidence=1.0,
        language_source="detector",
        **more,  # type: ignore[arg-type]
    )


def around(answered: Message | None = None, **more: object) -> Circumstances:
    plain = {"language": "es", "participants": {"maria", "northwindhelp"}}
    return Circumstances(answered or post(), **(plain | more))  # type: ignore[arg-type]


def kinds(text: str, visibility: str = PUBLIC, **more: object) -> list[Kind]:
    return [each.kind for each in guards.judge(text, visibility, around(**more))]  # type: ignore[arg-type]


def agent(role: Role) -> Agent:
    return Agent(username="x", name="X", role=role, password_hash="", hired_at=NOON)


def test_nothing_stands_against_an_ordinary_answer() -> None:
    assert kinds(SORRY) == kinds(SORRY, PRIVATE) == []


@pytest.mark.parametrize(
    ("text", "visibility", "kind"),
    [
        ("", PUBLIC, Kind.EMPTY),
        (" \n ", PRIVATE, Kind.EMPTY),
        (f"{SORRY} " * 40, PUBLIC, Kind.TOO_LONG),
        ("b" * 10_001, PRIVATE, Kind.TOO_LONG),
        ("Hola {{ customer_name }}", PUBLIC, Kind.UNFILLED),
        ("Llega el ⟦delivery date⟧.", PRIVATE, Kind.UNFILLED),
        ("Llega el ⟦delivery da", PRIVATE, Kind.UNFILLED),
        ("Hola [name]", PRIVATE, Kind.UNFILLED),
        ("Hola {customer_name}", PUBLIC, Kind.UNFILLED),
        ("Hola {{customer_name}", PUBLIC, Kind.UNFILLED),
        ("Hola {customer name}", PUBLIC, Kind.UNFILLED),
        ("Hola [customer_name]", PRIVATE, Kind.UNFILLED),
        (f"Hola <customer_name>: {SORRY}", PRIVATE, Kind.UNFILLED),
        (f"{SORRY} %(customer_name)s", PRIVATE, Kind.UNFILLED),
        ("Su pedido ${order_number}", PRIVATE, Kind.UNFILLED),
        ("Llega el [our_own_variable]", PRIVATE, Kind.UNFILLED),
        ("Ni $ACME ni $NWND.B nos pertenecen.", PUBLIC, Kind.CASHTAGS),
        ("Escriba a $acme, $acme o acme.", PUBLIC, Kind.CASHTAGS),
    ],
)
def test_words_that_can_never_go_are_refused(text: str, visibility: str, kind: Kind) -> None:
    (found,) = guards.judge(text, visibility, around())
    assert (found.kind, found.severity) == (kind, Severity.BLOCKS)
    assert guards.objections(text, visibility) == [found.words]


@pytest.mark.parametrize(
    "text",
    [
        "Lo sentimos [de verdad] (y mucho).",
        "Pulse [Mis pedidos] y después <Ayuda>.",
        "Está en {la caja azul} :-} y 5 < 7 > 3.",
        "Tiene un 10 % (hasta el lunes) y un 5 % después.",
        "[1] Abra la cuenta. [2] Elija el pedido.",
    ],
)
def test_ordinary_brackets_are_no_gaps(text: str) -> None:
    assert Kind.UNFILLED not in kinds(text, PRIVATE)


def test_a_long_public_reply_may_be_several_posts_but_not_any_number() -> None:
    long = f"{SORRY} " * 8
    assert 1 < len(fitting.fit(long).parts) <= guards.MOST_PARTS
    assert kinds(long) == []
    assert kinds(long, most_parts=1) == [Kind.TOO_LONG]


def test_the_sign_off_counts_towards_the_posts() -> None:
    exactly = "b" * 276
    assert kinds(exactly, most_parts=1, sign_off="^AH") == []
    assert kinds(f"{exactly}b", most_parts=1, sign_off="^AH") == [Kind.TOO_LONG]


def test_a_customer_may_be_called_what_he_likes() -> None:
    name = "{{ mia }}"
    assert kinds(f"Hola, {name}: {SORRY}", customer_name=name) == []
    assert kinds(f"Hola, {name}: {SORRY}") == [Kind.UNFILLED]


@pytest.mark.parametrize(
    ("why", "severity"),
    [(Unrepliable.NOT_MENTIONED, Severity.BLOCKS), (Unrepliable.CARRIED_OVER, Severity.CONFIRM)],
)
def test_what_x_would_refuse_is_not_sent_there(why: Unrepliable, severity: Severity) -> None:
    (alone,) = guards.judge(SORRY, PUBLIC, around(post(not_repliable=why)))
    (beside,) = guards.judge(SORRY, PUBLIC, around(post(not_repliable=why), instead=post("9002")))

    assert (alone.kind, alone.severity, alone.remedy) == (Kind.NOT_REPLIABLE, severity, Remedy.DM)
    assert beside.remedy == Remedy.ANSWER_ANOTHER
    assert "20 November, 12:00" in beside.words
    assert kinds(SORRY, PRIVATE, answered=post(not_repliable=why)) == []


@pytest.mark.parametrize("why", list(Gone))
def test_a_post_that_is_gone_is_answered_in_private_only(why: Gone) -> None:
    assert kinds(SORRY, answered=post(gone=why)) == [Kind.GONE]
    assert kinds(SORRY, PRIVATE, answered=post(gone=why)) == []


def test_a_post_edited_since_is_read_again_first() -> None:
    (found,) = guards.judge(SORRY, PUBLIC, around(seen_x_id="9000"))

    assert (found.kind, found.remedy) == (Kind.EDITED, Remedy.READ_AGAIN)
    assert found.yields_to(agent(Role.AGENT))
    assert kinds(SORRY, seen_x_id="9001") == []


@pytest.mark.parametrize(
    "data",
    [
        "302-1234567-1234567",
        "302 1234567 1234567",
        "maria.lopez@example.com",
        "+34 612 345 678",
        "4111 1111 1111 1111",
        "Calle Mayor 12, 28013 Madrid",
        "10 Downing Street, London SW1A 2AA",
    ],
)
def test_personal_data_stays_out_of_public_replies(data: str) -> None:
    text = f"Lo sentimos, hemos mirado esto: {data}."

    (found,) = guards.judge(text, PUBLIC, around())
    assert (found.kind, found.severity) == (Kind.PERSONAL_DATA, Severity.SUPERVISOR)
    assert data not in found.words
    assert kinds(text, PRIVATE) == []


def test_only_a_supervisor_sets_aside_what_only_a_supervisor_may() -> None:
    (found,) = guards.judge("Lo vemos con @otra_persona ahora mismo.", PUBLIC, around())

    assert (found.kind, found.severity) == (Kind.MENTION, Severity.SUPERVISOR)
    assert "@otra_persona" in found.words
    assert found.yields_to(agent(Role.SUPERVISOR))
    assert not found.yields_to(agent(Role.AGENT))


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("@maria lo miramos", ["maria"]),
        ("mira a ＠maria", ["maria"]),
        ("a @uno, @dos y @uno", ["uno", "dos"]),
        ("escribe a ayuda@example.com", []),
        ("Hola, @\u2060maria", []),
        ("@demasiado_largo_para_ser_un_nombre", []),
        ("お客様@maria様", ["maria"]),
    ],
)
def test_mentions_are_read_as_x_reads_them(text: str, calls: list[str]) -> None:
    assert guards.mentions(text) == calls


def test_who_takes_part_may_be_called() -> None:
    assert kinds("@Maria lo miramos con @NorthwindHelp ahora mismo.") == []


@pytest.mark.parametrize(
    "text",
    [
        "Somos $ACME.",
        "Cuesta $5 o US$6, no $ 7.",
        "Son $ACMENORTH y ($ACME), no a$ACME.",
        "Somos $\u2060ACME y $ACME.",
        f"Somos $ACME. {SORRY * 6} Y también $NWND.",
    ],
)
def test_one_cashtag_in_a_post_is_none_too_many(text: str) -> None:
    assert Kind.CASHTAGS not in kinds(text)


def test_in_private_x_counts_no_cashtags() -> None:
    assert kinds("Ni $ACME ni $NWND nos pertenecen.", PRIVATE) == []


def test_a_link_in_public_is_asked_about_with_its_price() -> None:
    text = "Aquí está todo explicado: https://example.com/ayuda"

    (found,) = guards.judge(text, PUBLIC, around())
    assert (found.kind, found.severity) == (Kind.LINK, Severity.CONFIRM)
    assert "$0.20 for" in found.words
    assert "$0.01 for" in found.words
    assert kinds(text, PRIVATE) == []


def test_the_link_that_a_template_carries_on_purpose_is_not_asked_about() -> None:
    own = "https://x.com/messages/compose?recipient_id=1000"
    assert kinds(f"Escríbenos un mensaje directo: {own}", own_link=own) == []
    assert kinds(f"Escríbenos: {own} o example.com", own_link=own) == [Kind.LINK]


def test_the_same_words_go_to_the_same_post_once() -> None:
    assert kinds(SORRY, repeated=True) == [Kind.REPETITION]


def test_who_has_opted_out_hears_from_people_only_and_then_by_a_supervisor() -> None:
    (by_people,) = guards.judge(SORRY, PRIVATE, around(opted_out_at=NOON))
    (automated,) = guards.judge(SORRY, PRIVATE, around(opted_out_at=NOON, automated=True))

    assert (by_people.kind, by_people.severity) == (Kind.OPTED_OUT, Severity.SUPERVISOR)
    assert automated.severity == Severity.BLOCKS


def test_an_answer_in_another_language_is_asked_about() -> None:
    (found,) = guards.judge("We are very sorry and are looking into this right now.", PUBLIC, around())

    assert (found.kind, found.severity) == (Kind.LANGUAGE, Severity.CONFIRM)
    assert "Spanish" in found.words
    assert "English" in found.words
    assert kinds("We are very sorry.", language=UNDETERMINED) == []
    assert kinds("We are very sorry and are looking into it.", language=OTHER) == []


@pytest.mark.parametrize("text", ["OK", "Gracias, María", "👍", "Hello", "12:30"])
def test_too_few_words_tell_no_language(text: str) -> None:
    assert kinds(text, language="de") == []


def test_a_known_language_needs_no_detecting() -> None:
    assert kinds(SORRY, written_in="it") == [Kind.LANGUAGE]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_library_is_taken_for_its_own_language(language: str) -> None:
    """Detected, as an edited text would be: no false alarm, and the right one beside another language."""
    library = Library.load(CHECKOUT / "replies")
    values = {name: variable.example for name, variable in library.catalog.variables.items()}
    other = "de" if language != "de" else "fr"
    for visibility in (PRIVATE, PUBLIC):
        for entry in library.offers(language, visibility):
            text = library.render(entry.id, language, visibility, values)
            told = kinds(text, visibility, language=language)
            assert set(told) <= {Kind.LINK}, (entry.id, visibility, told)
            assert Kind.LANGUAGE in kinds(text, visibility, language=other), (entry.id, visibility)


@pytest.mark.parametrize(
    ("text", "visibility", "price"),
    [
        (SORRY, PUBLIC, "0.010"),
        (f"{SORRY} example.com", PUBLIC, "0.200"),
        (f"{SORRY} " * 8, PUBLIC, "0.025"),
        (SORRY, PRIVATE, "0.015"),
        (f"{SORRY} https://example.com/ayuda", PRIVATE, "0.015"),
    ],
)
def test_each_reply_has_its_price(text: str, visibility: str, price: str) -> None:
    parts = [text] if visibility == PRIVATE else fitting.fit(text).parts
    assert prices.of_reply(parts, visibility) == Decimal(price)


def cpu_seconds(text: str) -> float:
    before = time.process_time()
    guards.judge(text, PUBLIC, around())
    return time.process_time() - before


@pytest.mark.parametrize("piece", ["⟦", "{{", "@", "a.b.", "@a", "[name", "é́", "1 ", "あ", "{% "])
def test_the_time_of_judging_grows_with_the_text_and_no_faster(piece: str) -> None:
    short, long = (piece * 8_000)[:8_000], (piece * 64_000)[:64_000]
    quick = max(min(cpu_seconds(short) for _ in range(3)), 0.01)
    assert min(cpu_seconds(long) for _ in range(2)) < 8 * 3 * quick


@pytest.mark.parametrize(
    "text",
    [
        "Lo \u202esentimos",
        "Lo \u2066sentimos\u2069",
        "Lo\u200b sentimos",
        "Lo\u200d sentimos",
        "Lo\u00ad sentimos",
        "Lo\U000e0061 sentimos",
        "\ufeffLo sentimos",
    ],
)
def test_what_nobody_sees_is_refused_and_can_be_taken_out(text: str) -> None:
    (found,) = guards.judge(text, PRIVATE, around())
    assert (found.kind, found.severity, found.remedy) == (Kind.INVISIBLE, Severity.BLOCKS, Remedy.STRIP)
    assert guards.visible(text) == "Lo sentimos"


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",
        "👩\u200d👩\u200d👧",
        "❤️\u200d🔥",
        "क्\u200dष",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "שלום\u200f!",
        "abc\u200e",
        "ไทย\u200bไทย",
        "@\u2060maria",
    ],
)
def test_joiners_and_marks_that_scripts_and_emoji_need_are_left_alone(text: str) -> None:
    assert guards.visible(text) == text
