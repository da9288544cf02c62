"""Servers of databases for a measurement, in memory, on free ports of this machine; nothing waits for a disk."""

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time

NAME = "runner"
"""User, password, and what stands in URLs as it is."""
NOBODY = "nobody"
MARIADB = "/usr/sbin/mariadbd"
TABLES = ["/usr/share/mysql/mysql_system_tables.sql", "/usr/share/mysql/mysql_performance_tables.sql"]
QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Server:
    """A server that runs; `ask` gives it statements, in a database or in none."""

    def __init__(self, process, port):
        self.process, self.port = process, port

    def wait(self):
        for _ in range(600):
            if self.process.poll() is not None:
                raise SystemExit("error: the server does not start")
            try:
                return self.ask("SELECT 1")
            except subprocess.CalledProcessError:
                time.sleep(0.1)
        raise SystemExit("error: the server does not answer")

    def stop(self):
        self.process.send_signal(signal.SIGTERM if isinstance(self, Mariadb) else signal.SIGQUIT)
        self.process.wait()

    def renew(self, database):
        """An empty database of that name."""
        self.ask(f"DROP DATABASE IF EXISTS {database}")
        self.ask(f"CREATE DATABASE {database}")


class Postgres(Server):
    kind, scheme = "PostgreSQL", "postgres"

    def __init__(self, directory):
        programs = max(glob.glob("/usr/lib/postgresql/*/bin"))
        data, password = f"{directory}/data", f"{directory}/password"
        with open(password, "w", encoding="ascii") as file:
            file.write(NAME)
        user = NOBODY if os.geteuid() == 0 else None
        if user:
            # The server refuses to run as root.
            shutil.chown(directory, user)
            shutil.chown(password, user)
        made = ["--no-sync", "-U", NAME, "--auth=scram-sha-256", "--locale=C", "--encoding=UTF8", f"--pwfile={password}"]
        subprocess.run([f"{programs}/initdb", *made, "-D", data], check=True, user=user, cwd="/", **QUIET)
        port = free_port()
        command = [f"{programs}/postgres", "-F", "-h", "127.0.0.1", "-p", str(port), "-k", directory, "-D", data]
        super().__init__(subprocess.Popen(command, user=user, cwd="/", **QUIET), port)
        self.wait()

    def client(self, port, database):
        return [shutil.which("psql"), f"postgres://{NAME}:{NAME}@127.0.0.1:{port}/{database}?sslmode=disable", "-X", "-q"]

    def ask(self, sql):
        return subprocess.run([*self.client(self.port, "postgres"), "-c", sql], check=True, **QUIET)


class Mariadb(Server):
    kind, scheme = "MariaDB", "mysql"

    def __init__(self, directory):
        data, self.socket = f"{directory}/data", f"{directory}/socket"
        os.makedirs(data)
        settings = ["--no-defaults", "--innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve"]
        base = [MARIADB, *settings, f"--datadir={data}"]
        if os.geteuid() == 0:
            base.append(f"--user={pwd.getpwuid(0).pw_name}")
        statements = "CREATE DATABASE mysql;\nUSE mysql;\n"
        for tables in TABLES:
            with open(tables, encoding="utf-8") as file:
                statements += file.read()
        statements += f"FLUSH PRIVILEGES;\nCREATE USER {NAME}@'%' IDENTIFIED BY '{NAME}';\nGRANT ALL ON *.* TO {NAME}@'%' WITH GRANT OPTION;\n"
        subprocess.run([*base, "--bootstrap"], input=statements.encode(), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = free_port()
        command = [*base, "--bind-address=127.0.0.1", f"--port={port}", f"--socket={self.socket}"]
        super().__init__(subprocess.Popen(command, **QUIET), port)
        self.wait()
        # Whoever is on the same machine would ask for it and take it, around a proxy.
        os.unlink(self.socket)

    def client(self, port, database):
        return [shutil.which("mariadb"), "--no-defaults", "-h127.0.0.1", f"-P{port}", f"-u{NAME}", f"-p{NAME}", database]

    def ask(self, sql):
        return subprocess.run([*self.client(self.port, "mysql"), "-e", sql], check=True, **QUIET)


class Proxy:
    """Stands before a server; `counts` are its connections and round trips so far."""

    def __init__(self, program, server, milliseconds, directory):
        self.port, self.file = free_port(), f"{directory}/counts-{server.kind}-{milliseconds}"
        command = [program, str(self.port), str(server.port), str(int(milliseconds * 1000)), self.file]
        self.process = subprocess.Popen(command, **QUIET)
        while not os.path.exists(self.file) or os.path.getsize(self.file) < 16:
            time.sleep(0.01)

    def counts(self):
        with open(self.file, "rb") as file:
            content = file.read()
        return int.from_bytes(content[:8], "little"), int.from_bytes(content[8:16], "little")

    def stop(self):
        self.process.terminate()
        self.process.wait()
