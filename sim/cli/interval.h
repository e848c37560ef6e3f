/* Estimates for people: a value with its unit and its 95 % interval, with the digits that the
 * interval leaves room for. */
#ifndef SQZ_CLI_INTERVAL_H
#define SQZ_CLI_INTERVAL_H

#include "sim/cli/text.h"
#include "sim/core/estimate.h"

enum sqz_quantity {
    SQZ_QUANTITY_NUMBER,
    SQZ_QUANTITY_SHARE,  /* 31.66 %  [31.02, 32.31] */
    SQZ_QUANTITY_CHANGE, /* of shares: 2.73 pp  [2.51, 2.96] */
    SQZ_QUANTITY_MONEY,  /* 907.3 M usd  [899.8, 914.9] */
    SQZ_QUANTITY_TIME    /* 11.2 h  [10.9, 11.5] */
};

/* value "31.66 %", interval "[31.02, 32.31]", half "0.64 %": half of the interval. Limits name a
 * unit where it is not that of the value. Both "-" where they cannot be said. */
struct sqz_interval_text {
    char value[SQZ_TEXT_SIZE], interval[3 * SQZ_TEXT_SIZE], half[SQZ_TEXT_SIZE];
};

/* With `digits` of half the interval: 2 in tables, 1 in sentences. */
void sqz_interval_text(struct sqz_interval_text *text, const struct sqz_estimate *estimate,
                       enum sqz_quantity quantity, int digits);

/* A cell of a table: "31.66 % +- 0.65 %", without "usd"; where that would leave `least` to `most`
 * "0 % [0, 0.038]"; "-" where there is nothing to say, and no "+- 0" behind what is exact. */
enum { SQZ_INTERVAL_CELL = 5 * SQZ_TEXT_SIZE };
const char *sqz_interval_cell(char cell[SQZ_INTERVAL_CELL], const struct sqz_estimate *estimate,
                              enum sqz_quantity quantity, double least, double most);

/* A limit by itself, rounded to two digits: "0.038 %". */
const char *sqz_interval_limit(char text[SQZ_TEXT_SIZE], double limit, enum sqz_quantity quantity);

/* Whether 0 is outside: the sign of what was estimated is known. */
bool sqz_interval_is_sure(const struct sqz_estimate *estimate);

#endif
