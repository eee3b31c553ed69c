"""Reading, searching, publishing and deleting posts."""

from __future__ import annotations

from socialdesk.sandbox import problems
from socialdesk.sandbox.answers import answer, show_posts
from socialdesk.sandbox.asking import POST_FIELD_PARAMETERS
from socialdesk.sandbox.calls import Body, Call, Endpoint
from socialdesk.sandbox.ledger import Price
from socialdesk.sandbox.objects import served_text
from socialdesk.sandbox.pages import POST_PAGE_PARAMETERS, page_of_posts
from socialdesk.sandbox.posts import Post
from socialdesk.sandbox.problems import Problem
from socialdesk.sandbox.publishing import Draft, check, draft_from, is_summoned
from socialdesk.sandbox.searching import matching


def by_ids(call: Call) -> Body:
    found = {post_id: _found(call, "ids", post_id) for post_id in call.asked.ids("ids")}
    posts = [post for post in found.values() if isinstance(post, Post)]
    data, includes = show_posts(call, posts)
    return answer(data, includes, [error for error in found.values() if isinstance(error, Problem)], call)


def by_id(call: Call) -> Body:
    found = _found(call, "id", call.id_in_path("id"))
    if isinstance(found, Problem):
        return answer(None, {}, [found], call)
    data, includes = show_posts(call, [found])
    return answer(data[0], includes, [], call)


def search_recent(call: Call) -> Body:
    query = call.asked.text("query")
    if not query:
        raise problems.invalid("The `query` query parameter can not be empty", query="")
    found = (p for p in matching(call.world, query) if call.may_see(call.world.user_by_id(p.author_id)))
    page = page_of_posts(found, call.asked, least=10, most=call.world.rules.largest_page)
    data, includes = show_posts(call, page.things)
    return answer(data, includes, [], call, page.meta())


def publish(call: Call) -> Body:
    draft = draft_from(call.body)
    check(call.world, call.me, draft)
    post = call.world.post(
        call.me.handle,
        draft.text,
        in_reply_to=draft.in_reply_to,
        quote=draft.quote,
        leaving_out=_handles(call, draft),
    )
    call.charge_write(_price(call, post))
    return {"data": {"id": post.id, "text": served_text(post), "edit_history_tweet_ids": [post.id]}}


def delete(call: Call) -> Body:
    post_id = call.id_in_path("id")
    post = call.world.find_post(post_id)
    if post is None:
        raise problems.not_found("tweet", "id", post_id)
    if post.author_id != call.me.id:
        raise problems.forbidden(problems.NOT_YOURS)
    call.charge_write(Price.POST_DELETED)
    return {"data": {"deleted": call.world.delete_post(post_id)}}


def _found(call: Call, parameter: str, post_id: str) -> Post | Problem:
    post = call.world.find_post(post_id)
    thing = call.asked.spelling.thing
    if post is None:
        return problems.not_found(thing, parameter, post_id)
    if not call.may_see(call.world.user_by_id(post.author_id)):
        return problems.not_visible(thing, parameter, post_id)
    return post


def _handles(call: Call, draft: Draft) -> list[str]:
    users = map(call.world.user_by_id, draft.leaving_out)
    return [user.handle for user in users if user]


def _price(call: Call, post: Post) -> Price:
    """X leaves open what a summoned reply with an address costs; the sandbox takes the dearer reading."""
    if post.wording.addresses:
        return Price.POST_WITH_ADDRESS_CREATED
    parent = call.world.find_post(post.in_reply_to or "")
    summoned = parent is not None and is_summoned(call.world, call.me, parent)
    return Price.SUMMONED_REPLY_CREATED if summoned else Price.POST_CREATED


SEARCH_PARAMETERS = POST_PAGE_PARAMETERS | POST_FIELD_PARAMETERS | {"query", "next_token", "sort_order"}
ENDPOINTS = (
    Endpoint("GET", "/2/tweets", by_ids, POST_FIELD_PARAMETERS | {"ids"}),
    Endpoint("POST", "/2/tweets", publish, needs_user=True, status=201),
    Endpoint("GET", "/2/tweets/search/recent", search_recent, SEARCH_PARAMETERS),
    Endpoint("GET", "/2/tweets/{id}", by_id, POST_FIELD_PARAMETERS),
    Endpoint("DELETE", "/2/tweets/{id}", delete, needs_user=True),
)
