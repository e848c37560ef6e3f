#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/registry.h"
#include "sim/cli/commands.h"
#include "sim/cli/layout.h"
#include "sim/cli/loading.h"
#include "sim/io/families.h"
#include "sim/io/nearest.h"
#include "sim/io/report.h"
#include "sim/io/units.h"

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
    if (param->aliases != NULL)
        printf("        formerly: %s\n", param->aliases);
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

static void print_measures(const struct sqz_family *family)
{
    for (size_t i = 0; i < family->n_measures; i++)
        print_brief(family->measures[i].name, family->measures[i].unit, "reports",
                    family->measures[i].doc);
}

/* ---- families ------------------------------------------------------------------------------ */

static void print_heading(const struct sqz_family *family)
{
    if (family->name == NULL) {
        printf("%s\n", family->title);
        return;
    }
    sqz_layout_print(stdout, 0, 4, "%s %s: %s", family->title, family->name, family->doc);
    sqz_layout_print(stdout, 4, 4, "source: %s", family->citation);
    if (family->kind != SQZ_FAMILY_VENUE)
        return;
    const struct sqz_venue_model *venue = sqz_registry.venues[family->place];
    sqz_layout_print(
        stdout, 4, 4, "maintenance %s; margin tiers %s deductions; counted closing fee %g",
        venue->on_entry != NULL ? "as venue.maintenance_price says" : "of the present value",
        venue->deducted ? "with" : "without", venue->counted_fee);
}

static void print_all(void)
{
    struct sqz_family family;
    printf("    %-26s %-10s %s\n", "key", "unit", "default");
    for (size_t i = 0; sqz_family_at(&sqz_registry, i, &family); i++) {
        putchar('\n');
        print_heading(&family);
        for (size_t p = 0; p < family.n_params; p++) {
            const struct sqz_param *param = &family.params[p];
            print_brief(param->key, param->unit, default_of(param), param->doc);
        }
        print_measures(&family);
    }
}

/* ---- one key, model or family -------------------------------------------------------------- */

/* Whether a key is or was `word`, or is of the family "word." */
static bool is_of(const struct sqz_param *param, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(param->key, word, length) != 0)
        return sqz_param_was(param, word);
    char next = param->key[length];
    return next == '\0' || next == '.' || (length > 0 && word[length - 1] == '.');
}

/* A model goes by its name, and all of a kind by "book", "driver" or "venue". */
static bool is_model(const struct sqz_family *family, const char *word)
{
    return family->name != NULL &&
           (strcmp(family->name, word) == 0 || strcmp(family->title, word) == 0);
}

static bool print_matching(const struct sqz_family *family, const char *word, bool first)
{
    bool model = is_model(family, word), any = model;
    for (size_t p = 0; p < family->n_params; p++)
        any |= is_of(&family->params[p], word);
    if (!any)
        return false;
    if (!first)
        putchar('\n');
    print_heading(family);
    for (size_t p = 0; p < family->n_params; p++)
        if (model || is_of(&family->params[p], word))
            print_whole(&family->params[p]);
    if (model || strcmp(word, "venue") == 0 || strcmp(word, "venue.") == 0)
        print_measures(family);
    return true;
}

static int fail_unknown(const char *word, struct sqz_diag *diag)
{
    struct sqz_family family;
    struct sqz_nearest nearest = sqz_nearest_begin(word);
    for (size_t i = 0; sqz_family_at(&sqz_registry, i, &family); i++) {
        if (family.name != NULL)
            sqz_nearest_offer(&nearest, family.name);
        for (size_t p = 0; p < family.n_params; p++)
            sqz_nearest_offer(&nearest, family.params[p].key);
    }
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, word, "is no key, model or family of keys%s",
                       sqz_nearest_hint(&nearest, ""));
}

/* Say so if the word is a former key. */
static int remark_renamed(const struct sqz_options *options, struct sqz_diag *diag)
{
    const char *word = options->operand[0];
    const struct sqz_param *param = sqz_families_find(&sqz_registry, word);
    if (param == NULL || strcmp(param->key, word) == 0)
        return SQZ_OK;
    struct sqz_remarks remarks = {0};
    int error = sqz_remark_renamed(&remarks, NULL, 0, word, param->key);
    sqz_say_remarks(&remarks, options);
    sqz_remarks_free(&remarks);
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}

int sqz_cmd_models(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct sqz_family family;
    bool any = false;
    if (options->n_operands == 0) {
        if (options->json)
            return sqz_report_models(stdout, &sqz_registry, diag);
        print_all();
        return SQZ_OK;
    }
    if (options->json)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--json",
                           "prints every model; expected no key beside it");
    for (size_t i = 0; sqz_family_at(&sqz_registry, i, &family); i++)
        any |= print_matching(&family, options->operand[0], !any);
    return any ? remark_renamed(options, diag) : fail_unknown(options->operand[0], diag);
}
