# squeeze: build, test, demonstrate. `make help` lists the targets.

VERSION := $(shell sed -n 's/.*SQZ_VERSION "\(.*\)"/\1/p' sim/core/version.h)
PREFIX  ?= /usr/local
DESTDIR ?=

CC       = gcc
CSTD     = -std=c17
WARN     = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
OPT      = -O2 -g
# Results are the same bytes on every machine: no fused operations, no reordering.
EXACT    = -ffp-contract=off
CPPFLAGS = -I. -D_GNU_SOURCE
CFLAGS   = $(CSTD) $(WARN) $(OPT) $(EXACT) -fopenmp $(EXTRA_CFLAGS)
LDFLAGS  = -fopenmp $(EXTRA_LDFLAGS)
LDLIBS   = -lgsl -lgslcblas -lcsv -ljansson -lmd -lm

BUILD   ?= build
LIB_SRC := $(sort $(wildcard sim/core/*.c sim/batch/*.c sim/analysis/*.c sim/io/*.c sim/plot/*.c \
             models/*.c models/*/*.c))
CLI_SRC := $(sort $(wildcard sim/cli/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(BUILD)/%.o)

.PHONY: all
all: $(BUILD)/squeeze

$(BUILD)/squeeze: $(CLI_OBJ) $(BUILD)/libsqueeze.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/libsqueeze.a: $(LIB_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The texts that scripts.c embeds are not seen by -MMD.
$(BUILD)/sim/plot/scripts.o: $(wildcard sim/plot/*.gp)

# Rebuild everything when compiler or flags change.
FLAGS_NOW = $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(LDLIBS)
$(BUILD)/flags: FORCE
	@mkdir -p $(BUILD)
	@echo '$(FLAGS_NOW)' | cmp -s - $@ || echo '$(FLAGS_NOW)' > $@
.PHONY: FORCE
FORCE:

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d)

# ---- tests ----------------------------------------------------------------------------------

TEST_SRC := $(sort $(wildcard tests/unit/test_*.c tests/science/test_*.c))
TEST_BIN := $(TEST_SRC:%.c=$(BUILD)/%)
SUPPORT  := $(BUILD)/tests/support/support.o

$(TEST_BIN): %: %.o $(SUPPORT) $(BUILD)/libsqueeze.a
	$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

-include $(TEST_BIN:=.d) $(SUPPORT:.o=.d)

.PHONY: test-programs
test-programs: $(BUILD)/squeeze $(TEST_BIN)

.SECONDARY:
