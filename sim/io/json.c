/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/error.h"

json_t *sqz_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *sqz_json_estimate(const struct sqz_estimate *estimate)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "value", sqz_json_number(estimate->value), "se",
                     sqz_json_number(estimate->se), "lo", sqz_json_number(estimate->lo), "hi",
                     sqz_json_number(estimate->hi));
}

/* Bytes of the character at `text`, 0 if it is none: no longer than need be, no surrogate, none
 * beyond the last (RFC 3629). */
static size_t character_bytes(const unsigned char *text)
{
    unsigned char lead = text[0], least = 0x80, most = 0xbf;
    size_t count = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead > 0xf4)
        return 0;
    if (lead == 0xe0 || lead == 0xf0)
        least = lead == 0xe0 ? 0xa0 : 0x90;
    if (lead == 0xed || lead == 0xf4)
        most = lead == 0xed ? 0x9f : 0x8f;
    for (size_t i = 1; i < count; i++, least = 0x80, most = 0xbf)
        if (text[i] < least || text[i] > most)
            return 0;
    return count;
}

bool sqz_json_is_text(const char *text)
{
    size_t bytes = 1;
    for (; *text != '\0' && bytes > 0; text += bytes)
        bytes = character_bytes((const unsigned char *)text);
    return bytes > 0;
}

json_t *sqz_json_text(const char *text)
{
    if (sqz_json_is_text(text))
        return json_string(text);
    json_t *string;
    char *plain = strdup(text);
    for (char *c = plain; c != NULL && *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    string = plain != NULL ? json_string(plain) : NULL;
    free(plain);
    return string;
}

/* ---- building ------------------------------------------------------------------------------ */

/* Jansson has no place in a document for a failure, and a check at each of the hundreds of keys
 * would be forgotten at one: whoever builds a document does so on one thread. */
static _Thread_local bool lost;

void sqz_json_set(json_t *object, const char *key, json_t *value)
{
    lost |= json_object_set_new(object, key, value) != 0;
}

void sqz_json_append(json_t *array, json_t *value)
{
    lost |= json_array_append_new(array, value) != 0;
}

json_t *sqz_json_whole(json_t *document)
{
    bool whole = !lost;
    lost = false;
    if (whole)
        return document;
    json_decref(document);
    return NULL;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* "one of p01, p05, ...": the keys of an object. */
static void list_keys(const json_t *object, char *text, size_t size)
{
    const char *key;
    json_t *value;
    text[0] = '\0';
    json_object_foreach((json_t *)object, key, value)
    {
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", key);
    }
}

static int fail_lookup(const json_t *at, const char *place, struct sqz_diag *diag)
{
    char keys[400];
    if (!json_is_object(at))
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, place, "is no number");
    list_keys(at, keys, sizeof keys);
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, place,
                       "is no result; expected, after the last name that is known, one of %s",
                       keys);
}

static double number_of(const json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : NAN;
}

int sqz_json_lookup(const json_t *object, const char *place, struct sqz_estimate *estimate,
                    struct sqz_diag *diag)
{
    const json_t *at = object;
    for (const char *name = place; *name != '\0';) {
        size_t length = strcspn(name, ".");
        const json_t *next = json_object_getn(at, name, length);
        if (next == NULL)
            return fail_lookup(at, place, diag);
        at = next;
        name += length + (name[length] == '.');
    }
    bool whole = json_object_get(at, "value") != NULL;
    if (!whole && !json_is_number(at) && !json_is_null(at))
        return fail_lookup(at, place, diag);
    *estimate = (struct sqz_estimate){.value = number_of(whole ? json_object_get(at, "value") : at),
                                      .se = number_of(json_object_get(at, "se")),
                                      .lo = number_of(json_object_get(at, "lo")),
                                      .hi = number_of(json_object_get(at, "hi"))};
    return SQZ_OK;
}

void sqz_json_free(json_t *object)
{
    json_decref(object);
}

/* ---- printing ------------------------------------------------------------------------------ */

int sqz_json_print(const json_t *object, FILE *file)
{
    int error = json_dumpf(object, file, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    return error != 0 || fputc('\n', file) == EOF ? SQZ_ERR_IO : SQZ_OK;
}

char *sqz_json_compact(const json_t *document)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    bool failed = file == NULL || json_dumpf(document, file, JSON_COMPACT) != 0;
    if (file != NULL) {
        failed |= ferror(file) != 0;
        failed |= fclose(file) != 0;
    }
    if (!failed)
        return text;
    free(text);
    return NULL;
}

const json_t *sqz_json_at(const json_t *object, const char *keys)
{
    char key[64];
    while (object != NULL && *keys != '\0') {
        size_t length = strcspn(keys, "/");
        snprintf(key, sizeof key, "%.*s", (int)length, keys);
        object = json_object_get(object, key);
        keys += length + (keys[length] == '/');
    }
    return object;
}

double sqz_json_number_at(const json_t *object, const char *keys)
{
    const json_t *value = sqz_json_at(object, keys);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *sqz_json_text_at(const json_t *object, const char *keys)
{
    const char *text = json_string_value(sqz_json_at(object, keys));
    return text != NULL ? text : "";
}
