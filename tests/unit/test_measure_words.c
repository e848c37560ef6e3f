/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for the values of a driver's measures: only values that there are have one. */
#include "tests/unit/driver_by_hand.h"

static void test_states_of_regimes(void **state)
{
    struct sqz_scenario scenario;
    scratch_write(*state, "r.csv",
                  "state,drift_per_d,volatility,depth,to_calm_per_d,to_fear_per_d\n"
                  "calm,0,1,1,0,2.5\nfear,-0.01,1.7,0.6,0.9,0\n");
    load_rows_well(*state, &scenario, "regimes,r.csv,\n", NULL);
    const struct sqz_driver *driver = &scenario.world.driver[0];
    static const double NONE[] = {-1, 0, 0.5, 3, 8, 1e300, INFINITY, NAN};
    assert_string_equal(driver->model->word(driver->shared, 0, 1), "calm");
    assert_string_equal(driver->model->word(driver->shared, 0, 2), "fear");
    for (size_t i = 0; i < sizeof NONE / sizeof NONE[0]; i++)
        assert_null(driver->model->word(driver->shared, 0, NONE[i]));
    for (size_t m = 1; m < driver->model->n_measures; m++)
        assert_null(driver->model->word(driver->shared, m, 1));
    sqz_scenario_free(&scenario);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_states_of_regimes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
