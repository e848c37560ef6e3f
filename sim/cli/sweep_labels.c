/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sweep_labels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/layout.h"
#include "sim/cli/text.h"

static bool is_price(const struct sqz_axis *axis)
{
    return strcmp(axis->key, "target") == 0 || strcmp(axis->key, "floor") == 0;
}

/* A value of an axis with about that many digits: prices whole, money with its unit. */
static void write_value(const struct sqz_axis *axis, const char *label, int digits,
                        char text[SQZ_SWEEP_LABEL_SIZE])
{
    double value = strtod(label, NULL);
    char number[SQZ_TEXT_SIZE];
    if (label[0] == '\0')
        text[0] = '\0';
    else if (is_price(axis) && value >= 1)
        snprintf(text, SQZ_SWEEP_LABEL_SIZE, "%s",
                 sqz_text_amount(number, value, true, digits + 2));
    else if (strncmp(axis->unit, "usd", 3) == 0)
        snprintf(text, SQZ_SWEEP_LABEL_SIZE, "%s", sqz_text_amount(number, value, false, digits));
    else
        snprintf(text, SQZ_SWEEP_LABEL_SIZE, "%.*g", digits + 3, value);
}

/* Whether points that stand beneath each other, and the base's value, look different where they
 * are. */
static bool tells_apart(const struct sqz_sweep *sweep, size_t l, int digits)
{
    const struct sqz_axis *axis = &sweep->axis[l];
    const char *base = sweep->point[0].label[l], *raw_before = base;
    char text[SQZ_SWEEP_LABEL_SIZE], before[SQZ_SWEEP_LABEL_SIZE], of_base[SQZ_SWEEP_LABEL_SIZE];
    write_value(axis, base, digits, of_base);
    strcpy(before, of_base);
    for (size_t i = 1; i < sweep->done; i++) {
        const char *raw = sweep->point[i].label[l];
        write_value(axis, raw, digits, text);
        bool same = strcmp(text, before) == 0 && strcmp(raw, raw_before) != 0;
        if (same || (strcmp(text, of_base) == 0 && strtod(raw, NULL) != strtod(base, NULL)))
            return false;
        strcpy(before, text);
        raw_before = raw;
    }
    return true;
}

/* As few as tell the points apart, and at least three. */
static int digits_of(const struct sqz_sweep *sweep, size_t l)
{
    int digits = 3;
    while (digits < 15 && !tells_apart(sweep, l, digits))
        digits++;
    return digits;
}

void sqz_sweep_label_value(const struct sqz_sweep *sweep, size_t axis, const char *value,
                           char text[SQZ_SWEEP_LABEL_SIZE])
{
    write_value(&sweep->axis[axis], value, digits_of(sweep, axis), text);
}

void sqz_sweep_label(const struct sqz_sweep *sweep, const struct sqz_sweep_labels *labels,
                     size_t index, size_t l, char text[SQZ_SWEEP_LABEL_SIZE])
{
    const char *label = sweep->point[index].label[l];
    if (sweep->n_axes == 0)
        snprintf(text, SQZ_SWEEP_LABEL_SIZE, "%s", label);
    else
        write_value(&sweep->axis[l], label, labels->digits[l], text);
    if (sweep->n_axes > 0 && index == 0 && l == 0)
        strcat(text, " *");
    if (sqz_sweep_is_refined(sweep, index))
        strcat(text, " +");
}

void sqz_sweep_label_title(const struct sqz_sweep *sweep, size_t l, char text[SQZ_SWEEP_LABEL_SIZE])
{
    bool unit = sweep->n_axes > 0 && strcmp(sweep->axis[l].unit, "1") != 0;
    snprintf(text, SQZ_SWEEP_LABEL_SIZE, "%s%s%s", sweep->label_name[l], unit ? " " : "",
             unit ? sweep->axis[l].unit : "");
}

void sqz_sweep_labels_measure(const struct sqz_sweep *sweep, struct sqz_sweep_labels *labels)
{
    char text[SQZ_SWEEP_LABEL_SIZE];
    for (size_t l = 0; l < sweep->n_labels; l++) {
        labels->digits[l] = sweep->n_axes > 0 ? digits_of(sweep, l) : 0;
        sqz_sweep_label_title(sweep, l, text);
        int width = sqz_layout_width(text);
        for (size_t i = 0; i < sweep->done; i++) {
            sqz_sweep_label(sweep, labels, i, l, text);
            int own = sqz_layout_width(text);
            width = own > width ? own : width;
        }
        labels->width[l] = sweep->n_axes > 0 ? width : -width;
    }
}
