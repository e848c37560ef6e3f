/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_LENGTH = 64, ROW = NAME_MAX_LENGTH + 1 };

/* Fewer letters begin too many names. */
enum { BEGINNING_MIN = 3 };

static size_t lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Letters that are missing, wrong or too many, or change places with the next: the restricted
 * Damerau-Levenshtein distance, by the usual rows of the table of prefixes. Long names are cut. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][ROW], *before = rows[0], *last = rows[1], *row = rows[2];
    size_t length_a = strnlen(a, NAME_MAX_LENGTH), length_b = strnlen(b, NAME_MAX_LENGTH);
    for (size_t j = 0; j <= length_b; j++)
        last[j] = before[j] = j;
    for (size_t i = 1; i <= length_a; i++) {
        row[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            size_t changed = last[j - 1] + !same_letter(a[i - 1], b[j - 1]);
            row[j] = lesser(lesser(last[j], row[j - 1]) + 1, changed);
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                same_letter(a[i - 2], b[j - 1]))
                row[j] = lesser(row[j], before[j - 2] + 1);
        }
        size_t *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[length_b];
}

/* Whether `known` begins with `wrong` or has it as one of its words. */
static bool has_word(const char *known, const char *wrong)
{
    size_t length = strlen(wrong);
    if (length < BEGINNING_MIN)
        return false;
    if (strncasecmp(known, wrong, length) == 0)
        return true;
    for (const char *at = known; *at != '\0'; at++) {
        bool begins = at == known || strchr("._-", at[-1]) != NULL;
        if (begins && strncasecmp(at, wrong, length) == 0 && strchr("._-", at[length]) != NULL)
            return true; /* strchr finds the end of the text too */
    }
    return false;
}

/* How far `wrong` may be from a name that is still near: one letter of a short one, a third of the
 * longer of both. */
static size_t limit_of(const char *wrong, const char *known)
{
    size_t a = strlen(wrong), b = strlen(known);
    size_t third = (a > b ? a : b) / 3;
    return third > 1 ? third : 1;
}

struct sqz_nearest sqz_nearest_begin(const char *wrong)
{
    return (struct sqz_nearest){.wrong = wrong, .distance = NAME_MAX_LENGTH};
}

void sqz_nearest_offer(struct sqz_nearest *nearest, const char *known)
{
    size_t distance = edit_distance(nearest->wrong, known);
    bool near = distance <= limit_of(nearest->wrong, known);
    if (!near && has_word(known, nearest->wrong)) {
        distance = limit_of(nearest->wrong, known); /* as good as a slip that is just near */
        near = true;
    }
    if (near && distance < nearest->distance) {
        nearest->distance = distance;
        nearest->best = known;
    }
}

const char *sqz_nearest_hint(struct sqz_nearest *nearest, const char *prefix)
{
    if (nearest->best == NULL)
        return "";
    snprintf(nearest->hint, sizeof nearest->hint, "; did you mean '%s%s'?", prefix, nearest->best);
    return nearest->hint;
}
