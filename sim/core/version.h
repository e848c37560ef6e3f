/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SQZ_CORE_VERSION_H
#define SQZ_CORE_VERSION_H

#define SQZ_VERSION "0.1.0"

#endif
