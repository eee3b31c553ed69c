"""How streets are written in the thirteen languages: their names, a house's number, the code of its town.

All is made of bounded pieces, so that a try at one place costs a fixed amount. Small letters and capitals
count: a street's name is written with a capital, what merely stands before a number seldom is.
"""

from __future__ import annotations


def either(words: str) -> str:
    """One of the words, which are patterns and parted by blanks, in small letters or capitals."""
    return rf"(?i:{'|'.join(sorted(words.split(), key=len, reverse=True))})"


CAPITAL = r"\p{Lu}[\p{L}\p{M}'’.-]{1,24}+"
_PARTICLE = (
    r"(?:(?:d[aeiou]s?|del|dell[aeo]|de[gi]|degli|du|la|le|les|los|las|el|van|der|den|het|ten|zum|zur|of|św\.)"
    r"[ ]|[dl]['’])"
)
_FEW = rf"{_PARTICLE}{{0,2}}"
NAME = rf"(?:{_FEW}(?:\d{{1,3}}(?:[.ºª°]|st|nd|rd|th)?[ ])?{_FEW}{CAPITAL}(?:[ ]{_FEW}{CAPITAL}){{0,3}})"
"""Words with capitals, and the particles between them; “25 de Março”, “de la Loi”."""
SMALL_NAME = r"(?:[\p{L}\p{M}'’.-]{1,24}+(?:[ ][\p{L}\p{M}'’.-]{1,24}+){0,3}?)"
"""The same as those type it who use no capitals: alone it says too little."""

MARK = r"(?i:nº|n°|n\.?[º°]|n\.|nr\.?|no[.:]?|num\.?|núm\.?|n[uú]mero|num[eé]ro|nummer|numara|č\.|civico|\#)"
"""What says that a number is a house's."""
HOUSE = r"\d{1,4}(?:[ ]?[/-][ ]?\d{1,4}[a-zA-Z]?|[ ]?[a-hA-H](?!\p{L})|[ ](?:bis|ter)(?!\p{L}))?"  # 5/7, 12 b

_CAPITAL_WORD = r"(?:St\.[ ])?\p{Lu}[\p{L}\p{M}'’-]{1,24}+"
_CAPITAL_TOWN = rf"{_CAPITAL_WORD}(?:[ ]{_CAPITAL_WORD}){{0,2}}"
_ANY_TOWN = r"\p{L}[\p{L}\p{M}'’-]{2,24}+"
# The areas that there are: PS4 is none.
_AREAS = (
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN"
    " EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK"
    " ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA"
    " TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
)
_AREA = "|".join(sorted(_AREAS.split(), key=len, reverse=True))
UK_CODE = rf"(?:{_AREA})\d[A-Z\d]?[ ]?\d(?![GTM]B)[ABD-HJLNP-UW-Z]{{2}}"
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DC|DE|FL|GA|HI|IA|ID|IL|IN|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH|NJ|NM|NV|NY"
    "|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VA|VT|WA|WI|WV|WY"
)
_ENGLISH_CODE = (
    rf"(?i:{UK_CODE})|(?:{_STATES})[ ]\d{{5}}(?:-\d{{4}})?|[A-Z]\d[A-Z][ ]?\d[A-Z]\d"  # GB, US, CA
)
_CODE = (
    rf"{_ENGLISH_CODE}|\d{{4}}[ ]?[A-Z]{{2}}(?:[ ]{_CAPITAL_TOWN})?"  # NL
    rf"|\d{{5}}-\d{{3}}(?:[ ]{_CAPITAL_TOWN})?|\d{{4}}-\d{{3}}(?:[ ]{_CAPITAL_TOWN})?"  # BR, PT
    rf"|\d{{2}}-\d{{3}}(?:[ ]{_ANY_TOWN})?|\d{{3}}[ ]\d{{2}}[ ]{_ANY_TOWN}"  # PL; CZ and SE
    rf"|(?:D-|F-|I-)?\d{{5}}[ ](?:{_CAPITAL_TOWN}|{_ANY_TOWN})"  # DE, ES, FR, IT, TR
    rf"|(?:A-|B-|CH-)?\d{{4}}[ ]{_CAPITAL_TOWN}"  # AT, BE, CH
    r"|(?i:c\.?p|cep|cap|plz|zip)[.:]?[ ]?\d{4,5}(?:-\d{3})?"
)
_APART = r"(?:\s?[,;·–-]\s?|\s{1,2})"
_BETWEEN = (
    r"(?:(?:[\p{L}#][\p{L}\p{M}\d.'’#/-]{0,20}+|\d{1,4}[A-Za-zºª°]?)[\s,]{1,2}){0,4}?"  # a flat, a town
)
TOWN = rf"{_APART}{_BETWEEN}(?:{_CODE})(?![\w\x00])"
"""What follows a house in a whole address: up to four words, then the code of the town, and the town."""
NEAR_TOWN = rf"{_APART}(?:{_CODE})(?![\w\x00])"
"""The same without words between."""
ENGLISH_TOWN = rf"{_APART}{_BETWEEN}(?:{_ENGLISH_CODE})(?![\w\x00])"

UNITS = either(
    r"% € £ \$ eur euros? usd tl zł kč kr gb mb tb kg km cm mm x am pm uhr h d sec(?:onds?)? packs? items?"
    r" stars? days? hours? hrs? weeks? months? years? minutes? mins? times? miles? blocks? giorn[oi] or[ae]"
    r" minut[oi] settiman[ae] mes[ei] ann[oi] volt[ae] pezz[oi] std stunden? tagen? tage wochen? minuten"
    r" monate? monaten jahren? mal stück prozent d[ií]as? horas? minutos? semanas? m[eê]s(?:es)? años? anos?"
    r" ve[zc](?:es)? jours? heures? semaines? mois ans? années? fois dni dzień dnia godzin[ya]? tygodni[ea]?"
    r" minut[ya]? lat raz[ya]? miesi[ąę]c\w* dn[íůy] den hodin[ay]? týdn\w+ krát let dagar? dag timmar?"
    r" veckor? år gånger dagen uren uur weken maand\w* jaar keer gün\w* saat\w* hafta\w* dakika\w* kez kere"
    r" yıl adet أيام ايام يوم\w* ساع\w+ دقي\w+ مر[ةات]+ ريال جنيه درهم دينار سن\w+ شهر\w* أشهر اسبوع\w*"
    r" أسبوع\w* أسابيع أشخاص"
)
"""What numbers count, with no letter behind it."""
WHOLE = rf"(?![\w\x00]|[.,:/'’-][\d\x00]|[ ]\d(?!\d{{3,4}}[ ]\p{{L}})|[ ]?{UNITS}(?!\p{{L}}))"
"""A house's number ends here, and counts nothing."""
