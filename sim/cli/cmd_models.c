#include <stdio.h>

#include "models/registry.h"
#include "sim/cli/commands.h"
#include "sim/core/venue.h"
#include "sim/io/report.h"

static void print_params(const struct sqz_param *param, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *standard = param[i].required           ? "required"
                               : param[i].standard != NULL ? param[i].standard
                                                           : "unset";
        printf("    %-20s %-10s %-14s %s\n", param[i].key, param[i].unit, standard, param[i].doc);
    }
}

static void print_measures(const struct sqz_measure *measure, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("    %-20s %-10s %-14s %s\n", measure[i].name, measure[i].unit, "reports",
               measure[i].doc);
}

static void print_venues(void)
{
    puts("\na population of positions");
    print_params(sqz_population_param_table, sqz_population_param_count);
    puts("\nevery venue");
    print_params(sqz_venue_param_table, sqz_venue_param_count);
    for (size_t m = 0; sqz_registry.venues[m] != NULL; m++) {
        const struct sqz_venue_model *venue = sqz_registry.venues[m];
        printf("\nvenue %s: %s\n    source: %s\n", venue->name, venue->doc, venue->citation);
        printf("    maintenance %s; brackets %s deductions; counted closing fee %g\n",
               venue->on_entry != NULL ? "as venue.maintenance_price says" : "of the present value",
               venue->deducted ? "with" : "without", venue->counted_fee);
        print_params(venue->params, venue->n_params);
    }
}

int sqz_cmd_models(const struct sqz_options *options, struct sqz_diag *diag)
{
    if (options->json)
        return sqz_report_models(stdout, &sqz_registry, diag);
    printf("every scenario\n    %-20s %-10s %-14s %s\n", "key", "unit", "default", "meaning");
    print_params(sqz_scenario_param_table, sqz_scenario_param_count);
    puts("\nevery book");
    print_params(sqz_book_param_table, sqz_book_param_count);
    for (size_t m = 0; sqz_registry.books[m] != NULL; m++) {
        const struct sqz_book_model *book = sqz_registry.books[m];
        printf("\nbook %s: %s\n    source: %s\n", book->name, book->doc, book->citation);
        print_params(book->params, book->n_params);
    }
    for (size_t m = 0; sqz_registry.drivers[m] != NULL; m++) {
        const struct sqz_driver_model *driver = sqz_registry.drivers[m];
        printf("\ndriver %s: %s\n    source: %s\n", driver->name, driver->doc, driver->citation);
        print_params(driver->params, driver->n_params);
        print_measures(driver->measures, driver->n_measures);
    }
    print_venues();
    return SQZ_OK;
}
