/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A book in motion: what forced orders have done to the price, and how it recovers.
 *
 * State of one world's book (models/README.md): the permanent part P, the notional E_i still
 * missing on each resilience time scale, the displacement D = G(sum E_i) and the stress A. */
#ifndef SQZ_CORE_BOOK_H
#define SQZ_CORE_BOOK_H

#include <math.h>
#include <stdbool.h>

#include "sim/core/model.h"

/* Parameters every book has, whatever its shape. */
struct sqz_book_params {
    double permanent;           /* share phi of an order's impact that never recovers */
    struct sqz_list halflife_s; /* INFINITY: that part never recovers but is not permanent impact */
    struct sqz_list weight;     /* shares of the time scales; empty: see sqz_book_init */
    double withdrawal_gamma;
    double withdrawal_halflife_s;
    double known_log; /* distance from the mid up to which depth is known; no further than a shape
                         says of itself. NAN or 0: that, or else SQZ_BOOK_KNOWN_LOG */
};

/* 10 %: about as far as published depth goes, and far beyond where a power law was fitted. */
#define SQZ_BOOK_KNOWN_LOG 0.1

extern const struct sqz_param sqz_book_param_table[];
extern const size_t sqz_book_param_count;

/* Immutable, shared by all paths. Does not own `shape_shared`. */
struct sqz_book {
    const struct sqz_book_model *shape;
    const void *shape_shared;
    double depth_usd[2];         /* notional within 1 %, per enum sqz_order_side */
    double capacity_usd[2];      /* beyond it the shape is extrapolated */
    double known_log[2];         /* distance up to which depth is known */
    double permanent_per_usd[2]; /* log price per USD, linear (Huberman and Stanzl 2004) */
    double negligible_usd;       /* so little missing counts as none */
    bool recovers;               /* wholly: no half-life is infinite */
    double transient;            /* share of an order that the book recovers from */
    size_t scales;
    double rate[SQZ_LIST_MAX];   /* 1/s, 0 for an infinite half-life */
    double weight[SQZ_LIST_MAX]; /* sums to 1 */
    double withdrawal_gamma, withdrawal_rate;
};

struct sqz_book_state {
    double permanent_log;         /* P */
    double missing[SQZ_LIST_MAX]; /* E_i, signed USD */
    double displacement_log;      /* D = G(sum E_i), kept current */
    double stress;                /* A; kept at 0 where nothing depends on it */
    bool recovering;              /* some E_i with a finite half-life is not zero */
    bool mixed;                   /* E_i differ in sign: D may go up and down */
    bool exhausted;               /* the shape was read beyond its capacity */
    bool beyond_known;            /* orders moved the price beyond where depth is known */
};

/* Check the parameters and bind them to a prepared shape. The default half-lives (20 s and 15 min)
 * carry weights 0.7 and 0.3; other half-lives without weights share equally. */
int sqz_book_init(struct sqz_book *book, const struct sqz_book_params *params,
                  const struct sqz_book_model *shape, const void *shape_shared,
                  struct sqz_diag *diag);

void sqz_book_reset(struct sqz_book_state *state);

/* Execute a market order of `order_usd` (positive buys) into a book whose depth is multiplied by
 * `depth_multiplier` (regimes, calendar) and thinned by stress. */
void sqz_book_execute(const struct sqz_book *book, struct sqz_book_state *state, double order_usd,
                      double depth_multiplier);

/* After a forced order of `order_usd`, signed likewise, market makers withdraw: stress rises.
 * Orders that nobody is forced to send leave it as it is. */
static inline void sqz_book_withdraw(const struct sqz_book *book, struct sqz_book_state *state,
                                     double order_usd)
{
    if (book->withdrawal_gamma > 0)
        state->stress += fabs(order_usd) / book->depth_usd[sqz_order_side_of(order_usd)];
}

/* Mean of P + D along the volume that such an order eats, permanent and transient part growing
 * together: the log price, relative to the exogenous one, of the average fill. Read it before
 * execute. */
double sqz_book_fill(const struct sqz_book *book, const struct sqz_book_state *state,
                     double order_usd, double depth_multiplier);

/* Depth left `later_s` from now if no order comes, as a share of the undisturbed depth. */
double sqz_book_depth_left(const struct sqz_book *book, const struct sqz_book_state *state,
                           double depth_multiplier, double later_s);

/* The market order after which P + D is `displacement_log`: negative if that lies below P + D now.
 * INFINITY with its sign if no order reaches it. */
double sqz_book_order_reaching(const struct sqz_book *book, const struct sqz_book_state *state,
                               double displacement_log, double depth_multiplier);

/* How much of a market order fits in before P + D has gone beyond `displacement_log`: all of it, or
 * what reaches it, 0 if P + D is there. Signed like the order. */
double sqz_book_order_within(const struct sqz_book *book, const struct sqz_book_state *state,
                             double order_usd, double displacement_log, double depth_multiplier);

/* Whether the depth within 1 % on a side is read beyond the end of the shape, and something scales
 * with it. */
bool sqz_book_depth_extrapolated(const struct sqz_book *book, enum sqz_order_side side);

/* Let `elapsed_s` pass. */
void sqz_book_evolve(const struct sqz_book *book, struct sqz_book_state *state, double elapsed_s);

/* D after `elapsed_s` without an order; the state is not changed. */
double sqz_book_ahead(const struct sqz_book *book, const struct sqz_book_state *state,
                      double elapsed_s);

/* Integral of rate exp(-rate (h - s)) D(s) over s from 0 to h = elapsed_s, if no order comes: what
 * an exponential average of D with that rate gains. In closed form where D rests, by quadrature to
 * 1e-12 elsewhere. */
double sqz_book_average(const struct sqz_book *book, const struct sqz_book_state *state,
                        double rate, double elapsed_s);

/* Bounds of D over [0, elapsed_s]; elapsed_s INFINITY costs no exponential. Valid always, and
 * attained when all parts that recover have one sign. */
void sqz_book_bounds(const struct sqz_book *book, const struct sqz_book_state *state,
                     double elapsed_s, double *lo, double *hi);

/* The same for all time: where the parts have one sign and all recover, D moves towards 0. */
static inline void sqz_book_bounds_forever(const struct sqz_book *book,
                                           const struct sqz_book_state *state, double *lo,
                                           double *hi)
{
    double now = state->displacement_log;
    if (state->mixed || !book->recovers) {
        sqz_book_bounds(book, state, INFINITY, lo, hi);
        return;
    }
    *lo = now < 0.0 ? now : 0.0;
    *hi = now > 0.0 ? now : 0.0;
}

#endif
