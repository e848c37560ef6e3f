/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the steps of several venues share. Sources: models/venues/README.md. */
#ifndef SQZ_MODELS_VENUES_STEPS_H
#define SQZ_MODELS_VENUES_STEPS_H

#include "sim/core/margin.h"

/* The insurance fund takes over all that is left of the position. */
void sqz_step_take_over(const struct sqz_liquidation_request *request,
                        struct sqz_liquidation_action *action);

/* The least quantity whose closing leaves a position in tier `tier` or a lower one; it stands
 * in a higher one. */
double sqz_step_quantity_to(const struct sqz_position *position, double price_usd, size_t tier);

/* Maintenance of the position alone, and of what else its account holds. */
double sqz_step_own_maintenance(const struct sqz_liquidation_request *request);
double sqz_step_other_maintenance(const struct sqz_liquidation_request *request);

/* Maintenance of the account if only `quantity` were left of the position, the rest closed at the
 * price in hand without a fee. */
double sqz_step_maintenance_left(const struct sqz_liquidation_request *request, double quantity);

#endif
