/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The liquidation of one account: when it begins, what its venue wants done step by step, when it
 * is looked at again, and how it ends. */
#ifndef SQZ_CORE_LIQUIDATION_H
#define SQZ_CORE_LIQUIDATION_H

#include "sim/core/world.h"

/* The price has come to a trigger: liquidate its account. */
void sqz_liquidation_touch(const struct sqz_world *world, struct sqz_world_state *state,
                           const struct sqz_touched_account *touched, const struct sqz_context *at);

/* An account that is being liquidated is looked at again, or its order leaves. */
void sqz_liquidation_review(const struct sqz_world *world, struct sqz_world_state *state,
                            uint32_t account, enum sqz_side side, const struct sqz_context *at);

#endif
