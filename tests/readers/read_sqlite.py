"""Runs each SQL file that is named in a database of its own, in memory, and prints the first column of the table `read`, or
{"error": ...}: one line of JSON for each."""
import json
import sqlite3
import sys


def read(text):
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript("CREATE TABLE read (value);" + text)
        return [row[0] for row in connection.execute("SELECT value FROM read ORDER BY rowid")]
    except sqlite3.Error as error:
        return {"error": str(error)}


for name in sys.argv[1:]:
    with open(name, encoding="utf-8", newline="") as file:
        print(json.dumps(read(file.read())))
