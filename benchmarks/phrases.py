"""What imaginary customers write, in thirteen languages: an opening, a trouble and a wish make a message."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """`share` is how much of the traffic is in this language, in parts of a hundred."""

    share: int
    openings: tuple[str, ...]
    troubles: tuple[str, ...]
    wishes: tuple[str, ...]


# What says nothing about its language: about one message in thirty.
WORDLESS = ("??", "👍", "🙏🙏", "...", "#4471", "😡")

PHRASES: dict[str, Phrases] = {
    "en": Phrases(
        30,
        ("Hi there,", "Good morning!", "Hello again,", "Sorry to bother you, but", "Not happy:"),
        (
            "my parcel has been sitting in the depot since Tuesday",
            "the kettle I ordered arrived without its lid",
            "I was charged twice for one pair of boots",
            "the app signs me out whenever I open my basket",
            "the courier says nobody was home, and I was here all day",
        ),
        (
            "Can somebody look into it?",
            "When will I hear from you?",
            "I would like my money back, please.",
            "What do I have to do now?",
        ),
    ),
    "es": Phrases(
        12,
        ("Hola,", "Buenos días,", "Otra vez yo:", "Perdonen, pero", "Estoy harta:"),
        (
            "mi paquete lleva una semana parado en el almacén",
            "la lámpara que pedí llegó con el cristal roto",
            "me han cobrado dos veces los mismos zapatos",
            "no puedo entrar en mi cuenta desde ayer por la noche",
            "el repartidor dejó la caja en casa de un vecino que no conozco",
        ),
        (
            "¿Alguien puede ayudarme?",
            "¿Cuándo me van a contestar?",
            "Quiero que me devuelvan el dinero.",
            "¿Qué tengo que hacer ahora?",
        ),
    ),
    "ja": Phrases(
        11,
        ("こんにちは。", "お世話になります。", "すみません、", "何度もすみません。", "困っています。"),
        (
            "先週注文した靴がまだ届いていません",
            "届いた箱を開けたら、お皿が割れていました",
            "同じ商品の代金が二回引き落とされています",
            "昨日からアプリにログインできなくなりました",
            "配達済みと出ていますが、荷物はどこにもありません",
        ),
        (
            "確認していただけますか？",
            "いつごろ返事をもらえますか？",
            "返金をお願いしたいです。",
            "どうすればいいでしょうか？",
        ),
    ),
    "de": Phrases(
        10,
        ("Hallo,", "Guten Tag,", "Ich schon wieder:", "Entschuldigung, aber", "Langsam reicht es:"),
        (
            "mein Paket liegt seit Dienstag im Verteilzentrum",
            "bei der bestellten Kanne fehlt der Deckel",
            "für die Stiefel wurde zweimal abgebucht",
            "ich komme seit gestern nicht mehr in mein Kundenkonto",
            "laut Zusteller war niemand da, dabei war ich den ganzen Tag zu Hause",
        ),
        (
            "Kann das bitte jemand prüfen?",
            "Wann höre ich von euch?",
            "Ich möchte mein Geld zurück.",
            "Was soll ich jetzt tun?",
        ),
    ),
    "fr": Phrases(
        8,
        ("Bonjour,", "Bonsoir,", "C'est encore moi :", "Excusez-moi, mais", "Je suis déçue :"),
        (
            "mon colis est bloqué à l'entrepôt depuis mardi dernier",
            "la théière est arrivée sans son couvercle",
            "on m'a prélevé deux fois la même commande",
            "impossible d'ouvrir mon compte depuis hier soir",
            "le livreur dit être passé alors que j'étais chez moi toute la journée",
        ),
        (
            "Quelqu'un peut-il regarder ?",
            "Quand aurai-je une réponse ?",
            "Je voudrais être remboursé, merci.",
            "Que dois-je faire maintenant ?",
        ),
    ),
    "pt": Phrases(
        6,
        ("Olá,", "Bom dia,", "Sou eu outra vez:", "Desculpem, mas", "Já não aguento:"),
        (
            "a minha encomenda está parada no armazém há uma semana",
            "a chaleira que comprei chegou sem a tampa",
            "cobraram-me duas vezes o mesmo par de botas",
            "não consigo entrar na minha conta desde ontem à noite",
            "o estafeta diz que não estava ninguém em casa, mas estive cá o dia todo",
        ),
        (
            "Alguém pode ver isto?",
            "Quando é que me respondem?",
            "Quero o meu dinheiro de volta.",
            "O que devo fazer agora?",
        ),
    ),
    "it": Phrases(
        6,
        ("Ciao,", "Buongiorno,", "Sono di nuovo io:", "Scusate, ma", "Sono stufo:"),
        (
            "il mio pacco è fermo in magazzino da martedì scorso",
            "la teiera che ho ordinato è arrivata senza coperchio",
            "mi avete addebitato due volte gli stessi stivali",
            "da ieri sera non riesco più a entrare nel mio profilo",
            "il corriere scrive che non c'era nessuno, ma ero a casa tutto il giorno",
        ),
        (
            "Qualcuno può controllare?",
            "Quando mi rispondete?",
            "Vorrei indietro i miei soldi.",
            "Che cosa devo fare adesso?",
        ),
    ),
    "tr": Phrases(
        5,
        ("Merhaba,", "Günaydın,", "Yine ben:", "Rahatsız ediyorum ama", "Artık yeter:"),
        (
            "kargom salı gününden beri depoda bekliyor",
            "sipariş ettiğim çaydanlık kapaksız geldi",
            "aynı ayakkabı için kartımdan iki kez para çekildi",
            "dün akşamdan beri hesabıma giremiyorum",
            "kurye evde kimse yoktu demiş, oysa bütün gün evdeydim",
        ),
        (
            "Birisi bakabilir mi?",
            "Ne zaman cevap alırım?",
            "Paramı geri istiyorum.",
            "Şimdi ne yapmam gerekiyor?",
        ),
    ),
    "nl": Phrases(
        3,
        ("Hallo,", "Goedemorgen,", "Daar ben ik weer:", "Sorry, maar", "Ik ben er klaar mee:"),
        (
            "mijn pakket ligt al sinds dinsdag in het magazijn",
            "de theepot die ik bestelde kwam zonder deksel aan",
            "er is twee keer geld afgeschreven voor dezelfde laarzen",
            "ik kan sinds gisteravond niet meer inloggen op mijn account",
            "volgens de bezorger was er niemand, maar ik zat de hele dag thuis",
        ),
        (
            "Kan iemand hiernaar kijken?",
            "Wanneer hoor ik iets van jullie?",
            "Ik wil graag mijn geld terug.",
            "Wat moet ik nu doen?",
        ),
    ),
    "pl": Phrases(
        3,
        ("Cześć,", "Dzień dobry,", "To znowu ja:", "Przepraszam, ale", "Mam tego dość:"),
        (
            "moja paczka od wtorku leży w sortowni",
            "zamówiony czajnik przyszedł bez pokrywki",
            "za te same buty pobrano pieniądze dwa razy",
            "od wczoraj wieczorem nie mogę zalogować się na konto",
            "kurier napisał, że nikogo nie było, a siedziałem w domu cały dzień",
        ),
        (
            "Czy ktoś może to sprawdzić?",
            "Kiedy dostanę odpowiedź?",
            "Chcę zwrotu pieniędzy.",
            "Co mam teraz zrobić?",
        ),
    ),
    "cs": Phrases(
        2,
        ("Ahoj,", "Dobrý den,", "To jsem zase já:", "Promiňte, ale", "Už mě to nebaví:"),
        (
            "můj balík leží od úterý ve skladu",
            "objednaná konvice přišla bez víčka",
            "za stejné boty mi strhli peníze dvakrát",
            "od včerejšího večera se nemohu přihlásit ke svému účtu",
            "kurýr tvrdí, že nikdo nebyl doma, ale byla jsem tu celý den",
        ),
        (
            "Může se na to někdo podívat?",
            "Kdy se mi ozvete?",
            "Chtěla bych vrátit peníze.",
            "Co mám teď dělat?",
        ),
    ),
    "sv": Phrases(
        2,
        ("Hej,", "God morgon,", "Det är jag igen:", "Ursäkta, men", "Nu räcker det:"),
        (
            "mitt paket har legat på lagret sedan i tisdags",
            "tekannan som jag beställde kom utan lock",
            "ni har dragit pengar två gånger för samma stövlar",
            "jag kommer inte in på mitt konto sedan i går kväll",
            "budet säger att ingen var hemma, fast jag satt här hela dagen",
        ),
        (
            "Kan någon titta på det här?",
            "När får jag svar?",
            "Jag vill ha pengarna tillbaka.",
            "Vad ska jag göra nu?",
        ),
    ),
    "ar": Phrases(
        2,
        ("مرحبا،", "صباح الخير،", "أنا مرة أخرى:", "عذرا على الإزعاج،", "لقد تعبت من الانتظار:"),
        (
            "طردي متوقف في المستودع منذ يوم الثلاثاء",
            "وصل إبريق الشاي الذي طلبته بدون غطاء",
            "تم خصم ثمن الحذاء نفسه مرتين من بطاقتي",
            "لا أستطيع الدخول إلى حسابي منذ مساء أمس",
            "يقول المندوب إنه لم يجد أحدا مع أنني كنت في البيت طوال اليوم",
        ),
        (
            "هل يمكن لأحد أن يتحقق من ذلك؟",
            "متى سأحصل على رد؟",
            "أريد استرداد نقودي من فضلكم.",
            "ماذا علي أن أفعل الآن؟",
        ),
    ),
}
