/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A synthetic population of open positions: a number of accounts that hold an amount together, for
 * scenarios of which no more is known. Keys population.*.
 *
 * Sizes follow a composite log-normal-Pareto law (Cooray and Ananda, Scand. Actuarial J. 2005,
 * 321-334; with the weight of the tail free: Scollnik, ibid. 2007, 20-33), its tail truncated
 * (Aban, Meerschaert and Panorska, JASA 101 (2006), 270-277). With z the join in standard
 * deviations of the body's log, theta = exp(sigma z) the start of the tail, phi and Phi the
 * standard normal density and law, s the share of accounts in the tail, a its exponent and m its
 * end in multiples of theta, the density is
 *     (1 - s) phi(ln(x) / sigma) / (sigma x Phi(z))            below theta,
 *     s a theta^a / (x^(a + 1) (1 - m^-a))                     from theta to m theta.
 * It has no jump where
 *     phi(z) / Phi(z) = s / (1 - s) a sigma / (1 - m^-a),
 * and no corner either where z = a sigma, which fixes s. The left side falls from infinity to 0
 * with z, so every s has its z. The unit of x, the median of the log-normal law of the body, is
 * fixed last, by the total; once for each side, so that both sides have what they should.
 *
 * Size, side, leverage and buffer are those of positions that are open, so they are drawn once.
 * Entries are where trading was, also of those who are gone: an entry with which the position would
 * be liquidated at the start price is drawn again. Its law is therefore that of the entries given
 * the rest and given that the position is open. */
#ifndef SQZ_CORE_POPULATION_H
#define SQZ_CORE_POPULATION_H

#include "sim/core/account_table.h"
#include "sim/core/model.h"

struct sqz_population_params {
    double accounts;     /* NAN: there is no population */
    double notional_usd; /* of all positions at the start price */
    double sigma, tail_exponent;
    double tail_share; /* NAN: that with which the density has no corner */
    double tail_max;
    struct sqz_list leverage, leverage_weight;
    double short_share, buffer;
    struct sqz_table volume; /* price_usd, volume_usd; no rows: entries are log-normal */
    double entry_sd_log;
    double seed;
    int margin_mode; /* isolated */
};

extern const struct sqz_param sqz_population_param_table[];
extern const size_t sqz_population_param_count;

/* The law of the sizes, in medians of the log-normal law of its body. */
struct sqz_size_law {
    double sigma, tail_exponent;
    double tail_share; /* s */
    double join;       /* z; INFINITY without a tail */
    double below_join; /* Phi(z) */
    double cut_off;    /* m^-a */
};

void sqz_population_size_law(const struct sqz_population_params *params, struct sqz_size_law *law);

/* The size below which a share of the accounts lies: 0 < share < 1. */
double sqz_population_size(const struct sqz_size_law *law, double share);

/* Draw linear isolated positions, rows from 1, on the terms of `terms`: its fee, on_entry, tiers,
 * rate and deduction. Quantities are in the base unit. Leverage above what the tier at the entry
 * allows is lowered to that. On success the caller frees *holding; on failure it is NULL. */
int sqz_population_draw(const struct sqz_population_params *params, double price_usd,
                        const struct sqz_position *terms, struct sqz_holding **holding,
                        size_t *count, struct sqz_diag *diag);

#endif
