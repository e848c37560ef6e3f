/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/cells.h"
#include "sim/io/families.h"
#include "sim/io/json.h"

/* ---- the list ------------------------------------------------------------------------------ */

static void free_setting(struct sqz_setting *setting)
{
    free(setting->key);
    free(setting->value);
    free(setting->unit);
    free(setting->note);
    free(setting->former);
    free(setting->file);
    free(setting->row_value);
    free(setting->row_unit);
}

void sqz_settings_free(struct sqz_settings *settings)
{
    for (size_t i = 0; i < settings->count; i++)
        free_setting(&settings->item[i]);
    for (size_t i = 0; i < settings->n_included; i++)
        free(settings->included[i].path);
    free(settings->included);
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

/* A setting as it was written; `former` is its key where that is a former name of `key`. */
struct written {
    const char *key, *value, *unit, *note, *former, *file;
    long line;
};

static bool copy_text(char **copy, const char *text)
{
    *copy = text != NULL ? strdup(text) : NULL;
    return text == NULL || *copy != NULL;
}

static bool copy_setting(struct sqz_setting *setting, const struct written *written)
{
    *setting = (struct sqz_setting){.line = written->line};
    bool whole = copy_text(&setting->key, written->key);
    whole = copy_text(&setting->value, written->value) && whole;
    whole = copy_text(&setting->unit, written->unit) && whole;
    whole = copy_text(&setting->note, written->note) && whole;
    whole = copy_text(&setting->former, written->former) && whole;
    return copy_text(&setting->file, written->file) && whole;
}

/* Append a copy; NULL: no memory. */
static struct sqz_setting *append(struct sqz_settings *settings, const struct written *written,
                                  struct sqz_diag *diag)
{
    if (settings->count == settings->capacity) {
        size_t capacity = settings->capacity > 0 ? 2 * settings->capacity : 32;
        void *bigger = realloc(settings->item, capacity * sizeof *settings->item);
        if (bigger != NULL) {
            settings->item = bigger;
            settings->capacity = capacity;
        }
    }
    struct sqz_setting *setting = NULL;
    if (settings->count < settings->capacity)
        setting = &settings->item[settings->count];
    if (setting != NULL && copy_setting(setting, written)) {
        settings->count++;
        return setting;
    }
    if (setting != NULL)
        free_setting(setting);
    sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a scenario");
    return NULL;
}

struct sqz_setting *sqz_settings_add(struct sqz_settings *settings, const char *key,
                                     const char *value, const char *unit, struct sqz_diag *diag)
{
    return append(settings, &(struct written){.key = key, .value = value, .unit = unit, .note = ""},
                  diag);
}

/* ---- former keys --------------------------------------------------------------------------- */

/* What a key is called now: itself, or the key that it is a former name of. */
static const char *current_key(const struct sqz_settings *settings, const char *key)
{
    const struct sqz_param *param =
        settings->registry != NULL ? sqz_families_find(settings->registry, key) : NULL;
    return param != NULL ? param->key : key;
}

static const char *former_of(const char *key, const char *current)
{
    return strcmp(key, current) != 0 ? key : NULL;
}

int sqz_remark_renamed(struct sqz_remarks *remarks, const char *file, long line, const char *former,
                       const char *key)
{
    return sqz_remarks_add(remarks, "renamed-key", file, line, former,
                           "is now called %s and is read as that; write %s", key, key);
}

int sqz_settings_remark(const struct sqz_settings *settings, struct sqz_remarks *remarks,
                        struct sqz_diag *diag)
{
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < settings->count; i++) {
        const struct sqz_setting *setting = &settings->item[i];
        if (setting->former != NULL)
            error = sqz_remark_renamed(remarks, setting->file, setting->line, setting->former,
                                       setting->key);
    }
    return error == SQZ_OK ? SQZ_OK : sqz_fail(diag, error, "no memory for remarks");
}

/* ---- files --------------------------------------------------------------------------------- */

enum { KEY, VALUE, UNIT, NOTE, COLUMNS };

/* Files on the way from the scenario down to the one being read. */
struct chain {
    const char *path;
    const struct chain *above; /* the file that includes it; NULL: none, it is the scenario */
    int depth;
};
enum { DEPTH_MAX = 8 };

/* A row `include,FILE`, read once the file's own rows are. */
struct include_row {
    char *value;
    long line;
};

struct settings_reader {
    struct sqz_settings *settings;
    const struct chain *chain;
    struct sqz_csv_column column[COLUMNS];
    size_t width; /* of the header; 0 before it was read */
    struct include_row *include;
    size_t includes;
};

static int add_include(struct settings_reader *reader, const struct sqz_csv_row *row,
                       struct sqz_diag *diag)
{
    const char *value = sqz_csv_field(row, &reader->column[VALUE]);
    if (value[0] == '\0' || strcmp(value, SQZ_CSV_STDIN) == 0)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, "include",
                           "names no file; expected the path of rows key,value,unit[,note]");
    struct include_row *bigger =
        realloc(reader->include, (reader->includes + 1) * sizeof *reader->include);
    if (bigger != NULL)
        reader->include = bigger;
    char *copy = bigger != NULL ? strdup(value) : NULL;
    if (copy == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a scenario");
    reader->include[reader->includes++] = (struct include_row){copy, row->line};
    return SQZ_OK;
}

/* Whether the file is the one being read, or includes it. */
static bool is_above(const struct chain *chain, const char *path)
{
    for (; chain != NULL; chain = chain->above)
        if (strcmp(chain->path, path) == 0)
            return true;
    return false;
}

/* Whether a key that has been read in another place is right to be here, too: it is in a file that
 * includes this one, whose row replaces that here. */
static int check_earlier(const struct settings_reader *reader, const struct sqz_setting *earlier,
                         const struct sqz_csv_row *row, const char *key, struct sqz_diag *diag)
{
    if (strcmp(earlier->file, row->file) == 0)
        return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, key,
                           "given twice; first on line %ld", earlier->line);
    if (is_above(reader->chain, earlier->file))
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, key,
                       "is in another included file too, %s:%ld; expected it in one of them, or in "
                       "the file that includes both",
                       earlier->file, earlier->line);
}

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
        if (!sqz_json_is_text(sqz_csv_field(row, &reader->column[c])))
            return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, key,
                               "holds bytes that are no text; expected UTF-8");
    int error = sqz_cell_check_comma(row, &reader->column[VALUE], key, diag);
    if (error != SQZ_OK)
        return error;
    if (strcmp(key, SQZ_SETTING_INCLUDE) == 0)
        return add_include(reader, row, diag);
    const char *current = current_key(reader->settings, key);
    const struct sqz_setting *earlier = sqz_settings_find(reader->settings, current);
    if (earlier != NULL)
        return check_earlier(reader, earlier, row, key, diag);
    struct written written = {.key = current,
                              .value = sqz_csv_field(row, &reader->column[VALUE]),
                              .unit = sqz_csv_field(row, &reader->column[UNIT]),
                              .note = sqz_csv_field(row, &reader->column[NOTE]),
                              .former = former_of(key, current),
                              .file = row->file,
                              .line = row->line};
    return append(reader->settings, &written, diag) != NULL ? SQZ_OK : SQZ_ERR_NOMEM;
}

static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct settings_reader *reader = context;
    if (reader->width > 0)
        return read_setting(reader, row, diag);
    reader->width = row->count;
    return sqz_csv_match(row, reader->column, COLUMNS, diag);
}

static int read_file(struct sqz_settings *settings, const struct chain *chain,
                     struct sqz_digest *digest, struct sqz_diag *diag);

/* Note that a file is included; its digest comes once it is read. */
static int note_included(struct sqz_settings *settings, char *path, struct sqz_diag *diag)
{
    struct sqz_included *bigger =
        realloc(settings->included, (settings->n_included + 1) * sizeof *settings->included);
    if (bigger == NULL) {
        free(path);
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a scenario");
    }
    settings->included = bigger;
    settings->included[settings->n_included++] = (struct sqz_included){.path = path};
    return SQZ_OK;
}

static int read_included(struct settings_reader *reader, const struct include_row *row,
                         struct sqz_diag *diag)
{
    struct sqz_settings *settings = reader->settings;
    struct sqz_setting setting = {.key = SQZ_SETTING_INCLUDE,
                                  .value = row->value,
                                  .file = (char *)reader->chain->path, /* read only */
                                  .line = row->line};
    char *path = sqz_setting_path(&setting);
    if (path == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
    struct chain chain = {path, reader->chain, reader->chain->depth + 1};
    bool circle = is_above(reader->chain, path);
    int error = note_included(settings, path, diag);
    if (error != SQZ_OK)
        return error;
    if (circle || chain.depth > DEPTH_MAX)
        return sqz_fail_at(diag, SQZ_ERR_DATA, setting.file, row->line, SQZ_SETTING_INCLUDE,
                           circle ? "'%s' includes itself"
                                  : "'%s' is included by too many files, one by the other",
                           row->value);
    struct sqz_digest digest;
    size_t index = settings->n_included - 1;
    error = read_file(settings, &chain, &digest, diag);
    settings->included[index].digest = digest;
    if (error != SQZ_OK)
        sqz_setting_cite(&setting, diag);
    return error;
}

static int read_file(struct sqz_settings *settings, const struct chain *chain,
                     struct sqz_digest *digest, struct sqz_diag *diag)
{
    struct settings_reader reader = {.settings = settings,
                                     .chain = chain,
                                     .column = {[KEY] = {.name = "key", .required = true},
                                                [VALUE] = {.name = "value", .required = true},
                                                [UNIT] = {.name = "unit", .required = true},
                                                [NOTE] = {.name = "note"}}};
    int error = sqz_csv_read_among(settings->memory, chain->path, on_row, &reader, digest, diag);
    if (error == SQZ_OK && reader.width == 0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, chain->path, 0, NULL,
                            "is empty; expected a scenario, key,value,unit[,note]");
    for (size_t i = 0; i < reader.includes; i++) {
        if (error == SQZ_OK)
            error = read_included(&reader, &reader.include[i], diag);
        free(reader.include[i].value);
    }
    free(reader.include);
    return error;
}

int sqz_settings_read(struct sqz_settings *settings, const char *path, struct sqz_diag *diag)
{
    return read_file(settings, &(struct chain){.path = path}, &settings->digest, diag);
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
    if (strncmp(assignment, SQZ_SETTING_INCLUDE "=", sizeof SQZ_SETTING_INCLUDE) == 0)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, "--set", 0, SQZ_SETTING_INCLUDE,
                           "is a row of a scenario file; expected the keys themselves");
    if (!sqz_json_is_text(assignment))
        return sqz_fail_at(diag, SQZ_ERR_USAGE, "--set", 0, NULL,
                           "holds bytes that are no text; expected UTF-8");
    char *key = strndup(assignment, (size_t)(equals - assignment));
    if (key == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a scenario");
    const char *current = current_key(settings, key);
    struct sqz_setting *present = sqz_settings_find(settings, current);
    struct kept_row row = {0};
    if (present != NULL)
        row = remove_setting(settings, present);
    struct written written = {.key = current,
                              .value = equals + 1,
                              .unit = "",
                              .note = "",
                              .former = former_of(key, current),
                              .file = "--set"};
    struct sqz_setting *added = append(settings, &written, diag);
    free(key);
    if (added == NULL) {
        free(row.value);
        free(row.unit);
        return SQZ_ERR_NOMEM;
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
        sqz_json_append(list, json_pack("{s:s, s:s, s:s, s:o, s:s}", "key", setting->key, "value",
                                        setting->value, "unit", setting->unit, "origin",
                                        sqz_json_text(origin), "note", setting->note));
    }
    return list;
}
