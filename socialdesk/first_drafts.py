"""The demo's replies that wait for a second person from the start, as if colleagues had written before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlmodel import Session, col, select

from socialdesk import cases
from socialdesk.cases import Case, Status
from socialdesk.customers import Customer
from socialdesk.desk import Desk
from socialdesk.people import agents
from socialdesk.replying import approvals, drafts

EVERY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class FirstDraft:
    """What `by` writes to whoever opened the day with a public post: own words, then those of a template."""

    handle: str
    by: str
    language: str
    template: str
    own: str


THEM = (
    FirstDraft(
        "marisol_bena",
        "ana",
        "es",
        "where_is_my_order",
        "Vaya, Marisol: que conste como entregado y no esté es para enfadarse.",
    ),
    FirstDraft(
        "priya_in_leeds",
        "ana",
        "en",
        "where_is_my_order",
        "Six days is nothing like next day, Priya, and we want to know where it got stuck too.",
    ),
    FirstDraft(
        "clem_delaunoy",
        "ben",
        "fr",
        "where_is_my_order",
        "Jeudi, vendredi, puis lundi : on comprend votre agacement, Clémence.",
    ),
)


@contextmanager
def written(desk: Desk) -> Iterator[None]:
    """As soon as each customer's post has come in, and while nobody else has answered it."""
    stop = threading.Event()
    writer = threading.Thread(target=_write_all, args=(desk, stop), name="first drafts", daemon=True)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()


def _write_all(desk: Desk, stop: threading.Event) -> None:
    left = list(THEM)
    while left and not stop.wait(EVERY_SECONDS):
        left = [each for each in left if not _write(desk, each)]


def _write(desk: Desk, told: FirstDraft) -> bool:
    """Whether there is nothing more to do about it."""
    with desk.database.reading() as session:
        if (found := _case_of(session, told.handle)) is None:
            return False
    with desk.database.transaction() as session:
        case = cases.hold(session, found)
        if case.status != Status.WAITING or drafts.of_case(session, case):
            return True
        library, by = desk.library_now(session), agents.named(session, told.by)
        customer = session.get_one(Customer, case.customer_id)
        words = drafts.from_template(
            library, told.template, language=told.language, visibility="public", customer=customer
        )
        text = f"{told.own} {words}"
        reply = drafts.write(session, case, text=text, by=by, template_id=told.template)
        approvals.submit(session, reply, by=by, library=library, settings=desk.settings)
    return True


def _case_of(session: Session, handle: str) -> int | None:
    query = select(Case.id).join(Customer, col(Customer.id) == Case.customer_id)
    return session.exec(query.where(Customer.handle == handle).order_by(col(Case.id))).first()
