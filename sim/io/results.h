/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a result directory (README.md, Reading the output). Numbers are written with 17
 * digits. */
#ifndef SQZ_IO_RESULTS_H
#define SQZ_IO_RESULTS_H

#include "sim/io/event_log.h"
#include "sim/io/manifest.h"
#include "sim/io/result_dir.h"
#include "sim/io/summary.h"

int sqz_results_summary(const struct sqz_result_dir *dir, const struct sqz_summary *summary,
                        struct sqz_diag *diag);
int sqz_results_manifest(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                         const struct sqz_summary *summary, const struct sqz_run_record *record,
                         struct sqz_diag *diag);
/* fan.csv: quantiles of the price at `output_s` up to the scenario's horizon, from the tally's fan,
 * and of the same paths without impact; `shadow` may be NULL. */
int sqz_results_fan(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                    const struct sqz_tally *tally, const struct sqz_tally *shadow,
                    const double *output_s, struct sqz_diag *diag);
/* histograms.csv: non-empty bins of peak, trough, final price and forced notional, the same of the
 * shadow as no_impact_..., and of the largest cascade. */
int sqz_results_histograms(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                           const struct sqz_tally *tally, const struct sqz_tally *shadow,
                           struct sqz_diag *diag);
/* map.csv: the ladder by price bin and leverage, stacked, outward from the start price. */
int sqz_results_map(const struct sqz_result_dir *dir, const struct sqz_scenario *scenario,
                    struct sqz_diag *diag);

/* outcomes.csv, one row per path: header, then rows as blocks complete. `shadow`, of the same path
 * without impact, is read where the scenario's world is traced. */
void sqz_results_outcomes_begin(FILE *file, const struct sqz_scenario *scenario);
int sqz_results_outcomes_add(FILE *file, const struct sqz_scenario *scenario, uint64_t path,
                             const struct sqz_outcome *outcome, const struct sqz_outcome *shadow);

/* paths.csv: header, then a row for every event of the paths. */
void sqz_results_paths_begin(FILE *file);
void sqz_results_paths_add(FILE *file, uint64_t path, const struct sqz_event_log *log,
                           double start_usd);

/* drivers.csv: header, then an observer that writes what the drivers of one world do and measure.
 */
struct sqz_drivers_writer {
    FILE *file;
    const struct sqz_scenario *scenario;
    uint64_t path;
};
void sqz_results_drivers_begin(FILE *file, const struct sqz_scenario *scenario);
void sqz_results_drivers_event(void *writer, const struct sqz_event *event);

#endif
