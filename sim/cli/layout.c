/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/layout.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_control(char c)
{
    return ((unsigned char)c < ' ' && c != SQZ_LAYOUT_GLUE) || c == 0x7f;
}

/* Print a word, in which glued blanks are blanks. What would steer a terminal is spelled out. */
static void print_word(FILE *out, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (is_control(text[i]))
            fprintf(out, "\\x%02x", (unsigned char)text[i]);
        else
            fputc(text[i] == SQZ_LAYOUT_GLUE ? ' ' : text[i], out);
}

void sqz_layout_text(FILE *out, const char *text)
{
    print_word(out, text, strlen(text));
}

enum { SPELLED = 4 }; /* columns of a control character: \x1b */

static int width_of(const char *text, size_t bytes)
{
    int width = 0;
    for (size_t i = 0; i < bytes; i++) /* bytes that continue a character take none */
        width += is_control(text[i]) ? SPELLED : ((unsigned char)text[i] & 0xc0) != 0x80;
    return width;
}

int sqz_layout_width(const char *text)
{
    return width_of(text, strlen(text));
}

static int blanks_to(const char *text, int width)
{
    int blanks = width - sqz_layout_width(text);
    return blanks > 0 ? blanks : 0;
}

void sqz_layout_pad(FILE *out, const char *text, int width)
{
    sqz_layout_text(out, text);
    fprintf(out, "%*s", blanks_to(text, width), "");
}

void sqz_layout_pad_left(FILE *out, const char *text, int width)
{
    fprintf(out, "%*s", blanks_to(text, width), "");
    sqz_layout_text(out, text);
}

char *sqz_layout_glue(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        *c = *c == ' ' ? SQZ_LAYOUT_GLUE : *c;
    return text;
}

const char *sqz_layout_harmless(char *harmless, size_t size, const char *text)
{
    size_t used = 0;
    harmless[0] = '\0';
    for (; *text != '\0' && used + 1 < size; text++) {
        unsigned char byte = (unsigned char)*text;
        bool control = byte < ' ' || byte == 0x7f;
        int length = snprintf(harmless + used, size - used, control ? "\\x%02x" : "%c", byte);
        used += (size_t)length;
    }
    return harmless;
}

void sqz_layout_paragraph(FILE *out, int used, int indent, int hang, const char *text)
{
    int column = used;
    const char *before = ""; /* what parts this word from the last one */
    if (used == 0)
        column = fprintf(out, "%*s", indent, "");
    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        size_t bytes = strcspn(text, " ");
        int width = width_of(text, bytes);
        if (*before != '\0' && column + 1 + width > SQZ_COLUMNS) {
            fputc('\n', out);
            column = fprintf(out, "%*s", indent + hang, "");
            before = "";
        }
        fputs(before, out);
        print_word(out, text, bytes);
        column += (int)strlen(before) + width;
        before = " ";
        text += bytes;
    }
    fputc('\n', out);
}

void sqz_layout_print(FILE *out, int indent, int hang, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length >= 0)
        sqz_layout_paragraph(out, 0, indent, hang, text);
    free(length >= 0 ? text : NULL);
}
