/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text on lines of at most SQZ_COLUMNS columns, on a terminal or not. Columns are counted in
 * characters of UTF-8; printf counts bytes. */
#ifndef SQZ_CLI_LAYOUT_H
#define SQZ_CLI_LAYOUT_H

#include <stdio.h>

enum { SQZ_COLUMNS = 80 };

/* Stands for a blank at which a paragraph is not broken: glue makes all blanks of a text such. */
#define SQZ_LAYOUT_GLUE '\x1f'
char *sqz_layout_glue(char *text);

/* Print what comes from files and names: control characters are spelled out, as \x1b. So do the
 * other functions that print. */
void sqz_layout_text(FILE *out, const char *text);

/* What a file holds, not let loose on a terminal: control bytes are written as \x1b. Cut to fit. */
const char *sqz_layout_harmless(char *harmless, size_t size, const char *text);

/* Columns that text takes, and text padded with blanks behind (before) it. */
int sqz_layout_width(const char *text);
void sqz_layout_pad(FILE *out, const char *text, int width);
void sqz_layout_pad_left(FILE *out, const char *text, int width);

/* A paragraph, broken between words, and a line break. Every line begins with `indent` blanks, the
 * lines after the first with `hang` more; what stands on the first line already takes `used`
 * columns, which replace the indent. A longer word stands alone. */
void sqz_layout_paragraph(FILE *out, int used, int indent, int hang, const char *text);

/* The same of a formatted text, with nothing before it. */
void sqz_layout_print(FILE *out, int indent, int hang, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
