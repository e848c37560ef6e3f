/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/outputs.h"

#include <stdlib.h>
#include <string.h>

int sqz_outputs_init(struct sqz_outputs *outputs, size_t n_outputs)
{
    memset(outputs, 0, sizeof *outputs);
    outputs->fill_s = calloc(n_outputs + 1, sizeof *outputs->fill_s);
    outputs->fill_noise = calloc(n_outputs + 1, sizeof *outputs->fill_noise);
    if (outputs->fill_s != NULL && outputs->fill_noise != NULL)
        return SQZ_OK;
    sqz_outputs_free(outputs);
    return SQZ_ERR_NOMEM;
}

void sqz_outputs_free(struct sqz_outputs *outputs)
{
    free(outputs->fill_s);
    free(outputs->fill_noise);
    memset(outputs, 0, sizeof *outputs);
}

void sqz_outputs_reset(struct sqz_outputs *outputs, uint64_t seed, uint64_t number)
{
    sqz_stream_open(&outputs->recorder, seed, number, SQZ_STREAM_RECORDER);
    outputs->next = 0;
}

/* One world at an output time, `since_s` after the state that is kept. */
static void report_world(const struct sqz_outputs *outputs, const struct sqz_path *path, unsigned w,
                         double since_s, struct sqz_price price)
{
    const struct sqz_world *world = path->plan.worlds[w];
    const struct sqz_market_state *market = &path->state[w].market;
    double measure[SQZ_MEASURES_MAX], time_s = path->plan.output_s[outputs->next];
    if (world->n_measures > 0)
        sqz_path_measure(path, w, time_s, price.exogenous_log + price.displacement_log, measure);
    const struct sqz_context at = {.time_s = time_s, .index = w, .log = path->observer};
    sqz_event_report(
        &at, price,
        (struct sqz_event){.kind = SQZ_EVENT_OUTPUT,
                           .output_index = outputs->next,
                           .volatility_per_sqrt_s = market->volatility,
                           .depth_left = sqz_market_depth_left(&world->market, market, since_s),
                           .measure = measure});
}

void sqz_outputs_report_now(struct sqz_outputs *outputs, const struct sqz_path *path)
{
    const struct sqz_engine_plan *plan = &path->plan;
    if (!sqz_observer_wants(path->observer, SQZ_EVENT_OUTPUT))
        return;
    for (; outputs->next < plan->n_outputs && plan->output_s[outputs->next] <= path->now_s;
         outputs->next++)
        for (unsigned w = 0; w < plan->n_worlds; w++)
            if (path->state[w].running)
                report_world(outputs, path, w, 0.0, sqz_market_price(&path->state[w].market));
}

/* The number of output times before `end_s`. */
static size_t count_before(const struct sqz_outputs *outputs, const struct sqz_path *path,
                           double end_s)
{
    const double *due_s = path->plan.output_s + outputs->next;
    size_t count = 0, left = path->plan.n_outputs - outputs->next;
    while (count < left && due_s[count] < end_s)
        count++;
    return count;
}

/* The noise at the next `count` output times. */
static void fill_in(struct sqz_outputs *outputs, const struct sqz_path *path,
                    const struct sqz_step *step, size_t count)
{
    bool noisy = false;
    const double *due_s = path->plan.output_s + outputs->next;
    for (size_t w = 0; w < path->plan.n_worlds; w++)
        noisy |= path->state[w].running && path->state[w].market.volatility > 0;
    for (size_t i = 0; i < count; i++) {
        outputs->fill_s[i] = sqz_least(due_s[i] - path->now_s, step->duration); /* rounding */
        outputs->fill_noise[i] = 0.0;
    }
    if (noisy)
        sqz_bridge_fill(&outputs->recorder, step, outputs->fill_s, outputs->fill_noise, count);
}

void sqz_outputs_report_within(struct sqz_outputs *outputs, const struct sqz_path *path,
                               const struct sqz_step *step, double end_s)
{
    if (!sqz_observer_wants(path->observer, SQZ_EVENT_OUTPUT))
        return;
    size_t count = count_before(outputs, path, end_s);
    if (count == 0)
        return;
    fill_in(outputs, path, step, count);
    for (size_t i = 0; i < count; i++, outputs->next++)
        for (unsigned w = 0; w < path->plan.n_worlds; w++)
            if (path->state[w].running)
                report_world(outputs, path, w, outputs->fill_s[i],
                             sqz_market_ahead(&path->plan.worlds[w]->market, &path->state[w].market,
                                              outputs->fill_s[i], outputs->fill_noise[i]));
}
