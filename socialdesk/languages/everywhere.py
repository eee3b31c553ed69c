"""Words that are the same in every language, and so say nothing about any: cries, brands, devices."""

from __future__ import annotations

import regex

_CRIES = """
    ok okay okey okk oki k lol lmao lmfao rofl omg wtf wow haha hehe hihi xd hm hmm mm mmm mhm ah
    aah oh ooh eh uh um uhm ugh huh ups oops oups ouch yay aw aww argh grr pff pfff psst shh tsk yo
    btw asap fyi dm dms pm rt faq id pin sms mms app apps wifi wi-fi email e-mail mail url http
    https html pdf usb hdmi gps tv pc cd dvd vip sos bot spam thx pls plz np gg meh bravo
"""
_BRANDS = """
    amazon amazonhelp amzn prime alexa kindle echo audible twitch aws ebay etsy aliexpress zalando
    ikea iphone ipad ipod imac macbook airpods ios macos android windows samsung galaxy google pixel
    apple huawei xiaomi redmi sony playstation ps xbox nintendo switch wii steam lego philips lenovo
    asus dell hp lg netflix disney spotify youtube whatsapp facebook instagram twitter tiktok
    telegram messenger snapchat linkedin zoom skype gmail outlook hotmail yahoo paypal visa
    mastercard amex klarna bitcoin dhl ups fedex usps gls dpd tnt hermes evri postnl bpost inpost
    yodel ontrac pro max plus mini ultra hd uhd stick dot music video unlimited marketplace locker
    macbookpro zara bosch siemens temu shein vodafone movistar insta firestick
"""
_WORDS = frozenset((_CRIES + _BRANDS).split())
# Laughter, however long: hahaha, jajaja, hihihi, xaxaxa, kkkk, www, xddd, lololol, hmmmm.
_LAUGHTER = regex.compile(
    r"(?:[hjx][aeiou]){2,}+h?|[ae]?(?:ha){2,}+h?|k{2,}+|w{2,}+|x++d++|l(?:ol)++|a?h++m*+"
)


def said_everywhere(word: str) -> bool:
    """Whether people say it in any language; the word without the marks around it, in any case."""
    folded = word.lower()
    if folded in _WORDS or not folded:
        return True
    return folded[0] in "hjxkwlae" and _LAUGHTER.fullmatch(folded) is not None
