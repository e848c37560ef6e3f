/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/signals.h"

#include <stddef.h>

/* A handler can reach nothing but a global; it is set there and read by whoever holds. */
static volatile sig_atomic_t asked;

static const int ENDING[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
enum { ENDINGS = sizeof ENDING / sizeof ENDING[0] };

static struct sigaction before[ENDINGS]; /* what they did */
static int holds;

static void on_signal(int number)
{
    (void)number;
    asked = 1;
}

void sqz_signals_begin(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

const volatile sig_atomic_t *sqz_signals_hold(void)
{
    const struct sigaction caught = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    for (int i = 0; holds == 0 && i < ENDINGS; i++) {
        sigaction(ENDING[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(ENDING[i], &caught, NULL);
    }
    holds++;
    return &asked;
}

void sqz_signals_release(void)
{
    if (holds == 0 || --holds > 0)
        return;
    for (int i = 0; i < ENDINGS; i++)
        sigaction(ENDING[i], &before[i], NULL);
}
