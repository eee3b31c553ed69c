"""How long a template's words for a customer take, with everything that the guards have to say about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import quantiles

from sqlmodel import Session, col, select

from benchmarks.filling import Filling
from benchmarks.intake import Seconds
from socialdesk import languages
from socialdesk.cases import Case, Status
from socialdesk.customers import Customer
from socialdesk.database import Database
from socialdesk.languages import LANGUAGES
from socialdesk.people import agents
from socialdesk.people.agents import Agent, Role
from socialdesk.replying import drafts, scrutiny
from socialdesk.settings import AccountSettings, Settings
from socialdesk.templating.library import Library

CASES = 400
OWN, EDITED = "a template's own words", "edited by a word"
WANTED = 5.0  # milliseconds, p95 of either


@dataclass(frozen=True, slots=True)
class Replying:
    """In milliseconds, rendering, guarding and the questions to the database together; `cpu` is the p95 of
    this process's own time, which a busy machine does not lengthen as much."""

    p50: float
    p95: float
    cpu: float
    replies: int


@dataclass(frozen=True, slots=True)
class _Asked:
    case: Case
    customer: Customer
    template: str


def measure(
    database: Database, account_id: int, account: AccountSettings, *, replies: int
) -> Mapping[str, Replying]:
    """Every template in the languages of the waiting cases, in turn, as it stands and with a word more."""
    settings = Settings(accounts=(account,))
    library = Library.load(settings.paths.replies)
    languages.warm_up()
    agent = _hire(database)
    Filling(database, account_id, agent).up_to(CASES)
    found: dict[str, Replying] = {}
    for kind, more in ((OWN, ""), (EDITED, " 24")):
        with database.transaction() as session:
            asked = list(islice(_asked(session, library), replies))
            taken = [_taken(session, each, agent, library, settings, more) for each in asked]
        found[kind] = _times(taken)
    return found


def _hire(database: Database) -> Agent:
    with database.transaction() as session:
        return agents.hire(
            session, username="ana", name="Ana Horvat", role=Role.AGENT, password="correct horse battery"
        )


def _asked(session: Session, library: Library) -> Iterator[_Asked]:
    """The waiting cases again and again, each time with another template."""
    query = select(Case, Customer).join(Customer, col(Customer.id) == Case.customer_id)
    waiting = session.exec(
        query.where(Case.status == Status.WAITING, col(Case.language).in_(LANGUAGES))
    ).all()
    for number, (case, customer) in enumerate(cycle(waiting)):
        offers = library.offers(case.language, case.visibility)
        yield _Asked(case, customer, offers[number % len(offers)].id)


def _taken(
    session: Session, asked: _Asked, by: Agent, library: Library, settings: Settings, more: str
) -> Seconds:
    """A fresh draft each time; reading the case and storing the draft is not counted."""
    session.refresh(asked.case)
    session.refresh(asked.customer)
    begun = Seconds.now()
    text = drafts.from_template(
        library,
        asked.template,
        language=asked.case.language,
        visibility=asked.case.visibility,
        customer=asked.customer,
    )
    rendered = Seconds.now() - begun
    reply = drafts.write(session, asked.case, text=text + more, by=by, template_id=asked.template)
    session.expire_all()  # as a request begins, which reads these two itself
    session.refresh(asked.case)
    session.refresh(reply)
    begun = Seconds.now()
    scrutiny.look(session, asked.case, reply, library=library, settings=settings)
    return rendered + (Seconds.now() - begun)


def _times(taken: Sequence[Seconds]) -> Replying:
    wall = quantiles((each.wall * 1000 for each in taken), n=20, method="inclusive")
    cpu = quantiles((each.cpu * 1000 for each in taken), n=20, method="inclusive")
    return Replying(wall[9], wall[18], cpu[18], len(taken))
