"""One message all the way, through X over HTTP, on both databases; the browser's journey is in console/."""

from __future__ import annotations

from socialdesk import replies
from socialdesk.cases import Case, Status
from socialdesk.desk import Desk
from socialdesk.figures import reports
from socialdesk.messages import Visibility
from socialdesk.polling.cursors import Channel
from socialdesk.replying import drafts
from socialdesk.sandbox import World
from socialdesk.workers.line import Line
from socialdesk.workers.poller import poll
from socialdesk.workers.sender import send_next
from socialdesk.worklists import queues
from tests.conftest import HANDLE, Cast


def test_a_public_question_is_answered_in_its_thread_and_counted(
    world: World, x_desk: Desk, line: Line, cast: Cast
) -> None:
    world.add_user("maria", "María García")
    question = world.post("maria", f"@{HANDLE} mi paquete no ha llegado todavía, ¿dónde está?", lang="es")

    assert poll(line, Channel.MENTIONS) == 1
    assert poll(line, Channel.MENTIONS) == 0
    with x_desk.database.transaction() as session:
        case, customer = queues.page(session, Status.WAITING).rows[0]
        assert (case.language, customer.handle) == ("es", "maria")
        text = x_desk.library.render("where_is_my_order", case.language, "public", {})
        reply = drafts.write(session, case, text=text, by=cast.ana, template_id="where_is_my_order")
        replies.approve(session, reply, by=cast.ana)
    assert send_next(line)
    assert not send_next(line)

    answer = next(post for post in world.posts() if post.author_id == world.user(HANDLE).id)
    assert answer.conversation_id == question.id
    with x_desk.database.reading() as session:
        found = session.get_one(Case, case.id)
        assert found.status == Status.ANSWERED
        line_of_es = next(each for each in reports.by_language(session) if each.language == "es")
        assert (line_of_es.messages, line_of_es.replies, line_of_es.open_cases) == (1, 1, 1)
        assert line_of_es.median_first_response is not None


def test_a_direct_message_is_answered_in_private(world: World, x_desk: Desk, line: Line, cast: Cast) -> None:
    world.add_user("kenji", "健二")
    world.direct_message("kenji", HANDLE, "アカウントにログインできません。どうすればいいですか")

    assert poll(line, Channel.DIRECT_MESSAGES) == 1
    with x_desk.database.transaction() as session:
        case, _ = queues.page(session, Status.WAITING, language="ja").rows[0]
        reply = drafts.write(session, case, text="確認いたします。", by=cast.ana)
        assert reply.visibility == Visibility.PRIVATE
        replies.approve(session, reply, by=cast.ana)
    assert send_next(line)

    assert [message.text for message in world.direct_messages()][-1] == "確認いたします。"
    assert not world.posts()
    assert poll(line, Channel.DIRECT_MESSAGES) == 0
