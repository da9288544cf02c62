//! Real clients, with real servers.

use crate::harness::{Scene, root_or_skip, skip};
use crate::mariadb::Stage;
use crate::mariadb::server::PASSWORD as MARIADB_PASSWORD;
use crate::pages::examples;
use crate::postgres::{PASSWORD, Server, USER, programs};

/// The plan of the page, for a server of the test.
fn plan_of_the_page(server: &Server) -> String {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/statements.md");
    let text = std::fs::read_to_string(page).unwrap();
    let block = examples(&text).into_iter().flatten().find(|block| block.role == "postgres-client").unwrap();
    let psql = server.programs.join("psql");
    block
        .content
        .replace("[psql,", &format!("[{}, -p, \"{}\",", psql.display(), server.port))
        .replace("db.example", "127.0.0.1")
        .replace("-U, admin", "-U, app")
}

#[test]
fn psql_executes_a_directory_and_fails_every_time_with_the_line() {
    let Some(server) = Server::start("psql_executes_a_directory_and_fails_every_time_with_the_line") else { return };
    server.wait();
    let scene = &server.scene;
    scene
        .file("plan.yaml", plan_of_the_page(&server))
        .env("ADMIN_PASSWORD", PASSWORD)
        .env("PGOPTIONS", "-c nonsense=1");
    scene.env("PGHOSTADDR", "203.0.113.1");
    let directory = "docker-entrypoint-initdb.d";
    scene
        .file(&format!("{directory}/1.sql"), "CREATE TABLE IF NOT EXISTS early (n int);\nINSERT INTO early VALUES (1);\n\\echo done\n")
        .file(&format!("{directory}/2 'x'.sql"), "\\set v 2\nINSERT INTO early VALUES (:v);\nINSERT INTO nothing VALUES (1);\nINSERT INTO early VALUES (9);\n");
    for _ in 0..2 {
        let ran = scene.apply().code(7).lacks("hunter2").stderr_has("2 'x'.sql`: `");
        ran.stderr_has("ended with code 3").stderr_has("psql:<stdin>:3: ERROR:  relation \"nothing\" does not exist");
    }
    assert_eq!(server.query("SELECT string_agg(n::text, '' ORDER BY n) FROM early"), "1122");
    scene.file(
        &format!("{directory}/2 'x'.sql"),
        "CREATE TABLE users (id int, name text);\nCOPY users FROM stdin;\n1\tit's\n\\.\n",
    );
    scene.apply().code(0).stderr_has("2 files executed by `").lacks("hunter2");
    assert_eq!(server.query("SELECT name FROM users"), "it's");
    scene.apply().code(0).stderr_has("step 1 `sql`: unchanged");
    scene.run(&["show", "plan.yaml"]).code(0);
    assert_eq!(server.query("SELECT count(*) FROM users"), "1");
}

#[test]
fn psql_gets_values_as_values() {
    let Some(server) = Server::start("psql_gets_values_as_values") else { return };
    server.wait();
    let scene = &server.scene;
    let psql = server.programs.join("psql");
    scene.file(
        "plan.yaml",
        format!(
            "version: 1\ninputs: {{ env: {{ NAME: {{}}, PW: {{ secret: true }} }} }}\nsteps:\n  - sql:\n      command: [{}, -XAtq, -h, 127.0.0.1, -p, \"{}\", -U, \
             app, -d, postgres, -v, ON_ERROR_STOP=1]\n      env: {{ PGPASSWORD: \"{{{{env.PW}}}}\" }}\n      text: |\n        CREATE TABLE \
             v (name text);\n        INSERT INTO v VALUES ('{{{{env.NAME}}}}');\n      unless: SELECT 1 FROM pg_tables WHERE tablename = 'v'\n",
            psql.display(),
            server.port
        ),
    );
    let name = "Robert'); DROP TABLE v; -- \\q :PORT $$";
    scene.env("NAME", name).env("PW", PASSWORD);
    scene.apply().code(0).stderr_has("changed");
    assert_eq!(server.query("SELECT name FROM v"), name);
    scene.apply().code(0).stderr_has("unchanged");
    scene.env("PW", "wrong");
    scene
        .apply()
        .code(7)
        .stderr_has("cannot ask the query of `unless`: `")
        .stderr_has("password authentication failed");
}

#[test]
fn the_client_of_mariadb_executes_a_directory() {
    let test = "the_client_of_mariadb_executes_a_directory";
    let Some(stage) = Stage::new(test) else { return };
    let Some(client) =
        ["/usr/bin/mariadb", "/usr/bin/mysql"].into_iter().find(|path| std::path::Path::new(path).exists())
    else {
        return skip(test, "the client of MariaDB");
    };
    let scene = &stage.scene;
    let plan = format!(
        "version: 1\ninputs: {{ env: {{ PW: {{ secret: true }}, NAME: {{}} }} }}\nsteps:\n  - sql: &sql\n      command: [{client}, --no-defaults, -N, -B, -h, 127.0.0.1, -P, \
         \"{}\", -u, app, -D, app]\n      env: {{ MYSQL_PWD: \"{{{{env.PW}}}}\" }}\n      source: /init\n      unless: SELECT 1 FROM \
         users WHERE id = 7\n",
        stage.server.port
    );
    scene.file("plan.yaml", plan.replace(" &sql", "")).env("PW", MARIADB_PASSWORD).env("NAME", "x");
    scene
        .file(
            "init/1.sql",
            "DELIMITER //\nCREATE PROCEDURE p() BEGIN INSERT INTO users VALUES (7, 'it''s'); END//\nDELIMITER ;\n",
        )
        .file("init/2.sql", "CALL p();\n");
    scene.apply().code(0).stderr_has("2 files executed").lacks("hunter2");
    scene.apply().code(0).stderr_has("unchanged");
    let text = plan
        .replace(" &sql", "")
        .replace("source: /init", "text: \"INSERT INTO users VALUES (8, '{{env.NAME}}')\"")
        .replace("id = 7", "id = 8");
    let name = "it's \\ \"x\" \\";
    scene.file("plan.yaml", text).env("NAME", name);
    scene.apply().code(0).stderr_has("changed");
    let output = stage.client("SELECT name FROM users WHERE id = 8").arg("--raw").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n'), name);
    scene
        .file("plan.yaml", plan.replace(" &sql", "").replace("id = 7", "id = 9"))
        .file("init/2.sql", "SELECT nonsense;\n")
        .file("init/1.sql", "");
    for _ in 0..2 {
        let ran = scene.apply().code(7).stderr_has("cannot apply `/init/2.sql`: `").stderr_has("ended with code 1");
        ran.stderr_has("ERROR 1054 (42S22) at line 1");
    }
}

/// What the scripts of the official image do before they start a server.
#[test]
fn initdb_gets_a_password_that_nobody_sees_and_the_server_alone_reads_statements() {
    let test = "initdb_gets_a_password_that_nobody_sees_and_the_server_alone_reads_statements";
    let Some(programs) = programs() else { return skip(test, "PostgreSQL") };
    if !root_or_skip(test) {
        return;
    }
    let (initdb, postgres) = (programs.join("initdb"), programs.join("postgres"));
    let scene = Scene::new();
    let data = scene.path("db/data");
    scene.file(
        "plan.yaml",
        format!(
            "version: 1\ninputs: {{ env: {{ PASSWORD: {{ secret: true }}, ARGS: {{ required: false }} }} }}\nsteps:\n  - mkdir: {{ path: /db, owner: \"{USER}:{USER}\" \
             }}\n  - run:\n      command: [{}, --no-sync, --username=app, --auth=scram-sha-256, \"--pwfile={{{{secret_files.password}}}}\", -D, {data}]\n      \
             append_from: [ARGS]\n      secrets_as_files: {{ password: {{ from_env: PASSWORD }} }}\n      as: \"{USER}:{USER}\"\n      directory: /db\n      creates: \
             /db/data/PG_VERSION\n  - sql:\n      command: [{}, --single, -j, -c, exit_on_error=true, -D, {data}, postgres]\n      as: \"{USER}:{USER}\"\n      \
             directory: /db\n      source: /init\n",
            initdb.display(),
            postgres.display(),
            data = data.display(),
        ),
    );
    scene.env("PASSWORD", PASSWORD).env("ARGS", "--locale=C '--encoding=UTF8'");
    let scram = "SELECT 1 / (rolpassword LIKE 'SCRAM-SHA-256$%')::int FROM pg_authid WHERE rolname = 'app';\n\n";
    scene.file("init/1.sql", scram).file("init/2.sql", "CREATE TABLE IF NOT EXISTS goods (name text);\n\n");
    scene.apply().code(0).stderr_has("step 3 `sql`: changed, 2 files executed by `").lacks(PASSWORD);
    let again = scene.apply().code(0).stderr_has("step 2 `run`: unchanged");
    assert!(!again.stderr.contains("step 2 `run`: changed"));
    scene.file("init/3.sql", "SELECT nonsense;\n\n");
    for _ in 0..2 {
        scene
            .apply()
            .code(7)
            .stderr_has("cannot apply `/init/3.sql`: `")
            .stderr_has("column \"nonsense\" does not exist");
    }
}
