"""Texts as ftfy, html.unescape and open_clip's and OpenAI's tokenizers have them: cleaning.json.

    python make_fixture.py            # cleaning.json beside this file, from the sentences below
    python make_fixture.py FILE…      # another list, of the lines of files, to CASES (see the test)

ftfy 6.3.1, open_clip 3.3.0, Python 3.11 (Unicode 14).
"""

import html
import json
import os
import random
import re
import sys
import unicodedata

import ftfy
import open_clip.tokenizer
import regex

random.seed(6)
CODECS = [
    "latin-1", "sloppy-windows-1252", "sloppy-windows-1251", "sloppy-windows-1250",
    "sloppy-windows-1253", "sloppy-windows-1254", "sloppy-windows-1257", "iso-8859-2", "macroman",
    "cp437", "windows-1252", "utf-8-variants",
]

SENTENCES = """
An aerial photograph of a harbour with nine boats.
it’s a “green” lawn – beside the church’s tower…
Ein Flughafen in München: größer als der alte, für 3 € Eintritt
Voilà le château à côté de la forêt, près de l'étang à 20 °C
El niño corrió detrás del avión; ¿dónde está el muelle?
São Paulo: a praça e o avião às três horas
Příliš žluťoučký kůň úpěl ďábelské ódy
Zażółć gęślą jaźń nad portem w Gdańsku
Ő és ű: egy híd a Duna fölött
Самолёты стоят у длинного здания аэропорта
Ένα λιμάνι με πολλά πλοία, ΣΊΣΥΦΟΣ ΚΑΙ ΟΔΥΣΣΕΎΣ
İstanbul Boğazı üzerinde köprü, ığdır
Lidosta Rīgā, ķiršu dārzs un ēzelis
飞机停在长长的航站楼旁边
港に白いボートが九隻 ﾊﾟﾝ ｶﾞｷﾞｸﾞ ＡＢＣ１２３！　＜ｔａｇ＞
비행기들이 긴 건물 옆에 서 있다
مطار كبير بجانب البحر وسفينة بيضاء
נמל עם תשע סירות לבנות
สนามบินข้างทะเล
हवाई अड्डे के पास एक लंबी इमारत
A ﬂoating ﬁeld of oﬃces, ﬀ ﬃ ﬄ ﬅ ﬆ Ĳssel ŉ Ǆ ǈ
½ of the 12 m² roof × 3 ± 1 µm, №5 ™ © ® ¶ § † ‡ • ‰
😀 two tennis courts 🎾🎾 among trees 🌳
a\u00a0no-break\u2003space\u200bzero\u200dwidth\u2028line\u2029para\u0085next
\x1b[36;44mblue\x1b[0m roofs \x07 bell \x00 nul \x7f \ufeffmark \ufffc
ГўВЂВ” and вЂ™ and â€™ and Ã  and Â© and Ã© la mode
naïve café, Å ngström, Ł, Œuvre œ! ß ÿ þ Þ
I'M here, they'Re there, we'LL go, 'S 'ſ don'T
e\u0301 decomposed, \u212b, \u1e9b\u0323, q\u0307\u0323
""".strip("\n").split("\n")

HTML = [
    "it&#8217;s &amp;amp; &lt;b&gt;", "&amp;amp;amp;lt; deep", "<b>&amp; stays</b>", "P&EACUTE;REZ &NTILDE; &nTILDE;",
    "&notit; &not &notin; &ampx &copy2020 &frac12cup", "&#x26;#65; &#0; &#13; &#x80; &#150; &#xD800; &#1114112; &#99999999999;",
    "&#; &#x; &; & &&amp; &amp", "&#12ab; &#xZZ; &Jscr;ohn &CounterClockwiseContourIntegral;",
    "&nbsp;a&nbsp;&ensp;b&zwnj;c&shy;", "BUNDESSTRA&SZLIG;E &hearts;", "&\u212acy; &eacute\u037e; &ａｍｐ；",
    "a&b=c&lt=d&quot;e", "&fjlig; &NotEqualTilde; &bne;", "&#x1b;[31mred &#x1f; &#11; &#127;",
    "line one <i>\nline two &amp; three", "line &amp; one\nline <two>\nline &amp; three",
    "<|endoftext|> <|ENDOFTEXT|> <end_of_text> <START_OF_TEXT> a<end_of_text>b !<end_of_text>",
    "<\u017ftart_of_text> <|\u017ftartoftext|> '\u017f 'S", "A\u03a3 \u03a3 A\u03a3B \u039f\u0394\u03a3. \u03a3'\u03a3 A\u0301\u03a3\u0301",
    "x" * 400, "a " * 120, "", " \t\r\n ", "\u00c0\n", "\u00ed\u00a0\u0080\u00ed\u00b0\u0080", "\u00ed\u00a0\u0080\u00ed\u00b0\n",
    "H\u00c3\u00a9llo \u00c0\u0080 \u00ed\u00a0\u00bd\u00ed\u00b8\u0080", "\u00e2\u20ac\ufffd lost \u00c3?", "abc\u00c2 \u00c2 def", "\u00c3 la mode, f\u00c3 cil, \u00c3 s vezes",
    "√† cette √©poque ‚Äì ‚Äú", "M√ºnchen ≈° ‚àö", "╨Я╤А╨╕╨▓╨╡╤В", "Ã¢â‚¬Å“double Ã¢â‚¬Â", "ÃƒÂ©", "Ð¿Ñ€Ð¸Ð²ÐµÑ‚", "ØªÙ…Ø±", "à¤¹à¤¿", "ï¼¡ï¼¢", "ð\u009f\u0098\u0080 Ã±",
]


def broken(text):
    """Mojibake of a text: once, twice, with what was lost, with spaces for no-break spaces."""
    out = []
    for codec in CODECS:
        try:
            once = text.encode("utf-8").decode(codec, "replace")
        except UnicodeError:
            continue
        out.append(once)
        if random.random() < 0.4:
            try:
                out.append(once.encode("utf-8").decode(random.choice(CODECS[:-1]), "replace"))
            except UnicodeError:
                pass
        if random.random() < 0.4:
            out.append(once.replace("\xa0", " "))
        if random.random() < 0.3:
            out.append(text[: len(text) // 2] + once[len(once) // 2 :])
    try:
        out.append("".join(
            c if ord(c) < 0x10000 else c.encode("utf-16-be", "surrogatepass").decode("utf-16-be")
            for c in text
        ).encode("utf-16", "surrogatepass").decode("utf-16").encode("utf-8").decode("latin-1"))
    except UnicodeError:
        pass
    out.append(html.escape(text).replace("&", "&amp;"))
    return out


# Scalars that matter to ftfy, more often than others.
ALPHABET = [chr(c) for c in range(0x20, 0x250)] + [chr(c) for c in range(0x370, 0x490)] * 2
ALPHABET += list("‚ƒ„…†‡ˆ‰‹‘’“”•–—˜™›€√≈∂◊⌐ﬁﬂ█╬║═\ufffd\x1a\x85\xa0 &;#<'\n") * 12


def noise(count):
    out = []
    for _ in range(count):
        length = random.randint(1, 24)
        kind = random.random()
        if kind < 0.6:
            text = "".join(random.choice(ALPHABET) for _ in range(length))
        elif kind < 0.8:
            raw = bytes(random.choice([random.randrange(256), 0x20, 0xC3, 0xE2, 0x80, 0xED, 0xC0, 0xA0, 0xF0, 0x1A, 0x3F]) for _ in range(length))
            text = raw.decode(random.choice(CODECS[:-1]), "replace")
        else:
            text = "".join(chr(random.choice([random.randrange(0x3000), random.randrange(0xD800), random.randrange(0xE000, 0x30000)])) for _ in range(length))
        out.append(text)
    return out


openclip = open_clip.tokenizer.SimpleTokenizer()


class OpenAI(open_clip.tokenizer.SimpleTokenizer):
    """OpenAI's: the same but for these three lines of clip/simple_tokenizer.py."""

    def __init__(self):
        super().__init__()
        for old, new in [("<start_of_text>", "<|startoftext|>"), ("<end_of_text>", "<|endoftext|>")]:
            self.encoder[new] = self.encoder.pop(old)
        self.cache = {name: name for name in ["<|startoftext|>", "<|endoftext|>"]}
        self.pat = regex.compile(
            r"""<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+""",
            regex.IGNORECASE,
        )


openai = OpenAI()


def case(text):
    def encode(tokenizer):
        ids = [49406] + tokenizer.encode(text) + [49407]
        return ids if len(ids) <= 77 else ids[:76] + [49407]
    first, second = encode(openclip), encode(openai)
    return [text, ftfy.fix_text(text), html.unescape(html.unescape(ftfy.fix_text(text))).lower(),
            first, None if second == first else second]


def usable(text):
    """What a Swift string can hold, Python's int() reads and Python's Unicode 14 knows (a later one has
    small letters for some characters that 14 does not have)."""
    if any(unicodedata.category(c) == "Cn" for c in text):
        return False
    return not re.search("[\ud800-\udfff]", text) and not re.search(r"&#\d{4000}", text)


if len(sys.argv) > 1:
    texts = []
    for name in sys.argv[1:]:
        for line in open(name, encoding="utf-8"):
            found = json.loads(line)
            texts += found if isinstance(found, list) else found.get("captions", [found.get("original", "")])
    texts = sorted(set(texts))
    for text in random.sample(texts, min(1500, len(texts))) + SENTENCES:
        # Captions are ASCII mostly: some letters get accents, quotes curl.
        marked = "".join({"a": "à", "e": "é", "o": "ö", "'": "’", "i": "í", "s": "š"}.get(c, c) if random.random() < 0.3 else c for c in text)
        texts += broken(marked)
    texts += noise(20000)
    target = os.environ["CASES"]
else:
    texts = SENTENCES + HTML
    for sentence in SENTENCES:
        texts += random.sample(broken(sentence), 3)
    texts += noise(150)
    target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cleaning.json")

texts = [text for text in dict.fromkeys(texts) if usable(text)]
with open(target, "w", encoding="utf-8") as file:
    file.write("[\n" + ",\n".join(json.dumps(case(text), separators=(",", ":")) for text in texts) + "\n]\n")
print(len(texts), "texts,", os.path.getsize(target), "bytes")
