#include "sim/io/params.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/io/settle.h"
#include "sim/io/table.h"
#include "sim/io/units.h"

static int fail_setting(struct sqz_diag *diag, const struct sqz_setting *setting, int code,
                        const char *message)
{
    return sqz_fail_at(diag, code, setting->file, setting->line, setting->key, "%s", message);
}

/* A unit as it follows a number in a sentence; a plain number has none to name. */
static const char *after_number(const char *unit)
{
    return strcmp(unit, "1") == 0 ? "" : unit;
}

static int check_range(const struct sqz_param *param, const struct sqz_setting *setting,
                       double value, struct sqz_diag *diag)
{
    bool low = param->above_lo ? value <= param->lo : value < param->lo;
    if (!low && value <= param->hi)
        return SQZ_OK;
    double factor = sqz_units_factor(param->dimension, param->unit);
    const char *typed = after_number(setting->unit), *expected = after_number(param->unit);
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, setting->key,
                       "%s%s%s is out of range; expected %s%.12g to %.12g%s%s", setting->value,
                       typed[0] != '\0' ? " " : "", typed, param->above_lo ? "above " : "",
                       param->lo / factor, param->hi / factor, expected[0] != '\0' ? " " : "",
                       expected);
}

static int parse_number(const struct sqz_param *param, const struct sqz_setting *setting,
                        const char *text, double *value, struct sqz_diag *diag)
{
    struct sqz_diag why = {0};
    int error = sqz_units_parse(text, setting->unit, param->unit, param->dimension, value, &why);
    if (error != SQZ_OK)
        return fail_setting(diag, setting, error, why.message);
    return check_range(param, setting, *value, diag);
}

static int parse_list(const struct sqz_param *param, const struct sqz_setting *setting,
                      struct sqz_list *list, struct sqz_diag *diag)
{
    char text[SQZ_SETTING_MAX], *rest = text, *part;
    strncpy(text, setting->value, sizeof text - 1);
    text[sizeof text - 1] = '\0';
    list->count = 0;
    while ((part = strsep(&rest, ";")) != NULL) {
        if (list->count == SQZ_LIST_MAX)
            return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, setting->key,
                               "more than %d values", SQZ_LIST_MAX);
        int error = parse_number(param, setting, part, &list->value[list->count++], diag);
        if (error != SQZ_OK)
            return error;
    }
    return SQZ_OK;
}

static int parse_choice(const struct sqz_param *param, struct sqz_setting *setting, int *choice,
                        struct sqz_diag *diag)
{
    char known[256] = "";
    for (int i = 0; param->choices[i] != NULL; i++) {
        if (strcasecmp(param->choices[i], setting->value) == 0) {
            *choice = i;
            return sqz_setting_spell(setting, param->choices[i], diag);
        }
        strncat(known, i > 0 ? ", " : "", sizeof known - strlen(known) - 1);
        strncat(known, param->choices[i], sizeof known - strlen(known) - 1);
    }
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, setting->key,
                       "'%s' is not a choice; expected %s", setting->value, known);
}

static int parse_table(const struct sqz_param *param, struct sqz_setting *setting,
                       struct sqz_table *table, struct sqz_diag *diag)
{
    if (param->default_text != NULL && strcasecmp(setting->value, param->default_text) == 0)
        return sqz_setting_spell(setting, param->default_text, diag); /* "off" */
    char *path = sqz_setting_path(setting);
    if (path == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
    int error = sqz_table_read(table, path, param->columns, diag); /* takes the path */
    if (error == SQZ_ERR_DATA)
        sqz_setting_cite(setting, diag);
    return error;
}

static int parse_value(const struct sqz_param *param, struct sqz_setting *setting, void *target,
                       struct sqz_diag *diag)
{
    void *place = (char *)target + param->offset;
    if (setting->value[0] == '\0')
        return fail_setting(diag, setting, SQZ_ERR_DATA, "is empty; expected a value");
    if (param->dimension == SQZ_DIM_NONE && setting->unit[0] != '\0')
        return fail_setting(diag, setting, SQZ_ERR_DATA, "takes no unit");
    switch (param->kind) {
    case SQZ_PARAM_NUMBER:
        return parse_number(param, setting, setting->value, place, diag);
    case SQZ_PARAM_LIST:
        return parse_list(param, setting, place, diag);
    case SQZ_PARAM_CHOICE:
        return parse_choice(param, setting, place, diag);
    case SQZ_PARAM_TABLE:
        return parse_table(param, setting, place, diag);
    default:
        *(const char **)place = setting->value;
        return SQZ_OK;
    }
}

/* The setting that stands in for a missing key: its default, a copy of another key, or none. */
static int add_default(const struct sqz_param *param, struct sqz_settings *settings,
                       struct sqz_setting **added, struct sqz_diag *diag)
{
    *added = NULL;
    if (param->required)
        return sqz_fail_at(diag, SQZ_ERR_DATA, NULL, 0, param->key, "is missing; %s", param->doc);
    if (param->default_text == NULL)
        return SQZ_OK;
    const char *value = param->default_text, *unit = param->unit;
    if (value[0] == '=') {
        const struct sqz_setting *source = sqz_settings_find(settings, value + 1);
        if (source == NULL)
            return SQZ_OK;
        value = source->value;
        unit = source->unit[0] != '\0' ? source->unit : unit;
    }
    *added = sqz_settings_add(settings, param->key, value, unit, diag);
    return *added != NULL ? SQZ_OK : SQZ_ERR_NOMEM;
}

static void set_unset(const struct sqz_param *param, void *target)
{
    void *place = (char *)target + param->offset;
    if (param->kind == SQZ_PARAM_NUMBER)
        *(double *)place = NAN;
}

int sqz_params_fill(const struct sqz_param_group *group, struct sqz_settings *settings,
                    struct sqz_diag *diag)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct sqz_param *param = &group->table[i];
        struct sqz_setting *setting = sqz_settings_find(settings, param->key);
        if (setting != NULL && strlen(setting->value) >= SQZ_SETTING_MAX)
            return fail_setting(diag, setting, SQZ_ERR_DATA, "is too long");
        int error = setting != NULL ? sqz_setting_settle(setting, param, settings, diag)
                                    : add_default(param, settings, &setting, diag);
        if (error != SQZ_OK)
            return error;
        if (setting == NULL) {
            set_unset(param, group->target);
            continue;
        }
        if (setting->unit[0] == '\0' && param->unit[0] != '\0') {
            free(setting->unit);
            setting->unit = strdup(param->unit);
            if (setting->unit == NULL)
                return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a scenario");
        }
        error = parse_value(param, setting, group->target, diag);
        if (error != SQZ_OK)
            return error;
    }
    return SQZ_OK;
}

void sqz_params_release(const struct sqz_param_group *group)
{
    for (size_t i = 0; i < group->count; i++)
        if (group->table[i].kind == SQZ_PARAM_TABLE)
            sqz_table_free((struct sqz_table *)((char *)group->target + group->table[i].offset));
}
