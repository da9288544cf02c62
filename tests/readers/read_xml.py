"""Prints for each XML file that is named the events that expat reads, as [kind, text, ...], or {"error": ...}: one line of JSON for
each."""
import json
import sys
from xml.parsers import expat


def read(data):
    events = []

    def text(data):
        if events and events[-1][0] == "text":
            events[-1][1] += data
        else:
            events.append(["text", data])

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.ordered_attributes = True
    parser.CharacterDataHandler = text
    parser.StartElementHandler = lambda name, attributes: events.append(["start", name, *attributes])
    parser.EndElementHandler = lambda name: events.append(["end", name])
    parser.CommentHandler = lambda data: events.append(["comment", data])
    parser.ProcessingInstructionHandler = lambda target, data: events.append(["instruction", data])
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError) as error:
        return {"error": str(error)}
    return events


for name in sys.argv[1:]:
    with open(name, "rb") as file:
        print(json.dumps(read(file.read())))
