/* Where a market order ends, for every order: the least fixed point of x = P + G(V + sum of Q_j,
 * l_j <= x) as a function of V.
 *
 * It rises with the book between levels and jumps where one level sets off others. One pass over
 * the map finds it all: outward, each level either is reached by the order so far or raises it. */
#ifndef SQZ_ANALYSIS_IMPACT_RESPONSE_H
#define SQZ_ANALYSIS_IMPACT_RESPONSE_H

#include "sim/analysis/static_world.h"

/* From `push_usd` on, the levels up to the next step's `first` are fired too. */
struct sqz_stair {
    double push_usd;
    size_t first;
};

struct sqz_impact_response {
    const struct sqz_static_world *rest; /* must outlive it */
    enum sqz_side side;
    size_t levels; /* that an order can reach */
    size_t steps;
    struct sqz_stair *step; /* orders ascending, steps + 1: the last is (INFINITY, levels) */
};

int sqz_impact_response_init(struct sqz_impact_response *stairs,
                             const struct sqz_static_world *rest, enum sqz_side side,
                             struct sqz_diag *diag);
/* Safe on a zeroed or already freed one. */
void sqz_impact_response_free(struct sqz_impact_response *stairs);

/* Outward last price right after a market order and the first `fired` levels, reached or not. */
double sqz_impact_response_price(const struct sqz_impact_response *stairs, double push_usd,
                                 size_t fired);

/* How many levels a market order sets off. */
size_t sqz_impact_response_fired(const struct sqz_impact_response *stairs, double push_usd);

/* The smallest market order whose cascade reaches the outward price `goal_log`; INFINITY if none
 * does. */
double sqz_impact_response_push(const struct sqz_impact_response *stairs, double goal_log);

/* The smallest exogenous jump whose cascade reaches it. */
double sqz_impact_response_shock(const struct sqz_impact_response *stairs, double goal_log);

#endif
