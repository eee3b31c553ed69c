"""The commands, as a person or a script meets them: what is wrong in one sentence, and the exit code."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from socialdesk.cli import app
from socialdesk.sandbox import World
from socialdesk.sandbox.server import SandboxServer
from tests import small_library
from tests.conftest import HANDLE, KEYS
from tests.program import PROGRAM, Ended, Program
from tests.test_replay import STORY, written

ENVIRONMENT = os.environ | {f"X_NORTHWIND_{name.upper()}": value for name, value in KEYS.items()}


Run = Callable[..., Ended]


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    """Settings for an account on an X that is not there, and a SQLite file that is not made yet."""
    file = tmp_path / "settings.toml"
    file.write_text(
        f'[x]\napi_url = "http://127.0.0.1:9"\n[database]\nurl = "sqlite:///desk.db"\n'
        f'[[accounts]]\nhandle = "{HANDLE}"\ncredentials = "NORTHWIND"\n[log]\nlevel = "error"\n'
    )
    return file


@pytest.fixture
def socialdesk(tmp_path: Path, program: Program) -> Run:
    def run(*arguments: object, given: str = "", **environment: str) -> Ended:
        return program.run(*arguments, folder=tmp_path, given=given, environment=ENVIRONMENT | environment)

    return run


@pytest.fixture
def made(socialdesk: Run, settings_file: Path, migrated_sqlite: Path) -> Run:
    """The program on a database that has its tables."""
    shutil.copy(migrated_sqlite, settings_file.with_name("desk.db"))
    return lambda *arguments, **more: socialdesk(*arguments, "--settings", settings_file, **more)


def test_without_a_command_it_tells_what_there_is(tmp_path: Path) -> None:
    (ended,) = several(tmp_path, ["--help"])
    told = ended.said
    for command in ("demo", "run", "console", "worker", "sandbox", "poll", "send", "detect", "replay"):
        assert command in told


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["nonsense"], 2, "No such command"),
        (["cases", "--colour"], 2, "No such option"),
        (["cases", "--settings", "nowhere.toml"], 2, "nowhere.toml cannot be read"),
        (
            ["replay", "none.csv", "--handle", "A", "--settings", "settings.toml"],
            2,
            "none.csv cannot be read",
        ),
        (["reply", "1", "--by", "ana", "--settings", "settings.toml"], 2, "either --template NAME or --text"),
        (
            ["reply", "1", "--by", "ana", "--text", "x", "--settings", "settings.toml"],
            2,
            "There is no case 1",
        ),
        (["poll", "--settings", "settings.toml"], 1, "X cannot be reached"),
        (["stats", "--days", "99999999999", "--settings", "settings.toml"], 2, "--days"),
        (["reply", "99999999999", "--by", "a", "--text", "x", "--settings", "settings.toml"], 2, "CASE"),
        (["detect", "none.txt"], 2, "none.txt cannot be read"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence_and_by_the_exit_code(
    made: Run, socialdesk: Run, arguments: list[str], code: int, told: str
) -> None:
    ended = socialdesk(*arguments)
    assert (ended.code, ended.said) == (code, "")
    assert told in ended.complained
    assert "Traceback" not in ended.complained


SEVERAL = """
import contextlib, io, json, sys
from socialdesk.cli import main
for arguments in json.load(sys.stdin):
    said, complained = io.StringIO(), io.StringIO()
    sys.argv = ["socialdesk", *arguments]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    print(json.dumps([code or 0, said.getvalue(), complained.getvalue()]))
"""


def several(folder: Path, *commands: list[str]) -> list[Ended]:
    """The commands one after the other in one process: most of a command's time is its start."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SEVERAL],
        input=json.dumps(commands),
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        env=ENVIRONMENT,
        timeout=120,
        check=True,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return [Ended(code, said.encode(), complained.encode()) for code, said, complained in told]


def _is_one_sentence(told: str) -> bool:
    return told.startswith("socialdesk: ") and told.endswith(".\n") and told.count("\n") == 1


def all_commands() -> list[list[str]]:
    found: list[list[str]] = []
    for name, command in app.commands.items():
        inner = getattr(command, "commands", None)
        found += [[name, each] for each in inner] if inner else [[name]]
    return found


def test_every_command_refuses_what_it_does_not_know_in_one_sentence(socialdesk: Run, tmp_path: Path) -> None:
    commands = all_commands()
    assert len(commands) > 30
    for command in commands:
        ended = socialdesk(*command, "--nonsense")
        assert (command, ended.code, ended.said) == (command, 2, "")
        assert _is_one_sentence(ended.complained), ended.complained
    assert list(tmp_path.iterdir()) == []


def test_a_mistyped_command_is_told_its_name(socialdesk: Run) -> None:
    ended = socialdesk("stat")
    assert ended.complained == "socialdesk: No such command 'stat'. Did you mean 'stats'?\n"


WRONG = (
    (["stats", "--days", "x"], "--days"),
    (
        ["stats", "--from", "2026-13-40", "--to", "2026-11-01"],
        "'2026-13-40' is no day: write one as 2026-01-31",
    ),
    (["stats", "--by", "weather"], "--by"),
    (["stats", "--account", "nobody"], "@nobody"),
    (["summary", "--to", "nobody"], "nobody"),
    (["reply", "7", "--by", "ana", "--text", "x"], "There is no case 7"),
    (["reply", "x", "--by", "ana", "--text", "x"], "no whole number"),
    (["agents", "disable", "nobody"], "nobody"),
    (["agents", "reset-codes", "nobody"], "nobody"),
    (["agents", "shifts", "nobody"], "nobody"),
    (["agents", "add"], "AGENT"),
    (["agents", "add", "x", "--name", "X", "--role", "boss"], "--role"),
    (["tokens", "add", "nobody", "--name", "x", "--scope", "cases:read"], "nobody"),
    (["tokens", "add", "nobody", "--name", "x"], "--scope"),
    (["tokens", "revoke", "9"], "no such token"),
    (["rules", "try", "nothing"], "nothing"),
    (["rules", "on", "nothing", "--by", "ana"], "nothing"),
    (["privacy", "export", "@nobody"], "nobody"),
    (["privacy", "erase", "@nobody", "--by", "ana"], "ana"),
    (["replies", "stamp", "de", "nothing"], "nothing"),
    (["audit", "show", "--most", "0"], "--most"),
    (["run", "--port", "99999"], "--port"),
    (["replay"], "FILE"),
)


def test_wrong_input_is_one_sentence_and_exit_code_2(made: Run, settings_file: Path) -> None:
    commands = [arguments for arguments, _ in WRONG]
    for (arguments, told), ended in zip(WRONG, several(settings_file.parent, *commands), strict=True):
        assert (arguments, ended.code, ended.said) == (arguments, 2, "")
        assert _is_one_sentence(ended.complained), ended.complained
        assert told in ended.complained
        assert "Value error" not in ended.complained


READING = (
    ["cases"],
    ["stats"],
    ["summary"],
    ["coverage"],
    ["audit", "verify"],
    ["audit", "show"],
    ["agents", "list"],
    ["agents", "shifts"],
    ["tokens", "list"],
    ["rules", "list"],
    ["privacy", "tombstones"],
    ["privacy", "export", "@maria"],
    ["reply", "1", "--by", "ana", "--text", "x"],
    ["poll"],
    ["run", "--port", "0"],
)


def test_where_there_is_no_database_none_is_begun(settings_file: Path) -> None:
    settings_file.write_text(settings_file.read_text().replace("desk.db", "deep/er/desk.db"))
    before = list(settings_file.parent.iterdir())
    *ended, doctor = several(settings_file.parent, *READING, ["doctor"])
    for command, each in zip(READING, ended, strict=True):
        assert (command, each.code, each.said) == (command, 1, "")
        assert "There is no database at " in each.complained
        assert "`socialdesk db upgrade`" in each.complained
        assert _is_one_sentence(each.complained)
    assert doctor.code == 1
    assert "There is no database at " in doctor.said
    assert list(settings_file.parent.iterdir()) == before


def test_a_demo_keeps_the_one_before_aside_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    for number in ("9", "10", "11"):
        (folder / f"demo-{number}.db").write_text(number)
    for name in ("demo.db", "demo.db-wal", "demo-mine.db", "socialdesk.db"):
        (folder / name).write_text(name)
    port = _free_port()
    with subprocess.Popen(
        [*PROGRAM, "demo", "--port", str(port), "--data", str(folder)],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as running:
        _wait_for(f"http://127.0.0.1:{port}/sign-in", running)
        running.send_signal(signal.SIGINT)
        said, complained = running.communicate(timeout=60)
    assert (running.returncode, complained) == (0, "")
    assert "begins afresh each time" in said
    assert "kept as demo-12.db" in said
    kept = {file.name: file.read_text() for file in folder.glob("*-*") if file.name.startswith("demo-")}
    assert kept == {
        "demo-10.db": "10",
        "demo-11.db": "11",
        "demo-12.db": "demo.db",
        "demo-12.db-wal": "demo.db-wal",
        "demo-mine.db": "demo-mine.db",
    }
    assert (folder / "socialdesk.db").read_text() == "socialdesk.db"


def test_a_demo_touches_no_files_but_its_own(socialdesk: Run, tmp_path: Path, taken_port: int) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    for name in ("socialdesk.db", "demo.db"):
        (folder / name).write_text("mine")
    with (folder / "demo.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = socialdesk("demo", "--port", _free_port(), "--data", folder)
    assert ended.code == 1
    assert "Another demo keeps its files" in ended.complained
    assert (folder / "socialdesk.db").read_text() == (folder / "demo.db").read_text() == "mine"


def test_a_database_without_tables_is_refused_with_the_command_that_makes_them(
    socialdesk: Run, settings_file: Path
) -> None:
    ended = socialdesk("cases", "--settings", settings_file)
    assert ended.code == 1
    assert "socialdesk db upgrade" in ended.complained
    assert socialdesk("db", "upgrade", "--settings", settings_file).code == 0
    assert socialdesk("cases", "--settings", settings_file).code == 0


def test_an_unreachable_database_is_told(socialdesk: Run, settings_file: Path) -> None:
    ended = socialdesk(
        "cases", "--settings", settings_file, SOCIALDESK_DATABASE__URL="postgresql://nobody@127.0.0.1:9/desk"
    )
    assert ended.code == 1
    assert "The database cannot be used" in ended.complained
    assert "Traceback" not in ended.complained


def test_a_missing_key_is_named(made: Run) -> None:
    ended = made("poll", X_NORTHWIND_ACCESS_TOKEN="")
    assert ended.code == 2
    assert "Set X_NORTHWIND_ACCESS_TOKEN" in ended.complained


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize("command", ["run", "console", "demo", "sandbox"])
def test_a_taken_port_is_told(made: Run, socialdesk: Run, command: str, taken_port: int) -> None:
    own = {"demo": ["--data", "demo"], "sandbox": []}
    arguments = own.get(command, ["--settings", "settings.toml"])
    ended = socialdesk(command, "--port", taken_port, *arguments)
    assert ended.code == 1
    assert f"Port {taken_port} on 127.0.0.1 is taken" in ended.complained
    assert "Traceback" not in ended.complained


def test_detect_names_each_lines_language(socialdesk: Run) -> None:
    rows = socialdesk("detect", "--json", given="Dzień dobry, gdzie jest moja paczka?\n🙂\n").rows
    assert [(row["language"], row["text"]) for row in rows] == [
        ("pl", "Dzień dobry, gdzie jest moja paczka?"),
        ("und", "🙂"),
    ]
    assert list(rows[0]) == ["text", "language", "confidence", "runner_up", "source", "code", "mixed"]


def test_fit_counts_as_x_does(socialdesk: Run) -> None:
    given = "\n".join(json.dumps(text) for text in ("a" * 281, "日本", "see example.com/a", "\ud800"))
    rows = socialdesk("fit", "--json", given=given).rows
    assert [(row["weighted_length"], row["valid"]) for row in rows][:3] == [
        (281, False),
        (4, True),
        (27, True),
    ]
    assert len(rows[0]["parts"]) == 2  # type: ignore[arg-type]
    assert list(rows[2])[:3] == ["weighted_length", "valid", "parts"]
    assert [rows[2][name] for name in ("weightedLength", "permillage", "displayRangeEnd")] == [27, 96, 16]
    assert [rows[0][name] for name in ("validRangeStart", "validRangeEnd", "displayRangeStart")] == [
        0,
        279,
        0,
    ]
    assert socialdesk("fit", "--json", given="nonsense\n").code == 2


def test_the_reply_library_is_complete(socialdesk: Run) -> None:
    ended = socialdesk("replies", "check")
    assert (ended.code, ended.complained) == (0, "")
    assert "nothing to mend" in ended.said


def test_a_file_that_nobody_could_have_foreseen_is_named(
    socialdesk: Run, settings_file: Path, tmp_path: Path
) -> None:
    replies = small_library.written(tmp_path)
    settings_file.write_text(settings_file.read_text() + f'[paths]\nreplies = "{replies}"\n')
    small_library.write(replies, "en/thanks.private", "Hello\n{% autoescape true %}x{% endautoescape %}")
    ended = socialdesk("replies", "check", "--settings", settings_file)
    assert (ended.code, ended.complained) == (1, "")
    assert "en/thanks.private.txt.j2:2: a template may hold plain" in ended.said.replace("\n", " ")


def test_stamping_notes_what_is_meant_and_nothing_else(
    socialdesk: Run, settings_file: Path, tmp_path: Path
) -> None:
    replies = small_library.written(tmp_path)
    settings_file.write_text(settings_file.read_text() + f'[paths]\nreplies = "{replies}"\n')
    small_library.write(replies, "en/thanks.private", "Hello{{ customer_name }}, thanks.")
    small_library.write(replies, "en/order_late.public", "Sorry.")

    def older_after_stamping(*arguments: str) -> int:
        assert socialdesk("replies", "stamp", *arguments, "--settings", settings_file).code == 0
        found = socialdesk("replies", "check", "--json", "--settings", settings_file).rows
        assert all(row["kind"] == "older" for row in found)
        return len(found)

    assert older_after_stamping("de", "thanks") == 7
    assert older_after_stamping("de") == 6
    assert older_after_stamping() == 0


@pytest.mark.parametrize("arguments", [("xx",), ("de", "no_such_template")])
def test_stamping_what_is_not_there_is_refused(
    socialdesk: Run, settings_file: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    settings_file.write_text(
        settings_file.read_text() + f'[paths]\nreplies = "{small_library.written(tmp_path)}"\n'
    )
    ended = socialdesk("replies", "stamp", *arguments, "--settings", settings_file)
    assert ended.code in (1, 2)
    assert ended.complained.startswith("socialdesk: There is no ")


def test_a_history_is_replayed_listed_and_counted(made: Run, tmp_path: Path) -> None:
    written(tmp_path, STORY)
    assert made("replay", "history.csv", "--handle", "Shop", "--json").rows[0]["taken_in"] == 5

    rows = made("cases", "--json").rows
    assert [(row["customer"], row["language"], row["message_ids"]) for row in rows] == [
        ("501", "de", ["1", "2", "3"]),
        ("502", "fr", ["4"]),
        ("503", "en", ["5"]),
    ]
    assert [row["linked_case_ids"] for row in rows] == [[2], [1], []]
    stats = made("stats", "--json").rows
    assert {row["language"]: row["messages"] for row in stats} == {"de": 2, "en": 1, "fr": 1}
    assert [(row["seen"], row["corrected"], row["accuracy"]) for row in stats] == [(0, 0, None)] * 3
    assert made("stats", "--csv").said.splitlines()[0].startswith("language,messages,replies,open_cases")
    assert "German" in made("stats", "--svg", "chart.svg").said
    assert "German" in ElementTree.parse(tmp_path / "chart.svg").getroot().itertext()
    assert "counts were right" in made("db", "recount").said


def test_agents_are_let_in_and_out(made: Run) -> None:
    assert made("agents", "add", "ana", "--name", "Ana Horvat", given="long enough\n").code == 0
    assert made("agents", "add", "ana", "--name", "Another", given="long enough\n").code == 2
    assert made("agents", "add", "ben", "--name", "Ben", given="short\n").code == 2
    assert made("agents", "disable", "ana").code == 0
    assert "agents enable ana" in made("agents", "password", "ana", given="long enough\n").complained
    assert made("agents", "enable", "ana").code == 0
    assert made("agents", "disable", "ana").code == 0
    (ana,) = made("agents", "list", "--json").rows
    assert (ana["username"], ana["role"], ana["disabled"]) == ("ana", "agent", True)


def test_doctor_says_what_is_wrong(made: Run) -> None:
    findings = {row["what"]: row for row in made("doctor", "--json").rows}
    assert findings["database"]["well"]
    assert not findings["agents"]["well"]
    assert findings[f"@{HANDLE}"]["says"] == "X cannot be reached."
    assert made("doctor").code == 1


def test_doctor_names_who_has_not_the_one_time_codes_that_are_demanded(made: Run) -> None:
    made("agents", "add", "ana", "--name", "Ana Horvat", given="long enough\n")
    assert "one-time codes" not in {row["what"] for row in made("doctor", "--json").rows}
    rows = made("doctor", "--json", SOCIALDESK_SIGN_IN__CODES="required").rows
    (found,) = [row for row in rows if row["what"] == "one-time codes"]
    assert (found["well"], "not set up yet by ana" in str(found["says"])) == (False, True)


def test_one_pass_reads_and_another_sends(
    made: Run, settings_file: Path, world: World, sandbox: SandboxServer
) -> None:
    on_x = {"SOCIALDESK_X__API_URL": sandbox.url}
    world.add_user("maria", "María")
    world.post("maria", f"@{HANDLE} ¿dónde está mi paquete? Lo espero desde el lunes.")
    assert made("poll", "--json", **on_x).rows[0] == {"account": HANDLE, "channel": "mentions", "new": 1}

    made("agents", "add", "ana", "--name", "Ana Horvat", given="long enough\n")
    ended = made(
        "reply",
        "1",
        "--template",
        "where_is_my_order",
        "--by",
        "ana",
        "--approve",
        "--json",
        SOCIALDESK_SENDING__UNDO_SECONDS="0",
    )
    assert (ended.code, ended.rows[0]["state"]) == (0, "approved")
    assert made("send", "--json", **on_x).rows == [{"account": HANDLE, "tried": 1, "settled": 0}]
    (answer,) = [post for post in world.posts() if post.author_id == world.user(HANDLE).id]
    assert "^AH" in answer.text
    assert made("doctor", **on_x).code == 0


@pytest.mark.parametrize("command", ["demo", "sandbox", "run"])
def test_ctrl_c_ends_it_cleanly(
    made: Run, command: str, tmp_path: Path, world: World, sandbox: SandboxServer
) -> None:
    arguments = {"demo": ["--data", "demo"], "sandbox": []}.get(command, ["--settings", "settings.toml"])
    with subprocess.Popen(
        [*PROGRAM, command, "--port", str(free_port := _free_port()), *arguments],
        cwd=tmp_path,
        env=ENVIRONMENT | {"SOCIALDESK_X__API_URL": sandbox.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as running:
        _wait_for(
            f"http://127.0.0.1:{free_port}/{'sandbox/web/' if command == 'sandbox' else 'sign-in'}", running
        )
        running.send_signal(signal.SIGINT)
        _, complained = running.communicate(timeout=30)
    assert (running.returncode, complained) == (0, "")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait_for(url: str, running: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert running.poll() is None, running.stderr and running.stderr.read()
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
