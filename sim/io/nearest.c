#include "sim/io/nearest.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 64 };

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein's distance by the usual row of the table of prefixes; long names are cut. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_LENGTH + 1];
    size_t length_a = strnlen(a, NAME_MAX_LENGTH), length_b = strnlen(b, NAME_MAX_LENGTH);
    for (size_t j = 0; j <= length_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= length_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            size_t above = row[j];
            row[j] = smallest(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[length_b];
}

struct sqz_nearest sqz_nearest_begin(const char *wrong)
{
    /* Up to a third of the letters wrong, and at least one, still looks like a slip. */
    return (struct sqz_nearest){.wrong = wrong, .distance = 2 + strlen(wrong) / 3};
}

void sqz_nearest_offer(struct sqz_nearest *nearest, const char *known)
{
    size_t distance = edit_distance(nearest->wrong, known);
    if (distance < nearest->distance) {
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
