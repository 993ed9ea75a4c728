#include "CPNGRows.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

struct clip_png {
  png_structp png;
  png_infop info;
  const uint8_t *bytes;
  size_t count;
  size_t position;
  int ended_early;
  char message[CLIP_PNG_MESSAGE];
};

static void fail(png_structp png, png_const_charp text) {
  clip_png *self = png_get_error_ptr(png);
  strncpy(self->message, text, CLIP_PNG_MESSAGE - 1);
  longjmp(png_jmpbuf(png), 1);
}

static void ignore(png_structp png, png_const_charp text) {}

static void read_bytes(png_structp png, png_bytep target, png_size_t count) {
  clip_png *self = png_get_io_ptr(png);
  if (count > self->count - self->position) {
    self->ended_early = 1;
    png_error(png, "the file ends early");
  }
  memcpy(target, self->bytes + self->position, count);
  self->position += count;
}

// Profiles, texts and times are skipped, not unpacked: the picture does not depend on them.
static void skip_chunks(png_structp png) {
  static const png_byte names[] =
      "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0sTER\0"
      "tEXt\0tIME\0zTXt";
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, names, (int)(sizeof names / 5));
}

static void expand(png_structp png, png_infop info) {
  png_byte colour = png_get_color_type(png, info);
  png_byte bits = png_get_bit_depth(png, info);
  if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (colour == PNG_COLOR_TYPE_GRAY && bits < 8) png_set_expand_gray_1_2_4_to_8(png);
  if (png_get_valid(png, info, PNG_INFO_tRNS)) png_set_tRNS_to_alpha(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (bits == 16) png_set_swap(png);
#endif
}

static int begin(clip_png *self, size_t longest_chunk, clip_png_header *header) {
  png_structp png = self->png;
  if (setjmp(png_jmpbuf(png))) return -1;
  png_set_user_limits(png, 1u << 20, 1u << 20);
  png_set_chunk_malloc_max(png, longest_chunk);
  png_set_chunk_cache_max(png, 1);
  png_set_benign_errors(png, 1);
  skip_chunks(png);
  png_set_read_fn(png, self, read_bytes);
  png_read_info(png, self->info);
  header->width = png_get_image_width(png, self->info);
  header->height = png_get_image_height(png, self->info);
  header->stored_bits = png_get_bit_depth(png, self->info);
  expand(png, self->info);
  header->passes = (uint32_t)png_set_interlace_handling(png);
  png_read_update_info(png, self->info);
  header->channels = png_get_channels(png, self->info);
  header->row_bytes = png_get_rowbytes(png, self->info);
  return 0;
}

clip_png *clip_png_open(
    const uint8_t *bytes, size_t count, size_t longest_chunk, clip_png_header *header,
    char message[CLIP_PNG_MESSAGE]) {
  clip_png *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  self->bytes = bytes;
  self->count = count;
  self->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, self, fail, ignore);
  if (self->png) self->info = png_create_info_struct(self->png);
  if (self->info && begin(self, longest_chunk, header) == 0) return self;
  memcpy(message, self->message, CLIP_PNG_MESSAGE);
  clip_png_close(self);
  return NULL;
}

int clip_png_row(clip_png *self, uint8_t *row, char message[CLIP_PNG_MESSAGE]) {
  if (setjmp(png_jmpbuf(self->png))) {
    memcpy(message, self->message, CLIP_PNG_MESSAGE);
    return -1;
  }
  png_read_row(self->png, row, NULL);
  return 0;
}

int clip_png_ended_early(const clip_png *self) { return self->ended_early; }

void clip_png_close(clip_png *self) {
  if (!self) return;
  png_destroy_read_struct(&self->png, &self->info, NULL);
  free(self);
}
