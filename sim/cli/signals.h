/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What asks the program to stop: Ctrl-C, SIGTERM, a hang-up, the end of its processor time.
 *
 * While they are caught the first of them asks, and a second one kills. A signal that the parent
 * had ignored (nohup) stays ignored. */
#ifndef SQZ_CLI_SIGNALS_H
#define SQZ_CLI_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Broken pipes and files that grow too large are errors of writing, not signals. For main. */
void sqz_signals_ignore_writes(void);

/* Catch them, if they are not caught already. Until sqz_signals_begin_writing a signal removes the
 * directory `empty`, if it is not NULL and empty, and ends the process as if it had not been
 * caught: for work that is not asked in between. `empty` is to stay until then. */
void sqz_signals_catch(const char *empty);
void sqz_signals_begin_writing(void);

/* What signals did before. Safe where none are caught. */
void sqz_signals_release(void);

/* Whether one has asked, for now and for others to watch. */
bool sqz_signals_asked(void);
const volatile sig_atomic_t *sqz_signals_flag(void);

#endif
