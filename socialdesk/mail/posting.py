"""One conversation with the SMTP server: encrypted and verified, with a time limit for each step."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from email.utils import parseaddr

from socialdesk.errors import DeskError, SettingsError
from socialdesk.mail.writing import Enclosed, Written, compose, domain_of
from socialdesk.phrases import mark
from socialdesk.settings import MailSettings, mail_password

_SAID = mark("The mail server said: %(status)s %(words)s")
_UNREACHED = mark("The mail server cannot be reached (%(error)s).")
_UNSURE = mark("The mail server broke off (%(error)s).")
_LONGEST = 300


class NotTaken(DeskError):
    """`for_good`: the server will not take this mail tomorrow either."""

    def __init__(self, text: str, *, for_good: bool = False) -> None:
        super().__init__(text)
        self.for_good = for_good


def post(mail: Written, enclosed: Sequence[Enclosed], settings: MailSettings) -> None:
    """Hand the mail over; nothing is said when the server has taken it. Raises NotTaken, SettingsError."""
    try:
        server = _connected(settings)
        try:
            _hand_over(server, mail, enclosed, settings)
        finally:
            _leave(server)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise _answered(code, words, for_good=code >= 500) from error
    except smtplib.SMTPResponseException as error:
        data = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
        raise _answered(error.smtp_code, error.smtp_error, for_good=data) from error
    except smtplib.SMTPNotSupportedError as error:
        raise NotTaken(_UNREACHED % {"error": str(error).rstrip(".")}) from error
    except smtplib.SMTPException as error:
        raise NotTaken(_UNSURE % {"error": type(error).__name__}) from error
    except OSError as error:
        raise NotTaken(_UNREACHED % {"error": _plain(error)}) from error


def _connected(settings: MailSettings) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
    name, limit = domain_of(settings.sender), settings.timeout_seconds
    if settings.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.host, settings.port, local_hostname=name, timeout=limit, context=context
        )
    else:
        server = smtplib.SMTP(settings.host, settings.port, local_hostname=name, timeout=limit)
    try:
        if settings.security == "starttls":
            server.starttls(context=context)  # raises where the server does not offer it
        server.ehlo_or_helo_if_needed()
        if settings.user:
            server.login(settings.user, mail_password().get_secret_value())
    except (smtplib.SMTPException, OSError, SettingsError):
        server.close()
        raise
    return server


def _hand_over(
    server: smtplib.SMTP, mail: Written, enclosed: Sequence[Enclosed], settings: MailSettings
) -> None:
    eight_bit = server.has_extn("8bitmime")
    message = compose(mail, settings.sender, enclosed, eight_bit=eight_bit)
    options = ["BODY=8BITMIME"] if eight_bit and mail.recipient.isascii() else []
    server.send_message(message, parseaddr(settings.sender)[1], [mail.recipient], mail_options=options)


def _leave(server: smtplib.SMTP) -> None:
    """What was said before counts, however the server takes its leave."""
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _answered(code: int, words: bytes | str, *, for_good: bool) -> NotTaken:
    said = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    plain = " ".join("".join(each if each.isprintable() else " " for each in said).split())
    return NotTaken(_SAID % {"status": code, "words": plain[:_LONGEST]}, for_good=for_good)


def _plain(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return error.reason or type(error).__name__
    return error.strerror or type(error).__name__
