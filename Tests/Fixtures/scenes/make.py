#!/usr/bin/env python3
"""Makes the small scenes of this folder and expected.json: corners in degrees as rasterio (GDAL, PROJ) has them.

    python3 -m venv /tmp/scenes && /tmp/scenes/bin/pip install rasterio numpy pillow
    /tmp/scenes/bin/python Tests/Fixtures/scenes/make.py

Nothing in them is from elsewhere: colours are formulas of column and row.
"""

import json
from pathlib import Path

import numpy as np
import rasterio
from PIL import Image
from rasterio.control import GroundControlPoint
from rasterio.transform import Affine, from_origin
from rasterio.warp import transform

here = Path(__file__).resolve().parent
expected = {}


def picture(width, height, bands=3, kind="uint8"):
    rows, columns = np.mgrid[0:height, 0:width]
    top = 255 if kind == "uint8" else 10_000
    return np.stack(
        [((columns * (b + 2) + rows * (5 - b)) % top + 1) for b in range(bands)]).astype(kind)


def note(name, crs, place, width, height):
    corners = [(0, 0), (width, 0), (width, height), (0, height), (width / 3, height / 7)]
    xs, ys = zip(*[place * corner for corner in corners])
    longitudes, latitudes = transform(crs, "OGC:CRS84", xs, ys)
    expected[name] = {
        "width": width, "height": height,
        "points": [[c, r, x, y] for (c, r), x, y in zip(corners, longitudes, latitudes)],
    }


def make(name, crs, place, width=40, height=28, bands=3, kind="uint8", driver="GTiff", **more):
    data = picture(width, height, bands, kind)
    path = here / name
    with rasterio.open(
            path, "w", driver=driver, width=width, height=height, count=bands, dtype=kind, crs=crs,
            transform=place, **more) as file:
        file.write(data)
    with rasterio.open(path) as file:
        note(name, file.crs, file.transform, width, height)


make("utm-north.tif", "EPSG:32632", from_origin(399_960.25, 5_300_040.5, 10, 10))
make("utm-south.tif", "EPSG:32733", from_origin(312_345, 6_245_000, 0.3, 0.3))
make("mercator.tif", "EPSG:3395", from_origin(1_380_000, 6_450_000, 0.1, 0.1))
make("web-mercator.tif", "EPSG:3857", from_origin(-8_230_000, 4_970_000, 2.4, 2.4))
make("degrees.tif", "EPSG:4326", from_origin(7.1, 43.7, 1e-5, 1e-5))
make("national.tif", "EPSG:2154", from_origin(652_000, 6_862_000, 0.2, 0.2))
make("rotated.tif", "EPSG:32632",
     Affine.translation(500_000, 5_000_000) * Affine.rotation(30) * Affine.scale(2, -2))
make("point.tif", "EPSG:32632", from_origin(500_000, 5_000_000, 10, 10), AREA_OR_POINT="Point")
make("big.tif", "EPSG:32632", from_origin(500_000, 5_000_000, 10, 10), BIGTIFF="YES")
make("tiled.tif", "EPSG:32632", from_origin(500_000, 5_000_000, 10, 10), width=200, height=150, tiled=True,
     blockxsize=64, blockysize=64, compress="deflate", predictor=2)
make("nodata.tif", "EPSG:32632", from_origin(500_000, 5_000_000, 10, 10), kind="uint16", nodata=5)
make("antimeridian.tif", "EPSG:32601", from_origin(100_000, 1_000_000, 10_000, 10_000))
make("planar16.tif", "EPSG:32632", from_origin(500_000, 5_000_000, 10, 10), bands=4, kind="uint16",
     width=70, height=50, interleave="band", tiled=True, blockxsize=16, blockysize=16)

# JPEG 2000 without a loss, each with the same pixels as a TIFF beside it, whose name ends in -same.tif.
def make_jp2(name, crs, place, width=40, height=28, bands=3, kind="uint8", **more):
    make(name, crs, place, width, height, bands, kind, driver="JP2OpenJPEG", QUALITY=100, REVERSIBLE="YES", YCC="NO",
         **more)
    with rasterio.open(here / name) as file:
        with rasterio.open(here / name.replace(".jp2", "-same.tif"), "w", driver="GTiff", width=width, height=height,
                           count=bands, dtype=kind, compress="deflate") as same:
            same.write(file.read())
    (here / (name + ".aux.xml")).unlink(missing_ok=True)


make_jp2("both.jp2", "EPSG:32632", from_origin(500_000, 5_000_000, 10, 10), width=150, height=110, BLOCKXSIZE=64, BLOCKYSIZE=64)
make_jp2("gml.jp2", "EPSG:32733", from_origin(312_345, 6_245_000, 10, 10), width=150, height=110, GeoJP2="NO")
make_jp2("gml-degrees.jp2", "EPSG:4326", from_origin(7.1, 43.7, 1e-5, 1e-5), GeoJP2="NO")
make_jp2("geojp2.jp2", "EPSG:2154", from_origin(652_000, 6_862_000, 0.2, 0.2), GMLJP2="NO")
make_jp2("band16.jp2", "EPSG:32632", from_origin(600_000, 5_100_000, 10, 10), width=130, height=90, bands=1,
         kind="uint16", BLOCKXSIZE=64, BLOCKYSIZE=64)

# A point raster: written with the tag, since an option of the driver does not reach it.
with rasterio.open(here / "point.tif", "r+") as file:
    file.update_tags(AREA_OR_POINT="Point")
with rasterio.open(here / "point.tif") as file:
    assert file.tags()["AREA_OR_POINT"] == "Point"
    note("point.tif", file.crs, file.transform, file.width, file.height)

# A world file and a .prj beside a picture that says nothing.
place = from_origin(500_000, 5_000_000, 0.5, 0.5)
with rasterio.open(here / "world.tif", "w", driver="GTiff", width=40, height=28, count=3, dtype="uint8") as file:
    file.write(picture(40, 28))
(here / "world.tfw").write_text("\n".join(map(str, [
    place.a, place.d, place.b, place.e, place.c + place.a / 2, place.f + place.e / 2])) + "\n")
(here / "world.prj").write_text(rasterio.crs.CRS.from_epsg(25832).to_wkt(version="WKT1_ESRI"))
with rasterio.open(here / "world.tif") as file:
    note("world.tif", "EPSG:25832", file.transform, 40, 28)

# A camera's photograph: 33° 55' 7.2" south, 18° 25' 30.6" west, and one without seconds, north and east.
for name, tags in [
        ("camera.jpg", {1: "S", 2: (33.0, 55.0, 7.2), 3: "W", 4: (18.0, 25.0, 30.6)}),
        ("camera-minutes.jpg", {1: "N", 2: (43.0, 42.75, 0.0), 3: "E", 4: (7.0, 12.5, 0.0)})]:
    exif = Image.Exif()
    exif[0x8825] = tags
    Image.fromarray(np.moveaxis(picture(40, 28), 0, -1)).save(here / name, exif=exif)

(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
