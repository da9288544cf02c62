//! The plans for a first installation in `docs/statements.md`, on servers, by twenty processes at once.

use std::process::{Child, Command};

use crate::harness::{Scene, last_outcomes, skip};
use crate::mariadb::server::{PASSWORD as MARIADB_PASSWORD, Server as Mariadb};
use crate::pages::examples;
use crate::postgres::Server as Postgres;

const ADMIN_PASSWORD: &str = "adm1n s3cret";
const SHOP_PASSWORD: &str = "it's \\ \"s3cret\" -- `$x$ %";

/// The plan of the page that has this role, for the server on this port.
fn plan(role: &str, port: u16) -> String {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/statements.md");
    let text = std::fs::read_to_string(page).unwrap();
    let block = examples(&text).into_iter().flatten().find(|block| block.role == role).unwrap();
    block
        .content
        .replace("host: db.example,", &format!("host: 127.0.0.1, port: {port},"))
        .replace("        host: db.example\n", &format!("        host: 127.0.0.1\n        port: {port}\n"))
}

/// Each statement is executed by one of them, and a further run finds nothing to do.
fn install(scene: &Scene, plan: &str, steps: usize) {
    scene.file("plan.yaml", plan).env("ADMIN_PASSWORD", ADMIN_PASSWORD).env("SHOP_PASSWORD", SHOP_PASSWORD);
    let children: Vec<Child> = (0..20).map(|_| scene.start(&["apply", "plan.yaml"])).collect();
    let mut changed = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{log}");
        assert!(!log.contains("s3cret"), "{log}");
        changed += last_outcomes(&log, steps).iter().filter(|outcome| **outcome == "changed").count();
    }
    assert_eq!(changed, steps, "how often something was executed");
    let again = scene.apply().code(0);
    assert!(last_outcomes(&again.stderr, steps).iter().all(|outcome| *outcome == "unchanged"), "{}", again.stderr);
}

const NAMES: [(&str, &str); 2] = [("shop", "shop"), ("sh\"op 'x`; --", "my \"shop` '$x$ \\")];

#[test]
fn a_first_installation_on_postgresql() {
    let Some(server) = Postgres::start("a_first_installation_on_postgresql") else { return };
    server.wait();
    server.query(&format!("CREATE ROLE admin LOGIN CREATEROLE CREATEDB PASSWORD '{ADMIN_PASSWORD}'"));
    for (user, database) in NAMES {
        server.scene.env("SHOP_USER", user).env("SHOP_DATABASE", database);
        install(&server.scene, &plan("postgres", server.port), 3);
        let output = Command::new(server.programs.join("psql"))
            .args(["-X", "-At", "-h", "127.0.0.1", "-p", &server.port.to_string()])
            .args([
                "-c",
                "CREATE TABLE goods (name text); SELECT similarity('a', 'a'), current_user, current_database()",
            ])
            .envs([("PGUSER", user), ("PGDATABASE", database), ("PGPASSWORD", SHOP_PASSWORD)])
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(printed.ends_with(&format!("1|{user}|{database}\n")), "{output:?}");
    }
}

#[test]
fn a_first_installation_on_mariadb() {
    let scene = Scene::in_memory();
    scene.directory("server");
    let Some(server) = Mariadb::start(&scene.path("server"), &[]) else {
        return skip("a_first_installation_on_mariadb", "MariaDB");
    };
    let client = |user: &str, password: &str, sql: &str| {
        let output = Command::new("mariadb")
            .args(["--no-defaults", "--batch", "--skip-column-names", "--host=127.0.0.1"])
            .args([&format!("--port={}", server.port), &format!("--user={user}"), &format!("--password={password}")])
            .args(["-e", sql])
            .output()
            .unwrap();
        assert!(output.status.success(), "{sql}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let admin = format!(
        "CREATE USER admin@'%' IDENTIFIED BY '{ADMIN_PASSWORD}'; GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION"
    );
    client("app", MARIADB_PASSWORD, &admin);
    for (user, database) in NAMES {
        scene.env("SHOP_USER", user).env("SHOP_DATABASE", database);
        install(&scene, &plan("mariadb", server.port), 3);
        let quoted = database.replace('`', "``");
        let sql = format!(
            "USE `{quoted}`; CREATE TABLE goods (name text); SELECT substring_index(current_user(), '@', 1), hex(database())"
        );
        let digits: String = database.bytes().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(client(user, SHOP_PASSWORD, &sql), format!("{user}\t{digits}\n"));
    }
}
