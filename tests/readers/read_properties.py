#!/usr/bin/env python3
"""Reads Java properties by the grammar in the Javadoc of java.util.Properties.load(Reader).

Each line of standard input is a JSON string, the text of one file. Each line of standard output is a JSON list of
[key, value] pairs in file order, or {"error": ...}. With file names as arguments, reads those as Latin-1 instead.
"""
import json
import re
import sys

BLANK = " \t\f"


def natural_lines(text):
    lines = re.split(r"\r\n|\n|\r", text)
    if lines and lines[-1] == "":
        lines.pop()
        ended = True
    else:
        ended = False
    return lines, ended


def ends_open(line):
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def logical_lines(text):
    lines, _ = natural_lines(text)
    index = 0
    while index < len(lines):
        line = lines[index].lstrip(BLANK)
        index += 1
        if line == "" or line[0] in "#!":
            continue
        parts = [line]
        while ends_open(parts[-1]):
            parts[-1] = parts[-1][:-1]
            if index >= len(lines):
                # With `\\r\\n` behind a lone backslash Java sees no line at all.
                if "".join(parts) == "" and text.endswith("\r\n"):
                    parts = None
                break
            # Java forgets a line of which nothing is left: the next is a new one, perhaps a comment.
            if "".join(parts) == "":
                parts = None
                break
            parts.append(lines[index].lstrip(BLANK))
            index += 1
        if parts is not None:
            yield "".join(parts)


def unescape(raw):
    units = []
    index = 0
    while index < len(raw):
        character = raw[index]
        index += 1
        if character != "\\":
            units.append(character)
            continue
        if index >= len(raw):
            break
        character = raw[index]
        index += 1
        if character == "u":
            digits = raw[index:index + 4]
            if not re.fullmatch(r"[0-9a-fA-F]{4}", digits):
                raise ValueError("malformed \\uxxxx encoding")
            units.append(chr(int(digits, 16)))
            index += 4
        else:
            units.append({"t": "\t", "n": "\n", "r": "\r", "f": "\f"}.get(character, character))
    return "".join(units).encode("utf-16", "surrogatepass").decode("utf-16")


def pair(line):
    match = re.match(r"(?s)((?:\\.|[^\\=: \t\f]|\\$)*)[ \t\f]*[=:]?[ \t\f]*", line)
    return [unescape(match.group(1)), unescape(line[match.end():])]


def read(text):
    try:
        return [pair(line) for line in logical_lines(text)]
    except ValueError as error:
        return {"error": str(error)}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        for name in sys.argv[1:]:
            with open(name, encoding="latin-1", newline="") as file:
                print(json.dumps(read(file.read())))
    else:
        for line in sys.stdin:
            print(json.dumps(read(json.loads(line))))
