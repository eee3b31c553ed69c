"""What the desk is set to: settings.toml, overridden by the environment, checked once and frozen."""

from socialdesk.settings.loading import Credentials, build, credentials, load, mail_password
from socialdesk.settings.sections import (
    CHECKOUT,
    AccountSettings,
    ApprovalRule,
    Approvals,
    Incidents,
    Log,
    MailSettings,
    Polling,
    SatisfactionSettings,
    Sending,
    SignInSettings,
    X,
)
from socialdesk.settings.whole import Settings

__all__ = [
    "CHECKOUT",
    "AccountSettings",
    "ApprovalRule",
    "Approvals",
    "Credentials",
    "Incidents",
    "Log",
    "MailSettings",
    "Polling",
    "SatisfactionSettings",
    "Sending",
    "Settings",
    "SignInSettings",
    "X",
    "build",
    "credentials",
    "load",
    "mail_password",
]
