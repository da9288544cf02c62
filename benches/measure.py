"""Wall time and peak memory of one run of a program, measured by benches/peak.c."""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.join(os.path.dirname(HERE), ".cache")
PEAK = os.path.join(CACHE, "peak")
EACH = os.path.join(CACHE, "each")
WALK = os.path.join(CACHE, "walk")
PROXY = os.path.join(CACHE, "proxy")
STARTS = os.path.join(CACHE, "starts")
NOTHING = os.path.join(CACHE, "nothing")


def prepare():
    """Compiles the measuring parents, the walk through a tree, the proxy and the like, static so that they are small."""
    compiler = shutil.which("musl-gcc") or shutil.which("cc")
    if compiler is None:
        sys.exit("error: neither musl-gcc nor cc is installed, one is needed to compile benches/peak.c")
    os.makedirs(CACHE, exist_ok=True)
    for program in (PEAK, EACH, WALK, PROXY, STARTS, NOTHING):
        source = os.path.join(HERE, os.path.basename(program) + ".c")
        subprocess.run([compiler, "-O2", "-static", "-pthread", "-Wall", "-o", program, source], check=True)


def run(command, environment, turn=0, source=os.devnull, output=os.devnull):
    """Wall seconds and peak resident KiB of one run; its standard input is `source`, its standard output `output`."""
    reader, writer = os.pipe()
    command = [word.replace("@turn", str(turn)) for word in command]
    with open(reader, encoding="ascii") as report, open(source, "rb") as given, open(output, "wb") as written:
        try:
            subprocess.run(
                [PEAK, str(writer), *command],
                check=True, env=environment, stdin=given, stdout=written, stderr=subprocess.DEVNULL, pass_fds=[writer],
            )
        finally:
            os.close(writer)
        elapsed, resident, status = map(int, report.read().split())
    if status != 0:
        sys.exit(f"error: {' '.join(command)} ended with wait status {status}")
    return elapsed / 1e9, resident
