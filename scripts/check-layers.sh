#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Who may include whom (sim/README.md): fail on any #include that runs the wrong way, and on a
# library seen outside the layer it belongs to.
set -eu
cd "$(dirname "$0")/.."
failed=0

# forbid FOLDER PATTERN REASON: no file under FOLDER includes what matches PATTERN.
forbid() {
    hits=$(grep -rnE "^#include [<\"]$2" "$1" --include='*.[ch]' 2>/dev/null || true)
    if [ -n "$hits" ]; then
        echo "check-layers: $3" >&2
        echo "$hits" >&2
        failed=1
    fi
}

# only PATTERN FOLDERS... REASON is the last argument: no file outside FOLDERS includes PATTERN.
only() {
    pattern=$1 allowed=$2 reason=$3
    hits=$(grep -rnE "^#include <($pattern)" sim models --include='*.[ch]' | grep -vE "^($allowed)" || true)
    if [ -n "$hits" ]; then
        echo "check-layers: $reason" >&2
        echo "$hits" >&2
        failed=1
    fi
}

forbid sim/core '(sim/(batch|analysis|io|plot|cli|api)|models)/' 'core may include core alone'
forbid sim/io '(sim/(batch|analysis|plot|cli|api)|models)/' 'io may include core and io alone'
forbid sim/batch '(sim/(analysis|io|plot|cli|api)|models)/' 'batch may include core and batch alone'
forbid sim/analysis '(sim/(plot|cli|api)|models)/' 'analysis may not include plot, cli, api or a model'
forbid sim/plot '(sim/(batch|analysis|cli|api)|models)/' 'plot may include io, core and plot alone'
forbid sim/cli 'models/(books|drivers|venues)/' 'cli knows the registry, not the models'
forbid sim/cli 'sim/api/' 'cli may use the library by its header alone'
forbid sim/api '(sim/(plot|cli)|models/(books|drivers|venues))/' \
    'api may include all but plot, cli and the models'
forbid models 'sim/(batch|analysis|io|plot|cli|api)/' 'models may include core and models alone'
only 'gsl/' 'sim/core/|sim/analysis/|models/|sim/cli/main\.c' \
    'GSL is seen by core, models and analysis (main switches its error handler off)'
only 'csv\.h' 'sim/io/csv\.c' 'libcsv is seen by sim/io/csv.c alone'
only 'jansson\.h' 'sim/io/' 'jansson is seen by io alone'
only 'omp\.h|mpi\.h' 'sim/batch/' 'OpenMP and MPI are seen by batch alone'
if grep -rnE '^ *# *pragma omp' sim models --include='*.[ch]' | grep -v '^sim/batch/'; then
    echo 'check-layers: OpenMP is seen by batch alone' >&2
    failed=1
fi
if grep -rnE '\b(printf|puts|putchar|exit|abort|setlocale|umask|signal|sigaction|setenv|gsl_set_error)' \
    sim/api sim/io sim/batch sim/core models --include='*.[ch]' |
    grep -E '\b(printf|puts|putchar|exit|abort|setlocale|umask|signal|sigaction|setenv|gsl_set_error[a-z_]*)\(|fprintf\(std'; then
    echo 'check-layers: what hosts embed prints nothing, ends nothing and changes nothing of theirs' >&2
    failed=1
fi
if grep -rnE '\b(printf|puts|fprintf|putchar|exit|abort)\(' sim/core models --include='*.[ch]'; then
    echo 'check-layers: core and models never print or exit' >&2
    failed=1
fi
# Models ask a view, not the rooms of core; the rooms themselves have a table.
forbid models 'sim/core/(world|market|stops|attrition|attribution|execution|cascade|clearing|path|walk|engine)\.h' \
    'models see the world by sim/core/view.h alone'
scripts/check-rooms || failed=1
exit $failed
