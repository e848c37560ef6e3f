/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An index of maps: CSV `time,price_usd,levels`, one liquidation map for each time. */
#ifndef SQZ_IO_MAP_INDEX_H
#define SQZ_IO_MAP_INDEX_H

#include <stddef.h>

#include "sim/core/error.h"
#include "sim/io/csv.h"

struct sqz_map_entry {
    double time_s;    /* since 1970 */
    double price_usd; /* of the market when the map was made */
    char *levels;     /* path of its levels file, as it can be opened; owned */
};

struct sqz_map_index {
    struct sqz_map_entry *entry; /* ascending in time; owned */
    size_t count;
    struct sqz_digest digest;
};

/* Read the file at `path`; paths of levels in it are relative to it. SQZ_ERR_DATA where times do
 * not ascend or it holds no map. Free after success and failure alike. */
int sqz_map_index_read(struct sqz_map_index *index, const char *path, struct sqz_diag *diag);
/* Safe on a zeroed one. */
void sqz_map_index_free(struct sqz_map_index *index);

#endif
