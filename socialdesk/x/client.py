"""The little of X that a desk needs, through tweepy; every failure comes out as one of errors.XError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import requests
import tweepy

from socialdesk import settings as desk_settings
from socialdesk.customers import Profile
from socialdesk.errors import AccountBlocked, OutcomeUnknown, RateLimited, XError, XUnavailable
from socialdesk.messages import Visibility
from socialdesk.phrases import mark
from socialdesk.settings import Credentials
from socialdesk.settings import X as XSettings
from socialdesk.x import billing, payloads, refusals
from socialdesk.x.budgets import Budget, Budgets, told_to_wait
from socialdesk.x.payloads import LookedUp, Page
from socialdesk.x.session import ErrorAnswer, Session

USERS_PER_REQUEST = 100
POSTS_PER_PAGE = 100
MENTIONS = "/2/users/{}/mentions"
OWN_POSTS = "/2/users/{}/tweets"
DIRECT_MESSAGES = "/2/dm_events"
POSTS = "/2/tweets"
WRITE_DIRECT_MESSAGE = "/2/dm_conversations/with/{}/messages"

_T = TypeVar("_T")
Meter = Callable[[Mapping[str, str]], None]
_IN_TROUBLE = mark("X is in trouble (it answered %(status)s).")
_NO_CLEAR_ANSWER = mark("No clear answer from X (%(error)s).")


class XClient:
    """One account's door to X. Use one in each thread that needs one: tweepy's client is not for sharing.

    `meter` is told after each answer what in it X charges for, as `billing.read` tells it; it raises nothing.
    """

    def __init__(
        self,
        settings: XSettings,
        credentials: Credentials,
        budgets: Budgets | None = None,
        meter: Meter | None = None,
    ) -> None:
        self.budgets = budgets or Budgets()
        self._meter = meter or _nobody_counts
        self._made_of = settings, credentials, self.budgets, meter
        self._fields = payloads.FIELDS[settings.spelling]
        self._tweepy = tweepy.Client(
            consumer_key=credentials.consumer_key.get_secret_value(),
            consumer_secret=credentials.consumer_secret.get_secret_value(),
            access_token=credentials.access_token.get_secret_value(),
            access_token_secret=credentials.access_token_secret.get_secret_value(),
            return_type=dict,
        )
        self._tweepy.session = Session(settings.api_url, self.budgets.see)

    def another(self) -> XClient:
        """One like this for another thread; what X grants is granted to both together."""
        return XClient(*self._made_of)

    def me(self) -> Profile:
        """Who the keys belong to."""
        found = self._read("/2/users/me", {}, payloads.profiles)
        if not found:
            raise XUnavailable(mark("X did not say whom the keys belong to."))
        return found[0]

    def users(self, x_ids: Sequence[str]) -> list[Profile]:
        """What X tells about up to 100 people; those it does not know any more are left out."""
        asked = {"ids": ",".join(x_ids), "user.fields": payloads.USER_FIELDS}
        return self._read("/2/users", asked, payloads.profiles)

    def mentions(
        self, our_x_id: str, *, since_id: str | None, until_id: str | None = None, token: str | None = None
    ) -> Page:
        """A page of posts that mention us, newest first; neither of the two ids is among them."""
        return self._posts(MENTIONS.format(our_x_id), our_x_id, since_id, until_id, token)

    def own_posts(
        self, our_x_id: str, *, since_id: str | None, until_id: str | None = None, token: str | None = None
    ) -> Page:
        """A page of our own posts, newest first."""
        return self._posts(OWN_POSTS.format(our_x_id), our_x_id, since_id, until_id, token)

    def search_mentions(
        self, our_x_id: str, handle: str, *, since_id: str, until_id: str, token: str | None = None
    ) -> Page:
        """A page of what X's search still finds of the posts that mention us, newest first.

        It reaches back seven days, however many posts that are, and each costs five times a mention.
        """
        query = {"query": f"@{handle} -is:retweet"}
        return self._posts("/2/tweets/search/recent", our_x_id, since_id, until_id, token, **query)

    def _posts(
        self,
        path: str,
        our_x_id: str,
        since_id: str | None,
        until_id: str | None,
        token: str | None,
        **more: str,
    ) -> Page:
        ids = _given(since_id=since_id, until_id=until_id, pagination_token=token)
        asked = self._fields | more | {"max_results": str(POSTS_PER_PAGE)} | ids
        return self._read(path, asked, lambda body: payloads.posts_page(body, our_x_id=our_x_id))

    def posts(self, x_ids: Sequence[str], *, our_x_id: str) -> LookedUp:
        """Up to 100 posts by their ids; each that X shows costs five times a mention, once a day."""
        asked = self._fields | {"ids": ",".join(x_ids)}
        return self._read("/2/tweets", asked, lambda body: payloads.looked_up(body, our_x_id=our_x_id))

    def left(self, path: str) -> Budget | None:
        """How often that may be read still; None when X has not said."""
        return self.budgets.of("GET", path)

    def sends_left(self, visibility: str) -> Budget | None:
        """How many replies of that kind X still takes; None when it has not said."""
        path = POSTS if visibility == Visibility.PUBLIC else WRITE_DIRECT_MESSAGE.format("0000")
        return self.budgets.of("POST", path)

    def direct_messages(self, our_x_id: str, *, size: int, token: str | None = None) -> Page:
        """A page of direct messages in both directions, newest first; X knows no since_id here."""
        asked = payloads.DM_FIELDS | {"max_results": str(size), **_given(pagination_token=token)}
        return self._read(
            DIRECT_MESSAGES, asked, lambda body: payloads.direct_messages_page(body, our_x_id=our_x_id)
        )

    def direct_messages_with(self, our_x_id: str, customer_x_id: str, *, token: str | None = None) -> Page:
        """A page of the direct messages between us and one person, newest first."""
        return self._read(
            f"/2/dm_conversations/with/{customer_x_id}/dm_events",
            payloads.DM_FIELDS | {"max_results": "20", **_given(pagination_token=token)},
            lambda body: payloads.direct_messages_page(body, our_x_id=our_x_id),
        )

    def post_reply(self, text: str, *, answers_x_id: str) -> str:
        """Answer a post in public; returns the new post's id. Whatever is not certain is OutcomeUnknown."""
        body = {"text": text, "reply": {"in_reply_to_tweet_id": answers_x_id}}
        return self._write(POSTS, body, "id")

    def send_direct_message(self, text: str, *, customer_x_id: str) -> str:
        """Write to a person in private; returns the new event's id."""
        return self._write(WRITE_DIRECT_MESSAGE.format(customer_x_id), {"text": text}, "dm_event_id")

    def _read(self, path: str, asked: dict[str, str], understand: Callable[[Any], _T]) -> _T:
        self.budgets.check("GET", path)
        try:
            response = self._tweepy.request("GET", path, params=asked, user_auth=True)
            self.budgets.granted("GET", path)
            body = response.json()
            if charged := billing.read(path, body):
                self._meter(charged)
            return understand(body)
        except ErrorAnswer as error:
            raise self._refused("GET", path, error.response, XUnavailable) from error
        except requests.Timeout as error:
            raise XUnavailable(mark("X took too long to answer.")) from error
        except requests.ConnectionError as error:
            raise XUnavailable(mark("X cannot be reached.")) from error
        except (requests.RequestException, tweepy.TweepyException, ValueError, TypeError) as error:
            raise XUnavailable(mark("X answered something that cannot be read.")) from error

    def _refused(
        self,
        method: str,
        path: str,
        response: requests.Response,
        otherwise: type[XUnavailable] | type[OutcomeUnknown],
    ) -> XError:
        if response.status_code != requests.codes.too_many_requests:
            return _told(response, otherwise)
        until = self.budgets.limited(method, path, response.headers)
        return RateLimited(told_to_wait(until), until=until)

    def _write(self, path: str, body: dict[str, Any], id_name: str) -> str:
        try:
            response = self._tweepy.request("POST", path, json=body, user_auth=True)
            self.budgets.granted("POST", path)
            created = payloads.created_id(response.json(), id_name)
        except ErrorAnswer as error:
            raise self._refused("POST", path, error.response, OutcomeUnknown) from error
        except Exception as error:  # the request may have left: nothing that happens now is certain
            raise OutcomeUnknown(_NO_CLEAR_ANSWER % {"error": type(error).__name__}) from error
        if created is None:
            raise OutcomeUnknown(mark("X's answer has no id of what was posted."))
        return created


def connect(settings: XSettings, credentials_name: str, meter: Meter | None = None) -> XClient:
    """A client for the account whose keys have that name. Raises SettingsError when they are not set."""
    return XClient(settings, desk_settings.credentials(credentials_name), meter=meter)


def _nobody_counts(_charged: Mapping[str, str]) -> None:
    """For who only looks whether X answers."""


def in_batches(x_ids: Iterable[str]) -> Iterable[list[str]]:
    """As many ids at a time as one look-up may name."""
    ids = list(x_ids)
    return (ids[start : start + USERS_PER_REQUEST] for start in range(0, len(ids), USERS_PER_REQUEST))


def _given(**asked: str | None) -> dict[str, str]:
    return {name: value for name, value in asked.items() if value is not None}


def _told(response: requests.Response, otherwise: type[XUnavailable] | type[OutcomeUnknown]) -> XError:
    """What an error answer of X's means for the desk."""
    status = response.status_code
    if status in (requests.codes.unauthorized, requests.codes.payment_required):
        return AccountBlocked(refusals.blocked(status))
    if refusals.is_definite(response):
        return refusals.refusal(response)
    return otherwise(_IN_TROUBLE % {"status": status})
