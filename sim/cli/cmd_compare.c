#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/commands.h"
#include "sim/cli/simulate.h"
#include "sim/cli/text.h"
#include "sim/io/report.h"
#include "sim/plot/plot.h"

/* Everything a comparison opens, so that one place closes it. */
struct job {
    const struct sqz_options *options;
    struct sqz_session session;
    struct sqz_simulation simulation;
    struct sqz_comparison comparison;
    struct sqz_result_dir dir;
};

/* ---- the table for people ------------------------------------------------------------------ */

enum { NAME_MAX_WIDTH = 48 };

static const char *const WATCH[SQZ_WATCHES] = {"target", "floor"};

/* The price that all scenarios watch; NAN if they differ or none is watched. */
static double common_watch(const struct sqz_comparison *comparison, int watch)
{
    double price = comparison->item[0].summary.watch[watch].price_usd;
    for (size_t i = 1; i < comparison->count; i++)
        if (comparison->item[i].summary.watch[watch].price_usd != price)
            return NAN;
    return price;
}

static int name_width(const struct sqz_comparison *comparison)
{
    int width = sqz_text_width("scenario");
    for (size_t i = 0; i < comparison->count; i++) {
        int own = sqz_text_width(comparison->item[i].name);
        width = own > width ? own : width;
    }
    return width < NAME_MAX_WIDTH ? width : NAME_MAX_WIDTH;
}

enum { CELL_WIDTH = 20, CELL_SIZE = 3 * SQZ_TEXT_SIZE };

/* "23.71 % +- 0.59 %"; where that would leave 0 to 100 %, "0.00 % [0.00 %, 3.70 %]". */
static const char *text_chance(char cell[CELL_SIZE], const struct sqz_watch_summary *watch)
{
    const struct sqz_estimate *p = &watch->probability;
    double half = (p->hi - p->lo) / 2;
    char text[3][SQZ_TEXT_SIZE];
    if (isnan(watch->price_usd))
        return strcpy(cell, "-");
    if (p->value - half < 0 || p->value + half > 1)
        snprintf(cell, CELL_SIZE, "%s [%s, %s]", sqz_text_share(text[0], p->value),
                 sqz_text_share(text[1], p->lo), sqz_text_share(text[2], p->hi));
    else
        snprintf(cell, CELL_SIZE, "%s +- %s", sqz_text_share(text[0], p->value),
                 sqz_text_share(text[1], half));
    return cell;
}

/* Of the column of a watched price. */
static int chance_width(const struct sqz_comparison *comparison, int watch)
{
    int width = CELL_WIDTH;
    for (size_t i = 0; i < comparison->count; i++) {
        char cell[CELL_SIZE];
        int own = (int)strlen(text_chance(cell, &comparison->item[i].summary.watch[watch]));
        width = own > width ? own : width;
    }
    return width;
}

static void print_watch_title(const struct sqz_comparison *comparison, int watch)
{
    char title[SQZ_TEXT_SIZE + 16], price[SQZ_TEXT_SIZE];
    double common = common_watch(comparison, watch);
    snprintf(title, sizeof title, "P(%s%s%s)", WATCH[watch], isnan(common) ? "" : " ",
             isnan(common) ? "" : sqz_text_price(price, common));
    printf(" %*s", chance_width(comparison, watch), title);
}

static void print_scenario(const struct sqz_comparison *comparison, size_t index, int width)
{
    const struct sqz_compared *item = &comparison->item[index];
    char text[2][SQZ_TEXT_SIZE], cell[CELL_SIZE];
    fputs("  ", stdout);
    sqz_text_pad(stdout, item->name, width);
    for (int w = 0; w < SQZ_WATCHES; w++)
        printf(" %*s", chance_width(comparison, w), text_chance(cell, &item->summary.watch[w]));
    printf(" %12s %12s\n", sqz_text_money(text[0], item->summary.forced_usd.value),
           sqz_text_price(text[1], item->summary.final_usd.value[SQZ_QUANTILES / 2]));
}

/* A measure of the venues, a line for each scenario that has one. */
static void print_venue_measure(const struct sqz_comparison *comparison, const char *label,
                                const char *measure, int width)
{
    for (size_t i = 0; i < comparison->count; i++) {
        const struct sqz_compared *item = &comparison->item[i];
        if (item->summary.world->venue == NULL)
            continue;
        printf("  %-20s ", label);
        label = "";
        sqz_text_pad(stdout, item->name, width);
        sqz_text_venue_measure(stdout, &item->summary, measure);
    }
}

/* What the venues did, a measure after the other, so that scenarios stand beneath each other;
 * nothing where no scenario has open positions. */
static void print_venues(const struct sqz_comparison *comparison, int width)
{
    static const struct {
        const char *measure, *label;
    } ROWS[] = {{"accounts_liquidated", "accounts liquidated"},
                {"equity_lost", "equity lost"},
                {"fund_drawn", "paid by the fund"},
                {"adl", "deleveraged"},
                {"bad_debt", "bad debt"}};
    bool any = false;
    for (size_t i = 0; i < comparison->count; i++)
        any |= comparison->item[i].summary.world->venue != NULL;
    if (!any)
        return;
    printf("\n  %-20s %-*s %12s  95 %% interval\n", "venues, means", width, "scenario", "value");
    for (size_t r = 0; r < sizeof ROWS / sizeof ROWS[0]; r++)
        print_venue_measure(comparison, ROWS[r].label, ROWS[r].measure, width);
}

/* What a row of differences is called: with one price, with two where they differ. */
static void label_watch(const struct sqz_difference *difference, int watch, char *label,
                        size_t size)
{
    char own[SQZ_TEXT_SIZE], base[SQZ_TEXT_SIZE];
    double own_usd = difference->watch_usd[watch], base_usd = difference->base_watch_usd[watch];
    if (own_usd == base_usd || isnan(own_usd) || isnan(base_usd))
        snprintf(label, size, "P(%s %s)", WATCH[watch],
                 sqz_text_price(own, isnan(own_usd) ? base_usd : own_usd));
    else
        snprintf(label, size, "P(%s %s) - P(%s)", WATCH[watch], sqz_text_price(own, own_usd),
                 sqz_text_price(base, base_usd));
}

static const char *text_reduction(char *text, double reduction)
{
    if (isnan(reduction))
        return strcpy(text, "-");
    if (isinf(reduction))
        return strcpy(text, "no pair differs");
    snprintf(text, SQZ_TEXT_SIZE, "/ %.1f", reduction);
    return text;
}

static void print_contrast(const char *label, const struct sqz_difference *difference,
                           enum sqz_contrast contrast)
{
    const struct sqz_estimate *value = &difference->value[contrast];
    const char *(*format)(char *, double) =
        contrast == SQZ_CONTRAST_FORCED ? sqz_text_money : sqz_text_share;
    char text[4][SQZ_TEXT_SIZE], interval[2 * SQZ_TEXT_SIZE + 16];
    snprintf(interval, sizeof interval, "[%s, %s]%s", format(text[1], value->lo),
             format(text[2], value->hi), contrast == SQZ_CONTRAST_FORCED ? " usd" : "");
    printf("    %-34s %12s  %-26s %s\n", label, format(text[0], value->value), interval,
           text_reduction(text[3], difference->variance_reduction[contrast]));
}

static void print_differences(const struct sqz_comparison *comparison, size_t index)
{
    const struct sqz_compared *item = &comparison->item[index];
    const struct sqz_difference *difference = &item->difference;
    char label[128];
    printf("\n  %s - %s\n", item->name, comparison->item[0].name);
    for (int w = 0; w < SQZ_WATCHES; w++) {
        bool own = !isnan(difference->watch_usd[w]), base = !isnan(difference->base_watch_usd[w]);
        if (!own && !base)
            continue;
        label_watch(difference, w, label, sizeof label);
        if (own && base)
            print_contrast(label, difference, w);
        else
            printf("    %-34s %12s  only %s has a %s\n", label, "-",
                   own ? item->name : comparison->item[0].name, WATCH[w]);
    }
    print_contrast("forced notional, mean", difference, SQZ_CONTRAST_FORCED);
    print_contrast("log return, mean", difference, SQZ_CONTRAST_FINAL);
}

static void print_horizon(const struct sqz_comparison *comparison)
{
    char text[SQZ_TEXT_SIZE];
    double horizon_s = comparison->item[0].summary.horizon_s;
    bool common = true;
    for (size_t i = 1; i < comparison->count; i++)
        common &= comparison->item[i].summary.horizon_s == horizon_s;
    if (common) {
        printf(", horizon %s", sqz_text_duration(text, horizon_s));
        return;
    }
    fputs(", horizons", stdout);
    for (size_t i = 0; i < comparison->count; i++)
        printf("%s %s", i > 0 ? "," : "",
               sqz_text_duration(text, comparison->item[i].summary.horizon_s));
}

/* What is asked of the scenarios, as far as it is not the same of all: "target, horizon". "" if it
 * is. A price that one of two does not watch makes no difference, as there is none to be told. */
static const char *differing(const struct sqz_comparison *comparison, char text[SQZ_TEXT_SIZE])
{
    static const char *const NAME[SQZ_WATCHES + 1] = {"target", "floor", "horizon"};
    bool differs[SQZ_WATCHES + 1] = {false};
    for (size_t i = 1; i < comparison->count; i++) {
        const struct sqz_difference *difference = &comparison->item[i].difference;
        for (int w = 0; w < SQZ_WATCHES; w++) {
            double own = difference->watch_usd[w], base = difference->base_watch_usd[w];
            differs[w] |= !isnan(own) && !isnan(base) && own != base;
        }
        differs[SQZ_WATCHES] |=
            comparison->item[i].summary.horizon_s != comparison->item[0].summary.horizon_s;
    }
    text[0] = '\0';
    for (int k = 0; k <= SQZ_WATCHES; k++)
        if (differs[k])
            sprintf(text + strlen(text), "%s%s", text[0] != '\0' ? ", " : "", NAME[k]);
    return text;
}

/* "the scenarios differ in ...": said under the table, and on standard error for who reads JSON. */
static void print_mixture(FILE *out, const char *speaker, const struct sqz_comparison *comparison)
{
    char what[SQZ_TEXT_SIZE];
    if (differing(comparison, what)[0] != '\0')
        fprintf(
            out,
            "%sthe scenarios differ in what is asked of them (%s): a difference mixes that with "
            "what else differs\n",
            speaker, what);
}

static void print_comparison(const struct sqz_comparison *comparison)
{
    const struct sqz_summary *base = &comparison->item[0].summary;
    int width = name_width(comparison);
    char start[SQZ_TEXT_SIZE];
    printf("%zu scenarios on the same %" PRIu64 " exogenous paths: start %s usd", comparison->count,
           base->paths, sqz_text_price(start, base->start_price_usd));
    print_horizon(comparison);
    printf(", seed %" PRIu64 "\n\n  %-*s", base->seed, width, "scenario");
    for (int w = 0; w < SQZ_WATCHES; w++)
        print_watch_title(comparison, w);
    printf(" %12s %12s\n", "mean forced", "median final");
    for (size_t i = 0; i < comparison->count; i++)
        print_scenario(comparison, i, width);
    print_venues(comparison, width);
    printf("\n  %-36s %12s  %-26s %s\n", "differences, path by path", "value", "95 % interval",
           "variance by pairing");
    for (size_t i = 1; i < comparison->count; i++)
        print_differences(comparison, i);
    puts("\n  +-: half of the 95 % interval, in full where that would leave 0 to 100 %\n"
         "  variance by pairing: how many times smaller than that of independent runs");
    print_mixture(stdout, "  ", comparison);
}

/* ---- result files -------------------------------------------------------------------------- */

static int write_part(const struct job *job, size_t index, struct sqz_diag *diag)
{
    struct sqz_result_dir part;
    int error = sqz_result_dir_open_part(&part, &job->dir, index + 1, diag);
    if (error == SQZ_OK)
        error = sqz_simulation_write(&job->simulation, index, &part, diag);
    if (error == SQZ_OK)
        error = sqz_result_dir_commit(&part, diag);
    sqz_result_dir_discard(&part);
    return error;
}

static int write_result(struct job *job, struct sqz_diag *diag)
{
    struct sqz_run_record record = sqz_simulation_record(&job->simulation, 0);
    int error = sqz_comparison_write(&job->comparison, &job->dir, &record, diag);
    for (size_t i = 0; error == SQZ_OK && i < job->comparison.count; i++)
        error = write_part(job, i, diag);
    if (error == SQZ_OK)
        error = sqz_plot_scripts(job->dir.staging, true, diag);
    if (error == SQZ_OK)
        error = sqz_result_dir_commit(&job->dir, diag);
    return error;
}

/* ---- the command --------------------------------------------------------------------------- */

static void gather(struct job *job)
{
    const struct sqz_session *session = &job->session;
    for (size_t i = 0; i < session->n_scenarios; i++) {
        struct sqz_compared *item = &job->comparison.item[i];
        sqz_simulation_summary(&job->simulation, i, &item->summary);
        if (i > 0)
            sqz_difference_make(&item->difference, item->scenario, session->scenario,
                                &job->simulation.pair[sqz_session_comparison(session, i)]);
    }
}

static int report(void *context, struct sqz_diag *diag)
{
    struct job *job = context;
    gather(job);
    int error = job->options->output != NULL ? write_result(job, diag) : SQZ_OK;
    if (error != SQZ_OK)
        return error;
    if (job->options->json)
        error = sqz_report_comparison(stdout, &job->comparison, diag);
    else
        print_comparison(&job->comparison);
    if (error == SQZ_OK)
        sqz_simulation_remark(&job->simulation);
    if (error == SQZ_OK && !job->options->quiet)
        print_mixture(stderr, "squeeze: ", &job->comparison);
    if (error == SQZ_OK && job->options->output != NULL)
        error = sqz_simulation_draw(job->options, job->dir.path, diag);
    if (error == SQZ_OK)
        error = sqz_simulation_check_cut_off(&job->simulation, diag);
    return error;
}

static int simulate(struct job *job, struct sqz_diag *diag)
{
    struct sqz_progress progress;
    sqz_progress_begin(&progress, job->options->paths, job->options->quiet);
    int error = sqz_simulate(&job->simulation, NULL, &progress, diag);
    sqz_progress_end(&progress);
    return error;
}

/* Open the result before the work, so that a directory that cannot be written costs nothing. */
static int open_result(struct job *job, struct sqz_diag *diag)
{
    const struct sqz_options *options = job->options;
    int error = sqz_comparison_init(&job->comparison, job->session.scenario,
                                    job->session.n_scenarios, diag);
    if (error == SQZ_OK && options->output != NULL)
        error = sqz_result_dir_open(&job->dir, options->output, options->force, diag);
    if (error == SQZ_OK && options->output != NULL)
        error = sqz_simulation_keep_fan(&job->simulation, diag);
    return error;
}

int sqz_cmd_compare(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct job job = {.options = options};
    int error = sqz_session_open(&job.session, options, diag);
    if (error != SQZ_OK)
        return error;
    job.simulation = (struct sqz_simulation){.session = &job.session, .options = options};
    error = open_result(&job, diag);
    if (error == SQZ_OK)
        error = sqz_simulation_conclude(&job.simulation, simulate(&job, diag), report, &job, diag);
    sqz_result_dir_discard(&job.dir);
    sqz_comparison_free(&job.comparison);
    sqz_simulation_free(&job.simulation);
    sqz_session_close(&job.session);
    return error;
}
