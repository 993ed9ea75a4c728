#ifndef CTIFF_SHIM_H
#define CTIFF_SHIM_H

#include <stdarg.h>
#include <stdio.h>
#include <tiffio.h>

// What libtiff says goes here, and nowhere else: its handlers take a va_list, and its own ones print.
typedef struct {
  char text[256];
} clip_tiff_message;

static inline int clip_tiff_keep(
    TIFF *tiff, void *place, const char *module, const char *format, va_list arguments) {
  clip_tiff_message *message = (clip_tiff_message *)place;
  // The first one is the cause; the others follow from it.
  if (message->text[0] == 0) vsnprintf(message->text, sizeof message->text, format, arguments);
  return 1;
}

static inline int clip_tiff_drop(
    TIFF *tiff, void *place, const char *module, const char *format, va_list arguments) {
  return 1;
}

static inline tmsize_t clip_tiff_no_write(thandle_t source, void *bytes, tmsize_t count) {
  return -1;
}

static inline int clip_tiff_no_close(thandle_t source) { return 0; }

// Opens for reading, without mapping the file (mode "m"): a mapped file that shrinks kills the process.
// `limit` bounds each single piece of memory that libtiff takes; `message` must outlive the result.
static inline TIFF *clip_tiff_open(
    thandle_t source, TIFFReadWriteProc read, TIFFSeekProc seek, TIFFSizeProc size, tmsize_t limit,
    clip_tiff_message *message) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, limit);
  TIFFOpenOptionsSetErrorHandlerExtR(options, clip_tiff_keep, message);
  TIFFOpenOptionsSetWarningHandlerExtR(options, clip_tiff_drop, message);
  TIFF *tiff = TIFFClientOpenExt(
      "tiff", "rm", source, read, clip_tiff_no_write, seek, clip_tiff_no_close, size, NULL, NULL,
      options);
  TIFFOpenOptionsFree(options);
  return tiff;
}

// TIFFGetField takes variable arguments, which the importer refuses. Each of these fetches one kind of
// field, with libtiff's default where the file has none.

static inline int clip_tiff_short(TIFF *tiff, uint32_t tag, uint16_t *value) {
  return TIFFGetFieldDefaulted(tiff, tag, value);
}

static inline int clip_tiff_long(TIFF *tiff, uint32_t tag, uint32_t *value) {
  return TIFFGetFieldDefaulted(tiff, tag, value);
}

static inline int clip_tiff_shorts(
    TIFF *tiff, uint32_t tag, uint16_t *count, const uint16_t **values) {
  return TIFFGetFieldDefaulted(tiff, tag, count, values);
}

static inline int clip_tiff_colormap(
    TIFF *tiff, const uint16_t **red, const uint16_t **green, const uint16_t **blue) {
  return TIFFGetField(tiff, TIFFTAG_COLORMAP, red, green, blue);
}

// For tags that libtiff does not know, such as GDAL's: their number of bytes comes first.
static inline int clip_tiff_unknown_text(
    TIFF *tiff, uint32_t tag, uint32_t *count, const char **text) {
  const TIFFField *field = TIFFFindField(tiff, tag, TIFF_ASCII);
  if (!field || !TIFFFieldPassCount(field)) return 0;
  if (TIFFFieldReadCount(field) == TIFF_VARIABLE2) {
    return TIFFGetField(tiff, tag, count, text);
  }
  uint16_t small = 0;
  int found = TIFFGetField(tiff, tag, &small, text);
  *count = small;
  return found;
}

// For tags that libtiff does not know, such as GeoTIFF's: their values, if they are of this type.
static inline int clip_tiff_unknown_values(
    TIFF *tiff, uint32_t tag, TIFFDataType type, uint32_t *count, const void **values) {
  const TIFFField *field = TIFFFindField(tiff, tag, type);
  if (!field || !TIFFFieldPassCount(field) || TIFFFieldDataType(field) != type) return 0;
  if (TIFFFieldReadCount(field) == TIFF_VARIABLE2) {
    return TIFFGetField(tiff, tag, count, values);
  }
  uint16_t small = 0;
  int found = TIFFGetField(tiff, tag, &small, values);
  *count = small;
  return found;
}

// A text of a tag that libtiff knows and hands out without a length.
static inline int clip_tiff_text(TIFF *tiff, uint32_t tag, const char **text) {
  const TIFFField *field = TIFFFindField(tiff, tag, TIFF_ASCII);
  if (!field || TIFFFieldPassCount(field)) return 0;
  return TIFFGetField(tiff, tag, text);
}

// JPEG inside of TIFF: let its decoder convert YCbCr.
static inline int clip_tiff_decode_jpeg_to_rgb(TIFF *tiff) {
  return TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
}

// Rows of a picture whose colours libtiff itself converts (YCbCr, CIELab, LogLuv), as they are stored:
// `count` rows of `width` pixels of 4 bytes each from `row` on, red first, into `raster`.
static inline int clip_tiff_rgba_rows(
    TIFF *tiff, uint32_t row, uint32_t width, uint32_t count, uint32_t *raster) {
  char message[1024] = "";
  TIFFRGBAImage image;
  if (!TIFFRGBAImageOK(tiff, message) || !TIFFRGBAImageBegin(&image, tiff, 1, message)) return 0;
  image.orientation = ORIENTATION_TOPLEFT;
  image.req_orientation = ORIENTATION_TOPLEFT;
  image.row_offset = (int)row;
  image.col_offset = 0;
  int done = TIFFRGBAImageGet(&image, raster, width, count);
  TIFFRGBAImageEnd(&image);
  return done;
}

#endif
