/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said where orders have carried a price beyond the range in which depth is known. */
#ifndef SQZ_IO_KNOWN_DEPTH_H
#define SQZ_IO_KNOWN_DEPTH_H

#include <stdint.h>

#include <jansson.h>

#include "sim/core/book.h"
#include "sim/core/estimate.h"
#include "sim/io/scenario.h"

enum { SQZ_KNOWN_TEXT_SIZE = 64 };

/* "10 %", or "3.1 % up, 2.4 % down" where the sides differ: log distances, as book.known is. */
const char *sqz_known_text(char text[SQZ_KNOWN_TEXT_SIZE], const struct sqz_book *book);

/* { "paths", "share": E, "up_percent", "down_percent" }; a new reference, NULL: no memory. */
json_t *sqz_known_json(const struct sqz_book *book, uint64_t beyond, uint64_t paths);

/* A remark `beyond-known-depth` if any path of `paths` has left the range. SQZ_OK or
 * SQZ_ERR_NOMEM. */
int sqz_known_remark(struct sqz_remarks *remarks, const struct sqz_scenario *scenario,
                     uint64_t beyond, uint64_t paths);

#endif
