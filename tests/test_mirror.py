"""The tests lie as the modules do: `netmail/a/b.py` is tested by `tests/a/test_b.py`.

Nothing here imports netmail. Whatever lies elsewhere is named here, with its reason.
"""

from pathlib import Path

from support.source import MODULES, PACKAGE, ROOT

TESTS = ROOT / "tests"
SESSIONS = "test_transcripts.py"
# Modules without a test file of their name: the files that test them, and why they are elsewhere.
ELSEWHERE = {
    "clients/async_client.py": ("clients/test_parity.py curl/test_drive_async.py", "a pair"),
    "clients/client.py": ("clients/test_parity.py curl/test_connection.py", "a pair"),
    "clients/async_imap.py": ("clients/test_imap_dovecot.py", "both colours, on a real server"),
    "clients/async_imap_extensions.py": (
        "clients/test_imap_extensions.py",
        "both colours together",
    ),
    "clients/async_imap_account.py": (
        "flows/imap/extensions/test_unauthenticate.py",
        "no server of the tests has it",
    ),
    "clients/async_imap_fetch.py": ("clients/test_imap_streaming.py", "both colours together"),
    "clients/imap_fetch.py": ("clients/test_imap_streaming.py", "scripts/twins"),
    "clients/async_imap_live.py": (
        "clients/test_imap_idle.py clients/test_imap_watch.py clients/test_imap_notify.py",
        "both colours together",
    ),
    "clients/async_imap_mailboxes.py": ("clients/test_imap_dovecot.py", "both colours together"),
    "clients/async_imap_search.py": ("clients/test_search_servers.py", "both colours together"),
    "clients/pipelining/async_pipeline.py": (
        "clients/test_imap_pipeline.py",
        "both colours together",
    ),
    "clients/pipelining/pipeline.py": ("clients/test_imap_pipeline.py", "scripts/twins"),
    "clients/pipelining/pipeline_calls.py": ("clients/test_imap_pipeline.py", "scripts/twins"),
    "delivery/interfaces.py": ("delivery/test_registry.py", "protocols"),
    "delivery/outbox/batch.py": ("delivery/outbox/test_adding.py", "it adds"),
    "delivery/outbox/boots.py": ("delivery/outbox/test_leasing.py", "its only user"),
    "delivery/outbox/heartbeat.py": ("delivery/outbox/test_leasing.py", "it extends a lease"),
    "delivery/outbox/reading.py": ("delivery/outbox/test_outbox.py", "the calls that read"),
    "delivery/outbox/round.py": (
        "delivery/outbox/test_outbox.py delivery/outbox/test_kills.py",
        "it shows with servers",
    ),
    "delivery/outbox/schema.py": ("delivery/outbox/test_outbox.py", "tables"),
    "delivery/outbox/states.py": ("delivery/outbox/test_outbox.py", "values"),
    "delivery/outbox/written.py": ("delivery/outbox/test_outbox.py", "the results of work()"),
    "delivery/mail_settings.py": ("delivery/test_web2py_mail.py", "what they are for"),
    "delivery/celery.py": (
        "delivery/claims/test_engines.py delivery/claims/test_settings.py",
        "with Debian's Redis",
    ),
    "delivery/procrastinate.py": (
        "delivery/claims/test_engines.py delivery/claims/test_settings.py",
        "with Debian's PostgreSQL",
    ),
    "delivery/claims/engine_manager.py": ("delivery/claims/test_engines.py", "for both engines"),
    "delivery/claims/queued.py": ("delivery/claims/test_deliveries.py", "its only user"),
    "delivery/claims/store.py": ("delivery/claims/test_deliveries.py", "a protocol"),
    "delivery/claims/redis_store.py": ("delivery/claims/test_stores.py", "with a server"),
    "delivery/claims/postgresql_store.py": ("delivery/claims/test_stores.py", "with a server"),
    "delivery/tasks.py": ("delivery/managers/test_asyncio.py", "one manager is nothing else"),
    "delivery/threads.py": (
        "delivery/managers/test_dynamic.py delivery/managers/test_futures.py",
        "two managers are nothing else",
    ),
    "clients/pipelining/pipeline_queue.py": (
        "clients/test_imap_pipeline.py",
        "what both pipelines have",
    ),
    "flows/imap/uploads/upload.py": ("flows/imap/uploads/test_append_many.py", "a value"),
    "clients/uploads/async_imap_uploads.py": (
        "clients/test_imap_uploads.py",
        "both colours together",
    ),
    "clients/uploads/imap_uploads.py": ("clients/test_imap_uploads.py", "scripts/twins"),
    "flows/imap/uploads/sent_octets.py": ("flows/imap/uploads/test_append_many.py", "a sum"),
    "flows/imap/uploads/message_literal.py": (
        "flows/imap/uploads/test_append.py",
        "what APPEND sends",
    ),
    "flows/imap/pipelining/call.py": ("flows/imap/pipelining/test_scheduler.py", "a record"),
    "flows/imap/pipelining/command.py": ("flows/imap/pipelining/test_ambiguity.py", "a record"),
    "flows/imap/pipelining/in_flight.py": (
        "flows/imap/pipelining/test_scheduler.py",
        "the scheduler's half that reads",
    ),
    "clients/async_pop3.py": ("clients/test_pop3_dovecot.py", "both colours, on a real server"),
    "clients/async_result_iterator.py": ("clients/test_imap_streaming.py", "both colours together"),
    "clients/async_transport.py": (
        "clients/test_transport_postfix.py clients/test_transport_scripted.py",
        "both colours together",
    ),
    "curl/errands.py": ("clients/test_transport_stream.py", "what only a real connection shows"),
    "curl/pull.py": ("clients/test_transport_stream.py", "both drivers together"),
    "flows/smtp/intake.py": ("clients/test_transport_stream.py", "what streams read"),
    "flows/smtp/messages.py": ("flows/smtp/test_batch.py", "an interface"),
    "flows/smtp/retries.py": ("clients/test_transport_retry.py", "what both calls try again"),
    "flows/smtp/prepared.py": ("flows/smtp/test_grouped.py", "its only user"),
    "flows/smtp/singly.py": ("flows/smtp/test_transaction.py", "one message at a time"),
    "flows/smtp/first_group.py": ("flows/smtp/test_grouped.py", "servers that break it"),
    "flows/smtp/first_connection.py": ("clients/test_transport_retry.py", "its attempts"),
    "flows/smtp/outcomes.py": ("flows/smtp/test_batch.py", "the batch's results"),
    "clients/imap.py": (f"{SESSIONS} clients/test_imap_dovecot.py", "scripts/twins"),
    "clients/imap_account.py": (
        f"{SESSIONS} flows/imap/extensions/test_unauthenticate.py",
        "scripts/twins",
    ),
    "clients/imap_live.py": (f"{SESSIONS} clients/test_imap_idle.py", "scripts/twins"),
    "clients/imap_mailboxes.py": (f"{SESSIONS} clients/test_imap_dovecot.py", "scripts/twins"),
    "clients/result_iterator.py": ("clients/test_imap_streaming.py", "scripts/twins"),
    "clients/imap_search.py": ("clients/test_search_servers.py", "scripts/twins"),
    "clients/pools/async_imap_pool.py": (
        "clients/pools/test_imap_pool.py",
        "both colours together",
    ),
    "clients/pools/async_transport_pool.py": (
        "clients/pools/test_transport_pool.py",
        "both colours together",
    ),
    "flows/imap/lending.py": (
        "clients/pools/test_imap_pool.py clients/pools/test_imap_pool_state.py",
        "what a pool does with a session",
    ),
    "clients/pools/connections.py": (
        "clients/pools/test_transport_pool.py clients/pools/test_imap_pool_state.py",
        "what all pools do with connections",
    ),
    "clients/pools/async_connections.py": (
        "clients/pools/test_transport_pool.py clients/pools/test_imap_pool_state.py",
        "what all pools do with connections",
    ),
    "clients/pools/settings.py": ("clients/pools/test_transport_pool.py", "what both pools check"),
    "clients/pop3.py": (f"{SESSIONS} clients/test_pop3_dovecot.py", "scripts/twins"),
    "clients/transport.py": (f"{SESSIONS} clients/test_transport_postfix.py", "scripts/twins"),
    "curl/sources.py": (
        "clients/test_imap_streaming.py clients/test_imap_watch.py",
        "what iterators of clients take values from",
    ),
    "curl/dial_limits.py": ("hostile/test_dial.py", "it needs a server that sends without end"),
    "envelope.py": ("mime/test_outgoing.py", "a value without behaviour"),
    "mime/parts/node.py": ("mime/parts/test_scanner.py", "what the scanner makes"),
    "mime/read_message.py": ("mime/writer/test_reply.py", "a protocol for type checkers"),
    "mime/writer/draft.py": ("mime/writer/test_message.py", "the data of a message"),
    "mime/writer/stdlib_tree.py": ("mime/writer/test_stdlib.py", "half of the same work"),
    "flows/smtp/transaction_state.py": ("flows/smtp/test_transaction.py", "its base class"),
    "flows/smtp/content.py": ("flows/smtp/test_queue.py", "the queue alone uses it"),
    "flows/smtp/large_content.py": ("clients/test_transport_large.py", "it takes files"),
    "flows/smtp/requirements.py": ("flows/smtp/test_transaction.py", "what is checked first"),
    "flows/imap/open_mailbox.py": ("flows/imap/test_state.py", "what the session keeps of it"),
    "flows/imap/header_decoding.py": (
        "wire/imap/data/test_envelope.py wire/imap/data/test_body_structure.py",
        "what brings mime to wire",
    ),
    "results/access_rights.py": ("wire/imap/data/test_acl.py", "a value"),
    "results/namespaces.py": ("wire/imap/data/test_namespace.py", "values"),
    "results/quota.py": ("wire/imap/data/test_quota.py", "values"),
    "results/response_code.py": ("wire/imap/data/test_response_code.py", "values"),
    "results/thread.py": ("wire/imap/data/test_thread.py", "what its reader makes"),
    "results/vanished.py": ("wire/imap/data/test_vanished.py", "what its reader makes"),
    "results/imap_envelope.py": ("wire/imap/data/test_envelope.py", "a value"),
    "flows/imap/live/sync.py": (
        f"{SESSIONS} clients/test_imap_sync.py",
        "it compares with a real server",
    ),
    "flows/imap/live/watch.py": (
        f"{SESSIONS} clients/test_imap_watch.py",
        "it takes several connections",
    ),
    "results/imap_events.py": ("wire/imap/test_events.py", "values without behaviour"),
    "flows/read_mail.py": ("flows/imap/fetching/test_mails.py flows/pop3/test_mails.py", "shared"),
    "flows/pop3/one_by_one.py": ("clients/test_pop3_pipelining.py", "it takes two connections"),
    "results/pop3_message.py": ("flows/pop3/test_many.py", "a value"),
    "results/pop3.py": ("flows/pop3/test_commands.py", "dictionaries without behaviour"),
    "query/async_database.py": ("query/test_databases.py", "both colours, on real servers"),
    "query/async_driver.py": ("query/test_databases.py", "both colours together"),
    "query/async_selection.py": ("query/test_databases.py", "both colours together"),
    "query/changes.py": ("query/test_databases.py", "what servers do with it"),
    "query/connecting.py": ("query/test_databases.py", "both colours together"),
    "query/database.py": ("query/test_databases.py", "scripts/twins"),
    "query/driver.py": ("query/test_databases.py", "scripts/twins"),
    "query/finding.py": ("query/test_databases.py", "on servers that differ"),
    "query/planning/knowledge.py": ("query/test_databases.py", "what is known of each server"),
    "query/reading.py": ("query/test_databases.py", "on servers that differ"),
    "query/scope.py": ("query/test_databases.py", "names of real mailboxes"),
    "query/selection.py": ("query/test_databases.py", "scripts/twins"),
    "query/requests.py": ("query/test_learn.py", "values"),
    "testing/services.py": ("testing/test_server.py", "started by the server"),
    "wire/imap/data/body_fields.py": (
        "wire/imap/data/test_body_structure.py wire/imap/data/test_usual_body.py",
        "what two readers share",
    ),
    "wire/imap/data/decoding.py": ("wire/imap/data/test_envelope.py", "a value without behaviour"),
    "wire/imap/data/mend.py": ("wire/imap/data/test_envelope.py", "one raise"),
    "options/modes.py": ("options/test_values.py", "names of values"),
    "options/options_dict.py": ("options/test_options.py", "the fields of the options"),
    "curl/reconnecting/keeping.py": ("clients/test_keep_alive.py", "over real connections"),
    "curl/reconnecting/repeating.py": ("clients/test_reconnect.py", "over real connections"),
    "flows/imap/resuming.py": ("clients/test_reconnect_state.py", "over real connections"),
    "flows/pop3/resuming.py": ("clients/test_reconnect_others.py", "over real connections"),
    "crypto/recipients.py": ("crypto/test_entity.py", "what a message is divided by"),
    "crypto/results.py": ("crypto/smime/test_verifying.py", "values"),
    "crypto/smime/agreement.py": ("crypto/smime/test_encrypting.py", "openssl judges it"),
    "crypto/smime/certificates.py": ("crypto/smime/test_verifying.py", "its reasons"),
    "crypto/smime/chain.py": ("crypto/smime/test_verifying.py", "its reasons"),
    "crypto/smime/ciphers.py": ("crypto/smime/test_decrypting.py", "openssl judges it"),
    "crypto/pgp/backend.py": ("crypto/pgp/test_verifying.py", "values and an interface"),
    "crypto/pgp/gnupg.py": ("crypto/pgp/test_decrypting.py", "what the functions ask of it"),
    "crypto/errors.py": ("crypto/dkim/test_signing.py", "they are raised by others"),
    "crypto/dkim/results.py": ("crypto/dkim/test_verifying.py", "values"),
    "flows/smtp/resuming.py": ("clients/test_reconnect_others.py", "over real connections"),
}
# Test files that are about more than one module.
ACROSS = {
    "clients/pools/test_imap_pool_state.py": "what a lease leaves, and dead connections",
    "clients/pools/test_pool_keep_alive.py": "idle connections of all four pools",
    "clients/pools/test_pool_servers.py": "pools of several servers, and connections that die",
    "clients/pools/test_pool_retries.py": "pools of both kinds that try again, and wait for room",
    "clients/test_reconnect.py": "lost connections, and what is run again over a new one",
    "clients/test_reconnect_state.py": "what a new connection takes over",
    "clients/test_keep_alive.py": "idle connections of both kinds of client",
    "clients/test_reconnect_servers.py": "sessions that real servers end",
    "clients/test_reconnect_others.py": "the same in POP3 and SMTP",
    "delivery/test_marrow_defects.py": "the defects of Marrow Mailer's implementation",
    "delivery/test_coming_from.py": "the names of Marrow Mailer and web2py",
    "delivery/outbox/test_power_loss.py": "the log of SQLite, cut",
    "delivery/outbox/test_kills.py": "workers that end by SIGKILL, and what they leave",
    "clients/test_repeated.py": "which methods are run again: all of them by name",
    "clients/test_transport_octets.py": "octets that arrive, and how smtp-sink fails",
    "flows/smtp/test_binarymime.py": "an extension of several modules",
    "flows/smtp/test_seconds.py": "the times in results, by each way of sending",
    "flows/smtp/test_truth.py": "every way of sending, to servers that fail at random",
    "clients/test_transport_large.py": "messages in constant memory, on embedded and real servers",
    "clients/test_arguments.py": "what all methods refuse",
    "clients/test_imap_blade.py": "what Blade's class did",
    "clients/test_imap_compress.py": "the IMAP clients on a real server that compresses",
    "clients/test_imap_sync.py": "what is different in a mailbox, on real servers",
    "clients/test_imap_watch.py": "a mailbox watched on real servers, over lost connections",
    "clients/test_imap_notify.py": "several mailboxes over one connection, on Dovecot",
    "clients/test_imap_context.py": "searches that are reported on, on Dovecot",
    "clients/test_imap_idle.py": "waiting for events on real and on hostile servers",
    "clients/test_imap_dovecot.py": "the IMAP clients on a real server",
    "clients/test_imap_items.py": "items of extensions on real servers",
    "clients/test_imap_uploads_scripted.py": "uploads to servers that do not read",
    "clients/test_imap_pipeline.py": "calls together, on a real server and lost",
    "clients/test_pop3_mails.py": "new mail from real servers, and lost connections",
    "clients/test_pop3_download.py": "messages into files, on real servers and broken ones",
    "clients/test_pop3_pipelining.py": "many messages together, on real servers and broken ones",
    "clients/test_imap_uploads.py": "many messages put into mailboxes of real servers",
    "clients/test_imap_streaming.py": "results of many messages, read, left and lost",
    "clients/test_login_more.py": "logins without a password at a real server",
    "clients/test_login_kerberos.py": "GSSAPI at real servers, with a real KDC",
    "clients/test_login_dovecot.py": "every mechanism at a real server",
    "clients/test_own_mechanism.py": "a caller's mechanism, in every protocol",
    "clients/test_parity.py": "the pair of base classes",
    "clients/test_pop3_dovecot.py": "the POP3 clients on a real server",
    "clients/test_transport_lmtp.py": "delivery by LMTP, real and embedded",
    "clients/test_search_servers.py": "queries on a real server",
    "clients/test_transport_batches.py": "the SMTP clients on a server that limits a session",
    "clients/test_transport_binarymime.py": "attachments without base64, octet by octet",
    "clients/test_transport_commands.py": "commands that few servers have, on Postfix",
    "clients/test_transport_chunking.py": "the SMTP clients with many messages on the line",
    "clients/test_transport_idle.py": "the SMTP clients on a server that closes them while idle",
    "clients/test_transport_killed.py": "an SMTP client in a process that is killed",
    "clients/test_transport_login.py": "the SMTP clients on a real server",
    "clients/test_transport_pipelining.py": "the SMTP clients on a server that plays a script",
    "clients/test_transport_postfix.py": "the SMTP clients on a real server",
    "clients/test_transport_stream.py": "the SMTP clients with messages that come one by one",
    "clients/test_transport_stream_servers.py": "the same on servers that end a session",
    "clients/test_transport_retry.py": "the SMTP clients on a server that refuses for now",
    "clients/test_transport_scripted.py": "the SMTP clients on a server that plays a script",
    "crypto/dkim/test_forgeries.py": "what an attacker makes of signatures, names and records",
    "crypto/smime/test_forgeries.py": "what an attacker makes of signatures and headers",
    "crypto/dkim/test_opendkim.py": "what another program finds",
    "crypto/test_round_trip.py": "every kind of sealed message, on every path",
    "crypto/pgp/test_backends.py": "what both back ends have in common",
    "crypto/smime/test_other_programs.py": "forms that one function reads alike",
    "crypto/smime/test_hostile.py": "time of what others write",
    "curl/test_errors_login.py": "errors.py by the phase that fails",
    "curl/diagnosing/test_warnings.py": "each warning of diagnose.py, by all classes",
    "curl/test_errors_proxy.py": "errors.py by the phase that fails",
    "curl/test_errors_tls.py": "errors.py by the phase that fails",
    "curl/test_host_names.py": "names beyond ASCII, from the options to libcurl",
    "curl/test_poison.py": "what a failed call leaves",
    "clients/test_many_connections.py": "what each of many connections of one loop costs",
    "curl/test_cancelled.py": "a cancellation at each wait, from the client to libcurl",
    "curl/test_call_deadline.py": "the deadline of a call, from the client to libcurl",
    "curl/test_tls_settings.py": "TLS versions and cipher suites, as a server sees them",
    "curl/test_security.py": "what an attacker on the network may try",
    "flows/imap/test_injection.py": "what all methods refuse",
    "flows/imap/test_progress.py": "what any command may be told meanwhile",
    "flows/imap/test_uid_sets.py": "what all commands with UIDs share",
    "flows/imap/test_wrong_types.py": "what all methods refuse",
    "mime/test_fast_paths.py": "each quick reading beside its thorough one",
    "mime/test_hostile.py": "time and memory of reading",
    "mime/writer/test_misuse.py": "wrong types everywhere",
    "mime/writer/test_roundtrip.py": "what is written is read",
    "mime/writer/test_security.py": "what a builder must not be tricked into",
    "query/test_databases.py": "databases of both kinds, on real servers",
    "query/test_differential.py": "random queries beside a plain filter, on real servers",
    "query/test_traffic.py": "what is sent, as a proxy sees it",
    "query/test_servers.py": "what servers search and name by themselves",
    "query/test_traps.py": "what servers do to careless queries",
    "delivery/managers/test_conformance.py": "what every manager does",
    "delivery/claims/test_engines.py": "both engines, with a worker that is killed",
    "delivery/claims/test_settings.py": "what both engines check",
    "delivery/claims/test_stores.py": "both stores of claims",
    "delivery/test_extending.py": "managers and transports of other packages",
    "test_contributing.py": "CONTRIBUTING.md",
    "test_docs.py": "the documents' examples and links",
    "test_exports.py": "the public types",
    "test_grammar.py": "the rule beside each regular expression",
    "test_layers.py": "imports, names and sizes",
    "test_mirror.py": "this mapping",
    "test_package.py": "what `import netmail` offers",
    "test_player.py": "the player of transcripts",
    "test_prose.py": "how the text reads",
    "test_replay.py": "the player of one conversation",
    "test_rfcs.py": "docs/rfcs.md",
    "test_transcripts.py": "recorded and written sessions",
    "testing/test_clients.py": "netmail's clients on the embedded servers",
    "testing/test_third_party.py": "other clients on the embedded servers",
}
# Folders of tests that are no folder of netmail/.
FOLDERS = {"fuzz", "hostile", "servers", "support", "typing", "transcripts"}


def module_of(test: Path) -> Path:
    """Return the module that a test file is named after."""
    return PACKAGE / test.relative_to(TESTS).with_name(test.name.removeprefix("test_"))


def named_test(module: Path) -> Path:
    """Return the test file that is named after a module."""
    return TESTS / module.relative_to(PACKAGE).with_name(f"test_{module.name}")


def test_every_module_has_a_test():
    """A new module has a test file of its name in its place, or says which file tests it."""
    missing = {
        str(module.relative_to(PACKAGE))
        for module in MODULES
        if module.stem != "__init__" and not named_test(module).exists()
    }

    assert missing == set(ELSEWHERE)


def test_every_test_has_a_module():
    """A test file of another name says what it is about."""
    others = {
        str(test.relative_to(TESTS))
        for test in TESTS.rglob("test_*.py")
        if test.relative_to(TESTS).parts[0] not in FOLDERS and not module_of(test).exists()
    }

    assert others == set(ACROSS)


def test_named_tests_exist():
    """The files that are named for a module are there."""
    named = {test for tests, _ in ELSEWHERE.values() for test in tests.split()}
    missing = {test for test in named if not (TESTS / test).exists()}

    assert not missing


def test_folders():
    """Each folder of tests is one of netmail's, or a known other."""
    modules = {path.relative_to(PACKAGE) for path in PACKAGE.rglob("*") if path.is_dir()}
    folders = {
        path.relative_to(TESTS)
        for path in TESTS.rglob("*")
        if path.is_dir() and path.name != "__pycache__"
    }

    assert {path for path in folders - modules if path.parts[0] not in FOLDERS} == set()
