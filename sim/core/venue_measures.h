/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a venue reports of a path: the results of its clearing house, as measures of a driver that
 * does nothing else. */
#ifndef SQZ_CORE_VENUE_MEASURES_H
#define SQZ_CORE_VENUE_MEASURES_H

#include "sim/core/model.h"

extern const struct sqz_driver_model sqz_venue_measures;

#endif
