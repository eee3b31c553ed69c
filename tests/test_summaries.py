"""The weekly summary, from the subscription to the letter that a real SMTP server took; on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlmodel import col, select

from socialdesk.desk import Desk, assemble
from socialdesk.errors import BadInput
from socialdesk.figures import reports
from socialdesk.figures.asking import Asked
from socialdesk.figures.money import Month
from socialdesk.figures.reports import LanguageFigures
from socialdesk.incidents import incidents
from socialdesk.mail import Mail
from socialdesk.people import staffing
from socialdesk.people.agents import Agent
from socialdesk.phrases import offered, read_in
from socialdesk.polling.gaps import Gap
from socialdesk.satisfaction.measuring import Satisfaction
from socialdesk.settings import Settings
from socialdesk.summaries import letters, posting, subscriptions, telling, weeks
from socialdesk.summaries.measuring import Answered, Measured, Numbers
from socialdesk.summaries.subscriptions import Subscription
from socialdesk.summaries.telling import Told
from socialdesk.summaries.weeks import Week
from socialdesk.workers.postman import deliver
from socialdesk.workers.summarist import summarize
from tests.conftest import Cast
from tests.people import another_account, place
from tests.stories import KENJI, MARIA, NOON, PAVEL, arrive, direct_message, post
from tests.test_mail import SENDER, Post, listening

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = Week(date(2026, 11, 16), BERLIN)  # in which the stories are told
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # eight o'clock in Berlin
PUBLIC = "https://desk.northwind.example"
FOR_CUSTOMERS = "https://help.northwind.example"


@pytest.fixture
def office() -> Post:
    return Post()


@pytest.fixture
def desk(database: object, make_settings: Callable[..., Settings], office: Post) -> Iterator[Desk]:
    assert database
    with listening(office) as port:
        mail = {"host": "127.0.0.1", "port": port, "sender": SENDER, "security": "none"}
        console = {"time_zone": "Europe/Berlin", "public_url": PUBLIC}
        desk = assemble(make_settings(mail=mail, console=console, satisfaction={"public_url": FOR_CUSTOMERS}))
        yield desk
        desk.database.close()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Friday of that week, some hours after the stories."""
    with time_machine.travel(NOON + timedelta(hours=4), tick=False) as travelled:
        yield travelled


@pytest.fixture
def subscribed(clock: time_machine.Traveller, desk: Desk, cast: Cast) -> Desk:
    """Sofia wants hers on Mondays at eight; three customers have written, one of them the week before."""
    arrive(
        desk,
        post(MARIA, minutes=-9 * 24 * 60, conversation="before"),
        post(PAVEL, "Dzień dobry, gdzie jest moja paczka? Czekam od poniedziałku.", minutes=1),
        post(MARIA, minutes=2),
        direct_message(KENJI, minutes=3),
    )
    want(desk, cast.sofia)
    return desk


def want(
    desk: Desk, agent: Agent, *, language: str = "en", accounts: tuple[int, ...] = (), day: int = 0
) -> None:
    with desk.database.transaction() as session:
        subscriptions.subscribe(
            session,
            agent,
            address=f"{agent.username}@northwind.example",
            accounts=accounts,
            weekday=day,
            hour=8,
            language=language,
            zone=BERLIN,
        )


def plain(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def rich(letter: EmailMessage) -> str:
    body = letter.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def kept(desk: Desk) -> list[Subscription]:
    with desk.database.reading() as session:
        return list(session.exec(select(Subscription)).all())


def test_the_summary_of_the_last_whole_week_arrives_when_it_is_due(
    subscribed: Desk, office: Post, clock: time_machine.Traveller
) -> None:
    clock.move_to(MONDAY - timedelta(minutes=1))
    assert summarize(subscribed) == 0
    clock.move_to(MONDAY)
    assert summarize(subscribed) == 1
    deliver(subscribed)

    (letter,) = office.letters
    assert letter["to"] == "sofia@northwind.example"
    assert letter["subject"] == "The week from 16 November 2026 to 22 November 2026"
    told = plain(letter)
    assert "All languages\n  Messages: 3 (the week before: 1)" in told.replace("\r\n", "\n")
    for name in ("Spanish", "Polish", "Japanese"):
        assert name in told
    assert f"{PUBLIC}/languages?from=2026-11-16&to=2026-11-22&compare=1" in told
    assert f'href="{PUBLIC}/account"' in rich(letter)


def test_it_comes_once_a_week_and_again_the_week_after(
    subscribed: Desk, clock: time_machine.Traveller
) -> None:
    clock.move_to(MONDAY)
    assert [summarize(subscribed), summarize(subscribed)] == [1, 0]
    clock.move_to(MONDAY + timedelta(days=6, hours=23))
    assert summarize(subscribed) == 0
    clock.move_to(MONDAY + timedelta(days=7))
    assert summarize(subscribed) == 1


def test_of_two_workers_that_tick_at_once_one_sends_it(
    subscribed: Desk, clock: time_machine.Traveller
) -> None:
    clock.move_to(MONDAY)
    with subscribed.database.reading() as session:
        (seen, _) = subscriptions.due(session)[0]
    assert summarize(subscribed) == 1
    with subscribed.database.transaction() as session:
        assert not subscriptions.claim(session, seen, BERLIN)
    with subscribed.database.reading() as session:
        assert len(session.exec(select(Mail)).all()) == 1


def break_one(desk: Desk, agent: Agent, accounts: str = "torn") -> None:
    """What stands in the row of his subscription cannot be read."""
    with desk.database.transaction() as session:
        session.get_one(Subscription, agent.id).account_ids = accounts


def test_one_that_cannot_be_made_keeps_nobody_elses_back_and_is_tried_again(
    subscribed: Desk, cast: Cast, clock: time_machine.Traveller
) -> None:
    with subscribed.database.transaction() as session:
        boss = staffing.add(session, username="tove", name="Tove", role="supervisor", by=cast.ben)[0]
    want(subscribed, boss)
    break_one(subscribed, cast.sofia)
    clock.move_to(MONDAY)
    assert summarize(subscribed) == 1
    broken = next(each for each in kept(subscribed) if each.agent_id == cast.sofia.id)
    assert (broken.tries, broken.due_at) == (1, MONDAY)
    assert broken.trouble and "torn" in broken.trouble
    assert summarize(subscribed) == 0
    break_one(subscribed, cast.sofia, "")
    clock.move_to(MONDAY + subscriptions.AGAIN[0])
    assert summarize(subscribed) == 1
    mended = next(each for each in kept(subscribed) if each.agent_id == cast.sofia.id)
    assert (mended.tries, mended.try_at, mended.trouble) == (0, None, None)
    assert mended.due_at == MONDAY + timedelta(days=7)


def test_one_that_is_never_made_is_given_up_until_the_next_week_with_its_reason_kept(
    subscribed: Desk, cast: Cast, clock: time_machine.Traveller
) -> None:
    break_one(subscribed, cast.sofia)
    at = MONDAY
    for wait in (timedelta(), *subscriptions.AGAIN):
        at += wait
        clock.move_to(at)
        assert summarize(subscribed) == 0
    (given_up,) = kept(subscribed)
    assert (given_up.due_at, given_up.try_at) == (MONDAY + timedelta(days=7), None)
    assert given_up.trouble
    with subscribed.database.reading() as session:
        assert [agent.username for _, agent in subscriptions.failing(session)] == ["sofia"]


def test_of_two_workers_that_fail_at_once_one_counts(subscribed: Desk, clock: time_machine.Traveller) -> None:
    clock.move_to(MONDAY)
    with subscribed.database.reading() as session:
        (seen, _) = subscriptions.due(session)[0]
    for _number in range(2):
        with subscribed.database.transaction() as session:
            subscriptions.note_failure(session, seen, BERLIN, why="torn")
    assert kept(subscribed)[0].tries == 1


def test_who_moves_the_day_gets_no_second_one_of_the_same_week(
    subscribed: Desk, cast: Cast, clock: time_machine.Traveller
) -> None:
    clock.move_to(MONDAY)
    summarize(subscribed)
    want(subscribed, cast.sofia, day=1)
    clock.move_to(MONDAY + timedelta(days=1))
    summarize(subscribed)
    with subscribed.database.reading() as session:
        assert len(session.exec(select(Mail)).all()) == 1


@pytest.mark.parametrize(("late", "sent"), [(timedelta(days=2, hours=23), 1), (timedelta(days=3), 0)])
def test_a_desk_that_stood_still_sends_what_is_less_than_three_days_late(
    subscribed: Desk, clock: time_machine.Traveller, late: timedelta, sent: int
) -> None:
    clock.move_to(MONDAY + late)
    assert summarize(subscribed) == sent
    assert kept(subscribed)[0].due_at == MONDAY + timedelta(days=7)


def test_what_is_late_is_still_of_the_week_that_was_due(
    subscribed: Desk, cast: Cast, office: Post, clock: time_machine.Traveller
) -> None:
    want(subscribed, cast.sofia, day=6)  # Sunday the 22nd, of the week before
    clock.move_to(MONDAY + timedelta(hours=5))
    summarize(subscribed)
    deliver(subscribed)
    assert "9 November 2026 to 15 November 2026" in office.letters[0]["subject"]


def test_who_leaves_gets_none_and_the_address_is_forgotten(
    subscribed: Desk, cast: Cast, clock: time_machine.Traveller
) -> None:
    with subscribed.database.transaction() as session:
        staffing.disable(session, session.get_one(Agent, cast.sofia.id), by=cast.ben)
    clock.move_to(MONDAY)
    assert summarize(subscribed) == 0
    assert kept(subscribed) == []


def test_who_supervises_no_more_gets_none(
    subscribed: Desk, cast: Cast, clock: time_machine.Traveller
) -> None:
    place(subscribed.database, cast.sofia, "agent")
    clock.move_to(MONDAY)
    assert summarize(subscribed) == 0
    assert kept(subscribed) == []


def test_who_ended_it_gets_none(subscribed: Desk, cast: Cast, clock: time_machine.Traveller) -> None:
    with subscribed.database.transaction() as session:
        subscriptions.unsubscribe(session, cast.sofia)
    clock.move_to(MONDAY)
    assert summarize(subscribed) == 0


def test_only_accounts_that_one_supervises_are_in_it(
    subscribed: Desk, cast: Cast, office: Post, clock: time_machine.Traveller
) -> None:
    other = another_account(subscribed.database)
    place(subscribed.database, cast.sofia, "supervisor", {other: "supervisor", 1: "agent"})
    clock.move_to(MONDAY)
    summarize(subscribed)
    deliver(subscribed)
    told = plain(office.letters[0])
    assert "Nobody has written, and nobody waits." in told
    assert "NorthwindHelp" not in told


def test_accounts_are_chosen_among_those_one_supervises(subscribed: Desk, cast: Cast) -> None:
    other = another_account(subscribed.database)
    want(subscribed, cast.sofia, accounts=(other,))
    assert kept(subscribed)[0].accounts == frozenset({other})
    place(subscribed.database, cast.sofia, "supervisor", {1: "supervisor"})
    with pytest.raises(BadInput, match="no such account"):
        want(subscribed, cast.sofia, accounts=(other,))


def test_nothing_is_sent_when_none_of_the_chosen_accounts_is_his_any_more(
    subscribed: Desk, cast: Cast, clock: time_machine.Traveller
) -> None:
    want(subscribed, cast.sofia, accounts=(another_account(subscribed.database),))
    place(subscribed.database, cast.sofia, "supervisor", {1: "supervisor"})
    clock.move_to(MONDAY)
    assert summarize(subscribed) == 0
    assert len(kept(subscribed)) == 1


def test_a_desk_without_a_mail_server_makes_none(
    subscribed: Desk, make_settings: Callable[..., Settings], clock: time_machine.Traveller
) -> None:
    clock.move_to(MONDAY)
    mute = assemble(make_settings())
    assert summarize(mute) == 0
    mute.database.close()


@pytest.mark.parametrize(
    "address", ["", "sofia", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example"]
)
def test_an_address_is_one_address(desk: Desk, cast: Cast, address: str) -> None:
    with desk.database.transaction() as session, pytest.raises(BadInput):
        subscriptions.subscribe(
            session, cast.sofia, address=address, accounts=(), weekday=0, hour=8, language="en", zone=BERLIN
        )


@pytest.mark.parametrize(("weekday", "hour"), [(7, 8), (-1, 8), (0, 24), (0, -1)])
def test_a_day_and_an_hour_are_some_that_there_are(desk: Desk, cast: Cast, weekday: int, hour: int) -> None:
    with desk.database.transaction() as session, pytest.raises(BadInput, match="day of the week"):
        subscriptions.subscribe(
            session,
            cast.sofia,
            address="sofia@northwind.example",
            accounts=(),
            weekday=weekday,
            hour=hour,
            language="en",
            zone=BERLIN,
        )


@pytest.mark.parametrize(
    ("after", "due"),
    [
        (datetime(2026, 11, 23, 6, 59, tzinfo=UTC), MONDAY),
        (MONDAY, MONDAY + timedelta(days=7)),
        (datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 3, 30, 6, tzinfo=UTC)),  # summer begins
        (datetime(2026, 10, 23, 12, tzinfo=UTC), datetime(2026, 10, 26, 7, tzinfo=UTC)),  # and ends
    ],
)
def test_the_next_one_is_due_by_the_clock_of_the_desk(after: datetime, due: datetime) -> None:
    assert weeks.next_time(0, 8, BERLIN, after=after) == due


def test_a_week_in_which_the_clock_changes_is_compared_with_the_whole_one_before() -> None:
    week = weeks.last_whole(datetime(2026, 10, 27, tzinfo=UTC), BERLIN)
    now, before = week.asked(None), week.before().asked(None)
    assert now.since and now.until and before.since
    assert now.until - now.since == timedelta(days=7, hours=1)
    assert (before.until, before.since) == (now.since, now.since - timedelta(days=7))


def test_its_numbers_are_those_of_the_statistics(subscribed: Desk, clock: time_machine.Traveller) -> None:
    clock.move_to(MONDAY)
    told = posting.prepare(subscribed, WEEK, None, "en")
    asked = Asked(datetime(2026, 11, 15, 23, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC))
    with subscribed.database.reading() as session:
        lines = reports.of_period(session, asked)
    parts = {part.title: {each.name: each.value for each in part.figures} for part in told.parts}
    names = {"ja": "Japanese", "pl": "Polish", "es": "Spanish"}
    assert {line.language for line in lines} == set(names)
    for line in lines:
        figures = parts[names[line.language]]
        assert figures["Messages"] == str(line.messages)
        assert figures["Unanswered"] == str(line.unanswered)
        assert figures["Waiting"] == str(line.waiting_cases)
        assert figures["Cost"] == f"${line.cost:.2f}"
        assert figures["Median first response"] == "2 d 18 h (of 1 only)"


def test_incidents_gaps_and_money_of_the_week_are_told(
    subscribed: Desk, cast: Cast, clock: time_machine.Traveller
) -> None:
    with subscribed.database.transaction() as session:
        incidents.open_new(
            session, by=cast.sofia, account_id=1, name="Parcels in the snow", begins_at=NOON, words="snow"
        )
        session.add(Gap(account_id=1, channel="mentions", to_at=NOON, found_at=NOON))
    clock.move_to(MONDAY)
    told = letters.plain(posting.prepare(subscribed, WEEK, None, "en"))
    assert "Parcels in the snow: open since 20 Nov 2026 17:00, 0 cases." in told
    assert "Found this week: 1\n  Still open: 1" in told
    assert "What X charges for @NorthwindHelp\n  This month so far: $" in told
    later = letters.plain(posting.prepare(subscribed, WEEK.before(), None, "en"))
    assert "Parcels" not in later


@pytest.mark.parametrize("language", offered())
def test_it_is_in_the_supervisors_language_whole(
    subscribed: Desk, cast: Cast, office: Post, clock: time_machine.Traveller, language: str
) -> None:
    with subscribed.database.transaction() as session:
        session.get_one(Agent, cast.sofia.id).language = language
    clock.move_to(MONDAY)
    summarize(subscribed)
    deliver(subscribed)
    (letter,) = office.letters
    assert letter["content-language"] == language
    assert letter["list-id"] == "<weekly-summary.northwind.example>"
    page = rich(letter)
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert "http" not in page.replace(PUBLIC, "")
    assert ("Spanish" in page) == (language == "en")


def test_a_handle_in_an_arabic_heading_keeps_its_sign_before_it() -> None:
    month = Month(1, Decimal(3), Decimal(4))
    handles = {1: "NorthwindHelp"}
    seen = Measured(WEEK, MONDAY, Numbers([], {}, {}), Numbers([], {}, {}), [month], [], 0, 0, handles)
    with read_in("ar"):
        told = telling.tell(seen, "")
        assert "\u2068@NorthwindHelp\u2069" in letters.plain(told)
    assert "\u2068" not in letters.plain(telling.tell(seen, ""))


def measured(now: LanguageFigures, satisfaction: Satisfaction, answered: Answered) -> Measured:
    numbers = Numbers([now], {"es": answered}, {"es": satisfaction})
    return Measured(WEEK, MONDAY, numbers, Numbers([], {}, {}), [], [], 0, 0, {})


def test_small_numbers_are_said_to_be_small() -> None:
    told = telling.tell(
        measured(LanguageFigures("es", messages=3), Satisfaction(0, "es", 9, 4, 3), Answered(10, 3)), ""
    )
    figures = {each.name: (each.value, each.before) for each in told.parts[0].figures}
    assert figures["Were we able to help?"] == ("75 % (few answers)", "–")
    assert figures["Came to direct messages when asked"] == ("3 of 10", "–")


def test_without_a_public_address_there_are_no_links() -> None:
    told = telling.tell(measured(LanguageFigures("es"), Satisfaction(0, "es", 9, 4, 3), Answered()), "")
    assert told.links == []


def test_what_agents_have_named_is_no_markup(desk: Desk) -> None:
    part = telling.Part("<b>bold</b>", sentences=["<script>alert(1)</script>"])
    told = Told("en", "ltr", "The week", "Days.", ("a", "b", "c"), [part], [])
    page = letters.html(told, desk.settings.paths.templates)
    assert "<script>" not in page
    assert "&lt;b&gt;bold" in page


def test_mails_of_others_wait_for_none(subscribed: Desk, cast: Cast, clock: time_machine.Traveller) -> None:
    place(subscribed.database, cast.ben, "supervisor")
    want(subscribed, cast.ben, language="pl")
    clock.move_to(MONDAY)
    assert summarize(subscribed) == 2
    with subscribed.database.reading() as session, read_in("pl"):
        told = session.exec(select(Mail).order_by(col(Mail.recipient))).all()
    assert [each.language for each in told] == ["pl", "en"]
