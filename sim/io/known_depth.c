/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/known_depth.h"

#include <stdio.h>

#include "sim/io/json.h"

const char *sqz_known_text(char text[SQZ_KNOWN_TEXT_SIZE], const struct sqz_book *book)
{
    double up = 100 * book->known_log[SQZ_UP], down = 100 * book->known_log[SQZ_DOWN];
    if (up == down)
        snprintf(text, SQZ_KNOWN_TEXT_SIZE, "%.4g %%", up);
    else
        snprintf(text, SQZ_KNOWN_TEXT_SIZE, "%.4g %% up, %.4g %% down", up, down);
    return text;
}

json_t *sqz_known_json(const struct sqz_book *book, uint64_t beyond, uint64_t paths)
{
    struct sqz_estimate share = sqz_estimate_share(beyond, paths);
    return json_pack("{s:I, s:o, s:o, s:o}", "paths", (json_int_t)beyond, "share",
                     sqz_json_estimate(&share), "up_percent",
                     sqz_json_number(100 * book->known_log[SQZ_UP]), "down_percent",
                     sqz_json_number(100 * book->known_log[SQZ_DOWN]));
}

int sqz_known_remark(struct sqz_remarks *remarks, const struct sqz_scenario *scenario,
                     uint64_t beyond, uint64_t paths)
{
    char known[SQZ_KNOWN_TEXT_SIZE];
    if (beyond == 0)
        return SQZ_OK;
    return sqz_remarks_add(
        remarks, "beyond-known-depth", scenario->file, 0, "book.known",
        "on %.3g %% of the paths orders carry the price beyond the known depth (%s): how far it "
        "goes from there is extrapolated; take it as a runaway, or say how far depth is known",
        100 * (double)beyond / (double)paths, sqz_known_text(known, &scenario->book));
}
