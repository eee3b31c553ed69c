"""No text of ours asks a customer for a password, a PIN, card data or a one-time code."""

from __future__ import annotations

import pytest

from socialdesk.languages import LANGUAGES
from socialdesk.settings import CHECKOUT
from socialdesk.templating.library import Library
from socialdesk.templating.soliciting import asks_for

ASKING = {
    "en": ["Please send us your user name and password.", "Tell us the one-time code you got."],
    "de": ["Bitte schicken Sie uns Ihr Passwort.", "Nennen Sie uns bitte Ihre PIN."],
    "fr": ["Envoyez-nous votre mot de passe.", "Merci de nous communiquer le numéro de votre carte."],
    "es": ["Envíenos su contraseña, por favor.", "Díganos el código de verificación."],
    "it": ["Ci invii la sua password.", "Ci comunichi il numero della carta."],
    "pt": ["Envie-nos a sua senha.", "Diga-nos o número do seu cartão."],
    "nl": ["Stuur ons je wachtwoord.", "Geef je pincode door."],
    "sv": ["Skicka ditt lösenord till oss.", "Uppge ditt kortnummer."],
    "pl": ["Prosimy o podanie hasła do konta.", "Podaj numer karty."],
    "cs": ["Pošlete nám prosím své heslo.", "Napište nám číslo karty."],
    "tr": ["Lütfen bize şifrenizi gönderin.", "Kart numaranızı yazın."],
    "ja": ["パスワードをお知らせください。", "カード番号を教えてください。"],
    "ar": ["يرجى إرسال كلمة المرور إلينا.", "أرسل لنا رقم البطاقة."],
}
WARNING = {
    "en": "Never send us your password. Change your password and send us a direct message.",
    "de": "Senden Sie uns niemals Ihr Passwort. Ändern Sie Ihr Passwort und schreiben Sie uns.",
    "fr": "Ne nous envoyez jamais votre mot de passe.",
    "es": "No nos envíe nunca su contraseña.",
    "it": "Non ci invii mai la password.",
    "pt": "Nunca nos envie a sua senha.",
    "nl": "Stuur ons nooit je wachtwoord.",
    "sv": "Skicka aldrig ditt lösenord.",
    "pl": "Prosimy nie podawać hasła.",
    "cs": "Nikdy nám neposílejte heslo.",
    "tr": "Bize asla şifrenizi göndermeyin.",
    "ja": "パスワードはお送りにならないでください。",
    "ar": "لا ترسل لنا كلمة المرور أبدا.",
}


def test_every_language_of_the_library_is_looked_at() -> None:
    assert set(ASKING) == set(WARNING) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("language", "text"), [(code, text) for code, all_ in ASKING.items() for text in all_]
)
def test_asking_for_a_secret_is_found(language: str, text: str) -> None:
    assert asks_for(text, language)


@pytest.mark.parametrize(("language", "text"), WARNING.items())
def test_warning_of_it_is_welcome(language: str, text: str) -> None:
    assert asks_for(text, language) is None


def test_what_the_desk_sends_itself_is_no_asking() -> None:
    assert asks_for("We will send you a one-time code.", "en") is None


def test_no_text_of_the_library_asks_for_a_secret() -> None:
    library = Library.load(CHECKOUT / "replies")
    found = {key: asks_for(source, key.language) for key, source in library.sources.items()}
    assert [key for key, secret in found.items() if secret] == []
