"""The page on which customers say whether we could help: open to everybody who has the address, and bare.

It is in the language of the customer's case and names nobody but our own account. Looking answers nothing:
programs that follow links for a preview do that.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from socialdesk import phrases
from socialdesk.accounts import Account
from socialdesk.console import browsers
from socialdesk.console.access import Admitted, Visit
from socialdesk.console.pages import Pages
from socialdesk.errors import AlreadyDone, DeskError, NotFound, TooOften
from socialdesk.people import brakes
from socialdesk.people.brakes import Key, Kind
from socialdesk.phrases import gettext as _
from socialdesk.satisfaction import links
from socialdesk.satisfaction.questions import LONGEST_COMMENT, ClosingQuestion

router = APIRouter()
Token = Annotated[str, Path(max_length=64)]
_HEADERS = {"X-Robots-Tag": "noindex, nofollow"}


@router.get("/s/{token}")
def show(visit: Admitted, token: Token) -> Response:
    try:
        with visit.desk.database.reading() as session:
            brakes.refuse(session, [_of_address(visit)])
            question = links.find(session, token)
            return _page(visit, session, question)
    except NotFound as error:
        return _refused(visit, _counted(visit, error))
    except TooOften as error:
        return _refused(visit, error)


@router.post("/s/{token}")
def answer(
    visit: Admitted,
    token: Token,
    said: Annotated[Literal["yes", "no"], Form(alias="answer")],
    comment: Annotated[str, Form(max_length=4 * LONGEST_COMMENT)] = "",
) -> Response:
    try:
        with visit.desk.database.transaction() as session:
            brakes.refuse(session, [_of_address(visit)])
            question = links.find(session, token)
            brakes.press(session, [Key(Kind.CODE, f"closing question {question.id}")])
            links.answer(session, question, helped=said == "yes", comment=comment)
    except NotFound as error:
        return _refused(visit, _counted(visit, error))
    except (AlreadyDone, TooOften) as error:
        return _refused(visit, error)
    return RedirectResponse(f"{links.PATH}{token}", 303, headers=_HEADERS)


def _page(visit: Visit, session: Session, question: ClosingQuestion) -> HTMLResponse:
    account = session.get_one(Account, question.account_id)
    with phrases.read_in(question.language):
        return _drawn(
            visit,
            200,
            handle=account.handle,
            question=question,
            may_change=links.may_change(question),
            longest=LONGEST_COMMENT,
            problem=None,
        )


def _counted(visit: Visit, error: NotFound) -> DeskError:
    """Whoever tries addresses is slowed down; those who sign in from the same place are not."""
    try:
        with visit.desk.database.transaction() as session:
            brakes.press(session, [_of_address(visit)])
    except TooOften as often:
        return often
    return error


def _of_address(visit: Visit) -> Key:
    return Key(Kind.ADDRESS, f"closing question {brakes.of_address(browsers.address(visit.request)).name}")


def _refused(visit: Visit, error: DeskError) -> HTMLResponse:
    status = {NotFound: 404, AlreadyDone: 409, TooOften: 429}[type(error)]
    sentence = _("Please try again later.") if isinstance(error, TooOften) else str(error)
    answer = _drawn(visit, status, question=None, problem=sentence)
    if isinstance(error, TooOften):
        answer.headers["Retry-After"] = str(int(error.wait.total_seconds()))
    return answer


def _drawn(visit: Visit, status: int, **shown: Any) -> HTMLResponse:
    pages: Pages = visit.request.app.state.pages
    return HTMLResponse(pages.draw("satisfaction/page.html", **shown), status, headers=_HEADERS)
