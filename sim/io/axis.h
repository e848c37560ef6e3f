/* A key of a scenario and the values it is to take: --vary key=lo:hi:n[:log]. */
#ifndef SQZ_IO_AXIS_H
#define SQZ_IO_AXIS_H

#include "sim/io/scenario.h"
#include "sim/io/units.h"

enum { SQZ_AXIS_POINTS_MAX = 1000, SQZ_AXIS_TEXT = 32 };

/* Values are in `unit`, the one at the ends, or else that of the scenario's row for the key, or the
 * key's own; and are kept as they are written: what a table says is what --set would take to make
 * the same scenario. */
struct sqz_axis {
    char key[64];
    char former[128]; /* the key as it was typed, if that is a former name of `key`; else "" */
    char unit[SQZ_UNIT_SIZE];
    double lo, hi;
    size_t count; /* at least 2 */
    bool logarithmic;
    const struct sqz_param *param;
};

/* Parse `text`. Ends may carry a unit as for --set; one that stands at one end goes for both, of
 * two different ones the lower end's is that of the axis. Prices may be relative to the start,
 * "target=+5%:+20%:4", and are USD from then on. The key must be a number, or a list, which then
 * has one value, of the scenario or of a model it can switch on. SQZ_ERR_USAGE or SQZ_ERR_DATA with
 * a sentence that begins with "--vary:". */
int sqz_axis_parse(struct sqz_axis *axis, const char *text, const struct sqz_scenario *base,
                   const struct sqz_registry *registry, struct sqz_diag *diag);

/* Value `index` of `count`, in text: linear or in equal ratios, both ends exactly. */
void sqz_axis_value(const struct sqz_axis *axis, size_t index, char text[SQZ_AXIS_TEXT]);

/* The value halfway between two others as the axis is spaced: the mean, or the geometric mean. */
void sqz_axis_between(const struct sqz_axis *axis, const char *lo, const char *hi,
                      char text[SQZ_AXIS_TEXT]);

/* Where a value stands on the axis: 0 at its lower end, 1 at its upper. */
double sqz_axis_place(const struct sqz_axis *axis, const char *value);

/* The value that a scenario has there; empty if it has none, or a list of several. */
void sqz_axis_value_of(const struct sqz_axis *axis, const struct sqz_scenario *scenario,
                       char text[SQZ_AXIS_TEXT]);

#endif
