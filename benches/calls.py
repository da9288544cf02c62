"""System calls for each object of a tree, counted by strace."""

import os
import subprocess
import tempfile


class Calls:
    """Commands whose system calls are counted once; `entries` is the number of objects that each of them meets."""

    def __init__(self, title, strace, entries):
        self.title, self.strace, self.entries, self.jobs = title, strace, entries, []

    def add(self, name, before, command):
        if self.strace and command[0]:
            self.jobs.append((name, before, command))

    def count(self):
        if not self.jobs:
            return {}
        print(f"\n{self.title}\n  {'':34}{'for each':>12}", flush=True)
        rows = {}
        for name, before, command in self.jobs:
            before()
            calls = self.of(command)
            rows[name] = {"calls": calls, "for_each": round(calls / self.entries, 2)}
            print(f"  {name:34}{rows[name]['for_each']:12.2f}", flush=True)
        return rows

    def of(self, command):
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as summary:
            traced = [self.strace, "-f", "-c", "-U", "calls,name", "-o", summary.name, *command]
            subprocess.run(traced, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
            lines = [line.split() for line in summary.read().splitlines()]
        return next(int(words[0]) for words in lines if words and words[-1] == "total")
