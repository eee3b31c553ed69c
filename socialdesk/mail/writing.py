"""A mail as SMTP carries it (RFC 5322), and what may stand in its address and its subject."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Protocol

import regex

from socialdesk.errors import BadInput
from socialdesk.mail.directions import unmarked
from socialdesk.phrases import gettext as _

LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, without the brackets
LONGEST_SUBJECT = 200
_LONGEST_LINE = 900  # bytes; SMTP ends a line at 998
_ADDRESS = regex.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+")


class Enclosed(Protocol):
    """A file that goes along."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def content(self) -> bytes: ...


class Written(Protocol):
    """As much of a mail as goes into it."""

    recipient: str
    subject: str
    text: str
    html: str | None
    language: str
    list_name: str | None
    message_token: str
    made_at: datetime


def checked_address(address: str) -> str:
    """One address and nothing else, without what surrounds it. Raises BadInput."""
    address = address.strip()
    if len(address) > LONGEST_ADDRESS or not address.isprintable() or not _ADDRESS.fullmatch(address):
        raise BadInput(_("That is no e-mail address."))
    return address


def checked_subject(subject: str) -> str:
    """On one line, whatever it was made of. Raises BadInput for none, for control characters and for a long
    one: what follows a line's end would be a header of its own."""
    if not subject.strip() or len(subject) > LONGEST_SUBJECT or not unmarked(subject).isprintable():
        raise BadInput(
            _("A mail's subject is one line of at most %(most)s characters.", most=LONGEST_SUBJECT)
        )
    return subject.strip()


def domain_of(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]


def compose(
    mail: Written, sender: str, enclosed: Sequence[Enclosed] = (), *, eight_bit: bool
) -> EmailMessage:
    """The mail with all its headers; `eight_bit` where the server takes it (RFC 6152)."""
    message, domain = EmailMessage(policy=SMTP), domain_of(sender)
    message["From"], message["To"], message["Subject"] = sender, mail.recipient, mail.subject
    message["Date"] = format_datetime(mail.made_at)
    message["Message-ID"] = f"<{mail.message_token}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answer, please
    if mail.list_name:
        message["List-Id"] = f"<{mail.list_name}.{domain}>"
    message.set_content(mail.text, cte=_encoding(mail.text, eight_bit))
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html", cte=_encoding(mail.html, eight_bit))
    for each in enclosed:
        main, _slash, sub = each.kind.partition("/")
        message.add_attachment(each.content, maintype=main, subtype=sub, filename=each.name)
    message["Content-Language"] = mail.language  # last: what the words are put into takes such headers along
    return message


def _encoding(text: str, eight_bit: bool) -> str:
    longest = max((len(line.encode()) for line in text.splitlines()), default=0)
    if longest > _LONGEST_LINE:
        return "base64"
    if text.isascii():
        return "7bit"
    return "8bit" if eight_bit else "base64"
