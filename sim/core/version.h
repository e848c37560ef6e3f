#ifndef SQZ_CORE_VERSION_H
#define SQZ_CORE_VERSION_H

#define SQZ_VERSION "0.1.0"

#endif
