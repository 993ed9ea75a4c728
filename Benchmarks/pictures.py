"""Files of other libraries' test suites through our decoder and through other ones, pixel by pixel.

    pictures.py [--probe PROGRAM] [--list] FOLDER...

Every file below a folder is given to `picture-probe` (a target of this package, which reads as the program
does) in a process of its own with 3 GiB of address space and 60 seconds. What it makes of a picture is
compared with Pillow 13 (8 bits), and with tifffile, imagecodecs and rasterio where Pillow clips or refuses;
16 bits and floating point under the stretch of docs/images.md, written here anew with numpy. A table of
counts comes out, and with --list every file that is not the same, with the reason.
"""

import argparse
import collections
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import warnings

import imagecodecs
import numpy as np
import rasterio
import tifffile
from PIL import Image, ImageCms

warnings.simplefilter("ignore")
Image.MAX_IMAGE_PIXELS = None
SIGNATURES = {
    b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"II*\0": "TIFF", b"MM\0*": "TIFF",
    b"II+\0": "TIFF", b"MM\0+": "TIFF",
}


def kind(path):
    with open(path, "rb") as file:
        start = file.read(12)
    if start[:4] == b"RIFF" and start[8:] == b"WEBP":
        return "WebP"
    return next((name for bytes_, name in SIGNATURES.items() if start.startswith(bytes_)), "other")


def bounded():
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def ours(probe, path, *options):
    """The picture [height, width, 3], or an error's text; None is a crash."""
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as target:
        try:
            done = subprocess.run(
                [probe, path, target.name, *options], capture_output=True, timeout=60, preexec_fn=bounded)
        except subprocess.TimeoutExpired:
            return None, "takes longer than 60 s"
        if done.returncode not in (0, 1):
            return None, f"status {done.returncode}: {done.stderr[-300:].decode(errors='replace')}"
        line = json.loads(done.stdout)
        if done.returncode == 1:
            return line["error"], []
        pixels = np.fromfile(target.name, np.uint8).reshape(line["height"], line["width"], 3)
        return pixels, line["notes"]


def over_white(image):
    image = image.convert("RGBA")
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(image, mask=image.getchannel("A"))
    return np.asarray(white)


def pillow(path):
    with Image.open(path) as image:
        image.load()
        if image.mode == "LAB":
            # LittleCMS without its shortcut, a table of few colours.
            exact = ImageCms.buildTransform(
                ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB",
                flags=ImageCms.Flags.NOOPTIMIZE)
            return "LAB", np.asarray(exact.apply(image))
        if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
            return image.mode, over_white(image)
        return image.mode, np.asarray(image.convert("RGB"))


def stretched(bands, fill, alpha=None, opaque=None, is_weighted=False):
    """The stretch of docs/images.md: `bands` [height, width, 1 or 3] of any type."""
    values = bands.astype(np.float64)
    used = values[np.isfinite(values) & (values != fill)]
    if used.size == 0:
        used = np.zeros(1)
    low, high = np.percentile(used, [2, 98], method="inverted_cdf")
    if high > low:
        bottom = min(64, 195 * low / high) if low > 0 else 0
        top = np.finfo(np.float64).max
        with np.errstate(all="ignore"):
            numbers = np.nan_to_num(values, nan=-top, posinf=top, neginf=-top)
            spread = bottom + (numbers - low) / (high - low) * (195 - bottom)
            out = np.floor(np.clip(spread, 0, 255) + 0.5)
    else:
        out = np.where(values < low, 0, np.where(values > low, 255, 128))
    out = np.clip(out, 0, 255).astype(np.uint8)
    if fill < low or fill > high:
        out[values == fill] = 0
    if out.shape[2] == 1:
        out = np.repeat(out, 3, 2)
    if alpha is not None:
        eight = np.minimum(255, (alpha.astype(np.int64) * 510 + opaque) // (2 * opaque)).astype(np.uint8)
        if is_weighted:
            return np.minimum(255, out.astype(int) + 255 - eight[..., None])
        out = over_white(Image.fromarray(np.dstack([out, eight])))
    return out


def png(path):
    with open(path, "rb") as file:
        data = file.read()
    if data[24] != 16:
        return pillow(path)[1]
    array = imagecodecs.png_decode(data)
    array = array[..., None] if array.ndim == 2 else array
    colours = 1 if array.shape[2] < 3 else 3
    alpha = array[..., -1] if array.shape[2] in (2, 4) else None
    place = data.find(b"tRNS")
    if place > 0 and alpha is None:
        key = np.frombuffer(data[place + 4:place + 4 + 2 * colours], ">u2")
        alpha = np.where((array[..., :colours] == key).all(2), 0, 65535).astype(np.uint16)
    return stretched(array[..., :colours], 0, alpha, 65535)


def upright(array, orientation):
    if orientation in (5, 6, 7, 8):
        array = np.swapaxes(array, 0, 1)
        orientation = {5: 1, 6: 2, 7: 3, 8: 4}[orientation]
    if orientation in (2, 3):
        array = array[:, ::-1]
    if orientation in (3, 4):
        array = array[::-1]
    return array


def nodata(page):
    tag = page.tags.get(42113)
    try:
        value = float(str(tag.value).split()[0].rstrip("\0"))
        return float(np.array(value, page.dtype)) if page.dtype.kind == "f" else value
    except (AttributeError, ValueError, IndexError, TypeError):
        return None


def masked(path, page):
    """Pixels that a mask leaves out, in the file or beside it."""
    if not page.tags.get(42112) and not os.path.exists(path + ".msk") and len(page.parent.pages) < 2:
        return None
    with rasterio.open(path) as source:
        if rasterio.enums.MaskFlags.per_dataset not in source.mask_flag_enums[0] or (
                rasterio.enums.MaskFlags.alpha in source.mask_flag_enums[0]):
            return None
        return source.dataset_mask() == 0


def tiff(path):
    """Pillow where it reads 8 bits, else tifffile, else rasterio, and the rules of docs/images.md."""
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        bits = page.bitspersample if isinstance(page.bitspersample, int) else max(page.bitspersample)
        fill = nodata(page)
        orientation = page.tags.valueof(274, 1)
        try:
            hidden = masked(path, page)
        except Exception:
            hidden = None
        try:
            if bits <= 8 and page.sampleformat in (1, 4):
                made = pillow(path)[1]
                if hidden is not None:
                    made = made.copy()
                    made[upright(hidden, orientation)] = min(255, max(0, int(fill or 0)))
                return "Pillow", made
        except Exception:
            pass
        try:
            array = page.asarray()
            if page.axes.startswith("S"):
                array = np.moveaxis(array, 0, -1)
            if array.ndim == 2:
                array = array[..., None]
            name = "tifffile"
        except Exception:
            with rasterio.open(path) as source:
                array = np.moveaxis(source.read(), 0, -1)
            name = "rasterio"
        extra = list(page.extrasamples)
        photometric = page.tags.valueof(262, 2 if array.shape[2] >= 3 else 1)
    count = array.shape[2]
    marked = [count - len(extra) + index for index, value in enumerate(extra) if value in (1, 2)]
    rest = [index for index in range(count) if index not in marked[:1]]
    bands = array[..., rest[:3] if len(rest) >= 3 else rest[:1]]
    if hidden is not None:
        bands = bands.copy()
        bands[hidden] = 0 if fill is None else fill
    is_inverted = photometric == 0 and bands.shape[2] == 1
    if array.dtype == np.uint8 and bits <= 8:
        bands = bands.astype(np.int64) * 255 // ((1 << bits) - 1)
        bands = 255 - bands if is_inverted else bands
        bands = (np.repeat(bands, 3, 2) if bands.shape[2] == 1 else bands).astype(np.uint8)
        if marked and extra[marked[0] - count] == 1:
            bands = np.minimum(255, bands.astype(int) + 255 - array[..., marked[0], None])
        elif marked:
            bands = over_white(Image.fromarray(np.dstack([bands, array[..., marked[0]]])))
        return name, upright(bands, orientation)
    alpha = opaque = None
    if marked and array.dtype == np.uint16 and array[..., marked[0]].max() > 0:
        alpha = array[..., marked[0]]
        opaque = int(alpha.max())
    made = stretched(
        bands, 0 if fill is None else fill, alpha, opaque, marked and extra[marked[0] - count] == 1)
    return name, upright(255 - made if is_inverted else made, orientation)


def too_long(*_):
    raise TimeoutError("the other library takes longer than 20 s")


def peer(path, what):
    # On damaged files the other libraries may go on for hours.
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(20)
    try:
        return read_by_peer(path, what)
    finally:
        signal.alarm(0)


def read_by_peer(path, what):
    if what == "TIFF":
        return tiff(path)
    if what == "PNG":
        return "Pillow", png(path)
    return "Pillow", pillow(path)[1]


def reason(text):
    """A refusal without what is the file's own."""
    return text.split(": ", 1)[-1][:160]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--probe", default=".build/release/picture-probe")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("folders", nargs="+")
    options = parser.parse_args()
    kinds = ["same", "within 1", "different", "refused", "both refuse", "peer refuses", "crashed"]
    table = collections.defaultdict(collections.Counter)
    for folder in options.folders:
        seen = set()
        for root, directories, files in os.walk(folder):
            directories.sort()
            for file in sorted(files):
                path = os.path.join(root, file)
                if not os.path.isfile(path) or os.path.getsize(path) == 0:
                    continue
                with open(path, "rb") as opened:
                    digest = hashlib.sha256(opened.read()).digest()
                if digest in seen:
                    continue
                seen.add(digest)
                what = kind(path)
                made, notes = ours(options.probe, path)
                if made is None:
                    outcome, why = "crashed", notes
                else:
                    try:
                        name, wanted = peer(path, what) if what != "other" else ("", None)
                    except Exception as error:
                        name, wanted = "", None
                        why_not = f"{type(error).__name__}: {error}"[:100]
                    if isinstance(made, str) and wanted is None:
                        outcome, why = "both refuse", reason(made)
                    elif isinstance(made, str):
                        outcome, why = "refused", f"{reason(made)} [{name} reads it]"
                    elif wanted is None:
                        outcome, why = "peer refuses", f"{why_not} {notes}"
                    elif wanted.shape != made.shape:
                        outcome, why = "different", f"{name} {wanted.shape} {made.shape} {notes}"
                    else:
                        gap = np.abs(wanted.astype(int) - made)
                        share = (gap.max(2) > 1).mean()
                        outcome = "same" if gap.max() == 0 else "within 1" if gap.max() <= 1 else "different"
                        why = f"{name} most {gap.max()}, {share:.1%} of pixels by more than 1 {notes}"
                table[os.path.basename(os.path.normpath(folder)), what][outcome] += 1
                if outcome not in ("same", "within 1") and not (what == "other" and outcome == "both refuse"):
                    if options.list:
                        print(outcome, what, path, why, sep="\t", flush=True)
    print("| files | kind |", " | ".join(kinds), "|")
    for (folder, what), counts in sorted(table.items()):
        print(f"| {folder} | {what} |", " | ".join(str(counts[name]) for name in kinds), "|")
    sys.exit(1 if any(counts["crashed"] for counts in table.values()) else 0)


if __name__ == "__main__":
    main()
