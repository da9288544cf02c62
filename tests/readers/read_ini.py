"""Prints for each INI file that is named the rows [section, key, value] that configparser reads, or {"error": ...}: one line of
JSON for each. Its two ways to read without interpolation must agree."""
import configparser
import io
import json
import sys


def rows(parser, text):
    parser.optionxform = str
    parser.read_file(io.StringIO(text, newline=None))
    return [[section, key, value] for section in parser.sections() for key, value in parser.items(section)]


def read(text):
    try:
        raw = rows(configparser.RawConfigParser(), text)
        if raw != rows(configparser.ConfigParser(interpolation=None), text):
            return {"error": "the two parsers differ"}
    except (configparser.Error, AttributeError) as error:
        return {"error": str(error)}
    return raw


for name in sys.argv[1:]:
    with open(name, encoding="utf-8", newline="") as file:
        print(json.dumps(read(file.read())))
