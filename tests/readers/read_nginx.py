"""Starts nginx with the configuration that is named, in the directory that is named, and prints the bodies of the answers to /0,
/1, ... up to the first that is not 200, for each of so many servers: one line of JSON for each server. The servers listen on
the sockets 0.socket, 1.socket, ... in the directory.

Arguments: nginx, directory, configuration, number of servers."""
import json
import os
import socket
import subprocess
import sys
import time

nginx, place, configuration, servers = sys.argv[1:]


def connect(connection, address):
    """The server needs a moment until it listens."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return connection.connect(address)
        except (FileNotFoundError, ConnectionRefusedError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def get(server, number):
    with socket.socket(socket.AF_UNIX) as connection:
        connect(connection, os.path.join(place, "%d.socket" % server))
        connection.sendall(b"GET /%d HTTP/1.0\r\n\r\n" % number)
        head, body = b"".join(iter(lambda: connection.recv(65536), b"")).split(b"\r\n\r\n", 1)
        return body.decode("utf-8", "replace") if b" 200 " in head.split(b"\r\n")[0] else None


def bodies(server):
    number = 0
    while (body := get(server, number)) is not None:
        yield body
        number += 1


checked = subprocess.run([nginx, "-t", "-p", place, "-c", configuration], capture_output=True, text=True)
if checked.returncode:
    for _ in range(int(servers)):
        print(json.dumps({"error": checked.stderr}))
    sys.exit()
process = subprocess.Popen([nginx, "-p", place, "-c", configuration], stderr=subprocess.DEVNULL)
try:
    for server in range(int(servers)):
        print(json.dumps(list(bodies(server))))
finally:
    process.terminate()
    process.wait()
