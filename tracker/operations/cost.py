"""Runs a command and tells, as one JSON object, what it cost with all its descendants.

A process of its own: what Chromium leaves behind becomes its child, and it waits for all.
"""

import ctypes
import json
import os
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36

if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    began = time.perf_counter()
    command = subprocess.Popen(  # noqa: S603
        sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    cpu, memory, wall, status = 0.0, 0, 0.0, 0
    while True:
        try:
            pid, ended, used = os.wait4(-1, 0)
        except ChildProcessError:
            break
        cpu += used.ru_utime + used.ru_stime
        # Of the largest process: what they share would count twice in a sum.
        memory = max(memory, used.ru_maxrss)
        if pid == command.pid:
            wall, status = time.perf_counter() - began, ended
    command.returncode = os.waitstatus_to_exitcode(status)
    if command.returncode:
        sys.exit(f"{sys.argv[1]} failed: {command.returncode}")
    json.dump({"cpu": cpu, "wall": wall, "memory": memory / 1024}, sys.stdout)
