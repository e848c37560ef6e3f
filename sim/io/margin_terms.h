/* What a venue makes of positions: its model, the keys venue.*, and the tiers they name. */
#ifndef SQZ_IO_MARGIN_TERMS_H
#define SQZ_IO_MARGIN_TERMS_H

#include "sim/core/venue.h"
#include "sim/io/params.h"
#include "sim/io/remarks.h"
#include "sim/io/tiers.h"

struct sqz_margin_terms {
    const struct sqz_venue_model *venue;
    struct sqz_venue_params params; /* its texts are the settings' */
    bool on_entry;                  /* maintenance is taken at the entry price */
    struct sqz_tier_tables tables;  /* none: params.maintenance holds */
    char *file;                     /* of tiers, as opened; NULL if there is none */
    struct sqz_digest digest;
    const char *symbol;          /* of the market, where there is one alone; NULL: any. Not owned */
    double price_usd;            /* of the market, where it is known; else 0 */
    struct sqz_remarks *remarks; /* made of positions and tiers; NULL: none are kept. Not
                                    owned */
};

/* The venue of that name; an unknown one is SQZ_ERR_USAGE with the nearest known, without a place.
 */
int sqz_venue_find(const struct sqz_registry *registry, const char *name,
                   const struct sqz_venue_model **venue, struct sqz_diag *diag);

/* Fill from the keys venue.* of the settings, those of the venue itself among them, and read the
 * tiers. The settings must outlive the terms. Free the terms after success and failure alike. */
int sqz_margin_terms_load(struct sqz_margin_terms *terms, const struct sqz_venue_model *venue,
                          struct sqz_settings *settings, struct sqz_diag *diag);

/* What the terms say of every position, beyond its tiers: the price at which it must be worth
 * its maintenance, and how much of that is a closing fee. */
struct sqz_position sqz_margin_terms_position(const struct sqz_margin_terms *terms, bool cross);

/* Safe on zeroed terms. */
void sqz_margin_terms_free(struct sqz_margin_terms *terms);

#endif
