"""Settings: the file, the environment over it, and one clear sentence for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from socialdesk import settings
from socialdesk.errors import SettingsError
from socialdesk.settings import CHECKOUT


def written(folder: Path, content: str) -> Path:
    file = folder / "settings.toml"
    file.write_text(content, encoding="utf-8")
    return file


def test_the_shipped_settings_are_sound() -> None:
    loaded = settings.load(CHECKOUT / "settings.toml")

    assert loaded.x.api_url == "https://api.x.com"
    assert [account.handle for account in loaded.accounts] == ["ExampleHelp"]


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path, "[polling]\nmentions_seconds = 20\noverlap_minutes = 3\n")
    monkeypatch.setenv("SOCIALDESK_POLLING__MENTIONS_SECONDS", "7")

    loaded = settings.load(file)
    assert (loaded.polling.mentions_seconds, loaded.polling.overlap_minutes) == (7, 3)


def test_a_sqlite_file_is_looked_for_beside_the_settings(tmp_path: Path) -> None:
    loaded = settings.load(written(tmp_path, '[database]\nurl = "sqlite:///var/desk.db"\n'))
    assert loaded.database.url == f"sqlite:///{tmp_path}/var/desk.db"


@pytest.mark.parametrize(
    ("written_as", "known_as"),
    [
        ("https://desk.example", "https://desk.example"),
        ("https://Desk.Example:443/", "https://desk.example"),
        ("http://desk.example:8080", "http://desk.example:8080"),
        ("https://[2001:DB8::7]:8443", "https://[2001:db8::7]:8443"),
        ("", ""),
    ],
)
def test_the_public_url_is_known_as_browsers_tell_it(tmp_path: Path, written_as: str, known_as: str) -> None:
    loaded = settings.load(written(tmp_path, f'[console]\npublic_url = "{written_as}"\n'))
    assert loaded.console.public_url == known_as


def test_only_proxies_on_this_machine_are_trusted_unless_others_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, "[console]\n")
    assert settings.load(file).console.trusted_proxies == ("127.0.0.1", "::1")
    monkeypatch.setenv("SOCIALDESK_CONSOLE__TRUSTED_PROXIES", '["10.0.0.5", "fd00::/8"]')
    assert settings.load(file).console.trusted_proxies == ("10.0.0.5", "fd00::/8")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[polling]\nmentions_seconds = 0\n", "polling.mentions_seconds is wrong"),
        ("[polling]\nevery = 3\n", "polling.every is not a setting of socialdesk"),
        ("colour = 3\n", "colour is not a setting of socialdesk"),
        ('[x]\napi_url = "ftp://x"\n', "x.api_url is wrong: must be an http or https address"),
        ('[[accounts]]\nhandle = "@northwind"\ncredentials = "N"\n', "accounts.0.handle is wrong"),
        ('[console]\nport = "many"\n', "console.port is wrong"),
        ('[console]\npublic_url = "desk.example"\n', "public_url is wrong: must be an http or https address"),
        ('[console]\npublic_url = "https://desk.example/here"\n', "wrong: must be a scheme and a host alone"),
        ('[console]\npublic_url = "https://me@desk.example"\n', "wrong: must be a scheme and a host alone"),
        (
            '[console]\npublic_url = "https://bücher.example"\n',
            "wrong: must have its host as browsers send it",
        ),
        ('[console]\npublic_url = "http://["\n', "console.public_url is wrong"),
        (
            '[console]\npublic_url = "https://desk.example:99999"\n',
            "console.public_url is wrong: port out of",
        ),
        (
            '[console]\ntrusted_proxies = ["*"]\n',
            r"trusted_proxies.0 is wrong: \* is neither an address such",
        ),
        ('[console]\ntrusted_proxies = ["::1", "proxy"]\n', "trusted_proxies.1 is wrong: proxy is neither"),
        (
            '[console]\ntrusted_proxies = ["10.0.0.5/8"]\n',
            "10.0.0.5/8 is neither an address such as 10.0.0.5 nor",
        ),
        (
            '[console]\ntrusted_proxies = ["0.0.0.0/0"]\n',
            "0.0.0.0/0 is everybody, who could then say to come",
        ),
        ('[console]\ntrusted_proxies = "10.0.0.5"\n', "console.trusted_proxies is wrong"),
        ("this is not toml", "is not valid TOML"),
        ('[webhooks]\nhosts = ["https://hooks.example.com"]\n', "webhooks.hosts.0 is wrong: must be a host"),
        ('[webhooks]\nhosts = ["ok.example", "*.ok.example"]\n', "webhooks.hosts.1 is wrong: must be a host"),
        ('[webhooks]\nhosts = ["hooks.example.com/told"]\n', "webhooks.hosts.0 is wrong: must be a host"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as caught:
        settings.load(written(tmp_path, content))
    assert "\n" not in str(caught.value)


def test_the_hosts_of_webhooks_are_read_as_addresses_name_them(tmp_path: Path) -> None:
    content = '[webhooks]\nhosts = ["Hooks.Example.COM", "10.0.0.7:8443", "[2606:4700::1111]:443"]\n'
    told = ("hooks.example.com", "10.0.0.7:8443", "[2606:4700::1111]:443")
    assert settings.load(written(tmp_path, content)).webhooks.hosts == told


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml cannot be read"):
        settings.load(tmp_path / "nowhere.toml")


def test_keys_come_from_the_environment_or_from_the_files_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    for name in ("CONSUMER_KEY", "CONSUMER_SECRET", "ACCESS_TOKEN"):
        monkeypatch.setenv(f"X_SHOP_{name}", name.lower())
    monkeypatch.setenv("X_SHOP_ACCESS_TOKEN_SECRET_FILE", str(tmp_path / "secret"))

    keys = settings.credentials("SHOP")
    assert keys.consumer_key.get_secret_value() == "consumer_key"
    assert keys.access_token_secret.get_secret_value() == "from a file"
    assert "from a file" not in repr(keys)


def test_a_key_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("X_SHOP_CONSUMER_KEY", raising=False)
    with pytest.raises(SettingsError, match="Set X_SHOP_CONSUMER_KEY"):
        settings.credentials("SHOP")
