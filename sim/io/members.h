/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The positions of accounts in order: by account, in it by symbol, in that as they stand in the
 * file. */
#ifndef SQZ_IO_MEMBERS_H
#define SQZ_IO_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A position of an account. */
struct sqz_member {
    uint64_t account; /* any number that its positions have in common */
    uint32_t symbol;
    size_t index; /* of the holding */
};

void sqz_members_sort(struct sqz_member *member, size_t count);

/* How many of `count` sorted members, from the first on, share its account, or also its symbol. */
size_t sqz_members_run(const struct sqz_member *member, size_t count, bool symbol);

#endif
