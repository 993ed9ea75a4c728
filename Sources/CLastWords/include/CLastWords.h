#ifndef CLASTWORDS_H
#define CLASTWORDS_H

/// Opens /dev/null as whichever of the descriptors 0, 1 and 2 are closed: the next file that is opened
/// would get that number, and messages would be written into it.
/// @return 0, or errno.
int clip_fill_standard_descriptors(void);

/// From here on an end that nobody in this program asked for is told in one line, with exit code 2: a
/// library that calls exit, and a crash for want of memory or of descriptors. A crash of any other kind
/// stays one.
void clip_install_last_words(void);

#endif
