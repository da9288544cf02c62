//! The examples of `docs/migrations.md`, against a server that is called `db.example` there. Each heading is one example; `env` and
//! `plan` are as on the other pages, `fails=CODE` is what the plan before it ends with.

use super::secure::secure;
use crate::pages::examples;
use crate::postgres::Server;

const PASSWORD: &str = "s3cr/t";

#[test]
fn the_examples_of_connecting_do_what_they_say() {
    let Some(server) = secure("the_examples_of_connecting_do_what_they_say") else { return };
    server.query("CREATE DATABASE shop");
    server.query(&format!("ALTER ROLE app PASSWORD '{PASSWORD}'"));
    server.scene.file("run/secrets/password", PASSWORD).file("migrations/0001_a.sql", "CREATE TABLE goods (id int);\n");
    server.scene.file("tls/ca.pem", server.scene.read("ca.pem"));
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/migrations.md");
    let text = std::fs::read_to_string(page).unwrap();
    let ran: usize = examples(&text).iter().map(|blocks| run(&server, blocks)).sum();
    assert!(ran >= 4, "only {ran} plans were run");
}

fn run(server: &Server, blocks: &[crate::pages::Block]) -> usize {
    let here = |text: &str| text.replace("db.example", "localhost").replace("5432", &server.port.to_string());
    let scene = &server.scene;
    for block in blocks.iter().filter(|block| block.role == "env") {
        let (name, value) = block.content.trim_end().split_once('=').unwrap();
        scene.env(name, here(value));
    }
    let plans = blocks.iter().enumerate().filter(|(_, block)| block.role == "plan");
    for (index, plan) in plans.clone() {
        scene.file("plan.yaml", here(&plan.content));
        let ran = scene.apply().lacks(PASSWORD);
        match blocks.get(index + 1).and_then(|next| Some((next.role.strip_prefix("fails=")?, &next.content))) {
            Some((code, message)) => drop(ran.code(code.parse().unwrap()).stderr_has(here(message).trim_end())),
            None => drop(ran.code(0)),
        }
    }
    plans.count()
}
