"""A screen of cells with colours, as tmux gives it (capture-pane -e), as a picture.

Block glyphs (halves, quadrants, eighths, sextants, octants) are filled exactly as Unicode draws them, braille
as discs, from their code points: no font has a say. Letters come from Pillow's own font.
"""

import re

from PIL import Image, ImageDraw, ImageFont

# Divisible by 2, 3, 4 and 8 in height, 2 and 8 in width.
WIDTH, HEIGHT = 24, 48

# The sixteen colours as xterm shows them.
NAMED = [
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
    (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255),
    (255, 255, 255),
]
FOREGROUND, BACKGROUND = (229, 229, 229), (0, 0, 0)


def palette(number):
    """The colour of a number of the 256."""
    if number < 16:
        return NAMED[number]
    if number >= 232:
        return (8 + 10 * (number - 232),) * 3
    steps = [0, 95, 135, 175, 215, 255]
    number -= 16
    return steps[number // 36], steps[number // 6 % 6], steps[number % 6]


def parse(text):
    """Rows of cells (character, foreground, background) of text with SGR sequences."""
    rows = []
    look = {"fg": FOREGROUND, "bg": BACKGROUND, "reverse": False}
    for line in text.split("\n"):
        row = []
        for match in re.finditer(r"\x1b\[([0-9;:]*)m|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()].|(.)", line):
            if match.group(1) is not None:
                style(look, match.group(1))
            elif match.group(2):
                pair = look["fg"], look["bg"]
                row.append((match.group(2), *(reversed(pair) if look["reverse"] else pair)))
        rows.append(row)
    return rows


def style(look, parameters):
    numbers = [int(n or 0) for n in re.split("[;:]", parameters)]
    while numbers:
        n = numbers.pop(0)
        if n == 0:
            look.update(fg=FOREGROUND, bg=BACKGROUND, reverse=False)
        elif n in (7, 27):
            look["reverse"] = n == 7
        elif n in (38, 48):
            place = "fg" if n == 38 else "bg"
            if numbers.pop(0) == 5:
                look[place] = palette(numbers.pop(0))
            else:
                look[place] = tuple(numbers[:3])
                numbers = numbers[3:]
        elif n == 39:
            look["fg"] = FOREGROUND
        elif n == 49:
            look["bg"] = BACKGROUND
        elif 30 <= n < 38 or 90 <= n < 98:
            look["fg"] = NAMED[n - 30 if n < 38 else n - 82]
        elif 40 <= n < 48 or 100 <= n < 108:
            look["bg"] = NAMED[n - 40 if n < 48 else n - 92]


def grid(columns, rows, mask):
    """Rectangles (left, top, right, bottom, in eighths and forty-eighths of a cell) of a mask, lowest bit first."""
    w, h = WIDTH // columns, HEIGHT // rows
    return [
        (i % columns * w, i // columns * h, (i % columns + 1) * w, (i // columns + 1) * h)
        for i in range(columns * rows) if mask >> i & 1
    ]


QUADRANTS = dict(zip("▘▝▀▖▌▞▛▗▚▐▜▄▙▟█", range(1, 16)))
SEXTANTS = [m for m in range(1, 63) if m not in (0b010101, 0b101010)]
OCTANTS_ELSEWHERE = {
    0x2582: 0xC0, 0x2586: 0xFC, 0x1FB82: 0x03, 0x1FB85: 0x3F, 0x1CEA8: 0x01, 0x1CEAB: 0x02, 0x1CEA3: 0x40,
    0x1CEA0: 0x80, 0x1FBE6: 0x14, 0x1FBE7: 0x28,
}
# The 230 of the block stand in the order of their masks, without those above and those of quadrants.
OCTANTS = [
    m for m in range(256)
    if m not in OCTANTS_ELSEWHERE.values()
    and not all(m >> a & 1 == m >> a + 2 & 1 for a in (0, 1, 4, 5))
]
assert len(SEXTANTS) == 60 and len(OCTANTS) == 230
BRAILLE = [0, 2, 4, 1, 3, 5, 6, 7]


def filled(character):
    """The rectangles of a block glyph; None for other characters."""
    code = ord(character)
    if character == " ":
        return []
    if character in QUADRANTS:
        return grid(2, 2, QUADRANTS[character])
    if 0x2581 <= code <= 0x2588:
        return [(0, HEIGHT - HEIGHT * (code - 0x2580) // 8, WIDTH, HEIGHT)]
    if 0x2589 <= code <= 0x258F:
        return [(0, 0, WIDTH * (0x2590 - code) // 8, HEIGHT)]
    if 0x2591 <= code <= 0x2593:
        # Squares of three pixels: one, two or three of each four, as terminals that draw shades by themselves do.
        lit = [(0, 0), (1, 1), (1, 0)][:code - 0x2590]
        return [(3 * x, 3 * y, 3 * x + 3, 3 * y + 3) for y in range(HEIGHT // 3) for x in range(WIDTH // 3)
                if (x % 2, y % 2) in lit]
    if code == 0x2594:
        return [(0, 0, WIDTH, HEIGHT // 8)]
    if code == 0x2595:
        return [(WIDTH - WIDTH // 8, 0, WIDTH, HEIGHT)]
    if 0x1FB00 <= code <= 0x1FB3B:
        return grid(2, 3, SEXTANTS[code - 0x1FB00])
    if 0x1CD00 <= code <= 0x1CDE5:
        return grid(2, 4, OCTANTS[code - 0x1CD00])
    if code in OCTANTS_ELSEWHERE:
        return grid(2, 4, OCTANTS_ELSEWHERE[code])
    return None


def font():
    try:
        return ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf", 38)
    except OSError:
        return ImageFont.load_default(36)


def picture(rows, columns=None):
    """Rows of cells as a picture, 24 × 48 pixels each."""
    columns = columns or max([len(row) for row in rows] + [1])
    image = Image.new("RGB", (columns * WIDTH, len(rows) * HEIGHT), BACKGROUND)
    draw = ImageDraw.Draw(image)
    letters = font()
    for y, row in enumerate(rows):
        for x, (character, foreground, background) in enumerate(row[:columns]):
            left, top = x * WIDTH, y * HEIGHT
            draw.rectangle((left, top, left + WIDTH - 1, top + HEIGHT - 1), background)
            shape = filled(character)
            if shape is not None:
                for a, b, c, d in shape:
                    draw.rectangle((left + a, top + b, left + c - 1, top + d - 1), foreground)
            elif 0x2800 <= ord(character) <= 0x28FF:
                for dot in range(8):
                    if ord(character) >> dot & 1:
                        part = BRAILLE[dot]
                        cx, cy = left + 6 + part % 2 * 12, top + 6 + part // 2 * 12
                        draw.ellipse((cx - 4, cy - 4, cx + 4, cy + 4), foreground)
            else:
                draw.text((left, top), character, foreground, font=letters)
    return image
