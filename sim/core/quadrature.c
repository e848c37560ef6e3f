/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gauss's rule of 10 points and Patterson's extensions of it to 21, 43 and 87 (Math. Comp. 22
 * (1968) 847): points, weights and error estimate of QUADPACK's QNG (Piessens et al., Springer
 * 1983), as GSL has them, to the bit. Each rule uses all points of the one before.
 *
 * Points lie in pairs around the middle; their distances are shares of half the interval. */
#include "sim/core/quadrature.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

/* Distances that a rule adds. */
static const double POINT_10[] = {0.9739065285171717, 0.8650633666889845, 0.6794095682990244,
                                  0.4333953941292472, 0.14887433898163122};
static const double POINT_21[] = {0.9956571630258081, 0.9301574913557082, 0.7808177265864169,
                                  0.5627571346686047, 0.2943928627014602};
static const double POINT_43[] = {0.999333360901932,  0.9874334029080889, 0.9548079348142663,
                                  0.9001486957483283, 0.8251983149831141, 0.732148388989305,
                                  0.6228479705377252, 0.4994795740710565, 0.36490166134658075,
                                  0.2222549197766013, 0.07465061746138332};
static const double POINT_87[] = {
    0.9999029772627293,  0.9979898959866788, 0.9921754978606873,  0.9813581635727128,
    0.9650576238583847,  0.9431676131336706, 0.9158064146855072,  0.8832216577713164,
    0.8457107484624157,  0.8035576580352309, 0.7570057306854956,  0.7062732097873218,
    0.6515894665011779,  0.5932233740579611, 0.531493605970832,   0.46676362304202285,
    0.3994248478592188,  0.3298748771061883, 0.25850355920216156, 0.18569539656834666,
    0.11184221317990747, 0.03735212339461987};

/* Weights of the pairs of the rule before, of those that are added, and last of the middle. */
static const double ADDED_10[] = {0.06667134430868814, 0.1494513491505806, 0.21908636251598204,
                                  0.26926671930999635, 0.29552422471475287};
static const double KEPT_21[] = {0.032558162307964725, 0.07503967481091996, 0.10938715880229764,
                                 0.13470921731147334, 0.14773910490133849};
static const double ADDED_21[] = {0.011694638867371874, 0.054755896574351995, 0.0931254545836976,
                                  0.12349197626206584,  0.14277593857706009,  0.1494455540029169};
static const double KEPT_43[] = {0.016296734289666565, 0.0375228761208695,  0.05469490205825544,
                                 0.06735541460947808,  0.07387019963239395, 0.005768556059769796,
                                 0.027371890593248842, 0.04656082691042883, 0.06174499520144257,
                                 0.07138726726869339};
static const double ADDED_43[] = {0.001844477640212414, 0.010798689585891651, 0.021895363867795427,
                                  0.032597463975345686, 0.04216313793519181,  0.050741939600184575,
                                  0.05837939554261925,  0.06474640495144589,  0.06956619791235648,
                                  0.07282444147183322,  0.07450775101417512,  0.07472214751740301};
static const double KEPT_87[] = {0.008148377384149173, 0.018761438201562824,  0.027347451050052287,
                                 0.03367770731163793,  0.036935099820427905,  0.0028848724302115306,
                                 0.013685946022712702, 0.02328041350288831,   0.03087249761171336,
                                 0.03569363363941877,  0.0009152833452022414, 0.005399280219300471,
                                 0.01094767960111893,  0.016298731696787336,  0.021081568889203834,
                                 0.025370969769253827, 0.029189697756475754,  0.03237320246720279,
                                 0.034783098950365146, 0.03641222073135179,   0.037253875503047706};
static const double ADDED_87[] = {
    0.00027414556376207234, 0.0018071241550579428, 0.0040968692827591646, 0.006758290051847379,
    0.009549957672201646,   0.012329447652244854,  0.015010447346388952,  0.01754896798624319,
    0.019938037786440887,   0.022194935961012286,  0.024339147126000805,  0.026374505414839208,
    0.0282869107887712,     0.030052581128092695,  0.03164675137143993,   0.033050413419978504,
    0.034255099704226064,   0.03526241266015668,   0.0360769896228887,    0.03669860449845609,
    0.037120549269832576,   0.03733422875193504,   0.037361073762679026};

enum { PAIRS_10 = 5, PAIRS_21 = 10, PAIRS_MAX = 43 };

struct rule {
    size_t kept, added; /* pairs */
    const double *kept_weight, *added_weight, *point;
};

static const struct rule EXTENSION[] = {
    {.kept = 5, .added = 5, .kept_weight = KEPT_21, .added_weight = ADDED_21, .point = POINT_21},
    {.kept = 10, .added = 11, .kept_weight = KEPT_43, .added_weight = ADDED_43, .point = POINT_43},
    {.kept = 21, .added = 22, .kept_weight = KEPT_87, .added_weight = ADDED_87, .point = POINT_87},
};
enum { EXTENSIONS = sizeof EXTENSION / sizeof EXTENSION[0] };

/* What is known of the function. */
struct sampled {
    const struct sqz_integrand *integrand;
    double centre, half_length, middle;
    double right[PAIRS_MAX], left[PAIRS_MAX], pair[PAIRS_MAX]; /* pair: the sum of both */
};

static void sample(struct sampled *sampled, const double *point, size_t from, size_t count)
{
    const struct sqz_integrand *f = sampled->integrand;
    for (size_t k = from; k < from + count; k++) {
        double distance = sampled->half_length * point[k - from];
        sampled->right[k] = f->value(sampled->centre + distance, f->context);
        sampled->left[k] = f->value(sampled->centre - distance, f->context);
        sampled->pair[k] = sampled->right[k] + sampled->left[k];
    }
}

static double sum_up(const struct sampled *sampled, const struct rule *rule)
{
    double sum = rule->added_weight[rule->added] * sampled->middle;
    for (size_t k = 0; k < rule->kept; k++)
        sum += rule->kept_weight[k] * sampled->pair[k];
    for (size_t k = 0; k < rule->added; k++)
        sum += rule->added_weight[k] * sampled->pair[rule->kept + k];
    return sum;
}

/* By how much the function is other than 0, and than its mean, over the interval. */
struct size {
    double absolute, variation;
};

static struct size size_of(const struct sampled *sampled, double sum)
{
    double mean = 0.5 * sum, middle = sampled->middle;
    struct size size = {ADDED_21[PAIRS_10] * fabs(middle),
                        ADDED_21[PAIRS_10] * fabs(middle - mean)};
    for (size_t k = 0; k < PAIRS_21; k++) {
        double weight = k < PAIRS_10 ? KEPT_21[k] : ADDED_21[k - PAIRS_10];
        size.absolute += weight * (fabs(sampled->right[k]) + fabs(sampled->left[k]));
    }
    for (size_t k = 0; k < PAIRS_10; k++) { /* in the order of GSL's sums */
        const double *right = sampled->right + k, *left = sampled->left + k;
        size.variation +=
            KEPT_21[k] * (fabs(right[0] - mean) + fabs(left[0] - mean)) +
            ADDED_21[k] * (fabs(right[PAIRS_10] - mean) + fabs(left[PAIRS_10] - mean));
    }
    size.absolute *= fabs(sampled->half_length);
    size.variation *= fabs(sampled->half_length);
    return size;
}

/* QUADPACK's estimate from the difference of two rules, not below rounding. */
static double error_of(double difference, const struct size *size)
{
    static const double ROUNDING = 50 * DBL_EPSILON;
    double error = fabs(difference);
    if (size->variation != 0 && error != 0) {
        double scale = pow(200 * error / size->variation, 1.5);
        error = scale < 1 ? size->variation * scale : size->variation;
    }
    return size->absolute > DBL_MIN / ROUNDING ? fmax(error, ROUNDING * size->absolute) : error;
}

bool sqz_quadrature(const struct sqz_integrand *integrand, double lo, double hi, double tolerance,
                    double *integral)
{
    struct sampled sampled = {
        .integrand = integrand, .centre = 0.5 * (hi + lo), .half_length = 0.5 * (hi - lo)};
    struct size size = {0};
    double before = 0.0;
    sampled.middle = integrand->value(sampled.centre, integrand->context);
    sample(&sampled, POINT_10, 0, PAIRS_10);
    for (size_t k = 0; k < PAIRS_10; k++)
        before += ADDED_10[k] * sampled.pair[k];
    for (int i = 0; i < EXTENSIONS; i++) {
        const struct rule *rule = &EXTENSION[i];
        sample(&sampled, rule->point, rule->kept, rule->added);
        double sum = sum_up(&sampled, rule);
        if (i == 0)
            size = size_of(&sampled, sum);
        double error = error_of((sum - before) * sampled.half_length, &size);
        *integral = sum * sampled.half_length;
        if (error < tolerance || error < tolerance * fabs(*integral))
            return true;
        before = sum;
    }
    return false;
}
