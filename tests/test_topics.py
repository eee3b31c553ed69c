"""What a message is about: the words that say so, in thirteen languages."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialdesk import topics
from socialdesk.languages import LANGUAGES
from socialdesk.templating.catalog import Topic
from socialdesk.topics import TOPICS, tell
from socialdesk.topics.words import check_in

ORDER, RETURN, DIGITAL, MEMBER, PAYMENT, ACCOUNT, SUSPICIOUS, GIFT, OTHER = TOPICS
ALL_EIGHT = (ORDER, RETURN, DIGITAL, MEMBER, PAYMENT, ACCOUNT, SUSPICIOUS, GIFT)

# One sentence a topic, in the order above.
SENTENCES = {
    "en": (
        "My parcel was due on Monday and the courier never rang",
        "The kettle is faulty, I sent it back and want my money back",
        "The film keeps buffering on my tablet",
        "I want to end my free trial before the membership renews",
        "You charged me twice and I have no invoice",
        "I forgot my password and cannot log in",
        "I got a fake email claiming to be you, is it a scam?",
        "The gift card says it was already redeemed",
    ),
    "it": (
        "Il corriere non ha consegnato il mio pacco",
        "Vorrei fare il reso e avere il rimborso",
        "L'app si blocca quando guardo una serie",
        "Come faccio a disdire l'abbonamento dopo la prova gratuita?",
        "Mi avete addebitato due volte, mi serve la fattura",
        "Ho dimenticato la password e non riesco ad accedere",
        "Ho ricevuto una mail sospetta, è una truffa?",
        "Il buono regalo risulta già riscattato",
    ),
    "de": (
        "Mein Weihnachtspaket wurde wieder nicht zugestellt",
        "Ich habe die Kanne zurückgeschickt und warte auf die Erstattung",
        "Die neue Staffel ruckelt auf meinem Tablet",
        "Ich möchte meine Prime-Mitgliedschaft kündigen, der Probemonat ist vorbei",
        "Bei mir wurde doppelt abgebucht, und die Rechnung fehlt",
        "Passwort vergessen, ich kann mich nicht einloggen",
        "Verdächtige Mail bekommen, ist das Phishing?",
        "Meine Geschenkkarte lässt sich nicht einlösen",
    ),
    "es": (
        "El repartidor no trajo mi paquete",
        "Hice la devolución y sigo sin el reembolso",
        "La película se cuelga y no hay subtítulos",
        "Quiero cancelar mi suscripción antes de la renovación",
        "Me han cobrado dos veces y no tengo factura",
        "No puedo iniciar sesión, olvidé mi contraseña",
        "Me llegó un correo sospechoso, ¿es una estafa?",
        "La tarjeta de regalo dice que ya fue canjeada",
    ),
    "pt": (
        "A transportadora não trouxe a minha encomenda",
        "Fiz a devolução e ainda espero o reembolso",
        "O filme trava e as legendas não aparecem",
        "Quero cancelar a assinatura depois do teste grátis",
        "Fui cobrado duas vezes e o boleto está errado",
        "Esqueci a senha e não consigo entrar na minha conta",
        "Recebi um e-mail suspeito, é golpe?",
        "O vale-presente já foi resgatado",
    ),
    "fr": (
        "Le livreur n'a pas déposé mon colis",
        "J'ai fait un retour et j'attends le remboursement",
        "L'épisode se bloque et les sous-titres manquent",
        "Je veux résilier mon abonnement après l'essai gratuit",
        "J'ai été prélevé deux fois, où est la facture ?",
        "Mot de passe oublié, impossible de me connecter",
        "J'ai reçu un mail frauduleux, c'est une arnaque ?",
        "Ma carte cadeau a déjà été utilisée, dit le site",
    ),
    "ja": (
        "荷物がまだ届いていません、配達員は来ませんでした",
        "不良品だったので返品しました。返金はいつですか",
        "映画の字幕が出ず、再生が止まります",
        "無料体験のあと、プライム会員を解約したい",
        "二重に請求されました。領収書をください",
        "パスワードを忘れてログインできません",
        "怪しいメールが来ました。フィッシング詐欺ですか",
        "ギフトカードのコードが使えません",
    ),
    "tr": (
        "Kargom hâlâ gelmedi, kurye kapıyı çalmamış",
        "Bozuk ürünü iade ettim, para iadesi bekliyorum",
        "Dizinin yeni bölümü donuyor, altyazı yok",
        "Prime üyeliğimi deneme süresi bitmeden iptal etmek istiyorum",
        "Kredi kartımdan iki kez para çekildi, fatura yok",
        "Şifremi unuttum, hesabıma giremiyorum",
        "Şüpheli bir mesaj geldi, dolandırıcılık mı?",
        "Hediye kartı kodu geçersiz diyor",
    ),
    "nl": (
        "De bezorger heeft mijn pakket niet gebracht",
        "Ik heb het geretourneerd en wacht op mijn geld terug",
        "De aflevering loopt vast en de ondertiteling ontbreekt",
        "Ik wil mijn proefabonnement opzeggen voor het verlengd wordt",
        "Er is dubbel afgeschreven en ik mis de factuur",
        "Wachtwoord vergeten, ik kan niet inloggen",
        "Ik kreeg een nepmail, is dit oplichting?",
        "De cadeaubon is al ingewisseld, staat er",
    ),
    "pl": (
        "Kurier nie przywiózł mojej paczki",
        "Odesłałam towar i czekam na zwrot pieniędzy",
        "Odcinek się zawiesza i nie ma napisów",
        "Chcę anulować subskrypcję po okresie próbnym",
        "Karta została obciążona dwukrotnie, nie mam faktury",
        "Nie pamiętam hasła i nie mogę się zalogować",
        "Dostałam podejrzaną wiadomość, czy to oszustwo?",
        "Karta podarunkowa została już wykorzystana",
    ),
    "cs": (
        "Kurýr nedoručil můj balík",
        "Zboží jsem poslala zpět, kdy bude vrácení peněz?",
        "Seriál se zasekává a chybí titulky",
        "Chci zrušit předplatné po zkušební době",
        "Naúčtovali jste mi to dvakrát a nemám fakturu",
        "Zapomněla jsem heslo a nemohu se přihlásit",
        "Přišel mi podezřelý e-mail, je to podvod?",
        "Dárkový poukaz prý už byl použit",
    ),
    "sv": (
        "Budet lämnade aldrig mitt paket",
        "Jag har gjort en retur och väntar på återbetalningen",
        "Avsnittet hänger sig och undertexterna saknas",
        "Jag vill avsluta min prenumeration efter provperioden",
        "Ni har debiterat mig två gånger, och fakturan är fel",
        "Jag har glömt mitt lösenord och kan inte logga in",
        "Jag fick ett bluffmejl, är det bedrägeri?",
        "Presentkortet är redan inlöst",
    ),
    "ar": (
        "المندوب لم يوصل الطرد وتأخر التوصيل",
        "أرجعت المنتج وأنتظر استرداد المبلغ",
        "المسلسل يتوقف والترجمة لا تظهر في الحلقة",
        "أريد إلغاء اشتراك برايم بعد الفترة التجريبية",
        "تم خصم المبلغ مرتين والفاتورة خطأ",
        "نسيت كلمة المرور ولا أستطيع تسجيل الدخول",
        "وصلتني رسالة مشبوهة، هل هذا احتيال؟",
        "بطاقة الهدايا لا تعمل والرمز غير صالح",
    ),
}
CASES = [
    (code, topic, sentence)
    for code, sentences in SENTENCES.items()
    for topic, sentence in zip(ALL_EIGHT, sentences, strict=True)
]


def test_the_vocabulary_is_the_catalogs() -> None:
    assert tuple(TOPICS) == get_args(Topic)
    assert {*topics.FIRST_AT_A_TIE, topics.OTHER} == TOPICS.keys()


def test_the_packaged_words_are_in_order() -> None:
    assert topics.check() == ()
    assert SENTENCES.keys() == LANGUAGES.keys()


@pytest.mark.parametrize(("language", "topic", "sentence"), CASES)
def test_a_plain_sentence_is_told(language: str, topic: str, sentence: str) -> None:
    told = tell(sentence, language)
    assert told.topic == topic
    assert told.words
    assert all(word in sentence for word in told.words)


@pytest.mark.parametrize(("language", "topic", "sentence"), CASES)
def test_capitals_and_what_stands_around_do_not_matter(language: str, topic: str, sentence: str) -> None:
    assert tell(f"@NorthwindHelp {sentence.upper()}!!! https://t.co/refund 😡", language).topic == topic


def test_a_phrase_beats_a_word() -> None:
    told = tell("where is my parcel? it's not in my account", "en")
    assert (told.topic, told.runner_up) == (ORDER, ACCOUNT)
    assert told.words == ("where is my", "parcel")


def test_at_a_tie_harm_comes_first() -> None:
    told = tell("hacked, parcel", "en")
    assert (told.topic, told.runner_up, told.score) == (SUSPICIOUS, ORDER, 2)


def test_saying_it_again_adds_nothing() -> None:
    assert tell("parcel parcel PARCEL", "en").score == tell("parcel", "en").score


@pytest.mark.parametrize(
    "text", ["", "???", "👍🙏", "@NorthwindHelp", "https://t.co/parcel", "thanks a lot", "\x00"]
)
def test_without_a_telling_word_it_is_other(text: str) -> None:
    assert tell(text, "en") == topics.NOTHING_TO_GO_BY


@pytest.mark.parametrize(
    ("text", "language", "word"),
    [
        ("وللطرد", "ar", "وللطرد"),
        ("والفاتورة", "ar", "والفاتورة"),
        ("Expressversandkosten", "de", "Expressversandkosten"),
        ("ｷﾞﾌﾄ券", "ja", "ｷﾞﾌﾄ券"),
        ("re\u0301silier", "fr", "re\u0301silier"),
        ("ŞİFREMİ", "tr", "ŞİFREMİ"),
        ("Mot de passe", "fr", "Mot de passe"),
    ],
)
def test_the_words_stand_as_the_customer_wrote_them(text: str, language: str, word: str) -> None:
    assert tell(text, language).words == (word,)


@pytest.mark.parametrize("language", ["und", "other"])
def test_a_language_unknown_is_read_with_what_all_share(language: str) -> None:
    assert tell("gift card", language).topic == GIFT
    assert tell("Passwort vergessen", language).topic == ACCOUNT
    assert tell("返品", language).topic == RETURN


@settings(deadline=None)
@given(text=st.text(), language=st.sampled_from([*LANGUAGES, "und", "other", "xx"]))
def test_any_text_whatever_is_told(text: str, language: str) -> None:
    told = tell(text, language)
    assert told.topic in TOPICS
    assert (told.score == 0) is (told.topic == OTHER)
    assert all(word in text for word in told.words)


def folder_with(tmp_path: Path, english: str) -> Path:
    for code in ("everywhere", *LANGUAGES):
        (tmp_path / f"{code}.toml").write_text('[payment]\nwords = ["x"]\n', encoding="utf-8")
    (tmp_path / "en.toml").write_text(english, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("english", "complaint"),
    [
        ("", "en.toml is empty"),
        ('[parcels]\nwords = ["x"]', "en.toml: 'parcels' is not a topic"),
        ('[other]\nwords = ["x"]', "en.toml: 'other' is what remains and has no words"),
        (
            '[payment]\nwords = ["bill"]\n[account]\nwords = ["Bill"]',
            "'Bill' stands under both payment and account",
        ),
        ("[payment", "en.toml cannot be understood"),
        ("[payment]\nwords = [1]", "en.toml is wrong at payment.words.0"),
    ],
)
def test_a_file_that_is_wrong_is_named(tmp_path: Path, english: str, complaint: str) -> None:
    (found,) = check_in(folder_with(tmp_path, english))
    assert complaint in found


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    (folder_with(tmp_path, "") / "en.toml").unlink()
    (found,) = check_in(tmp_path)
    assert "en.toml cannot be read" in found


# Fraud told with the words of an account: what does most harm is what the case is about.
FRAUDS = {
    "en": "Someone phoned about a suspicious order on my account and wanted my password. Was that you?",
    "it": "Mi hanno telefonato per un ordine sospetto sul mio account e volevano la password. Eravate voi?",
    "de": "Ein Mann rief mich an: eine verdächtige Bestellung auf meinem Konto. War das von Ihnen?",
    "es": "Me llamaron por un pedido sospechoso en mi cuenta y querían mi contraseña. ¿Son ustedes?",
    "pt": "Ligaram para mim por causa de uma compra suspeita na minha conta. Foram vocês? Pediram a senha.",
    "fr": "On m'a appelée pour une commande suspecte sur mon compte. Est-ce que c'est vous ?",
    "ja": "御社を名乗る人から電話があり、アカウントに不審な注文があると言われました。そちらからですか",
    "tr": "Beni aradılar, hesabımda şüpheli bir sipariş varmış, şifremi istediler. Siz miydiniz?",
    "nl": "Ik werd gebeld over een verdachte bestelling op mijn account en wachtwoord. Waren jullie dat?",
    "pl": "Zadzwonił ktoś, że na moim koncie jest podejrzane zamówienie, i pytał o hasło. Czy to Państwo?",
    "cs": "Volal mi někdo, že na mém účtu je podezřelá objednávka, a chtěl heslo. Byli jste to vy?",
    "sv": "Någon ringde mig om en misstänkt beställning på mitt konto och ville ha lösenordet. Var det ni?",
    "ar": "اتصل بي شخص وقال إن هناك طلب مشبوه على حسابي وأراد كلمة المرور. هل هذا من عندكم؟",
}


@pytest.mark.parametrize("language", FRAUDS)
def test_fraud_outweighs_the_account_it_is_about(language: str) -> None:
    told = tell(FRAUDS[language], language)
    assert (told.topic, told.runner_up) == (SUSPICIOUS, ACCOUNT)


@pytest.mark.parametrize("account", ["moim koncie", "mojego konta"])
def test_a_call_about_an_account_is_no_trouble_with_signing_in(account: str) -> None:
    call = f"Dzwonił jakiś pan w sprawie {account}, podejrzane zamówienie. Czy to od Państwa?"
    assert tell(call, "pl").topic == SUSPICIOUS
