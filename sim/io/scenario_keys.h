/* The keys of a scenario: which families it has, and what keys mean that it may not carry. */
#ifndef SQZ_IO_SCENARIO_KEYS_H
#define SQZ_IO_SCENARIO_KEYS_H

#include "sim/io/scenario.h"

/* The first key of the population that the scenario sets; NULL: it draws none. */
const struct sqz_setting *sqz_scenario_population(const struct sqz_scenario *scenario);

/* Whether the ladder is made of open positions, listed or drawn. */
bool sqz_scenario_has_positions(const struct sqz_scenario *scenario);

/* SQZ_ERR_DATA at a key that only a scenario with positions may carry. */
int sqz_scenario_fail_without_positions(const struct sqz_setting *setting, struct sqz_diag *diag);

/* List the groups of a scenario whose models are chosen, and find the keys that belong to none of
 * them: those are errors. */
int sqz_scenario_match_keys(struct sqz_scenario *scenario, const struct sqz_registry *registry,
                            struct sqz_diag *diag);

#endif
