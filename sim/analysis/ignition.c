#include "sim/analysis/ignition.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "sim/analysis/impact_response.h"
#include "sim/analysis/static_world.h"
#include "sim/analysis/threshold.h"

/* Orders and jumps are found to this, relative. */
static const double TOLERANCE = 1e-12;
static const double PUSH_MAX_USD = DBL_MAX / 8; /* doubled once, still finite */

struct question {
    const struct sqz_static_world *rest;
    const struct sqz_impact_response *stairs;
    struct sqz_ignition *answer;
};

/* ---- what the simulator's cascade says ---------------------------------------------------------
 */

/* The world after a market order and an exogenous jump, both outward, and all they set off. */
static void ignite(const struct question *question, double push_usd, double shock_log,
                   struct sqz_world_state *state)
{
    enum sqz_side side = question->answer->side;
    sqz_static_world_begin(question->rest, state, side, 0);
    state->exogenous_log = sqz_direction(side) * shock_log;
    sqz_world_order(&question->rest->world, state, sqz_direction(side) * push_usd);
    sqz_static_world_settle(question->rest, state);
}

static bool there(const struct question *question, const struct sqz_world_state *state)
{
    const struct sqz_ignition *answer = question->answer;
    return answer->goal_log - sqz_static_world_outward(state, answer->side) <= SQZ_TOUCH_LOG;
}

static bool push_arrives(void *context, double push_usd)
{
    struct sqz_world_state state;
    ignite(context, push_usd, 0.0, &state);
    return there(context, &state);
}

static bool shock_arrives(void *context, double shock_log)
{
    struct sqz_world_state state;
    ignite(context, 0.0, shock_log, &state);
    return there(context, &state);
}

static void find_push(struct question *question)
{
    struct sqz_ignition *answer = question->answer;
    const struct sqz_static_world *rest = question->rest;
    struct sqz_world_state state;
    double goal = sqz_direction(answer->side) * answer->goal_log;
    sqz_static_world_begin(rest, &state, answer->side, 0);
    answer->alone_usd = fabs(sqz_book_order_reaching(rest->world.book, &state.book, goal, 1.0));
    double guess = sqz_impact_response_push(question->stairs, answer->goal_log);
    double most = fmin(answer->alone_usd, PUSH_MAX_USD);
    struct sqz_threshold threshold = {
        push_arrives, question,     fmin(fmax(guess, TOLERANCE * most), PUSH_MAX_USD),
        TOLERANCE,    PUSH_MAX_USD, 0};
    double push_usd = answer->push.push_usd = sqz_threshold_find(&threshold);
    if (push_usd == INFINITY)
        return;
    answer->fill_log =
        sqz_direction(answer->side) *
        sqz_book_fill(rest->world.book, &state.book, sqz_direction(answer->side) * push_usd, 1.0);
    ignite(question, push_usd, 0.0, &state);
    answer->push.final_log = sqz_static_world_outward(&state, answer->side);
    answer->push.forced_usd = state.outcome.forced_usd[answer->side];
    answer->push.alone_log = sqz_impact_response_price(question->stairs, push_usd, 0);
    answer->exhausted = state.book.exhausted;
    answer->beyond_known = state.book.beyond_known;
}

static void find_shock(struct question *question)
{
    struct sqz_ignition *answer = question->answer;
    struct sqz_world_state state;
    double guess = sqz_impact_response_shock(question->stairs, answer->goal_log);
    struct sqz_threshold threshold = {
        shock_arrives,        question, fmax(guess, TOLERANCE * answer->goal_log), TOLERANCE,
        2 * answer->goal_log, 0};
    answer->shock_log = sqz_threshold_find(&threshold);
    ignite(question, 0.0, answer->shock_log, &state);
    answer->shock_final_log = sqz_static_world_outward(&state, answer->side);
    answer->shock_beyond_known = state.book.beyond_known;
    answer->shock_forced_usd = state.outcome.forced_usd[answer->side];
}

/* ---- the curve ----------------------------------------------------------------------------------
 */

static struct sqz_ignition_point point_at(const struct question *question, double push_usd)
{
    const struct sqz_impact_response *stairs = question->stairs;
    size_t fired = sqz_impact_response_fired(stairs, push_usd);
    return (struct sqz_ignition_point){
        .push_usd = push_usd,
        .final_log = sqz_impact_response_price(stairs, push_usd, fired),
        .forced_usd = question->rest->closed_usd[question->answer->side][fired],
        .alone_log = sqz_impact_response_price(stairs, push_usd, 0),
    };
}

/* Whether the final price jumps at step `i` by as much as is listed; then its two sides. */
static bool jump_at(const struct question *question, size_t i, struct sqz_ignition_jump *jump)
{
    const struct sqz_impact_response *stairs = question->stairs;
    const struct sqz_stair *step = &stairs->step[i];
    double from_log = sqz_impact_response_price(stairs, step->push_usd, step->first);
    double to_log = sqz_impact_response_price(stairs, step->push_usd, step[1].first);
    if (to_log - from_log < SQZ_IGNITION_JUMP_SHARE * question->answer->goal_log)
        return false;
    jump->before = point_at(question, step->push_usd * (1 - TOLERANCE));
    jump->after = point_at(question, step->push_usd * (1 + TOLERANCE));
    return true;
}

static int list_jumps(struct question *question, double most_usd)
{
    struct sqz_ignition *answer = question->answer;
    const struct sqz_impact_response *stairs = question->stairs;
    struct sqz_ignition_jump jump;
    size_t count = 0;
    for (size_t i = 0; i < stairs->steps && stairs->step[i].push_usd < most_usd; i++)
        count += jump_at(question, i, &jump);
    answer->jump = malloc((count + 1) * sizeof *answer->jump);
    if (answer->jump == NULL)
        return SQZ_ERR_NOMEM;
    for (size_t i = 0; answer->n_jumps < count; i++)
        answer->n_jumps += jump_at(question, i, &answer->jump[answer->n_jumps]);
    return SQZ_OK;
}

static int compare_pushes(const void *first, const void *second)
{
    const struct sqz_ignition_point *a = first, *b = second;
    return (a->push_usd > b->push_usd) - (a->push_usd < b->push_usd);
}

/* The curve begins this far below its end, and below the order that counts, but no further than the
 * last: a part of the axis too short to read. */
static const double CURVE_SPAN = 1e-3, BELOW_PUSH = 0.1, SPAN_MOST = 1e-9;

static int draw_curve(struct question *question)
{
    struct sqz_ignition *answer = question->answer;
    double most_usd = 2 * answer->alone_usd, least_usd = CURVE_SPAN * most_usd;
    if (most_usd > PUSH_MAX_USD) /* beyond all meaning */
        return SQZ_OK;
    if (answer->push.push_usd > 0)
        least_usd = fmax(fmin(least_usd, BELOW_PUSH * answer->push.push_usd), SPAN_MOST * most_usd);
    if (list_jumps(question, most_usd) != SQZ_OK)
        return SQZ_ERR_NOMEM;
    answer->point = malloc((SQZ_IGNITION_GRID + 1 + 2 * answer->n_jumps) * sizeof *answer->point);
    if (answer->point == NULL)
        return SQZ_ERR_NOMEM;
    for (int i = 0; i <= SQZ_IGNITION_GRID; i++) {
        double way = (double)i / SQZ_IGNITION_GRID;
        double push_usd = least_usd * pow(most_usd / least_usd, way);
        answer->point[answer->n_points++] = point_at(question, push_usd);
    }
    for (size_t i = 0; i < answer->n_jumps; i++) {
        if (answer->jump[i].before.push_usd < least_usd)
            continue;
        answer->point[answer->n_points++] = answer->jump[i].before;
        answer->point[answer->n_points++] = answer->jump[i].after;
    }
    qsort(answer->point, answer->n_points, sizeof *answer->point, compare_pushes);
    return SQZ_OK;
}

/* ---- the answer ---------------------------------------------------------------------------------
 */

int sqz_ignition_make(struct sqz_ignition *ignition, const struct sqz_world *world,
                      enum sqz_watch watch, struct sqz_diag *diag)
{
    struct sqz_static_world rest;
    struct sqz_impact_response stairs = {0};
    struct question question = {&rest, &stairs, ignition};
    *ignition = (struct sqz_ignition){.watch = watch,
                                      .side = sqz_side_of(world->watch_log[watch]),
                                      .goal_log = fabs(world->watch_log[watch]),
                                      .over_s = NAN,
                                      .over_usd = NAN};
    int error = sqz_static_world_init(&rest, world, diag);
    if (error == SQZ_OK)
        error = sqz_impact_response_init(&stairs, &rest, ignition->side, diag);
    if (error == SQZ_OK) {
        find_push(&question);
        find_shock(&question);
        if (draw_curve(&question) != SQZ_OK)
            error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for the curve of orders");
    }
    if (error != SQZ_OK)
        sqz_ignition_free(ignition);
    sqz_impact_response_free(&stairs);
    sqz_static_world_free(&rest);
    return error;
}
