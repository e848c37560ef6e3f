/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/ledger_result.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/version.h"
#include "sim/io/clock.h"

void sqz_built_map_free(struct sqz_built_map *map)
{
    free(map->level);
    memset(map, 0, sizeof *map);
}

void sqz_built_map_write(FILE *file, const struct sqz_built_map *map)
{
    fputs("side,price_usd,notional_usd,leverage\n", file);
    for (size_t i = 0; i < map->levels; i++) {
        const struct sqz_built_level *level = &map->level[i];
        fprintf(file, "%s,%.15g,%.15g,%.15g\n", level->side == SQZ_UP ? "short" : "long",
                level->price_usd, level->notional_usd, level->leverage);
    }
}

static json_t *sums_json(const struct sqz_ledger_sums *sums)
{
    return json_pack("{s:f, s:f, s:f, s:f, s:f}", "opened_usd", sums->opened_usd, "standing_usd",
                     sums->standing_usd, "touched_usd", sums->touched_usd, "closed_usd",
                     sums->closed_usd, "exited_usd", sums->exited_usd);
}

json_t *sqz_built_map_json(const struct sqz_built_map *map, const struct sqz_remarks *remarks)
{
    char begin[SQZ_CLOCK_TEXT_SIZE], end[SQZ_CLOCK_TEXT_SIZE];
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:I, s:f, s:s, s:s, s:I, s:o, s:o, s:o}", "schema",
        "squeeze/build-map-1", "version", SQZ_VERSION, "begin",
        sqz_clock_format(begin, map->begin_s), "end", sqz_clock_format(end, map->end_s), "bars",
        (json_int_t)map->bars, "gaps", (json_int_t)map->gaps, "price_usd", map->price_usd,
        "coverage", "modelled", "from", map->from_volume ? "volume" : "open interest", "levels",
        (json_int_t)map->levels, "short", sums_json(&map->sums[SQZ_UP]), "long",
        sums_json(&map->sums[SQZ_DOWN]), "remarks", sqz_remarks_json(remarks));
    if (object != NULL && map->reported_usd > 0)
        sqz_json_set(object, "fared",
                     json_pack("{s:f, s:f, s:o}", "reported_usd", map->reported_usd, "touched_usd",
                               map->touched_then_usd, "correlation",
                               sqz_json_number(map->correlation)));
    return object;
}
