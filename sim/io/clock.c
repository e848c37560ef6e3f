/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/clock.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double DAY_S = 86400.0, HOUR_S = 3600.0, MINUTE_S = 60.0;

/* Days from 1970-01-01 to a date of the Gregorian calendar: whole years are counted from March, so
 * that the leap day is the last of its year. */
static long days_from_civil(long year, long month, long day)
{
    long shifted = year - (month <= 2);
    long era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    long year_of_era = shifted - era * 400;
    long day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    long day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(long days, long *year, long *month, long *day)
{
    long shifted = days + 719468;
    long era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    long of_era = shifted - era * 146097;
    long year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    long of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    long from_march = (5 * of_year + 2) / 153;
    *day = of_year - (153 * from_march + 2) / 5 + 1;
    *month = from_march + (from_march < 10 ? 3 : -9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

/* `count` digits at `*text`, which moves on. */
static bool take_digits(const char **text, int count, long *value)
{
    *value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (!isdigit((unsigned char)**text))
            return false;
        *value = 10 * *value + (**text - '0');
    }
    return true;
}

static bool take(const char **text, char mark)
{
    if (**text != mark)
        return false;
    (*text)++;
    return true;
}

static bool is_leap(long year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool take_date(const char **text, double *time_s)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    long year, month, day;
    if (!take_digits(text, 4, &year) || !take(text, '-') || !take_digits(text, 2, &month) ||
        !take(text, '-') || !take_digits(text, 2, &day) || month < 1 || month > 12)
        return false;
    if (day < 1 || day > DAYS[month - 1] + (month == 2 && is_leap(year)))
        return false;
    *time_s = DAY_S * (double)days_from_civil(year, month, day);
    return true;
}

/* A fraction of a second behind a point. */
static bool take_fraction(const char **text, double *time_s)
{
    double unit = 0.1;
    if (!take(text, '.') && !take(text, ','))
        return true;
    if (!isdigit((unsigned char)**text))
        return false;
    for (; isdigit((unsigned char)**text); (*text)++, unit /= 10)
        *time_s += unit * (**text - '0');
    return true;
}

static bool take_time(const char **text, double *time_s)
{
    long hours, minutes, seconds = 0;
    if (!take_digits(text, 2, &hours) || !take(text, ':') || !take_digits(text, 2, &minutes))
        return false;
    if (take(text, ':') && (!take_digits(text, 2, &seconds) || !take_fraction(text, time_s)))
        return false;
    *time_s += HOUR_S * (double)hours + MINUTE_S * (double)minutes + (double)seconds;
    return hours < 24 && minutes < 60 && seconds < 61; /* a leap second is the next one's first */
}

/* Z, an offset from UTC, or nothing. */
static bool take_zone(const char **text, double *time_s)
{
    long hours, minutes = 0;
    if (**text == '\0' || take(text, 'Z') || take(text, 'z'))
        return true;
    double sign = **text == '-' ? -1.0 : 1.0;
    if (!take(text, '+') && !take(text, '-'))
        return false;
    if (!take_digits(text, 2, &hours))
        return false;
    take(text, ':');
    if (**text != '\0' && !take_digits(text, 2, &minutes))
        return false;
    *time_s -= sign * (HOUR_S * (double)hours + MINUTE_S * (double)minutes);
    return hours < 24 && minutes < 60;
}

static bool parse_civil(const char *text, double *time_s)
{
    if (!take_date(&text, time_s))
        return false;
    if (*text == '\0')
        return true;
    if (!take(&text, 'T') && !take(&text, 't') && !take(&text, ' '))
        return false;
    if (!take_time(&text, time_s))
        return false;
    while (take(&text, ' '))
        ;
    if (strcmp(text, "UTC") == 0)
        return true;
    return take_zone(&text, time_s) && *text == '\0';
}

/* 1e11 s is the year 5138 and 1e11 ms is 1973: between them no time is two things. */
static double seconds_of(double number)
{
    double unit = 1.0;
    while (fabs(number) * unit >= 1e11 && unit > 1e-9)
        unit *= 1e-3;
    return number * unit;
}

bool sqz_clock_parse(const char *text, double *time_s)
{
    char *end;
    if (parse_civil(text, time_s))
        return true;
    if (!isdigit((unsigned char)*text))
        return false;
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(number) || fabs(number) >= 1e20)
        return false;
    *time_s = seconds_of(number);
    return true;
}

const char *sqz_clock_format(char text[SQZ_CLOCK_TEXT_SIZE], double time_s)
{
    long year, month, day;
    double rounded_ms = rint(1000 * time_s), days = floor(rounded_ms / (1000 * DAY_S));
    long left_ms = (long)(rounded_ms - 1000 * DAY_S * days);
    civil_from_days((long)days, &year, &month, &day);
    int length = snprintf(text, SQZ_CLOCK_TEXT_SIZE, "%04ld-%02ld-%02ldT%02ld:%02ld:%02ld", year,
                          month, day, left_ms / 3600000, left_ms / 60000 % 60, left_ms / 1000 % 60);
    if (left_ms % 1000 != 0)
        length +=
            snprintf(text + length, SQZ_CLOCK_TEXT_SIZE - (size_t)length, ".%03ld", left_ms % 1000);
    snprintf(text + length, SQZ_CLOCK_TEXT_SIZE - (size_t)length, "Z");
    return text;
}
