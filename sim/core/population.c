/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/population.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_erf.h>

#include "sim/core/exact_sum.h"

/* ---- parameters ---------------------------------------------------------------------------- */

static const struct sqz_column VOLUME_COLUMNS[] = {
    {.name = "price_usd", .aliases = "price"}, {.name = "volume_usd"}, {.name = NULL}};
enum { PRICE, VOLUME, WIDTH };

static const char *const MARGIN_MODES[] = {"isolated", NULL};

/* The ranges of exponent, sigma and tail keep phi(z) / Phi(z) below 16, where Phi(z) is a normal
 * double, and a sigma, the smooth join, below 16, where phi(z) is one. */
const struct sqz_param sqz_population_param_table[] = {
    SQZ_NUMBER(struct sqz_population_params, "population.accounts", SQZ_DIM_NUMBER, "1", NULL, 1,
               1e8, accounts, "open positions to draw, one for each account; unset: no population"),
    SQZ_NUMBER(struct sqz_population_params, "population.notional", SQZ_DIM_USD, "usd", NULL, 0,
               1e15, notional_usd, "total of all positions at the start price", .above_lo = true),
    SQZ_NUMBER(
        struct sqz_population_params, "population.sigma", SQZ_DIM_NUMBER, "1", "2.3", 0.1, 5, sigma,
        "sd of the log of a size, in the log-normal body of the sizes; published: 2.1 to 2.5"),
    SQZ_NUMBER(struct sqz_population_params, "population.tail_exponent", SQZ_DIM_NUMBER, "1", "0.8",
               0.1, 3, tail_exponent,
               "exponent of the Pareto tail of the sizes; published: 0.75 to 0.9"),
    SQZ_NUMBER(
        struct sqz_population_params, "population.tail_share", SQZ_DIM_NUMBER, "1", NULL, 0, 0.5,
        tail_share,
        "share of the accounts in the tail; unset: that with which body and tail join without a "
        "corner, 0.04 with the other defaults"),
    SQZ_NUMBER(struct sqz_population_params, "population.tail_max", SQZ_DIM_NUMBER, "1", "10000",
               10, INFINITY, tail_max, "end of the tail, in multiples of its start"),
    SQZ_LIST(struct sqz_population_params, "population.leverage", SQZ_DIM_NUMBER, "1",
             "10;25;50;100", 1, 1000, leverage,
             "leverages, up to 8; lowered where a margin tier allows less"),
    SQZ_LIST(
        struct sqz_population_params, "population.leverage_weights", SQZ_DIM_NUMBER, "1", NULL, 0,
        1, leverage_weight,
        "shares of the accounts at each leverage, summing to 1; unset: 0.04;0.23;0.32;0.41 with "
        "10;25;50;100, else equal"),
    SQZ_NUMBER(struct sqz_population_params, "population.short_share", SQZ_DIM_NUMBER, "1", "0.5",
               0, 1, short_share,
               "share of the notional that is short; also the chance of each account to be"),
    SQZ_NUMBER(
        struct sqz_population_params, "population.buffer", SQZ_DIM_NUMBER, "1", "0.5", 0, 100,
        buffer,
        "mean margin beyond the initial margin, as a share of it; exponential: most have little "
        "more, a few much",
        .odd_from = 10),
    SQZ_TABLE(struct sqz_population_params, "population.volume", "off", VOLUME_COLUMNS, volume,
              "CSV price_usd,volume_usd: positions were entered where volume was traded; or off"),
    SQZ_NUMBER(struct sqz_population_params, "population.entry_sd", SQZ_DIM_NUMBER, "1", "0.05", 0,
               2, entry_sd_log,
               "without population.volume: sd of the log of an entry around the start price",
               .odd_from = 0.5, .aliases = "population.spread"),
    SQZ_NUMBER(struct sqz_population_params, "population.seed", SQZ_DIM_NUMBER, "1", "1", 0, 0x1p53,
               seed, "seed of the population, a whole number"),
    SQZ_CHOICE(struct sqz_population_params, "population.margin_mode", "isolated", MARGIN_MODES,
               margin_mode, "what secures a position: its own margin alone"),
};
const size_t sqz_population_param_count =
    sizeof sqz_population_param_table / sizeof sqz_population_param_table[0];

/* ---- sizes --------------------------------------------------------------------------------- */

/* phi(z) / Phi(z), falling. */
static double hazard_below(double z)
{
    return gsl_sf_hazard(-z);
}

/* Where it is `hazard`; beyond the upper end phi is no longer a normal double, and no account would
 * be in the tail. */
static double join_of(double hazard)
{
    for (double lo = -37.0, hi = 37.0;;) {
        double middle = 0.5 * (lo + hi);
        if (middle <= lo || middle >= hi)
            return middle;
        if (hazard_below(middle) > hazard)
            lo = middle;
        else
            hi = middle;
    }
}

void sqz_population_size_law(const struct sqz_population_params *params, struct sqz_size_law *law)
{
    *law = (struct sqz_size_law){
        .sigma = params->sigma,
        .tail_exponent = params->tail_exponent,
        .tail_share = params->tail_share,
        .join = INFINITY,
        .below_join = 1.0,
        .cut_off = pow(params->tail_max, -params->tail_exponent),
    };
    double steepness = law->tail_exponent * law->sigma;
    if (isnan(law->tail_share)) {
        law->join = steepness;
        double odds = hazard_below(steepness) / steepness * (1.0 - law->cut_off);
        law->tail_share = odds / (1.0 + odds);
    } else if (law->tail_share > 0.0) {
        double odds = law->tail_share / (1.0 - law->tail_share);
        law->join = join_of(odds * steepness / (1.0 - law->cut_off));
    }
    if (law->tail_share > 0.0)
        law->below_join = gsl_cdf_ugaussian_P(law->join);
}

double sqz_population_size(const struct sqz_size_law *law, double share)
{
    double above = (1.0 - share) / law->tail_share; /* share of the tail that is larger */
    if (law->tail_share > 0.0 && above < 1.0) {
        double kept = above + (1.0 - above) * law->cut_off; /* of the tail that is not cut off */
        return exp(law->sigma * law->join) * pow(kept, -1.0 / law->tail_exponent);
    }
    double body = fmin(share / (1.0 - law->tail_share), 1.0);
    double z = gsl_cdf_ugaussian_Pinv(body * law->below_join);
    return exp(law->sigma * fmin(z, law->join)); /* Phi rounds to 1 where z is large */
}

/* ---- where positions were entered ---------------------------------------------------------- */

/* What positions are drawn from. */
struct source {
    const struct sqz_population_params *params;
    const struct sqz_position *terms;
    double price_usd;
    struct sqz_size_law law;
    double weight_up_to[SQZ_LIST_MAX]; /* of the leverages */
    gsl_ran_discrete_t *row;           /* of the volume; NULL: entries are log-normal */
    double *edge_log;                  /* rows + 1 */
};

static const double *cells(const struct sqz_table *table, size_t row)
{
    return table->value + row * WIDTH;
}

static int check_row(const struct sqz_table *table, size_t row, struct sqz_diag *diag)
{
    static const double LO[WIDTH] = {[PRICE] = 1e-15, [VOLUME] = 0}, HI = 1e15;
    const double *value = cells(table, row);
    for (size_t c = 0; c < WIDTH; c++)
        if (!(value[c] >= LO[c] && value[c] <= HI))
            return sqz_fail_at(diag, SQZ_ERR_DATA, table->file, table->line[row],
                               VOLUME_COLUMNS[c].name, "%.12g is out of range; expected %g to %g",
                               value[c], LO[c], HI);
    if (row > 0 && value[PRICE] <= cells(table, row - 1)[PRICE])
        return sqz_fail_at(
            diag, SQZ_ERR_DATA, table->file, table->line[row], VOLUME_COLUMNS[PRICE].name,
            "%.12g does not increase; expected prices above the row before", value[PRICE]);
    return SQZ_OK;
}

/* A row's volume was traded evenly in log price between the middles to its neighbours; the first
 * and the last reach as far outwards. So no two positions have the same trigger because a
 * histogram has rows. A single row is a single price. */
static void set_edges(const struct sqz_table *table, double *edge_log)
{
    size_t rows = table->rows;
    for (size_t row = 0; row < rows; row++) {
        double here = log(cells(table, row)[PRICE]);
        double before = row > 0 ? log(cells(table, row - 1)[PRICE]) : here;
        double after = row + 1 < rows ? log(cells(table, row + 1)[PRICE]) : here;
        edge_log[row] = row > 0 ? 0.5 * (before + here) : here - 0.5 * (after - here);
        edge_log[row + 1] = here + 0.5 * (row + 1 < rows ? after - here : here - before);
    }
}

static int read_volume(struct source *source, struct sqz_diag *diag)
{
    const struct sqz_table *table = &source->params->volume;
    double sum = 0.0, *volume = malloc(table->rows * sizeof *volume);
    source->edge_log = malloc((table->rows + 1) * sizeof *source->edge_log);
    int error = SQZ_OK;
    if (volume == NULL || source->edge_log == NULL)
        error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu prices", table->rows);
    for (size_t row = 0; error == SQZ_OK && row < table->rows; row++) {
        error = check_row(table, row, diag);
        volume[row] = cells(table, row)[VOLUME];
        sum += volume[row];
    }
    if (error == SQZ_OK && sum == 0.0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, table->file, 0, VOLUME_COLUMNS[VOLUME].name,
                            "is 0 in every row; expected volume in some");
    if (error == SQZ_OK) {
        set_edges(table, source->edge_log);
        source->row = gsl_ran_discrete_preproc(table->rows, volume);
        if (source->row == NULL)
            error = sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu prices", table->rows);
    }
    free(volume);
    return error;
}

static double draw_entry_usd(const struct source *source, const gsl_rng *rng)
{
    if (source->row == NULL)
        return source->price_usd *
               exp(source->params->entry_sd_log * gsl_ran_gaussian_ziggurat(rng, 1.0));
    size_t row = gsl_ran_discrete(rng, source->row);
    return exp(gsl_ran_flat(rng, source->edge_log[row], source->edge_log[row + 1]));
}

/* ---- what a population is drawn from ------------------------------------------------------- */

static int check_whole(const char *key, double value, struct sqz_diag *diag)
{
    if (value == floor(value))
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, key,
                       "%.12g is not whole; expected a whole number", value);
}

static int set_weights(struct source *source, struct sqz_diag *diag)
{
    static const double LEVERAGE[] = {10, 25, 50, 100}, WEIGHT[] = {0.04, 0.23, 0.32, 0.41};
    static const double ROUNDING = 1e-9; /* of a sum of decimal fractions */
    const struct sqz_list *leverage = &source->params->leverage;
    const struct sqz_list *weight = &source->params->leverage_weight;
    bool by_default = leverage->count == sizeof LEVERAGE / sizeof LEVERAGE[0] &&
                      memcmp(leverage->value, LEVERAGE, sizeof LEVERAGE) == 0;
    if (weight->count > 0 && weight->count != leverage->count)
        return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "population.leverage_weights",
                           "%zu weights for %zu leverages in population.leverage; expected as many",
                           weight->count, leverage->count);
    double sum = 0.0;
    for (size_t i = 0; i < leverage->count; i++) {
        double equal = by_default ? WEIGHT[i] : 1.0 / (double)leverage->count;
        sum += weight->count > 0 ? weight->value[i] : equal;
        source->weight_up_to[i] = sum;
    }
    if (fabs(sum - 1.0) > ROUNDING)
        return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "population.leverage_weights",
                           "weights sum to %.12g, expected 1", sum);
    for (size_t i = 0; i < leverage->count; i++)
        source->weight_up_to[i] /= sum;
    return SQZ_OK;
}

static int prepare(struct source *source, struct sqz_diag *diag)
{
    const struct sqz_population_params *params = source->params;
    if (isnan(params->accounts))
        return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "population.accounts",
                           "is missing; expected the number of open positions");
    if (isnan(params->notional_usd))
        return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "population.notional",
                           "is missing; expected the total of all positions in usd");
    if (source->terms->contract != SQZ_LINEAR)
        return sqz_fail_at(diag, SQZ_ERR_UNSUPPORTED, NULL, 0, "population.accounts",
                           "would be of inverse contracts; expected linear ones");
    int error = check_whole("population.accounts", params->accounts, diag);
    if (error == SQZ_OK)
        error = check_whole("population.seed", params->seed, diag);
    if (error == SQZ_OK)
        error = set_weights(source, diag);
    if (error == SQZ_OK && params->volume.rows > 0)
        error = read_volume(source, diag);
    sqz_population_size_law(params, &source->law);
    return error;
}

static void release(struct source *source)
{
    if (source->row != NULL)
        gsl_ran_discrete_free(source->row);
    free(source->edge_log);
}

/* ---- accounts ------------------------------------------------------------------------------ */

/* The numbers that decide on an account. All are drawn whatever the parameters say, so two
 * populations that differ in a parameter have the same accounts otherwise. */
struct account {
    double side, size, leverage, buffer; /* uniform */
    struct sqz_stream entries;
};

static void open_account(const struct source *source, uint32_t row, struct account *account)
{
    struct sqz_stream *stream = &account->entries;
    sqz_stream_open(stream, (uint64_t)source->params->seed, row, SQZ_STREAM_POPULATION);
    account->side = sqz_stream_uniform(stream);
    account->size = sqz_stream_uniform(stream);
    account->leverage = sqz_stream_uniform(stream);
    account->buffer = sqz_stream_uniform(stream);
}

/* Sides, and quantities that are worth at the start price what each side should be. */
static int draw_sizes(const struct source *source, struct sqz_holding *holding, size_t count,
                      struct sqz_diag *diag)
{
    static const char *const NAME[] = {[SQZ_SHORT] = "short", [SQZ_LONG] = "long"};
    const struct sqz_population_params *params = source->params;
    const double share[2] = {
        [SQZ_SHORT] = params->short_share, [SQZ_LONG] = 1 - params->short_share};
    struct sqz_exact_sum sum[2] = {0};
    double scale[2] = {0};
    for (size_t i = 0; i < count; i++) {
        struct account account;
        open_account(source, (uint32_t)i + 1, &account);
        struct sqz_position *position = &holding[i].position;
        position->side = account.side < params->short_share ? SQZ_SHORT : SQZ_LONG;
        position->quantity = sqz_population_size(&source->law, account.size);
        sqz_exact_sum_add(&sum[position->side], position->quantity);
    }
    for (int side = 0; side < 2; side++) {
        double total = sqz_exact_sum_value(&sum[side]);
        if (total == 0.0 && share[side] > 0.0)
            return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, "population.accounts",
                               "none of %zu is %s, which is to be %.12g of the notional; expected "
                               "more accounts, or a population.short_share of 0 or 1",
                               count, NAME[side], share[side]);
        if (share[side] > 0.0)
            scale[side] = share[side] * params->notional_usd / total / source->price_usd;
    }
    for (size_t i = 0; i < count; i++)
        holding[i].position.quantity *= scale[holding[i].position.side];
    return SQZ_OK;
}

static double leverage_of(const struct source *source, const struct account *account)
{
    size_t i = 0, last = source->params->leverage.count - 1;
    while (i < last && account->leverage >= source->weight_up_to[i])
        i++;
    return source->params->leverage.value[i];
}

/* If fewer than one entry in about a hundred leaves a position open, a population of some thousands
 * has one that finds none of that many. */
enum { ENTRIES_MAX = 1000 };

/* Give a position an entry and its margin. False: no entry drawn leaves it open. */
static bool enter(const struct source *source, struct account *account, double leverage,
                  struct sqz_position *position)
{
    gsl_rng rng = sqz_stream_gsl(&account->entries);
    double margin = 1.0 - source->params->buffer * log(account->buffer); /* initial ones */
    for (int i = 0; i < ENTRIES_MAX; i++) {
        position->entry_usd = draw_entry_usd(source, &rng);
        double allowed = fmin(leverage, sqz_margin_max_leverage(position));
        position->collateral = margin * position->quantity * position->entry_usd / allowed;
        if (sqz_margin_excess(position, 1, source->price_usd) > 0.0)
            return true;
    }
    return false;
}

static int draw_entries(const struct source *source, struct sqz_holding *holding, size_t count,
                        struct sqz_diag *diag)
{
    for (size_t i = 0; i < count; i++) {
        struct account account;
        open_account(source, (uint32_t)i + 1, &account);
        double leverage = leverage_of(source, &account);
        if (!enter(source, &account, leverage, &holding[i].position))
            return sqz_fail_at(
                diag, SQZ_ERR_DATA, NULL, 0,
                source->row != NULL ? "population.volume" : "population.entry_sd",
                "none of %d entries drawn leaves the %s of row %zu, leverage %.12g, open at the "
                "start price; expected entries where it gains, a lower population.leverage or a "
                "higher population.buffer",
                ENTRIES_MAX, holding[i].position.side == SQZ_SHORT ? "short" : "long", i + 1,
                leverage);
    }
    return SQZ_OK;
}

static int draw(const struct source *source, struct sqz_holding **holding, size_t *count,
                struct sqz_diag *diag)
{
    size_t accounts = (size_t)source->params->accounts;
    struct sqz_holding *drawn = calloc(accounts, sizeof *drawn);
    if (drawn == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %zu positions", accounts);
    for (size_t i = 0; i < accounts; i++) {
        drawn[i].row = (uint32_t)i + 1;
        drawn[i].position = *source->terms;
        drawn[i].position.other_pnl = drawn[i].position.other_maintenance = 0.0;
    }
    int error = draw_sizes(source, drawn, accounts, diag);
    if (error == SQZ_OK)
        error = draw_entries(source, drawn, accounts, diag);
    if (error != SQZ_OK) {
        free(drawn);
        return error;
    }
    *holding = drawn;
    *count = accounts;
    return SQZ_OK;
}

int sqz_population_draw(const struct sqz_population_params *params, double price_usd,
                        const struct sqz_position *terms, struct sqz_holding **holding,
                        size_t *count, struct sqz_diag *diag)
{
    struct source source = {.params = params, .terms = terms, .price_usd = price_usd};
    *holding = NULL;
    *count = 0;
    int error = prepare(&source, diag);
    if (error == SQZ_OK)
        error = draw(&source, holding, count, diag);
    release(&source);
    return error;
}
