"""Mails that the desk sends: kept until the SMTP server has taken them, and told when it does not."""

from socialdesk.mail.mails import Attachment, Mail, Standing, enqueue, forget_of, of_customer, standing
from socialdesk.mail.writing import checked_address

__all__ = [
    "Attachment",
    "Mail",
    "Standing",
    "checked_address",
    "enqueue",
    "forget_of",
    "of_customer",
    "standing",
]
