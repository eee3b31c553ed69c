"""What a request asks for: its parameters, checked as X checks them, and the fields it wants to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from socialdesk.sandbox import problems
from socialdesk.sandbox.ids import is_id
from socialdesk.sandbox.spelling import MESSAGE_FIELDS, NEW, NEW_NAMES, OLD, USER_FIELDS, Spelling

DEFAULT_POST_FIELDS = frozenset({"id", "text", "edit_history_tweet_ids"})
DEFAULT_USER_FIELDS = frozenset({"id", "name", "username"})
DEFAULT_MESSAGE_FIELDS = frozenset({"id", "event_type", "text"})
FIELD_PARAMETERS = frozenset({"expansions", "tweet.fields", "post.fields", "user.fields", "media.fields"})
POST_FIELD_PARAMETERS = FIELD_PARAMETERS | {"poll.fields", "place.fields"}
MESSAGE_FIELD_PARAMETERS = FIELD_PARAMETERS | {"dm_event.fields"}


@dataclass(frozen=True)
class Asked:
    """The query of one request."""

    given: Mapping[str, str]

    def check_names(self, allowed: frozenset[str]) -> None:
        for name in self.given.keys() - allowed:
            message = f"The query parameter [{name}] is not one of [{','.join(sorted(allowed))}]"
            raise problems.invalid(message, **{name: self.given[name]})
        if "tweet.fields" in self.given and "post.fields" in self.given:
            raise problems.invalid(
                "One request cannot use both tweet.fields and post.fields", post__fields=""
            )

    def check_fields(self) -> None:
        """Raises a Problem for a field or expansion that X does not have, even if nothing would show it."""
        _ = self.expansions, self.post_fields, self.user_fields, self.message_fields

    def text(self, name: str) -> str | None:
        return self.given.get(name)

    def words(self, name: str) -> list[str]:
        return [word for word in self.given.get(name, "").split(",") if word]

    def ids(self, name: str, most: int = 100) -> list[str]:
        ids = list(dict.fromkeys(self.words(name)))
        if not 1 <= len(ids) <= most:
            raise problems.invalid(f"The `{name}` query parameter needs 1 to {most} ids", **{name: len(ids)})
        for wrong in (word for word in ids if not is_id(word)):
            raise problems.invalid(
                f"The `{name}` query parameter value [{wrong}] is not valid", **{name: wrong}
            )
        return ids

    def id(self, name: str) -> int | None:
        value = self.given.get(name)
        if value is None:
            return None
        if not is_id(value):
            raise problems.invalid(
                f"The `{name}` query parameter value [{value}] is not valid", **{name: value}
            )
        return int(value)

    def count(self, name: str, least: int, most: int, usual: int) -> int:
        value = self.given.get(name, str(usual))
        if value.isascii() and value.isdigit() and least <= int(value) <= most:
            return int(value)
        message = f"The `{name}` query parameter value [{value}] is not between {least} and {most}"
        raise problems.invalid(message, **{name: value})

    def moment(self, name: str) -> datetime | None:
        value = self.given.get(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise problems.invalid(f"invalid datetime value [{value}]", **{name: value}) from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    @cached_property
    def spelling(self) -> Spelling:
        expanded = NEW_NAMES & set(self.words("expansions"))
        return NEW if "post.fields" in self.given or expanded else OLD

    @cached_property
    def expansions(self) -> frozenset[str]:
        return self._names("expansions", self.spelling.expansions)

    @cached_property
    def post_fields(self) -> frozenset[str]:
        """What to show of each post, in the older names; an expanded field is shown too."""
        asked = self._names(self.spelling.fields_parameter, self.spelling.post_fields)
        expanded = {name.split(".")[0] for name in self.expansions}
        return DEFAULT_POST_FIELDS | asked | expanded

    @cached_property
    def user_fields(self) -> frozenset[str]:
        return DEFAULT_USER_FIELDS | self._names("user.fields", USER_FIELDS)

    @cached_property
    def message_fields(self) -> frozenset[str]:
        return DEFAULT_MESSAGE_FIELDS | self._names("dm_event.fields", MESSAGE_FIELDS) | self.expansions

    def _names(self, parameter: str, allowed: frozenset[str]) -> frozenset[str]:
        names = {word: self.spelling.understand(word, allowed) for word in self.words(parameter)}
        for said in (said for said, name in names.items() if name is None):
            choice = ",".join(sorted(map(self.spelling.say, allowed)))
            message = f"The `{parameter}` query parameter value [{said}] is not one of [{choice}]"
            raise problems.invalid(message, **{parameter: said})
        return frozenset(name for name in names.values() if name)
