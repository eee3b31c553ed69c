"""The words that an option may be given, for the help of commands: it needn't load the tables to tell them.

A test holds them to those of the desk.
"""

from enum import StrEnum


class Role(StrEnum):
    READ_ONLY = "read_only"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Scope(StrEnum):
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    REPLIES_WRITE = "replies:write"
    REPLIES_APPROVE = "replies:approve"
    CUSTOMERS_READ = "customers:read"
    TEMPLATES_READ = "templates:read"
    TEMPLATES_WRITE = "templates:write"
    STATISTICS_READ = "statistics:read"


class Visibility(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"


class By(StrEnum):
    """What a line of the statistics is about."""

    LANGUAGE = "language"
    TOPIC = "topic"
    TEMPLATE = "template"
    MONEY = "money"
