"""By which names the console is reached: any other is a mistake, or a site that points its own name here."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from socialdesk.settings import Settings

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?")


class Hosts:
    """Those of the settings and, always, this machine's own; ports are not looked at.

    A site that lets its name lead to an address of ours (DNS rebinding) is still called by that name, and
    can't make a browser ask for another: plain addresses are therefore harmless, and serve as long as the
    console has no `public_url`.
    """

    def __init__(self, settings: Settings) -> None:
        self.public_url = settings.console.public_url
        public = (self.public_url, settings.satisfaction.public_url)
        self._names = {_name(urlsplit(each).netloc) for each in public if each}
        if not self.public_url:
            self._names.add(settings.console.host.lower())

    def knows(self, told: str | None) -> bool:
        """`told` is what the request has as Host; some monitors say none, browsers always do."""
        if told is None:
            return True
        name = _name(told)
        if name == "localhost" or (name and name in self._names):
            return True
        try:
            number = ip_address(name)
        except ValueError:
            return False
        return number.is_loopback or not self.public_url


def _name(told: str) -> str:
    """Without the port; nothing where it is no host at all."""
    found = _HOST.fullmatch(told.lower())
    return (found[1] or found[2]).rstrip(".") if found else ""
