/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/result_words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/io/json.h"
#include "sim/io/units.h"

/* The value and unit of a resolved key; "" if it is unset. */
const char *sqz_result_setting(const struct sqz_result_view *view, const char *key,
                               const char **unit)
{
    const json_t *list = sqz_json_at(view->manifest, "scenario/settings");
    size_t i;
    json_t *item;
    *unit = "";
    json_array_foreach(list, i, item) if (strcmp(sqz_json_text_at(item, "key"), key) == 0)
    {
        *unit = sqz_json_text_at(item, "unit");
        return sqz_json_text_at(item, "value");
    }
    return "";
}

double sqz_result_number(const struct sqz_result_view *view, const char *key,
                         enum sqz_dimension dimension)
{
    const char *unit, *value = sqz_result_setting(view, key, &unit);
    double number;
    return sqz_units_parse(value, unit, unit, dimension, &number, NULL) == SQZ_OK ? number : NAN;
}

/* "300" or, where asks and bids differ, "30 / 60". */
static void describe_sides(char *text, size_t size, double ask, double bid)
{
    if (ask == bid)
        snprintf(text, size, "%.4g", ask);
    else
        snprintf(text, size, "%.4g / %.4g", ask, bid);
}

static void describe_book(struct sqz_result_view *view)
{
    const char *unit, *book = sqz_result_setting(view, "book", &unit);
    double ask = sqz_result_number(view, "book.depth_ask", SQZ_DIM_USD);
    double bid = sqz_result_number(view, "book.depth_bid", SQZ_DIM_USD);
    char depth[48], shape[48];
    describe_sides(depth, sizeof depth, ask / 1e6, bid / 1e6);
    describe_sides(shape, sizeof shape, sqz_result_number(view, "book.shape_ask", SQZ_DIM_NUMBER),
                   sqz_result_number(view, "book.shape_bid", SQZ_DIM_NUMBER));
    if (isnan(ask) || isnan(bid))
        snprintf(view->book_text, sizeof view->book_text, "book %s", book);
    else
        snprintf(view->book_text, sizeof view->book_text, "depth %s M USD within 1 %%, shape %s",
                 depth, shape);
    if (strcmp(sqz_result_setting(view, "impact", &unit), "off") == 0)
        strncat(view->book_text, ", impact off",
                sizeof view->book_text - strlen(view->book_text) - 1);
}

/* "forced orders 5 s late, at 50 M USD/s" */
static void describe_execution(struct sqz_result_view *view)
{
    double latency_s = sqz_result_number(view, "latency", SQZ_DIM_TIME);
    double usd_per_s = sqz_result_number(view, "slice.rate", SQZ_DIM_USD_RATE);
    char late[32] = "", speed[32] = "";
    if (latency_s > 0)
        snprintf(late, sizeof late, " %.4g s late", latency_s);
    if (isfinite(usd_per_s))
        snprintf(speed, sizeof speed, "%s at %.4g M USD/s", *late != '\0' ? "," : "",
                 usd_per_s / 1e6);
    if (*late != '\0' || *speed != '\0')
        snprintf(view->execution_text, sizeof view->execution_text, "forced orders%s%s", late,
                 speed);
}

static void describe_drivers(struct sqz_result_view *view)
{
    size_t i, k;
    json_t *driver, *measure;
    json_array_foreach(sqz_json_at(view->manifest, "models/drivers"), i, driver)
    {
        size_t used = strlen(view->drivers_text);
        const char *venue =
            sqz_json_text_at(driver, "venue"); /* whose results it reports; "" of drivers proper */
        bool of_venue = venue[0] != '\0';
        snprintf(view->drivers_text + used, sizeof view->drivers_text - used, "%s%s%s%s",
                 i > 0 ? ", " : "", sqz_json_text_at(driver, "name"), of_venue ? " " : "", venue);
        json_array_foreach(json_object_get(driver, "drawn"), k, measure)
        {
            if (view->n_drawn < SQZ_MEASURES_MAX)
                view->drawn[view->n_drawn++] = (struct sqz_drawn_measure){
                    sqz_json_text_at(driver, "name"), sqz_json_text_at(measure, "name"),
                    sqz_json_text_at(measure, "unit"), of_venue};
        }
    }
}

/* "venue binance, margin tiers tiers/binance-btcusdt.csv" */
static void describe_venue(struct sqz_result_view *view)
{
    const char *name = sqz_json_text_at(view->manifest, "models/venue");
    const char *unit, *tiers = sqz_result_setting(view, "venue.tiers", &unit);
    view->has_venue = name[0] != '\0';
    if (view->has_venue && tiers[0] != '\0')
        snprintf(view->venue_text, sizeof view->venue_text, "venue %s, margin tiers %s", name,
                 tiers);
    else if (view->has_venue)
        snprintf(view->venue_text, sizeof view->venue_text, "venue %s, maintenance %.4g %%", name,
                 100 * sqz_result_number(view, "venue.maintenance", SQZ_DIM_NUMBER));
}

void sqz_result_describe(struct sqz_result_view *view)
{
    describe_book(view);
    describe_execution(view);
    describe_drivers(view);
    describe_venue(view);
}
