/* A sweep: one scenario with changes, each change a point that is compared with the scenario as it
 * is. What is to be run, what came of it, and the files of both. */
#ifndef SQZ_IO_SWEEP_H
#define SQZ_IO_SWEEP_H

#include "sim/io/axis.h"
#include "sim/io/difference.h"
#include "sim/io/manifest.h"
#include "sim/io/result_dir.h"

enum { SQZ_SWEEP_AXES = 2, SQZ_SWEEP_LABELS = 3, SQZ_SWEEP_SETTINGS_MAX = 4 };

/* A point walks paths of its own, and the base on them too: what it is there by itself, what the
 * base is, and their difference path by path. What is shown of it is put together from these and
 * the base of all points (sim/analysis/control_variate.h). */
enum sqz_point_estimate {
    SQZ_POINT_TARGET, /* probability of touching the target; of the floor */
    SQZ_POINT_FLOOR,
    SQZ_POINT_FORCED, /* mean forced notional, USD */
    SQZ_POINT_QUANTITIES,
    /* What is shown less the base: one per contrast, which begin with these quantities. The final
     * price, of which nothing else is shown, by the point's own paths. */
    SQZ_POINT_DIFFERENCE = SQZ_POINT_QUANTITIES,
    SQZ_POINT_OWN = SQZ_POINT_DIFFERENCE + SQZ_CONTRASTS,
    SQZ_POINT_OWN_BASE = SQZ_POINT_OWN + SQZ_POINT_QUANTITIES,
    SQZ_POINT_OWN_DIFFERENCE = SQZ_POINT_OWN_BASE + SQZ_POINT_QUANTITIES,
    SQZ_POINT_ESTIMATES = SQZ_POINT_OWN_DIFFERENCE + SQZ_POINT_QUANTITIES
};

/* One scenario of a sweep. What does not apply is NAN; the base has no difference. */
struct sqz_point {
    size_t number; /* in the order of running, which decides its paths; 0: the base */
    char *label[SQZ_SWEEP_LABELS];         /* cells of its first columns; owned */
    char *setting[SQZ_SWEEP_SETTINGS_MAX]; /* "key=value" that make it of the base; owned */
    size_t n_settings;
    char *left_out; /* why it cannot be run; owned, NULL: it can */
    bool is_base;   /* its settings change nothing: not run, it has the paths of the base */
    uint64_t paths, cut_off;        /* paths: 0 until it has been run */
    uint64_t only_own[SQZ_WATCHES]; /* paths on which it touches and the base does not */
    struct sqz_estimate estimate[SQZ_POINT_ESTIMATES];
    double variance_reduction[SQZ_CONTRASTS];
    double branching[2]; /* largest ratio along the map, per enum sqz_side */
};

/* A condition of a tornado: points 2 i + 1 and 2 i + 2 are its low and its high end. */
struct sqz_sweep_condition {
    const char *name, *about;
    const char *source[2]; /* of the low end and of the high: what it is, and who says so */
};

/* Owns `point`. Point 0 is the base. */
struct sqz_sweep {
    const struct sqz_scenario *base;
    uint64_t seed, paths, max_events;
    double largest_usd; /* the most that can be forced on one path of the base */
    const char *label_name[SQZ_SWEEP_LABELS];
    size_t n_labels;
    struct sqz_axis axis[SQZ_SWEEP_AXES];
    size_t n_axes; /* 0: a tornado */
    const struct sqz_sweep_condition *condition;
    size_t n_conditions;
    const char *market;       /* that the ends of a tornado are for; NULL: a grid */
    const char *other_symbol; /* what the scenario calls its market if that is another; or NULL */
    struct sqz_point *point;
    size_t n_points; /* with the base */
    /* Points to be added, after the first n_first points have been run: where each is depends on
     * those before it (sim/analysis/refine.h). 0: none. */
    size_t refine, n_first;
    size_t done; /* points 0 .. done - 1 have been run */
};

/* Make room for `count` points; everything but labels and settings is set to "not run". */
int sqz_sweep_init(struct sqz_sweep *sweep, size_t count, struct sqz_diag *diag);
/* Safe on a zeroed sweep. */
void sqz_sweep_free(struct sqz_sweep *sweep);
/* The seed of a point's paths: the base, and what is the base, has the sweep's, every other one of
 * its own, so that what chance does to one point says nothing of the next. */
uint64_t sqz_sweep_seed(const struct sqz_sweep *sweep, size_t index);
/* Whether point `index` was added where the curve is steepest (sim/analysis/refine.h). */
bool sqz_sweep_is_refined(const struct sqz_sweep *sweep, size_t index);
/* Put the points that have been run in the order of their values. All of them must have been, or
 * the others are not to be. */
void sqz_sweep_sort(struct sqz_sweep *sweep);
/* Whether point `index` has paths of its own; point 0 has. */
bool sqz_point_was_run(const struct sqz_sweep *sweep, size_t index);
/* Whether a point that was run is the base on every one of its paths, as far as any contrast goes.
 */
bool sqz_point_unchanged(const struct sqz_point *point);
/* Give a point a label, or one more setting; texts are copied. SQZ_OK or SQZ_ERR_NOMEM,
 * also where it has SQZ_SWEEP_SETTINGS_MAX settings already. */
int sqz_point_label(struct sqz_point *point, size_t index, const char *text);
int sqz_point_set(struct sqz_point *point, const char *key, const char *value);

/* The object of schema squeeze/sweep-1, with the points that have been run; a new reference. */
json_t *sqz_sweep_json(const struct sqz_sweep *sweep);

/* points.csv: header, then a row per point; numbers with 17 digits, empty where there is none. */
void sqz_sweep_write_header(const struct sqz_sweep *sweep, FILE *file);
void sqz_sweep_write_point(const struct sqz_sweep *sweep, size_t index, FILE *file);

/* Read back the rows of `path`, which is cut to whole rows first, into the points and set `done`.
 * Refined points take their labels from there. SQZ_ERR_DATA if a row is not that of its point. */
int sqz_sweep_read_points(struct sqz_sweep *sweep, const char *path, struct sqz_diag *diag);

/* manifest.json: what is to be run, so that a later run can tell whether it is the same. */
json_t *sqz_sweep_manifest(const struct sqz_sweep *sweep, const struct sqz_run_record *record);

/* Whether `manifest`, read from `directory`, is that of this sweep. SQZ_ERR_IO, and what differs,
 * if not. */
int sqz_sweep_check_manifest(const struct sqz_sweep *sweep, const char *directory,
                             const json_t *manifest, struct sqz_diag *diag);

#endif
