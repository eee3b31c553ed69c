"""What a case is about: told by the customer's words, put right by agents, and kept to measure by."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, select

from socialdesk import cases, clock, history
from socialdesk.cases import Case
from socialdesk.errors import AlreadyDone, BadInput
from socialdesk.people.agents import Agent
from socialdesk.phrases import bare
from socialdesk.phrases import gettext as _
from socialdesk.topics import TOPICS, TopicEvidence

CLEARLY = 2  # times the score that stands is what another topic needs
_OF_KEPT = {"told", "corrected", "score", "agent_id", "corrected_at"}
_MOST_WORDS = 5  # of those that decided, the first ones


class TopicCorrection(SQLModel, table=True):
    """A case whose words had told the topic `told`, with that score, and that is about `corrected`.

    A case has one at most, however often agents change their minds.
    """

    __tablename__ = "topic_corrections"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    case_id: int = Field(foreign_key="cases.id", unique=True)
    told: str
    corrected: str
    score: int
    agent_id: int = Field(foreign_key="agents.id")
    corrected_at: datetime = Field(index=True)


def sort(case: Case, evidence: TopicEvidence) -> None:
    """Take the customer's next words into account.

    The first words that tell a topic decide. Later ones change it when they weigh `CLEARLY` times as much,
    for most mention in passing what the case is not about. What an agent has set stands for ever.
    """
    if case.topic_by_agent or not _outweighs(case, evidence):
        return
    words = (" ".join(word.split()) for word in evidence.words[:_MOST_WORDS])
    case.topic, case.topic_score = evidence.topic, evidence.score
    case.topic_words = "\n".join(words) or None


def sort_anew(case: Case, told: Iterable[TopicEvidence]) -> None:
    """The same from the beginning, when words came late or changed cases."""
    if not case.topic_by_agent:
        case.topic = case.topic_score = case.topic_words = None
    for evidence in told:
        sort(case, evidence)


def _outweighs(case: Case, evidence: TopicEvidence) -> bool:
    if case.topic_score is None:
        return True
    if case.topic_score == 0 or evidence.topic == case.topic:
        return evidence.score > case.topic_score
    return evidence.score >= CLEARLY * case.topic_score


def words(case: Case) -> list[str]:
    """Those of the customer's words that decided the topic; none when an agent did."""
    if case.topic_by_agent or not case.topic_words:
        return []
    return case.topic_words.split("\n")


def correct_topic(session: Session, case: Case, topic: str, *, by: Agent) -> None:
    """Raises BadInput for what is no topic, AlreadyDone when an agent has set this one before."""
    if topic not in TOPICS:
        raise BadInput(_("“%(code)s” is none of the desk's topics.", code=topic))
    case = cases.hold(session, case.id or 0)
    if topic == case.topic:
        raise AlreadyDone(_("The topic is %(topic)s already.", topic=bare(TOPICS[topic])))
    was, kept = case.topic, _kept(session, case)
    row = kept.model_dump(mode="json", include=_OF_KEPT) if kept else None
    before = {"by_agent": case.topic_by_agent, "kept": row}
    _keep(session, case, topic, by)
    case.topic, case.topic_by_agent = topic, True
    history.record(case, "topic_corrected", by=by.id, before=before, **{"from": was, "to": topic})


def put_back(session: Session, case: Case, topic: str | None, before: Mapping[str, Any]) -> None:
    """Of a case that is held: the topic that it had before an agent set another, `before` being what that
    event kept."""
    case.topic, case.topic_by_agent = topic, before["by_agent"]
    kept, row = _kept(session, case), before["kept"]
    if kept:
        session.delete(kept)
        session.flush()
    if row:
        at, whose = datetime.fromisoformat(row["corrected_at"]), {"account_id": case.account_id}
        session.add(TopicCorrection(**row | whose | {"case_id": case.id, "corrected_at": at}))


def _kept(session: Session, case: Case) -> TopicCorrection | None:
    return session.exec(select(TopicCorrection).where(TopicCorrection.case_id == case.id)).first()


def _keep(session: Session, case: Case, topic: str, by: Agent) -> None:
    """Write down what the words had told, once; nothing when they turn out to have been right."""
    kept = _kept(session, case)
    if topic == (kept.told if kept else case.topic):
        if kept:
            session.delete(kept)
        return
    if kept is None and (case.topic is None or case.topic_score is None):
        return  # nobody had told anything that could have been wrong
    if kept is None:
        kept = _against(case, by)
    kept.corrected, kept.agent_id, kept.corrected_at = topic, by.id or 0, clock.now()
    session.add(kept)


def _against(case: Case, by: Agent) -> TopicCorrection:
    assert case.topic is not None
    assert case.topic_score is not None
    return TopicCorrection(
        account_id=case.account_id,
        case_id=case.id or 0,
        told=case.topic,
        corrected=case.topic,
        score=case.topic_score,
        agent_id=by.id or 0,
        corrected_at=clock.now(),
    )
