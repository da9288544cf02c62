"""The files that the benchmarks work on, each template in the notation of every tool."""

import os

LARGE = 50_000_000
DOCUMENT = 10_000_000
FILES = 1_000
NOTATIONS = {"hbs": "{{{{env.{}}}}}", "tmpl": "${{{}}}", "j2": "{{{{ENV.{}}}}}"}
SMALL = ["port = ", "PORT", "\nname = ", "NAME", "\n"]


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def small(directory):
    for suffix, form in NOTATIONS.items():
        text = "".join(form.format(part) if part.isupper() else part for part in SMALL)
        write(os.path.join(directory, f"app.{suffix}"), text)
    write(os.path.join(directory, "empty.yaml"), "version: 1\n")


def tree(directory):
    """Small files, a directory of its own for each notation."""
    for suffix, form in NOTATIONS.items():
        for number in range(FILES):
            text = f"# file {number}\n" + "".join(form.format(part) if part.isupper() else part for part in SMALL)
            write(os.path.join(directory, suffix, f"{number}.{suffix}"), text)


def large(directory, name, every):
    """Lines of text, with the value of one variable in every so many of them."""
    text = "setting {} of {} and some more text to make a line of it\n"
    count = LARGE // len(text.format("000000", "nothing"))
    for suffix, form in NOTATIONS.items():
        value = form.format("NAME")
        lines = [text.format(number, "nothing" if number % every else value) for number in range(count)]
        write(os.path.join(directory, f"{name}.{suffix}"), "".join(lines))


def document(directory, suffix, head, entry, tail):
    entries, length, number = [], 0, 0
    while length < DOCUMENT:
        entries.append(entry.format(n=number))
        length += len(entries[-1])
        number += 1
    write(os.path.join(directory, f"document.{suffix}"), head + "".join(entries) + tail)


def documents(directory):
    document(
        directory, "yaml", "first:\n  port_a: 1\nservices:\n",
        "  service-{n}:\n    image: registry.example.org/team/service:{n}\n    enabled: true # note {n}\n    ports: [80, 443]\n",
        "last:\n  port_z: 1\n",
    )
    document(
        directory, "json", '{\n  "first": {\n    "port_a": 1\n  },\n  "services": {\n',
        '    "service-{n}": {{\n      "image": "registry.example.org/team/service:{n}",\n      "ports": [80, 443]\n    }},\n',
        '    "end": {}\n  },\n  "last": {\n    "port_z": 1\n  }\n}\n',
    )
