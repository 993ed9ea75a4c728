"""Writes the tables of Sources/Tokenizers/Cleaning from ftfy 6.3.1 (Apache License 2.0) and Python's
html.entities (PSF License, a list of the HTML standard's names).

    python make_tables.py ../../../Sources/Tokenizers/Cleaning
"""

import html
import html.entities
import re
import sys
import unicodedata

import ftfy
from ftfy import badness, chardata

assert ftfy.__version__ == "6.3.1"
folder = sys.argv[1]

HEAD = """// Made by Tests/Fixtures/cleaning/make_tables.py, not by hand.
// {source}

"""


def lines(text, width=96):
    """Cut at blanks, each line but the last ending in a blank and a backslash."""
    out, line = [], ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > width:
            out.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    out.append(line)
    return " \\\n    ".join(out)


def literal(name, comment, text):
    return f'  /// {comment}\n  static let {name} = """\n    {lines(text)}\n    """\n'


def ranges(characters):
    """Code points in hexadecimal, ranges with a hyphen."""
    points = sorted(set(characters))
    out, start = [], 0
    for index in range(1, len(points) + 1):
        if index == len(points) or points[index] != points[index - 1] + 1:
            first, last = points[start], points[index - 1]
            out.append(f"{first:x}" if first == last else f"{first:x}-{last:x}")
            start = index
    return " ".join(out)


def members(expression):
    """What a character class of this content holds."""
    pattern = re.compile(f"[{expression}]")
    return [point for point in range(0x110000) if pattern.match(chr(point))]


# Names of HTML
names = {}
for name, value in html.entities.html5.items():
    names.setdefault(name.rstrip(";"), [value, False, False])
    assert names[name.rstrip(";")][0] == value
    if not name.endswith(";"):
        names[name][1] = True
for name, value in html.entities.html5.items():
    if name.endswith(";") and name == name.lower():
        upper = "&" + name.upper()
        if html.unescape(upper) == upper:
            names[name[:-1]][2] = True
words = []
for name, (value, bare, upper) in sorted(names.items()):
    assert name + ";" in html.entities.html5
    points = ",".join(f"{ord(c):x}" for c in value)
    words.append(f"{name}{'!' if bare else ''}{'^' if upper else ''}={points}")
charrefs = " ".join(
    f"{number:x}={ord(text):x}" for number, text in sorted(html._invalid_charrefs.items())
)
with open(f"{folder}/EntityTable.swift", "w", encoding="utf-8") as file:
    file.write(HEAD.format(source="Names: the HTML standard's, as Python's html.entities has them (PSF License)."))
    file.write("/// The tables of HTML's character references.\nenum EntityTable {\n")
    file.write(
        literal(
            "names",
            "name=code points in hexadecimal; `!` where it counts without a semicolon too, `^` where\n"
            "  /// ftfy takes it in capitals.",
            " ".join(words),
        )
    )
    file.write("\n")
    file.write(
        literal(
            "numbers",
            "Numbers that stand for another character, most of windows-1252.",
            charrefs,
        )
    )
    file.write("\n")
    file.write(
        literal(
            "noCharacters", "Numbers that stand for nothing.", ranges(html._invalid_codepoints)
        )
    )
    file.write("}\n")

# Mojibake
with open(f"{folder}/MojibakeTables.swift", "w", encoding="utf-8") as file:
    file.write(HEAD.format(source="The tables of ftfy 6.3.1, Copyright 2023 Robyn Speer, Apache License 2.0."))
    file.write("/// Characters of mojibake by kind, and what decodes to them.\nenum MojibakeTables {\n")
    file.write(
        "  /// ftfy.badness.MOJIBAKE_CATEGORIES: kind, then code points in hexadecimal.\n"
        "  static let kinds: [(kind: CharacterKind, members: String)] = [\n"
    )
    swift = {
        "c1": "c1", "law": "law", "start_punctuation": "startPunctuation",
        "end_punctuation": "endPunctuation", "upper_accented": "upperAccented",
        "lower_accented": "lowerAccented", "upper_common": "upperCommon",
        "lower_common": "lowerCommon",
    }
    sets = [(swift.get(key, key), members(text)) for key, text in badness.MOJIBAKE_CATEGORIES.items()]
    clues = {
        "utf8_first_of_2": "firstOfTwo", "utf8_first_of_3": "firstOfThree",
        "utf8_first_of_4": "firstOfFour", "utf8_continuation": "continuation",
        "utf8_continuation_strict": "strictContinuation",
    }
    sets += [(clues[key], members(text)) for key, text in chardata.UTF8_CLUES.items()]
    for key, points in sets:
        file.write(f'    (\n      .{key},\n      """\n      {lines(ranges(points), 90).replace(chr(10), chr(10) + "  ")}\n      """\n    ),\n')
    file.write("  ]\n\n")
    file.write(
        "  /// ftfy.chardata.CHARMAP_ENCODINGS in their order: what bytes 80 to FF stand for, and 1A.\n"
        "  static let encodings: [(name: String, characters: String)] = [\n"
    )
    for name in chardata.CHARMAP_ENCODINGS:
        text = (bytes(range(0x80, 0x100)) + b"\x1a").decode(name)
        assert len(text) == 129 and bytes(range(0x80)).replace(b"\x1a", b"").decode(name).isascii()
        points = " ".join(f"{ord(c):x}" for c in text)
        file.write(f'    (\n      "{name}",\n      """\n      {lines(points, 90).replace(chr(10), chr(10) + "  ")}\n      """\n    ),\n')
    file.write("  ]\n\n")
    strict = " ".join(
        f"{byte:x}" for byte in range(0x80, 0xA0)
        if not bytes([byte]).decode("windows-1252", "ignore")
    )
    file.write(literal("undefined1252", "Bytes that windows-1252 leaves out.", strict))
    file.write("\n")
    singles = dict(chardata.WIDTH_MAP)
    singles.update(chardata.LIGATURES)
    assert len(singles) == len(chardata.WIDTH_MAP) + len(chardata.LIGATURES)
    text = " ".join(
        f"{point:x}={','.join(f'{ord(c):x}' for c in value)}" for point, value in sorted(singles.items())
    )
    file.write(literal("replacements", "Ligatures, and forms of half and full width.", text))
    file.write("}\n")
    # What one pass of replacements makes is not replaced by the other.
    assert not any(ord(c) in chardata.WIDTH_MAP for v in chardata.LIGATURES.values() for c in v)
print("ok", unicodedata.unidata_version)
