#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/registry.h"
#include "sim/cli/commands.h"
#include "sim/cli/layout.h"
#include "sim/core/clearing.h"
#include "sim/core/venue.h"
#include "sim/core/venue_measures.h"
#include "sim/io/nearest.h"
#include "sim/io/report.h"
#include "sim/io/units.h"

/* A heading with the parameters and measures under it: what every scenario may say, or a model. */
struct section {
    const char *kind, *name; /* "book", "power"; name "" where it is no model */
    const char *doc, *citation;
    const struct sqz_param *params;
    size_t n_params;
    const struct sqz_measure *measures;
    size_t n_measures;
    const struct sqz_venue_model *venue; /* else NULL */
};

enum { SECTIONS_MAX = 64 };

/* ---- one entry ----------------------------------------------------------------------------- */

static const char *default_of(const struct sqz_param *param)
{
    return param->required               ? "required"
           : param->default_text != NULL ? param->default_text
                                         : "unset";
}

static void print_brief(const char *name, const char *unit, const char *default_text,
                        const char *doc)
{
    printf("    %-26s %-10s %s\n", name, unit, default_text);
    sqz_layout_print(stdout, 8, 0, "%s", doc);
}

/* "from 0 to 1", in the unit of the key. */
static void print_range(const struct sqz_param *param)
{
    double unit = sqz_units_factor(param->dimension, param->unit);
    if (isinf(param->lo) && isinf(param->hi))
        return;
    printf("        range: %s %.12g", param->above_lo ? "above" : "from", param->lo / unit);
    if (!isinf(param->hi))
        printf(" to %.12g", param->hi / unit);
    bool plain = param->unit[0] == '\0' || strcmp(param->unit, "1") == 0;
    printf("%s%s\n", plain ? "" : " ", plain ? "" : param->unit);
}

static void print_choices(const struct sqz_param *param)
{
    char text[512] = "one of:";
    for (int i = 0; param->choices[i] != NULL; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), " %s", param->choices[i]);
    sqz_layout_print(stdout, 8, 2, "%s", text);
}

static void print_columns(const struct sqz_param *param)
{
    char text[1024] = "a CSV file with the columns:";
    for (const struct sqz_column *column = param->columns; column->name != NULL; column++)
        snprintf(text + strlen(text), sizeof text - strlen(text), " %s%s%s", column->name,
                 column->kind == SQZ_COLUMN_EACH ? "NAME" : "",
                 column->tail != NULL ? column->tail : "");
    sqz_layout_print(stdout, 8, 2, "%s", text);
}

static void print_whole(const struct sqz_param *param)
{
    print_brief(param->key, param->unit, default_of(param), param->doc);
    switch (param->kind) {
    case SQZ_PARAM_NUMBER:
    case SQZ_PARAM_LIST:
        print_range(param);
        break;
    case SQZ_PARAM_CHOICE:
        print_choices(param);
        break;
    case SQZ_PARAM_TABLE:
        print_columns(param);
        break;
    default:
        break;
    }
}

static void print_measures(const struct section *section)
{
    for (size_t i = 0; i < section->n_measures; i++)
        print_brief(section->measures[i].name, section->measures[i].unit, "reports",
                    section->measures[i].doc);
}

/* ---- sections ------------------------------------------------------------------------------ */

static size_t add_models(struct section *section, size_t n)
{
    for (size_t m = 0; sqz_registry.books[m] != NULL; m++) {
        const struct sqz_book_model *book = sqz_registry.books[m];
        section[n++] = (struct section){"book",       book->name,     book->doc, book->citation,
                                        book->params, book->n_params, NULL,      0,
                                        NULL};
    }
    for (size_t m = 0; sqz_registry.drivers[m] != NULL; m++) {
        const struct sqz_driver_model *driver = sqz_registry.drivers[m];
        section[n++] = (struct section){"driver",         driver->name,       driver->doc,
                                        driver->citation, driver->params,     driver->n_params,
                                        driver->measures, driver->n_measures, NULL};
    }
    return n;
}

/* All sections in the order in which they are listed. */
static size_t list_sections(struct section section[SECTIONS_MAX])
{
    size_t n = 0;
    section[n++] = (struct section){.kind = "every scenario",
                                    .name = "",
                                    .params = sqz_scenario_param_table,
                                    .n_params = sqz_scenario_param_count};
    section[n++] = (struct section){.kind = "every book",
                                    .name = "",
                                    .params = sqz_book_param_table,
                                    .n_params = sqz_book_param_count};
    n = add_models(section, n);
    section[n++] = (struct section){.kind = "a population of positions",
                                    .name = "",
                                    .params = sqz_population_param_table,
                                    .n_params = sqz_population_param_count};
    section[n++] = (struct section){.kind = "every venue",
                                    .name = "",
                                    .params = sqz_venue_param_table,
                                    .n_params = sqz_venue_param_count,
                                    .measures = sqz_venue_measures.measures,
                                    .n_measures = sqz_venue_measures.n_measures};
    for (size_t m = 0; sqz_registry.venues[m] != NULL; m++) {
        const struct sqz_venue_model *venue = sqz_registry.venues[m];
        section[n++] = (struct section){"venue",       venue->name,     venue->doc, venue->citation,
                                        venue->params, venue->n_params, NULL,       0,
                                        venue};
    }
    return n;
}

static void print_heading(const struct section *section)
{
    const struct sqz_venue_model *venue = section->venue;
    if (section->doc == NULL) {
        printf("%s\n", section->kind);
        return;
    }
    sqz_layout_print(stdout, 0, 4, "%s %s: %s", section->kind, section->name, section->doc);
    sqz_layout_print(stdout, 4, 4, "source: %s", section->citation);
    if (venue != NULL)
        sqz_layout_print(
            stdout, 4, 4, "maintenance %s; margin tiers %s deductions; counted closing fee %g",
            venue->on_entry != NULL ? "as venue.maintenance_price says" : "of the present value",
            venue->deducted ? "with" : "without", venue->counted_fee);
}

static void print_all(const struct section *section, size_t count)
{
    printf("    %-26s %-10s %s\n", "key", "unit", "default");
    for (size_t i = 0; i < count; i++) {
        putchar('\n');
        print_heading(&section[i]);
        for (size_t p = 0; p < section[i].n_params; p++) {
            const struct sqz_param *param = &section[i].params[p];
            print_brief(param->key, param->unit, default_of(param), param->doc);
        }
        print_measures(&section[i]);
    }
}

/* ---- one key, model or family -------------------------------------------------------------- */

/* Whether a key is `word`, or of the family "word." */
static bool is_of(const char *key, const char *word)
{
    size_t length = strlen(word);
    if (length > 0 && word[length - 1] == '.')
        return strncmp(key, word, length) == 0;
    return strncmp(key, word, length) == 0 && (key[length] == '\0' || key[length] == '.');
}

/* A model goes by its name, and all of a kind by "book", "driver" or "venue". */
static bool is_model(const struct section *section, const char *word)
{
    return section->name[0] != '\0' &&
           (strcmp(section->name, word) == 0 || strcmp(section->kind, word) == 0);
}

static bool print_matching(const struct section *section, const char *word, bool first)
{
    bool model = is_model(section, word), any = model;
    for (size_t p = 0; p < section->n_params; p++)
        any |= is_of(section->params[p].key, word);
    if (!any)
        return false;
    if (!first)
        putchar('\n');
    print_heading(section);
    for (size_t p = 0; p < section->n_params; p++)
        if (model || is_of(section->params[p].key, word))
            print_whole(&section->params[p]);
    if (model || strcmp(word, "venue") == 0 || strcmp(word, "venue.") == 0)
        print_measures(section);
    return true;
}

static int fail_unknown(const struct section *section, size_t count, const char *word,
                        struct sqz_diag *diag)
{
    struct sqz_nearest nearest = sqz_nearest_begin(word);
    for (size_t i = 0; i < count; i++) {
        if (section[i].name[0] != '\0')
            sqz_nearest_offer(&nearest, section[i].name);
        for (size_t p = 0; p < section[i].n_params; p++)
            sqz_nearest_offer(&nearest, section[i].params[p].key);
    }
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, word, "is no key, model or family of keys%s",
                       sqz_nearest_hint(&nearest, ""));
}

int sqz_cmd_models(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct section section[SECTIONS_MAX];
    size_t count = list_sections(section);
    bool any = false;
    if (options->n_operands == 0) {
        if (options->json)
            return sqz_report_models(stdout, &sqz_registry, diag);
        print_all(section, count);
        return SQZ_OK;
    }
    if (options->json)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--json",
                           "prints every model; expected no key beside it");
    for (size_t i = 0; i < count; i++)
        any |= print_matching(&section[i], options->operand[0], !any);
    return any ? SQZ_OK : fail_unknown(section, count, options->operand[0], diag);
}
