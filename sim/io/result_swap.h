/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One result put in the place of another in a single step. */
#ifndef SQZ_IO_RESULT_SWAP_H
#define SQZ_IO_RESULT_SWAP_H

#include <stdbool.h>

/* Whether the directory `path` can change places with one beside it: it is no link, no file system
 * of its own, and nobody's working directory that is known of. */
bool sqz_result_swap_fits(const char *path);

/* Let `staging` and `path` change places, with the files of others that lie in `path`, and remove
 * what was there. False, and nothing has changed, where the system cannot, or where a folder of
 * others lies there. */
bool sqz_result_swap(const char *staging, const char *path);

#endif
