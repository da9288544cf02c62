"""What is measured: groups of jobs that do the same, Fitout's first."""

import os
import shutil

import inputs
import measure

HERE = os.path.dirname(os.path.abspath(__file__))
JINJA = os.path.join(HERE, "jinja.py")


class Group:
    """Jobs that do the same. `before` puts back what a run changed, and is not measured; `after` is called at the end. In a
    command `@turn` stands for the number of the round."""

    def __init__(self, title, rounds, before=lambda: None):
        self.title, self.rounds, self.before, self.after = title, rounds, before, lambda: None
        self.jobs, self.outputs, self.limits = {}, {}, {}

    def ready(self, name):
        """Called before each run of that job."""
        del name
        self.before()

    def add(self, name, command, source=os.devnull, output=os.devnull, makes=None, rounds=None):
        """A job; with `makes`, the file that has to be the same as Fitout's. Slow ones run in fewer `rounds`."""
        if command[0]:
            self.jobs[name] = {"command": command, "source": source, "output": output}
            self.outputs[name] = makes
            self.limits[name] = rounds or self.rounds


def called(place):
    return "in memory" if place.startswith("/dev/shm") else "on the disk"


def remove(*paths):
    for path in paths:
        if os.path.isdir(path):
            shutil.rmtree(path)
        elif os.path.exists(path):
            os.unlink(path)


def start(binary, peers, place, rounds):
    group = Group("start and end", rounds)
    group.add("fitout apply (empty plan)", [binary, "apply", f"{place}/empty.yaml"])
    group.add("/bin/true", ["/bin/true"])
    for name in ("envsubst", "sed", "initium", "minijinja-cli", "jq"):
        group.add(f"{name} --version", [peers.get(name), "--version"])
    return group


def renderers(group, peers, stem, target, slow=None):
    """The other programs, each rendering `stem` in its notation."""
    made = {name: f"{target}.{name}" for name in ("envsubst", "sed", "minijinja", "initium", "jinja2")}
    tmpl, jinja = f"{stem}.tmpl", f"{stem}.j2"
    sed = [peers.get("sed"), "-e", "s/${PORT}/8080/", "-e", "s/${NAME}/demo/"]
    cli = [peers.get("minijinja-cli"), "--env", "-a", "none", "-o", made["minijinja"], jinja]
    near = [peers.get("initium"), "render", "--template", tmpl, "--output", os.path.basename(made["initium"])]
    group.add("envsubst", [peers.get("envsubst")], tmpl, made["envsubst"], made["envsubst"])
    group.add("sed", sed, tmpl, made["sed"], made["sed"])
    group.add("minijinja-cli", cli, makes=made["minijinja"], rounds=slow)
    group.add("initium render", near + ["--workdir", os.path.dirname(target)], makes=made["initium"], rounds=slow)
    group.add("Python jinja2", [peers.get("jinja2"), JINJA, jinja, made["jinja2"]], makes=made["jinja2"], rounds=slow)
    return list(made.values())


def small(binary, peers, place, rounds, fresh):
    title = f"one small file, {'not there yet' if fresh else 'already right'}, {called(place)}"
    target = f"{place}/app.conf"
    group = Group(title, rounds)
    group.add("fitout render", [binary, "render", f"{place}/app.hbs", target], makes=target)
    by_envsubst = f"{place}/app-envsubst.conf"
    ours = [binary, "render", "--engine", "envsubst", f"{place}/app.tmpl", by_envsubst]
    group.add("fitout render --engine envsubst", ours, makes=by_envsubst)
    made = renderers(group, peers, f"{place}/app", target, slow=max(rounds // 10, 5))
    if fresh:
        group.before = lambda: remove(target, by_envsubst, *made)
    return group


def tree(binary, peers, place, rounds, fresh, slow):
    """Python is left out: a process for each file takes it minutes."""
    title = f"{inputs.FILES} small files, {'not there yet' if fresh else 'already right'}, {called(place)}"
    group = Group(title, rounds)
    target = f"{place}/out"
    group.add("fitout render (one process)", [binary, "render", f"{place}/hbs", target], makes=f"{target}/7")
    commands = {
        "envsubst": ("tmpl", [peers.get("envsubst")]),
        "sed": ("tmpl", [peers.get("sed"), "-e", "s/${PORT}/8080/", "-e", "s/${NAME}/demo/"]),
    }
    if slow:
        near = ["render", "--template", "@source", "--output", "@name", "--workdir", f"{target}-initium"]
        commands["initium"] = ("tmpl", [peers.get("initium"), *near])
        cli = ["--env", "-a", "none", "-o", "@target", "@source"]
        commands["minijinja-cli"] = ("j2", [peers.get("minijinja-cli"), *cli])
    for name, (suffix, command) in commands.items():
        if command[0]:
            loop = [measure.EACH, str(inputs.FILES), f"{place}/{suffix}", f"{target}-{name}", suffix, *command]
            group.add(f"{name}, once per file", loop, makes=f"{target}-{name}/7")

    def before():
        if fresh:
            remove(target)
        for name in commands:
            if fresh:
                remove(f"{target}-{name}")
            os.makedirs(f"{target}-{name}", exist_ok=True)

    group.before = before
    return group


def large(binary, peers, place, rounds, name):
    """All of them write anew: what is there already would be read by Fitout, and written by the others."""
    target = f"{place}/{name}.conf"
    posix, gnu = f"{place}/{name}-posix.conf", f"{place}/{name}-gnu.conf"
    group = Group(f"one file of {inputs.LARGE // 1_000_000} MB, {name}, {called(place)}", rounds)
    group.add("fitout render", [binary, "render", f"{place}/{name}.hbs", target], makes=target)
    ours = [binary, "render", "--engine", "envsubst"]
    group.add("fitout, envsubst, posix", [*ours, f"{place}/{name}.tmpl", posix], makes=posix)
    group.add("fitout, envsubst, gnu", [*ours, "--forms", "gnu", f"{place}/{name}.tmpl", gnu], makes=gnu)
    made = renderers(group, peers, f"{place}/{name}", target, slow=max(rounds // 3, 1))
    group.before = lambda: remove(target, posix, gnu, *made)
    return group


def edit(binary, peers, place, rounds, suffix, key):
    """`sed` knows lines and not keys; `jq` writes all of the file in its own style, `yq` also without its comments."""
    pristine, document = f"{place}/document.{suffix}", f"{place}/edited.{suffix}"
    room, name = key.split(".")
    group = Group(f"edit `{key}` in {inputs.DOCUMENT // 1_000_000} MB of {suffix.upper()}, {called(place)}", rounds)
    group.add("fitout edit", [binary, "edit", document, "--set-json", f"{key}=8080"])
    line = f's/"{name}": 1/"{name}": 8080/' if suffix == "json" else f"s/^  {name}: 1/  {name}: 8080/"
    group.add("sed -i", [peers.get("sed"), "-i", line, document])
    if suffix == "json":
        group.add("jq", [peers.get("jq"), f".{room}.{name} = 8080", document], output=f"{place}/jq.json")
    else:
        command = [peers.get("yq"), "-y", f".{room}.{name} = 8080", document]
        group.add("yq", command, output=f"{place}/yq.yaml", rounds=1)
    group.before = lambda: shutil.copyfile(pristine, document)
    return group
