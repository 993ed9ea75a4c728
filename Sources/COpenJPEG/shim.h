#ifndef COPENJPEG_SHIM_H
#define COPENJPEG_SHIM_H

#include <openjpeg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A picture that is being decoded, and what OpenJPEG said first when something was wrong.
typedef struct {
  opj_codec_t *codec;
  opj_stream_t *stream;
  opj_image_t *image;
  char text[256];
} clip_jp2;

static inline void clip_jp2_keep(const char *text, void *place) {
  clip_jp2 *jp2 = (clip_jp2 *)place;
  if (jp2->text[0] == 0) snprintf(jp2->text, sizeof jp2->text, "%s", text);
}

static inline void clip_jp2_drop(const char *text, void *place) {}

static inline void clip_jp2_close(clip_jp2 *jp2) {
  if (!jp2) return;
  if (jp2->image) opj_image_destroy(jp2->image);
  if (jp2->codec) opj_destroy_codec(jp2->codec);
  if (jp2->stream) opj_stream_destroy(jp2->stream);
  free(jp2);
}

// Reads the header; `reduce` halvings of both sides are decoded away. NULL without memory; without an
// image where it cannot be read, and `text` says why.
static inline clip_jp2 *clip_jp2_open(
    int is_codestream, uint32_t reduce, void *source, uint64_t length, opj_stream_read_fn read,
    opj_stream_skip_fn skip, opj_stream_seek_fn seek) {
  clip_jp2 *jp2 = (clip_jp2 *)calloc(1, sizeof(clip_jp2));
  if (!jp2) return NULL;
  jp2->codec = opj_create_decompress(is_codestream ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
  jp2->stream = opj_stream_create(1 << 16, OPJ_TRUE);
  if (!jp2->codec || !jp2->stream) return jp2;
  opj_set_error_handler(jp2->codec, clip_jp2_keep, jp2);
  opj_set_warning_handler(jp2->codec, clip_jp2_drop, jp2);
  opj_set_info_handler(jp2->codec, clip_jp2_drop, jp2);
  opj_stream_set_user_data(jp2->stream, source, NULL);
  opj_stream_set_user_data_length(jp2->stream, length);
  opj_stream_set_read_function(jp2->stream, read);
  opj_stream_set_skip_function(jp2->stream, skip);
  opj_stream_set_seek_function(jp2->stream, seek);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  parameters.cp_reduce = reduce;
  if (!opj_setup_decoder(jp2->codec, &parameters)) return jp2;
  opj_image_t *image = NULL;
  if (opj_read_header(jp2->stream, jp2->codec, &image)) {
    jp2->image = image;
  } else if (image) {
    opj_image_destroy(image);
  }
  return jp2;
}

// A rectangle, in pixels of the picture as it is stored.
static inline int clip_jp2_decode(
    clip_jp2 *jp2, int32_t left, int32_t top, int32_t right, int32_t bottom) {
  return opj_set_decode_area(jp2->codec, jp2->image, left, top, right, bottom)
      && opj_decode(jp2->codec, jp2->stream, jp2->image);
}

#endif
