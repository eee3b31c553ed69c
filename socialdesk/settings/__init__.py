"""What the desk is set to: settings.toml, overridden by the environment, checked once and frozen."""

from socialdesk.settings.loading import Credentials, build, credentials, load
from socialdesk.settings.sections import (
    CHECKOUT,
    AccountSettings,
    ApprovalRule,
    Approvals,
    Log,
    Polling,
    Sending,
    X,
)
from socialdesk.settings.whole import Settings

__all__ = [
    "CHECKOUT",
    "AccountSettings",
    "ApprovalRule",
    "Approvals",
    "Credentials",
    "Log",
    "Polling",
    "Sending",
    "Settings",
    "X",
    "build",
    "credentials",
    "load",
]
