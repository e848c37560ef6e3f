/* What a figure's script must know of a result, read back from summary.json and manifest.json. */
#ifndef SQZ_IO_FACTS_H
#define SQZ_IO_FACTS_H

#include <jansson.h>

#include "sim/core/error.h"

struct sqz_facts {
    json_t *summary, *manifest; /* owned; strings below point into them */
    const char *version, *scenario_name, *scenario_file, *seed, *symbol;
    double paths, start_price_usd, horizon_s, levels_scale, short_usd, long_usd;
    double watch_usd[2], watch_p[2], watch_lo[2], watch_hi[2]; /* target, floor; NAN: not set */
    double forced_mean_usd, forced_lo_usd, forced_hi_usd, unforced_share;
    long closeup_path;
    char volatility_text[64], book_text[128], sampled_text[128];
};

/* Read the result in `directory`. Free with sqz_facts_free, also after a failure. */
int sqz_facts_read(struct sqz_facts *facts, const char *directory, struct sqz_diag *diag);
void sqz_facts_free(struct sqz_facts *facts);

#endif
