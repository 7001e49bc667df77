# Written by scripts/surface: edit __init__.py, not this file.

from netmail.address import Address as Address
from netmail.address import Group as Group
from netmail.clients.async_imap import AsyncImap as AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3 as AsyncPOP3
from netmail.clients.async_result_iterator import AsyncResultIterator as AsyncResultIterator
from netmail.clients.async_result_iterator import AsyncResultStream as AsyncResultStream
from netmail.clients.async_transport import AsyncTransport as AsyncTransport
from netmail.clients.factories import imap as imap
from netmail.clients.factories import pop3 as pop3
from netmail.clients.factories import smtp as smtp
from netmail.clients.imap import Imap as Imap
from netmail.clients.pipelining.async_pipeline import AsyncPipeline as AsyncPipeline
from netmail.clients.pipelining.pipeline import Pipeline as Pipeline
from netmail.clients.pools.async_imap_pool import AsyncImapPool as AsyncImapPool
from netmail.clients.pools.async_transport_pool import AsyncTransportPool as AsyncTransportPool
from netmail.clients.pools.imap_pool import ImapPool as ImapPool
from netmail.clients.pools.servers import PoolPolicy as PoolPolicy
from netmail.clients.pools.servers import PoolServers as PoolServers
from netmail.clients.pools.transport_pool import TransportPool as TransportPool
from netmail.clients.pop3 import POP3 as POP3
from netmail.clients.result_iterator import ResultIterator as ResultIterator
from netmail.clients.result_iterator import ResultStream as ResultStream
from netmail.clients.transport import Transport as Transport
from netmail.curl.connection import CurlHandle as CurlHandle
from netmail.delivery_options import DeliveryOptions as DeliveryOptions
from netmail.delivery_options import NotifyCondition as NotifyCondition
from netmail.delivery_options import RecipientOptions as RecipientOptions
from netmail.envelope import Envelope as Envelope
from netmail.envelope import LargeContent as LargeContent
from netmail.errors import AuthenticationError as AuthenticationError
from netmail.errors import BusyError as BusyError
from netmail.errors import CapabilityError as CapabilityError
from netmail.errors import ConnectError as ConnectError
from netmail.errors import ConnectionLost as ConnectionLost
from netmail.errors import DeletionsNotCommitted as DeletionsNotCommitted
from netmail.errors import DeletionsRefused as DeletionsRefused
from netmail.errors import ImapError as ImapError
from netmail.errors import LimitError as LimitError
from netmail.errors import MailTimeout as MailTimeout
from netmail.errors import MessageError as MessageError
from netmail.errors import NetmailError as NetmailError
from netmail.errors import Phase as Phase
from netmail.errors import Pop3Error as Pop3Error
from netmail.errors import ProtocolError as ProtocolError
from netmail.errors import ProxyError as ProxyError
from netmail.errors import RecipientsRefused as RecipientsRefused
from netmail.errors import ReplyError as ReplyError
from netmail.errors import SenderRefused as SenderRefused
from netmail.errors import SmtpError as SmtpError
from netmail.errors import StateError as StateError
from netmail.errors import TlsError as TlsError
from netmail.errors import TransportError as TransportError
from netmail.errors import UsageError as UsageError
from netmail.flows.file_target import FileTarget as FileTarget
from netmail.flows.file_target import OnProgress as OnProgress
from netmail.flows.file_target import WritableFile as WritableFile
from netmail.flows.imap.extended_search import SearchRange as SearchRange
from netmail.flows.imap.extensions.resync import KnownMailbox as KnownMailbox
from netmail.flows.imap.live.notify import NotifyFolders as NotifyFolders
from netmail.flows.imap.uploads.append_many import Uploads as Uploads
from netmail.flows.imap.uploads.catenate import MessageParts as MessageParts
from netmail.flows.imap.uploads.upload import Upload as Upload
from netmail.flows.pop3.many import MessageIds as MessageIds
from netmail.limits import MessageLimits as MessageLimits
from netmail.limits import ServerLimits as ServerLimits
from netmail.mime.defects import Defect as Defect
from netmail.mime.defects import DefectHandler as DefectHandler
from netmail.mime.defects import DefectKind as DefectKind
from netmail.mime.defects import DefectSeverity as DefectSeverity
from netmail.mime.fields.authentication_results import AuthenticationResult as AuthenticationResult
from netmail.mime.fields.authentication_results import (
    AuthenticationResults as AuthenticationResults,
)
from netmail.mime.fields.header_block import HeaderBlock as HeaderBlock
from netmail.mime.fields.header_block import OctetBuffer as OctetBuffer
from netmail.mime.fields.header_block import RawField as RawField
from netmail.mime.fields.headers import HeaderFields as HeaderFields
from netmail.mime.fields.headers import Headers as Headers
from netmail.mime.fields.list_headers import ListId as ListId
from netmail.mime.fields.parameters import ParameterizedValue as ParameterizedValue
from netmail.mime.fields.received import Received as Received
from netmail.mime.mail import Mail as Mail
from netmail.mime.mbox import parse_maildir as parse_maildir
from netmail.mime.mbox import parse_mbox as parse_mbox
from netmail.mime.outgoing import Sendable as Sendable
from netmail.mime.outgoing import envelope_of as envelope_of
from netmail.mime.parser import MessageSource as MessageSource
from netmail.mime.parser import parse as parse
from netmail.mime.partial import rejoin as rejoin
from netmail.mime.parts.attachment import Attachment as Attachment
from netmail.mime.parts.node import MessageIndex as MessageIndex
from netmail.mime.parts.node import PartNode as PartNode
from netmail.mime.parts.part import Part as Part
from netmail.mime.parts.part import PartSource as PartSource
from netmail.mime.parts.report import DeliveryReport as DeliveryReport
from netmail.mime.parts.report import RecipientStatus as RecipientStatus
from netmail.mime.parts.signed import SignedParts as SignedParts
from netmail.mime.read_message import ReadMessage as ReadMessage
from netmail.mime.read_message import StdlibMessage as StdlibMessage
from netmail.mime.stored import Storable as Storable
from netmail.mime.writer.attach import Attachable as Attachable
from netmail.mime.writer.attach import FilePart as FilePart
from netmail.mime.writer.attach import FileSource as FileSource
from netmail.mime.writer.attach import ReadableFile as ReadableFile
from netmail.mime.writer.draft import TextSource as TextSource
from netmail.mime.writer.draft import TransportSupport as TransportSupport
from netmail.mime.writer.input_address import AddressInput as AddressInput
from netmail.mime.writer.input_address import OneAddress as OneAddress
from netmail.mime.writer.input_header import HeaderInput as HeaderInput
from netmail.mime.writer.input_header import OneHeader as OneHeader
from netmail.mime.writer.keywords import MessageKeywords as MessageKeywords
from netmail.mime.writer.message import Message as Message
from netmail.mime.writer.message import message as message
from netmail.mime.writer.message_output import BinaryWriter as BinaryWriter
from netmail.mime.writer.message_output import MessageOutput as MessageOutput
from netmail.options.mechanism import SaslMechanism as SaslMechanism
from netmail.options.modes import TLS_ALL as TLS_ALL
from netmail.options.modes import TLS_CONTROL as TLS_CONTROL
from netmail.options.modes import TLS_NONE as TLS_NONE
from netmail.options.modes import TLS_TRY as TLS_TRY
from netmail.options.modes import MailProtocol as MailProtocol
from netmail.options.modes import TlsMode as TlsMode
from netmail.options.options import Options as Options
from netmail.options.options import OptionsSource as OptionsSource
from netmail.options.options import parse_options as parse_options
from netmail.options.options_dict import OptionsDict as OptionsDict
from netmail.options.options_dict import TokenSource as TokenSource
from netmail.options.retry import RetryPolicy as RetryPolicy
from netmail.results.access_rights import GrantableRights as GrantableRights
from netmail.results.access_rights import Rights as Rights
from netmail.results.body_structure import BodyStructure as BodyStructure
from netmail.results.diagnosis import Diagnosis as Diagnosis
from netmail.results.diagnosis import ServerCertificate as ServerCertificate
from netmail.results.events import CallFinished as CallFinished
from netmail.results.events import CommandProgress as CommandProgress
from netmail.results.events import ConnectionClosed as ConnectionClosed
from netmail.results.events import ConnectionFailed as ConnectionFailed
from netmail.results.events import ConnectionOpened as ConnectionOpened
from netmail.results.events import Event as Event
from netmail.results.events import LoggedIn as LoggedIn
from netmail.results.events import OnEvent as OnEvent
from netmail.results.events import Reconnecting as Reconnecting
from netmail.results.events import ServerAlert as ServerAlert
from netmail.results.imap import AppendResult as AppendResult
from netmail.results.imap import CopyResult as CopyResult
from netmail.results.imap import Flag as Flag
from netmail.results.imap import ImapState as ImapState
from netmail.results.imap import ListEntry as ListEntry
from netmail.results.imap import MailboxState as MailboxState
from netmail.results.imap import RawResponse as RawResponse
from netmail.results.imap import ResyncedMailbox as ResyncedMailbox
from netmail.results.imap_envelope import Addresses as Addresses
from netmail.results.imap_envelope import ImapEnvelope as ImapEnvelope
from netmail.results.imap_events import Arrived as Arrived
from netmail.results.imap_events import Bye as Bye
from netmail.results.imap_events import Exists as Exists
from netmail.results.imap_events import Expunged as Expunged
from netmail.results.imap_events import FlagsChanged as FlagsChanged
from netmail.results.imap_events import IdleEvent as IdleEvent
from netmail.results.imap_events import MailboxChanged as MailboxChanged
from netmail.results.imap_events import MailboxStatus as MailboxStatus
from netmail.results.imap_events import MetadataChanged as MetadataChanged
from netmail.results.imap_events import NotificationsEnded as NotificationsEnded
from netmail.results.imap_events import NotifyEvent as NotifyEvent
from netmail.results.imap_events import SearchUpdated as SearchUpdated
from netmail.results.imap_events import WatchEvent as WatchEvent
from netmail.results.imap_mailbox import MailboxInfo as MailboxInfo
from netmail.results.imap_mailbox import SelectedMailbox as SelectedMailbox
from netmail.results.imap_mailbox import SpecialUse as SpecialUse
from netmail.results.imap_sync import Changes as Changes
from netmail.results.imap_sync import SyncState as SyncState
from netmail.results.maildrop_state import MaildropState as MaildropState
from netmail.results.namespaces import Namespace as Namespace
from netmail.results.namespaces import Namespaces as Namespaces
from netmail.results.pending import Pending as Pending
from netmail.results.pop3 import Language as Language
from netmail.results.pop3 import ScanListing as ScanListing
from netmail.results.pop3 import Stat as Stat
from netmail.results.pop3 import UniqueId as UniqueId
from netmail.results.pop3_capabilities import Expire as Expire
from netmail.results.pop3_capabilities import LoginDelay as LoginDelay
from netmail.results.pop3_capabilities import Pop3Capabilities as Pop3Capabilities
from netmail.results.pop3_message import Pop3Message as Pop3Message
from netmail.results.quota import Quota as Quota
from netmail.results.quota import QuotaResource as QuotaResource
from netmail.results.response_code import CodeValue as CodeValue
from netmail.results.response_code import MessageLimit as MessageLimit
from netmail.results.response_code import MetadataProblem as MetadataProblem
from netmail.results.response_code import Progress as Progress
from netmail.results.search_result import SearchChange as SearchChange
from netmail.results.search_result import SearchResult as SearchResult
from netmail.results.smtp import AddressVerification as AddressVerification
from netmail.results.smtp import MessageResult as MessageResult
from netmail.results.smtp import OnResult as OnResult
from netmail.results.smtp import RecipientResult as RecipientResult
from netmail.results.smtp import SendReport as SendReport
from netmail.results.smtp import SendStage as SendStage
from netmail.results.smtp import SendStatus as SendStatus
from netmail.results.smtp import SmtpReply as SmtpReply
from netmail.results.thread import Thread as Thread
from netmail.results.thread import ThreadMember as ThreadMember
from netmail.results.vanished import Vanished as Vanished
from netmail.secret import Secret as Secret
from netmail.wire.imap.exec_result import ExecResult as ExecResult
from netmail.wire.imap.exec_result import ExecValue as ExecValue
from netmail.wire.imap.fetch_items import FetchItem as FetchItem
from netmail.wire.imap.fetch_items import FetchItems as FetchItems
from netmail.wire.imap.fetched_message import FetchedMessage as FetchedMessage
from netmail.wire.imap.message_url import MessageUrl as MessageUrl
from netmail.wire.imap.search_key import SearchKey as SearchKey
from netmail.wire.imap.search_program import SearchQuery as SearchQuery
from netmail.wire.imap.sequence_set import UidSet as UidSet

__version__: str
__all__ = [
    "POP3",
    "TLS_ALL",
    "TLS_CONTROL",
    "TLS_NONE",
    "TLS_TRY",
    "Address",
    "AddressInput",
    "AddressVerification",
    "Addresses",
    "AppendResult",
    "Arrived",
    "AsyncImap",
    "AsyncImapPool",
    "AsyncPOP3",
    "AsyncPipeline",
    "AsyncResultIterator",
    "AsyncResultStream",
    "AsyncTransport",
    "AsyncTransportPool",
    "Attachable",
    "Attachment",
    "AuthenticationError",
    "AuthenticationResult",
    "AuthenticationResults",
    "BinaryWriter",
    "BodyStructure",
    "BusyError",
    "Bye",
    "CallFinished",
    "CapabilityError",
    "Changes",
    "CodeValue",
    "CommandProgress",
    "ConnectError",
    "ConnectionClosed",
    "ConnectionFailed",
    "ConnectionLost",
    "ConnectionOpened",
    "CopyResult",
    "CurlHandle",
    "Defect",
    "DefectHandler",
    "DefectKind",
    "DefectSeverity",
    "DeletionsNotCommitted",
    "DeletionsRefused",
    "DeliveryOptions",
    "DeliveryReport",
    "Diagnosis",
    "Envelope",
    "Event",
    "ExecResult",
    "ExecValue",
    "Exists",
    "Expire",
    "Expunged",
    "FetchItem",
    "FetchItems",
    "FetchedMessage",
    "FilePart",
    "FileSource",
    "FileTarget",
    "Flag",
    "FlagsChanged",
    "GrantableRights",
    "Group",
    "HeaderBlock",
    "HeaderFields",
    "HeaderInput",
    "Headers",
    "IdleEvent",
    "Imap",
    "ImapEnvelope",
    "ImapError",
    "ImapPool",
    "ImapState",
    "KnownMailbox",
    "Language",
    "LargeContent",
    "LimitError",
    "ListEntry",
    "ListId",
    "LoggedIn",
    "LoginDelay",
    "Mail",
    "MailProtocol",
    "MailTimeout",
    "MailboxChanged",
    "MailboxInfo",
    "MailboxState",
    "MailboxStatus",
    "MaildropState",
    "Message",
    "MessageError",
    "MessageIds",
    "MessageIndex",
    "MessageKeywords",
    "MessageLimit",
    "MessageLimits",
    "MessageOutput",
    "MessageParts",
    "MessageResult",
    "MessageSource",
    "MessageUrl",
    "MetadataChanged",
    "MetadataProblem",
    "Namespace",
    "Namespaces",
    "NetmailError",
    "NotificationsEnded",
    "NotifyCondition",
    "NotifyEvent",
    "NotifyFolders",
    "OctetBuffer",
    "OnEvent",
    "OnProgress",
    "OnResult",
    "OneAddress",
    "OneHeader",
    "Options",
    "OptionsDict",
    "OptionsSource",
    "ParameterizedValue",
    "Part",
    "PartNode",
    "PartSource",
    "Pending",
    "Phase",
    "Pipeline",
    "PoolPolicy",
    "PoolServers",
    "Pop3Capabilities",
    "Pop3Error",
    "Pop3Message",
    "Progress",
    "ProtocolError",
    "ProxyError",
    "Quota",
    "QuotaResource",
    "RawField",
    "RawResponse",
    "ReadMessage",
    "ReadableFile",
    "Received",
    "RecipientOptions",
    "RecipientResult",
    "RecipientStatus",
    "RecipientsRefused",
    "Reconnecting",
    "ReplyError",
    "ResultIterator",
    "ResultStream",
    "ResyncedMailbox",
    "RetryPolicy",
    "Rights",
    "SaslMechanism",
    "ScanListing",
    "SearchChange",
    "SearchKey",
    "SearchQuery",
    "SearchRange",
    "SearchResult",
    "SearchUpdated",
    "Secret",
    "SelectedMailbox",
    "SendReport",
    "SendStage",
    "SendStatus",
    "Sendable",
    "SenderRefused",
    "ServerAlert",
    "ServerCertificate",
    "ServerLimits",
    "SignedParts",
    "SmtpError",
    "SmtpReply",
    "SpecialUse",
    "Stat",
    "StateError",
    "StdlibMessage",
    "Storable",
    "SyncState",
    "TextSource",
    "Thread",
    "ThreadMember",
    "TlsError",
    "TlsMode",
    "TokenSource",
    "Transport",
    "TransportError",
    "TransportPool",
    "TransportSupport",
    "UidSet",
    "UniqueId",
    "Upload",
    "Uploads",
    "UsageError",
    "Vanished",
    "WatchEvent",
    "WritableFile",
    "envelope_of",
    "imap",
    "message",
    "parse",
    "parse_maildir",
    "parse_mbox",
    "parse_options",
    "pop3",
    "rejoin",
    "smtp",
]
