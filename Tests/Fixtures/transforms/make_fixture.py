"""What open_clip's and OpenAI's transform (torchvision on Pillow) and transformers' CLIPImageProcessor on
Pillow make of pictures: transforms.json, with checksums (CRC-32) of the cropped 8-bit RGB.

    python make_fixture.py              # writes transforms.json and the pictures of other modes beside it
    python make_fixture.py compare      # prints the checksums, to be compared between versions of Pillow
    python make_fixture.py check        # that torchvision and transformers do the same as the steps here

Written with Pillow 12.3.0, which is followed; `check` passed with Pillow 13.0.0, torchvision 0.29.2 and
transformers 5.24.0. Pillow 13 resizes the other way round, rows first, what is more than twice as high as
wide and becomes lower: 35 of the 224 drawn pictures differ there.
"""

import json
import os
import sys
import zlib

import numpy as np
import PIL
from PIL import Image

here = os.path.dirname(os.path.abspath(__file__))


def resized(image, side):
    """torchvision's and transformers' size of the longer side."""
    width, height = image.size
    size = (side, int(side * height / width)) if width <= height else (int(side * width / height), side)
    return image if size == image.size else image.resize(size, Image.BICUBIC)


def torchvision(image, side):
    """Resize(side, BICUBIC), CenterCrop(side), convert("RGB")."""
    image = resized(image, side)
    width, height = image.size
    top, left = int(round((height - side) / 2.0)), int(round((width - side) / 2.0))
    return image.crop((left, top, left + side, top + side)).convert("RGB")


def transformers(image, side):
    """convert_to_rgb over white, resize, center_crop of CLIPImageProcessorPil."""
    if "A" in image.getbands() or image.info.get("transparency") is not None:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, (255, 255, 255, 255)), image)
    image = resized(image.convert("RGB"), side)
    width, height = image.size
    top, left = (height - side) // 2, (width - side) // 2
    return image.crop((left, top, left + side, top + side))


def check(open_image, side):
    """Where the libraries are here: that they do the same."""
    try:
        from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Resize
        from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    except ImportError:
        return
    library = Compose([Resize(side, interpolation=InterpolationMode.BICUBIC), CenterCrop((side, side))])
    assert checksum(library(open_image()).convert("RGB")) == checksum(torchvision(open_image(), side))
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": side}, crop_size={"height": side, "width": side}, do_rescale=False, do_normalize=False)
    values = np.asarray(processor(open_image(), return_tensors="np")["pixel_values"][0])
    theirs = np.ascontiguousarray(np.moveaxis(values, 0, -1)).astype(np.uint8)
    assert checksum(theirs) == checksum(transformers(open_image(), side)), side


def drawn(width, height, channels=3):
    """The picture that the test draws too."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    return (((x * 7 + y * 13 + c * 29) * (x + 3 * y + 1)) >> 3 & 255).astype(np.uint8)


def checksum(picture):
    return zlib.crc32(np.asarray(picture).tobytes())


def sizes():
    found = []
    state = 1
    for side in [7, 16, 24, 32, 33, 64]:
        for _ in range(36):
            state = (state * 1103515245 + 12345) % 2**31
            width = 1 + state // 7 % 400
            state = (state * 1103515245 + 12345) % 2**31
            found.append((width, 1 + state // 7 % 400, side))
    return found + [(1111, 1182, 32), (1182, 1111, 224), (225, 150, 64), (1, 1, 8), (400, 1, 7), (227, 224, 224), (225, 224, 224), (226, 224, 224)]


def modes():
    """Pictures of other modes: name and how it is saved."""
    colour = Image.fromarray(drawn(45, 37))
    alpha = Image.fromarray(drawn(45, 37, 4)[..., 3])
    alpha.paste(0, (0, 0, 12, 12))
    alpha.paste(255, (30, 20, 45, 37))
    rgba = colour.copy()
    rgba.putalpha(alpha)
    yield "rgba.png", rgba, {}
    yield "la.png", Image.merge("LA", (colour.convert("L"), alpha)), {}
    palette = colour.quantize(32)
    yield "p.png", palette, {}
    yield "p_transparent.png", palette, {"transparency": bytes(range(0, 256, 8))}
    yield "l.png", colour.convert("L"), {}
    yield "l_key.png", colour.convert("L"), {"transparency": 40}
    yield "rgb_key.png", colour, {"transparency": colour.getpixel((3, 3))}
    yield "1.png", colour.convert("1"), {}
    yield "cmyk.jpg", Image.frombytes("CMYK", (45, 37), drawn(45, 37, 4).tobytes()), {"quality": 90}
    yield "rgba.tif", rgba, {}
    yield "p.tif", palette, {}
    yield "1.tif", colour.convert("1"), {}
    yield "rgba.webp", rgba, {"lossless": True, "exact": True}


if sys.argv[1:] == ["compare"]:
    rows = [[w, h, s, checksum(torchvision(Image.fromarray(drawn(w, h)), s))] for w, h, s in sizes()]
    for name in sorted(os.listdir(here)):
        if name.endswith((".png", ".jpg", ".tif", ".webp")):
            rows.append([name, checksum(torchvision(Image.open(f"{here}/{name}"), 24))])
    print(json.dumps(dict(pillow=PIL.__version__, rows=rows)))
elif sys.argv[1:] == ["check"]:
    for width, height, side in sizes():
        check(lambda: Image.fromarray(drawn(width, height)), side)
    for name in sorted(os.listdir(here)):
        if name.endswith((".png", ".jpg", ".tif", ".webp")):
            for side in (24, 50):
                check(lambda: Image.open(f"{here}/{name}"), side)
    print("the same, Pillow", PIL.__version__)
else:
    for name, picture, options in modes():
        picture.save(f"{here}/{name}", **options)
    rows = []
    for width, height, side in sizes():
        picture = Image.fromarray(drawn(width, height))
        rows.append([width, height, side, checksum(torchvision(picture, side)), checksum(transformers(picture, side))])
    files = []
    for name, _, _ in modes():
        for side in (24, 50):
            picture = Image.open(f"{here}/{name}")
            ours = checksum(transformers(picture, side))
            files.append([name, side, checksum(torchvision(Image.open(f"{here}/{name}"), side)), ours])
    with open(f"{here}/transforms.json", "w") as file:
        json.dump(dict(drawn=rows, files=files), file, separators=(",", ":"))
        file.write("\n")
    print(len(rows), len(files))
