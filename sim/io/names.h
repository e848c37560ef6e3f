/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers for names as they come up in a file: 0, 1, 2 ... in the order of first appearance. */
#ifndef SQZ_IO_NAMES_H
#define SQZ_IO_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

/* Zero-initialise. Owns its arrays. */
struct sqz_names {
    uint32_t count;
    char *text; /* all names, each with its NUL */
    size_t text_used, text_size;
    size_t *start;  /* of each name in `text` */
    uint32_t *slot; /* open addressing: 1 + number of a name, 0 for a free slot */
    size_t slots;   /* a power of two, at least twice the count */
};

/* The number of a name, which is added if it is new. */
int sqz_names_number(struct sqz_names *names, const char *name, uint32_t *number,
                     struct sqz_diag *diag);

/* Valid until the next name is added. */
static inline const char *sqz_names_text(const struct sqz_names *names, uint32_t number)
{
    return names->text + names->start[number];
}

/* Safe on zeroed names. */
void sqz_names_free(struct sqz_names *names);

#endif
