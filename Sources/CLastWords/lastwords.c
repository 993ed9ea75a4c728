// What the process says where it ends without having decided to. Everything here may run inside of a
// signal: write, open, mmap and getrlimit, no allocation, no lock.
#define _GNU_SOURCE
#include "CLastWords.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static const int bad_input = 2;

static void say(const char *text) {
  size_t left = strlen(text);
  while (left > 0) {
    ssize_t step = write(STDERR_FILENO, text, left);
    if (step < 0 && errno == EINTR) continue;
    if (step <= 0) return;
    text += step;
    left -= (size_t)step;
  }
}

int clip_fill_standard_descriptors(void) {
  for (int wanted = 0; wanted <= 2; wanted++) {
    if (fcntl(wanted, F_GETFD) != -1 || errno != EBADF) continue;
    int opened;
    do {
      // Results that go nowhere shall be an error, as they are with a closed descriptor: written to
      // what is open for reading only, they fail. Messages may get lost.
      opened = open("/dev/null", wanted == STDERR_FILENO ? O_WRONLY : O_RDONLY);
    } while (opened < 0 && errno == EINTR);
    // The lowest free number is taken, which is the one that is looked for.
    if (opened < 0) return errno;
    if (opened != wanted) {
      if (dup2(opened, wanted) < 0) return errno;
      close(opened);
    }
  }
  return 0;
}

/// Whether a limit on memory is set and nearly reached.
static int is_memory_short(void) {
  const int kinds[] = {RLIMIT_AS, RLIMIT_DATA};
  int is_limited = 0;
  for (int place = 0; place < 2; place++) {
    struct rlimit limit;
    if (getrlimit(kinds[place], &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) is_limited = 1;
  }
  if (!is_limited) return 0;
  const size_t probe = (size_t)256 << 20;
  void *found = mmap(NULL, probe, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (found == MAP_FAILED) return 1;
  munmap(found, probe);
  return 0;
}

static int are_descriptors_short(void) {
  int found = dup(STDERR_FILENO);
  if (found < 0) return errno == EMFILE;
  close(found);
  return 0;
}

static void end_by_signal(int number) {
  if (number == SIGBUS) {
    say("Error: a file became shorter while it was read, or its disk cannot be read; run it again\n");
    _exit(bad_input);
  }
  if (is_memory_short()) {
    say("Error: too little memory: this process may not have as much as it needs; "
        "raise its limit (ulimit -v), or use fewer threads or models\n");
    _exit(bad_input);
  }
  if (are_descriptors_short()) {
    say("Error: too many open files: raise the limit (ulimit -n)\n");
    _exit(bad_input);
  }
  signal(number, SIG_DFL);
  raise(number);
}

static void end_by_exit(void) {
  say("Error: a library ended the program, for the reason above or for want of threads or memory "
      "(ulimit -u, ulimit -v)\n");
  _exit(bad_input);
}

void clip_install_last_words(void) {
  const int signals[] = {SIGABRT, SIGSEGV, SIGILL, SIGTRAP, SIGBUS, SIGFPE};
  static char stack[64 << 10];
  stack_t place = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&place, NULL);
  for (size_t index = 0; index < sizeof signals / sizeof *signals; index++) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = end_by_signal;
    action.sa_flags = SA_ONSTACK;
    sigaction(signals[index], &action, NULL);
  }
  atexit(end_by_exit);
}
