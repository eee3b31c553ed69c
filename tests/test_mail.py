"""Mails, handed to a real SMTP server on this machine, over TLS where it says so; on both databases."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import time_machine
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from aiosmtpd.smtp import Session as SmtpSession
from sqlmodel import col, select

from socialdesk import clock, mail, settings
from socialdesk.customers import Customer
from socialdesk.desk import Desk, assemble
from socialdesk.errors import BadInput, SettingsError
from socialdesk.mail import Attachment, Mail, mails
from socialdesk.mail.mails import MailAttachment, State
from socialdesk.settings import Settings
from socialdesk.workers.postman import deliver

SENDER = "Northwind Help <help@northwind.example>"
PASSWORD = "a password of the server's"


class Post:
    """What a server took, and what it is bidden to answer instead."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.secret: list[bool] = []
        self.recipient_answers: list[str] = []
        self.answers: list[str] = []

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: SmtpSession, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.recipient_answers:
            return self.recipient_answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        self.envelopes.append(envelope)
        self.secret.append(
            session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None
        )
        return "250 taken"

    @property
    def letters(self) -> list[EmailMessage]:
        found = [
            message_from_bytes(bytes(each.original_content or b""), policy=default) for each in self.envelopes
        ]
        return [each for each in found if isinstance(each, EmailMessage)]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def trusted(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


@pytest.fixture
def office() -> Post:
    return Post()


class Office(Controller):
    """It tries itself once it listens, and has to know where."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]  # asyncio's has them
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def listening(office: Post, **options: Any) -> Iterator[int]:
    """An SMTP server on a free port of this machine."""
    server = Office(office, hostname="127.0.0.1", port=0, ready_timeout=20, **options)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def encrypted(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def port(office: Post) -> Iterator[int]:
    with listening(office) as port:
        yield port


@pytest.fixture
def make_mailing(database: object, make_settings: Callable[..., Settings]) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(port: int, **more: Any) -> Desk:
        told = {"host": "127.0.0.1", "port": port, "sender": SENDER, "security": "none"}
        made.append(assemble(make_settings(mail=told | more)))
        return made[-1]

    yield make
    for desk in made:
        desk.database.close()


@pytest.fixture
def mailing(make_mailing: Callable[..., Desk], port: int) -> Desk:
    return make_mailing(port)


def write(desk: Desk, to: str = "maria@kunde.example", subject: str = "Hello", **more: Any) -> None:
    with desk.database.transaction() as session:
        mail.enqueue(session, to, subject, more.pop("text", "Good morning.\n"), **more)


def kept(desk: Desk) -> Mail:
    with desk.database.reading() as session:
        return session.exec(select(Mail).order_by(col(Mail.id))).one()


def test_a_mail_reaches_the_server_with_every_letter(mailing: Desk, office: Post) -> None:
    write(
        mailing,
        subject="Żółć ありがとう مرحبا",
        text="Zażółć gęślą jaźń.\nشكرًا\n",
        html="<p>ありがとう</p>",
        language="pl",
    )

    assert deliver(mailing) == 1

    letter = office.letters[0]
    assert (letter["subject"], letter["to"], letter["from"]) == (
        "Żółć ありがとう مرحبا",
        "maria@kunde.example",
        SENDER,
    )
    assert letter["content-language"] == "pl"
    assert letter["message-id"].endswith("@northwind.example>")
    assert letter["date"].datetime is not None
    plain, rich = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None and plain.get_content().splitlines() == ["Zażółć gęślą jaźń.", "شكرًا"]
    assert rich is not None and rich.get_content().strip() == "<p>ありがとう</p>"


def test_eight_bits_go_as_they_are_where_the_server_takes_them(mailing: Desk, office: Post) -> None:
    write(mailing, text="Zażółć gęślą jaźń.\n")
    deliver(mailing)
    assert "Zażółć gęślą jaźń.".encode() in bytes(office.envelopes[0].original_content or b"")
    assert "BODY=8BITMIME" in office.envelopes[0].mail_options


def test_an_address_in_other_letters_is_written_to_where_the_server_can(
    make_mailing: Callable[..., Desk], office: Post
) -> None:
    with listening(office, enable_SMTPUTF8=True) as port:
        desk = make_mailing(port)
        write(desk, to="josé@kunde.example")
        assert deliver(desk) == 1
    assert office.envelopes[0].rcpt_tos == ["josé@kunde.example"]


def test_a_server_that_cannot_write_to_such_an_address_is_told_of(
    make_mailing: Callable[..., Desk], office: Post
) -> None:
    with listening(office, enable_SMTPUTF8=False) as port:
        desk = make_mailing(port)
        write(desk, to="josé@kunde.example")
        assert deliver(desk) == 0
    assert "SMTPUTF8" in (kept(desk).trouble or "")


def test_a_line_longer_than_smtp_carries_arrives_whole(mailing: Desk, office: Post) -> None:
    words = "ż" * 3000
    write(mailing, text=f"{words}\n")
    deliver(mailing)
    plain = office.letters[0].get_body(("plain",))
    assert plain is not None and plain.get_content().split() == [words]


def test_files_go_along(mailing: Desk, office: Post) -> None:
    write(mailing, attachments=[Attachment("tydzień.csv", "text/csv", b"a,b\n")])
    deliver(mailing)
    (file,) = office.letters[0].iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("tydzień.csv", "text/csv")
    with mailing.database.reading() as session:
        assert session.exec(select(MailAttachment)).all() == []


def test_what_was_sent_keeps_no_words(mailing: Desk) -> None:
    write(mailing, html="<p>Good morning.</p>")
    deliver(mailing)
    mail = kept(mailing)
    assert (mail.state, mail.text, mail.html, mail.due_at) == (State.SENT, "", None, None)


def test_the_same_key_sends_one_mail(mailing: Desk, office: Post) -> None:
    write(mailing, key="summary of week 47", attachments=[Attachment("a.csv", "text/csv", b"a")])
    write(mailing, key="summary of week 47", attachments=[Attachment("a.csv", "text/csv", b"a")])
    deliver(mailing)
    assert len(office.letters) == 1
    assert len(list(office.letters[0].iter_attachments())) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "maria",
        "maria@",
        "@kunde.example",
        "maria@kunde",
        "a@b.example, c@d.example",
        "Maria <a@b.example>",
        "a@b.example\nBcc: c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        "a b@c.example",
        f"{'a' * 300}@b.example",
    ],
)
def test_what_is_no_address_is_refused(desk: Desk, address: str) -> None:
    with pytest.raises(BadInput):
        write(desk, to=address)


@pytest.mark.parametrize(
    "subject", ["", "Hello\nBcc: c@d.example", "Hello\r\n\r\nwords", "Hello\u2028there", "a" * 201]
)
def test_a_subject_cannot_become_a_header(desk: Desk, subject: str) -> None:
    with pytest.raises(BadInput):
        write(desk, subject=subject)


def test_a_server_that_is_busy_is_asked_again_with_the_same_id(mailing: Desk, office: Post) -> None:
    office.answers = ["451 try again later"]
    write(mailing)
    token = kept(mailing).message_token

    assert deliver(mailing) == 0
    waiting = kept(mailing)
    assert waiting.state == State.QUEUED
    assert waiting.trouble == "The mail server said: 451 try again later"
    assert deliver(mailing) == 0  # not at once
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        assert deliver(mailing) == 1
    assert [each["message-id"] for each in office.letters] == [f"<{token}@northwind.example>"]


def test_a_recipient_whom_the_server_will_never_take_is_given_up(mailing: Desk, office: Post) -> None:
    office.recipient_answers = ["550 nobody of that name"]
    write(mailing)
    assert deliver(mailing) == 0
    mail = kept(mailing)
    assert (mail.state, mail.due_at) == (State.FAILED, None)
    assert mail.trouble == "The mail server said: 550 nobody of that name"


def test_a_recipient_who_is_to_be_asked_about_later_is(mailing: Desk, office: Post) -> None:
    office.recipient_answers = ["450 greylisted"]
    write(mailing)
    deliver(mailing)
    assert kept(mailing).state == State.QUEUED


def test_words_that_the_server_will_never_take_are_given_up(mailing: Desk, office: Post) -> None:
    office.answers = ["554 looks like spam"]
    write(mailing)
    deliver(mailing)
    assert kept(mailing).state == State.FAILED


def test_a_server_that_is_gone_is_tried_for_two_days_and_no_longer(make_mailing: Callable[..., Desk]) -> None:
    desk = make_mailing(1)
    write(desk)
    begun = clock.now()
    for hours in range(0, 72, 2):
        with time_machine.travel(begun + timedelta(hours=hours)):
            deliver(desk)
    mail = kept(desk)
    assert mail.state == State.FAILED
    assert mail.attempts == len(mails.AGAIN_AFTER) + 1
    assert "cannot be reached" in (mail.trouble or "")


def test_a_server_that_says_nothing_is_not_waited_for(
    make_mailing: Callable[..., Desk], office: Post
) -> None:
    class Asleep(Post):
        async def handle_EHLO(  # noqa: N802
            self, _server: Any, _session: Any, _envelope: Any, _name: str, answers: list[str]
        ) -> list[str]:
            await asyncio.sleep(1)
            return answers

    with listening(Asleep()) as port:
        desk = make_mailing(port, timeout_seconds=0.3)
        write(desk)
        assert deliver(desk) == 0
    assert kept(desk).state == State.QUEUED


def test_the_conversation_is_encrypted_and_the_server_known(
    make_mailing: Callable[..., Desk], office: Post, authority: trustme.CA, trusted: Path
) -> None:
    with listening(office, tls_context=encrypted(authority), require_starttls=True) as port:
        desk = make_mailing(port, security="starttls", ca_file=trusted)
        write(desk)
        assert deliver(desk) == 1
    assert office.secret == [True]


def test_or_is_from_the_first_byte(
    make_mailing: Callable[..., Desk], office: Post, authority: trustme.CA, trusted: Path
) -> None:
    with listening(office, ssl_context=encrypted(authority)) as port:
        desk = make_mailing(port, security="tls", ca_file=trusted)
        write(desk)
        assert deliver(desk) == 1
    assert len(office.letters) == 1


@pytest.mark.parametrize("name", ["127.0.0.1", "mail.elsewhere.example"])
def test_a_server_that_is_not_who_it_should_be_gets_nothing(
    make_mailing: Callable[..., Desk], office: Post, authority: trustme.CA, trusted: Path, name: str
) -> None:
    """Of a strange authority, or by another name."""
    known = authority if name != "127.0.0.1" else trustme.CA()
    with listening(office, tls_context=encrypted(known, name), require_starttls=True) as port:
        desk = make_mailing(port, security="starttls", ca_file=trusted)
        write(desk)
        assert deliver(desk) == 0
    assert office.letters == []
    assert kept(desk).trouble == "The mail server cannot be reached (CERTIFICATE_VERIFY_FAILED)."


def test_a_server_that_offers_no_encryption_gets_nothing(
    make_mailing: Callable[..., Desk], office: Post, port: int, trusted: Path
) -> None:
    desk = make_mailing(port, security="starttls", ca_file=trusted)
    write(desk)
    assert deliver(desk) == 0
    assert office.letters == []
    assert kept(desk).state == State.QUEUED


def test_we_sign_in_with_the_password_from_a_file(
    make_mailing: Callable[..., Desk],
    office: Post,
    authority: trustme.CA,
    trusted: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    monkeypatch.setenv("SMTP_PASSWORD_FILE", str(file))

    def let_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and data == LoginPassword(b"desk", PASSWORD.encode())
        return AuthResult(success=right)

    with listening(
        office,
        tls_context=encrypted(authority),
        require_starttls=True,
        authenticator=let_in,
        auth_required=True,
    ) as port:
        desk = make_mailing(port, security="starttls", ca_file=trusted, user="desk")
        write(desk)
        assert deliver(desk) == 1


def test_a_wrong_password_is_for_whoever_runs_the_desk_to_mend(
    make_mailing: Callable[..., Desk],
    office: Post,
    authority: trustme.CA,
    trusted: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The mail waits for that."""
    monkeypatch.setenv("SMTP_PASSWORD", "another")
    refuse = {"authenticator": lambda *_: AuthResult(success=False, handled=False), "auth_required": True}
    with listening(office, tls_context=encrypted(authority), require_starttls=True, **refuse) as port:
        desk = make_mailing(port, security="starttls", ca_file=trusted, user="desk")
        write(desk)
        assert deliver(desk) == 0
    assert kept(desk).state == State.QUEUED
    assert "535" in (kept(desk).trouble or "")


def test_a_mail_whose_sender_died_is_sent_after_a_while(mailing: Desk, office: Post) -> None:
    write(mailing)
    with mailing.database.transaction() as session:
        assert mails.claim(session) is not None
    assert deliver(mailing) == 0
    with time_machine.travel(clock.now() + mails.LEASE + timedelta(seconds=1)):
        assert deliver(mailing) == 1


def test_whoever_wakes_up_late_changes_nothing(mailing: Desk) -> None:
    write(mailing)
    with mailing.database.transaction() as session:
        frozen = mails.claim(session)
        assert frozen is not None
        session.expunge(frozen)
    with time_machine.travel(clock.now() + mails.LEASE + timedelta(seconds=1)):
        deliver(mailing)
    with mailing.database.transaction() as session:
        mails.failed(session, frozen, "too late", for_good=True)
    assert kept(mailing).state == State.SENT


def test_addresses_are_forgotten_after_some_weeks(mailing: Desk) -> None:
    write(mailing)
    deliver(mailing)
    with (
        time_machine.travel(clock.now() + mails.KEPT + timedelta(days=1)),
        mailing.database.transaction() as session,
    ):
        assert mails.forget_old(session) == 1


def test_mails_of_an_erased_person_do_not_leave(mailing: Desk, office: Post) -> None:
    with mailing.database.transaction() as session:
        session.add(Customer(id=7, x_id="2001", first_seen_at=clock.now()))
        session.flush()
        file = Attachment("a.txt", "text/plain", b"a")
        mail.enqueue(session, "maria@kunde.example", "Hello", "Words", customer_id=7, attachments=[file])
    with mailing.database.transaction() as session:
        assert mail.forget_of(session, 7) == 1
    assert deliver(mailing) == 0
    assert office.letters == []


def test_how_mail_is_doing_can_be_told(mailing: Desk, office: Post) -> None:
    office.answers = ["554 no", "451 later"]
    write(mailing)
    write(mailing)
    deliver(mailing)
    with mailing.database.reading() as session:
        told = mail.standing(session)
    assert (told.waiting, told.failed) == (1, 1)


@pytest.mark.parametrize(
    "told",
    [
        {"host": "mail.northwind.example"},
        {"host": "mail.northwind.example", "sender": SENDER, "security": "none"},
        {"host": "127.0.0.1", "sender": "help@northwind.example\r\nBcc: a@b.example"},
    ],
)
def test_settings_that_would_not_work_are_refused(tmp_path: Path, told: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        settings.build({"mail": told}, folder=tmp_path)
