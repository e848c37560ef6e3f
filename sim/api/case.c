/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading a scenario. */
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "sim/analysis/examine.h"
#include "sim/api/api.h"

static const uint64_t DEFAULT_MAX_EVENTS = 10000000;

struct sqz_engine_plan sqz_api_plan(const struct sqz_case *loaded, uint64_t max_events)
{
    return (struct sqz_engine_plan){.exit_table = &loaded->exit_table,
                                    .worlds = loaded->world,
                                    .n_worlds = loaded->n_worlds,
                                    .max_events = max_events > 0 ? max_events : DEFAULT_MAX_EVENTS};
}

static int check(const sqz_case_input *input, sqz_failure *failure)
{
    if (input->path == NULL)
        return sqz_api_refuse(failure, "path", "is NULL; expected a scenario");
    if (input->n_levels > 0 && input->n_positions > 0)
        return sqz_api_refuse(failure, "positions", "stand beside levels; expected one of both");
    for (size_t i = 0; i < input->n_settings; i++)
        if (input->settings[i] == NULL)
            return sqz_api_refuse(failure, "settings", "holds a NULL");
    return SQZ_OK;
}

/* The host's settings, and behind them that its arrays are the ladder. NULL: no memory. */
static const char **settings_of(const sqz_case_input *input, size_t *count)
{
    const char **setting = malloc((input->n_settings + 1) * sizeof *setting);
    *count = input->n_settings;
    if (setting == NULL)
        return NULL;
    for (size_t i = 0; i < input->n_settings; i++)
        setting[i] = input->settings[i];
    if (input->n_levels > 0)
        setting[(*count)++] = "levels=" SQZ_API_LEVELS;
    if (input->n_positions > 0)
        setting[(*count)++] = "positions=" SQZ_API_POSITIONS;
    return setting;
}

static void cast_worlds(struct sqz_case *loaded, bool attributed)
{
    struct sqz_world *own = &loaded->scenario.world;
    own->traced = attributed;
    loaded->shadow = *own;
    loaded->shadow.market.impact = loaded->shadow.traced = false;
    loaded->world[0] = own;
    loaded->world[1] = &loaded->shadow;
    loaded->n_worlds = attributed ? 2 : 1;
}

static int load(struct sqz_case *loaded, const sqz_case_input *input,
                const struct sqz_memory_files *files, struct sqz_diag *diag)
{
    size_t n_settings;
    const char **setting = settings_of(input, &n_settings);
    if (setting == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for settings");
    struct sqz_load_options options = {.set = setting,
                                       .n_set = n_settings,
                                       .allow_crossed = input->allow_crossed != 0,
                                       .memory = files};
    int error = sqz_scenario_load(&loaded->scenario, input->path, &options, &sqz_registry, diag);
    if (error == SQZ_OK)
        error = sqz_examine(&loaded->scenario, diag);
    if (error == SQZ_OK)
        error = sqz_exit_table_init(&loaded->exit_table, diag);
    if (error == SQZ_OK)
        cast_worlds(loaded, input->no_attribution == 0);
    free(setting);
    return error;
}

/* In the C locale. */
static int load_gathered(struct sqz_case *loaded, const sqz_case_input *input, sqz_failure *failure)
{
    struct sqz_api_arrays arrays = {.level = input->levels,
                                    .n_levels = input->n_levels,
                                    .position = input->positions,
                                    .n_positions = input->n_positions,
                                    .text = input->files,
                                    .n_texts = input->n_files};
    struct sqz_api_files files;
    struct sqz_diag diag = {0};
    int error = sqz_api_gather(&files, &arrays, failure);
    if (error == SQZ_OK)
        error = sqz_api_fail(failure, load(loaded, input, &files.all, &diag), &diag);
    sqz_api_free_files(&files);
    return error;
}

int sqz_case_load(const sqz_case_input *input, sqz_case **loaded, sqz_failure *failure)
{
    struct sqz_api_locale locale;
    sqz_case_input own;
    *loaded = NULL;
    int error = sqz_api_take(&own, sizeof own, input, failure);
    if (error == SQZ_OK)
        error = check(&own, failure);
    if (error == SQZ_OK)
        error = sqz_api_enter(&locale, failure);
    if (error != SQZ_OK)
        return error;
    struct sqz_case *made = calloc(1, sizeof *made);
    error = made != NULL ? load_gathered(made, &own, failure) : sqz_api_no_memory(failure);
    if (error == SQZ_OK)
        *loaded = made;
    else
        sqz_case_free(made);
    sqz_api_leave(&locale);
    return error;
}

void sqz_case_free(sqz_case *loaded)
{
    if (loaded == NULL)
        return;
    sqz_scenario_free(&loaded->scenario);
    free(loaded);
}

size_t sqz_case_remarks(const sqz_case *loaded)
{
    return loaded->scenario.remarks.count;
}

int sqz_case_remark(const sqz_case *loaded, size_t index, sqz_remark_note *note)
{
    return sqz_api_remark(&loaded->scenario.remarks, index, note);
}
