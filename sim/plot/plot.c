/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/plot/plot.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/io/result_view.h"
#include "sim/plot/pdf_date.h"
#include "sim/plot/scripts.h"

extern char **environ;

/* ---- scripts ------------------------------------------------------------------------------- */

/* Bytes of the character at `text` that DejaVu Sans has no glyph for; 0: it has. It reaches from
 * Latin to Arabic, and punctuation, arrows and mathematics. */
static size_t unknown_bytes(const unsigned char *text)
{
    static const unsigned BEYOND_ARABIC = 0x700, EXTENDED_LATIN = 0x1d00, BEYOND_SYMBOLS = 0x2c00;
    unsigned code = 0;
    size_t bytes = text[0] < 0xe0 ? 1 : text[0] < 0xf0 ? 3 : 4;
    if (bytes == 1)
        return 0;
    code = text[0] & (bytes == 3 ? 0x0f : 0x07);
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    return (code >= BEYOND_ARABIC && code < EXTENDED_LATIN) || code >= BEYOND_SYMBOLS ? bytes : 0;
}

/* A gnuplot double-quoted string: quotes and backslashes escaped, control characters dropped, the
 * backquote (which would run a command) replaced. With `drawn` so is what the font has not: a
 * single glyph that is missing spoils a whole PNG or PDF. Returns whether anything was. */
static bool put_string(FILE *file, const char *text, bool drawn)
{
    bool replaced = false;
    fputc('"', file);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        size_t unknown = unknown_bytes((const unsigned char *)text);
        if (drawn && unknown > 0) {
            text += unknown - 1;
            c = '?';
        }
        replaced |= unknown > 0;
        if (c == '"' || c == '\\')
            fputc('\\', file);
        if (c == '`')
            c = '\'';
        fputc(c < ' ' || c == 0x7f ? ' ' : c, file);
    }
    fputc('"', file);
    return replaced;
}

/* SVG is drawn by who shows it, with the fonts that are there. */
static void define_text(FILE *file, const char *name, const char *text)
{
    fprintf(file, "%s = ", name);
    bool unknown = put_string(file, text, false);
    fputc('\n', file);
    if (!unknown)
        return;
    fprintf(file, "if (exists(\"out_format\")) { if (out_format ne \"svg\") { %s = ", name);
    put_string(file, text, true);
    fputs(" } } # glyphs that DejaVu Sans has not\n", file);
}

static void define_number(FILE *file, const char *name, double value)
{
    fprintf(file, "%s = %.17g\n", name, isfinite(value) ? value : 0.0);
}

static void define_watch(FILE *file, const struct sqz_result_view *view, int watch,
                         const char *name)
{
    char variable[48];
    const struct {
        const char *suffix;
        double value;
    } PARTS[] = {{"price", view->watch_usd[watch]},
                 {"p", view->watch_p[watch]},
                 {"without_p", view->watch_without_p[watch]},
                 {"lo", view->watch_lo[watch]},
                 {"hi", view->watch_hi[watch]},
                 {"uplift", view->watch_uplift[watch][0]},
                 {"uplift_lo", view->watch_uplift[watch][1]},
                 {"uplift_hi", view->watch_uplift[watch][2]}};
    fprintf(file, "has_%s = %d\n", name, !isnan(view->watch_usd[watch]));
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        snprintf(variable, sizeof variable, "%s_%s", name, PARTS[i].suffix);
        define_number(file, variable, PARTS[i].value);
    }
}

/* The measures that are drawn, by their column in drivers.csv and with their unit. */
static void define_measures(FILE *file, const struct sqz_result_view *view)
{
    char variable[48], column[128];
    fprintf(file, "n_measures = %zu\n", view->n_drawn);
    for (size_t i = 0; i < view->n_drawn; i++) {
        const struct sqz_drawn_measure *measure = &view->drawn[i];
        snprintf(variable, sizeof variable, "measure_%zu", i + 1);
        snprintf(column, sizeof column, "%s.%s", measure->driver, measure->name);
        define_text(file, variable, column);
        snprintf(variable, sizeof variable, "measure_%zu_unit", i + 1);
        define_text(file, variable, measure->unit);
        fprintf(file, "measure_%zu_of_venue = %d\n", i + 1, measure->of_venue);
    }
}

static void define_element(FILE *file, const char *array, size_t index, double value)
{
    char element[64];
    snprintf(element, sizeof element, "%s[%zu]", array, index + 1);
    define_number(file, element, value);
}

static void define_scenario_watch(FILE *file, const struct sqz_scenario_view *scenario,
                                  size_t index, int watch, const char *name)
{
    char array[32];
    const struct {
        const char *suffix;
        double value;
    } PARTS[] = {{"HAS", !isnan(scenario->watch_usd[watch])},
                 {"PRICE", scenario->watch_usd[watch]},
                 {"P", scenario->watch_p[watch]}};
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        snprintf(array, sizeof array, "%s_%s", name, PARTS[i].suffix);
        if (index == 0)
            fprintf(file, "array %s[n_scenarios]\n", array);
        define_element(file, array, index, PARTS[i].value);
    }
}

/* The scenarios of a comparison: arrays with an element for each, the base first. */
static void define_scenarios(FILE *file, const struct sqz_result_view *view)
{
    char element[64];
    fprintf(file, "n_scenarios = %zu\n", view->n_scenarios);
    if (view->n_scenarios == 0)
        return;
    fputs("array NAME[n_scenarios]\narray HORIZON_S[n_scenarios]\narray BEYOND[n_scenarios]\n",
          file);
    for (size_t i = 0; i < view->n_scenarios; i++) {
        snprintf(element, sizeof element, "NAME[%zu]", i + 1);
        define_text(file, element, view->scenario[i].name);
        define_element(file, "HORIZON_S", i, view->scenario[i].horizon_s);
        define_element(file, "BEYOND", i, view->scenario[i].beyond_known_share);
    }
    for (size_t i = 0; i < view->n_scenarios; i++) {
        define_scenario_watch(file, &view->scenario[i], i, 0, "TARGET");
        define_scenario_watch(file, &view->scenario[i], i, 1, "FLOOR");
    }
}

/* The varied keys of a sweep: x, then y. */
static void define_axes(FILE *file, const struct sqz_result_view *view)
{
    static const char *const NAME[] = {"x", "y"};
    char variable[48];
    for (size_t a = 0; a < view->n_axes && a < 2; a++) {
        const struct sqz_axis_view *axis = &view->axis[a];
        const struct {
            const char *suffix;
            double value;
        } NUMBERS[] = {{"points", axis->points},
                       {"log", axis->logarithmic},
                       {"has_base", isfinite(axis->base)},
                       {"base", axis->base}};
        snprintf(variable, sizeof variable, "%s_key", NAME[a]);
        define_text(file, variable, axis->key);
        snprintf(variable, sizeof variable, "%s_unit", NAME[a]);
        define_text(file, variable, axis->unit);
        for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++) {
            snprintf(variable, sizeof variable, "%s_%s", NAME[a], NUMBERS[i].suffix);
            define_number(file, variable, NUMBERS[i].value);
        }
    }
}

static void define_ignition(FILE *file, const struct sqz_ignition_view *ignition)
{
    fprintf(file, "has_push = %d\n", !isnan(ignition->push_usd));
    define_number(file, "push_usd", ignition->push_usd);
    define_number(file, "push_cost_usd", ignition->cost_usd);
    define_number(file, "push_final_usd", ignition->final_usd);
    define_number(file, "push_forced_usd", ignition->forced_usd);
    define_number(file, "alone_usd", ignition->alone_usd);
    define_number(file, "goal_usd", ignition->goal_usd);
    fprintf(file, "goal_up = %d\n", ignition->up);
    define_text(file, "goal_name", ignition->target ? "target" : "floor");
}

static void define_bound(FILE *file, const struct sqz_bound_view *bound)
{
    fprintf(file, "has_bound = %d\n", !isnan(bound->upper_95));
    fprintf(file, "bound_open = %d\n", bound->open);
    define_number(file, "upper_95", bound->upper_95);
    define_number(file, "range_percent", bound->range_percent);
    define_text(file, "record_begin", bound->begin);
}

static void define_replay(FILE *file, const struct sqz_replay_view *replay)
{
    define_number(file, "forced_short", replay->forced_usd[SQZ_UP]);
    define_number(file, "forced_long", replay->forced_usd[SQZ_DOWN]);
    fprintf(file, "explained = %d\n", !isnan(replay->share_lo));
    define_number(file, "share_lo", replay->share_lo);
    define_number(file, "share_hi", replay->share_hi);
    define_number(file, "move_percent", replay->move_percent);
    define_number(file, "extreme_price", replay->extreme_usd);
    define_text(file, "record_begin", replay->begin);
    define_text(file, "beside_name", replay->against);
}

/* The largest cascade of the close-up path. */
static void define_cascade(FILE *file, const struct sqz_result_view *view)
{
    define_number(file, "cascade_begin_s", view->cascade_begin_s);
    define_number(file, "cascade_end_s", view->cascade_end_s);
    define_number(file, "cascade_usd", view->cascade_usd);
    define_number(file, "cascade_liquidations", view->cascade_liquidations);
    define_number(file, "cascade_generations", view->cascade_generations);
}

/* The constants of this result that the script of a figure uses, at its top. */
static void write_constants(FILE *file, const char *figure, const struct sqz_result_view *view)
{
    fputs("# Constants of this result.\n", file);
    define_text(file, "figure", figure);
    define_text(file, "version", view->version);
    define_text(file, "scenario_name", view->scenario_name);
    define_text(file, "scenario_file", view->scenario_file);
    define_text(file, "symbol", view->symbol);
    define_text(file, "seed", view->seed);
    define_number(file, "paths", view->paths);
    define_number(file, "start_price", view->start_price_usd);
    fprintf(file, "horizon_s = %.1f\n", view->horizon_s); /* real, so that divisions are */
    define_number(file, "levels_scale", view->levels_scale);
    define_number(file, "short_usd", view->short_usd);
    define_number(file, "long_usd", view->long_usd);
    define_text(file, "vol_text", view->volatility_text);
    define_text(file, "book_text", view->book_text);
    define_text(file, "execution_text", view->execution_text);
    define_text(file, "drivers_text", view->drivers_text);
    define_text(file, "venue_text", view->venue_text);
    define_text(file, "scaled_name", view->has_venue ? "accounts" : "levels");
    define_watch(file, view, 0, "target");
    define_watch(file, view, 1, "floor");
    define_number(file, "forced_mean", view->forced_mean_usd);
    define_number(file, "forced_lo", view->forced_lo_usd);
    define_number(file, "forced_hi", view->forced_hi_usd);
    define_number(file, "forced_zero_share", view->unforced_share);
    define_number(file, "beyond_known_share", view->beyond_known_share);
    define_number(file, "known_up_percent", view->known_percent[SQZ_UP]);
    define_number(file, "known_down_percent", view->known_percent[SQZ_DOWN]);
    fprintf(file, "attributed = %d\n", view->attributed);
    fprintf(file, "closeup_path = %ld\n", view->closeup_path);
    fprintf(file, "thinned_liquidations = %ld\n", view->thinned_liquidations);
    define_cascade(file, view);
    define_text(file, "sample_paths", view->sampled_text);
    define_measures(file, view);
    define_scenarios(file, view);
    define_axes(file, view);
    define_number(file, "branching_bp", view->branching_bp);
    if (view->kind == SQZ_RESULT_IGNITION)
        define_ignition(file, &view->ignition);
    if (view->kind == SQZ_RESULT_BOUND)
        define_bound(file, &view->bound);
    if (view->kind == SQZ_RESULT_REPLAY)
        define_replay(file, &view->replay);
    if (view->kind == SQZ_RESULT_SCORE) {
        define_number(file, "n_maps", view->score_maps);
        define_number(file, "n_days", view->score_days);
    }
    fputc('\n', file);
}

static int write_script(const char *directory, enum sqz_figure figure,
                        const struct sqz_result_view *view, bool rewrite, struct sqz_diag *diag)
{
    char path[PATH_MAX];
    const struct sqz_plot_script *script = &sqz_plot_figures[figure];
    snprintf(path, sizeof path, "%s/%s.gp", directory, sqz_figure_name(figure));
    if ((script->kinds & view->kind) == 0 || !sqz_figure_has_data(figure, directory) ||
        (!rewrite && access(path, F_OK) == 0))
        return SQZ_OK;
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return sqz_fail_at(diag, SQZ_ERR_IO, path, 0, NULL, "cannot be written: %s",
                           strerror(errno));
    write_constants(file, sqz_figure_name(figure), view);
    fputs(sqz_plot_common, file);
    for (int i = 0; i < SQZ_PLOT_PARTS && script->part[i] != NULL; i++) {
        fputc('\n', file);
        fputs(script->part[i], file);
    }
    bool failed = ferror(file) != 0;
    failed |= fclose(file) != 0;
    return failed ? sqz_fail_at(diag, SQZ_ERR_IO, path, 0, NULL, "cannot be written: %s",
                                strerror(errno))
                  : SQZ_OK;
}

int sqz_plot_scripts(const char *directory, bool rewrite, struct sqz_diag *diag)
{
    struct sqz_result_view view;
    int error = sqz_result_view_read(&view, directory, diag);
    for (int i = 0; error == SQZ_OK && i < SQZ_FIGURES; i++)
        error = write_script(directory, (enum sqz_figure)i, &view, rewrite, diag);
    sqz_result_view_free(&view);
    return error;
}

/* ---- drawing ------------------------------------------------------------------------------- */

/* Broken pipes and large files end it as they end any program. */
static int spawn(pid_t *child, const posix_spawn_file_actions_t *actions, char **argv)
{
    posix_spawnattr_t attributes;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    sigaddset(&signals, SIGXFSZ);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawnp(child, "gnuplot", actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

static int start_gnuplot(const char *directory, const char *script, const char *format,
                         double width_mm, pid_t *child, struct sqz_diag *diag)
{
    char define[64], name[64];
    int used = snprintf(define, sizeof define, "out_format='%s'", format);
    if (width_mm > 0)
        snprintf(define + used, sizeof define - (size_t)used, "; width_mm=%.6g", width_mm);
    snprintf(name, sizeof name, "%s.gp", script);
    char *argv[] = {"gnuplot", "-e", define, name, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, directory);
    setenv("LC_ALL", "C.UTF-8", 1); /* the scripts are UTF-8; numbers keep their point */
    int failed = spawn(child, &actions, argv);
    posix_spawn_file_actions_destroy(&actions);
    if (failed == ENOENT)
        return sqz_fail(diag, SQZ_ERR_UNSUPPORTED, "gnuplot is not installed");
    if (failed != 0)
        return sqz_fail(diag, SQZ_ERR_IO, "gnuplot cannot be started: %s", strerror(failed));
    return SQZ_OK;
}

static int await_gnuplot(const char *script, pid_t child, struct sqz_diag *diag)
{
    char name[64];
    int status;
    snprintf(name, sizeof name, "%s.gp", script);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return sqz_fail(diag, SQZ_ERR_IO, "gnuplot was lost: %s", strerror(errno));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return sqz_fail_at(diag, SQZ_ERR_IO, name, 0, NULL, "gnuplot failed on it");
    return SQZ_OK;
}

/* In all formats at once: each takes most of its time to read the data. */
static int draw_figure(const char *directory, const char *figure, int formats, double width_mm,
                       struct sqz_diag *diag)
{
    static const struct {
        enum sqz_plot_format format;
        const char *name;
    } FORMATS[] = {{SQZ_PLOT_SVG, "svg"}, {SQZ_PLOT_PNG, "png"}, {SQZ_PLOT_PDF, "pdf"}};
    char path[PATH_MAX];
    pid_t child[sizeof FORMATS / sizeof FORMATS[0]];
    size_t started = 0;
    int error = SQZ_OK;
    for (size_t f = 0; error == SQZ_OK && f < sizeof FORMATS / sizeof FORMATS[0]; f++)
        if ((formats & (int)FORMATS[f].format) != 0) {
            error =
                start_gnuplot(directory, figure, FORMATS[f].name, width_mm, &child[started], diag);
            started += error == SQZ_OK;
        }
    for (size_t i = 0; i < started; i++) {
        int ended = await_gnuplot(figure, child[i], error == SQZ_OK ? diag : NULL);
        error = error == SQZ_OK ? ended : error;
    }
    if (error == SQZ_OK && (formats & SQZ_PLOT_PDF) != 0 &&
        snprintf(path, sizeof path, "%s/%s.pdf", directory, figure) < PATH_MAX)
        sqz_pdf_remove_date(path);
    return error;
}

int sqz_plot_count(const char *directory)
{
    char path[PATH_MAX];
    int count = 0;
    for (int i = 0; i < SQZ_FIGURES; i++) {
        snprintf(path, sizeof path, "%s/%s.gp", directory, sqz_figure_name((enum sqz_figure)i));
        count += access(path, F_OK) == 0;
    }
    return count;
}

int sqz_plot_draw(const char *directory, int formats, double width_mm, struct sqz_diag *diag)
{
    char path[PATH_MAX];
    int error = SQZ_OK;
    for (int i = 0; error == SQZ_OK && i < SQZ_FIGURES; i++) {
        const char *figure = sqz_figure_name((enum sqz_figure)i);
        snprintf(path, sizeof path, "%s/%s.gp", directory, figure);
        if (access(path, F_OK) == 0)
            error = draw_figure(directory, figure, formats, width_mm, diag);
    }
    return error;
}
