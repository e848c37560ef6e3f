/* The cost of holding the crowded side: every interval one side pays the other a share of the
 * notional, the longs at a positive rate, the shorts at a negative one.
 *
 * Paid out of isolated margin, it moves liquidation prices. A linear position of q coins, entry
 * value V, margin M and maintenance rate m is closed where margin and profit come to m q P:
 *
 *     short: M + V - q P = m q P,  P = (V + M) / (q (1 + m))
 *     long:  M + q P - V = m q P,  P = (V - M) / (q (1 - m))
 *
 * A long that pays f q P out of M sees its P grow by f P / (1 - m), a short that receives as much
 * by f P / (1 + m). A level says its price and notional and not its entry, so the payment is taken
 * on the level's own notional and m (below 1 %) is neglected: to first order every level of both
 * sides moves by the factor 1 + rate. A positive rate brings the longs' levels nearer to a price
 * above them and takes the shorts' levels away; a negative one the other way round.
 *
 * Positions say what they hold: each account pays or gets the rate times its value at the mark, and
 * its trigger is recomputed.
 *
 * At each payment a share 1 - exp(-exit abs(rate)) of the payers leaves. That is assumed; such an
 * exit is voluntary and taken to trade inside the exogenous price. */
#include "models/drivers/drivers.h"

#include <math.h>

struct params {
    double rate, interval_s, exit;
    int margin; /* index into ON_OFF */
};

struct state {
    double payments;
};

static const char *const ON_OFF[] = {"on", "off", NULL};
enum { MARGIN_ON };

static const struct sqz_param PARAMS[] = {
    /* Odd: 100 times the usual 0.01 %. */
    SQZ_NUMBER(struct params, "funding.rate", SQZ_DIM_NUMBER, "1", NULL, -0.5, 0.5, rate,
               "share of notional paid per interval: longs pay shorts, below 0 shorts pay longs",
               .required = true, .odd_from = 0.01),
    SQZ_NUMBER(struct params, "funding.interval", SQZ_DIM_TIME, "h", "8", 0, 1e12, interval_s,
               "time between payments, and to the first one", .above_lo = true),
    SQZ_NUMBER(
        struct params, "funding.exit", SQZ_DIM_NUMBER, "1", "0", 0, 1e6, exit,
        "payers who leave: their waiting notional is multiplied by exp(-exit * abs(rate)) at "
        "each payment"),
    SQZ_CHOICE(
        struct params, "funding.margin", "on", ON_OFF, margin,
        "whether payments come out of margin: every level's price moves by the factor 1 + rate "
        "at each payment"),
};

static const struct sqz_measure MEASURES[] = {
    {.name = "paid_share", .unit = "1", .doc = "paid so far by the paying side, per notional"},
};

static bool active(const void *params)
{
    return ((const struct params *)params)->rate != 0;
}

static int prepare(const void *params, const struct sqz_market *market, void *shared,
                   struct sqz_diag *diag)
{
    (void)market;
    (void)diag;
    *(struct params *)shared = *(const struct params *)params;
    return SQZ_OK;
}

static void start(const void *shared, void *state, struct sqz_stream *stream,
                  struct sqz_driver_effect *effect)
{
    (void)stream;
    ((struct state *)state)->payments = 0;
    effect->next_s = ((const struct params *)shared)->interval_s;
}

static void fire(const void *shared, void *state, struct sqz_stream *stream,
                 const struct sqz_view *now, struct sqz_driver_effect *effect)
{
    (void)stream;
    (void)now;
    const struct params *funding = shared;
    struct state *so_far = state;
    enum sqz_side payer = funding->rate > 0 ? SQZ_DOWN : SQZ_UP;
    so_far->payments++;
    if (funding->margin == MARGIN_ON)
        effect->funding = funding->rate;
    effect->level_keep[payer] = exp(-funding->exit * fabs(funding->rate));
    effect->next_s = (so_far->payments + 1) * funding->interval_s;
}

static void measure(const void *shared, const void *state, const struct sqz_view *now,
                    double *value)
{
    (void)now;
    const struct params *funding = shared;
    value[0] = ((const struct state *)state)->payments * fabs(funding->rate);
}

const struct sqz_driver_model sqz_driver_funding = {
    .name = "funding",
    .doc = "cost of holding the crowded side: payments that move levels and thin them out",
    .citation = "isolated margin of linear contracts; the exits are assumed",
    .params = PARAMS,
    .n_params = sizeof PARAMS / sizeof PARAMS[0],
    .params_size = sizeof(struct params),
    .shared_size = sizeof(struct params),
    .state_size = sizeof(struct state),
    .measures = MEASURES,
    .n_measures = sizeof MEASURES / sizeof MEASURES[0],
    .active = active,
    .prepare = prepare,
    .start = start,
    .fire = fire,
    .measure = measure,
};
