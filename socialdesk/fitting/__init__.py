"""How long a text is for X, and how a long reply is cut into posts that fit."""

from .parsing import ParseResults, parse
from .parts import Fit, bare, fit, signed
from .weights import LIMIT, fits, weighted_length

__all__ = ["LIMIT", "Fit", "ParseResults", "bare", "fit", "fits", "parse", "signed", "weighted_length"]
