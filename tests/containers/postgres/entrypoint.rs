//! One image with Fitout as its entrypoint: `docker run IMAGE`, with flags, as any user, and what is refused.

use super::{PASSWORD, Scene, Server, built, output};
use crate::containers::engine::Container;
use crate::harness::last_outcomes;

/// For tests to which a power cut does not matter.
const UNSYNCED: &str = "POSTGRES_INITDB_ARGS=--no-sync";

fn password() -> String {
    format!("POSTGRES_PASSWORD={PASSWORD}")
}

/// A scene with these files for `/docker-entrypoint-initdb.d`, and the option that mounts them.
fn files(files: &[(&str, &str)]) -> (Scene, String) {
    let scene = Scene::new();
    scene.directory("initdb.d");
    for (name, text) in files {
        scene.file(&format!("initdb.d/{name}"), text);
    }
    let volume = format!("{}:/docker-entrypoint-initdb.d:ro", scene.path("initdb.d").display());
    (scene, volume)
}

#[test]
fn an_image_starts_with_flags_names_with_quotes_and_a_log_of_its_own_and_again() {
    let test = "an_image_starts_with_flags_names_with_quotes_and_a_log_of_its_own_and_again";
    let (scene, volume) = files(&[("10-t.sql", "CREATE TABLE t AS SELECT current_setting('max_connections')")]);
    let (user, database) = ("my user", r#"my "d'b"#);
    let variables = [
        password(),
        format!("POSTGRES_USER={user}"),
        format!("POSTGRES_DB={database}"),
        "POSTGRES_INITDB_ARGS=--data-checksums --auth-local='scram-sha-256'".to_owned(),
        "POSTGRES_INITDB_WALDIR=/var/lib/postgresql/w a l".to_owned(),
    ];
    let mut options = vec!["--volume", &volume];
    for variable in &variables {
        options.extend(["--env", variable]);
    }
    let Some((server, ran)) = Server::start(test, scene, &options, &["-c", "max_connections=50"]) else { return };
    ran.code(0);
    let client = server.client(user, database);
    let queries = [("SHOW max_connections", "50"), ("SHOW data_checksums", "on"), ("TABLE t", "50")];
    for (query, wanted) in queries {
        assert_eq!(client.answer(query), wanted, "{query}\n{}", server.log());
    }
    super::Client { password: "wrong", ..client }.ask("TABLE t").code(2);
    let client = server.client(user, database);
    let hba = client.answer("SELECT pg_read_file('pg_hba.conf')");
    assert_eq!(hba.lines().last(), Some("host all all all scram-sha-256"));
    let wal = client.answer("SELECT count(*) FROM pg_ls_dir('/var/lib/postgresql/w a l/pg_wal')");
    assert!(wal.parse::<u32>().unwrap() > 1, "{wal}");
    assert_eq!(client.answer("SELECT string_agg(n, '') FROM pg_ls_dir('.', true, false) n WHERE n LIKE '.fit%'"), "");

    let engine = server.built.images.engine;
    output(&mut engine.docker(&["restart", &server.container.name])).code(0);
    assert_eq!(client.answer("TABLE t"), "50");
    let log = server.log();
    // What the steps of the second start came to.
    let outcomes = last_outcomes(&log, 8);
    let wanted = ["unchanged", "unchanged", "skipped", "unchanged", "unchanged", "unchanged", "unchanged", "unchanged"];
    assert_eq!(outcomes, wanted, "{log}");
}

#[test]
fn any_user_of_the_group_0_is_enough_and_every_variable_may_come_from_a_file() {
    let test = "any_user_of_the_group_0_is_enough_and_every_variable_may_come_from_a_file";
    let scene = Scene::new();
    let given = format!("{}:/given:ro", scene.path("given").display());
    let mut options = vec!["--user", "12345:0", "--cap-drop", "ALL", "--volume", &given];
    let variables = [
        ("PASSWORD", PASSWORD),
        ("USER", "app"),
        ("DB", "shop"),
        ("INITDB_ARGS", "--no-sync --data-checksums"),
        ("HOST_AUTH_METHOD", "md5"),
    ];
    let named = variables.map(|(name, text)| {
        scene.file(&format!("given/{name}"), format!("{text}\n"));
        format!("POSTGRES_{name}_FILE=/given/{name}")
    });
    for variable in &named {
        options.extend(["--env", variable]);
    }
    let Some((server, ran)) = Server::start(test, scene, &options, &[]) else { return };
    ran.code(0);
    let client = server.client("app", "shop");
    assert_eq!(client.answer("SHOW data_checksums"), "on");
    assert_eq!(client.answer("SELECT pg_read_file('pg_hba.conf')").lines().last(), Some("host all all all md5"));
    let engine = server.built.images.engine;
    let top = output(&mut engine.docker(&["top", &server.container.name, "-o", "uid,pid"])).code(0).stdout;
    assert!(top.lines().skip(1).all(|line| line.trim_start().starts_with("12345 ")), "{top}");
}

#[test]
fn what_needs_no_database_is_told_without_one() {
    let Some(built) = built("what_needs_no_database_is_told_without_one") else { return };
    for flag in ["--version", "-V", "--help", "-?", "--describe-config"] {
        let (_container, mut command) = Container::command(built.images.engine, &[&built.init, flag]);
        let ran = output(&mut command).code(0);
        assert!(!ran.stdout.is_empty() && !ran.stderr.contains("step 1"), "{flag}: {}", ran.stderr);
    }
    let (_container, mut command) = Container::command(built.images.engine, &[&built.init, "sh"]);
    output(&mut command).code(127);
}

#[test]
fn a_first_run_without_a_password_is_refused_unless_everybody_is_trusted() {
    let test = "a_first_run_without_a_password_is_refused_unless_everybody_is_trusted";
    let Some(built) = built(test) else { return };
    let (_container, mut command) = Container::command(built.images.engine, &[&built.init]);
    output(&mut command)
        .code(4)
        .stderr_has("cannot initialize a database without a password for its superuser: set `POSTGRES_PASSWORD`");
    for (variables, message) in [
        ("POSTGRES_USER=a\"b", "cannot use the environment variable `POSTGRES_USER`"),
        ("POSTGRES_HOST_AUTH_METHOD=md5\nhost all all all trust", "`POSTGRES_HOST_AUTH_METHOD`"),
        ("POSTGRES_PASSWORD_FILE=/none", "cannot read `/none`, named by `POSTGRES_PASSWORD_FILE`"),
        ("POSTGRES_INITDB_WALDIR=/etc/fitout", "the directory that `POSTGRES_INITDB_WALDIR` names is not empty"),
    ] {
        let arguments = ["--env", variables, &built.init];
        let (_container, mut command) = Container::command(built.images.engine, &arguments);
        output(&mut command).code(4).stderr_has(message);
    }

    // As root it may have its volume where the data are.
    let data = "/var/lib/postgresql/data";
    let options = ["--env", "POSTGRES_HOST_AUTH_METHOD=trust", "--env", UNSYNCED, "--volume", data];
    let Some((server, ran)) = Server::start(test, Scene::new(), &options, &[]) else { return };
    ran.code(0);
    let client = server.client("postgres", "postgres");
    assert_eq!(client.answer("SELECT pg_read_file('pg_hba.conf')").lines().last(), Some("host all all all trust"));
    client.ask("CREATE TABLE kept ()").code(0);
    output(&mut server.built.images.engine.docker(&["restart", &server.container.name])).code(0);
    assert_eq!(client.answer("SELECT to_regclass('kept')"), "kept");
    let mounted = "(SELECT string_agg(n, '') FROM pg_ls_dir('.', true, false) n WHERE n LIKE '.fit%')";
    assert_eq!(client.answer(&format!("SELECT {mounted}")), "");
}

#[test]
fn bad_statements_fail_at_every_start_and_leave_no_half_of_a_database() {
    let test = "bad_statements_fail_at_every_start_and_leave_no_half_of_a_database";
    let (scene, volume) = files(&[("10-good.sql", "CREATE TABLE t (n int);\n"), ("20-bad.sql", "SELEC 1;\n")]);
    let variable = password();
    let options = ["--env", &variable, "--env", UNSYNCED, "--volume", &volume];
    let Some((server, ran)) = Server::start(test, scene, &options, &[]) else { return };
    ran.code(0);
    let engine = server.built.images.engine;
    for starts in 1..=2 {
        assert_eq!(server.end(), "7", "{}", server.log());
        let log = server.log();
        assert!(log.matches("20-bad.sql").count() >= starts && !log.contains("listening on IPv4"), "{log}");
        if starts == 2 {
            server.scene.file("initdb.d/20-bad.sql", "SELECT 1;\n");
        }
        output(&mut engine.docker(&["start", &server.container.name])).code(0);
    }
    assert_eq!(server.client("postgres", "postgres").answer("SELECT count(*) FROM t"), "0");
}

#[test]
fn scripts_of_a_shell_are_refused_by_name() {
    let test = "scripts_of_a_shell_are_refused_by_name";
    let (scene, volume) = files(&[("10-good.sql", "SELECT 1;\n"), ("20-users.sh", "createuser app\n")]);
    let variable = password();
    let options = ["--env", &variable, "--env", UNSYNCED, "--volume", &volume];
    let Some((server, ran)) = Server::start(test, scene, &options, &[]) else { return };
    ran.code(0);
    assert_eq!(server.end(), "3");
    let log = server.log();
    assert!(log.contains("`20-users.sh`: a script of a shell, and no shell runs here"), "{log}");
}
