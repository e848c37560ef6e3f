# SPDX-License-Identifier: GPL-3.0-or-later
"""A host without a compiler: ctypes, with the structs of the header written once more.

Usage: embed.py LIBRARY SCENARIO PATHS SEED
"""

import ctypes
import sys
from ctypes import POINTER, Structure, byref, c_char, c_char_p, c_double, c_int, c_long, c_size_t
from ctypes import c_uint64, c_void_p, CFUNCTYPE, sizeof


class Failure(Structure):
    _fields_ = [("code", c_int), ("line", c_long), ("file", c_char * 512), ("field", c_char * 96),
                ("message", c_char * 512)]


class CaseInput(Structure):
    _fields_ = [("size", c_size_t), ("path", c_char_p),
                ("settings", POINTER(c_char_p)), ("n_settings", c_size_t),
                ("levels", c_void_p), ("n_levels", c_size_t),
                ("positions", c_void_p), ("n_positions", c_size_t),
                ("files", c_void_p), ("n_files", c_size_t),
                ("allow_crossed", c_int), ("no_attribution", c_int)]


Progress = CFUNCTYPE(c_int, c_void_p, c_uint64, c_uint64)


class BatchInput(Structure):
    _fields_ = [("size", c_size_t), ("paths", c_uint64), ("seed", c_uint64), ("threads", c_int),
                ("max_events", c_uint64), ("progress", Progress), ("context", c_void_p)]


class Value(Structure):
    _fields_ = [("value", c_double), ("se", c_double), ("lo", c_double), ("hi", c_double)]


def main(library, scenario, paths, seed):
    sqz = ctypes.CDLL(library)
    failure, case, answer, value = Failure(), c_void_p(), c_void_p(), Value()
    seen = []

    def check(code):
        if code != 0:
            sys.exit(f"{failure.file.decode()}:{failure.line}: {failure.message.decode()}")

    given = CaseInput(size=sizeof(CaseInput), path=scenario.encode())
    check(sqz.sqz_case_load(byref(given), byref(case), byref(failure)))
    batch = BatchInput(size=sizeof(BatchInput), paths=paths, seed=seed,
                       progress=Progress(lambda context, done, of: seen.append(done) or 0))
    check(sqz.sqz_case_batch(case, byref(batch), byref(answer), byref(failure)))
    check(sqz.sqz_answer_value(answer, b"target.probability", byref(value), byref(failure)))
    assert seen == sorted(seen) and seen[-1] == paths
    print("%.17g %.17g %.17g" % (value.value, value.lo, value.hi))
    sqz.sqz_answer_free(answer)
    sqz.sqz_case_free(case)


main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
