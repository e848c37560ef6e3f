/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/signals.h"

#include <stddef.h>
#include <unistd.h>

static const int CAUGHT[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
enum { SIGNALS = sizeof CAUGHT / sizeof CAUGHT[0] };

/* A signal handler can reach nothing but globals. */
static volatile sig_atomic_t asked;
static const char *volatile empty_directory; /* NULL: asked is what counts */

static struct sigaction before[SIGNALS];
static bool caught;

void sqz_signals_ignore_writes(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

/* The signal does by then what it does by default (SA_RESETHAND), as soon as the handler returns.
 */
static void on_signal(int number)
{
    __atomic_store_n(&asked, 1, __ATOMIC_RELAXED);
    if (empty_directory == NULL)
        return;
    rmdir(empty_directory);
    raise(number);
}

void sqz_signals_catch(const char *empty)
{
    const struct sigaction catch = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};
    if (caught)
        return;
    caught = true;
    empty_directory = empty;
    for (size_t i = 0; i < SIGNALS; i++) {
        sigaction(CAUGHT[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(CAUGHT[i], &catch, NULL);
    }
}

void sqz_signals_begin_writing(void)
{
    empty_directory = NULL;
}

void sqz_signals_release(void)
{
    for (size_t i = 0; caught && i < SIGNALS; i++)
        sigaction(CAUGHT[i], &before[i], NULL);
    caught = false;
    empty_directory = NULL;
}

bool sqz_signals_asked(void)
{
    return __atomic_load_n(&asked, __ATOMIC_RELAXED) != 0;
}

const volatile sig_atomic_t *sqz_signals_flag(void)
{
    return &asked;
}
