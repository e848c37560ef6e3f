/* The synthetic population of open positions: its keys, the law of its sizes, what is exact about
 * it, and every error. Its statistics are in tests/science/test_population.c. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "sim/core/exact_sum.h"
#include "sim/core/population.h"
#include "sim/io/params.h"

static const double START_USD = 84178.9;

/* A population as a scenario would name it. */
struct drawn {
    struct sqz_settings settings;
    struct sqz_population_params params;
    struct sqz_holding *holding;
    size_t count;
};

static const struct sqz_position TERMS = {.fee = 0.00045, .on_entry = true, .rate = 0.0037};

static int draw(struct scratch *scratch, struct drawn *drawn, const char *rows,
                const struct sqz_position *terms, struct sqz_diag *diag)
{
    char text[1000];
    memset(drawn, 0, sizeof *drawn);
    snprintf(text, sizeof text, "key,value,unit\n%s", rows);
    const char *path = scratch_write(scratch, "population.csv", text);
    assert_int_equal(sqz_settings_read(&drawn->settings, path, diag), SQZ_OK);
    struct sqz_param_group group = {sqz_population_param_table, sqz_population_param_count,
                                    &drawn->params};
    int error = sqz_params_fill(&group, &drawn->settings, diag);
    if (error == SQZ_OK)
        error = sqz_population_draw(&drawn->params, START_USD, terms, &drawn->holding,
                                    &drawn->count, diag);
    return error;
}

static void release(struct drawn *drawn)
{
    struct sqz_param_group group = {sqz_population_param_table, sqz_population_param_count,
                                    &drawn->params};
    sqz_params_release(&group);
    sqz_settings_free(&drawn->settings);
    free(drawn->holding);
}

static void draw_well(struct scratch *scratch, struct drawn *drawn, const char *rows)
{
    struct sqz_diag diag = {0};
    if (draw(scratch, drawn, rows, &TERMS, &diag) != SQZ_OK)
        fail_msg("%s: %s", diag.field, diag.message);
}

/* ---- keys ---------------------------------------------------------------------------------- */

static void test_defaults(void **state)
{
    (void)state;
    struct sqz_settings settings = {0};
    struct sqz_population_params params = {0};
    struct sqz_param_group group = {sqz_population_param_table, sqz_population_param_count,
                                    &params};
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_params_fill(&group, &settings, &diag), SQZ_OK);
    assert_true(isnan(params.accounts) && isnan(params.notional_usd) && isnan(params.tail_share));
    assert_true(params.sigma == 2.3 && params.tail_exponent == 0.8 && params.tail_max == 10000);
    assert_true(params.short_share == 0.5 && params.buffer == 0.5 && params.entry_sd_log == 0.05);
    assert_true(params.seed == 1);
    assert_int_equal(params.leverage.count, 4);
    assert_true(params.leverage.value[0] == 10 && params.leverage.value[3] == 100);
    assert_int_equal(params.leverage_weight.count, 0);
    assert_int_equal(params.volume.rows, 0);
    sqz_settings_free(&settings);
}

/* ---- the law of the sizes ------------------------------------------------------------------ */

static double normal_law(double z)
{
    return 0.5 * erfc(-z / sqrt(2.0));
}

/* The share of accounts below a size, written down from the header's density. */
static double share_below(const struct sqz_size_law *law, double tail_max, double size)
{
    double start = exp(law->sigma * law->join), s = law->tail_share, a = law->tail_exponent;
    if (size < start)
        return (1 - s) * normal_law(log(size) / law->sigma) / normal_law(law->join);
    return 1 - s + s * (1 - pow(size / start, -a)) / (1 - pow(tail_max, -a));
}

static struct sqz_size_law law_of(double sigma, double exponent, double tail_share, double tail_max)
{
    struct sqz_population_params params = {
        .sigma = sigma, .tail_exponent = exponent, .tail_share = tail_share, .tail_max = tail_max};
    struct sqz_size_law law;
    sqz_population_size_law(&params, &law);
    return law;
}

static void test_size_inverts_the_law(void **state)
{
    (void)state;
    static const double SHARE[] = {3e-9, 0.0217, 0.31, 0.5, 0.83, 0.955, 0.963, 0.9917, 0.999993};
    static const struct {
        double sigma, exponent, tail_share, tail_max;
    } CASE[] = {{2.3, 0.8, NAN, 1e4},
                {2.13, 0.77, 0.137, 310},
                {0.41, 1.9, 0.0071, 45},
                {4.9, 2.9, 0.49, 11.5},
                {2.47, 0.88, 0.02, 1e300}};
    for (size_t c = 0; c < sizeof CASE / sizeof CASE[0]; c++) {
        struct sqz_size_law law =
            law_of(CASE[c].sigma, CASE[c].exponent, CASE[c].tail_share, CASE[c].tail_max);
        for (size_t i = 0; i < sizeof SHARE / sizeof SHARE[0]; i++) {
            double size = sqz_population_size(&law, SHARE[i]);
            check_near("share below", share_below(&law, CASE[c].tail_max, size), SHARE[i],
                       1e-12 + 1e-12 * SHARE[i]);
        }
    }
}

/* Elasticity of the size in the share, d ln(x) / du = 1 / (x f(x)), to one side of the join. */
static double elasticity(const struct sqz_size_law *law, double from, double step)
{
    double here = log(sqz_population_size(law, from));
    double near = log(sqz_population_size(law, from + step));
    double far = log(sqz_population_size(law, from + 2 * step));
    return (4 * near - far - 3 * here) / (2 * step); /* second order, one-sided */
}

/* Its derivative: where that is equal too the density has no corner. */
static double bend(const struct sqz_size_law *law, double from, double step)
{
    double x[4];
    for (int i = 0; i < 4; i++)
        x[i] = log(sqz_population_size(law, from + i * step));
    return (2 * x[0] - 5 * x[1] + 4 * x[2] - x[3]) / (step * step);
}

static void test_body_and_tail_meet(void **state)
{
    (void)state;
    static const double TAIL_SHARE[] = {NAN, 0.0113, 0.21, 0.5};
    for (size_t i = 0; i < 4; i++) {
        struct sqz_size_law law = law_of(2.27, 0.81, TAIL_SHARE[i], 870);
        double join = 1 - law.tail_share, step = 1e-4 * law.tail_share;
        double start = exp(law.sigma * law.join);
        check_near("no gap", log(sqz_population_size(&law, join) / start), 0, 1e-12);
        double body = elasticity(&law, join, -step), tail = elasticity(&law, join, step);
        check_near("no jump of the density", body / tail, 1, 1e-6);
        double corner = fabs(bend(&law, join, -step) / bend(&law, join, step) - 1);
        if (isnan(TAIL_SHARE[i]))
            check_near("no corner", corner, 0, 0.01);
        else
            assert_true(corner > 0.1);
    }
}

/* The smooth share of the tail: 1 - s = 1 / (1 + phi(z) (1 - m^-a) / (z Phi(z))) at z = a sigma,
 * worked out for z = 1.84: phi = 0.073406813, Phi = 0.967115881. */
static void test_smooth_tail_share(void **state)
{
    (void)state;
    struct sqz_size_law law = law_of(2.3, 0.8, NAN, INFINITY);
    double odds = 0.073406813 / (1.84 * 0.967115881);
    check_near("share of the tail", law.tail_share, odds / (1 + odds), 1e-9);
}

static void test_no_tail_is_log_normal(void **state)
{
    (void)state;
    struct sqz_size_law law = law_of(1.7, 0.8, 0, 1e4);
    check_near("median", sqz_population_size(&law, 0.5), 1, 1e-14);
    check_near("84 %", sqz_population_size(&law, normal_law(1.0)), exp(1.7), 1e-12);
    check_near("5 sd", sqz_population_size(&law, normal_law(5.0)), exp(1.7 * 5), 1e-5);
}

static void test_tail_ends(void **state)
{
    (void)state;
    struct sqz_size_law law = law_of(2.3, 0.8, 0.05, 250);
    double start = exp(law.sigma * law.join), largest = sqz_population_size(&law, 1 - 0x1p-53);
    check_near("largest over start", largest / start, 250, 1e-9);
    assert_true(sqz_population_size(&law, 0x1p-53) > 0);
}

/* ---- what is exact ------------------------------------------------------------------------- */

#define SMALL "population.accounts,2311,\npopulation.notional,317.5M,usd\n"

static double total_usd(const struct drawn *drawn, enum sqz_side side)
{
    struct sqz_exact_sum sum = {0};
    for (size_t i = 0; i < drawn->count; i++)
        if (drawn->holding[i].position.side == side)
            sqz_exact_sum_add(&sum, drawn->holding[i].position.quantity * START_USD);
    return sqz_exact_sum_value(&sum);
}

static void test_totals(void **state)
{
    static const struct {
        const char *text;
        double share;
    } SHORT[] = {{"", 0.5},
                 {"population.short_share,0.9333,\n", 0.9333},
                 {"population.short_share,0,\n", 0},
                 {"population.short_share,1,\n", 1}};
    for (size_t i = 0; i < 4; i++) {
        struct drawn drawn;
        char rows[200];
        snprintf(rows, sizeof rows, SMALL "%s", SHORT[i].text);
        draw_well(*state, &drawn, rows);
        assert_int_equal(drawn.count, 2311);
        double is_short = total_usd(&drawn, SQZ_UP), is_long = total_usd(&drawn, SQZ_DOWN);
        check_near("total", (is_short + is_long) / 317.5e6, 1, 1e-12);
        check_near("shorts", is_short / 317.5e6, SHORT[i].share, 1e-12);
        release(&drawn);
    }
}

static void test_one_account(void **state)
{
    struct drawn drawn;
    draw_well(*state, &drawn,
              "population.accounts,1,\npopulation.notional,5.25M,usd\n"
              "population.short_share,1,\n");
    assert_int_equal(drawn.count, 1);
    check_near("quantity", drawn.holding[0].position.quantity, 5.25e6 / START_USD, 1e-12);
    release(&drawn);
}

static void test_on_the_terms(void **state)
{
    struct drawn drawn;
    draw_well(*state, &drawn, SMALL);
    for (size_t i = 0; i < drawn.count; i++) {
        const struct sqz_holding *holding = &drawn.holding[i];
        const struct sqz_position *position = &holding->position;
        assert_int_equal(holding->row, i + 1);
        assert_false(holding->cross);
        assert_int_equal(position->contract, SQZ_LINEAR);
        assert_true(position->fee == TERMS.fee && position->on_entry && position->tiers == NULL);
        assert_true(position->rate == TERMS.rate && position->deduction == 0);
        assert_true(position->other_pnl == 0 && position->other_maintenance == 0);
        assert_true(position->quantity > 0 && position->collateral > 0 && position->entry_usd > 0);
        assert_true(sqz_margin_excess(position, 1, START_USD) > 0);
    }
    release(&drawn);
}

/* ---- what depends on what ------------------------------------------------------------------ */

static bool same_size(const struct sqz_position *a, const struct sqz_position *b)
{
    return a->side == b->side && a->quantity == b->quantity;
}

static bool same_entry(const struct sqz_position *a, const struct sqz_position *b)
{
    return a->entry_usd == b->entry_usd && a->collateral == b->collateral;
}

/* Initial margin and buffer as a share of the entry value. */
static double margin_share(const struct sqz_position *position)
{
    return position->collateral / (position->quantity * position->entry_usd);
}

/* Accounts that agree, of those that both have. */
struct agreement {
    size_t size, entry, margin;
};

static struct agreement compare(struct scratch *scratch, const char *first, const char *second)
{
    struct drawn a, b;
    struct agreement agreement = {0};
    draw_well(scratch, &a, first);
    draw_well(scratch, &b, second);
    for (size_t i = 0; i < a.count && i < b.count; i++) {
        const struct sqz_position *p = &a.holding[i].position, *q = &b.holding[i].position;
        agreement.size += same_size(p, q);
        agreement.entry += same_entry(p, q);
        agreement.margin += fabs(margin_share(p) / margin_share(q) - 1) < 1e-14;
    }
    release(&a);
    release(&b);
    return agreement;
}

static void test_seeds(void **state)
{
    struct agreement same = compare(*state, SMALL, SMALL "population.seed,1,\n");
    assert_int_equal(same.size, 2311);
    assert_int_equal(same.entry, 2311);
    struct agreement other = compare(*state, SMALL, SMALL "population.seed,2,\n");
    assert_int_equal(other.size, 0);
    assert_int_equal(other.entry, 0);
}

static void test_a_parameter_changes_what_it_names(void **state)
{
    struct agreement spread = compare(*state, SMALL, SMALL "population.entry_sd,0.07,\n");
    assert_int_equal(spread.size, 2311);
    assert_int_equal(spread.margin, 2311);
    assert_int_equal(spread.entry, 0);
    struct agreement leverage = compare(*state, SMALL,
                                        SMALL "population.leverage,10;25;50;101,\n"
                                              "population.leverage_weights,0.04;0.23;0.32;0.41,\n");
    assert_int_equal(leverage.size, 2311);
    assert_in_range(leverage.entry, 1000, 2000); /* all but the last 41 % */
    struct agreement accounts = compare(
        *state, "population.accounts,211,\npopulation.notional,1M,usd\npopulation.buffer,0,\n",
        "population.accounts,307,\npopulation.notional,1M,usd\npopulation.buffer,0,\n");
    assert_int_equal(accounts.margin, 211);
    assert_int_equal(accounts.size, 0); /* all are scaled to the total */
}

static size_t count_leverage(const struct drawn *drawn, double leverage)
{
    size_t count = 0;
    for (size_t i = 0; i < drawn->count; i++)
        count += fabs(margin_share(&drawn->holding[i].position) * leverage - 1) < 1e-12;
    return count;
}

static void test_weights(void **state)
{
    struct drawn drawn;
    draw_well(*state, &drawn,
              SMALL "population.buffer,0,\npopulation.leverage,5;20,\n"
                    "population.leverage_weights,0;1,\n");
    assert_int_equal(count_leverage(&drawn, 20), 2311);
    release(&drawn);
    /* other leverages than the standard: equal shares, 4 standard errors are 96 */
    draw_well(*state, &drawn, SMALL "population.buffer,0,\npopulation.leverage,5;20,\n");
    assert_in_range(count_leverage(&drawn, 20), 1060, 1251);
    assert_int_equal(count_leverage(&drawn, 20) + count_leverage(&drawn, 5), 2311);
    release(&drawn);
}

/* ---- tiers ------------------------------------------------------------------------------ */

static void test_leverage_is_what_the_tier_allows(void **state)
{
    static const struct sqz_tier TIER[] = {
        {0, 27000, 0.004, 0, 100, 0},
        {27000, 310000, 0.01, 162, 40, 0},
        {310000, INFINITY, 0.05, 0, 8, 0},
    };
    const struct sqz_tiers tiers = {.tier = TIER, .count = 3};
    const struct sqz_position terms = {.tiers = &tiers};
    struct drawn drawn;
    struct sqz_diag diag = {0};
    size_t seen[3] = {0};
    assert_int_equal(draw(*state, &drawn, SMALL "population.buffer,0,\n", &terms, &diag), SQZ_OK);
    for (size_t i = 0; i < drawn.count; i++) {
        const struct sqz_position *position = &drawn.holding[i].position;
        double value = position->quantity * position->entry_usd;
        double leverage = 1 / margin_share(position);
        size_t k = value > 310000 ? 2 : value > 27000 ? 1 : 0;
        double most[] = {100, 40, 8};
        assert_true(leverage <= most[k] * (1 + 1e-12));
        seen[k] += fabs(leverage / most[k] - 1) < 1e-12;
        assert_true(sqz_margin_excess(position, 1, START_USD) > 0);
    }
    assert_true(seen[0] > 100 && seen[1] > 20 && seen[2] > 20);
    release(&drawn);
}

/* ---- volume -------------------------------------------------------------------------------- */

#define ALIVE SMALL "population.leverage,1,\npopulation.short_share,0,\n"

static void draw_volume(struct scratch *scratch, struct drawn *drawn, const char *table)
{
    scratch_write(scratch, "volume.csv", table);
    draw_well(scratch, drawn, ALIVE "population.volume,volume.csv,\n");
}

/* Rows reach to the geometric middles between them, the outer ones as far outwards. */
static void test_volume_rows(void **state)
{
    struct drawn drawn;
    draw_volume(*state, &drawn,
                "price_usd,volume_usd\n80000,1\n81000,0\n84000,2.5\n90000,0\n91000,1\n");
    double edge[] = {80000 * sqrt(80.0 / 81), sqrt(80e3 * 81e3), sqrt(81e3 * 84e3),
                     sqrt(84e3 * 90e3),       sqrt(90e3 * 91e3), 91000 * sqrt(91.0 / 90)};
    double least[3] = {INFINITY, INFINITY, INFINITY}, most[3] = {0};
    for (size_t i = 0; i < drawn.count; i++) {
        double entry = drawn.holding[i].position.entry_usd;
        size_t cell = entry < edge[1] ? 0 : entry < edge[3] ? 1 : 2;
        least[cell] = fmin(least[cell], entry);
        most[cell] = fmax(most[cell], entry);
    }
    for (size_t cell = 0; cell < 3; cell++) {
        double lo = edge[2 * cell], hi = edge[2 * cell + 1];
        assert_true(least[cell] >= lo * (1 - 1e-15) && most[cell] <= hi * (1 + 1e-15));
        assert_true(least[cell] < lo + 0.03 * (hi - lo) && most[cell] > hi - 0.03 * (hi - lo));
    }
    release(&drawn);
}

static void test_one_row_is_one_price(void **state)
{
    struct drawn drawn;
    draw_volume(*state, &drawn, "price_usd,volume_usd\n83217.5,4.5\n");
    for (size_t i = 0; i < drawn.count; i++)
        check_near("entry", drawn.holding[i].position.entry_usd, 83217.5, 1e-9);
    release(&drawn);
}

/* ---- errors -------------------------------------------------------------------------------- */

static void check_error(struct scratch *scratch, const char *rows, long line, const char *field,
                        const char *message)
{
    struct drawn drawn;
    struct sqz_diag diag = {0};
    assert_int_equal(draw(scratch, &drawn, rows, &TERMS, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, line > 0 ? scratch->path : "", line, field, message);
    assert_null(drawn.holding);
    assert_int_equal(drawn.count, 0);
    release(&drawn);
}

static void test_errors_in_the_scenario(void **state)
{
    check_error(*state, "population.notional,1M,usd\n", 0, "population.accounts",
                "is missing; expected the number of open positions");
    check_error(*state, "population.accounts,17,\n", 0, "population.notional",
                "is missing; expected the total of all positions in usd");
    check_error(*state, "population.accounts,17.5,\npopulation.notional,1M,usd\n", 0,
                "population.accounts", "17.5 is not whole; expected a whole number");
    check_error(*state, SMALL "population.seed,0.25,\n", 0, "population.seed",
                "0.25 is not whole; expected a whole number");
    check_error(*state, SMALL "population.leverage_weights,0.5;0.5,\n", 0,
                "population.leverage_weights",
                "2 weights for 4 leverages in population.leverage; expected as many");
    check_error(*state, SMALL "population.leverage,3;7,\npopulation.leverage_weights,0.5;0.25,\n",
                0, "population.leverage_weights", "weights sum to 0.75, expected 1");
    check_error(*state,
                "population.accounts,2,\npopulation.notional,1M,usd\n"
                "population.short_share,0.999,\n",
                0, "population.accounts",
                "none of 2 is long, which is to be 0.001 of the notional; expected more accounts, "
                "or a population.short_share of 0 or 1");
    check_error(*state,
                SMALL "population.entry_sd,0,\npopulation.leverage,300,\n"
                      "population.buffer,0,\npopulation.short_share,0,\n",
                0, "population.entry_sd",
                "none of 1000 entries drawn leaves the long of row 1, leverage 300, open at the "
                "start price; expected entries where it gains");
    check_error(*state, SMALL "population.margin_mode,cross,\n", 4, "population.margin_mode",
                "'cross' is not a choice; expected isolated");
    check_error(*state, SMALL "population.tail_share,0.51,\n", 4, "population.tail_share", "0.5");
}

static void check_volume_error(struct scratch *scratch, const char *table, long line,
                               const char *field, const char *message)
{
    struct drawn drawn;
    struct sqz_diag diag = {0};
    char path[200];
    snprintf(path, sizeof path, "%s", scratch_write(scratch, "volume.csv", table));
    int error = draw(scratch, &drawn, SMALL "population.volume,volume.csv,\n", &TERMS, &diag);
    assert_int_equal(error, SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, path, line, field, message);
    assert_null(drawn.holding);
    release(&drawn);
}

static void test_errors_in_the_volume(void **state)
{
    check_volume_error(*state, "price_usd,volume_usd\n80000,1\n0,1\n", 3, "price_usd",
                       "0 is out of range; expected 1e-15 to 1e+15");
    check_volume_error(*state, "price_usd,volume_usd\n80000,1\n81000,-2.5\n", 3, "volume_usd",
                       "-2.5 is out of range; expected 0 to 1e+15");
    check_volume_error(*state, "price_usd,volume_usd\n80000,1\n\n80000,1\n", 4, "price_usd",
                       "80000 does not increase; expected prices above the row before");
    check_volume_error(*state, "price_usd,volume_usd\n80000,0\n81000,0\n", 0, "volume_usd",
                       "is 0 in every row; expected volume in some");
    /* all trading so far above the start price that no long of 100 is open */
    scratch_write(*state, "volume.csv", "price_usd,volume_usd\n99000,1\n99900,3\n");
    check_error(*state,
                SMALL "population.volume,volume.csv,\npopulation.short_share,0,\n"
                      "population.leverage,100,\npopulation.buffer,0,\n",
                0, "population.volume", "none of 1000 entries drawn leaves the long of row 1");
}

static void test_inverse_contracts_are_refused(void **state)
{
    const struct sqz_position terms = {.contract = SQZ_INVERSE, .rate = 0.005};
    struct drawn drawn;
    struct sqz_diag diag = {0};
    assert_int_equal(draw(*state, &drawn, SMALL, &terms, &diag), SQZ_ERR_UNSUPPORTED);
    check_diag(&diag, SQZ_ERR_UNSUPPORTED, "", 0, "population.accounts",
               "would be of inverse contracts; expected linear ones");
    release(&drawn);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_size_inverts_the_law),
        cmocka_unit_test(test_body_and_tail_meet),
        cmocka_unit_test(test_smooth_tail_share),
        cmocka_unit_test(test_no_tail_is_log_normal),
        cmocka_unit_test(test_tail_ends),
        WITH_FOLDER(test_totals),
        WITH_FOLDER(test_one_account),
        WITH_FOLDER(test_on_the_terms),
        WITH_FOLDER(test_seeds),
        WITH_FOLDER(test_a_parameter_changes_what_it_names),
        WITH_FOLDER(test_weights),
        WITH_FOLDER(test_leverage_is_what_the_tier_allows),
        WITH_FOLDER(test_volume_rows),
        WITH_FOLDER(test_one_row_is_one_price),
        WITH_FOLDER(test_errors_in_the_scenario),
        WITH_FOLDER(test_errors_in_the_volume),
        WITH_FOLDER(test_inverse_contracts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
