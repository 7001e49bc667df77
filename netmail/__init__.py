"""SMTP, IMAP, POP3 and MIME for Python: libcurl connects, netmail speaks the protocols.

Everything that callers use is a name of this module: the clients `Transport`, `Imap` and `POP3`
with their asyncio twins, `smtp()`, `imap()`, `pop3()` that make one, `Message` and `message()` to
build, `parse()` and `Mail` to read, and every type that one of their signatures has.

A name is loaded when it is first used: `import netmail` costs next to nothing, `parse()` never
loads libcurl, and the blocking clients never load asyncio.
"""

__version__ = "0.1.0"

_HOMES = {
    "netmail.address": "Address Group",
    "netmail.clients.async_imap": "AsyncImap",
    "netmail.clients.async_pop3": "AsyncPOP3",
    "netmail.clients.pipelining.async_pipeline": "AsyncPipeline",
    "netmail.clients.async_result_iterator": "AsyncResultIterator AsyncResultStream",
    "netmail.clients.async_transport": "AsyncTransport",
    "netmail.clients.factories": "imap pop3 smtp",
    "netmail.clients.imap": "Imap",
    "netmail.clients.pop3": "POP3",
    "netmail.clients.pipelining.pipeline": "Pipeline",
    "netmail.clients.pools.async_imap_pool": "AsyncImapPool",
    "netmail.clients.pools.async_transport_pool": "AsyncTransportPool",
    "netmail.clients.pools.imap_pool": "ImapPool",
    "netmail.clients.pools.servers": "PoolPolicy PoolServers",
    "netmail.clients.pools.transport_pool": "TransportPool",
    "netmail.clients.result_iterator": "ResultIterator ResultStream",
    "netmail.clients.transport": "Transport",
    "netmail.curl.connection": "CurlHandle",
    "netmail.delivery_options": "DeliveryOptions NotifyCondition RecipientOptions",
    "netmail.envelope": "Envelope LargeContent",
    "netmail.errors": (
        "AuthenticationError BusyError CapabilityError ConnectError ConnectionLost "
        "DeletionsNotCommitted DeletionsRefused ImapError LimitError MailTimeout MessageError "
        "NetmailError Phase Pop3Error ProtocolError ProxyError RecipientsRefused ReplyError "
        "SenderRefused SmtpError StateError TlsError TransportError UsageError"
    ),
    "netmail.results.events": (
        "CallFinished CommandProgress ConnectionClosed ConnectionFailed ConnectionOpened Event "
        "LoggedIn OnEvent Reconnecting ServerAlert"
    ),
    "netmail.flows.imap.extended_search": "SearchRange",
    "netmail.flows.imap.extensions.resync": "KnownMailbox",
    "netmail.flows.file_target": "FileTarget OnProgress WritableFile",
    "netmail.flows.imap.live.notify": "NotifyFolders",
    "netmail.flows.imap.uploads.append_many": "Uploads",
    "netmail.flows.imap.uploads.catenate": "MessageParts",
    "netmail.wire.imap.message_url": "MessageUrl",
    "netmail.flows.imap.uploads.upload": "Upload",
    "netmail.limits": "MessageLimits ServerLimits",
    "netmail.mime.defects": "Defect DefectHandler DefectKind DefectSeverity",
    "netmail.mime.fields.authentication_results": "AuthenticationResult AuthenticationResults",
    "netmail.mime.fields.header_block": "OctetBuffer HeaderBlock RawField",
    "netmail.mime.fields.headers": "HeaderFields Headers",
    "netmail.mime.fields.list_headers": "ListId",
    "netmail.mime.fields.parameters": "ParameterizedValue",
    "netmail.mime.fields.received": "Received",
    "netmail.mime.mail": "Mail",
    "netmail.mime.mbox": "parse_maildir parse_mbox",
    "netmail.mime.outgoing": "Sendable envelope_of",
    "netmail.mime.stored": "Storable",
    "netmail.mime.parser": "MessageSource parse",
    "netmail.mime.partial": "rejoin",
    "netmail.mime.parts.attachment": "Attachment",
    "netmail.mime.parts.node": "MessageIndex PartNode",
    "netmail.mime.parts.part": "Part PartSource",
    "netmail.mime.parts.report": "DeliveryReport RecipientStatus",
    "netmail.mime.parts.signed": "SignedParts",
    "netmail.mime.read_message": "ReadMessage StdlibMessage",
    "netmail.mime.writer.attach": "Attachable FilePart FileSource ReadableFile",
    "netmail.mime.writer.draft": "TextSource TransportSupport",
    "netmail.mime.writer.input_address": "AddressInput OneAddress",
    "netmail.mime.writer.input_header": "HeaderInput OneHeader",
    "netmail.mime.writer.keywords": "MessageKeywords",
    "netmail.mime.writer.message": "Message message",
    "netmail.mime.writer.message_output": "BinaryWriter MessageOutput",
    "netmail.options.mechanism": "SaslMechanism",
    "netmail.options.options": "Options OptionsSource parse_options",
    "netmail.options.options_dict": "OptionsDict TokenSource",
    "netmail.options.modes": "TLS_ALL TLS_CONTROL TLS_NONE TLS_TRY MailProtocol TlsMode",
    "netmail.results.access_rights": "GrantableRights Rights",
    "netmail.results.body_structure": "BodyStructure",
    "netmail.results.diagnosis": "Diagnosis ServerCertificate",
    "netmail.results.imap_envelope": "Addresses ImapEnvelope",
    "netmail.results.imap": (
        "AppendResult CopyResult Flag ImapState ListEntry MailboxState RawResponse ResyncedMailbox"
    ),
    "netmail.results.imap_events": (
        "Arrived Bye Exists Expunged FlagsChanged IdleEvent MailboxChanged MailboxStatus "
        "MetadataChanged NotificationsEnded NotifyEvent SearchUpdated WatchEvent"
    ),
    "netmail.results.imap_mailbox": "MailboxInfo SelectedMailbox SpecialUse",
    "netmail.results.imap_sync": "Changes SyncState",
    "netmail.results.namespaces": "Namespace Namespaces",
    "netmail.results.pending": "Pending",
    "netmail.flows.pop3.many": "MessageIds",
    "netmail.results.pop3": "Language ScanListing Stat UniqueId",
    "netmail.results.maildrop_state": "MaildropState",
    "netmail.results.pop3_capabilities": "Expire LoginDelay Pop3Capabilities",
    "netmail.results.pop3_message": "Pop3Message",
    "netmail.results.quota": "Quota QuotaResource",
    "netmail.results.response_code": "CodeValue MessageLimit MetadataProblem Progress",
    "netmail.options.retry": "RetryPolicy",
    "netmail.results.search_result": "SearchChange SearchResult",
    "netmail.results.smtp": (
        "AddressVerification MessageResult OnResult RecipientResult SendReport SendStage "
        "SendStatus SmtpReply"
    ),
    "netmail.results.thread": "Thread ThreadMember",
    "netmail.results.vanished": "Vanished",
    "netmail.secret": "Secret",
    "netmail.wire.imap.exec_result": "ExecResult ExecValue",
    "netmail.wire.imap.search_key": "SearchKey",
    "netmail.wire.imap.search_program": "SearchQuery",
    "netmail.wire.imap.fetch_items": "FetchItem FetchItems",
    "netmail.wire.imap.fetched_message": "FetchedMessage",
    "netmail.wire.imap.sequence_set": "UidSet",
}
"""The module that defines each public name; scripts/surface writes `__init__.pyi` from it."""

__all__ = sorted(name for names in _HOMES.values() for name in names.split())  # noqa: PLE0605 -- the stub lists them


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names.split():
            from importlib import import_module  # noqa: PLC0415 -- only on first use

            value = globals()[name] = getattr(import_module(home), name)
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
