"""What X takes for a cashtag: a sign of the dollar before the few letters of a share's name.

The rules are those of twitter-text 3.1 (extractCashtags), and those marks of direction before one that only
the Java edition knows. https://github.com/twitter/twitter-text
"""

import re

from .hosts import DIRECTIONS, SPACES

_CASHTAG = re.compile(
    rf"(?:^|(?<=[{SPACES}{DIRECTIONS}]))\$[A-Za-z]{{1,6}}(?:[._][A-Za-z]{{1,2}})?"
    r"(?=$|[\s!#%&'()*+,\\\-./:;<=>?@\[\]^_{|}~$])"
)


def find_cashtags(text: str) -> list[str]:
    """Each as often as it stands there, with its sign."""
    return _CASHTAG.findall(text)
