"""What becomes an engine's process: it ends when whoever started it ends, however that ends.

engine_process.py clickhouse LIBCHDB ARGUMENT…    ClickHouse, out of its shared library
engine_process.py nats NATS_SERVER ARGUMENT…      the NATS server
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """The kernel kills this process with its parent; that holds over exec, too."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the parent ended before the engine began")


def run_clickhouse(library: str, arguments: list[str]) -> int:
    """Runs ClickHouse's own command line in this process; returns when it ends."""
    words = [word.encode() for word in ("clickhouse", *arguments)]
    chdb = ctypes.CDLL(library)
    # Returns a result where it answers with one: in ours it never does.
    chdb.chdb_query_cmdline.restype = ctypes.c_void_p
    return 0 if chdb.chdb_query_cmdline(len(words), (ctypes.c_char_p * len(words))(*words)) else 1


def main() -> int:
    """Becomes the engine."""
    end_with_parent()
    engine, program, *arguments = sys.argv[1:]
    if engine == "nats":
        os.execv(program, [program, *arguments])
    return run_clickhouse(program, arguments)


if __name__ == "__main__":
    sys.exit(main())
