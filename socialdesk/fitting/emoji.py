"""Which sequences of code points X draws, and counts, as a single emoji.

Only sequences matter here: an emoji of one code point outside the light ranges already weighs what X
counts. The sequences are those Unicode recommends for general interchange (UTS #51,
emoji-zwj-sequences.txt), fully qualified as keyboards type them. Anything else joined by U+200D counts as
its pieces, which never undercounts.
"""

import regex

_TONE = r"[🏻-🏿]"
_VS16 = "\ufe0f"
_ZWJ = "\u200d"
_FLAG = _ZWJ + f"(?:🌈|⚧{_VS16})"

_ADULT = f"[👨👩🧑]{_TONE}?"
_JOB = f"(?:[⚕⚖✈]{_VS16}|[🌾🍳🍼🎄🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦰🦱🦲🦳🩰])"
_AID = f"[🦯🦼🦽](?:{_ZWJ}➡{_VS16})?"
_SEX = f"[♀♂]{_VS16}"
_DOING = f"(?:[⛹🏋🏌🕵](?:{_TONE}|{_VS16})|[\\p{{Emoji_Modifier_Base}}👯🤼🧞🧟]{_TONE}?)"

_JOINED = (
    f"{_ADULT}{_ZWJ}(?:{_JOB}|{_AID})",
    f"{_ADULT}{_ZWJ}❤{_VS16}{_ZWJ}(?:💋{_ZWJ})?{_ADULT}",
    f"{_ADULT}{_ZWJ}(?:🤝|🐰|🫯){_ZWJ}{_ADULT}",
    f"[👨👩]{_ZWJ}(?:[👨👩]{_ZWJ})?[👦👧](?:{_ZWJ}[👦👧])?",
    f"🧑{_ZWJ}(?:🧑{_ZWJ})?🧒(?:{_ZWJ}🧒)?",
    f"{_DOING}{_ZWJ}{_SEX}(?:{_ZWJ}➡{_VS16})?",
    f"[🏃🚶🧎]{_TONE}?{_ZWJ}➡{_VS16}",
    f"🫱{_TONE}{_ZWJ}🫲{_TONE}",
    f"🏳{_VS16}{_FLAG}",
    f"🏴{_ZWJ}☠{_VS16}",
    f"👁{_VS16}?{_ZWJ}🗨{_VS16}?",
    f"❤{_VS16}{_ZWJ}(?:🔥|🩹)",
    f"⛓{_VS16}{_ZWJ}💥",
    f"🙂{_ZWJ}[↔↕]{_VS16}",
    f"😶{_ZWJ}🌫{_VS16}",
    f"🐻{_ZWJ}❄{_VS16}",
    f"(?:😮{_ZWJ}💨|😵{_ZWJ}💫|🐕{_ZWJ}🦺|[🐈🐦]{_ZWJ}⬛|🐦{_ZWJ}🔥|🍋{_ZWJ}🟩|🍄{_ZWJ}🟫)",
)

# Flags that exist, by first letter: two regional indicators that name no region are two emoji.
_REGIONS = """
A[CDEFGILMOQRSTUWXZ] B[ABDEFGHIJLMNOQRSTVWYZ] C[ACDFGHIKLMNOPQRUVWXYZ] D[EGJKMOZ] E[ACEGHRSTU] F[IJKMOR]
G[ABDEFGHILMNPQRSTUWY] H[KMNRTU] I[CDELMNOQRST] J[EMOP] K[EGHIMNPRWYZ] L[ABCIKRSTUVY]
M[ACDEFGHKLMNOPQRSTUVWXYZ] N[ACEFGILOPRUZ] OM P[AEFGHKLMNRSTWY] QA R[EOSUW] S[ABCDEGHIJKLMNORSTVXYZ]
T[ACDFGHJKLMNORTVWZ] U[AGMNSYZ] V[ACEGINU] W[FS] XK Y[ET] Z[AMW]
"""
_COUNTRY = "|".join(_REGIONS.split()).translate({ord("A") + n: 0x1F1E6 + n for n in range(26)})
# England, Scotland, Wales: a black flag spelling the region in tag characters.
_NATION = "🏴(?:gbeng|gbsct|gbwls)".translate(
    {code: 0xE0000 + code for code in range(ord("a"), ord("z") + 1)}
)
_NATION += "\U000e007f"
# Characters that wear U+FE0F as part of themselves. Emoji that are coloured by default do not (X counts the
# selector apart), save the older ones, which had a text form first.
_OLD_COLOURED = "[⌚⌛☔☕♈-♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛔⛪⛲⛳⛵⛺⛽⬛⬜⭐⭕🀄🈚🈯]"
_DRESSED = rf"(?:[[\p{{Emoji}}--\p{{Emoji_Presentation}}]--[#*0-9]]|{_OLD_COLOURED}){_VS16}"

SEQUENCE = regex.compile(
    "|".join(
        (
            *_JOINED,
            rf"[#*0-9]{_VS16}?\u20e3",
            _COUNTRY,
            _NATION,
            rf"[☝⛹✌✍🏋🏌🕴🕵🖐]{_VS16}{_TONE}",
            rf"\p{{Emoji_Modifier_Base}}{_TONE}",
            _DRESSED,
        )
    ),
    regex.VERSION1,
)
# What every sequence holds at least one of: texts without any need no search.
JOINERS = regex.compile(r"[\u200d\u20e3\ufe0f🏻-🏿🇦-🇿\U000e007f]")
