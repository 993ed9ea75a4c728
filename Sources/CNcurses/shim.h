// What Swift cannot call by itself: mutable globals (stdscr, COLORS, stdout), macros with casts,
// and variadic functions. Everything else is called directly.
#define _XOPEN_SOURCE_EXTENDED 1
#define NCURSES_WIDECHAR 1
#include <ncursesw/ncurses.h>
#include <langinfo.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <wchar.h>

// term.h is left out, since it defines hundreds of macros with common names.
extern int setupterm(const char *, int, int *);
extern int del_curterm(struct term *);
extern int tigetflag(const char *);
extern int tigetnum(const char *);
extern char *tigetstr(const char *);
extern struct term *cur_term;

// stdout and stdin are globals that Swift 6 does not let through.
static inline SCREEN *clip_newterm(const char *term) { return newterm(term, stdout, stdin); }
static inline int clip_flush(void) { return fflush(stdout); }

// stdscr, LINES, COLS, COLORS and COLOR_PAIRS are mutable globals.
static inline WINDOW *clip_window(void) { return stdscr; }
static inline int clip_lines(void) { return LINES; }
static inline int clip_columns(void) { return COLS; }
static inline int clip_colors(void) { return COLORS; }
static inline int clip_color_pairs(void) { return COLOR_PAIRS; }
static inline void clip_drop_terminfo(void) {
  if (cur_term) del_curterm(cur_term);
}

// A macro in some builds and a function in others.
static inline const char *clip_curses_version(void) { return curses_version(); }

// The colour pair is an int, which setcchar takes only through its untyped `opts`.
static inline int clip_put(int row, int column, const wchar_t *glyph, attr_t attributes, int pair) {
  cchar_t cell;
  if (setcchar(&cell, glyph, attributes, (short)(pair < 32767 ? pair : 0), &pair) == ERR) return ERR;
  return mvwadd_wch(stdscr, row, column, &cell);
}

// Attribute and mouse masks are macros with casts.
static inline attr_t clip_bold(void) { return A_BOLD; }
static inline attr_t clip_dim(void) { return A_DIM; }
static inline attr_t clip_underline(void) { return A_UNDERLINE; }
static inline attr_t clip_reverse(void) { return A_REVERSE; }
static inline mmask_t clip_press(void) { return BUTTON1_PRESSED; }
static inline mmask_t clip_wheel_up(void) { return BUTTON4_PRESSED; }
static inline mmask_t clip_wheel_down(void) { return BUTTON5_PRESSED; }
static inline int clip_key_f1(void) { return KEY_F(1); }

// syscall is variadic. From Linux 6.12 on a thread that asks for short turns waits less for its own
// (the request size of EEVDF); older kernels ignore it.
static inline int clip_ask_for_short_turns(unsigned long long nanoseconds) {
  struct {
    unsigned size, policy;
    unsigned long long flags;
    int nice;
    unsigned priority;
    unsigned long long runtime, deadline, period;
  } attributes = {48, 0, 1 /* not for its children */, getpriority(PRIO_PROCESS, 0), 0, nanoseconds, 0, 0};
  return (int)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

// ioctl is variadic.
static inline int clip_window_size(int file, struct winsize *size) {
  return ioctl(file, TIOCGWINSZ, size);
}

// Gives a terminal back a byte that was read from it, as if it were typed now. The kernel may refuse.
static inline int clip_type(int file, char byte) { return ioctl(file, TIOCSTI, &byte); }
