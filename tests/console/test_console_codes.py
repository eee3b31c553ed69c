"""One-time codes: turned on by the agent, asked for at sign-in, each good for once."""

from __future__ import annotations

import base64
import html
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from starlette.testclient import TestClient

from socialdesk import audit, clock
from socialdesk.cases import Case
from socialdesk.database import Database
from socialdesk.errors import SettingsError
from socialdesk.people import codes, keys
from socialdesk.people.agents import Agent, Role
from socialdesk.people.brakes import LIMITS, Kind
from socialdesk.people.codes import CodeSecret
from tests.conftest import PASSWORD, Cast
from tests.console.conftest import Visitor
from tests.console.forms import composer

Browser = Callable[[], TestClient]
GIVEN = {"username": "ana", "password": PASSWORD, "next": "/queue"}
NOT_BEGUN = "There is nothing to confirm"
KEY, LATER_KEY = "the-key-that-the-desk-has-at-first--", "the-key-that-it-has-from-then-on,too"


@pytest.fixture(autouse=True)
def a_key(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite has a file beside it where one can be made."""
    if not database.is_sqlite:
        monkeypatch.setenv(keys.VARIABLE, KEY)


@pytest.fixture(autouse=True)
def in_the_middle_of_a_step() -> Iterator[None]:
    """However long a sign-in takes on a busy machine, the code that was read is still that of its step."""
    middle = codes.now_step() * codes.STEP_SECONDS + codes.STEP_SECONDS // 2
    with time_machine.travel(datetime.fromtimestamp(middle, UTC), tick=False):
        yield


@pytest.fixture
def admin(sofia: TestClient, database: Database, cast: Cast) -> TestClient:
    """Sofia, who is an admin now."""
    with database.transaction() as session:
        session.get_one(Agent, cast.sofia.id).role = Role.ADMIN
    return sofia


class Telephone:
    """An authenticator app that has scanned the secret."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def shows(self, steps: int = 0) -> str:
        return codes.at_step(self.secret, codes.now_step() + steps)


def turn_on(browser: TestClient) -> tuple[Telephone, list[str]]:
    """The telephone and the recovery codes. The code that it confirms with is that of the step before."""
    assert browser.post("/account/codes", data={"password": PASSWORD}).headers["location"] == "/account/codes"
    page = html.unescape(browser.get("/account/codes").text)
    secret = re.search(r"otpauth://totp/\S+?secret=([A-Z2-7]{32})&", page)
    assert secret
    telephone = Telephone(secret[1])
    shown = browser.post("/account/codes/confirmation", data={"code": telephone.shows(-1)})
    recovery = re.findall(r"<code>([A-Z2-7 ]{29})</code>", shown.text)
    assert len(recovery) == codes.RECOVERY_CODES
    return telephone, recovery


@pytest.fixture
def telephone(ana: TestClient) -> Telephone:
    return turn_on(ana)[0]


def half_way(visitor: Browser) -> TestClient:
    """A browser in which Ana's password was right."""
    browser = visitor()
    answer = browser.post("/sign-in", data=GIVEN)
    assert answer.headers["location"] == "/sign-in/code?next=%2Fqueue"
    return browser


def gives(browser: TestClient, code: str) -> int:
    return browser.post("/sign-in/code", data={"code": code, "next": "/queue"}).status_code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """The table of RFC 6238, appendix B, its last six digits."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert codes.at_step(secret, seconds // codes.STEP_SECONDS) == code


def test_the_password_alone_opens_nothing_any_more(visitor: Browser, telephone: Telephone) -> None:
    browser = half_way(visitor)
    assert "desk" not in browser.cookies
    assert browser.get("/queue").headers["location"] == "/sign-in?next=%2Fqueue"
    browser.cookies.set("desk", browser.cookies["desk-code"])
    assert browser.get("/queue").status_code == 303
    browser.cookies.delete("desk")
    answer = browser.post("/sign-in/code", data={"code": telephone.shows(), "next": "/queue"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    assert browser.get("/queue").status_code == 200
    assert "desk-code" not in browser.cookies


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (0, 303), (1, 303), (2, 422)])
def test_clocks_may_differ_by_one_step(
    visitor: Browser, telephone: Telephone, steps: int, status: int
) -> None:
    assert gives(half_way(visitor), telephone.shows(steps)) == status


def test_a_code_works_once_and_none_before_it_works_after_it(visitor: Browser, telephone: Telephone) -> None:
    code, earlier = telephone.shows(1), telephone.shows()
    assert gives(half_way(visitor), code) == 303
    assert gives(half_way(visitor), code) == 422
    assert gives(half_way(visitor), earlier) == 422


def test_the_code_that_confirmed_is_used_up(visitor: Browser, telephone: Telephone) -> None:
    assert gives(half_way(visitor), telephone.shows(-1)) == 422


def test_a_recovery_code_works_once(visitor: Browser, ana: TestClient) -> None:
    _, recovery = turn_on(ana)
    assert gives(half_way(visitor), recovery[3].lower()) == 303
    assert gives(half_way(visitor), recovery[3]) == 422
    assert "9 recovery codes are left" in ana.get("/account").text


def test_guessing_codes_is_slowed_down(visitor: Browser, telephone: Telephone) -> None:
    browser, answers = half_way(visitor), []
    for number in range(LIMITS[Kind.CODE].free + 2):
        answers.append(gives(browser, f"{number:06}"))
    assert answers[0] == 422
    assert answers[-1] == 429
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=True):
        assert gives(browser, telephone.shows()) == 303


def test_what_is_half_open_ends_after_some_minutes(visitor: Browser, telephone: Telephone) -> None:
    browser = half_way(visitor)
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=True):
        answer = browser.post("/sign-in/code", data={"code": telephone.shows()})
    assert answer.headers["location"] == "/sign-in"
    assert "desk" not in browser.cookies


def test_turning_them_on_needs_the_password_and_signs_out_everywhere_else(
    signed_in: Visitor, ana: TestClient
) -> None:
    other, token = signed_in("ana"), ana.cookies["desk"]
    refused = ana.post("/account/codes", data={"password": "wrong password"})
    assert refused.status_code == 422
    assert "That is not your password." in refused.text
    turn_on(ana)
    assert other.get("/queue").status_code == 303
    assert ana.get("/queue").status_code == 200
    assert ana.cookies["desk"] != token


def test_what_was_begun_is_seen_and_confirmed_in_that_session_alone(
    signed_in: Visitor, ana: TestClient
) -> None:
    """Who reads along in another one would know the secret when it counts, or have his own confirmed."""
    other = signed_in("ana")
    ana.post("/account/codes", data={"password": PASSWORD})
    page = html.unescape(ana.get("/account/codes").text)
    secret = re.search(r"secret=([A-Z2-7]{32})&", page)
    assert secret
    for browser in (other, signed_in("ana")):  # open before, and since
        assert browser.get("/account/codes").headers["location"] == "/account"
        code = {"code": Telephone(secret[1]).shows(-1)}
        assert NOT_BEGUN in browser.post("/account/codes/confirmation", data=code).text
    other.post("/account/codes", data={"password": PASSWORD})
    assert secret[1] not in html.unescape(other.get("/account/codes").text)
    assert ana.get("/account/codes").headers["location"] == "/account"
    assert len(turn_on(ana)[1]) == codes.RECOVERY_CODES


def test_a_secret_that_was_begun_before_they_were_any_sessions_is_begun_anew(
    database: Database, cast: Cast, ana: TestClient
) -> None:
    ana.post("/account/codes", data={"password": PASSWORD})
    old = base64.b32encode(b"twenty bytes of old.").decode()
    with database.transaction() as session:
        sealed = keys.seal(session, old, of=f"code_secrets:{cast.ana.id}")
        session.get_one(CodeSecret, cast.ana.id).secret = sealed
    assert ana.get("/account/codes").headers["location"] == "/account"
    code = {"code": Telephone(old).shows()}
    assert NOT_BEGUN in ana.post("/account/codes/confirmation", data=code).text
    turn_on(ana)


def test_a_wrong_code_turns_nothing_on(visitor: Browser, ana: TestClient) -> None:
    ana.post("/account/codes", data={"password": PASSWORD})
    assert ana.post("/account/codes/confirmation", data={"code": "12345"}).status_code == 422
    assert visitor().post("/sign-in", data=GIVEN).headers["location"] == "/queue"


def test_new_recovery_codes_take_the_place_of_the_old(visitor: Browser, ana: TestClient) -> None:
    _, old = turn_on(ana)
    page = ana.post("/account/codes/renewal", data={"password": PASSWORD}).text
    new = re.findall(r"<code>([A-Z2-7 ]{29})</code>", page)
    assert gives(half_way(visitor), old[0]) == 422
    assert gives(half_way(visitor), new[0]) == 303


def test_they_are_turned_off_with_the_password(visitor: Browser, ana: TestClient) -> None:
    turn_on(ana)
    assert ana.post("/account/codes/removal", data={"password": "wrong"}).status_code == 422
    assert ana.post("/account/codes/removal", data={"password": PASSWORD}).status_code == 303
    assert visitor().post("/sign-in", data=GIVEN).headers["location"] == "/queue"


def test_an_admin_resets_those_of_somebody_who_has_lost_the_telephone(
    visitor: Browser, cast: Cast, ana: TestClient, admin: TestClient
) -> None:
    turn_on(ana)
    person, proof = f"/people/{cast.ana.id}", {"password": PASSWORD}
    assert "Reset codes" in admin.get(person).text
    assert ana.post(f"{person}/codes/resetting", data=proof).status_code == 403
    assert admin.post(f"{person}/codes/resetting", data=proof).status_code == 303
    assert admin.post(f"{person}/codes/resetting", data=proof).status_code == 409
    assert ana.get("/queue").status_code == 303
    assert visitor().post("/sign-in", data=GIVEN).headers["location"] == "/queue"


def test_neither_secrets_nor_codes_are_in_the_audit_log(
    visitor: Browser, database: Database, ana: TestClient
) -> None:
    telephone, recovery = turn_on(ana)
    gives(half_way(visitor), telephone.shows())
    gives(half_way(visitor), recovery[0])
    with database.reading() as session:
        entries = audit.newest(session)
    told = [(entry.kind, entry.details.get("by_means_of")) for entry in reversed(entries)]
    assert told == [
        ("signed_in", "password"),
        ("codes_on", None),
        ("signed_in", "code"),
        ("signed_in", "recovery_code"),
    ]


def kept(database: Database, cast: Cast) -> str:
    """What the database has of Ana's secret."""
    with database.reading() as session:
        return session.get_one(CodeSecret, cast.ana.id).secret


def keep(database: Database, cast: Cast, secret: str) -> None:
    with database.transaction() as session:
        session.get_one(CodeSecret, cast.ana.id).secret = secret


def test_whoever_has_the_database_alone_has_no_secret(
    database: Database, cast: Cast, telephone: Telephone, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert telephone.secret not in kept(database, cast)
    monkeypatch.setenv(keys.VARIABLE, LATER_KEY)
    with database.reading() as session, pytest.raises(SettingsError, match="not the one"):
        codes.secret_of(session, session.get_one(CodeSecret, cast.ana.id))


def test_a_secret_that_was_copied_to_another_agents_row_opens_nothing(
    database: Database, cast: Cast, telephone: Telephone
) -> None:
    taken = CodeSecret(agent_id=cast.ben.id or 0, secret=kept(database, cast))
    with database.reading() as session, pytest.raises(SettingsError, match="not the one"):
        codes.secret_of(session, taken)


def test_a_secret_from_before_there_were_keys_still_counts_and_is_sealed_when_it_is_used(
    visitor: Browser, database: Database, cast: Cast, telephone: Telephone
) -> None:
    keep(database, cast, telephone.secret)
    assert gives(half_way(visitor), telephone.shows()) == 303
    assert telephone.secret not in kept(database, cast)
    assert gives(half_way(visitor), telephone.shows(1)) == 303


def test_a_new_key_takes_over_as_people_sign_in(
    visitor: Browser,
    database: Database,
    cast: Cast,
    ana: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv(keys.VARIABLE, KEY)
    telephone, _recovery = turn_on(ana)
    monkeypatch.delenv(keys.VARIABLE)
    (tmp_path / "keys").write_text(f"{LATER_KEY}\n{KEY}\n")
    monkeypatch.setenv(f"{keys.VARIABLE}_FILE", str(tmp_path / "keys"))
    assert gives(half_way(visitor), telephone.shows()) == 303
    (tmp_path / "keys").write_text(f"{LATER_KEY}\n")
    assert gives(half_way(visitor), telephone.shows(1)) == 303


def test_without_its_key_a_recovery_code_still_lets_in(
    visitor: Browser, ana: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    telephone, recovery = turn_on(ana)
    monkeypatch.setenv(keys.VARIABLE, LATER_KEY)
    browser = half_way(visitor)
    refused = browser.post("/sign-in/code", data={"code": telephone.shows()})
    assert refused.status_code == 422
    assert "use a recovery code" in refused.text
    assert gives(browser, recovery[0]) == 303


def test_a_key_that_is_too_short_turns_nothing_on(ana: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(keys.VARIABLE, "short")
    refused = ana.post("/account/codes", data={"password": PASSWORD})
    assert refused.status_code == 422
    assert "at least 32 characters" in refused.text


def test_a_file_beside_the_database_holds_the_key_that_nobody_chose(
    database: Database, cast: Cast, ana: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(keys.VARIABLE, raising=False)
    with database.reading() as session:
        file = keys.file_of(session)
    answer = ana.post("/account/codes", data={"password": PASSWORD})
    if file is None:
        assert "whoever runs the desk sets SOCIALDESK_SECRETS_KEY" in html.unescape(answer.text)
        return
    assert answer.status_code == 303
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    shutil.move(file, file.with_suffix(".gone"))
    assert "not the one" in ana.get("/account/codes").text
    shutil.move(file.with_suffix(".gone"), file)
    assert ana.get("/account/codes").status_code == 200


def test_words_that_came_too_late_are_carried_past_the_code(ana: TestClient, maria: Case) -> None:
    phone, _ = turn_on(ana)
    written = composer(ana.get(f"/cases/{maria.id}")) | {"text": "Lo miramos ahora."}
    ana.post("/sign-out")
    asked = ana.post(f"/cases/{maria.id}/replies", data=written).text
    for form in (GIVEN, {"code": phone.shows()}):
        kept = html.unescape(re.findall(r'name="carried" value="([^"]*)"', asked)[0])
        asked = ana.post("/sign-in" if form is GIVEN else "/sign-in/code", data=form | {"carried": kept}).text
    assert composer(ana.get(f"/cases/{maria.id}"))["text"] == "Lo miramos ahora."
