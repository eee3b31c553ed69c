"""The words, in thirteen languages, that say by themselves whether we could help."""

from __future__ import annotations

# Whole messages, with the thanks that people put beside them; capitals, accents and points do not matter.
YES = {
    "it": (
        "sì|sì grazie|sì molto|certo|sì certo|assolutamente|assolutamente sì|risolto|tutto risolto|sì risolto"
    ),
    "en": (
        "yes|y|yes thanks|yes thank you|yes it did|yes you did|yep|yeah|yup|sure|absolutely|"
        "it did|solved|all good"
    ),
    "de": (
        "ja|ja danke|ja vielen dank|jawohl|ja sehr|ja klar|gelöst|ja gelöst|alles gut|"
        "hat geholfen|ja hat geholfen"
    ),
    "es": "sí|sí gracias|sí muchas gracias|claro|claro que sí|por supuesto|resuelto|sí mucho|todo bien",
    "pt": (
        "sim|sim obrigado|sim obrigada|claro|claro que sim|com certeza|resolvido|sim resolvido|"
        "sim muito|tudo certo"
    ),
    "fr": (
        "oui|oui merci|oui merci beaucoup|ouais|bien sûr|tout à fait|résolu|oui c'est réglé|"
        "c'est réglé|oui parfait"
    ),
    "ja": (
        "はい|はい ありがとうございます|はいありがとうございます|はい ありがとうございました|"
        "はいありがとうございました|はい解決しました|解決しました|うん|解決した|助かりました|"
        "はい助かりました"
    ),
    "tr": (
        "evet|evet teşekkürler|evet teşekkür ederim|evet sağ olun|tabii|tabii ki|elbette|çözüldü|"
        "evet çözüldü|oldu"
    ),
    "nl": (
        "ja|ja bedankt|ja dank je|ja dank u|jazeker|zeker|ja hoor|opgelost|ja opgelost|ja dankjewel|helemaal"
    ),
    "pl": (
        "tak|tak dziękuję|tak dziękujemy|tak dzięki|oczywiście|tak oczywiście|jasne|rozwiązane|"
        "tak pomogło|pomogło"
    ),
    "cs": "ano|ano děkuji|ano děkujeme|ano díky|jo|jasně|určitě|vyřešeno|ano vyřešeno|pomohlo|ano pomohlo",
    "sv": "ja|ja tack|japp|jajamän|absolut|självklart|löst|ja löst|ja det gjorde det|det gjorde det|javisst",
    "ar": "نعم|نعم شكرا|نعم شكرا لكم|نعم شكرا جزيلا|أجل|أكيد|بالتأكيد|طبعا|تم الحل|نعم تم الحل|ايوه|أيوة",
}
NO = {
    "it": "no|no purtroppo|purtroppo no|per niente|non risolto|no per niente|assolutamente no|non ancora",
    "en": (
        "no|n|nope|not really|not at all|no it didn't|no it did not|not yet|unfortunately not|"
        "no not really|it didn't"
    ),
    "de": (
        "nein|nein leider nicht|leider nein|leider nicht|nicht wirklich|gar nicht|überhaupt nicht|"
        "noch nicht|nö|nee"
    ),
    "es": (
        "no|no la verdad|para nada|no para nada|todavía no|aún no|lamentablemente no|no resuelto|en absoluto"
    ),
    "pt": (
        "não|não muito|de jeito nenhum|ainda não|infelizmente não|não resolvido|nem um pouco|nada|não mesmo"
    ),
    "fr": "non|non pas vraiment|pas vraiment|pas du tout|non pas du tout|pas encore|malheureusement non",
    "ja": (
        "いいえ|いえ|いいえ まだです|いいえまだです|まだです|解決していません|"
        "いいえ解決していません|解決しませんでした|ううん"
    ),
    "tr": (
        "hayır|hayır maalesef|maalesef hayır|maalesef|pek değil|hiç değil|henüz değil|çözülmedi|"
        "hayır çözülmedi|yok"
    ),
    "nl": (
        "nee|nee helaas|helaas niet|helaas nee|niet echt|helemaal niet|nog niet|nee niet echt|niet opgelost"
    ),
    "pl": (
        "nie|nie niestety|niestety nie|nie bardzo|wcale nie|jeszcze nie|nie pomogło|nierozwiązane|raczej nie"
    ),
    "cs": "ne|ne bohužel|bohužel ne|vůbec ne|ještě ne|zatím ne|nevyřešeno|nepomohlo|ani ne|ne nepomohlo",
    "sv": (
        "nej|nej tyvärr|tyvärr inte|tyvärr|inte alls|nej inte alls|inte riktigt|inte än|nej inte riktigt|nä"
    ),
    "ar": "لا|لا للأسف|للأسف لا|ليس بعد|ليس حقا|أبدا|لا أبدا|لم يتم الحل|لا لم يتم الحل|مش بعد|كلا",
}
SIGNS_OF_YES = "👍👌✅☑✔😀😃😄🙂😊🥰❤💯🙏🤝"
SIGNS_OF_NO = "👎❌✖☹🙁😞😠😡😕💔😤"
