#include "models/registry.h"

#include "models/books/books.h"

static const struct sqz_book_model *const BOOKS[] = {
    &sqz_book_power,
    &sqz_book_table,
    NULL,
};

/* The order numbers the random streams: append, never insert. */
static const struct sqz_driver_model *const DRIVERS[] = {
    NULL,
};

const struct sqz_registry sqz_registry = {.books = BOOKS, .drivers = DRIVERS};
