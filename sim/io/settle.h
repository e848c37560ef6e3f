/* A number of a scenario, as it was written, taken apart into value and unit. */
#ifndef SQZ_IO_SETTLE_H
#define SQZ_IO_SETTLE_H

#include "sim/io/params.h"
#include "sim/io/units.h"

/* Leave the digits of a number, or of several, in `setting->value` and the unit in force in
 * `setting->unit`, by the name it has here: the one behind the number, or of its column, or for a
 * number of the command line of the row it replaces, or the key's own. A price that is given
 * relative to the start becomes USD, for which `settings` must hold a settled "price". Does nothing
 * for what is no number. SQZ_ERR_DATA if two units are given, or one that is not typed does not
 * fit; one that is typed is found wrong when the number is parsed. */
int sqz_setting_settle(struct sqz_setting *setting, const struct sqz_param *param,
                       const struct sqz_settings *settings, struct sqz_diag *diag);

/* The unit that a number without one takes here: that of the file's row for the key, or the key's
 * own. `setting` may be NULL: there is none. SQZ_ERR_DATA if that does not fit. */
int sqz_setting_row_unit(const struct sqz_setting *setting, const struct sqz_param *param,
                         char unit[SQZ_UNIT_SIZE], struct sqz_diag *diag);

/* "+10%" of `start_usd` in USD; `number` is what stands before the %. */
int sqz_price_from_start(const char *number, double start_usd, double *usd, struct sqz_diag *diag);

/* Put `word`, as the program spells it, in place of a value that says the same in another case. */
int sqz_setting_spell(struct sqz_setting *setting, const char *word, struct sqz_diag *diag);

#endif
