"""Every table, named once, for whoever needs the whole schema: the migrations and the tests."""

from sqlmodel import SQLModel

from socialdesk.accounts import Account
from socialdesk.agents import Agent
from socialdesk.cases import Case, CaseEvent
from socialdesk.counts import CaseCount
from socialdesk.cursors import Cursor
from socialdesk.customers import Customer
from socialdesk.messages import Message
from socialdesk.quarantine import QuarantinedItem
from socialdesk.replies import Reply
from socialdesk.sign_ins import SignIn

ALL: tuple[type[SQLModel], ...] = (
    Account,
    Agent,
    Case,
    CaseCount,
    CaseEvent,
    Cursor,
    Customer,
    Message,
    QuarantinedItem,
    Reply,
    SignIn,
)
METADATA = SQLModel.metadata
