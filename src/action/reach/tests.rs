use std::path::Path;

use super::{DEVICES, Reach, STAGE_SCRATCH, reach};
use crate::action::Context;
use crate::action::ownership::fixture;
use crate::root::Root;
use crate::spec::{Action, StepSpec};

fn context() -> Context {
    let environment = [("URL", "sqlite:///data/app.db"), ("TMPDIR", "/scratch")];
    Context {
        environment: environment.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
        ..fixture::context(Root::open(Path::new("/")).unwrap())
    }
}

fn action(yaml: &str) -> Action {
    fixture::spec::<StepSpec>(yaml).action().unwrap().value
}

fn entry(path: &str) -> Reach {
    Reach::Entry(path.into())
}

#[test]
fn each_step_says_what_it_writes() {
    let scratch = ["/scratch", "/var/tmp", "/usr/tmp", "/tmp"].map(|path| Reach::Outside(path.into()));
    let database = [&[entry("/data/app.db")], &scratch[..]].concat();
    for (step, wanted) in [
        ("render: { text: x, path: /out/app }", vec![Reach::Tree("/out/app".into())]),
        ("render: { source: /templates, path: /out, prune: true }", vec![Reach::Tree("/out".into())]),
        ("copy: { source: /defaults, path: /data }", vec![Reach::Tree("/data".into())]),
        ("edit: { path: /etc/app.json, set: { a: 1 } }", vec![entry("/etc/app.json")]),
        ("link: { target: ../a, path: /etc/b }", vec![entry("/etc/b")]),
        ("remove: { path: /data/old, recursive: true }", vec![entry("/data/old")]),
        ("mkdir: { path: /data/a/b }", vec![Reach::Made("/data/a/b".into())]),
        ("own: { path: /data, owner: \"1:1\", recursive: true }", vec![Reach::Existing("/data".into())]),
        ("trust: { path: /out/ca.pem, add: [/ca] }", vec![entry("/out/ca.pem")]),
        ("fetch: { url: \"https://a/b\", path: /out/b }", vec![entry("/out/b")]),
        ("fetch: { url: \"https://a/b\", path: /out, unpack: true }", vec![Reach::Tree("/out".into())]),
        ("unpack: { archive: /in.tar, path: /out }", vec![Reach::Tree("/out".into())]),
        ("account: { user: app }", vec![entry("/etc/passwd"), entry("/etc/group")]),
        ("generate: { kind: password, path: /out/key }", vec![entry("/out/key")]),
        (
            "generate: { kind: certificate, path: /out/a.crt, names: [a] }",
            vec![entry("/out/a.crt"), entry("/out/a.key")],
        ),
        ("wait: { targets: [\"tcp://127.0.0.1:1\"] }", vec![]),
        ("migrate: { database: \"sqlite:///data/app.db\", source: /m }", database.clone()),
        ("migrate: { database: { driver: sqlite, path: /data/app.db }, source: /m }", database.clone()),
        ("migrate: { database: { from_env: URL }, source: /m }", database),
        ("migrate: { database: { from_env: MISSING }, source: /m }", vec![]),
        ("migrate: { database: \"postgres://u@h/d\", source: /m }", vec![]),
    ] {
        assert_eq!(reach(&action(step), &context()), wanted, "{step}");
    }
}

#[test]
fn a_step_that_starts_a_program_reaches_the_devices_too() {
    let devices = DEVICES.map(|path| Reach::Outside(path.into())).to_vec();
    let staged = STAGE_SCRATCH.map(|path| Reach::Existing(path.into())).to_vec();
    for (step, wanted) in [
        ("run: { command: [a] }", vec![]),
        ("run: { command: [a], creates: /data/db/version }", vec![Reach::Named("/data/db".into())]),
        ("run: { command: [a], creates: /done }", vec![]),
        (
            "render: { text: x, path: /out/a, validate: { command: [a, \"{}\"] } }",
            [vec![Reach::Tree("/out/a".into())], staged.clone()].concat(),
        ),
        ("edit: { path: /out/a, validate: { command: [a, \"{}\"] } }", [vec![entry("/out/a")], staged].concat()),
    ] {
        assert_eq!(reach(&action(step), &context()), [wanted, devices.clone()].concat(), "{step}");
    }
}
