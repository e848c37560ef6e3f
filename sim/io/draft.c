/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/draft.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/families.h"

/* ---- rows ---------------------------------------------------------------------------------- */

static void put_field(FILE *file, const char *text)
{
    if (text[strcspn(text, ",\"\n\r;\t")] == '\0' && text[0] != ' ') {
        fputs(text, file);
        return;
    }
    putc('"', file);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putc('"', file);
        putc(*text, file);
    }
    putc('"', file);
}

void sqz_draft_row(FILE *file, const char *key, const char *value, const char *unit,
                   const char *note)
{
    put_field(file, key);
    putc(',', file);
    put_field(file, value);
    putc(',', file);
    put_field(file, unit);
    putc(',', file);
    put_field(file, note != NULL ? note : "");
    putc('\n', file);
}

/* ---- defaults ------------------------------------------------------------------------------ */

/* Sources: models/README.md. */
static const struct {
    const char *key, *known;
} DEFAULTS[] = {
    {"drift", "of the log price; 0: no opinion where the price will go"},
    {"levels.scale",
     "the file's amounts as they are; squeeze map prints the largest scale at which "
     "the map could stand (standstill)"},
    {"book.shape", "1 is a flat book; Binance BTC measured 1.1 to 1.5 within 10 to 100 bp"},
    {"book.permanent", "assumed; 8 % of the fall of 10 October 2025 was left after 40 minutes"},
    {"book.halflife", "assumed; sweep it from 1 s to 1 h"},
    {"withdrawal.gamma",
     "0: depth never leaves; around 10 October 2025 bids were 5.4 times thinner"},
    {"withdrawal.halflife", "of what withdrawal.gamma takes; after 10 October 2025 half was back "
                            "after 8 h"},
    {"slice.rate", "inf: a forced order leaves at once; worst minute on record 53M usd a second"},
    {"trigger", "the price that levels watch; exchanges watch the mark"},
    {"latency", "from the touch of a level to its order"},
};
enum { KEYS = sizeof DEFAULTS / sizeof DEFAULTS[0] };

void sqz_draft_defaults(FILE *file, const struct sqz_settings *given,
                        const struct sqz_registry *registry)
{
    for (size_t i = 0; i < KEYS; i++) {
        const char *key = DEFAULTS[i].key;
        const struct sqz_param *param = sqz_families_find(registry, key);
        char note[256];
        if (param == NULL || param->default_text == NULL || sqz_settings_find(given, key) != NULL)
            continue;
        snprintf(note, sizeof note, "default: %s", DEFAULTS[i].known);
        sqz_draft_row(file, key, param->default_text, "", note);
    }
}

/* ---- paths --------------------------------------------------------------------------------- */

/* The folder of `path` as realpath gives it; false if it is not there. */
static bool folder_of(const char *path, char folder[PATH_MAX])
{
    char copy[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return realpath(".", folder) != NULL;
    if ((size_t)(slash - path) + 2 > sizeof copy)
        return false;
    snprintf(copy, sizeof copy, "%.*s", slash > path ? (int)(slash - path) : 1, path);
    return realpath(copy, folder) != NULL;
}

/* Up from `folder` to where `target` goes another way, then down to it. */
static char *relative(const char *target, const char *folder)
{
    size_t same = 0, ups = 0;
    for (size_t i = 0; target[i] == folder[i] && target[i] != '\0'; i++)
        if (target[i] == '/')
            same = i + 1;
    if (strncmp(target, folder, strlen(folder)) == 0 && target[strlen(folder)] == '/')
        same = strlen(folder) + 1; /* inside it */
    for (const char *rest = folder + (same < strlen(folder) ? same : strlen(folder)); *rest != '\0';
         rest += strcspn(rest, "/") + (rest[strcspn(rest, "/")] == '/'))
        ups++;
    char *path = malloc(3 * ups + strlen(target) - same + 1);
    if (path == NULL)
        return NULL;
    path[0] = '\0';
    for (size_t i = 0; i < ups; i++)
        strcat(path, "../");
    return strcat(path, target + same);
}

char *sqz_draft_path(const char *file, const char *from)
{
    char target[PATH_MAX], folder[PATH_MAX];
    if (file[0] == '/' || strrchr(from, '/') == NULL || realpath(file, target) == NULL ||
        !folder_of(from, folder))
        return strdup(file);
    return relative(target, folder);
}
