"""The way to the application: start, hand-over and end of a program that does nothing, and what a parent costs that waits for it."""

import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

import measure
from calls import Calls

ROUNDS = int(os.environ.get("ROUNDS", "400"))
IDLE_SECONDS = 5
USER = "1234:1234"
NUMBER = "1234"


def all_groups(binary, _found, _disk, _memory):
    """A directory of its own for our names: a link is called by its name. On the disk, as images are, where everybody may enter."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        os.chmod(directory, 0o755)
        own = os.path.join(directory, "fitout")
        shutil.copy(binary, own)
        names = {name: os.path.join(directory, name) for name in ("tini", "dumb-init", "gosu", "su-exec", "sh")}
        for path in names.values():
            os.symlink(own, path)
        application = os.path.join(directory, "nothing")
        shutil.copy(measure.NOTHING, application)
        yield Times("Start, hand-over and end", commands(own, names, application))
        yield counted("System calls until the application has ended", commands(own, names, application))
        yield Idle("A parent that waits", parents(own, names), application)


def commands(own, names, application):
    """Each with what it is measured as; ours first."""
    ours = {
        "fitout exec": [own, "exec", "--"],
        "fitout exec --user": [own, "exec", "--user", USER, "--"],
        "fitout as gosu": [names["gosu"], USER],
        "fitout as su-exec": [names["su-exec"], USER],
        "fitout as sh": [names["sh"], "-c", application],
        **parents(own, names),
        "fitout as tini + as gosu": [names["tini"], "-s", "--", names["gosu"], USER],
    }
    theirs = {
        "su-exec": [shutil.which("su-exec"), USER],
        "gosu": [shutil.which("gosu"), USER],
        "setpriv": [shutil.which("setpriv"), "--reuid", NUMBER, "--regid", NUMBER, "--clear-groups"],
        "chpst": [shutil.which("chpst"), "-u", f":{USER}"],
        "s6-setuidgid": [shutil.which("s6-setuidgid"), "nobody"],
        "tini + gosu": [shutil.which("tini"), "-s", "--", shutil.which("gosu"), USER],
        "dash -c": [shutil.which("dash"), "-c", application],
    }
    found = {name: words for name, words in (ours | theirs).items() if all(words)}
    if os.geteuid() != 0:
        found = {name: words for name, words in found.items() if USER not in words and NUMBER not in words}
    whole = {name: words if words[-1] == application else [*words, application] for name, words in found.items()}
    return {"bare": [application]} | whole


def parents(own, names):
    found = {
        "fitout exec --supervise": [own, "exec", "--supervise", "--"],
        "fitout as tini": [names["tini"], "-s", "--"],
        "fitout as dumb-init": [names["dumb-init"]],
        "tini": [shutil.which("tini"), "-s", "--"],
        "tini-static": [shutil.which("tini-static"), "-s", "--"],
        "dumb-init": [shutil.which("dumb-init")],
        "catatonit": [shutil.which("catatonit"), "--"],
    }
    return {name: words for name, words in found.items() if words[0]}


def wall(jobs, rounds):
    """Microseconds of each program in each round."""
    words = " :: ".join(" ".join(command) for command in jobs.values()).split()
    with tempfile.TemporaryFile("w+", encoding="ascii") as report:
        fd = report.fileno()
        subprocess.run(
            [measure.STARTS, str(fd), str(rounds), *words],
            check=True, pass_fds=[fd], env={"PATH": "/usr/bin:/bin"}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )
        report.seek(0)
        lines = [[int(value) / 1000 for value in line.split()] for line in report]
    return dict(zip(jobs, zip(*lines)))


class Times:
    """Wall times, each program once in a round."""

    def __init__(self, title, jobs):
        self.title, self.jobs = title, jobs

    def count(self):
        times = wall(self.jobs, ROUNDS)
        print(f"\n{self.title}\n  {'':28}{'median':>11}{'p10':>11}{'over bare':>12}{'as often':>10}", flush=True)
        rows, bare = {}, times["bare"]
        for name, values in times.items():
            row = {
                "median_us": round(statistics.median(values)),
                "p10_us": round(statistics.quantiles(values, n=10)[0]),
                "over_bare_us": round(statistics.median(value - less for value, less in zip(values, bare))),
                "bare_ratio": round(statistics.median(value / less for value, less in zip(values, bare)), 2),
            }
            print(f"  {name:28}{row['median_us']:9}us{row['p10_us']:9}us{row['over_bare_us']:10}us{row['bare_ratio']:10.2f}", flush=True)
            rows[name] = row
        return rows


def counted(title, jobs):
    calls = Calls(title, shutil.which("strace"), 1)
    for name, command in jobs.items():
        calls.add(name, lambda: None, command)
    return calls


def settled(words):
    """A process that has been waiting for a second."""
    silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "env": {"PATH": "/usr/bin:/bin"}}
    process = subprocess.Popen(words, **silent)
    time.sleep(1)
    return process


class Idle:
    """What a parent holds, and how often it is woken, while the application waits."""

    def __init__(self, title, jobs, application):
        self.title, self.jobs, self.application = title, jobs, application

    def count(self):
        started = {name: settled([*words, self.application, "wait"]) for name, words in self.jobs.items()}
        before = {name: woken(process.pid) for name, process in started.items()}
        time.sleep(IDLE_SECONDS)
        print(f"\n{self.title}\n  {'':28}{'resident':>13}{'private':>13}{'woken in 5 s':>14}", flush=True)
        rows = {}
        for name, process in started.items():
            resident, private = held(process.pid)
            rows[name] = {"resident_kib": resident, "private_kib": private, "woken": woken(process.pid) - before[name]}
            print(f"  {name:28}{resident:9} KiB{private:9} KiB{rows[name]['woken']:14}", flush=True)
            os.kill(process.pid, signal.SIGTERM)
        for process in started.values():
            process.wait()
        return rows


def held(process):
    """Resident KiB, and those that belong to this process alone: pages of its file are shared with all others that were started from it."""
    with open(f"/proc/{process}/smaps_rollup", encoding="ascii") as file:
        values = {words[0]: int(words[1]) for words in map(str.split, file) if len(words) == 3}
    return values["Rss:"], values["Private_Dirty:"]


def woken(process):
    with open(f"/proc/{process}/status", encoding="ascii") as file:
        return int(next(line.split()[1] for line in file if line.startswith("voluntary_ctxt_switches")))
