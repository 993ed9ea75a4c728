"""Small synthetic pictures of every kind that is read, and what Pillow (8 bits) or numpy's percentiles
(16 bits) make of them: expected.safetensors, uint8 [height, width, 3] by file name."""
import io, struct, sys, zlib
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, ImageOps
from safetensors.numpy import save_file

here = Path(__file__).parent
W, H = 45, 37
y, x = np.mgrid[0:H, 0:W]
random = np.random.default_rng(5)
base = np.stack(
    [(x * 5) % 256, (y * 7 + x) % 256, 128 + 100 * np.sin(x / 5) * np.cos(y / 4)], -1
) + random.integers(-6, 7, (H, W, 3))
rgb = np.clip(base, 0, 255).astype(np.uint8)
alpha = np.clip((x * 6 + y * 2) % 300 - 20, 0, 255).astype(np.uint8)
gray = rgb[..., 1]
smooth = np.stack([x * 255 // W, y * 255 // H, (x + y) * 255 // (W + H)], -1).astype(np.uint8)
# As a sensor delivers it: a small part of the range, haze in blue, a corner without data.
wide = (300 + rgb.astype(np.uint16) * 9 + np.array([0, 150, 700], np.uint16)).astype(np.uint16)
wide[:6, :9] = 0
extra = (2000 + 3 * x + y).astype(np.uint16)
expected = {}


def over_white(image):
    image = image.convert("RGBA")
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(image, mask=image.getchannel("A"))
    return np.asarray(white)


def pillow(name, *, alpha=False):
    with Image.open(here / name) as image:
        image.load()
        expected[name] = over_white(image) if alpha else np.asarray(image.convert("RGB"))


def stretched(name, bands, fill=0, alpha=None):
    values = bands.astype(np.float64)
    a, b = np.percentile(values[values != fill], [2, 98], method="inverted_cdf")
    bottom = min(64, max(0, 195 * a / b))
    out = np.floor(np.clip(bottom + (values - a) * (195 - bottom) / (b - a), 0, 255) + 0.5)
    out[(values == fill) & ((fill < a) | (fill > b))] = 0
    out = out.astype(np.uint8)
    if out.ndim == 2:
        out = np.stack([out] * 3, -1)
    if alpha is not None:
        out = over_white(Image.fromarray(np.dstack([out, alpha])))
    expected[name] = out


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(name, data, colour, bits=8, interlaced=False, chunks=()):
    """`data` [height, width, samples]; libpng's own files would not be interlaced."""
    data = data.reshape(data.shape[0], data.shape[1], -1)

    def rows(part):
        out = b""
        for row in part:
            if bits < 8:
                flat = "".join(f"{int(v):0{bits}b}" for v in row.ravel())
                flat += "0" * (-len(flat) % 8)
                packed = int(flat, 2).to_bytes(len(flat) // 8, "big")
            else:
                packed = row.astype(">u2" if bits == 16 else np.uint8).tobytes()
            out += b"\0" + packed
        return out

    raw = b""
    if interlaced:
        for left, top, right, down in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4),
                                       (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
            part = data[top::down, left::right]
            if part.size:
                raw += rows(part)
    else:
        raw = rows(data)
    header = struct.pack(">IIBBBBB", data.shape[1], data.shape[0], bits, colour, 0, 0, interlaced)
    (here / name).write_bytes(
        SIGNATURE + chunk(b"IHDR", header) + b"".join(chunk(k, d) for k, d in chunks)
        + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


def pngs():
    palette = random.integers(0, 256, (200, 3)).astype(np.uint8)
    plte = (b"PLTE", palette.tobytes())
    index = (gray % 200).astype(np.uint8)
    for adam in (False, True):
        tail = "_interlaced.png" if adam else ".png"
        png("rgb8" + tail, rgb, 2, interlaced=adam)
        png("rgba8" + tail, np.dstack([rgb, alpha]), 6, interlaced=adam)
        png("palette8" + tail, index, 3, interlaced=adam, chunks=[plte])
        png("gray8" + tail, gray, 0, interlaced=adam)
        png("gray16" + tail, wide[..., 0], 0, 16, interlaced=adam)
        png("rgb16" + tail, wide, 2, 16, interlaced=adam)
        for name in ("rgb8", "palette8", "gray8"):
            pillow(name + tail)
        pillow("rgba8" + tail, alpha=True)
        stretched("gray16" + tail, wide[..., 0])
        stretched("rgb16" + tail, wide)
    png("rgba16.png", np.dstack([wide, alpha.astype(np.uint16) * 257]), 6, 16)
    stretched("rgba16.png", wide, alpha=alpha)
    for bits in (1, 2, 4):
        png(f"gray{bits}.png", gray >> (8 - bits), 0, bits)
        pillow(f"gray{bits}.png")
        few = palette[: 1 << bits]
        png(f"palette{bits}.png", gray >> (8 - bits), 3, bits, chunks=[(b"PLTE", few.tobytes())])
        pillow(f"palette{bits}.png")
    png("gray_alpha8.png", np.dstack([gray, alpha]), 4)
    png("palette_alpha.png", index, 3, chunks=[plte, (b"tRNS", bytes(range(0, 200, 2)))])
    png("rgb_key.png", rgb // 64 * 64, 2, chunks=[(b"tRNS", struct.pack(">HHH", 64, 128, 64))])
    png("gray_key.png", gray // 64 * 64, 0, chunks=[(b"tRNS", struct.pack(">H", 64))])
    for name in ("gray_alpha8", "palette_alpha", "rgb_key", "gray_key"):
        pillow(name + ".png", alpha=True)
    # A gamma and a profile change nothing, as in Pillow.
    png("rgb_gamma.png", rgb, 2, chunks=[(b"gAMA", struct.pack(">I", 100000))])
    pillow("rgb_gamma.png")


def tiffs():
    def write(name, data, **options):
        tifffile.imwrite(here / name, data, metadata=None, **options)

    write("rgb8_strips.tif", rgb, photometric="rgb", rowsperstrip=5)
    write("rgb8_one_strip.tif", rgb, photometric="rgb")
    write("rgb8_big_endian.tif", rgb, photometric="rgb", byteorder=">")
    write("rgb8_bigtiff.tif", rgb, photometric="rgb", bigtiff=True)
    write("rgb8_tiled.tif", rgb, photometric="rgb", tile=(16, 32))
    write("rgb8_deflate_tiled.tif", rgb, photometric="rgb", tile=(16, 16), compression="zlib",
          predictor=True)
    write("gray8.tif", gray, photometric="minisblack", rowsperstrip=7)
    write("gray8_inverted.tif", gray, photometric="miniswhite")
    planes = np.moveaxis(rgb, -1, 0)
    write("rgb8_planar.tif", planes, photometric="rgb", planarconfig="separate", rowsperstrip=8)
    write("rgb8_planar_tiled.tif", planes, photometric="rgb", planarconfig="separate",
          tile=(16, 16))
    write("palette8.tif", gray, photometric="palette",
          colormap=random.integers(0, 65536, (3, 256)).astype(np.uint16))
    write("pages.tif", np.stack([rgb, 255 - rgb]), photometric="rgb")
    for name in ("rgb8_strips", "rgb8_one_strip", "rgb8_big_endian", "rgb8_bigtiff", "rgb8_tiled",
                 "rgb8_deflate_tiled", "gray8", "gray8_inverted", "palette8", "pages"):
        pillow(name + ".tif")
    # Pillow does not read planes of uncompressed tiles; the samples are what was written.
    for name in ("rgb8_planar.tif", "rgb8_planar_tiled.tif"):
        expected[name] = rgb
    write("rgba8.tif", np.dstack([rgb, alpha]), photometric="rgb", extrasamples=["unassalpha"])
    pillow("rgba8.tif", alpha=True)
    weighted = (rgb.astype(int) * alpha[..., None] // 255).astype(np.uint8)
    write("rgba8_weighted.tif", np.dstack([weighted, alpha]), photometric="rgb",
          extrasamples=["assocalpha"])
    pillow("rgba8_weighted.tif", alpha=True)
    write("rgbx8.tif", np.dstack([rgb, alpha]), photometric="rgb", extrasamples=["unspecified"])
    pillow("rgbx8.tif")
    for name, options in {
        "lzw": {"compression": "tiff_lzw"}, "packbits": {"compression": "packbits"},
        "deflate": {"compression": "tiff_adobe_deflate"},
        "lzma": {"compression": "lzma"}, "zstd": {"compression": "zstd"},
    }.items():
        Image.fromarray(rgb).save(here / f"rgb8_{name}.tif", **options)
        pillow(f"rgb8_{name}.tif")
    Image.fromarray(smooth).save(here / "rgb8_jpeg.tif", compression="jpeg", quality=95)
    pillow("rgb8_jpeg.tif")
    Image.fromarray(np.dstack([rgb, gray // 2]), "CMYK").save(here / "cmyk.tif")
    pillow("cmyk.tif")
    Image.fromarray((gray > 127)).save(here / "gray1.tif")
    pillow("gray1.tif")
    for orientation in range(1, 9):
        name = f"orientation_{orientation}.tif"
        write(name, rgb[:7, :11], photometric="rgb",
              extratags=[(274, 3, 1, orientation, True)])
        pillow(name)
    # 16 bits
    write("rgb16_strips.tif", wide, photometric="rgb", rowsperstrip=4)
    write("rgb16_big_endian.tif", wide, photometric="rgb", byteorder=">")
    write("rgb16_planar_tiled.tif", np.moveaxis(wide, -1, 0), photometric="rgb",
          planarconfig="separate", tile=(16, 16), compression="zlib", predictor=True)
    for name in ("strips", "big_endian", "planar_tiled"):
        stretched(f"rgb16_{name}.tif", wide)
    write("gray16.tif", wide[..., 2], photometric="minisblack")
    stretched("gray16.tif", wide[..., 2])
    bands = np.dstack([wide, extra, extra // 2])
    write("bands5_16.tif", bands, photometric="minisblack", planarconfig="contig", tile=(16, 16))
    stretched("bands5_16.tif", wide)
    signed = wide.astype(np.int16) - 1000
    signed[:6, :9] = -9999
    write("rgb16_signed_no_data.tif", signed, photometric="rgb",
          extratags=[(42113, 2, 0, "-9999", True)])
    stretched("rgb16_signed_no_data.tif", signed, fill=-9999)
    # A pyramid as GDAL writes it: smaller copies behind the picture.
    large = np.kron(smooth, np.ones((8, 8, 1), np.uint8))
    with tifffile.TiffWriter(here / "pyramid.tif") as file:
        options = dict(photometric="rgb", tile=(64, 64), compression="zlib", metadata=None)
        file.write(large, **options)
        for step in (2, 4):
            file.write(255 - large[::step, ::step], subfiletype=1, **options)


def webps():
    Image.fromarray(rgb).save(here / "lossless.webp", lossless=True)
    Image.fromarray(np.dstack([rgb, alpha])).save(here / "lossless_alpha.webp", lossless=True,
                                                  exact=True)
    Image.fromarray(smooth).save(here / "lossy.webp", quality=90)
    Image.fromarray(np.dstack([smooth, alpha])).save(here / "lossy_alpha.webp", quality=90)
    for name in ("lossless", "lossy"):
        pillow(name + ".webp")
        pillow(name + "_alpha.webp", alpha=True)


def orientations():
    """`shown/NAME`: after exif_transpose, as on a screen."""
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[274] = orientation
        small = Image.fromarray(rgb[:7, :11])
        for name, options in [(f"exif_{orientation}.png", {}),
                              (f"exif_{orientation}.webp", {"lossless": True})]:
            small.save(here / name, exif=exif, **options)
            expected["shown/" + name] = np.asarray(ImageOps.exif_transpose(Image.open(here / name)).convert("RGB"))
            pillow(name)
    exif[274] = 8
    Image.fromarray(smooth).save(here / "exif_8.jpg", exif=exif, quality=95, subsampling=0)
    pillow("exif_8.jpg")
    expected["shown/exif_8.jpg"] = np.asarray(ImageOps.exif_transpose(Image.open(here / "exif_8.jpg")))


def hostile():
    """Not in expected.safetensors: they are refused, or read as if nothing were."""
    bomb = zlib.compress(bytes(40 << 20), 9)
    png("hostile_ztxt.png", rgb, 2, chunks=[(b"zTXt", b"Comment\0\0" + bomb)])
    png("hostile_iccp.png", rgb, 2, chunks=[(b"iCCP", b"Profile\0\0" + bomb)])
    png("hostile_palette.png", gray, 3, chunks=[(b"PLTE", bytes(3 * 4000))])
    png("hostile_no_palette.png", gray, 3)
    frames = [Image.fromarray(rgb), Image.fromarray(255 - rgb)]
    frames[0].save(here / "hostile_animation.webp", save_all=True, append_images=frames[1:],
                   duration=100, lossless=True)
    image = io.BytesIO()
    tifffile.imwrite(image, rgb, photometric="rgb", metadata=None)
    data = bytearray(image.getvalue())
    start = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, start)[0]
    # The next directory is this one.
    struct.pack_into("<I", data, start + 2 + 12 * count, start)
    (here / "hostile_cycle.tif").write_bytes(data)
    tifffile.imwrite(here / "hostile_float.tif", rgb.astype(np.float32), photometric="rgb",
                     metadata=None)


if __name__ == "__main__":
    for old in here.iterdir():
        if old.suffix in (".png", ".tif", ".webp", ".jpg", ".safetensors"):
            old.unlink()
    for make in (pngs, tiffs, webps, orientations, hostile):
        make()
    save_file({k: np.ascontiguousarray(v) for k, v in expected.items()}, here / "expected.safetensors")
