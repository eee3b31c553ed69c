"""Whether customers say that we could help them: the closing question, and its answers."""

from socialdesk.satisfaction.asking import ask_all, want
from socialdesk.satisfaction.hearing import Heard, hear, keep
from socialdesk.satisfaction.measuring import FEW, Satisfaction, by_language, figures

__all__ = ["FEW", "Heard", "Satisfaction", "ask_all", "by_language", "figures", "hear", "keep", "want"]
