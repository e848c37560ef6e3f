/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/import_market.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "sim/analysis/map.h"

/* All venues of a BTC perpetual, one side within 1 %, in a calm market (models/README.md). */
static const char DEPTH[] = "book.depth", ASSUMED_DEPTH[] = "book.depth=300M";

static const struct sqz_param VOLATILITY[] = {
    {.key = "volatility",
     .kind = SQZ_PARAM_NUMBER,
     .dimension = SQZ_DIM_VOLATILITY,
     .unit = "1/sqrt(d)",
     .default_text = "0.025",
     .lo = 0.0,
     .hi = 1.0,
     .doc = "of the log price"},
};

static const struct sqz_book_model *power(void)
{
    for (size_t m = 0; sqz_registry.books[m] != NULL; m++)
        if (strcmp(sqz_registry.books[m]->name, "power") == 0)
            return sqz_registry.books[m];
    return sqz_registry.books[0];
}

enum { GROUPS = 3 };

static void groups_of(struct sqz_import_market *market, struct sqz_param_group group[GROUPS])
{
    const struct sqz_book_model *model = power();
    group[0] = (struct sqz_param_group){VOLATILITY, 1, &market->volatility_per_sqrt_s};
    group[1] =
        (struct sqz_param_group){sqz_book_param_table, sqz_book_param_count, &market->book_params};
    group[2] = (struct sqz_param_group){model->params, model->n_params, market->shape_params};
}

static bool knows(const struct sqz_param_group *group, const char *key)
{
    for (size_t i = 0; i < group->count; i++)
        if (strcmp(group->table[i].key, key) == 0)
            return true;
    return false;
}

static int fill(struct sqz_import_market *market, struct sqz_diag *diag)
{
    struct sqz_param_group group[GROUPS];
    int error = SQZ_OK;
    groups_of(market, group);
    for (int g = 0; error == SQZ_OK && g < GROUPS; g++)
        error = sqz_params_fill(&group[g], &market->settings, diag);
    for (size_t i = 0; error == SQZ_OK && i < market->settings.count; i++) {
        const char *key = market->settings.item[i].key;
        if (!knows(&group[0], key) && !knows(&group[1], key) && !knows(&group[2], key))
            error = sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, key,
                                "is no key of an import; expected book.depth, another key of the "
                                "book, or volatility");
    }
    return error;
}

static int settings_of(struct sqz_import_market *market, const struct sqz_options *options,
                       struct sqz_diag *diag)
{
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < options->n_set; i++)
        error = sqz_settings_override(&market->settings, options->set[i], diag);
    market->assumed = sqz_settings_find(&market->settings, DEPTH) == NULL;
    if (error == SQZ_OK && market->assumed)
        error = sqz_settings_override(&market->settings, ASSUMED_DEPTH, diag);
    return error;
}

int sqz_import_market_open(struct sqz_import_market *market, const struct sqz_options *options,
                           struct sqz_diag *diag)
{
    const struct sqz_book_model *model = power();
    *market = (struct sqz_import_market){.settings = {.registry = &sqz_registry},
                                         .shape_params = calloc(1, model->params_size),
                                         .shape_shared = calloc(1, model->shared_size)};
    if (market->shape_params == NULL || market->shape_shared == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a book");
    int error = settings_of(market, options, diag);
    if (error == SQZ_OK)
        error = fill(market, diag);
    if (error == SQZ_OK)
        error = model->prepare(market->shape_params, market->shape_shared, diag);
    if (error == SQZ_OK)
        error =
            sqz_book_init(&market->book, &market->book_params, model, market->shape_shared, diag);
    if (error == SQZ_OK)
        market->depth_usd = fmin(market->book.depth_usd[SQZ_UP], market->book.depth_usd[SQZ_DOWN]);
    return error;
}

void sqz_import_market_free(struct sqz_import_market *market)
{
    struct sqz_param_group group[GROUPS];
    groups_of(market, group);
    for (int g = 0; market->shape_params != NULL && g < GROUPS; g++)
        sqz_params_release(&group[g]);
    sqz_settings_free(&market->settings);
    free(market->shape_params);
    free(market->shape_shared);
    *market = (struct sqz_import_market){0};
}

static int build_ladder(struct sqz_ladder *ladder, const struct sqz_import_levels *levels,
                        struct sqz_diag *diag)
{
    const struct sqz_import_level *from = levels->row.item;
    struct sqz_level *level = malloc(levels->row.count * sizeof *level);
    if (level == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a ladder");
    for (size_t i = 0; i < levels->row.count; i++)
        level[i] = (struct sqz_level){.distance_log = sqz_direction(from[i].side) *
                                                      log(from[i].price_usd / levels->price_usd),
                                      .notional_usd = from[i].notional_usd,
                                      .leverage = (float)from[i].leverage,
                                      .side = (unsigned char)from[i].side};
    int error = sqz_ladder_build(ladder, level, levels->row.count, 1.0, diag);
    free(level);
    return error;
}

int sqz_import_market_judge(const struct sqz_import_market *market,
                            struct sqz_import_answer *answer, struct sqz_diag *diag)
{
    struct sqz_ladder ladder = {0};
    struct sqz_standstill standstill;
    struct sqz_world world = {.ladder = &ladder,
                              .market = {.book = &market->book,
                                         .volatility_per_sqrt_s = market->volatility_per_sqrt_s,
                                         .impact = true},
                              .stops = {{NAN, NAN}, INFINITY}};
    int error = build_ladder(&ladder, &answer->levels, diag);
    if (error == SQZ_OK)
        error = sqz_standstill_find(&standstill, &world, SQZ_MAP_SCALE_LOG, diag);
    sqz_ladder_free(&ladder);
    if (error != SQZ_OK)
        return error;
    answer->standstill_scale = standstill.scale;
    answer->zone_distance_log = standstill.zone_distance_log;
    answer->zone_median_s = standstill.zone_median_s;
    return SQZ_OK;
}
