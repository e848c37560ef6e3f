/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sentence.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/cli/layout.h"

enum { PARAGRAPH_SIZE = 1024 };

const char *sqz_sentence_estimate(char text[SQZ_SENTENCE_SIZE], const struct sqz_estimate *estimate,
                                  enum sqz_quantity quantity)
{
    struct sqz_interval_text parts;
    bool known = !isnan(estimate->lo) && !isnan(estimate->hi);
    sqz_interval_text(&parts, estimate, quantity, 1);
    snprintf(text, SQZ_SENTENCE_SIZE, "%s%s%s", parts.value, known ? " " : "",
             known ? parts.interval : "");
    return sqz_layout_glue(text);
}

const char *sqz_sentence_change(char text[SQZ_SENTENCE_SIZE], const struct sqz_estimate *change,
                                enum sqz_quantity quantity)
{
    char amount[SQZ_SENTENCE_SIZE];
    bool adds = change->value >= 0;
    struct sqz_estimate size = *change;
    if (!adds)
        size = (struct sqz_estimate){-change->value, change->se, -change->hi, -change->lo};
    snprintf(text, SQZ_SENTENCE_SIZE, "%s %.300s", adds ? "add" : "take away",
             sqz_sentence_estimate(amount, &size, quantity));
    return text;
}

/* ---- a watched price ----------------------------------------------------------------------- */

/* "Within 30 d the price touches the target 100,000 with a probability of ..." */
static int say_probability(char *text, size_t size, const struct sqz_summary *summary, int watch)
{
    static const char *const NAME[SQZ_WATCHES] = {"target", "floor"};
    const struct sqz_watch_summary *asked = &summary->watch[watch];
    char horizon[SQZ_TEXT_SIZE], price[SQZ_TEXT_SIZE], limit[SQZ_TEXT_SIZE];
    char p[SQZ_SENTENCE_SIZE];
    sqz_text_duration(horizon, summary->horizon_s);
    sqz_text_price(price, asked->price_usd);
    if (asked->probability.value == 0)
        return snprintf(text, size,
                        "On none of %" PRIu64 " path%s does the price touch the %s %s within %s: "
                        "the probability is at most %s",
                        summary->paths, summary->paths == 1 ? "" : "s", NAME[watch], price, horizon,
                        sqz_interval_limit(limit, asked->probability.hi, SQZ_QUANTITY_SHARE));
    if (asked->probability.value == 1)
        return snprintf(text, size,
                        "On all of %" PRIu64 " path%s the price touches the %s %s within %s: the "
                        "probability is at least %s",
                        summary->paths, summary->paths == 1 ? "" : "s", NAME[watch], price, horizon,
                        sqz_text_share(limit, asked->probability.lo));
    return snprintf(text, size, "Within %s the price touches the %s %s with a probability of %s",
                    horizon, NAME[watch], price,
                    sqz_sentence_estimate(p, &asked->probability, SQZ_QUANTITY_SHARE));
}

/* What would be without them, and what they do. */
static int say_uplift(char *text, size_t size, const struct sqz_summary *summary, int watch)
{
    const struct sqz_watch_summary *asked = &summary->watch[watch];
    struct sqz_interval_text without;
    char change[SQZ_SENTENCE_SIZE];
    sqz_interval_text(&without, &asked->without_impact, SQZ_QUANTITY_SHARE, 1);
    if (!summary->attributed)
        return snprintf(text, size,
                        ". What the liquidations add to it was not computed (--no-attribution).");
    if (!summary->world->market.impact)
        return snprintf(text, size, ". Impact is off: the liquidations add nothing to it.");
    if (sqz_interval_is_sure(&asked->uplift))
        return snprintf(text, size, "; without the liquidations it would be %s: they %s.",
                        sqz_layout_glue(without.value),
                        sqz_sentence_change(change, &asked->uplift, SQZ_QUANTITY_CHANGE));
    return snprintf(text, size,
                    "; without the liquidations it would be %s: no difference seen, what they add "
                    "is %s.",
                    sqz_layout_glue(without.value),
                    sqz_sentence_estimate(change, &asked->uplift, SQZ_QUANTITY_CHANGE));
}

static void print_watch(FILE *out, const struct sqz_summary *summary, int watch)
{
    char text[PARAGRAPH_SIZE];
    if (isnan(summary->watch[watch].price_usd))
        return;
    int used = say_probability(text, sizeof text, summary, watch);
    say_uplift(text + used, sizeof text - (size_t)used, summary, watch);
    sqz_layout_paragraph(out, 0, 2, 0, text);
}

/* ---- nothing watched ----------------------------------------------------------------------- */

static int say_forced(char *text, size_t size, const struct sqz_summary *summary)
{
    char horizon[SQZ_TEXT_SIZE], limit[SQZ_TEXT_SIZE], mean[SQZ_SENTENCE_SIZE];
    sqz_text_duration(horizon, summary->horizon_s);
    if (summary->forced_usd.value == 0)
        return snprintf(text, size,
                        "On none of %" PRIu64 " path%s is anything liquidated within %s: the mean "
                        "is at most %s",
                        summary->paths, summary->paths == 1 ? "" : "s", horizon,
                        sqz_interval_limit(limit, summary->forced_usd.hi, SQZ_QUANTITY_MONEY));
    return snprintf(text, size, "Within %s a mean of %s is liquidated", horizon,
                    sqz_sentence_estimate(mean, &summary->forced_usd, SQZ_QUANTITY_MONEY));
}

static int say_induced(char *text, size_t size, const struct sqz_summary *summary)
{
    struct sqz_interval_text direct;
    char change[SQZ_SENTENCE_SIZE];
    sqz_interval_text(&direct, &summary->direct_usd, SQZ_QUANTITY_MONEY, 1);
    if (!summary->attributed)
        return snprintf(text, size,
                        ". What their impact adds was not computed (--no-attribution).");
    if (!summary->world->market.impact)
        return snprintf(text, size, ". Impact is off: the liquidations add nothing to it.");
    if (sqz_interval_is_sure(&summary->induced_usd))
        return snprintf(text, size, "; without impact it would be %s: the liquidations %s.",
                        sqz_layout_glue(direct.value),
                        sqz_sentence_change(change, &summary->induced_usd, SQZ_QUANTITY_MONEY));
    return snprintf(text, size,
                    "; without impact it would be %s: no difference seen, what the liquidations "
                    "add is %s.",
                    sqz_layout_glue(direct.value),
                    sqz_sentence_estimate(change, &summary->induced_usd, SQZ_QUANTITY_MONEY));
}

static void print_forced(FILE *out, const struct sqz_summary *summary)
{
    char text[PARAGRAPH_SIZE];
    int used = say_forced(text, sizeof text, summary);
    say_induced(text + used, sizeof text - (size_t)used, summary);
    sqz_layout_paragraph(out, 0, 2, 0, text);
}

/* Of paths that were not followed to their end a probability would be no more than a bound. */
static void print_cut_off(FILE *out, const struct sqz_summary *summary)
{
    uint64_t cut_off = summary->stopped[SQZ_STOP_MAX_EVENTS];
    bool watched = false;
    for (int w = 0; w < SQZ_WATCHES; w++)
        watched |= !isnan(summary->watch[w].price_usd);
    sqz_layout_print(out, 2, 0,
                     "%" PRIu64 " of %" PRIu64 " path%s %s cut off by --max-events: what %s is not "
                     "known.",
                     cut_off, summary->paths, summary->paths == 1 ? "" : "s",
                     cut_off == 1 ? "was" : "were",
                     !watched       ? "would have been liquidated there"
                     : cut_off == 1 ? "it would have touched"
                                    : "they would have touched");
}

void sqz_sentence_summary(FILE *out, const struct sqz_summary *summary)
{
    bool watched = false;
    if (summary->stopped[SQZ_STOP_MAX_EVENTS] > 0) {
        print_cut_off(out, summary);
        return;
    }
    for (int w = 0; w < SQZ_WATCHES; w++) {
        watched |= !isnan(summary->watch[w].price_usd);
        print_watch(out, summary, w);
    }
    if (!watched)
        print_forced(out, summary);
}
