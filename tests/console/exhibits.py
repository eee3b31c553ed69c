"""A desk in which every page has something to show, and one case has everything in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from socialdesk import cases, clock, replies, settings, webhooks
from socialdesk.cases import Case
from socialdesk.casework import notes, optouts, snoozing
from socialdesk.customers import Customer
from socialdesk.desk import Desk, assemble
from socialdesk.errors import Remedy
from socialdesk.incidents import incidents
from socialdesk.messages import Gone, Message, Visibility
from socialdesk.people import invitations, tokens
from socialdesk.people.agents import Agent, Role
from socialdesk.placing import merging, muting, vanishing
from socialdesk.polling import cursors
from socialdesk.polling.cursors import Channel
from socialdesk.replying import approvals, drafts, outbox
from socialdesk.worklists import views
from tests.conftest import HANDLE
from tests.console.conftest import Town
from tests.console.test_console_search import index
from tests.stories import arrive, post

ANNALENA = "Annalena Freifrau von und zu Hohenlohe-Langenburg"  # as long as X lets anybody be called
CROWD = {
    "300": ("layla_q", "ليلى القحطاني", "السلام عليكم، طلبي تأخر أسبوعا كاملا، متى يصل؟"),
    "301": ("W" * 15, ANNALENA, "Wo bleibt mein Paket? Es sollte gestern kommen"),
    "302": ("ozgur", "Özgür", "Kargom nerede? Üç gündür bekliyorum, kimse cevap vermiyor"),
    "303": ("camille", "Camille", "Bonjour, ma carte cadeau ne fonctionne pas, que faire ?"),
    "304": ("emma", "Emma", "Where is my order? " + "I have been waiting for it all month. " * 640),
    "305": ("pwojcik", "Piotr Wójcik", "Gdzie jest moja przesyłka? Od tygodnia nic się nie dzieje"),
}
LONG = "Lo sentimos mucho, María. Lo estamos mirando ahora mismo con el equipo de envíos. " * 6


@dataclass(frozen=True, slots=True)
class People:
    """Sofia supervises, Olga is the admin, and all sign in with the cast's password."""

    ana: Agent
    ben: Agent
    sofia: Agent
    olga: Agent


@contextmanager
def fresh(migrated: Path, folder: Path) -> Iterator[Desk]:
    """A desk on SQLite at which nobody works yet; agents' own words are for a colleague."""
    file = folder / "desk.db"
    file.write_bytes(migrated.read_bytes())
    content = {
        "accounts": [{"handle": HANDLE, "credentials": "NORTHWIND"}],
        "database": {"url": f"sqlite:///{file}"},
        "x": {"api_url": "http://127.0.0.1:1"},
        "sending": {"undo_seconds": 600},
        "approvals": {"rules": [{"role": "agent", "words": "free", "needs": "colleague"}]},
        "webhooks": {"hosts": ["tools.example.com"]},
    }
    desk = assemble(settings.build(content, folder=folder))
    yield desk
    desk.database.close()


def hire_all(desk: Desk, password_hash: str) -> People:
    roles = {"ana": Role.AGENT, "ben": Role.AGENT, "sofia": Role.SUPERVISOR, "olga": Role.ADMIN}
    hired = {
        name: Agent(
            username=name,
            name=f"{name.title()} Horvat",
            role=role,
            password_hash=password_hash,
            hired_at=clock.now(),
        )
        for name, role in roles.items()
    }
    with desk.database.transaction() as session:
        session.add_all(hired.values())
    return People(**hired)


def fill(desk: Desk, people: People) -> None:
    """Case 1 is @maria's, with everything in it."""
    town = Town(desk)
    town.meet("101", "maria", "María García")
    _told_by_maria(desk, town)
    for minutes, (x_id, (handle, name, text)) in enumerate(CROWD.items()):
        town.meet(x_id, handle, name)
        town.writes(x_id, text, minutes_ago=20 - minutes)
    with desk.database.transaction() as session:
        for channel in Channel:
            cursors.find(session, 1, channel).read()
        _noted(session, people)
        _known_to_admins(session, people)
    _answered(desk, people)
    _put_aside(desk, people)
    town.writes("101", "¿Siguen ahí? Ya les escribí por privado.", minutes_ago=-1, private=True)
    index(desk)


def _told_by_maria(desk: Desk, town: Town) -> None:
    """An edited post, one with a telephone number, one that is gone, and a direct message."""
    first = post("101", "Mi paquete no llegó", minutes=-40, conversation="maria")
    second = str(int(first.x_id) + 7)
    arrive(desk, first)
    arrive(desk, replace(first, x_id=second, text="Mi paquete no ha llegado", versions=(first.x_id, second)))
    town.writes("101", "Me llamo María, mi móvil es 612 34 56 78", minutes_ago=38, conversation="maria")
    town.writes("101", "Esto no era para vosotros", minutes_ago=36, conversation="maria")
    with desk.database.transaction() as session:
        newest = select(Message.id).order_by(col(Message.id).desc())
        vanishing.take_out(session, session.exec(newest).first() or 0, Gone.DELETED)
    town.writes("101", "El número de pedido es 402-998", minutes_ago=30, private=True)


def _noted(session: Session, people: People) -> None:
    case = cases.hold(session, 1)
    case.assign(people.ana, by=people.sofia)
    note = notes.write(session, case, "@ana the carrier says Thursday. " + "x" * 120, by=people.ben)
    notes.edit(session, note.id or 0, "@ana the carrier says Friday. " + "x" * 120, by=people.ben)
    notes.write(session, case, "شكرا، سأكتب لها غدا", by=people.sofia)
    views.save(session, "Spanish parcels", "waiting.es", by=people.sofia, shared=True)


def _known_to_admins(session: Session, people: People) -> None:
    incidents.open_new(
        session,
        by=people.sofia,
        account_id=1,
        name="Parcels stand still in the depot",
        begins_at=clock.now() - timedelta(hours=1),
        topic="orders_and_delivery",
        languages=["es", "ar"],
        words="paquete",
    )
    invitations.invite(session, people.ben)
    tokens.issue(session, people.ana, name="Nightly figures", scopes=["cases:read"], days=30, by=people.olga)
    url, kinds = "https://tools.example.com/hook", ["opened"]
    webhooks.subscribe(session, name="Tools", url=url, kinds=kinds, hosts=["tools.example.com"])


def _answered(desk: Desk, people: People) -> None:
    """To @maria one is sent, one was refused by X and one is a draft; to others some wait for a second
    person, one goes out soon and of one nobody knows."""
    _approve(desk, people, 1, LONG, Visibility.PUBLIC)
    with desk.database.transaction() as session:
        _claimed_first(session)
    _approve(desk, people, 1, "¿Nos dices el número?", Visibility.PRIVATE)
    _approve(desk, people, 4, "Kargonuza bakıyoruz, birazdan yazacağız.", Visibility.PUBLIC)
    with desk.database.transaction() as session:
        drafts.write(session, cases.hold(session, 1), text="Ya está en camino.", by=people.ben)
        for case_id, words in (
            (2, "نعتذر عن التأخير ونتابع الأمر الآن"),
            (7, "Sprawdzamy to teraz, dziękujemy."),
        ):
            reply = drafts.write(session, cases.hold(session, case_id), text=words, by=people.ben)
            library = desk.library_now(session)
            approvals.submit(session, reply, by=people.ben, library=library, settings=desk.settings)


def _approve(desk: Desk, people: People, case_id: int, words: str, visibility: Visibility) -> None:
    with desk.database.transaction() as session:
        case = cases.hold(session, case_id)
        reply = drafts.write(session, case, text=words, by=people.ana, visibility=visibility)
        replies.approve(session, reply, by=people.ben, sign_off="^{initials}", undo=timedelta())


def _claimed_first(session: Session) -> None:
    outgoing = outbox.claim(session, 1)
    assert outgoing
    outbox.held(session, outgoing, why="The customer limits who may reply.", remedy=Remedy.DM)


def _put_aside(desk: Desk, people: People) -> None:
    """Emma's is snoozed, Camille is blocked and wants to hear nothing more, Annalena's two are one."""
    again = replace(post("301", "Hallo? Noch jemand da?", minutes=-3), conversation_id="another")
    arrive(desk, again)
    with desk.database.transaction() as session:
        snoozing.snooze(cases.hold(session, 6), clock.now() + timedelta(days=1), by=people.sofia)
        of_camille = cases.hold(session, 5)
        muting.block(session, of_camille, by=people.sofia)
        muting.mute(session, of_camille, by=people.sofia)
        _opt_out(session, of_camille, people)
        newest = session.exec(select(Case.id).order_by(col(Case.id).desc())).first() or 0
        if newest > len(CROWD) + 1:
            merging.merge(session, 3, newest, by=people.sofia)


def _opt_out(session: Session, case: Case, people: People) -> None:
    optouts.opt_out(session, session.get_one(Customer, case.customer_id), by=people.ana)
