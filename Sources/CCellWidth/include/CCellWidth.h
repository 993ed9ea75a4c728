#pragma once

/// How many columns the C library gives a character, with the octants of Unicode 16 as one column each
/// where the library is older than they are (glibc before 2.41 says that they cannot be printed).
///
/// Curses asks by this name and sends a blank for what cannot be printed, so it is this program's
/// definition that it must find.
int wcwidth(__WCHAR_TYPE__ character);
