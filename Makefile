# SPDX-License-Identifier: GPL-3.0-or-later
# squeeze: build, test, demonstrate. `make help` lists the targets.

PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
DESTDIR ?=

ifeq ($(origin CC),default)
CC       = gcc
endif
CSTD     = -std=c17
WARN     = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
CFLAGS  ?= -O2 -g
# Results are the same bytes on every machine: no fused operations, no reordering.
EXACT    = -ffp-contract=off
# Objects of the library serve archive and shared library alike: calls within it are bound when it is
# linked, so that a path takes as many instructions as it would otherwise (callgrind, claim A).
SHARED   = -fPIC -fvisibility=hidden -fno-semantic-interposition
# CFLAGS, CPPFLAGS and LDFLAGS are the user's; what the program cannot do without is added.
ALL_CPPFLAGS = -I. -D_GNU_SOURCE $(CPPFLAGS)
ALL_CFLAGS   = $(CSTD) $(WARN) $(CFLAGS) $(EXACT) -fopenmp $(EXTRA_CFLAGS)
ALL_LDFLAGS  = -fopenmp $(LDFLAGS) $(EXTRA_LDFLAGS)
LDLIBS   = -lgsl -lgslcblas -lcsv -ljansson -lmd -lm

BUILD   ?= build

# `make V=1` shows whole commands.
ifeq ($(V),1)
say = @:
quiet =
else
say = @echo '  $(1)'
quiet = @
endif
LIB_SRC := $(sort $(wildcard sim/core/*.c sim/batch/*.c sim/analysis/*.c sim/io/*.c sim/api/*.c sim/plot/*.c \
             models/*.c models/*/*.c))
CLI_SRC := $(sort $(wildcard sim/cli/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(BUILD)/%.o)
$(LIB_OBJ): OBJECT_CFLAGS = $(SHARED)

.DELETE_ON_ERROR:

.PHONY: all
all: $(BUILD)/squeeze $(BUILD)/libsqueeze.a $(BUILD)/libsqueeze.so

$(BUILD)/squeeze: $(CLI_OBJ) $(BUILD)/libsqueeze.a
	$(call say,link $@)
	$(quiet)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/libsqueeze.a: $(LIB_OBJ)
	$(call say,archive $@)
	$(quiet)rm -f $@
	$(quiet)$(AR) rcs $@ $^

# The shared library: what the functions of sim/squeeze.h need, and they alone are seen.
VERSION := $(shell sed -n 's/.*SQZ_VERSION "\(.*\)"/\1/p' sim/core/version.h)
ABI     := $(shell sed -n 's/^\#define SQZ_VERSION_ABI //p' sim/squeeze.h)
API_OBJ := $(filter $(BUILD)/sim/api/%,$(LIB_OBJ))

$(BUILD)/libsqueeze.so.$(VERSION): $(API_OBJ) $(BUILD)/libsqueeze.a sim/squeeze.map
	$(call say,link $@)
	$(quiet)$(CC) $(ALL_LDFLAGS) -shared -Wl,-soname,libsqueeze.so.$(ABI) \
	    -Wl,--version-script=sim/squeeze.map -o $@ $(API_OBJ) $(BUILD)/libsqueeze.a $(LDLIBS)

$(BUILD)/libsqueeze.so: $(BUILD)/libsqueeze.so.$(VERSION)
	$(quiet)ln -sf $(<F) $(BUILD)/libsqueeze.so.$(ABI)
	$(quiet)ln -sf libsqueeze.so.$(ABI) $@

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,compile $<)
	$(quiet)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(OBJECT_CFLAGS) -MMD -MP -c -o $@ $<

# The texts that scripts.c embeds are not seen by -MMD.
$(BUILD)/sim/plot/scripts.o: $(wildcard sim/plot/*.gp)

# Rebuild everything when compiler, flags or the list of sources change.
FLAGS_NOW = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(SHARED) $(TEST_CFLAGS) $(ALL_LDFLAGS) $(LDLIBS) $(LIB_SRC) $(CLI_SRC)
$(BUILD)/flags: FORCE
	@mkdir -p $(BUILD)
	@echo '$(FLAGS_NOW)' | cmp -s - $@ || echo '$(FLAGS_NOW)' > $@
.PHONY: FORCE
FORCE:

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d)

# ---- tests ----------------------------------------------------------------------------------

TEST_SRC := $(sort $(wildcard tests/unit/test_*.c tests/science/test_*.c))
TEST_BIN := $(TEST_SRC:%.c=$(BUILD)/%)
SUPPORT  := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/support/*.c tests/toys/*.c)))

# The tests' own code takes no time to speak of: compiled without optimisation it is there in a third
# of the time. gold links in half the time of the usual linker, and comes with it.
$(TEST_BIN:=.o) $(SUPPORT): OBJECT_CFLAGS = $(TEST_CFLAGS)
TEST_CFLAGS  ?= -O0
TEST_LDFLAGS := $(if $(shell command -v ld.gold),-fuse-ld=gold)

$(TEST_BIN): %: %.o $(SUPPORT) $(BUILD)/libsqueeze.a
	$(call say,link $@)
	$(quiet)$(CC) $(ALL_LDFLAGS) $(TEST_LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

-include $(TEST_BIN:=.d) $(SUPPORT:.o=.d)

.PHONY: test-programs
test-programs: $(BUILD)/squeeze $(TEST_BIN)

# What `make install` puts in place, for programs that embed the library (tests/install).
.PHONY: staged
staged: all
	@rm -rf $(BUILD)/staged
	@$(MAKE) --no-print-directory install PREFIX=/usr LIBDIR=/usr/lib \
	    DESTDIR='$(abspath $(BUILD))/staged' >/dev/null

# -Og compiles in two thirds of the time of -O1.
SANITIZE = -Og -g1 -DSQZ_VERIFY -fsanitize=address,undefined -fno-sanitize-recover=all
JOBS    ?= 2

# What it takes to compile is installed first where it is missing, so each of these two works as the
# first command in a fresh clone.
.PHONY: test
test:
	scripts/bootstrap test
	@$(MAKE) --no-print-directory -j$(JOBS) test-programs staged
	@$(MAKE) --no-print-directory -j$(JOBS) test-programs BUILD=$(BUILD)/sanitized EXTRA_CFLAGS='$(SANITIZE)' \
	    EXTRA_LDFLAGS='-fsanitize=address,undefined'
	scripts/run-tests.sh $(BUILD) $(BUILD)/sanitized

DEMO_SCENARIOS = scenarios/a-wall-14to1-discounted.csv
CLAIMED_SCENARIO = scenarios/a-wall-14to1-claimed.csv

.PHONY: demo
demo:
	scripts/bootstrap build
	@$(MAKE) --no-print-directory -j$(JOBS) all
	$(BUILD)/squeeze batch $(DEMO_SCENARIOS) -n 20000 -s 2 -o $(BUILD)/demo --force
	@echo; echo 'And the map as it is drawn, with every dollar of the claim:'
	$(BUILD)/squeeze check $(CLAIMED_SCENARIO)
	@echo 'Figures: $(BUILD)/demo/fan.svg and its neighbours. PNG and PDF: squeeze plot $(BUILD)/demo --format png,pdf'

# ---- development ----------------------------------------------------------------------------

.PHONY: bench validate soak coverage tsan valgrind format
bench: all
	scripts/bench $(BUILD)

# The statistical tests with twenty times the paths, errors 4.5 times smaller; the long commands of README and CLAIMS.
validate: test-programs
	for t in $(filter $(BUILD)/tests/science/%,$(TEST_BIN)); do \
	    echo $$t; SQZ_TEST_MULTIPLIER=20 $$t || exit 1; done
	scripts/check-readme --all $(BUILD)/squeeze
	scripts/claims --check $(BUILD)/squeeze

# Every allocation and every write of six commands fails in turn (an hour or so).
soak: $(BUILD)/squeeze
	scripts/faults $(BUILD)/squeeze

# Which lines the unit, science and command-line tests run: a summary by file, from gcov.
coverage:
	@$(MAKE) --no-print-directory -j$(JOBS) test-programs BUILD=$(BUILD)/coverage \
	    EXTRA_CFLAGS='-O0 --coverage -fprofile-update=atomic' EXTRA_LDFLAGS=--coverage
	scripts/coverage $(BUILD)/coverage

# Needs clang and its OpenMP, whose runtime tells the sanitizer what it synchronises.
tsan:
	@$(MAKE) --no-print-directory -j$(JOBS) all BUILD=$(BUILD)/tsan CC=clang \
	    EXTRA_CFLAGS='-O1 -fsanitize=thread' EXTRA_LDFLAGS=-fsanitize=thread
	TSAN_OPTIONS='ignore_noninstrumented_modules=1' $(BUILD)/tsan/squeeze batch \
	    scenarios/a-wall-14to1-discounted.csv -n 5000 -s 1 -j 4 -q

valgrind: test-programs
	valgrind -q --leak-check=full --errors-for-leak-kinds=definite,indirect \
	    --error-exitcode=1 $(BUILD)/squeeze batch \
	    scenarios/a-wall-14to1-discounted.csv -n 200 -s 1 -j 2

format:
	git ls-files '*.c' '*.h' | xargs clang-format -i

# ---- installation ---------------------------------------------------------------------------

COMMANDS  = check run batch compare merge sweep bound score replay map ignite margin import calibrate build-map init plot models help
MAN_DIR   = $(BUILD)/man
MAN_PAGES = $(MAN_DIR)/squeeze.1 $(COMMANDS:%=$(MAN_DIR)/squeeze-%.1)
DOCUMENTS = README.md CHANGELOG.md .figures/fan.svg $(wildcard */README.md */*/README.md)
DATA_DIR  = $(PREFIX)/share
DOC_DIR   = $(DATA_DIR)/doc/squeeze

.PHONY: install install-library install-texts uninstall uninstall-library clean help
install: all install-library install-texts $(BUILD)/squeeze.bash
	install -D -m 755 $(BUILD)/squeeze "$(DESTDIR)$(PREFIX)/bin/squeeze"
	install -D -m 644 $(BUILD)/squeeze.bash \
	    "$(DESTDIR)$(DATA_DIR)/bash-completion/completions/squeeze"

install-library: $(BUILD)/libsqueeze.a $(BUILD)/libsqueeze.so $(BUILD)/squeeze.pc
	install -D -m 644 sim/squeeze.h "$(DESTDIR)$(PREFIX)/include/squeeze/squeeze.h"
	install -D -m 644 $(BUILD)/libsqueeze.a "$(DESTDIR)$(LIBDIR)/libsqueeze.a"
	install -m 644 $(BUILD)/libsqueeze.so.$(VERSION) "$(DESTDIR)$(LIBDIR)/libsqueeze.so.$(VERSION)"
	ln -sf libsqueeze.so.$(VERSION) "$(DESTDIR)$(LIBDIR)/libsqueeze.so.$(ABI)"
	ln -sf libsqueeze.so.$(ABI) "$(DESTDIR)$(LIBDIR)/libsqueeze.so"
	install -D -m 644 $(BUILD)/squeeze.pc "$(DESTDIR)$(LIBDIR)/pkgconfig/squeeze.pc"

# It names the folders of this installation.
$(BUILD)/squeeze.pc: scripts/squeeze.pc.in FORCE
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' \
	    -e 's|@LDLIBS@|$(LDLIBS)|' scripts/squeeze.pc.in > $@

# Manual, READMEs and examples. What they say of paths is that of the place they are put in.
install-texts: $(MAN_PAGES)
	mkdir -p "$(DESTDIR)$(DATA_DIR)/man/man1" "$(DESTDIR)$(DOC_DIR)"
	for page in $(MAN_PAGES); do \
	    sed -e 's|PREFIX/share|$(DATA_DIR)|' -e 's|scenarios/a\\-|$(DOC_DIR)/&|g' $$page \
	        >"$(DESTDIR)$(DATA_DIR)/man/man1/$${page##*/}" || exit 1; done
	cp -r scenarios "$(DESTDIR)$(DOC_DIR)/"
	for text in $(DOCUMENTS); do \
	    install -D -m 644 $$text "$(DESTDIR)$(DOC_DIR)/$$text" || exit 1; done
	sed -i 's|build/squeeze|squeeze|g' $(addprefix "$(DESTDIR)$(DOC_DIR)"/,$(filter %.md,$(DOCUMENTS)))

$(MAN_DIR)/squeeze.1: $(BUILD)/squeeze
	@mkdir -p $(@D)
	$(BUILD)/squeeze help --man > $@

$(MAN_DIR)/squeeze-%.1: $(BUILD)/squeeze
	@mkdir -p $(@D)
	$(BUILD)/squeeze help --man $* > $@

$(BUILD)/squeeze.bash: $(BUILD)/squeeze
	$(BUILD)/squeeze help --completion > $@

uninstall-library:
	rm -f "$(DESTDIR)$(LIBDIR)/libsqueeze.a" "$(DESTDIR)$(LIBDIR)"/libsqueeze.so* \
	    "$(DESTDIR)$(LIBDIR)/pkgconfig/squeeze.pc"
	rm -rf "$(DESTDIR)$(PREFIX)/include/squeeze"

uninstall: uninstall-library
	rm -f "$(DESTDIR)$(PREFIX)/bin/squeeze" \
	    "$(DESTDIR)$(DATA_DIR)/bash-completion/completions/squeeze"
	for page in $(notdir $(MAN_PAGES)); do rm -f "$(DESTDIR)$(DATA_DIR)/man/man1/$$page"; done
	rm -rf "$(DESTDIR)$(DOC_DIR)"

clean:
	rm -rf $(BUILD)

help:
	@echo 'make            build $(BUILD)/squeeze, $(BUILD)/libsqueeze.a and .so'
	@echo 'make demo       install what is missing, build, answer the 14:1 question, draw figures'
	@echo 'make test       install what is missing, run everything that must hold'
	@echo 'make bench      speed, as ratios against a yardstick in the same run'
	@echo 'make validate   the statistical tests with many more paths (slow)'
	@echo 'make soak       every allocation and every write fails in turn (slow)'
	@echo 'make coverage   which lines the tests run, by file (slow)'
	@echo 'make tsan       a batch under the thread sanitizer'
	@echo 'make valgrind   a batch under valgrind'
	@echo 'make format     lay the sources out by .clang-format'
	@echo 'make install    into PREFIX ($(PREFIX)) and LIBDIR ($(LIBDIR)), staged under DESTDIR'
	@echo 'make uninstall, make clean'

.SECONDARY:
