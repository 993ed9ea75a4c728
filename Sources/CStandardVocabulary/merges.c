#include "CStandardVocabulary.h"

// The file's bytes, read by the assembler: as an array in C they would take the compiler longer than
// all the rest. It is mapped with the program and read only where a model needs it.
__asm__(".pushsection .rodata\n"
        "clip_standard_merges:\n"
        ".incbin \"merges.txt\"\n"
        "clip_standard_merges_end:\n"
        ".popsection\n");

extern const unsigned char clip_standard_merges[] __attribute__((visibility("hidden")));
extern const unsigned char clip_standard_merges_end[] __attribute__((visibility("hidden")));

const void *clip_standard_merges_start(void) { return clip_standard_merges; }
size_t clip_standard_merges_count(void) { return clip_standard_merges_end - clip_standard_merges; }
