"""Every table, named once, for whoever needs the whole schema: the migrations and the tests."""

from sqlmodel import SQLModel

from socialdesk.accounts import Account
from socialdesk.audit import AuditEntry
from socialdesk.automation.releases import TemplateRelease
from socialdesk.automation.runs import RuleRun
from socialdesk.automation.switches import RuleSwitch
from socialdesk.automation.wishes import OptOutWish, WishReading
from socialdesk.cases import Case
from socialdesk.casework.corrections import LanguageCorrection
from socialdesk.casework.notes import Mention, Note, NoteVersion
from socialdesk.casework.sorting import TopicCorrection
from socialdesk.casework.tagging import CaseTag, Tag
from socialdesk.counts import CaseCount, ListCount
from socialdesk.customers import Customer
from socialdesk.figures import own
from socialdesk.figures.charges import ReadCharge, ThingRead
from socialdesk.figures.recount import FigureCounting
from socialdesk.figures.rollups import FigureCount, HourCount, TopicCount
from socialdesk.figures.waits import Wait, WaitLength
from socialdesk.history import CaseEvent
from socialdesk.incidents.incidents import ClosingReply, HoldingReply, Incident, IncidentCase
from socialdesk.incidents.waves import Wave
from socialdesk.mail.mails import Mail, MailAttachment
from socialdesk.messages import Message
from socialdesk.parts import ReplyPart
from socialdesk.people.agents import Agent
from socialdesk.people.brakes import Brake
from socialdesk.people.codes import CodeSecret, RecoveryCode
from socialdesk.people.devices import KnownDevice
from socialdesk.people.first_run import SetupToken
from socialdesk.people.invitations import Invitation
from socialdesk.people.permissions import Membership
from socialdesk.people.sign_ins import SignIn
from socialdesk.people.skills import AgentLanguage
from socialdesk.people.tokens import ApiToken
from socialdesk.placing.muting import MutedConversation
from socialdesk.polling.cursors import Cursor
from socialdesk.polling.gaps import Gap, GapFind
from socialdesk.polling.quarantine import QuarantinedItem
from socialdesk.polling.walks import Walk, WalkPage
from socialdesk.privacy.tombstones import Tombstone
from socialdesk.replies import Reply
from socialdesk.replying.allowances import SendBudget
from socialdesk.replying.jottings import Jotting
from socialdesk.routing.shifts import Roster
from socialdesk.routing.stalling import RoutingWait
from socialdesk.satisfaction.questions import ClosingQuestion
from socialdesk.search import SearchEntry
from socialdesk.summaries.subscriptions import Subscription
from socialdesk.templating.texts import TemplateText
from socialdesk.transcripts import Transcript
from socialdesk.unplaced import UnplacedMessage
from socialdesk.versions import MessageVersion
from socialdesk.webhooks import Webhook, WebhookDelivery
from socialdesk.worklists.presence import Presence
from socialdesk.worklists.together import BulkChange
from socialdesk.worklists.views import SavedView

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
    ClosingReply,
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
    ReadCharge,
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
    ThingRead,
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
    """Whether a table or an index of the schema has its model here: the full-text index and
    its vocabulary have none."""
    return not (name or "").startswith(("search_words", "search_vocabulary"))
