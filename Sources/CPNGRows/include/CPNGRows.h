#ifndef CPNGROWS_H
#define CPNGROWS_H

#include <stddef.h>
#include <stdint.h>

// A PNG in memory, row by row. libpng ends a failed call with longjmp, which may not cross Swift: each
// function here catches it and returns a status.

typedef struct clip_png clip_png;

typedef struct {
  uint32_t width;
  uint32_t height;
  // Bits a sample as stored; 16-bit samples come as uint16_t in the machine's order, all others as bytes.
  uint32_t stored_bits;
  // 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha; palettes and transparent colours are expanded.
  uint32_t channels;
  // Bytes of a row as it is given out.
  size_t row_bytes;
  // 1, or 7 where interlaced.
  uint32_t passes;
} clip_png_header;

enum { CLIP_PNG_MESSAGE = 128 };

// Reads up to the first row. NULL where that fails, with the reason in `message`. `bytes` must outlive
// the result; no more than `longest_chunk` bytes are taken for any chunk.
clip_png *clip_png_open(
    const uint8_t *bytes, size_t count, size_t longest_chunk, clip_png_header *header,
    char message[CLIP_PNG_MESSAGE]);

// Reads the next row of the pass into `row`, which for an interlaced picture holds what the passes
// before have left there. 0, or -1 with the reason in `message`, after which only closing is allowed.
int clip_png_row(clip_png *png, uint8_t *row, char message[CLIP_PNG_MESSAGE]);

// Whether the last failure was that the bytes ended.
int clip_png_ended_early(const clip_png *png);

void clip_png_close(clip_png *png);

#endif
