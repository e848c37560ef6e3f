/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/standstill_text.h"

#include <math.h>

#include "sim/cli/layout.h"
#include "sim/cli/text.h"

static void say_zone(FILE *out, const struct sqz_standstill *standstill)
{
    char time[SQZ_TEXT_SIZE];
    if (standstill->zone_distance_log == 0.0)
        sqz_layout_print(out, 2, 2, "the price stands in a danger zone");
    else if (isfinite(standstill->zone_median_s))
        sqz_layout_print(out, 2, 2,
                         "nearest danger zone %.3g %% %s: by volatility alone the price gets there "
                         "within %s half the time",
                         sqz_standstill_percent(standstill),
                         standstill->zone_side == SQZ_UP ? "up" : "down",
                         sqz_text_duration(time, standstill->zone_median_s));
}

void sqz_standstill_text(FILE *out, const struct sqz_standstill *standstill, double levels_scale)
{
    if (isinf(standstill->scale)) {
        sqz_layout_print(out, 2, 2, "standstill scale none: nothing could go off");
        return;
    }
    sqz_layout_print(out, 2, 2,
                     "standstill scale %.3g, here levels.scale %g: the largest at which the "
                     "branching ratio is below 1 everywhere",
                     levels_scale * standstill->scale, levels_scale);
    say_zone(out, standstill);
}
