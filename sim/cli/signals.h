/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals of the whole program.
 *
 * What asks a job to end (SIGINT, SIGTERM, SIGHUP, SIGXCPU) sets a flag, while held: the job then
 * ends with what is complete, and nothing half-written is left. A second one kills. A signal that
 * the parent had ignored, as nohup does, stays ignored. */
#ifndef SQZ_CLI_SIGNALS_H
#define SQZ_CLI_SIGNALS_H

#include <signal.h>

/* At the start of the program: a pipe that is closed and a file that may not grow are errors of the
 * write, which is reported as any other. */
void sqz_signals_begin(void);

/* From now on until sqz_signals_release; holds nest. Set to non-zero by a signal. */
const volatile sig_atomic_t *sqz_signals_hold(void);
void sqz_signals_release(void);

#endif
