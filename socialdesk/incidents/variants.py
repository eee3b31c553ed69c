"""A holding reply in all its languages: all looked at by the desk, a drawn sample by a supervisor."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from socialdesk import audit, clock, guards, parts
from socialdesk.automation import releases
from socialdesk.cases import Case
from socialdesk.errors import BadInput, DeskError
from socialdesk.guards import Circumstances
from socialdesk.incidents import incidents
from socialdesk.incidents.incidents import Became, HoldingReply, Incident, IncidentCase
from socialdesk.incidents.joining import linked
from socialdesk.messages import Direction, Message, Visibility
from socialdesk.people.agents import Agent
from socialdesk.phrases import gettext as _
from socialdesk.templating.catalog import Key
from socialdesk.templating.library import Library

HOLDING, OVER = "incident_holding", "incident_over"


@dataclass(frozen=True, slots=True)
class Text:
    """One text as a customer would read it, with examples for names; `against` is what stands against it."""

    key: Key
    words: str
    version: str
    against: Sequence[str]


@dataclass(frozen=True, slots=True)
class Variant:
    """One language; `stamp` is another one as soon as a word changes, `drawn` says that it is to be read."""

    language: str
    texts: Sequence[Text]
    concerned: int
    drawn: bool

    @property
    def stamp(self) -> str:
        versions = "".join(text.version for text in self.texts)
        return f"{self.language}.{sha256(versions.encode()).hexdigest()[:12]}"

    @property
    def fits(self) -> bool:
        return not any(text.against for text in self.texts)


@dataclass(frozen=True, slots=True)
class Reading:
    """A reply in all its languages as it lay before somebody; `read` are the stamps of those he has read."""

    template: str
    read: Collection[str]
    library: Library
    sample: int


def of_incident(
    session: Session, incident: Incident, template: str, library: Library, sample: int
) -> list[Variant]:
    """Every language of the library, those first that most of the cases are in. Raises NotFound, BadInput."""
    entry, numbers = library.find(template), _languages(session, incident)
    if Visibility.PUBLIC not in entry.channels or Visibility.PRIVATE not in entry.channels:
        raise BadInput(_("A holding reply needs a public and a private text."))
    texts = {
        language: [_text(library, Key(template, language, channel)) for channel in entry.channels]
        for language in library.catalog.languages
    }
    concerned = [each for each in texts if numbers.get(each) or each in incident.tongues] or list(texts)
    drawn = sorted(concerned, key=lambda language: _lot(incident, texts[language]))[:sample]
    found = [
        Variant(language, texts[language], numbers.get(language, 0), language in drawn) for language in texts
    ]
    return sorted(found, key=lambda each: -each.concerned)


def approve(
    session: Session,
    incident_id: int,
    template: str,
    *,
    by: Agent,
    read: Collection[str],
    library: Library,
    sample: int,
) -> Incident:
    """Let the holding reply go out in all its languages; `read` are the stamps of those that were read.

    What an earlier approval could not send is tried again. Raises NotAllowed, AlreadyDone, BadInput.
    """
    incidents.refuse_others(by)
    incident = incidents.hold(session, incident_id)
    found = _read(session, incident, Reading(template, read, library, sample))
    incident.template, incident.stopped_at, incident.stopped_by_id = template, None, None
    incident.versions = _versions(found)
    incident.approved_at, incident.approved_by_id = clock.now(), by.id
    session.add(incident)
    try_again(session, incident)
    drawn = " ".join(each.language for each in found if each.drawn)
    told: dict[str, Any] = {"incident": incident.id, "template": template, "read": drawn}
    audit.record(session, "incident_approved", by=by.id, subject=incident.name, **told)
    return incident


def approve_final(session: Session, incident: Incident, reading: Reading) -> str:
    """The closing reply in all its languages, of an incident that is being closed; returns the languages of
    which both texts were read. Raises BadInput."""
    found = _read(session, incident, reading)
    incident.final_template, incident.final_versions = reading.template, _versions(found)
    return " ".join(each.language for each in found if each.drawn)


def try_again(session: Session, incident: Incident) -> None:
    """Who has not been given a holding reply may be, as if nobody had tried."""
    nothing = col(HoldingReply.did).in_((Became.LEFT, Became.TAKEN_BACK))
    mine = col(HoldingReply.incident_id) == incident.id
    session.connection().execute(delete(HoldingReply).where(mine, nothing))


def is_approved(incident: Incident, library: Library, key: Key) -> bool:
    """Whether the words are still those that were approved."""
    return key.template == incident.template and _is_of(incident.versions, library, key)


def is_final(incident: Incident, library: Library, key: Key) -> bool:
    """The same of the closing reply."""
    return key.template == incident.final_template and _is_of(incident.final_versions, library, key)


def _is_of(versions: str | None, library: Library, key: Key) -> bool:
    told: dict[str, str] = json.loads(versions or "{}")
    return told.get(_short(key)) == library.version(key)


def _read(session: Session, incident: Incident, reading: Reading) -> list[Variant]:
    found = of_incident(session, incident, reading.template, reading.library, reading.sample)
    _refuse(found, reading.read)
    return found


def _versions(found: Sequence[Variant]) -> str:
    told = {_short(text.key): text.version for each in found for text in each.texts}
    return json.dumps(told, sort_keys=True)


def _refuse(found: Sequence[Variant], read: Collection[str]) -> None:
    for each in found:
        if not each.fits:
            why = next(text for text in each.texts if text.against)
            told = {"file": why.key.file, "why": why.against[0]}
            raise BadInput(_("%(file)s cannot go out as it is: %(why)s", **told))
    if any(each.drawn and each.stamp not in read for each in found):
        raise BadInput(
            _("Read the texts that were drawn, and tick each of them; one may have changed since.")
        )


def _text(library: Library, key: Key) -> Text:
    examples = {name: variable.example for name, variable in library.catalog.variables.items()}
    try:
        words = library.render(key.template, key.language, key.visibility, examples)
    except DeskError as error:
        return Text(key, "", library.version(key), [str(error)])
    return Text(key, words, library.version(key), _against(library, key))


def _against(library: Library, key: Key) -> list[str]:
    """Measured with the longest values, as the guards would, whoever it is for."""
    try:
        releases.refuse_unfit(library, key)
    except BadInput as error:
        return [str(error)]
    text = library.render(key.template, key.language, key.visibility, library.catalog.longest)
    around = Circumstances(
        _anybodys(key), key.language, own_link=library.catalog.longest.get("dm_link", ""), automated=True
    )
    found = [each.words for each in guards.judge(text, key.visibility, around)]
    if len(parts.divide(text, private=key.visibility == Visibility.PRIVATE, sign_off="")) > 1:
        found.append(_("It would leave as more than one post."))
    return found


def _anybodys(key: Key) -> Message:
    """What somebody may have written, for guards that ask what is answered."""
    return Message(
        account_id=0,
        case_id=0,
        customer_id=0,
        x_id="0",
        visibility=key.visibility,
        direction=Direction.INBOUND,
        text="",
        sent_at=clock.now(),
        taken_in_at=clock.now(),
        language=key.language,
        confidence=1.0,
        language_source="",
    )


def _languages(session: Session, incident: Incident) -> dict[str, int]:
    """How many of its cases are in each language."""
    query = (
        select(Case.language)
        .join(IncidentCase, col(IncidentCase.case_id) == Case.id)
        .where(linked(incident.id or 0))
    )
    found: dict[str, int] = {}
    for language in session.exec(query):
        found[language] = found.get(language, 0) + 1
    return found


def _lot(incident: Incident, texts: Sequence[Text]) -> str:
    """Drawn once for an incident and these words: nobody can draw until it suits."""
    versions = "".join(text.version for text in texts)
    return sha256(f"{incident.id} {incident.opened_at} {versions}".encode()).hexdigest()


def _short(key: Key) -> str:
    return f"{key.language}.{key.visibility}"
