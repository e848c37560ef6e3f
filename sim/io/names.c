/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a (Fowler, Noll, Vo), 64 bits. */
static uint64_t hash_of(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 0x100000001b3;
    return hash;
}

/* The slot that holds the name, or the free one where it belongs. */
static size_t find_slot(const struct sqz_names *names, const char *name)
{
    size_t at = (size_t)hash_of(name) & (names->slots - 1);
    while (names->slot[at] != 0 && strcmp(sqz_names_text(names, names->slot[at] - 1), name) != 0)
        at = (at + 1) & (names->slots - 1);
    return at;
}

/* Twice the slots, and room for half as many names. */
static bool grow_slots(struct sqz_names *names)
{
    size_t slots = names->slots > 0 ? 2 * names->slots : 64;
    size_t *start = realloc(names->start, slots / 2 * sizeof *start);
    if (start == NULL)
        return false;
    names->start = start;
    uint32_t *slot = calloc(slots, sizeof *slot);
    if (slot == NULL)
        return false;
    free(names->slot);
    names->slot = slot;
    names->slots = slots;
    for (uint32_t i = 0; i < names->count; i++)
        slot[find_slot(names, sqz_names_text(names, i))] = i + 1;
    return true;
}

static bool grow_text(struct sqz_names *names, size_t length)
{
    if (names->text_used + length <= names->text_size)
        return true;
    size_t size = 2 * (names->text_used + length);
    char *text = realloc(names->text, size);
    if (text == NULL)
        return false;
    names->text = text;
    names->text_size = size;
    return true;
}

int sqz_names_number(struct sqz_names *names, const char *name, uint32_t *number,
                     struct sqz_diag *diag)
{
    size_t length = strlen(name) + 1;
    bool room = 2 * ((size_t)names->count + 1) <= names->slots || grow_slots(names);
    if (!room || names->count == UINT32_MAX - 1)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for more than %u names", names->count);
    size_t at = find_slot(names, name);
    if (names->slot[at] == 0) {
        if (!grow_text(names, length))
            return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for more than %u names", names->count);
        memcpy(names->text + names->text_used, name, length);
        names->start[names->count++] = names->text_used;
        names->text_used += length;
        names->slot[at] = names->count;
    }
    *number = names->slot[at] - 1;
    return SQZ_OK;
}

void sqz_names_free(struct sqz_names *names)
{
    free(names->text);
    free(names->start);
    free(names->slot);
    memset(names, 0, sizeof *names);
}
