/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fixed quadrature: bit for bit GSL's non-adaptive rule, exact where it must be, and no call of
 * GSL's error handler, which is left on here, where it does not converge. */
#include "tests/support/support.h"

#include <math.h>

#include <gsl/gsl_integration.h>

#include "sim/core/quadrature.h"

/* Smooth, and needing more points the faster it turns. */
static double turning(double x, void *context)
{
    double speed = *(double *)context;
    return exp(-x) * cos(speed * x) + 1 / (1 + speed * x * x);
}

static double monomial(double x, void *context)
{
    return pow(x, *(double *)context);
}

static double root(double x, void *unused)
{
    (void)unused;
    return sqrt(fabs(x - 0.3));
}

/* Both convergence tests of GSL, absolute and relative, at the same tolerance. */
static void test_is_gsl_to_the_bit(void **state)
{
    (void)state;
    size_t rules[100] = {0};
    for (double speed = 0.1; speed < 20; speed *= 1.1)
        for (double tolerance = 1e-13; tolerance < 1e-2; tolerance *= 10) {
            gsl_function gsl = {turning, &speed};
            struct sqz_integrand own = {turning, &speed};
            double expected, error, value;
            size_t points;
            if (!sqz_quadrature(&own, 0.2, 2.5, tolerance, &value))
                continue;
            assert_int_equal(gsl_integration_qng(&gsl, 0.2, 2.5, tolerance, tolerance, &expected,
                                                 &error, &points),
                             0);
            assert_true(value == expected);
            rules[points]++;
        }
    assert_true(rules[21] > 10 && rules[43] > 10 && rules[87] > 10);
}

/* 10 points are exact for degree 19, their first extension for 31: the two differ by rounding. */
static void test_is_exact_for_polynomials(void **state)
{
    (void)state;
    for (double degree = 0; degree < 20; degree++) {
        struct sqz_integrand integrand = {monomial, &degree};
        double value;
        assert_true(sqz_quadrature(&integrand, 1, 3, 1e-13, &value));
        double exact = (pow(3, degree + 1) - 1) / (degree + 1);
        check_near("integral", value, exact, 1e-14 * exact);
    }
}

static void test_says_where_it_does_not_converge(void **state)
{
    (void)state;
    struct sqz_integrand integrand = {root, NULL};
    double value, exact = (pow(0.3, 1.5) + pow(0.7, 1.5)) / 1.5;
    assert_false(sqz_quadrature(&integrand, 0, 1, 1e-13, &value));
    check_near("integral", value, exact, 1e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_gsl_to_the_bit),
        cmocka_unit_test(test_is_exact_for_polynomials),
        cmocka_unit_test(test_says_where_it_does_not_converge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
