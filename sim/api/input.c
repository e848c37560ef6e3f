/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a host hands in: structs of its version of the header, texts, and arrays, which become lists
 * that are read as files are, with all their checks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/api/api.h"

int sqz_api_take(void *own, size_t size, const void *input, sqz_failure *failure)
{
    size_t given = 0;
    memset(own, 0, size);
    if (input == NULL)
        return sqz_api_refuse(failure, "input", "is NULL; expected a struct");
    memcpy(&given, input, sizeof given);
    if (given < sizeof given || given > size)
        return sqz_api_refuse(failure, "size",
                              given > size ? "is that of a later version of the struct"
                                           : "is not set; expected that of the struct");
    memcpy(own, input, given);
    return SQZ_OK;
}

/* ---- arrays as lists ----------------------------------------------------------------------- */

/* Nothing where it is not told. */
static void print_optional(FILE *out, double value)
{
    fputc(',', out);
    if (value != 0 && !isnan(value))
        fprintf(out, "%.17g", value);
}

static void print_text(FILE *out, const char *text)
{
    fputs(",\"", out);
    for (; text != NULL && *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

/* What is no side of a position is left for the reader to refuse. */
static const char *side_name(int side)
{
    return side == SQZ_SIDE_SHORT ? "short" : side == SQZ_SIDE_LONG ? "long" : "neither";
}

static void print_levels(FILE *out, const struct sqz_api_arrays *arrays)
{
    fputs("side,price_usd,notional_usd,leverage\n", out);
    for (size_t i = 0; i < arrays->n_levels; i++) {
        const sqz_level_input *level = &arrays->level[i];
        fprintf(out, "%s,%.17g,%.17g", side_name(level->side), level->price_usd,
                level->notional_usd);
        print_optional(out, level->leverage);
        fputc('\n', out);
    }
}

static void print_positions(FILE *out, const struct sqz_api_arrays *arrays)
{
    fputs("side,margin_mode,contract,entry_usd,quantity,leverage,margin_usd,equity_usd,mark_usd,"
          "account,symbol\n",
          out);
    for (size_t i = 0; i < arrays->n_positions; i++) {
        const sqz_position_input *position = &arrays->position[i];
        fprintf(out, "%s,%s,%s,%.17g,%.17g", side_name(position->side),
                position->cross ? "cross" : "isolated", position->inverse ? "inverse" : "linear",
                position->entry_usd, position->quantity);
        print_optional(out, position->leverage);
        print_optional(out, position->margin_usd);
        print_optional(out, position->equity_usd);
        print_optional(out, position->mark_usd);
        print_text(out, position->account);
        print_text(out, position->symbol);
        fputc('\n', out);
    }
}

static bool make_list(void (*print)(FILE *out, const struct sqz_api_arrays *arrays),
                      const struct sqz_api_arrays *arrays, const char *name, char **text,
                      struct sqz_memory_file *file)
{
    size_t length = 0;
    FILE *out = open_memstream(text, &length);
    if (out == NULL)
        return false;
    print(out, arrays);
    bool written = fclose(out) == 0;
    *file = (struct sqz_memory_file){.path = name, .text = *text, .length = length, .listed = true};
    return written;
}

int sqz_api_gather(struct sqz_api_files *files, const struct sqz_api_arrays *arrays,
                   sqz_failure *failure)
{
    memset(files, 0, sizeof *files);
    files->file = calloc(arrays->n_texts + 2, sizeof *files->file);
    bool whole = files->file != NULL;
    if (whole && arrays->n_levels > 0)
        whole = make_list(print_levels, arrays, SQZ_API_LEVELS, &files->levels,
                          &files->file[files->all.count++]);
    if (whole && arrays->n_positions > 0)
        whole = make_list(print_positions, arrays, SQZ_API_POSITIONS, &files->positions,
                          &files->file[files->all.count++]);
    if (!whole)
        return sqz_api_no_memory(failure);
    files->all.file = files->file;
    for (size_t i = 0; i < arrays->n_texts; i++) {
        const sqz_text_input *text = &arrays->text[i];
        if (text->name == NULL || text->text == NULL)
            return sqz_api_refuse(failure, "files", "holds one without a name or a text");
        files->file[files->all.count++] = (struct sqz_memory_file){
            .path = text->name, .text = text->text, .length = text->length};
    }
    return SQZ_OK;
}

void sqz_api_free_files(struct sqz_api_files *files)
{
    free(files->levels);
    free(files->positions);
    free(files->file);
    memset(files, 0, sizeof *files);
}
