/* Danger zones: where a map would cascade on by itself.
 *
 * A zone runs from the first to the last centre price with a branching ratio of 1 or more, as
 * sim/analysis/branching.h computes it, of a run of them that lie nearer together than the scale:
 * open at its near edge, closed at its far one. The ratio is that of a window, which is all it can
 * resolve: closer together than its width, two centres have windows that overlap, so every price
 * between them lies in a window of ratio 1 or more, and where the ratio dips below 1 is a matter of
 * how levels are spaced and rounded. Merged first, a zone narrower than SQZ_ZONES_NARROWEST scales
 * is none: its levels are spread over all but that of a window and just suffice.
 *
 * Its levels are those between its edges. What a zone would do is found by cascades that start from
 * rest when the price touches one level, the nearer ones gone, forced orders filled at once: the
 * one at the zone's near edge (from the first level beyond it), and the worst, which forces most,
 * of that one and those from its own levels. */
#ifndef SQZ_ANALYSIS_ZONES_H
#define SQZ_ANALYSIS_ZONES_H

#include "sim/analysis/static_world.h"
#include "sim/io/map_result.h"

#define SQZ_ZONES_NARROWEST 0.1

/* All zones of both sides, shorts first, outward; no cascade yet. The caller frees *zone. */
int sqz_zones_find(const struct sqz_static_world *rest, double scale_log, struct sqz_zone **zone,
                   size_t *count, struct sqz_diag *diag);

/* The work that sqz_zones_cascade does: half a second at most. */
enum { SQZ_ZONES_WORK_LEVELS = 5000000 };

/* Let the zones cascade. The cascades at the near edges, zones with most notional first, stop once
 * they have fired `work_levels` levels; the other zones keep NAN. The worst is sought among every
 * `*stride`th level of the zones, 1 unless those cascades could fire more than `work_levels` (maps
 * of over 3,000 levels). */
int sqz_zones_cascade(const struct sqz_static_world *rest, struct sqz_zone *zone, size_t count,
                      uint64_t work_levels, size_t *stride, struct sqz_diag *diag);

#endif
