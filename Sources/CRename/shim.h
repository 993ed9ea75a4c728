#ifndef CRENAME_SHIM_H
#define CRENAME_SHIM_H

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Two names change their files at one moment: renameat2 with RENAME_EXCHANGE, which the importer does
/// not see, for glibc declares it only under _GNU_SOURCE.
static inline int clip_exchange_names(const char *one, const char *other) {
  return (int)syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, 1 << 1);
}

#endif
