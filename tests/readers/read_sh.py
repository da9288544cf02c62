"""Prints for each script that is named the words, split at NUL, that it writes in `dash` and `bash`, or {"error": ...}: one line of
JSON for each."""
import json
import subprocess
import sys


def read(shell, name):
    clean = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    run = subprocess.run([shell, name], env=clean, capture_output=True)
    if run.returncode or run.stderr:
        return {"error": "%s: %s" % (shell, run.stderr.decode(errors="replace"))}
    return [word.decode(errors="replace") for word in run.stdout.split(b"\0")[:-1]]


for name in sys.argv[1:]:
    results = [read(shell, name) for shell in ("/bin/dash", "/bin/bash")]
    differ = {"error": "the shells differ"}
    print(json.dumps(results[0] if results[0] == results[1] or "error" in results[0] else
                     results[1] if "error" in results[1] else differ))
