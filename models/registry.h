/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every model of the program. To add one: a file in its folder, a line in that folder's header, and
 * a line in registry.c. */
#ifndef SQZ_MODELS_REGISTRY_H
#define SQZ_MODELS_REGISTRY_H

#include "sim/core/model.h"

extern const struct sqz_registry sqz_registry;

#endif
