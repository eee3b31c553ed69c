"""Where something may be told: at hosts that the settings allow, outside the house where the desk stands."""

import ipaddress
import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from socialdesk.errors import BadInput
from socialdesk.phrases import gettext as _

LONGEST_URL = 500
_HERE = ("127.0.0.1", "::1", "localhost")
_IN_USE = IPv6Network("2000::/3")  # all that is given out of IPv6 (RFC 4291, IANA)
_6TO4 = IPv6Network("2002::/16")  # leads to the IPv4 address within; nobody needs it any more (RFC 7526)
_NAT64 = IPv6Network("64:ff9b::/96")  # how IPv4 is reached from where there is none (RFC 6052)


def refuse(url: str, hosts: Collection[str]) -> None:
    """Raises BadInput for an address that nothing may be sent to."""
    try:
        parsed = urlsplit(url)
        host = (parsed.hostname or "").lower()
        port = parsed.port
    except ValueError as error:
        raise BadInput(_("That is no address of a web server.")) from error
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise BadInput(_("That is no address of a web server."))
    named = f"[{host}]" if ":" in host else host  # as it stands in an address
    named += f":{port}" if port else ""
    if not host or named not in hosts:
        raise BadInput(_not_allowed(named))
    if parsed.username or parsed.password:
        raise BadInput(_("The address may hold no user name and no password."))
    if parsed.scheme != "https" and not (parsed.scheme == "http" and host in _HERE):
        raise BadInput(_("The address begins with https://."))


def _not_allowed(host: str) -> str:
    if not host:
        return _("That host is not among webhooks.hosts in the settings.")
    return _("%(host)s is not among webhooks.hosts in the settings.", host=host)


def address(host: str, port: int) -> str:
    """One that the host has now. Raises BadInput when any is inside the house, unless the settings name the
    address itself; OSError when nobody knows the host."""
    found = {str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    inside = [each for each in found if not is_outside(each)]
    if inside and host not in (*inside, "localhost"):
        raise BadInput(f"{host} leads to {inside[0]}, which is not for the outside.")
    return sorted(found)[0]


def is_outside(found: str) -> bool:
    """Whether that address is somebody's out there, one machine's, and hides no other address in it."""
    known = ipaddress.ip_address(found.partition("%")[0])
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped or known in _NAT64:
            known = IPv4Address(known.packed[-4:])
        elif known not in _IN_USE or known in _6TO4:
            return False
    return known.is_global and not known.is_multicast
