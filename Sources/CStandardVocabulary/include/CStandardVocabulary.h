#include <stddef.h>

/// merges.txt of the standard CLIP vocabulary, as it is: OpenAI's checkpoints come without it, and all of
/// them mean this one.
const void *clip_standard_merges_start(void);
size_t clip_standard_merges_count(void);
