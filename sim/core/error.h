/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error codes and the diagnostic that travels with them.
 *
 * Every function that can fail returns 0 (SQZ_OK) or one of the negative codes below; on failure it
 * fills the caller's struct sqz_diag, if one was given. Codes are never renumbered. */
#ifndef SQZ_CORE_ERROR_H
#define SQZ_CORE_ERROR_H

#ifdef __FAST_MATH__
#error "results rest on NAN, on infinities and on the order of sums: compile without -ffast-math"
#endif

enum sqz_error {
    SQZ_OK = 0,
    SQZ_ERR_IO = -1,          /* a file could not be read or written */
    SQZ_ERR_NOMEM = -2,       /* memory could not be had */
    SQZ_ERR_USAGE = -3,       /* the command line asks for something that does not exist */
    SQZ_ERR_DATA = -4,        /* a scenario or data file is invalid */
    SQZ_ERR_UNSUPPORTED = -5, /* valid by the file format, not yet supported by this version */
    SQZ_ERR_INTERRUPTED = -6, /* stopped on the user's request; what is complete is valid */
    SQZ_ERR_LIMIT = -7        /* paths were cut off by a limit; the others are valid */
};

/* Where an error is and what it is. Zero-initialise. A line of 0 and empty strings mean "none". */
struct sqz_diag {
    int code;
    long line;
    char file[512];
    char field[96];
    char message[512];
};

/* Fill `diag` (may be NULL) with a formatted sentence, no final full stop; return `code`. */
int sqz_fail(struct sqz_diag *diag, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a place: file and field may be NULL, line 0 means none. */
int sqz_fail_at(struct sqz_diag *diag, int code, const char *file, long line, const char *field,
                const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Write "file:line: field: message" into `text` of `size` bytes, leaving out what is not known. */
void sqz_diag_format(const struct sqz_diag *diag, char *text, int size);

#endif
