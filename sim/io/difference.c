/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/difference.h"

#include <math.h>

const char *const sqz_contrast_name[SQZ_CONTRASTS] = {"target_probability", "floor_probability",
                                                      "forced_usd", "final_log"};

void sqz_difference_make(struct sqz_difference *difference, const struct sqz_scenario *scenario,
                         const struct sqz_scenario *base, const struct sqz_pair *pair)
{
    static const struct sqz_estimate NONE = {NAN, NAN, NAN, NAN};
    *difference = (struct sqz_difference){
        .watch_usd = {scenario->params.target_usd, scenario->params.floor_usd},
        .base_watch_usd = {base->params.target_usd, base->params.floor_usd},
    };
    for (int w = 0; w < SQZ_WATCHES; w++) {
        bool both = !isnan(difference->watch_usd[w]) && !isnan(difference->base_watch_usd[w]);
        difference->value[w] =
            both ? sqz_estimate_share_difference(pair->only_x[w], pair->only_y[w], pair->paths)
                 : NONE;
        difference->variance_reduction[w] = both ? sqz_pair_touch_variance_reduction(pair, w) : NAN;
    }
    difference->value[SQZ_CONTRAST_FORCED] =
        sqz_mean_change(&pair->forced_usd.difference,
                        fmax(sqz_scenario_notional_usd(scenario), sqz_scenario_notional_usd(base)));
    difference->variance_reduction[SQZ_CONTRAST_FORCED] =
        sqz_pairs_variance_reduction(&pair->forced_usd);
    difference->value[SQZ_CONTRAST_FINAL] = sqz_mean_estimate(&pair->final_log.difference);
    difference->variance_reduction[SQZ_CONTRAST_FINAL] =
        sqz_pairs_variance_reduction(&pair->final_log);
}

void sqz_difference_add_json(json_t *object, const struct sqz_difference *difference)
{
    static const char *const WATCH[SQZ_WATCHES] = {"target", "floor"};
    json_t *reduction = json_object();
    for (int c = 0; c < SQZ_CONTRASTS; c++) {
        const struct sqz_estimate *value = &difference->value[c];
        sqz_json_set(object, sqz_contrast_name[c],
                     isnan(value->value) ? json_null() : sqz_json_estimate(value));
        sqz_json_set(reduction, sqz_contrast_name[c],
                     sqz_json_number(difference->variance_reduction[c]));
    }
    sqz_json_set(object, "variance_reduction", reduction);
    for (int w = 0; w < SQZ_WATCHES; w++)
        if (!isnan(difference->watch_usd[w]) || !isnan(difference->base_watch_usd[w]))
            sqz_json_set(object, WATCH[w],
                         json_pack("{s:o, s:o}", "price_usd",
                                   sqz_json_number(difference->watch_usd[w]), "base_price_usd",
                                   sqz_json_number(difference->base_watch_usd[w])));
}
