"""Prints for each YAML file that is named what PyYAML reads in it, or {"error": ...}: one line of JSON for each. Long files are
read by its parser in C only."""
import json
import sys

import yaml

LONG = 500_000


def read(text):
    read_by_c = yaml.load(text, yaml.CSafeLoader)
    if len(text) < LONG and yaml.load(text, yaml.SafeLoader) != read_by_c:
        return {"error": "the two parsers of PyYAML differ"}
    return read_by_c


for name in sys.argv[1:]:
    with open(name, encoding="utf-8", newline="") as file:
        try:
            print(json.dumps(read(file.read())))
        except (yaml.YAMLError, ValueError, TypeError) as error:
            print(json.dumps({"error": str(error)}))
