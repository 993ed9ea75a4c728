#define _GNU_SOURCE
#include "CCellWidth.h"
#include <dlfcn.h>
#include <stddef.h>

typedef int (*Width)(__WCHAR_TYPE__);

int wcwidth(__WCHAR_TYPE__ character) {
  // Every thread that comes first finds the same address, so it does not matter which one keeps it.
  static _Atomic(Width) next;
  Width width = next;
  if (width == NULL) {
    width = (Width)dlsym(RTLD_NEXT, "wcwidth");
    next = width;
  }
  int columns = width == NULL ? -1 : width(character);
  if (columns >= 0) return columns;
  // Octants, the eighths at the corners and the quarters at the sides.
  int isOctant = (character >= 0x1CD00 && character <= 0x1CDE5) || character == 0x1CEA0 ||
                 character == 0x1CEA3 || character == 0x1CEA8 || character == 0x1CEAB ||
                 character == 0x1FBE6 || character == 0x1FBE7;
  return isOctant ? 1 : columns;
}
