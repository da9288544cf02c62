"""Migrations of three databases, beside other runners and, as the floor, the database's own client."""

import contextlib
import os
import shutil
import sqlite3

import measure
from groups import Group, remove
from servers import NAME, Mariadb, Postgres, Proxy

FILES = int(os.environ.get("MIGRATIONS", "1000"))
FAR_FILES = int(os.environ.get("FAR_MIGRATIONS", "200"))
DELAY = 2
"""Milliseconds each way."""
ROUNDS = int(os.environ.get("MIGRATION_ROUNDS", "3"))
DATABASES = os.environ.get("MIGRATION_DATABASES", "postgresql mariadb sqlite").split()
RUNNERS = os.path.join(measure.CACHE, "runners")
SQLX, REFINERY, DBMATE = (f"{RUNNERS}/{name}" for name in ("bin/sqlx", "bin/refinery", "dbmate/bin/dbmate"))


def sql(number):
    return f"CREATE TABLE items_{number} (id int, label text);\nINSERT INTO items_{number} VALUES ({number}, 'some text');\n"


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def files(place, count):
    """The same migrations as each runner wants them, and as one file for the clients."""
    for name in ("plain", "refinery", "dbmate"):
        os.makedirs(f"{place}/{name}")
    for number in range(1, count + 1):
        write(f"{place}/plain/{number:05}_items.sql", sql(number))
        write(f"{place}/refinery/V{number}__items.sql", sql(number))
        write(f"{place}/dbmate/{number:05}_items.sql", f"-- migrate:up\n{sql(number)}\n-- migrate:down\nDROP TABLE items_{number};\n")
    clients(place, count)


def clients(place, count):
    """Each migration a transaction with a row of a history: statement by statement, and as one message where the client has that."""
    history = "CREATE TABLE history (version int PRIMARY KEY, name text);\n"
    texts = {name: [history] for name in ("one-by-one", "psql", "mariadb", "no-op")}
    texts["mariadb"].append("DELIMITER $$\n")
    for number in range(1, count + 1):
        lines = ["BEGIN;", *sql(number).splitlines(), f"INSERT INTO history VALUES ({number}, 'items');", "COMMIT;"]
        texts["one-by-one"] += [line + "\n" for line in lines]
        texts["psql"].append(" \\; ".join(line.rstrip(";") for line in lines) + ";\n")
        texts["mariadb"].append(" ".join(lines) + "$$\n")
    texts["no-op"] = ["SELECT count(*) FROM history;\n"]
    for name, lines in texts.items():
        write(f"{place}/{name}.sql", "".join(lines))


class Runs(Group):
    """Every job has a database of its own, which is made anew before it is applied to."""

    def __init__(self, title, rounds, renew):
        super().__init__(title, rounds)
        self.renew = renew

    def ready(self, name):
        self.renew(name)

    def add_all(self, binary, place, url, clients):
        """`url` gives the address of a database by the name of a job."""
        write(f"{place}/url", url("fitout"))
        self.add("fitout", [binary, "migrate", "--database-file", f"{place}/url", "--source", f"{place}/plain"])
        self.peer("sqlx", [SQLX, "migrate", "run", "--source", f"{place}/plain", "--no-dotenv", "--database-url", url("sqlx")])
        write(f"{place}/refinery.toml", configuration(url("refinery")))
        self.peer("refinery", [REFINERY, "migrate", "-c", f"{place}/refinery.toml", "-p", f"{place}/refinery"])
        theirs = url("dbmate").replace("sqlite://", "sqlite:")
        self.peer("dbmate", [DBMATE, "--url", theirs, "-d", f"{place}/dbmate", "--no-dump-schema", "migrate"])
        for name, (command, source) in clients.items():
            self.add(name, command, source=source)

    def peer(self, name, command):
        if os.path.exists(command[0]):
            self.add(name, command)


def configuration(url):
    """For refinery, whose addresses in variables are not read as others read them."""
    scheme, rest = url.split("://", 1)
    if scheme == "sqlite":
        return f'[main]\ndb_type = "Sqlite"\ndb_path = "{rest}"\n'
    host, path = rest.split("@")[1].split("/", 1)
    host, port = host.split(":")
    kind = {"postgres": "Postgres", "mysql": "Mysql"}[scheme]
    return (
        f'[main]\ndb_type = "{kind}"\ndb_host = "{host}"\ndb_port = "{port}"\ndb_user = "{NAME}"\n'
        f'db_pass = "{NAME}"\ndb_name = "{path.split("?")[0]}"\n'
    )


def key(name):
    """The name of a job as that of a database."""
    return "".join(character if character.isalnum() else "_" for character in name)


def address(server, port):
    options = "?sslmode=disable" if server.kind == "PostgreSQL" else ""
    return lambda name: f"{server.scheme}://{NAME}:{NAME}@127.0.0.1:{port}/{key(name)}{options}"


def floors(server, port, place, noop):
    """The database's own client, with all files at once."""
    own = "psql" if server.kind == "PostgreSQL" else "mariadb"
    texts = {own: "no-op"} if noop else {f"{own}, a message for each": own, f"{own}, one by one": "one-by-one"}
    found = {}
    for name, text in texts.items():
        database = key(name if not noop else f"{own}, a message for each")
        command, path = server.client(port, database), f"{place}/{text}.sql"
        found[name] = ([*command, "-f", path], os.devnull) if own == "psql" else (command, path)
    return found


def on_server(binary, server, port, place, count, title):
    fresh = Runs(f"{count} migrations, {title}", ROUNDS, lambda name: server.renew(key(name)))
    fresh.add_all(binary, place, address(server, port), floors(server, port, place, False))
    yield fresh
    noop = Runs(f"none of {count} migrations pending, {title}", ROUNDS * 7, lambda name: None)
    noop.add_all(binary, place, address(server, port), floors(server, port, place, True))
    yield noop


class Trips:
    """Round trips, counted by a proxy: for each of the migrations, and for a run that has nothing to do."""

    def __init__(self, fresh, noop, proxy, count, environment):
        self.title = f"round trips, {fresh.title}"
        self.fresh, self.noop, self.proxy, self.migrations, self.environment = fresh, noop, proxy, count, environment

    def count(self):
        print(f"\n{self.title}\n  {'':34}{'for each':>12}{'no-op':>12}{'connections':>14}", flush=True)
        rows = {}
        for name, job in self.fresh.jobs.items():
            self.fresh.ready(name)
            _, all_trips = self.of(job)
            connections, idle = self.of(self.noop.jobs[name]) if name in self.noop.jobs else (None, 0)
            rows[name] = {"for_each": round((all_trips - idle) / self.migrations, 2), "no_op": idle, "connections": connections}
            print(f"  {name:34}{rows[name]['for_each']:12.2f}{idle:12}{connections or '':14}", flush=True)
        return rows

    def of(self, job):
        before = self.proxy.counts()
        measure.run(environment=self.environment, **job)
        return tuple(after - earlier for after, earlier in zip(self.proxy.counts(), before))


def on_sqlite(binary, place, mode):
    """All runners in the journal mode that the file has."""
    def path(name):
        return f"{place}/{key(name)}.db"

    def renew(name):
        remove(*(path(name) + suffix for suffix in ("", "-journal", "-wal", "-shm")))
        with contextlib.closing(sqlite3.connect(path(name))) as made:
            made.execute(f"PRAGMA journal_mode = {mode}")
            made.execute("PRAGMA user_version = 0")

    title = f"SQLite, journal_mode {mode}"
    for count, noop in ((FILES, False), (FILES, True)):
        words = "none of {} migrations pending" if noop else "{} migrations"
        group = Runs(f"{words.format(count)}, {title}", ROUNDS * (7 if noop else 1), renew if not noop else lambda name: None)
        floor = ([shutil.which("sqlite3"), path("sqlite3")], f"{place}/{'no-op' if noop else 'one-by-one'}.sql")
        group.add_all(binary, place, lambda name: f"sqlite://{path(name)}", {"sqlite3": floor})
        yield group


def all_groups(binary, peers, disk, memory):
    del peers, disk
    # The server of PostgreSQL runs as another user.
    os.chmod(memory, 0o755)
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    near, far = f"{memory}/near", f"{memory}/far"
    files(near, FILES)
    files(far, FAR_FILES)
    for kind in (kind for kind in (Postgres, Mariadb) if kind.kind.lower() in DATABASES):
        directory = f"{memory}/{kind.__name__}"
        os.makedirs(directory)
        server = kind(directory)
        started = [server]
        try:
            yield from on_server(binary, server, server.port, near, FILES, f"{server.kind}, no delay")
            counting = Proxy(measure.PROXY, server, 0, memory)
            delayed = Proxy(measure.PROXY, server, DELAY, memory)
            started += [counting, delayed]
            counted = list(on_server(binary, server, counting.port, far, FAR_FILES, f"{server.kind}"))
            yield Trips(*counted, counting, FAR_FILES, environment)
            yield from on_server(binary, server, delayed.port, far, FAR_FILES, f"{server.kind}, {DELAY} ms each way")
        finally:
            for one in reversed(started):
                one.stop()
            remove(directory)
    for mode in ("delete", "wal") if "sqlite" in DATABASES else ():
        place = f"{memory}/{mode}"
        os.makedirs(place)
        for name in ("plain", "refinery", "dbmate", "no-op.sql", "one-by-one.sql"):
            os.symlink(f"{near}/{name}", f"{place}/{name}")
        yield from on_sqlite(binary, place, mode)
