"""jinja.py TEMPLATE TARGET: what an entrypoint script in Python does."""

import os
import sys

import jinja2

with open(sys.argv[1], encoding="utf-8") as file:
    template = jinja2.Environment(keep_trailing_newline=True).from_string(file.read())
with open(sys.argv[2], "w", encoding="utf-8") as file:
    file.write(template.render(ENV=os.environ))
