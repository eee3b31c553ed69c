"""English names of the languages beyond the thirteen that a detector can answer with."""

from __future__ import annotations

_TOLD = """
    ace Acehnese; af Afrikaans; am Amharic; an Aragonese; as Assamese; az Azerbaijani; ba Bashkir; bcl
    Bikol; be Belarusian; bg Bulgarian; bn Bengali; bo Tibetan; br Breton; bs Bosnian; ca Catalan; crh
    Crimean Tatar; cy Welsh; da Danish; dz Dzongkha; el Greek; eo Esperanto; et Estonian; eu Basque; ext
    Extremaduran; fa Persian; fi Finnish; fo Faroese; fuv Fulfulde; fy Frisian; ga Irish; gcf Antillean
    Creole; gcr Guianese Creole; gd Scottish Gaelic; gl Galician; gom Konkani; grc Ancient Greek; gu
    Gujarati; gug Guaraní; guw Gun; ha Hausa; hbo Biblical Hebrew; he Hebrew; hi Hindi; hr Croatian; ht
    Haitian Creole; hu Hungarian; hy Armenian; id Indonesian; ig Igbo; is Icelandic; jv Javanese; ka
    Georgian; kab Kabyle; kik Kikuyu; kk Kazakh; km Khmer; kn Kannada; ko Korean; ku Kurdish; ky Kyrgyz;
    la Latin; lb Luxembourgish; lg Ganda; lij Ligurian; ln Lingala; lo Lao; lt Lithuanian; ltg
    Latgalian; lv Latvian; mg Malagasy; mk Macedonian; ml Malayalam; mn Mongolian; mr Marathi; ms Malay;
    mt Maltese; my Burmese; ne Nepali; no Norwegian; nso Northern Sotho; oc Occitan; om Oromo; or Odia;
    pa Punjabi; pcm Nigerian Pidgin; ps Pashto; qu Quechua; ro Romanian; ru Russian; rw Kinyarwanda; sa
    Sanskrit; sd Sindhi; sdh Southern Kurdish; se Northern Sámi; si Sinhala; sk Slovak; sl Slovenian; sn
    Shona; so Somali; sq Albanian; sr Serbian; st Southern Sotho; sw Swahili; ta Tamil; te Telugu; tg
    Tajik; th Thai; tk Turkmen; tl Filipino; tt Tatar; ug Uyghur; uk Ukrainian; ur Urdu; uz Uzbek; vec
    Venetian; vi Vietnamese; vo Volapük; wa Walloon; xh Xhosa; yi Yiddish; yo Yoruba; zh Chinese; zu
    Zulu
"""
NAMES: dict[str, str] = {
    code: name
    for code, _, name in (each.strip().partition(" ") for each in " ".join(_TOLD.split()).split(";"))
}
