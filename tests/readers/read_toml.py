"""Prints for each TOML file that is named what Python reads in it, or {"error": ...}: one line of JSON for each."""
import json
import sys
import tomllib

for name in sys.argv[1:]:
    with open(name, encoding="utf-8", newline="") as file:
        try:
            print(json.dumps(tomllib.loads(file.read())))
        except (tomllib.TOMLDecodeError, TypeError) as error:
            print(json.dumps({"error": str(error)}))
