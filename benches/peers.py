"""The programs that users would otherwise pick. One that is not there is left out, with a note."""

import os
import shutil
import subprocess
import sys

import measure

EVERYWHERE = ("sed", "sh", "chown", "find", "cp", "tar", "diff")
FROM_DEBIAN = ("envsubst", "jq", "yq", "rsync", "busybox", "strace")
# Built by `tools/install bench`.
FROM_CRATES = ("initium", "minijinja-cli")


def find():
    """The path of each program by its name."""
    found = {name: shutil.which(name) for name in EVERYWHERE + FROM_DEBIAN}
    found |= {name: os.path.join(measure.CACHE, name, "bin", name) for name in FROM_CRATES}
    jinja = subprocess.run(["/usr/bin/python3", "-c", "import jinja2"], check=False, stderr=subprocess.DEVNULL)
    found["jinja2"] = "/usr/bin/python3" if jinja.returncode == 0 else None
    missing = [name for name, path in found.items() if not path or not os.path.exists(path)]
    if missing:
        print(f"note: not installed, and left out: {', '.join(missing)}", file=sys.stderr)
    return {name: path for name, path in found.items() if name not in missing}
