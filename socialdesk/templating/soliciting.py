"""Whether a text asks a customer for what nobody may ask for: a password, a PIN, card data, a code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import regex

_REACH = 70  # characters between the asking and what is asked for
_SENTENCE_ENDS = ";:.!?؛؟。！？\n–—"
_CLAUSE_ENDS = _SENTENCE_ENDS + ",،、"
_MEANWHILE = r"\b(?:und|en|ve)\b|değiştir"  # something else is done first: change it, and write to us
_NO_BEHIND = ("de", "nl")  # where the sentence may end with the no
_EVERYWHERE = r"pin|cvv2?|cvc2?|otp|tan"


@dataclass(frozen=True, slots=True)
class _Tongue:
    """How one language names secrets, asks for something, and says no; `after` are the ways of asking that
    stand behind what is asked for."""

    secrets: str
    asking: str
    no: str
    after: str = ""


_TONGUES = {
    "en": _Tongue(
        r"pass(?:words?|codes?|phrases?)|pin (?:code|number)s?|card (?:numbers?|details?)|security codes?"
        r"|(?:one[- ]time|verification|log-?in|authentication) codes?",
        r"(?<!we )(?<!we['’]ll )(?<!will )(?:send|give|tell|share|write|post|dm|provide|confirm)(?! you\b)"
        r"|let us (?:know|have)|(?:reply|answer|message us|come back) with|we(?:['’]ll)? need"
        r"|what(?:['’]s| is)"
        r"|may we have|(?:could|can|would) you (?:send|tell|give|share)",
        r"not|never|\w+n['’]t|without|no",
    ),
    "de": _Tongue(
        r"passw(?:ort|örter)\w*|kennw(?:ort|örter)\w*|geheimzahl\w*|kartennummern?|kartendaten|prüfziffern?"
        r"|sicherheitscodes?|einmalcodes?|bestätigungscodes?|zugangsdaten",
        r"(?:send|schick|nenn|schreib|teil|gib|verrat|übermittl)(?:en sie|e|t|en)?"
        r"|geben sie|wir (?:brauchen|benötigen)|wie lautet",
        r"nicht|nie|niemals|kein\w*|ohne|weder",
        r"(?:an uns |per \w+ )?(?:senden|schicken|nennen|mitteilen|mitzuteilen|durchgeben|schreiben)",
    ),
    "fr": _Tongue(
        r"mots? de passe|code (?:pin|secret|de vérification|de sécurité|à usage unique)"
        r"|numéro de (?:votre |ta )?carte|coordonnées (?:de (?:votre |ta )?carte|bancaires)|cryptogramme",
        r"(?:envoye|transmette|communique|donne|indique|partage|écrive|précise|confirme)z|dites|envoie|donne"
        r"|(?:nous avons|on a) besoin|quel est|merci de (?:nous )?\w+|veuillez (?:nous )?\w+er",
        r"ne|n['’]\w+|pas|jamais|ni|aucun\w*|sans",
    ),
    "es": _Tongue(
        r"contraseñas?|claves?(?: secreta| de acceso)?"
        r"|código (?:pin|de (?:verificación|seguridad|un solo uso))"
        r"|(?:número|datos) de (?:tu |su |la )?tarjeta",
        r"env[ií](?:a|e|en)(?:nos)?|m[aá]nd(?:a|e|en)(?:nos)?|d[ií]ganos|dinos|den?os|indica(?:nos)?"
        r"|indíca?(?:nos|enos)"
        r"|indique(?:nos)?|compart[ae](?:nos)?|escr[ií]b[ae](?:nos)?|facilít[ae]nos|facilit[ae]|necesitamos"
        r"|cu[aá]l es|confirm[ae](?:nos)?|confírm[ae]nos",
        r"no|nunca|jamás|sin|ni|ningun[oa]",
    ),
    "it": _Tongue(
        r"password|codice (?:pin|di (?:verifica|sicurezza)|monouso)"
        r"|(?:numero|dati) d(?:ella|i) (?:sua |tua )?carta"
        r"|parola d['’]ordine",
        r"(?:ci )?(?:invii?|mandi?|comunichi|comunica|dica|scriva|indichi|indica|fornisca|condivida|confermi)"
        r"|(?:invia|manda|scrivi|di)(?:ci|teci)|inviarci|comunicarci|abbiamo bisogno|qual è|ci serve",
        r"non|mai|senza|né|nessun\w*",
    ),
    "pt": _Tongue(
        r"senhas?|palavras?-passe|código (?:pin|de (?:verificação|segurança|uso único))"
        r"|(?:número|dados) d[oe] (?:seu )?cartão",
        r"(?:envi|mand|indi[cq]|inform|partilh|compartilh|confirm)[aeu]+(?:-nos)?"
        r"|(?:diga|dê|escreva|forneça)(?:-nos)?"
        r"|precisamos|qual é|nos envie",
        r"não|nunca|jamais|sem|nem|nenhum\w*",
    ),
    "nl": _Tongue(
        r"wachtwoord(?:en)?|pincodes?|kaart(?:nummers?|gegevens)|beveiligingscodes?|verificatiecodes?"
        r"|eenmalige codes?",
        r"stuur|geef|deel|vermeld|schrijf|noem|meld|we hebben (?:je|uw)|wat is",
        r"niet|nooit|geen|zonder|noch",
        r"(?:naar ons |met ons |aan ons )?(?:sturen|doorgeven|delen|vermelden|doorsturen)",
    ),
    "sv": _Tongue(
        r"lösenord\w*|pinkod\w*|kortnummer|kortuppgifter\w*|säkerhetskod\w*|verifieringskod\w*|engångskod\w*",
        r"skicka|ange|uppge|dela|lämna|skriv|berätta|meddela|vi behöver|vad är",
        r"inte|aldrig|inga|inget|ingen|utan|varken|ej",
    ),
    "pl": _Tongue(
        r"has(?:ło|ła|eł|łem)|kod(?:u|y|ów)? (?:pin|weryfikacyjn\w+|jednorazow\w+)|numer(?:u)? karty"
        r"|dan(?:e|ych) karty",
        r"(?:prosimy|proszę) (?:o )?(?:podanie|podać|wysłać|wysłanie|przesłać|przesłanie|napisać)"
        r"|(?:prosimy|proszę) o(?= (?:has|kod|numer|dan))"
        r"|(?:podaj|wyślij|przyślij|prześlij|napisz)(?:cie)?|potrzebujemy|jakie jest",
        r"nie|nigdy|bez|ani|żadn\w+",
    ),
    "cs": _Tongue(
        r"hes(?:lo|la|el)|pin kód|číslo (?:vaší |své )?karty|údaje (?:o |z )?(?:vaší )?kart[yě]"
        r"|(?:ověřovací|jednorázov\w+|bezpečnostní) kód\w*",
        r"(?:pošle|zašle|napiš|sděl|uveď|pověz)(?:te)?|potřebujeme|jaké (?:je|máte)",
        r"ne\w*|nikdy|bez|ani|žádn\w+",
    ),
    "tr": _Tongue(
        r"(?:şifre|parola)\w*|pin kodu\w*|kart (?:numara|bilgi)\w*"
        r"|(?:doğrulama|güvenlik|tek kullanımlık) kodu?\w*",
        r"(?!)",
        r"asla|değil|gerek yok|olmadan",
        r"(?:gönder|paylaş|yaz|bildir|ilet|ver|söyle)(?:in(?:iz)?|ın(?:ız)?|[ie]r misiniz|ır mısınız)"
        r"|lazım|gerekiyor|nedir",
    ),
    "ja": _Tongue(
        r"パスワード|暗証番号|カード(?:番号|情報)|認証コード|確認コード|セキュリティコード|ワンタイムコード",
        r"(?!)",
        r"ない|ません|不要|なさら|決して",
        r"お知らせ|お送り|教え|ご記入|ご入力|送って|お伝え|お書き",
    ),
    "ar": _Tongue(
        r"كلم(?:ة|ات) (?:المرور|السر)|(?:الرقم|الرمز) السري|رقم (?:ال)?بطاقت?\w*|بيانات (?:ال)?بطاقت?\w*"
        r"|رمز التحقق|رموز التحقق|رمز الأمان",
        r"أرسل\w*|ارسل\w*|زود(?:نا|ونا)|تزويدنا|أخبر(?:نا|ونا)|اكتب\w*|شارك(?:نا|ونا)|إرسال|نحتاج|ما هي?"
        r"|يرجى ذكر",
        r"لا|لن|لم|عدم|دون|أبدا|أبدًا|ليس",
    ),
}


def asks_for(text: str, language: str) -> str | None:
    """What the text asks for, in its own words; None when that is nothing secret, or when it asks not to."""
    tongue = _TONGUES.get(language)
    if tongue is None:
        return None
    for pattern in _patterns(language):
        for found in pattern.finditer(text, overlapped=True):
            ends = _SENTENCE_ENDS if language in _NO_BEHIND else _CLAUSE_ENDS
            if not _no(language).search(_clauses(text, *found.span(), ends)):
                return str(found["secret"])
    return None


@cache
def _patterns(language: str) -> tuple[regex.Pattern[str], ...]:
    tongue, bound = _TONGUES[language], "" if language == "ja" else r"\b"
    secret = rf"{bound}(?P<secret>{tongue.secrets}|\b(?:{_EVERYWHERE})\b){bound}"
    gap = rf"[^.!?;。！？؟\n]{{0,{_REACH}}}?"
    before = rf"{bound}(?:{tongue.asking}){bound}{gap}{secret}"
    near = rf"(?:(?!{_MEANWHILE})[^.!?;,。！？؟\n]){{0,40}}?"
    behind = [rf"{secret}{near}{bound}(?:{tongue.after})"] if tongue.after else []
    return tuple(regex.compile(each, regex.IGNORECASE) for each in (before, *behind))


@cache
def _no(language: str) -> regex.Pattern[str]:
    no = _TONGUES[language].no
    return regex.compile(no if language == "ja" else rf"\b(?:{no})\b", regex.IGNORECASE)


def _clauses(text: str, start: int, end: int, ending: str) -> str:
    """From where the clause begins in which the asking is to where that of the secret ends."""
    begin = max(text.rfind(sign, 0, start) for sign in _CLAUSE_ENDS) + 1
    ends = (text.find(sign, end) for sign in ending)
    return text[begin : min((each for each in ends if each >= 0), default=len(text))]
