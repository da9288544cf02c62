//! `values`: formats, directories, merges.

use crate::harness::Scene;

fn with_values(values: &str) -> Scene {
    Scene::with_plan(&format!(
        "version: 1\ninputs:\n  values:\n    app: {values}\nsteps:\n  - render: {{ text: '{{{{{{json values.app}}}}}}', path: /out }}\n"
    ))
}

#[test]
fn a_later_source_is_over_the_earlier_ones() {
    let scene = with_values(
        "{ merge: [ { file: /a.yaml }, { file: /b.json, required: false }, { directory: /c }, { env_prefix: APP__ } ] }",
    );
    scene.file("a.yaml", "db: { host: a, port: 1, tags: [x, y] }\nname: a\n").file("c/note", "n\n").directory("c/sub");
    scene.apply().code(0);
    assert_eq!(scene.read("out"), r#"{"db":{"host":"a","port":1,"tags":["x","y"]},"name":"a","note":"n"}"#);
    scene
        .file("b.json", r#"{"db": {"port": 2, "tags": ["z"]}, "name": null}"#)
        .env("APP__DB__HOST", "e")
        .apply()
        .code(0);
    assert_eq!(scene.read("out"), r#"{"db":{"host":"e","port":2,"tags":["z"]},"name":null,"note":"n"}"#);
    scene.file("a.yaml", "a: [\n").file("b.json", "{");
    let ran = scene.apply().code(4).stderr_has("--> /b.json:1:1\n");
    assert_eq!(ran.stderr.matches("error: ").count(), 2, "{}", ran.stderr);
}

#[test]
fn a_merge_is_secret_when_one_source_is() {
    let scene = with_values("{ merge: [ { file: /a.yaml }, { directory: /s, secret: true } ] }");
    scene.file("a.yaml", "user: u\n").file("s/password", "s3cret\n");
    scene.run(&["show", "plan.yaml"]).code(10).lacks("s3cret");
    scene.apply().code(0).lacks("s3cret");
    assert!(scene.read("out").contains("s3cret"));
    assert_eq!(scene.stat("out").split(' ').nth(1), Some("0600"));
}

#[test]
fn labels_of_the_downward_api() {
    let scene = with_values("{ directory: /etc/podinfo, format: downward }");
    scene
        .file("etc/podinfo/..data/labels", "app=\"web\"\nnote=\"a \\\"b\\\"\\n\"")
        .link("..data/labels", "etc/podinfo/labels")
        .file("etc/podinfo/annotations", "");
    scene.apply().code(0);
    assert_eq!(scene.read("out"), r#"{"annotations":{},"labels":{"app":"web","note":"a \"b\"\n"}}"#);
    let one = with_values("{ file: /labels, format: downward }");
    one.file("labels", "app=\"web\"\nbroken\n");
    one.apply().code(4).stderr_has(
        "error: cannot read the values `/labels`: not valid lines of `key=\"value\"`: expected `key=\"value\"`\n  --> /labels:2:1\n   |\n 2 | broken\n",
    );
}

#[test]
fn an_error_names_the_place_and_shows_the_line_unless_it_is_secret() {
    for (file, content, message, place) in [
        ("a.json", "{\"a\": \"sekret-before\",\n \"b\": oops}", "not valid JSON: expected value", "/a.json:2:7"),
        ("a.yaml", "a: sekret-before\nb: [1\nc: 2\n", "not valid YAML: ", "/a.yaml:3:2"),
    ] {
        let scene = with_values(&format!("{{ file: /{file} }}"));
        let ran = scene.file(file, content).apply().code(4).stderr_has(message).lacks("sekret").stderr_has(place);
        assert!(ran.stderr.contains('^'), "{}", ran.stderr);
        let scene = with_values(&format!("{{ file: /{file}, secret: true }}"));
        let ran = scene.file(file, content).apply().code(4).stderr_has(place).lacks("oops").lacks("sekret");
        assert!(!ran.stderr.contains('^'), "{}", ran.stderr);
    }
}

#[test]
fn a_format_is_known_by_the_suffix_or_by_its_name() {
    for (values, file) in [
        ("{ file: /a.YML }", "a.YML"),
        ("{ file: /a.json }", "a.json"),
        ("{ file: /a, format: yaml }", "a"),
        ("{ file: /a.txt, format: json }", "a.txt"),
    ] {
        let scene = with_values(values);
        scene.file(file, "\u{feff}{\"a\": 1}").apply().code(0);
        assert_eq!(scene.read("out"), "{\"a\":1}", "{values}");
    }
    for file in ["a.toml", "a.ini", "a.properties", "a.env", ".env"] {
        with_values(&format!("{{ file: /{file} }}")).run(&["check", "plan.yaml"]).code(0);
    }
    for file in ["a", "a.cfg", "a.conf", "a."] {
        let scene = with_values(&format!("{{ file: /{file} }}"));
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has(&format!("cannot tell the format of `/{file}`"));
    }
}

#[test]
fn hostile_sources_are_refused_without_hanging() {
    let scene = with_values("{ directory: /d }");
    scene.file("d/a", "x").file("d/large", vec![b'a'; 1024 * 1024 + 1]);
    nix::unistd::mkfifo(&scene.path("d/fifo"), nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
    scene.apply().code(4).stderr_has("cannot read the values `/d/large`: it is larger than 1048576 bytes");
    std::fs::remove_file(scene.path("d/large")).unwrap();
    scene.apply().code(0);
    assert_eq!(scene.read("out"), r#"{"a":"x"}"#);
    for number in 0..17 {
        scene.file(&format!("d/{number}"), vec![b'a'; 1024 * 1024]);
    }
    scene.apply().code(4).stderr_has("cannot read the values `/d`: its files have more than 16777216 bytes together");
    let bomb = with_values("{ file: /a.yaml }");
    bomb.file("a.yaml", "[".repeat(2000)).apply().code(4).stderr_has("not valid YAML: ").stderr_has("--> /a.yaml:1:");
    bomb.file("a.yaml", "a: ".repeat(400_000)).apply().code(4).stderr_has("`/a.yaml`: it is larger than 1048576 bytes");
    let deep = with_values("{ file: /a.json }");
    deep.file("a.json", "[".repeat(100_000)).apply().code(4).stderr_has("not valid JSON: recursion limit exceeded");
    nix::unistd::mkfifo(&deep.path("b.json"), nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
    deep.file("plan.yaml", deep.read("plan.yaml").replace("a.json", "b.json"));
    deep.apply().code(4).stderr_has("cannot read the values `/b.json`: it is a FIFO, a socket or a device");
}

#[test]
fn a_value_file_with_a_key_twice_is_refused() {
    for (file, content, place) in [
        ("a.json", "{\"a\": 1,\n \"b\": {\"c\": 1, \"c\": 2}}", "--> /a.json:2:16"),
        ("a.yaml", "a: 1\nb:\n  - c: 1\n    c: 2\n", "--> /a.yaml:4:5"),
    ] {
        let scene = Scene::with_plan(&format!(
            "version: 1\ninputs: {{ values: {{ v: {{ file: /{file} }} }} }}\nsteps: [{{ render: {{ text: x, path: /out }} }}]\n"
        ));
        scene.file(file, content);
        let ran = scene.apply().code(4).stderr_has(&format!("error: cannot read the values `/{file}`: not valid "));
        ran.stderr_has(": duplicate key").stderr_has(place);
        assert!(!scene.exists("out"), "{file}");
    }
}
