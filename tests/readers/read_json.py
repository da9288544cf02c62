"""Prints for each JSON file that is named what Python reads in it, or {"error": ...}: one line of JSON for each."""
import json
import sys

for name in sys.argv[1:]:
    with open(name, encoding="utf-8", newline="") as file:
        try:
            print(json.dumps(json.load(file)))
        except ValueError as error:
            print(json.dumps({"error": str(error)}))
