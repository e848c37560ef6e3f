/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/manual.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "models/registry.h"
#include "sim/cli/commands.h"
#include "sim/cli/layout.h"
#include "sim/core/version.h"
#include "sim/io/families.h"
#include "sim/io/import.h"

static const char PURPOSE[] = "what a liquidation map implies, with error bars";

static const struct {
    int status;
    const char *meaning;
} EXIT_STATUS[] = {
    {0, "done"},
    {1, "input/output or memory failed"},
    {2, "wrong command line"},
    {3, "invalid scenario or data"},
    {4, "done, but some paths were cut off"},
    {130, "interrupted"},
};
static const size_t EXIT_STATUS_COUNT = sizeof EXIT_STATUS / sizeof EXIT_STATUS[0];

/* "-n, --paths N" */
static void name_option(const struct sqz_option_row *row, char *text, size_t size)
{
    char letter[8] = "    ";
    if (row->code <= CHAR_MAX)
        snprintf(letter, sizeof letter, "-%c, ", row->code);
    snprintf(text, size, "%s--%s%s%s", letter, row->name, row->argument != NULL ? " " : "",
             row->argument != NULL ? row->argument : "");
}

/* ---- help ---------------------------------------------------------------------------------- */

/* A term, and what it means beside it from column `place` on, or beneath it if it is long. */
static void print_entry(const char *term, int place, const char *doc)
{
    bool beneath = (int)strlen(term) > place - 3;
    int used = beneath ? 0 : place;
    printf("  %-*s%s", beneath ? 0 : place - 3, term, beneath ? "\n" : " ");
    sqz_layout_paragraph(stdout, used, place, 0, doc);
}

static void help_command(const struct sqz_command *command)
{
    sqz_layout_print(stdout, 0, 2, "squeeze %s%s%s: %s", command->name,
                     command->operands[0] != '\0' ? " " : "", command->operands, command->doc);
    putchar('\n');
    for (const struct sqz_option_row *row = sqz_option_table; row->name != NULL; row++) {
        char left[64];
        name_option(row, left, sizeof left);
        if (sqz_option_taken(row, command))
            print_entry(left, 30, row->doc);
    }
    putchar('\n');
    sqz_layout_print(stdout, 0, 4, "Example: %s", command->example);
}

/* What squeeze import takes for FORMAT. */
static void list_formats(void)
{
    const struct sqz_import_format *format;
    puts("\nFormats:");
    print_entry("  auto", 28, "look into the file");
    for (size_t i = 0; (format = sqz_import_format_at(i)) != NULL; i++) {
        char left[40];
        snprintf(left, sizeof left, "  %s", format->name);
        print_entry(left, 28, format->doc);
    }
}

void sqz_manual_help(const struct sqz_command *command)
{
    if (command != NULL) {
        help_command(command);
        if (command->run == sqz_cmd_import)
            list_formats();
        return;
    }
    printf("squeeze: %s\n\n", PURPOSE);
    for (const struct sqz_command *each = sqz_commands; each->name != NULL; each++) {
        char left[48];
        snprintf(left, sizeof left, "squeeze %s %s", each->name, each->operands);
        print_entry(left, 32, each->doc);
    }
    puts("\nOptions of a command: squeeze help COMMAND. Data go to standard output, words to\n"
         "standard error.\n\nExit status:");
    for (size_t i = 0; i < EXIT_STATUS_COUNT; i++)
        printf("  %3d  %s\n", EXIT_STATUS[i].status, EXIT_STATUS[i].meaning);
    puts("\nExample:\n"
         "  squeeze batch scenarios/a-wall-14to1-discounted.csv -n 20000 -s 1 -o result");
}

/* ---- manual page --------------------------------------------------------------------------- */

/* Text in roff: a leading control character and every hyphen and backslash are escaped. */
static void roff(const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stdout);
    for (; *text != '\0'; text++)
        if (*text == '-')
            fputs("\\-", stdout);
        else if (*text == '\\')
            fputs("\\e", stdout);
        else
            putchar(*text);
}

static void roff_item(const char *term, const char *text)
{
    fputs(".TP\n.B ", stdout);
    roff(term);
    putchar('\n');
    roff(text);
    putchar('\n');
}

static void roff_param(const struct sqz_param *param)
{
    char term[128];
    snprintf(term, sizeof term, "%s %s (%s)", param->key, param->unit,
             param->required               ? "required"
             : param->default_text != NULL ? param->default_text
                                           : "unset");
    roff_item(term, param->doc);
}

static void roff_measure(const struct sqz_measure *measure)
{
    char term[128];
    snprintf(term, sizeof term, "%s %s (reported)", measure->name, measure->unit);
    roff_item(term, measure->doc);
}

static void roff_family(const struct sqz_family *family)
{
    char title[64];
    snprintf(title, sizeof title, "%s%s%s", family->title, family->name != NULL ? " " : "",
             family->name != NULL ? family->name : "");
    title[0] = (char)toupper((unsigned char)title[0]);
    fputs(".SS ", stdout);
    roff(title);
    putchar('\n');
    for (size_t i = 0; i < family->n_params; i++)
        roff_param(&family->params[i]);
    for (size_t i = 0; i < family->n_measures; i++)
        roff_measure(&family->measures[i]);
}

static void roff_keys(void)
{
    struct sqz_family family;
    puts(
        ".SH SCENARIO KEYS\nA scenario is a CSV file key,value,unit[,note]. Each key with its unit "
        "and default:");
    for (size_t i = 0; sqz_family_at(&sqz_registry, i, &family); i++)
        roff_family(&family);
}

/* An option with what it does; on the page of all, which commands take it. */
static void roff_option(const struct sqz_option_row *row, bool whose)
{
    char term[64], text[512];
    name_option(row, term, sizeof term);
    snprintf(text, sizeof text, "%s%s%s%s", row->doc, whose ? " (" : "",
             !whose                    ? ""
             : row->commands[0] == '*' ? "every command"
                                       : row->commands,
             whose ? ")" : "");
    roff_item(term + strspn(term, " "), text);
}

static void roff_exit_status(void)
{
    puts(".SH EXIT STATUS");
    for (size_t i = 0; i < EXIT_STATUS_COUNT; i++) {
        char term[8];
        snprintf(term, sizeof term, "%d", EXIT_STATUS[i].status);
        roff_item(term, EXIT_STATUS[i].meaning);
    }
}

/* `make install` puts its own PREFIX in place of the word. */
static void roff_files(void)
{
    puts(".SH FILES");
    roff_item("PREFIX/share/doc/squeeze",
              "README.md, and those of scenarios (files, keys, units), sim (results, JSON, the "
              "library) and models (equations, glossary)");
    roff_item("PREFIX/share/doc/squeeze/scenarios", "scenarios to begin with");
}

static void roff_see_also(const struct sqz_command *command)
{
    const char *before = command != NULL ? ",\n" : "";
    puts(".SH SEE ALSO");
    if (command != NULL)
        fputs(".BR squeeze (1)", stdout);
    for (const struct sqz_command *each = sqz_commands; each->name != NULL; each++) {
        if (each == command)
            continue;
        printf("%s.BR squeeze\\-%s (1)", before, each->name);
        before = ",\n";
    }
    putchar('\n');
}

static void roff_title(const char *name, const char *doc)
{
    fputs(".TH ", stdout);
    for (const char *c = name; *c != '\0'; c++)
        putchar(toupper((unsigned char)*c));
    printf(" 1 \"\" \"squeeze %s\" \"User Commands\"\n.SH NAME\n", SQZ_VERSION);
    roff(name);
    fputs(" \\- ", stdout);
    roff(doc);
    putchar('\n');
}

static void page_of_command(const struct sqz_command *command)
{
    char name[64];
    snprintf(name, sizeof name, "squeeze-%s", command->name);
    roff_title(name, command->doc);
    printf(".SH SYNOPSIS\n.B squeeze %s\n[\\fIOPTION\\fR...] %s\n.SH OPTIONS\n", command->name,
           command->operands);
    for (const struct sqz_option_row *row = sqz_option_table; row->name != NULL; row++)
        if (sqz_option_taken(row, command))
            roff_option(row, false);
    puts(".SH EXAMPLE\n.nf");
    roff(command->example);
    puts("\n.fi");
    roff_exit_status();
    roff_files();
    roff_see_also(command);
}

static void page_of_program(void)
{
    roff_title("squeeze", PURPOSE);
    puts(".SH SYNOPSIS\n.B squeeze\n.I COMMAND\n[\\fIOPTION\\fR...] [\\fIOPERAND\\fR...]");
    puts(".SH COMMANDS");
    for (const struct sqz_command *each = sqz_commands; each->name != NULL; each++) {
        char term[64];
        snprintf(term, sizeof term, "%s %s", each->name, each->operands);
        roff_item(term, each->doc);
    }
    puts(".SH OPTIONS");
    for (const struct sqz_option_row *row = sqz_option_table; row->name != NULL; row++)
        roff_option(row, true);
    roff_keys();
    roff_exit_status();
    puts(".SH EXAMPLE");
    for (const struct sqz_command *each = sqz_commands; each->name != NULL; each++) {
        puts(".br");
        roff(each->example);
        putchar('\n');
    }
    roff_files();
    roff_see_also(NULL);
}

void sqz_manual_page(const struct sqz_command *command)
{
    if (command != NULL)
        page_of_command(command);
    else
        page_of_program();
}

/* ---- completion ---------------------------------------------------------------------------- */

/* Every key of a scenario; some belong to several models. */
static void list_all_keys(void)
{
    struct sqz_family family;
    for (size_t i = 0; sqz_family_at(&sqz_registry, i, &family); i++)
        for (size_t p = 0; p < family.n_params; p++)
            printf("%s ", family.params[p].key);
}

static void list_venues(void)
{
    for (size_t m = 0; sqz_registry.venues[m] != NULL; m++)
        printf("%s ", sqz_registry.venues[m]->name);
}

static void list_models(void)
{
    struct sqz_family family;
    for (size_t i = 0; sqz_family_at(&sqz_registry, i, &family); i++)
        if (family.name != NULL)
            printf("%s ", family.name);
}

static void list_commands(void)
{
    for (const struct sqz_command *each = sqz_commands; each->name != NULL; each++)
        printf("%s ", each->name);
}

/* A case of the script for each command: its options. */
static void list_options(void)
{
    for (const struct sqz_command *each = sqz_commands; each->name != NULL; each++) {
        printf("    %s) options='", each->name);
        for (const struct sqz_option_row *row = sqz_option_table; row->name != NULL; row++)
            if (sqz_option_taken(row, each))
                printf("--%s ", row->name);
        fputs("' ;;\n", stdout);
    }
}

/* What follows an option, and what a command works on. A scenario is a file that begins as one. */
static const char COMPLETE[] =
    "    esac\n"
    "    COMPREPLY=()\n"
    "    if ((COMP_CWORD == 1)); then\n"
    "        words=\"$commands --help --version\"\n"
    "    elif [[ $last == --set || $last == --vary ]]; then\n"
    "        compopt -o nospace 2>/dev/null\n"
    "        COMPREPLY=($(compgen -S = -W \"$keys\" -- \"$word\" | sort -u))\n"
    "        return\n"
    "    elif [[ $last == --venue ]]; then words=$venues\n"
    "    elif [[ $last == --format ]]; then words='svg png pdf'\n"
    "    elif [[ $last == --side ]]; then words='up down'\n"
    "    elif [[ $word == -* ]]; then words=$options\n"
    "    elif [[ $last == -o || $last == --output || ${COMP_WORDS[1]} == plot ]]; then\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        mapfile -t COMPREPLY < <(compgen -d -- \"$word\")\n"
    "        return\n"
    "    elif [[ ${COMP_WORDS[1]} == models ]]; then words=\"$keys $models book driver venue\"\n"
    "    elif [[ ${COMP_WORDS[1]} == help ]]; then words=$commands\n"
    "    else\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        while IFS= read -r file; do\n"
    "            [[ -f $file ]] && { IFS= read -r line <\"$file\" || true; }\n"
    "            [[ -d $file || ${COMP_WORDS[1]} == margin || $line == key,value* ]] &&\n"
    "                COMPREPLY+=(\"$file\")\n"
    "        done < <(compgen -d -- \"$word\" || :; compgen -f -X '!*.csv' -- \"$word\")\n"
    "        return 0\n"
    "    fi\n"
    "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\" | sort -u))\n"
    "}\n"
    "complete -F _squeeze squeeze\n";

void sqz_manual_completion(void)
{
    fputs("_squeeze() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    local words='' options='' file line=''\n"
          "    local commands='",
          stdout);
    list_commands();
    fputs("'\n    local keys='", stdout);
    list_all_keys();
    fputs("'\n    local venues='", stdout);
    list_venues();
    fputs("'\n    local models='", stdout);
    list_models();
    fputs("'\n    case ${COMP_WORDS[1]} in\n", stdout);
    list_options();
    fputs(COMPLETE, stdout);
}
