#include "sim/io/params.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/io/csv.h"
#include "sim/io/json.h"
#include "sim/io/settle.h"
#include "sim/io/table.h"
#include "sim/io/units.h"

/* ---- settings ------------------------------------------------------------------------------ */

static void free_setting(struct sqz_setting *setting)
{
    free(setting->key);
    free(setting->value);
    free(setting->unit);
    free(setting->note);
    free(setting->file);
    free(setting->row_value);
    free(setting->row_unit);
}

void sqz_settings_free(struct sqz_settings *settings)
{
    for (size_t i = 0; i < settings->count; i++)
        free_setting(&settings->item[i]);
    free(settings->item);
    memset(settings, 0, sizeof *settings);
}

struct sqz_setting *sqz_settings_find(const struct sqz_settings *settings, const char *key)
{
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->item[i].key, key) == 0)
            return &settings->item[i];
    return NULL;
}

/* Append a setting of copied strings; `file` may be NULL. */
static struct sqz_setting *append(struct sqz_settings *settings, const char *key, const char *value,
                                  const char *unit, const char *note, const char *file, long line)
{
    if (settings->count == settings->capacity) {
        size_t capacity = settings->capacity > 0 ? 2 * settings->capacity : 32;
        void *bigger = realloc(settings->item, capacity * sizeof *settings->item);
        if (bigger == NULL)
            return NULL;
        settings->item = bigger;
        settings->capacity = capacity;
    }
    struct sqz_setting *setting = &settings->item[settings->count];
    *setting = (struct sqz_setting){.key = strdup(key),
                                    .value = strdup(value),
                                    .unit = strdup(unit),
                                    .note = strdup(note),
                                    .file = file != NULL ? strdup(file) : NULL,
                                    .line = line};
    bool whole = setting->key != NULL && setting->value != NULL && setting->unit != NULL &&
                 setting->note != NULL && (file == NULL || setting->file != NULL);
    if (!whole) {
        free_setting(setting);
        return NULL;
    }
    settings->count++;
    return setting;
}

int sqz_settings_add(struct sqz_settings *settings, const char *key, const char *value,
                     const char *unit, struct sqz_diag *diag)
{
    if (append(settings, key, value, unit, "", NULL, 0) == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a scenario");
    return SQZ_OK;
}

enum { KEY, VALUE, UNIT, NOTE, COLUMNS };

/* What goes into a manifest must be text; jansson refuses to make a string of anything else. */
static bool is_utf8(const char *text)
{
    json_t *string = json_string(text);
    json_decref(string);
    return string != NULL;
}

struct settings_reader {
    struct sqz_settings *settings;
    struct sqz_csv_column column[COLUMNS];
    size_t width; /* of the header; 0 before it was read */
};

static int read_setting(struct settings_reader *reader, const struct sqz_csv_row *row,
                        struct sqz_diag *diag)
{
    if (row->count < 2 || row->count > reader->width)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, NULL,
                           "%zu field%s; expected key,value,unit[,note] (quote a note that holds "
                           "a comma)",
                           row->count, row->count == 1 ? "" : "s");
    const char *key = sqz_csv_field(row, &reader->column[KEY]);
    if (key[0] == '\0')
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, "key", "is empty");
    for (int c = 0; c < COLUMNS; c++)
        if (!is_utf8(sqz_csv_field(row, &reader->column[c])))
            return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, key,
                               "holds bytes that are no text; expected UTF-8");
    int error = sqz_csv_check_comma(row, &reader->column[VALUE], key, diag);
    if (error != SQZ_OK)
        return error;
    const struct sqz_setting *earlier = sqz_settings_find(reader->settings, key);
    if (earlier != NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, key,
                           "given twice; first on line %ld", earlier->line);
    if (append(reader->settings, key, sqz_csv_field(row, &reader->column[VALUE]),
               sqz_csv_field(row, &reader->column[UNIT]), sqz_csv_field(row, &reader->column[NOTE]),
               row->file, row->line) == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a scenario");
    return SQZ_OK;
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct settings_reader *reader = context;
    if (reader->width > 0)
        return read_setting(reader, row, diag);
    reader->width = row->count;
    return sqz_csv_match(row, reader->column, COLUMNS, diag);
}

int sqz_settings_read(struct sqz_settings *settings, const char *path, struct sqz_diag *diag)
{
    struct settings_reader reader = {
        .settings = settings,
        .column = {{"key", true, 0}, {"value", true, 0}, {"unit", true, 0}, {"note", false, 0}}};
    int error =
        sqz_csv_read_among(settings->memory, path, on_row, &reader, &settings->digest, diag);
    if (error == SQZ_OK && reader.width == 0)
        return sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL,
                           "is empty; expected a scenario, key,value,unit[,note]");
    return error;
}

/* What a row of the file says, kept when it is replaced. */
struct kept_row {
    char *value, *unit; /* NULL: there was none */
};

static struct kept_row remove_setting(struct sqz_settings *settings, struct sqz_setting *setting)
{
    bool of_file = setting->line > 0;
    char **value = of_file ? &setting->value : &setting->row_value;
    char **unit = of_file ? &setting->unit : &setting->row_unit;
    struct kept_row row = {*value, *unit};
    *value = *unit = NULL;
    free_setting(setting);
    *setting = settings->item[--settings->count];
    return row;
}

int sqz_settings_override(struct sqz_settings *settings, const char *assignment,
                          struct sqz_diag *diag)
{
    const char *equals = strchr(assignment, '=');
    if (equals == NULL || equals == assignment)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, "--set", 0, NULL,
                           "'%s' is not key=value, as in --set volatility=0.03", assignment);
    if (!is_utf8(assignment))
        return sqz_fail_at(diag, SQZ_ERR_USAGE, "--set", 0, NULL,
                           "holds bytes that are no text; expected UTF-8");
    char *key = strndup(assignment, (size_t)(equals - assignment));
    if (key == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a scenario");
    struct sqz_setting *present = sqz_settings_find(settings, key);
    struct kept_row row = {0};
    if (present != NULL)
        row = remove_setting(settings, present);
    struct sqz_setting *added = append(settings, key, equals + 1, "", "", "--set", 0);
    free(key);
    if (added == NULL) {
        free(row.value);
        free(row.unit);
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a scenario");
    }
    added->row_value = row.value;
    added->row_unit = row.unit;
    return SQZ_OK;
}

char *sqz_setting_path(const struct sqz_setting *setting)
{
    const char *slash =
        setting->file != NULL && setting->line > 0 ? strrchr(setting->file, '/') : NULL;
    if (slash == NULL || setting->value[0] == '/' || strcmp(setting->value, SQZ_CSV_STDIN) == 0)
        return strdup(setting->value);
    size_t directory = (size_t)(slash - setting->file) + 1;
    char *path = malloc(directory + strlen(setting->value) + 1);
    if (path != NULL) {
        memcpy(path, setting->file, directory);
        strcpy(path + directory, setting->value);
    }
    return path;
}

void sqz_setting_cite(const struct sqz_setting *setting, struct sqz_diag *diag)
{
    if (diag == NULL || diag->line > 0 || diag->field[0] != '\0' || setting->file == NULL)
        return;
    size_t used = strlen(diag->message), size = sizeof diag->message - used;
    if (setting->line > 0)
        snprintf(diag->message + used, size, " (%s in %s:%ld)", setting->key, setting->file,
                 setting->line);
    else
        snprintf(diag->message + used, size, " (%s by %s)", setting->key, setting->file);
}

void sqz_settings_locate(const struct sqz_settings *settings, struct sqz_diag *diag)
{
    if (diag == NULL || diag->file[0] != '\0' || diag->field[0] == '\0')
        return;
    const struct sqz_setting *setting = sqz_settings_find(settings, diag->field);
    if (setting == NULL || setting->file == NULL)
        return;
    strncpy(diag->file, setting->file, sizeof diag->file - 1);
    diag->line = setting->line;
}

json_t *sqz_settings_json(const struct sqz_settings *settings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < settings->count; i++) {
        const struct sqz_setting *setting = &settings->item[i];
        char origin[600] = "default";
        if (setting->file != NULL && setting->line > 0)
            snprintf(origin, sizeof origin, "%s:%ld", setting->file, setting->line);
        else if (setting->file != NULL)
            snprintf(origin, sizeof origin, "%s", setting->file);
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:o, s:s}", "key", setting->key, "value",
                                        setting->value, "unit", setting->unit, "origin",
                                        sqz_json_text(origin), "note", setting->note));
    }
    return list;
}

/* ---- values -------------------------------------------------------------------------------- */

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
    const char *given = after_number(setting->unit), *expected = after_number(param->unit);
    return sqz_fail_at(diag, SQZ_ERR_DATA, setting->file, setting->line, setting->key,
                       "%s%s%s is out of range; expected %s%.12g to %.12g%s%s", setting->value,
                       given[0] != '\0' ? " " : "", given, param->above_lo ? "above " : "",
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
                       const struct sqz_memory_files *memory, struct sqz_table *table,
                       struct sqz_diag *diag)
{
    if (param->default_text != NULL && strcasecmp(setting->value, param->default_text) == 0)
        return sqz_setting_spell(setting, param->default_text, diag); /* "off" */
    char *path = sqz_setting_path(setting);
    if (path == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
    int error = sqz_table_read(table, path, param->columns, memory, diag); /* takes the path */
    if (error == SQZ_ERR_DATA)
        sqz_setting_cite(setting, diag);
    return error;
}

static int parse_value(const struct sqz_param *param, struct sqz_setting *setting,
                       const struct sqz_memory_files *memory, void *target, struct sqz_diag *diag)
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
        return parse_table(param, setting, memory, place, diag);
    default:
        *(const char **)place = setting->value;
        return SQZ_OK;
    }
}

/* The setting that stands in for a missing key: its default, a copy of another key, or none. */
static int add_default(const struct sqz_param *param, struct sqz_settings *settings,
                       struct sqz_setting **default_text, struct sqz_diag *diag)
{
    *default_text = NULL;
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
    *default_text = append(settings, param->key, value, unit, "", NULL, 0);
    if (*default_text == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a scenario");
    return SQZ_OK;
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
        error = parse_value(param, setting, settings->memory, group->target, diag);
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
