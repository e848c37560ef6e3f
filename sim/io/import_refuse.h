/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is no data: error objects, encrypted answers, pages. */
#ifndef SQZ_IO_IMPORT_REFUSE_H
#define SQZ_IO_IMPORT_REFUSE_H

#include "sim/io/payload.h"

/* SQZ_ERR_DATA with advice for a payload that is an error of its provider or encrypted. */
int sqz_import_refuse(const struct sqz_payload *payload, struct sqz_diag *diag);

/* Say what a payload that no format knows looks like; returns SQZ_ERR_DATA. */
int sqz_import_unknown(const struct sqz_payload *payload, struct sqz_diag *diag);

#endif
