"""Addresses as settings.toml gives them: of X, of this console, of proxies before it."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

_USUAL_PORTS = {"http": 80, "https": 443}


def _http_url(value: str) -> str:
    _split(value)
    return value.rstrip("/")


def _origin(value: str) -> str:
    """As browsers tell it in `Origin`: in small letters, and without the port that the scheme has anyway."""
    if not value:
        return value
    parts = _split(value)
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must be a scheme and a host alone, such as https://desk.example")
    name = parts.hostname or ""
    if not name.isascii():
        raise ValueError("must have its host as browsers send it: xn--… for a name with other letters")
    shown = f"[{name}]" if ":" in name else name
    usual = parts.port in (None, _USUAL_PORTS[parts.scheme])
    return f"{parts.scheme}://{shown}" if usual else f"{parts.scheme}://{shown}:{parts.port}"


def _network(value: str) -> str:
    try:
        network = ip_network(value)
    except ValueError as error:
        raise ValueError(
            f"{value} is neither an address such as 10.0.0.5 nor a network such as 10.0.0.0/24"
        ) from error
    if not network.prefixlen:
        raise ValueError(f"{value} is everybody, who could then say to come from anywhere")
    return value


def _split(value: str) -> SplitResult:
    parts = urlsplit(value)
    if parts.scheme not in _USUAL_PORTS or not parts.hostname:
        raise ValueError("must be an http or https address")
    return parts


HttpUrl = Annotated[str, AfterValidator(_http_url)]
Origin = Annotated[str, AfterValidator(_origin)]  # or empty
Network = Annotated[str, AfterValidator(_network)]
