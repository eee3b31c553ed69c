"""Three templates in five languages, whole and up to date, for tests that spoil something in them."""

from __future__ import annotations

from pathlib import Path

from socialdesk.templating import parity, stamps
from socialdesk.templating.library import Library

CATALOG = """
languages = ["en", "de", "pl", "ja", "ar"]
[variables.customer_name]
example = "Maria"
longest = "Maximiliane von und zu Hohenlohe-Langenburg-Schillings"
without = ["pl"]
[variables.delivery_date]
example = "24 September"
longest = "Wednesday, 23 September to Friday, 25 September 2026"
filled_by = "agent"
[variables.dm_link]
example = "https://x.com/messages/compose?recipient_id=2244994945"
longest = "https://x.com/messages/compose?recipient_id=1234567890123456789"
link = true
[[templates]]
id = "order_late"
topic = "orders_and_delivery"
title = "The order is late"
channels = ["public", "private"]
variables = ["customer_name", "delivery_date"]
stages = ["first", "waiting"]
[[templates]]
id = "thanks"
topic = "other"
title = "Thanks for the kind words"
channels = ["private"]
variables = ["customer_name"]
alone = true
stages = ["thanks"]
[[templates]]
id = "write_to_us"
topic = "other"
title = "Write to us"
channels = ["public"]
variables = ["dm_link"]
alone = true
handover = true
"""
_NAME = "{% if customer_name %} {{ customer_name }}{% endif %}"
_SAMA = "{% if customer_name %}{{ customer_name }}さま\n\n{% endif %}"
_LINK = "{% if dm_link %} {{ dm_link }}{% endif %}"
TEXTS = {
    "en/order_late.public": "Sorry about the wait. The tracking in your account shows where your parcel is.",
    "en/order_late.private": f"Hello{_NAME},\n\nNew expected delivery: {{{{ delivery_date }}}}",
    "en/thanks.private": f"Hello{_NAME},\n\nThank you for the kind words.",
    "en/write_to_us.public": f"Please send us a direct message.{_LINK}",
    "de/order_late.public": "Das tut uns leid. Wo Ihr Paket ist, zeigt die Sendungsverfolgung im Konto.",
    "de/order_late.private": f"Guten Tag{_NAME},\n\nneuer Liefertermin: {{{{ delivery_date }}}}",
    "de/thanks.private": f"Guten Tag{_NAME},\n\nvielen Dank für Ihre Worte.",
    "de/write_to_us.public": f"Bitte senden Sie uns eine Direktnachricht.{_LINK}",
    "pl/order_late.public": "Przepraszamy za opóźnienie. Aktualny status paczki widać na koncie.",
    "pl/order_late.private": "Dzień dobry,\n\nnowy termin dostawy: {{ delivery_date }}",
    "pl/thanks.private": "Dzień dobry,\n\ndziękujemy za miłe słowa.",
    "pl/write_to_us.public": f"Prosimy o wiadomość prywatną.{_LINK}",
    "ja/order_late.public": "お待たせして申し訳ございません。配送状況はアカウントでご確認いただけます。",
    "ja/order_late.private": f"{_SAMA}お届け予定日：{{{{ delivery_date }}}}",
    "ja/thanks.private": f"{_SAMA}ありがとうございます。",
    "ja/write_to_us.public": f"ダイレクトメッセージをお送りください。{_LINK}",
    "ar/order_late.public": "نعتذر عن التأخير. يمكنكم متابعة الشحنة من حسابكم.",
    "ar/order_late.private": f"مرحبًا{_NAME}،\n\nموعد التسليم الجديد: {{{{ delivery_date }}}}",
    "ar/thanks.private": f"مرحبًا{_NAME}،\n\nشكرًا على كلماتكم اللطيفة.",
    "ar/write_to_us.public": f"يُرجى إرسال رسالة خاصة إلينا.{_LINK}",
}


def written(folder: Path) -> Path:
    """The folder with that library in it."""
    (folder / "replies").mkdir()
    (folder / "replies/catalog.toml").write_text(CATALOG, encoding="utf-8")
    for name, text in TEXTS.items():
        write(folder / "replies", name, text)
    library = Library.load(folder / "replies")
    versions = {key: library.source_version(key) for key in library.translations()}
    stamps.write(folder / "replies", versions)
    return folder / "replies"


def write(replies: Path, name: str, text: str) -> None:
    file = replies / f"{name}.txt.j2"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{text}\n", encoding="utf-8")


def complaints(replies: Path) -> list[str]:
    return [problem.text for problem in parity.problems(Library.load(replies))]
