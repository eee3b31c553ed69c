"""Tags: short words that agents and rules put on cases, and find them by.

The rows of `case_tags` are what lists are narrowed by and counted from; the case itself says the same in
words (tagged.py), which is written with them, so that no page asks for tags.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Subquery, false
from sqlmodel import Field, Index, Session, SQLModel, col, func, select

from socialdesk import audit, counts, history
from socialdesk.bulk import insert_new
from socialdesk.cases import Case
from socialdesk.counts import ListCount
from socialdesk.errors import AlreadyDone, BadInput, NotFound
from socialdesk.folding import fold
from socialdesk.messages import clean_name
from socialdesk.people import scope
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.tagged import TagOn, read, written

LONGEST = 30  # characters
MOST = 10  # on a case; two that are merged keep what both had
MOST_SUGGESTED = 100


class Tag(SQLModel, table=True):
    """A tag that the desk knows, on a case or not; `folded` is what makes two names the same tag."""

    __tablename__ = "tags"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    folded: str = Field(unique=True)


class CaseTag(SQLModel, table=True):
    """A tag on a case. One of a case that was `merged` into another is kept for when that is undone, and
    counts no more."""

    __tablename__ = "case_tags"
    __table_args__ = (Index("ix_case_tags_case_id", "case_id"),)

    tag_id: int = Field(foreign_key="tags.id", primary_key=True)
    case_id: int = Field(foreign_key="cases.id", primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    merged: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


counts.keep(CaseTag, lambda get: [] if get("merged") else [(get("account_id"), counts.TAGS, get("tag_id"))])


def clean(told: str) -> str:
    """The name as it is kept. Raises BadInput for what is no tag."""
    name = clean_name(told)
    if len(name) > LONGEST or not fold(name):
        raise BadInput(_("A tag is a short word of at most %(most)s characters.", most=LONGEST))
    return name


def has(case: Case, told: str) -> bool:
    """Whether the case has that tag, however it is written."""
    return _like(case, told) is not None


def on(case: Case, told: str) -> TagOn:
    """The case's tag of that name, however it is written. Raises NotFound."""
    tag = _like(case, told)
    if tag is None:
        raise NotFound(_("The case does not have this tag any more."))
    return tag


def add(session: Session, case: Case, told: str, *, by: Agent | None) -> TagOn:
    """Of a case that is held; `by` nobody when a rule does it, which tells so itself.

    Raises BadInput, AlreadyDone.
    """
    name = clean(told)
    if into := case.merged_into_id:
        raise AlreadyDone(_("This case was merged into case %(number)s: go on there.", number=into))
    if has(case, name):
        raise AlreadyDone(_("The case has the tag “%(tag)s” already.", tag=name))
    if len(case.tags) >= MOST:
        raise BadInput(_("A case has %(most)s tags at most: remove one first.", most=MOST))
    tag = _known_or_new(session, name)
    _put(session, case, [tag])
    if by:
        history.record(case, "tagged", by=by.id, tag=tag.name)
    return tag


def remove(session: Session, case: Case, tag_id: int, *, by: Agent) -> TagOn:
    """Of a case that is held. Raises NotFound."""
    tag = next((each for each in case.tags if each.id == tag_id), None)
    if tag is None:
        raise NotFound(_("The case does not have this tag any more."))
    _take(session, case, [tag_id])
    history.record(case, "untagged", by=by.id, tag=tag.name)
    return tag


def restore(session: Session, case: Case, before: str | None, *, by: Agent) -> None:
    """Of a case that is held: the tags it had before, as it kept them then; one that was forgotten or renamed
    since is known again by the name it had."""
    had = read(before)
    for tag in [each for each in case.tags if each.id not in {old.id for old in had}]:
        remove(session, case, tag.id, by=by)
    for tag in [each for each in had if not has(case, each.name)]:
        add(session, case, tag.name, by=by)


def take_over(session: Session, case: Case, other: Case) -> list[int]:
    """What the other one has when it is merged into this one; returns the row ids of those that are new."""
    if not other.tags:
        return []
    _mark(session, other, merged=True)
    own = {tag.id for tag in case.tags}
    new = [tag for tag in other.tags if tag.id not in own]
    _put(session, case, new)
    return [tag.id for tag in new]


def give_back(session: Session, case: Case, other: Case, tag_ids: Collection[int]) -> None:
    """The merge is undone: this one's count again, and the other one loses those it had taken over."""
    _mark(session, case, merged=False)
    _take(session, other, tag_ids)


def named(session: Session, tag_id: int) -> Tag:
    """Raises NotFound, in a session of some accounts also for what none of their cases has."""
    tag = session.get(Tag, tag_id)
    if tag is None or (scope.is_narrowed(session) and not _is_on_any(session, tag_id)):
        raise NotFound(_("There is no such tag any more."))
    return tag


def known(session: Session) -> Sequence[tuple[Tag, int]]:
    """Every tag by its name, with how many cases have it: read from the kept counts."""
    number = func.coalesce(func.sum(ListCount.cases), 0)
    query = select(Tag, number).outerjoin(ListCount, _OF_TAG).group_by(col(Tag.id))
    return [(tag, int(cases)) for tag, cases in session.exec(query.order_by(col(Tag.folded)))]


def suggested() -> Any:
    """For a query: the names of the tags that most cases have, one a line."""
    most = _most_used()
    return select(func.aggregate_strings(most.c.name, "\n")).scalar_subquery()


def rename(session: Session, tag_id: int, told: str, *, by: Agent) -> None:
    """On every case. Raises NotFound, BadInput, AlreadyDone."""
    tag, name = named(session, tag_id), clean(told)
    same = session.exec(select(Tag).where(Tag.folded == fold(name), Tag.id != tag_id)).first()
    if same or tag.name == name:
        raise AlreadyDone(_("There is a tag “%(tag)s” already.", tag=same.name if same else name))
    audit.record(session, "tag_renamed", by=by.id, subject=tag.name, to=name)
    tag.name, tag.folded = name, fold(name)
    for case in _held(session, tag_id):
        case.tagged = written(TagOn(each.id, name) if each.id == tag_id else each for each in case.tags)


def forget(session: Session, tag_id: int, *, by: Agent) -> None:
    """Off every case, and known no more. Raises NotFound."""
    tag = named(session, tag_id)
    audit.record(session, "tag_removed", by=by.id, subject=tag.name)
    for case in _held(session, tag_id):
        _take(session, case, [tag_id])
    session.flush()
    session.delete(tag)


def _like(case: Case, told: str) -> TagOn | None:
    return next((tag for tag in case.tags if fold(tag.name) == fold(told)), None)


def _known_or_new(session: Session, name: str) -> TagOn:
    """Whoever is first gives it its name."""
    query = select(Tag).where(Tag.folded == fold(name))
    tag = session.exec(query).first()
    if tag is None:
        insert_new(session, Tag, [{"name": name, "folded": fold(name)}], unique="folded")
        tag = session.exec(query).one()
    return TagOn(tag.id or 0, tag.name)


def _put(session: Session, case: Case, tags: Iterable[TagOn]) -> None:
    session.flush()
    new = list(tags)
    for tag in new:
        session.add(CaseTag(tag_id=tag.id, case_id=case.id or 0, account_id=case.account_id, merged=False))
    case.tagged = written([*case.tags, *new])


def _take(session: Session, case: Case, tag_ids: Collection[int]) -> None:
    for row in _rows(session, case):
        if row.tag_id in tag_ids:
            session.delete(row)
    case.tagged = written(tag for tag in case.tags if tag.id not in tag_ids)


def _mark(session: Session, case: Case, *, merged: bool) -> None:
    for row in _rows(session, case):
        row.merged = merged


def _rows(session: Session, case: Case) -> Sequence[CaseTag]:
    if not case.tags:
        return []
    return session.exec(select(CaseTag).where(CaseTag.case_id == case.id)).all()


def _is_on_any(session: Session, tag_id: int) -> bool:
    return session.exec(select(CaseTag.case_id).where(CaseTag.tag_id == tag_id).limit(1)).first() is not None


def _held(session: Session, tag_id: int) -> Sequence[Case]:
    """Every case that has it, kept from other writers."""
    having = select(CaseTag.case_id).where(CaseTag.tag_id == tag_id)
    query = select(Case).where(col(Case.id).in_(having)).order_by(col(Case.id)).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).all()


def _most_used() -> Subquery:
    query = select(Tag.name).join(ListCount, _OF_TAG).where(col(ListCount.cases) > 0).group_by(col(Tag.id))
    return query.order_by(func.sum(ListCount.cases).desc()).limit(MOST_SUGGESTED).subquery()


_OF_TAG: Any = (col(ListCount.name) == counts.TAGS) & (col(ListCount.agent_id) == col(Tag.id))
