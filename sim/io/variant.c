/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/variant.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* ---- settings as assignments --------------------------------------------------------------- */

/* "key=value[unit]", each owned, room for more behind. */
struct assignments {
    char **text;
    size_t count;
};

static void free_assignments(struct assignments *assignments)
{
    for (size_t i = 0; i < assignments->count; i++)
        free(assignments->text[i]);
    free(assignments->text);
}

static int add(struct assignments *assignments, const char *key, const char *value,
               const char *unit)
{
    size_t size = strlen(key) + strlen(value) + strlen(unit) + sizeof "= ";
    char *text = malloc(size);
    if (text == NULL)
        return SQZ_ERR_NOMEM;
    snprintf(text, size, "%s=%s%s%s", key, value, unit[0] != '\0' ? " " : "", unit);
    assignments->text[assignments->count++] = text;
    return SQZ_OK;
}

static bool names_file(const struct sqz_setting *setting, const struct sqz_param *param)
{
    return strcmp(setting->key, "levels") == 0 || strcmp(setting->key, "positions") == 0 ||
           strcmp(setting->key, "venue.tiers") == 0 ||
           (param->kind == SQZ_PARAM_TABLE &&
            (param->default_text == NULL || strcasecmp(setting->value, param->default_text) != 0));
}

/* What the scenario says of a key, for the command line: a file by the path it was opened by. */
static int add_setting(struct assignments *assignments, const struct sqz_setting *setting,
                       const struct sqz_param *param)
{
    const char *unit = strcmp(setting->unit, param->unit) != 0 ? setting->unit : "";
    if (!names_file(setting, param))
        return add(assignments, setting->key, setting->value, unit);
    char *path = sqz_setting_path(setting);
    int error = path != NULL ? add(assignments, setting->key, path, "") : SQZ_ERR_NOMEM;
    free(path);
    return error;
}

static int make_assignments(struct assignments *assignments, const struct sqz_scenario *base,
                            const struct sqz_load_options *options,
                            const struct sqz_registry *registry, struct sqz_diag *diag)
{
    const struct sqz_settings *settings = &base->settings;
    const struct sqz_param *param;
    int error = SQZ_OK;
    assignments->text = calloc(settings->count + options->n_set, sizeof *assignments->text);
    for (size_t i = 0; assignments->text != NULL && error == SQZ_OK && i < settings->count; i++) {
        const struct sqz_setting *setting = &settings->item[i];
        bool known =
            setting->file != NULL && /* not a default, which may follow other keys */
            sqz_scenario_find_param(base, registry, setting->key, NULL, &param, NULL) == SQZ_OK;
        if (known)
            error = add_setting(assignments, setting, param);
    }
    for (size_t i = 0; assignments->text != NULL && error == SQZ_OK && i < options->n_set; i++) {
        char *text = strdup(options->set[i]);
        error = text != NULL ? SQZ_OK : SQZ_ERR_NOMEM;
        if (text != NULL)
            assignments->text[assignments->count++] = text;
    }
    if (assignments->text == NULL || error != SQZ_OK)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a scenario");
    return SQZ_OK;
}

/* ---- files --------------------------------------------------------------------------------- */

/* A walk over the files of a scenario that ends at the first that is not as it must be. */
struct walk {
    const struct sqz_scenario *base;
    const char *path, *sha256; /* the file that is looked for in the base */
    struct sqz_diag *diag;
    int error;
};

static void check_file(void *context, const char *path, const char *sha256)
{
    struct walk *walk = context;
    struct stat info;
    (void)sha256;
    bool piped =
        strcmp(path, SQZ_CSV_STDIN) == 0 || (stat(path, &info) == 0 && !S_ISREG(info.st_mode));
    if (walk->error == SQZ_OK && path != walk->base->file && piped)
        walk->error = sqz_fail_at(walk->diag, SQZ_ERR_IO, path, 0, NULL,
                                  "can be read but once, and every point reads it; expected a "
                                  "file (the scenario itself may come from a pipe)");
}

static void compare_file(void *context, const char *path, const char *sha256)
{
    struct walk *walk = context;
    if (walk->error == SQZ_OK && strcmp(path, walk->path) == 0 && strcmp(sha256, walk->sha256) != 0)
        walk->error = sqz_fail_at(walk->diag, SQZ_ERR_IO, path, 0, NULL,
                                  "has changed since the base was read; expected one file for "
                                  "all points");
}

static void check_unchanged(void *context, const char *path, const char *sha256)
{
    struct walk *walk = context;
    walk->path = path;
    walk->sha256 = sha256;
    sqz_scenario_files(walk->base, compare_file, walk);
}

/* ---- loading ------------------------------------------------------------------------------- */

/* A scenario file that says nothing, in which the assignments say everything. */
static FILE *open_blank(char path[32])
{
    FILE *blank = tmpfile();
    if (blank == NULL)
        return NULL;
    snprintf(path, 32, "/dev/fd/%d", fileno(blank));
    if (fputs("key,value,unit\n", blank) != EOF && fflush(blank) == 0)
        return blank;
    fclose(blank);
    return NULL;
}

static bool assigns(const struct sqz_load_options *options, const char *key)
{
    size_t length = strlen(key);
    for (size_t i = 0; i < options->n_set; i++)
        if (strncmp(options->set[i], key, length) == 0 && options->set[i][length] == '=')
            return true;
    return false;
}

/* Tell an error where the user wrote what is wrong. */
static void locate(struct sqz_diag *diag, const struct sqz_scenario *base,
                   const struct sqz_load_options *options, const char *blank)
{
    if (diag == NULL)
        return;
    if (strcmp(diag->file, blank) == 0)
        snprintf(diag->file, sizeof diag->file, "%s", base->file);
    if (strcmp(diag->file, "--set") != 0 || assigns(options, diag->field))
        return;
    diag->file[0] = '\0';
    sqz_settings_locate(&base->settings, diag);
}

static int load(struct sqz_scenario *scenario, const struct sqz_scenario *base,
                const struct sqz_load_options *options, const struct assignments *assignments,
                const struct sqz_registry *registry, struct sqz_diag *diag)
{
    char path[32];
    struct sqz_load_options all = {.set = (const char *const *)assignments->text,
                                   .n_set = assignments->count,
                                   .allow_crossed = options->allow_crossed};
    FILE *blank = open_blank(path);
    if (blank == NULL)
        return sqz_fail(diag, SQZ_ERR_IO, "no temporary file could be made: %s", strerror(errno));
    int error = sqz_scenario_load(scenario, path, &all, registry, diag);
    fclose(blank);
    if (error != SQZ_OK) {
        locate(diag, base, options, path);
        return error;
    }
    free(scenario->file);
    scenario->file = strdup(base->file);
    scenario->settings.digest = base->settings.digest;
    if (scenario->file != NULL)
        return SQZ_OK;
    sqz_scenario_free(scenario);
    return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a file name");
}

int sqz_scenario_vary(struct sqz_scenario *scenario, const struct sqz_scenario *base,
                      const struct sqz_load_options *options, const struct sqz_registry *registry,
                      struct sqz_diag *diag)
{
    struct assignments assignments = {0};
    struct walk walk = {.base = base, .diag = diag};
    sqz_scenario_files(base, check_file, &walk);
    if (walk.error != SQZ_OK)
        return walk.error;
    int error = make_assignments(&assignments, base, options, registry, diag);
    if (error == SQZ_OK)
        error = load(scenario, base, options, &assignments, registry, diag);
    free_assignments(&assignments);
    if (error != SQZ_OK)
        return error;
    sqz_scenario_files(scenario, check_unchanged, &walk);
    if (walk.error != SQZ_OK)
        sqz_scenario_free(scenario);
    return walk.error;
}
