"""What a customer's message is about, and the words in it that say so."""

from socialdesk.topics.evidence import NOTHING_TO_GO_BY, TopicEvidence, tell
from socialdesk.topics.names import FIRST_AT_A_TIE, OTHER, TOPICS
from socialdesk.topics.words import check

__all__ = ["FIRST_AT_A_TIE", "NOTHING_TO_GO_BY", "OTHER", "TOPICS", "TopicEvidence", "check", "tell"]
