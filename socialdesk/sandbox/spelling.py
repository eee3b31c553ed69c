"""X's two vocabularies: what was a tweet until document 2.166 is a post from 2.167 (August 2026) on.

Inside the sandbox the older names are used; a request in the newer ones is translated, and its answer back.
A field that only one of the documents allows is refused in the other, as X would.
"""

from __future__ import annotations

from dataclasses import dataclass

from socialdesk.sandbox.problems import NEW_HOST, OLD_HOST


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


USER_FIELDS = _names(
    """
    confirmed_email connection_status created_at description entities id is_identity_verified location
    name parody profile_banner_url profile_image_url protected public_metrics receives_your_dm
    subscription subscription_type url username verified verified_followers_count verified_type
    withheld affiliation most_recent_tweet_id pinned_tweet_id subscribes_to_you
    """
)
MESSAGE_FIELDS = _names(
    """
    attachments created_at dm_conversation_id entities event_type id participant_ids referenced_tweets
    sender_id text
    """
)
COMMON_POST_FIELDS = _names(
    """
    article attachments card_uri community_id context_annotations conversation_id created_at
    display_text_range edit_controls entities geo id lang matched_media_notes media_metadata
    non_public_metrics note_tweet note_request_suggestions organic_metrics paid_partnership
    possibly_sensitive promoted_metrics public_metrics reply_settings scopes source
    suggested_source_links suggested_source_links_with_counts text withheld
    """
)
ONLY_EXPANDED_IN_NEW = frozenset(
    {"author_id", "edit_history_tweet_ids", "in_reply_to_user_id", "referenced_tweets"}
)
COMMON_EXPANSIONS = _names(
    """
    article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet
    attachments.poll_ids author_id edit_history_tweet_ids entities.mentions.username geo.place_id
    in_reply_to_user_id referenced_tweets.id participant_ids sender_id
    """
)
OLD_EXPANSIONS = _names(
    """
    entities.note.mentions.username referenced_tweets.id.attachments.media_keys
    referenced_tweets.id.author_id affiliation.user_id most_recent_tweet_id pinned_tweet_id
    """
)


@dataclass(frozen=True)
class Spelling:
    fields_parameter: str
    thing: str
    included: str
    host: str
    post_fields: frozenset[str]
    expansions: frozenset[str]
    renamed: dict[str, str]
    """From the older name to the one used in this vocabulary, where they differ."""

    def say(self, name: str) -> str:
        return self.renamed.get(name, name)

    def understand(self, said: str, allowed: frozenset[str]) -> str | None:
        """The older name, among those allowed, for one of this vocabulary; None for what it does not have."""
        renamed = (old for old, new in self.renamed.items() if new == said and old in allowed)
        unchanged = said if said in allowed and said not in self.renamed else None
        return next(renamed, unchanged)


OLD = Spelling(
    fields_parameter="tweet.fields",
    thing="tweet",
    included="tweets",
    host=OLD_HOST,
    post_fields=COMMON_POST_FIELDS | ONLY_EXPANDED_IN_NEW,
    expansions=COMMON_EXPANSIONS | OLD_EXPANSIONS,
    renamed={},
)
NEW = Spelling(
    fields_parameter="post.fields",
    thing="post",
    included="posts",
    host=NEW_HOST,
    post_fields=COMMON_POST_FIELDS | {"article_title"},
    expansions=COMMON_EXPANSIONS | {"username", "affiliation", "most_recent_tweet_id", "pinned_tweet_id"},
    renamed={
        "edit_history_tweet_ids": "edit_history_post_ids",
        "referenced_tweets": "referenced_posts",
        "referenced_tweets.id": "referenced_posts",
        "note_tweet": "note_post",
        "most_recent_tweet_id": "most_recent_post_id",
        "pinned_tweet_id": "pinned_post_id",
        "tweet_count": "post_count",
        "retweet_count": "repost_count",
    },
)
NEW_NAMES = frozenset(NEW.renamed.values())
