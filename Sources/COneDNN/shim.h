#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>

// libdnnl of Debian runs on GNU OpenMP; its header is part of gcc and not on clang's path, so the
// two functions that set the number of threads of the calling thread's next regions are declared here.
void omp_set_num_threads(int threads);
int omp_get_max_threads(void);

// Tells the processor that this thread only looks: an intrinsic of C.
static inline void clip_spin_hint(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
