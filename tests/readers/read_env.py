"""Prints for each env file that is named the values of K0, K1, ... that `dash` and `bash` set when they source it, or {"error": ...}:
one line of JSON for each."""
import json
import os
import subprocess
import sys

SCRIPT = """. "$1" || exit 1
i=0
while eval "[ -n \\"\\${K$i+set}\\" ]"; do
    eval "printf '%s\\\\0' \\"\\$K$i\\""
    i=$((i + 1))
done
"""


def read(shell, name):
    clean = {"PATH": "/nonexistent", "LC_ALL": "C.UTF-8"}
    run = subprocess.run([shell, "-c", SCRIPT, shell, name], env=clean, capture_output=True)
    if run.returncode or run.stderr:
        return {"error": "%s: %s" % (shell, run.stderr.decode(errors="replace"))}
    return [value.decode(errors="replace") for value in run.stdout.split(b"\0")[:-1]]


for name in sys.argv[1:]:
    results = [read(shell, os.path.abspath(name)) for shell in ("/bin/dash", "/bin/bash")]
    differ = {"error": "the shells differ"}
    print(json.dumps(results[0] if results[0] == results[1] or "error" in results[0] else
                     results[1] if "error" in results[1] else differ))
