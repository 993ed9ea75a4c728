"""TIFF files of the rarer kinds, and what numpy, Pillow and LittleCMS make of them.

    python make_kinds.py                  # from a drawing of 48 × 40, beside this file
    python make_kinds.py FOLDER PHOTO     # from a photograph, to be compared and looked at elsewhere

The pictures are written by rasterio (GDAL), tifffile, imagecodecs and Pillow; expected.safetensors holds
uint8 [height, width, 3] by file name, after the rules of docs/images.md.
"""

import os
import struct
import sys
import warnings
from pathlib import Path

import numpy as np
import rasterio
import tifffile
from PIL import Image, ImageCms
from safetensors.numpy import save_file
from skimage.color import rgb2lab

warnings.simplefilter("ignore")
here = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
here.mkdir(parents=True, exist_ok=True)
W, H = 48, 40
y, x = np.mgrid[0:H, 0:W]
if len(sys.argv) > 2:
    rgb = np.asarray(Image.open(sys.argv[2]).convert("RGB"))
    H, W = rgb.shape[:2]
    y, x = np.mgrid[0:H, 0:W]
else:
    rgb = np.clip(np.stack([30 + x * 4, 40 + y * 4 + x, 128 + 90 * np.sin(x / 6) * np.cos(y / 5)], -1), 1, 255).astype(np.uint8)
rgb = np.maximum(rgb, 1)
gray = rgb[..., 1]
hidden = (x - W // 2) ** 2 + (y - H // 2) ** 2 > (min(W, H) // 2) ** 2
expected = {}


def stretched(bands, used=None, fill=0):
    bands = bands if bands.ndim == 3 else bands[..., None]
    values = bands.astype(np.float64)
    counted = np.isfinite(values) & (values != fill)
    if used is not None:
        counted &= used[..., None]
    low, high = np.percentile(values[counted], [2, 98], method="inverted_cdf")
    bottom = min(64, max(0, 195 * low / high)) if low > 0 else 0
    top = np.finfo(np.float64).max
    spread = bottom + (np.nan_to_num(values, nan=-top, posinf=top, neginf=-top) - low) / (high - low) * (195 - bottom)
    out = np.floor(np.clip(spread, 0, 255) + 0.5).astype(np.uint8)
    if fill < low or fill > high:
        out[values == fill] = 0
    return np.repeat(out, 3, 2) if out.shape[2] == 1 else out


def gdal(name, bands, mask=None, beside=False, **options):
    bands = bands if bands.ndim == 3 else bands[..., None]
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=not beside):
        path = str(here / name)
        with rasterio.open(
                path, "w", driver="GTiff", width=W, height=H, count=bands.shape[2], dtype=bands.dtype, **options) as file:
            file.write(np.moveaxis(bands, 2, 0))
            if mask is not None:
                file.write_mask(~mask)
    for rest in [path + ".aux.xml"]:
        if os.path.exists(rest):
            os.remove(rest)


three = np.repeat(gray[..., None], 3, 2)
# Masks
for beside in [False, True]:
    name = f"mask_{'beside' if beside else 'inside'}"
    gdal(name + "_8.tif", rgb, hidden, beside, photometric="RGB")
    expected[name + "_8.tif"] = np.where(hidden[..., None], 0, rgb)
    sixteen = rgb.astype(np.uint16) * 7 + 200
    sixteen[hidden] = 60_000
    gdal(name + "_16.tif", sixteen, hidden, beside, photometric="RGB", compress="deflate", tiled=True, blockxsize=32, blockysize=16)
    expected[name + "_16.tif"] = np.where(hidden[..., None], 0, stretched(np.where(hidden[..., None], 0, sixteen), ~hidden))
# LERC, without loss
gdal("lerc_8.tif", rgb, photometric="RGB", compress="lerc")
expected["lerc_8.tif"] = rgb
reflectance = (rgb / 255 * 0.4).astype(np.float32)
gdal("lerc_float.tif", reflectance, photometric="RGB", compress="lerc_zstd")
expected["lerc_float.tif"] = stretched(reflectance)
# Floating point
for dtype in [np.float16, np.float32, np.float64]:
    name = np.dtype(dtype).name
    values = (rgb / 255 * 0.4).astype(dtype)
    values[:3, :5] = np.nan
    values[3, :5] = np.inf
    tifffile.imwrite(here / f"{name}.tif", values, photometric="rgb", compression="zlib", predictor=3)
    expected[f"{name}.tif"] = stretched(values)
    expected[f"{name}.tif"][3, :5] = 0
kelvin = (288 + gray / 60.0).astype(np.float32)
gdal("kelvin.tif", kelvin)
expected["kelvin.tif"] = stretched(kelvin)
height = (gray.astype(np.float32) - 40).astype(np.float32)
height[:8, :20] = 0
gdal("zeros_within.tif", height)
expected["zeros_within.tif"] = stretched(height)
fill = np.where(hidden, -3.4028234663852886e38, gray / 10.0).astype(np.float32)
gdal("float_nodata.tif", fill, nodata=-3.4028234663852886e38)
expected["float_nodata.tif"] = stretched(fill, ~hidden, fill[0, 0])
# "No data" above all values: radar's decibels with 0, and 65,535
for name, decibels in [("decibels.tif", (-30 + gray / 12.0).astype(np.float32)), ("decibels_int16.tif", (-3000 + gray.astype(np.int16) * 8))]:
    decibels[hidden] = 0
    gdal(name, decibels)
    expected[name] = stretched(decibels, ~hidden)
bright = np.where(hidden, 65_535, gray.astype(np.uint16) * 20 + 100).astype(np.uint16)
gdal("nodata_65535.tif", bright, nodata=65_535)
expected["nodata_65535.tif"] = stretched(bright, ~hidden, 65_535)
# Whole numbers of other sizes
for bits in [10, 12, 14]:
    values = rgb.astype(np.uint16) << (bits - 8) | 1
    gdal(f"bits{bits}.tif", values, photometric="RGB", nbits=bits, compress="lzw" if bits == 12 else "none")
    expected[f"bits{bits}.tif"] = stretched(values)
for dtype in [np.int8, np.int16, np.int32, np.uint32]:
    name = np.dtype(dtype).name
    values = (rgb.astype(np.int64) - 128).astype(dtype) if name != "uint32" else rgb.astype(dtype) * 1000
    gdal(f"{name}.tif", values, photometric="RGB")
    expected[f"{name}.tif"] = stretched(values)
# CIELab
lab = rgb2lab(rgb, illuminant="D50")
# These numbers are only something to be read; the expected colours come from LittleCMS.
eight = np.stack([np.round(lab[..., 0] * 2.55), np.round(lab[..., 1]), np.round(lab[..., 2])], -1)
tifffile.imwrite(here / "lab_8.tif", np.stack([eight[..., 0].astype(np.uint8), eight[..., 1].astype(np.int8).view(np.uint8), eight[..., 2].astype(np.int8).view(np.uint8)], -1), photometric="cielab")
with Image.open(here / "lab_8.tif") as image:
    # Without its shortcut, a table of few colours that is up to 33 of 255 off.
    exact = ImageCms.buildTransform(
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB", flags=ImageCms.Flags.NOOPTIMIZE)
    expected["lab_8.tif"] = np.asarray(exact.apply(image))
sixteen = np.stack([(eight[..., 0] * 257).astype(np.uint16), (eight[..., 1] * 256).astype(np.int16).view(np.uint16), (eight[..., 2] * 256).astype(np.int16).view(np.uint16)], -1)
tifffile.imwrite(here / "lab_16.tif", sixteen, photometric="cielab", compression="lzw")
expected["lab_16.tif"] = expected["lab_8.tif"]
# YCbCr, which here is what Pillow's JPEG has, without the packing of JPEG
ycc = np.asarray(Image.fromarray(rgb).convert("YCbCr"))
back = np.asarray(Image.fromarray(ycc, "YCbCr").convert("RGB"))
REFERENCE = (532, 5, 6, (0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1), True)
for name, compression in [("ycbcr_none", None), ("ycbcr_lzw", "lzw")]:
    tifffile.imwrite(here / f"{name}.tif", ycc, photometric="ycbcr", compression=compression, subsampling=(1, 1), extratags=[REFERENCE])
    expected[f"{name}.tif"] = back
# Chroma of 2 × 2 pixels: four of luma, one of each chroma, as TIFF lays them
h2, w2 = H // 2, W // 2
wide = ycc[:h2 * 2, :w2 * 2].astype(int)
chroma = wide.reshape(h2, 2, w2, 2, 3).mean((1, 3)).round().astype(np.uint8)
units = np.concatenate([wide[..., 0].reshape(h2, 2, w2, 2).transpose(0, 2, 1, 3).reshape(h2, w2, 4), chroma[..., 1:]], -1).astype(np.uint8)
data = units.tobytes()
tags = [(256, 4, [w2 * 2]), (257, 4, [h2 * 2]), (258, 3, [8, 8, 8]), (259, 3, [1]), (262, 3, [6]), (273, 4, [0]), (277, 3, [3]), (278, 4, [h2 * 2]), (279, 4, [len(data)]), (284, 3, [1]), (530, 3, [2, 2]), (532, 5, [0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1])]
at = 8 + 2 + 12 * len(tags) + 4
out, tail = b"", b""
for tag, kind, values in tags:
    packed = struct.pack("<%d%s" % (len(values), "H" if kind == 3 else "I"), *values)
    count = len(values) // 2 if kind == 5 else len(values)
    if tag == 273:
        packed = struct.pack("<I", at + 6 + 48)
    if len(packed) > 4:
        out += struct.pack("<HHII", tag, kind, count, at + len(tail))
        tail += packed
    else:
        out += struct.pack("<HHI", tag, kind, count) + packed.ljust(4, b"\0")
assert len(tail) == 54
(here / "ycbcr_halved.tif").write_bytes(b"II*\0" + struct.pack("<IH", 8, len(tags)) + out + bytes(4) + tail + data)
full = np.stack([wide[..., 0], *(np.repeat(np.repeat(chroma[..., c], 2, 0), 2, 1) for c in (1, 2))], -1).astype(np.uint8)
expected["ycbcr_halved.tif"] = np.asarray(Image.fromarray(full, "YCbCr").convert("RGB"))
# Fax
lines = Image.fromarray(gray).convert("1")
for name in ["tiff_ccitt", "group3", "group4"]:
    lines.save(here / f"{name}.tif", compression=name)
    expected[f"{name}.tif"] = np.asarray(lines.convert("RGB"))
# Pages that are bands, each in blocks of its own shape
with tifffile.TiffWriter(here / "pages_of_other_blocks.tif") as writer:
    writer.write(rgb[..., 0], photometric="minisblack")
    writer.write(rgb[..., 1], photometric="minisblack", tile=(16, 16), compression="zlib")
    writer.write(rgb[..., 2], photometric="minisblack", rowsperstrip=3, compression="lzw")
expected["pages_of_other_blocks.tif"] = rgb
# Refused, by a name
tifffile.imwrite(here / "refused_jpeg_2000.tif", rgb, photometric="rgb", compression="jpeg2000")
tifffile.imwrite(here / "refused_complex.tif", gray.astype(np.complex64))

save_file({name: np.ascontiguousarray(value) for name, value in sorted(expected.items())}, here / "expected.safetensors")
print(len(expected), "pictures", sum(f.stat().st_size for f in here.iterdir()), "bytes")
