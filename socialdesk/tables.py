"""Every table, named once, for whoever needs the whole schema: the migrations and the tests."""

from sqlmodel import SQLModel

from socialdesk.accounts import Account
from socialdesk.agents import Agent
from socialdesk.allowances import SendBudget
from socialdesk.audit import AuditEntry
from socialdesk.brakes import Brake
from socialdesk.cases import Case
from socialdesk.codes import CodeSecret, RecoveryCode
from socialdesk.corrections import LanguageCorrection
from socialdesk.counts import CaseCount
from socialdesk.cursors import Cursor
from socialdesk.customers import Customer
from socialdesk.devices import KnownDevice
from socialdesk.first_run import SetupToken
from socialdesk.gaps import Gap
from socialdesk.history import CaseEvent
from socialdesk.messages import Message
from socialdesk.muting import MutedConversation
from socialdesk.parts import ReplyPart
from socialdesk.quarantine import QuarantinedItem
from socialdesk.replies import Reply
from socialdesk.search import SearchEntry
from socialdesk.sign_ins import SignIn
from socialdesk.sorting import TopicCorrection
from socialdesk.texts import TemplateText
from socialdesk.unplaced import UnplacedMessage
from socialdesk.versions import MessageVersion
from socialdesk.walks import Walk, WalkPage

ALL: tuple[type[SQLModel], ...] = (
    Account,
    Agent,
    AuditEntry,
    Brake,
    Case,
    CaseCount,
    CaseEvent,
    CodeSecret,
    Cursor,
    Customer,
    Gap,
    KnownDevice,
    LanguageCorrection,
    Message,
    MessageVersion,
    MutedConversation,
    QuarantinedItem,
    RecoveryCode,
    Reply,
    ReplyPart,
    SearchEntry,
    SendBudget,
    SetupToken,
    SignIn,
    TemplateText,
    TopicCorrection,
    UnplacedMessage,
    Walk,
    WalkPage,
)
METADATA = SQLModel.metadata


def is_modelled(name: str | None, _kind: str, _parents: object) -> bool:
    """Whether a table or an index of the schema has its model here: the full-text index has none."""
    return not (name or "").startswith("search_words")
