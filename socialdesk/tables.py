"""Every table, named once, for whoever needs the whole schema: the migrations and the tests."""

from sqlmodel import SQLModel

from socialdesk.accounts import Account
from socialdesk.agents import Agent
from socialdesk.allowances import SendBudget
from socialdesk.audit import AuditEntry
from socialdesk.automation.releases import TemplateRelease
from socialdesk.automation.runs import RuleRun
from socialdesk.automation.switches import RuleSwitch
from socialdesk.automation.wishes import OptOutWish, WishReading
from socialdesk.brakes import Brake
from socialdesk.cases import Case
from socialdesk.codes import CodeSecret, RecoveryCode
from socialdesk.corrections import LanguageCorrection
from socialdesk.counts import CaseCount, ListCount
from socialdesk.cursors import Cursor
from socialdesk.customers import Customer
from socialdesk.devices import KnownDevice
from socialdesk.figures import own
from socialdesk.figures.recount import FigureCounting
from socialdesk.figures.rollups import FigureCount, HourCount, TopicCount
from socialdesk.figures.waits import Wait, WaitLength
from socialdesk.first_run import SetupToken
from socialdesk.gaps import Gap, GapFind
from socialdesk.history import CaseEvent
from socialdesk.incidents.incidents import HoldingReply, Incident, IncidentCase
from socialdesk.incidents.waves import Wave
from socialdesk.invitations import Invitation
from socialdesk.jottings import Jotting
from socialdesk.mail.mails import Mail, MailAttachment
from socialdesk.messages import Message
from socialdesk.muting import MutedConversation
from socialdesk.notes import Mention, Note, NoteVersion
from socialdesk.parts import ReplyPart
from socialdesk.permissions import Membership
from socialdesk.presence import Presence
from socialdesk.quarantine import QuarantinedItem
from socialdesk.replies import Reply
from socialdesk.routing.shifts import Roster
from socialdesk.routing.stalling import RoutingWait
from socialdesk.satisfaction.questions import ClosingQuestion
from socialdesk.search import SearchEntry
from socialdesk.sign_ins import SignIn
from socialdesk.skills import AgentLanguage
from socialdesk.sorting import TopicCorrection
from socialdesk.summaries.subscriptions import Subscription
from socialdesk.tagging import CaseTag, Tag
from socialdesk.texts import TemplateText
from socialdesk.together import BulkChange
from socialdesk.tokens import ApiToken
from socialdesk.tombstones import Tombstone
from socialdesk.transcripts import Transcript
from socialdesk.unplaced import UnplacedMessage
from socialdesk.versions import MessageVersion
from socialdesk.views import SavedView
from socialdesk.walks import Walk, WalkPage
from socialdesk.webhooks import Webhook, WebhookDelivery

ALL: tuple[type[SQLModel], ...] = (
    Account,
    Agent,
    AgentLanguage,
    ApiToken,
    AuditEntry,
    Brake,
    BulkChange,
    Case,
    CaseCount,
    CaseEvent,
    CaseTag,
    ClosingQuestion,
    CodeSecret,
    Cursor,
    Customer,
    FigureCount,
    FigureCounting,
    Gap,
    GapFind,
    HoldingReply,
    HourCount,
    Incident,
    IncidentCase,
    Invitation,
    Jotting,
    KnownDevice,
    LanguageCorrection,
    ListCount,
    Mail,
    MailAttachment,
    Membership,
    Mention,
    Message,
    MessageVersion,
    MutedConversation,
    Note,
    NoteVersion,
    OptOutWish,
    Presence,
    QuarantinedItem,
    RecoveryCode,
    Reply,
    ReplyPart,
    Roster,
    RoutingWait,
    RuleRun,
    RuleSwitch,
    SavedView,
    SearchEntry,
    SendBudget,
    SetupToken,
    SignIn,
    Subscription,
    Tag,
    TemplateRelease,
    TemplateText,
    Tombstone,
    TopicCorrection,
    TopicCount,
    Transcript,
    UnplacedMessage,
    Wait,
    WaitLength,
    Walk,
    WalkPage,
    Wave,
    Webhook,
    WebhookDelivery,
    WishReading,
)
METADATA = SQLModel.metadata
ASIDE = (*own.INDEXES,)  # indexes that serve another noun than their table's


def is_modelled(name: str | None, _kind: str, _parents: object) -> bool:
    """Whether a table or an index of the schema has its model here: the full-text index has none."""
    return not (name or "").startswith("search_words")
