"""A small calculator service: the application that the examples make ready.

Its configuration is the JSON file that CONFIG_PATH names; every calculation is kept in the SQLite database named there.
The database's tables are made by the plan's migrations, never here.
"""

import decimal
import hmac
import http.server
import json
import logging
import os
import pwd
import signal
import sqlite3
import sys
import threading
import urllib.parse

OPERATIONS = {
    "add": decimal.Context.add,
    "sub": decimal.Context.subtract,
    "mul": decimal.Context.multiply,
    "div": decimal.Context.divide,
}

# No number that anyone calculates with is longer, and decimal's time grows with the length.
LONGEST_NUMBER = 100

log = logging.getLogger("calculator")


class Refused(Exception):
    """A request that cannot be answered, with its HTTP status."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Calculator:
    """Arithmetic with a fixed number of digits."""

    def __init__(self, precision):
        # The exponent is bounded so that `1e9` and `1e-9` fit and `1e999999` is an overflow, not a gigabyte of zeros.
        self.context = decimal.Context(
            prec=precision,
            Emin=-999,
            Emax=999,
            traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
        )

    def number(self, text):
        if len(text) > LONGEST_NUMBER:
            raise Refused(400, "the number is too long")
        try:
            number = self.context.create_decimal(text)
        except decimal.DecimalException:
            raise Refused(400, "not a number") from None
        if not number.is_finite():
            raise Refused(400, "not a finite number")
        return number

    def calculate(self, operation, a, b):
        # decimal keeps its flags in the context: each request works on a copy.
        context = self.context.copy()
        try:
            return OPERATIONS[operation](context, a, b)
        except (decimal.DivisionByZero, decimal.InvalidOperation):
            raise Refused(400, "cannot divide by zero") from None
        except decimal.Overflow:
            raise Refused(400, "the result is too large") from None


class History:
    """The calculations of the past, in SQLite."""

    def __init__(self, path):
        # mode=rw: a missing database is an error, not an empty new one.
        self.address = "file:" + urllib.parse.quote(path) + "?mode=rw"

    def query(self, statement, values=()):
        # One connection a request: SQLite's connections do not cross threads.
        connection = sqlite3.connect(self.address, uri=True, timeout=5)
        try:
            with connection:
                return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    def check(self):
        self.query("SELECT count(*) FROM operation_totals")

    def add(self, operation, a, b, result, precision):
        self.query(
            "INSERT INTO history (operation, a, b, result, precision) VALUES (?, ?, ?, ?, ?)",
            (operation, str(a), str(b), str(result), precision),
        )

    def latest(self, limit):
        rows = self.query(
            "SELECT operation, a, b, result, precision, calculated_at FROM history"
            " ORDER BY calculated_at DESC, id DESC LIMIT ?",
            (limit,),
        )
        names = ("operation", "a", "b", "result", "precision", "calculated_at")
        return [dict(zip(names, row)) for row in rows]

    def totals(self):
        return dict(self.query("SELECT operation, calculations FROM operation_totals"))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "calculator"
    sys_version = ""
    # A client that says nothing must not hold its thread for ever.
    timeout = 10

    def do_GET(self):
        try:
            status, answer = 200, self.answer()
        except Refused as refused:
            status, answer = refused.status, {"error": str(refused)}
        except sqlite3.Error as error:
            log.error("cannot use the history: %s", error)
            status, answer = 503, {"error": "the history is not available"}
        body = json.dumps(answer).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self):
        address = urllib.parse.urlsplit(self.path)
        name = address.path.removeprefix("/")
        if name == "health":
            return self.health()
        if name == "history":
            return self.history()
        if name in OPERATIONS:
            return self.calculate(name, urllib.parse.parse_qs(address.query))
        raise Refused(404, "no such operation")

    def health(self):
        self.server.history.check()
        return {"status": "ok", "user": user_name(), "uid": os.getuid(), "gid": os.getgid()}

    def history(self):
        expected = "Bearer " + self.server.config["token"]
        given = self.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise Refused(401, "the token is missing or wrong")
        history = self.server.history
        return {"totals": history.totals(), "latest": history.latest(self.server.config["history_limit"])}

    def calculate(self, operation, query):
        calculator = self.server.calculator
        try:
            (a,), (b,) = query["a"], query["b"]
        except (KeyError, ValueError):
            raise Refused(400, "give one `a` and one `b`") from None
        a, b = calculator.number(a), calculator.number(b)
        result = calculator.calculate(operation, a, b)
        self.server.history.add(operation, a, b, result, calculator.context.prec)
        return {"operation": operation, "a": str(a), "b": str(b), "result": str(result)}

    def log_message(self, format, *values):
        # Only the request line and the status: headers hold the token.
        log.info(format, *values)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, config):
        self.config = config
        self.calculator = Calculator(config["precision"])
        self.history = History(config["database"])
        self.history.check()
        super().__init__((config["listen"]["address"], config["listen"]["port"]), Handler)


def user_name():
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return None


def main():
    with open(os.environ["CONFIG_PATH"], encoding="utf-8") as file:
        config = json.load(file)
    logging.basicConfig(
        stream=sys.stderr, level=config["log_level"].upper(), format="calculator: %(levelname)s %(message)s"
    )
    server = Server(config)

    def stop(number, frame):
        # shutdown() waits for the loop that this handler interrupts: it needs a thread of its own.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    log.info("listening on %s:%d as %s", *server.server_address[:2], user_name() or os.getuid())
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    log.info("stopped")


if __name__ == "__main__":
    main()
