"""What walks through trees: `own`, `copy` and `unpack`, beside the tools that do the same."""

import os
import shutil
import subprocess

import measure
from calls import Calls
from groups import Group, called, remove

FILES = int(os.environ.get("VOLUME_FILES", "200000"))
DIRECTORIES = max(FILES // 100, 1)
SIZE = 1024
LARGE = int(os.environ.get("VOLUME_BYTES", str(4 * 1000**3)))
PLACES = os.environ.get("VOLUME_PLACES", "memory disk").split()
OWNER, OTHER = 1234, 4321


def tree(directory, files=FILES):
    """Small files, a hundred in each directory, and fifty of those in one."""
    content = b"x" * (SIZE - 1) + b"\n"
    for number in range(files):
        inner = os.path.join(directory, f"group{number // 5000}", f"part{number // 100 % 50}")
        if number % 100 == 0:
            os.makedirs(inner)
        fd = os.open(os.path.join(inner, f"file{number % 100}"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.write(fd, content)
        os.close(fd)


def give(walk, directory, owner):
    subprocess.run([walk, "blind", f"{owner}:{owner}", "2", directory], check=True)


def forget():
    """Has the kernel read everything from the disk again; no when it may not be told so."""
    try:
        os.sync()
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
            file.write("3")
        return True
    except OSError:
        return False


def own(binary, peers, place, state, cold):
    """The owner is right or wrong for all of the tree; `walk` is the floor, with the fewest calls and nothing that makes it safe."""
    walk, directory = measure.WALK, f"{place}/volume"
    owner = f"{OWNER}:{OWNER}"
    title = f"own of {FILES} files, {state}, {'cold' if cold else 'warm'}, {called(place)}"
    group = Group(title, 3)
    group.add("fitout own", [binary, "own", directory, "--owner", owner, "--recursive"])
    group.add(f"walk {'check' if state == 'right' else 'blind'}, 2 threads (floor)",
              [walk, "check" if state == "right" else "blind", owner, "2", directory])
    group.add("chown -R", [peers["chown"], "-R", owner, directory])
    wrong = [peers["find"], directory, "(", "!", "-user", str(OWNER), "-o", "!", "-group", str(OWNER), ")"]
    group.add("find ! -user -exec chown", [*wrong, "-exec", "chown", "-h", owner, "{}", "+"])
    if peers.get("busybox"):
        group.add("busybox chown -R", [peers["busybox"], "chown", "-R", owner, directory])

    def before():
        give(walk, directory, OWNER if state == "right" else OTHER)
        if cold:
            forget()

    group.before = before
    return group


def copy(binary, peers, place, cold):
    """To a new name at each run: ext4 does not use the inodes of files that were just removed, and looks for others at length."""
    source, target = f"{place}/volume", f"{place}/copies/@turn"
    group = Group(f"copy of {FILES} files, {'cold' if cold else 'warm'}, {called(place)}", 3)
    preserve = ["--preserve", "owner,times"]
    group.add("fitout copy", [binary, "copy", source, f"{target}-fitout", *preserve])
    group.add("cp -a", [peers["cp"], "-a", source, f"{target}-cp"])
    group.add("cp -a, sync -f", [peers["sh"], "-c", f'cp -a "$0" "$1" && sync -f "$1"', source, f"{target}-cps"])
    if peers.get("rsync"):
        group.add("rsync -a", [peers["rsync"], "-a", f"{source}/", f"{target}-rsync"])
    pipe = 'mkdir "$1" && tar -C "$0" -cf - . | tar -C "$1" -xpf -'
    group.add("tar | tar", [peers["sh"], "-c", pipe, source, f"{target}-tar"])
    os.makedirs(f"{place}/copies", exist_ok=True)

    def before():
        if called(place) == "in memory":
            for name in os.listdir(f"{place}/copies"):
                shutil.rmtree(f"{place}/copies/{name}")
        else:
            os.sync()
        if cold:
            forget()

    group.before = before
    group.after = lambda: remove(f"{place}/copies")
    return group


def copy_again(binary, peers, place):
    """What `copy` finds equal; `rsync -c` reads both sides as Fitout does, without -c it compares sizes and times."""
    source, target = f"{place}/volume", f"{place}/equal"
    group = Group(f"copy of {FILES} files that are equal already, {called(place)}", 3)
    subprocess.run(["cp", "-a", source, target], check=True)
    group.add("fitout copy", [binary, "copy", source, target, "--preserve", "owner,times"])
    group.add("cp -a", [peers["cp"], "-aT", source, target])
    group.add("diff -r", [peers["diff"], "-r", source, target])
    if peers.get("rsync"):
        group.add("rsync -a", [peers["rsync"], "-a", f"{source}/", target])
        group.add("rsync -ac", [peers["rsync"], "-ac", f"{source}/", target])
    group.after = lambda: remove(target)
    return group


def copy_large(binary, peers, place):
    source = f"{place}/large"
    group = Group(f"copy of one file of {LARGE / 1000**3:g} GB, {called(place)}", 3)
    with open(source, "wb") as file:
        piece = os.urandom(1000**2)
        for _ in range(LARGE // len(piece)):
            file.write(piece)
    group.add("fitout copy", [binary, "copy", source, f"{place}/large-fitout"])
    group.add("cp -a", [peers["cp"], "-a", source, f"{place}/large-cp"])
    script = 'cp -a "$0" "$1" && sync -f "$1"'
    group.add("cp -a, sync -f", [peers["sh"], "-c", script, source, f"{place}/large-cps"])
    group.before = lambda: remove(*(f"{place}/large-{name}" for name in ("fitout", "cp", "cps")))
    group.after = lambda: (group.before(), remove(source))
    return group


def unpack(binary, peers, place, suffix, option):
    archive, target = f"{place}/volume.{suffix}", f"{place}/unpacked/@turn"
    group = Group(f"unpack of {FILES} files, {suffix}, {called(place)}", 3)
    subprocess.run(["tar", option, "-cf", archive, "-C", f"{place}/volume", "."], check=True)
    group.add("fitout unpack", [binary, "unpack", archive, f"{target}-fitout"])
    script = 'mkdir "$1" && tar -xf "$0" -C "$1"'
    group.add("tar -x", [peers["sh"], "-c", script, archive, f"{target}-tar"])
    group.add("tar -x, sync -f", [peers["sh"], "-c", f'{script} && sync -f "$1"', archive, f"{target}-tars"])
    os.makedirs(f"{place}/unpacked", exist_ok=True)
    group.before = os.sync
    group.after = lambda: remove(f"{place}/unpacked", archive)
    return group


def calls(binary, peers, place):
    """On a smaller tree: a traced program takes many times as long."""
    files = max(FILES // 10, 1)
    source = f"{place}/traced"
    tree(source, files)
    owner = f"{OWNER}:{OWNER}"
    entries = sum(1 + len(names) for _, _, names in os.walk(source))
    group = Calls(f"system calls for each of {entries} objects", peers.get("strace"), entries)
    archive = f"{place}/traced.tar"
    subprocess.run([peers["tar"], "-cf", archive, "-C", source, "."], check=True)
    os.makedirs(f"{place}/tar")
    for state, given in (("right", OWNER), ("wrong", OTHER)):
        before = lambda given=given: give(measure.WALK, source, given)
        group.add(f"fitout own, {state}", before, [binary, "own", source, "--owner", owner, "--recursive"])
        group.add(f"chown -R, {state}", before, [peers["chown"], "-R", owner, source])
    nothing = lambda: None
    group.add("fitout copy", nothing, [binary, "copy", source, f"{place}/by-fitout", "--preserve", "owner,times"])
    group.add("cp -a", nothing, [peers["cp"], "-a", source, f"{place}/by-cp"])
    group.add("fitout unpack", nothing, [binary, "unpack", archive, f"{place}/unpacked-by-fitout"])
    group.add("tar -x", nothing, [peers["tar"], "-xf", archive, "-C", f"{place}/tar"])
    return group


def all_groups(binary, peers, disk, memory):
    yield calls(binary, peers, memory)
    places = {"memory": memory, "disk": disk}
    for place in (places[name] for name in PLACES):
        tree(f"{place}/volume")
        for cold in (False, True):
            if cold and (place == memory or not forget()):
                continue
            for state in ("right", "wrong"):
                yield own(binary, peers, place, state, cold)
            yield copy(binary, peers, place, cold)
        yield copy_again(binary, peers, place)
        yield unpack(binary, peers, place, "tar", "--no-auto-compress")
        remove(f"{place}/volume")
        yield copy_large(binary, peers, place)
