/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/version.h"
#include "sim/io/manifest.h"
#include "sim/io/settings.h"

json_t *sqz_identity_scenario(const struct sqz_scenario *scenario)
{
    json_t *settings = json_object(), *hashes = json_array();
    for (size_t i = 0; i < scenario->settings.count; i++) {
        const struct sqz_setting *setting = &scenario->settings.item[i];
        sqz_json_set(
            settings, setting->key,
            json_pack("[o, o]", sqz_json_text(setting->value), sqz_json_text(setting->unit)));
    }
    json_t *files = sqz_manifest_files(scenario), *file;
    size_t i;
    json_array_foreach(files, i, file)
    {
        sqz_json_append(hashes, json_incref(json_object_get(file, "sha256")));
    }
    if (files == NULL)
        sqz_json_append(hashes, NULL); /* is no scenario without files */
    json_decref(files);
    return json_pack("{s:o, s:o}", "settings", settings, "sha256", hashes);
}

char *sqz_identity_text(const struct sqz_identity *identity)
{
    char seed[24];
    json_t *scenarios = json_array();
    for (size_t i = 0; i < identity->count; i++)
        sqz_json_append(scenarios, sqz_identity_scenario(&identity->scenario[i]));
    snprintf(seed, sizeof seed, "%" PRIu64, identity->seed);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:b, s:I, s:o}", "schema", "squeeze/state-1",
                  "version", SQZ_VERSION, "command", identity->command, "seed", seed, "max_events",
                  (json_int_t)identity->max_events, "attribution", identity->attributed, "outputs",
                  (json_int_t)identity->n_outputs, "scenarios", scenarios);
    object = sqz_json_whole(object);
    char *text = object != NULL ? sqz_json_compact(object) : NULL;
    json_decref(object);
    return text;
}

bool sqz_identity_seed(const char *text, uint64_t *seed)
{
    json_t *object = json_loads(text, 0, NULL);
    bool found = sscanf(sqz_json_text_at(object, "seed"), "%" SCNu64, seed) == 1;
    json_decref(object);
    return found;
}

/* ---- what differs -------------------------------------------------------------------------- */

/* The first key of either that is not the same in both. */
static const char *differing_key(const json_t *mine, const json_t *theirs)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)mine, key,
                        value) if (!json_equal(value, json_object_get(theirs, key))) return key;
    json_object_foreach((json_t *)theirs, key,
                        value) if (json_object_get(mine, key) == NULL) return key;
    return NULL;
}

/* Of scenarios: the key that is set otherwise, or that their files are others. */
static void describe_scenarios(const json_t *mine, const json_t *theirs, char *what, size_t size)
{
    if (json_array_size(mine) != json_array_size(theirs)) {
        snprintf(what, size, "number of scenarios");
        return;
    }
    for (size_t i = 0; i < json_array_size(mine); i++) {
        const char *key = differing_key(json_object_get(json_array_get(mine, i), "settings"),
                                        json_object_get(json_array_get(theirs, i), "settings"));
        if (key != NULL) {
            snprintf(what, size, "%s", key);
            return;
        }
    }
    snprintf(what, size, "scenario (its files have changed)");
}

static void describe(const json_t *mine, const json_t *theirs, char *what, size_t size)
{
    const char *key = differing_key(mine, theirs);
    if (key != NULL && strcmp(key, "scenarios") == 0)
        describe_scenarios(json_object_get(mine, key), json_object_get(theirs, key), what, size);
    else
        snprintf(what, size, "%s",
                 key == NULL                       ? "identity"
                 : strcmp(key, "version") == 0     ? "version of squeeze"
                 : strcmp(key, "max_events") == 0  ? "--max-events"
                 : strcmp(key, "attribution") == 0 ? "--no-attribution"
                                                   : key);
}

int sqz_identity_check(const char *mine, const char *theirs, const char *path,
                       struct sqz_diag *diag)
{
    char what[128];
    if (strcmp(mine, theirs) == 0)
        return SQZ_OK;
    json_t *own = json_loads(mine, 0, NULL), *other = json_loads(theirs, 0, NULL);
    describe(own, other, what, sizeof what);
    json_decref(own);
    json_decref(other);
    return sqz_fail_at(
        diag, SQZ_ERR_DATA, path, 0, NULL,
        "holds a batch with another %s; expected the same scenario, seed and options", what);
}
