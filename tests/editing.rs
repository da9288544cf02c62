//! `edit`: what is asked for is changed, and not a byte beside it.

use std::os::unix::fs::MetadataExt;
use std::process::Command;

use crate::harness::{Scene, python, root_or_skip, skip};

/// Applies `edit` with these fields to the file and gives back what became of it; a second run must change nothing.
fn edited(path: &str, content: &str, fields: &str) -> String {
    let scene = Scene::with_plan(&format!("version: 1\nsteps:\n  - edit: {{ path: {path}, {fields} }}\n"));
    scene.file(path, content);
    scene.apply().code(0).stderr_has("changed");
    let result = scene.read(path);
    scene.apply().code(0).stderr_has("step 1 `edit`: unchanged");
    assert_eq!(scene.read(path), result);
    result
}

#[test]
fn each_format_keeps_comments_order_and_style() {
    for (path, content, fields, wanted) in [
        (
            "/a.json",
            "{\n    \"b\": 1,\n    \"a\": {\"x\": [1, 2]}\n}\n",
            "set: { \"a.x[1]\": two, a.y: { z: true }, c: null }, unset: [b]",
            "{\n    \"a\": {\"x\": [1, \"two\"], \"y\": {\"z\": true}},\n    \"c\": null\n}\n",
        ),
        (
            "/a.yaml",
            "# top\nserver:\n  port: 80 # the port\n  hosts:\n    - a\n\n# end\n",
            "set: { server.port: 8080, \"server.hosts[+]\": b, server.name: \"no\" }",
            "# top\nserver:\n  port: 8080 # the port\n  hosts:\n    - a\n    - b\n  name: \"no\"\n\n# end\n",
        ),
        (
            "/a.toml",
            "# top\ntitle = 'x' # t\n\n[server]\nport=80\n",
            "set: { title: 'y', server.port: 8080, server.host: h }",
            "# top\ntitle = 'y' # t\n\n[server]\nport=8080\nhost=\"h\"\n",
        ),
        (
            "/a.ini",
            "; top\n[server]\nport = 80\n;host = x\n\n[other]\na=1\n",
            "set: { server.port: 8080, server.host: h, new.k: v }",
            "; top\n[server]\nport = 8080\n;host = x\nhost = h\n\n[other]\na=1\n\n[new]\nk=v\n",
        ),
        (
            "/a.properties",
            "# top\na.b = 1\n! more\nc:2\n",
            "unset: [c], set: { a.b: \"ü = x\", d.e: 3 }",
            "# top\na.b = \\u00FC = x\n! more\nd.e = 3\n",
        ),
        (
            "/a.env",
            "# top\nexport A=1\nB='x y'\n",
            "set: { A: \"it's $HOME\", C: plain }",
            "# top\nexport A=\"it's \\$HOME\"\nB='x y'\nC=plain\n",
        ),
        (
            "/a.xml",
            "<!-- top -->\n<configuration>\n  <property>\n    <name>a</name>\n    <value>1</value>\n  </property>\n</configuration>\n",
            "set: { \"configuration.property[name=a].value\": \"2 < 3\", \"configuration.@id\": \"q\\\"\" }",
            "<!-- top -->\n<configuration id=\"q&quot;\">\n  <property>\n    <name>a</name>\n    <value>2 &lt; 3</value>\n  </property>\n</configuration>\n",
        ),
    ] {
        assert_eq!(edited(path, content, fields), wanted, "{path}");
        assert_eq!(
            edited(path, &content.replace('\n', "\r\n"), fields),
            wanted.replace('\n', "\r\n"),
            "{path} with Windows line ends"
        );
    }
}

#[test]
fn text_is_edited_by_line_and_block() {
    for (content, fields, wanted) in [
        ("a\nb\n", "line: { text: c }", "a\nb\nc\n"),
        ("a\nb", "line: { text: c }", "a\nb\nc"),
        ("a\nb\n", "line: { text: c, at: beginning }", "c\na\nb\n"),
        ("a\nb\na\n", "line: { text: c, after: \"^a\" }", "a\nb\na\nc\n"),
        ("a\nb\n", "line: { text: c, before: \"^b\" }", "a\nc\nb\n"),
        ("a\nb\na\n", "line: { text: a, absent: true }", "b\n"),
        ("a=1\nb\n", "line: { text: a=2, matches: \"^a=\" }", "a=2\nb\n"),
        ("x\n", "block: { marker: fitout, text: \"one\\ntwo\" }", "x\n# BEGIN fitout\none\ntwo\n# END fitout\n"),
        ("# BEGIN m\nold\n# END m\ny\n", "block: { marker: m, text: new }", "# BEGIN m\nnew\n# END m\ny\n"),
        ("a\n# BEGIN m\nold\n# END m\ny\n", "block: { marker: m, absent: true }", "a\ny\n"),
        ("<a>\n", "block: { marker: \"<!-- {mark} x -->\", text: t }", "<a>\n<!-- BEGIN x -->\nt\n<!-- END x -->\n"),
        ("a a a\n", "replace: { literal: a, with: b, count: 2 }", "b b a\n"),
        ("a\n\nb\n", "replace: { regex: \"^\", with: \"#\" }", "#a\n#\n#b\n"),
    ] {
        assert_eq!(edited("/a.conf", content, fields), wanted, "{fields}");
    }
}

#[test]
fn encoding_mode_owner_and_the_missing_newline_stay() {
    let scene = Scene::with_plan(
        "version: 1
steps:
  - edit: { path: /bom.json, set: { a: 2 } }
  - edit: { path: /latin.conf, replace: { literal: one, with: two } }
  - edit: { path: /wide.ini, format: ini, set: { s.k: 2 } }
",
    );
    let wide: Vec<u8> = "\u{feff}[s]\r\nk=1".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wanted: Vec<u8> = "\u{feff}[s]\r\nk=2".encode_utf16().flat_map(u16::to_le_bytes).collect();
    scene
        .file("bom.json", "\u{feff}{\"a\": 1}")
        .file("latin.conf", b"caf\xe9 one")
        .file("wide.ini", wide)
        .mode("bom.json", 0o640)
        .mode("latin.conf", 0o604);
    let is_root = nix::unistd::geteuid().is_root();
    if is_root {
        scene.owned("bom.json", 1234, 2345);
    }
    scene.apply().code(0);
    assert_eq!(scene.read("bom.json"), "\u{feff}{\"a\": 2}");
    assert_eq!(std::fs::read(scene.path("latin.conf")).unwrap(), b"caf\xe9 two");
    assert_eq!(std::fs::read(scene.path("wide.ini")).unwrap(), wanted);
    assert!(scene.stat("bom.json").ends_with(" 0640") && scene.stat("latin.conf").ends_with(" 0604"));
    assert!(!is_root || scene.stat("bom.json") == "1234:2345 0640");
    scene.apply().code(0).lacks(": changed");
}

#[test]
fn ten_runs_are_as_good_as_one() {
    let scene = Scene::with_plan(
        "version: 1
steps:
  - edit: { path: /a.yaml, set: { a.b: 1, \"l[+]\": x, \"c[name=n].v\": 2 }, unset: [old] }
  - edit: { path: /a.conf, line: { text: last }, replace: { literal: x, with: xx } }
",
    );
    scene.file("a.yaml", "old: 1\nl: [y]\nc:\n  - name: n\n").file("a.conf", "x\n");
    scene.apply().code(0);
    let (first, second) = (scene.read("a.yaml"), scene.read("a.conf"));
    assert_eq!(first, "l: [y, x]\nc:\n  - name: n\n    v: 2\na:\n  b: 1\n");
    for _ in 0..10 {
        scene.apply().code(0);
        assert_eq!((scene.read("a.yaml"), scene.read("a.conf")), (first.clone(), second.clone()));
    }
}

#[test]
fn a_file_that_is_missing_is_made_on_request() {
    let scene = Scene::with_plan(
        "version: 1\nsteps:\n  - edit: { path: /new.yaml, create: true, mode: \"0640\", set: { a.b: [1, x] } }\n",
    );
    let ran = scene.run(&["show", "plan.yaml"]).code(10);
    assert!(ran.stdout.contains("  + /new.yaml  file, mode 0640\n"), "{}", ran.stdout);
    scene.apply().code(0);
    assert_eq!(scene.read("new.yaml"), "a:\n  b:\n    - 1\n    - x\n");
    assert!(scene.stat("new.yaml").ends_with(" 0640"));
    let scene = Scene::with_plan("version: 1\nsteps:\n  - edit: { path: /new.yaml, set: { a: 1 } }\n");
    scene
        .apply()
        .code(6)
        .stderr_has("error: cannot edit `/new.yaml`: no such file or directory\n  --> plan.yaml:3:19")
        .stderr_has("hint: `create: true`, or `--create`, makes it");
}

#[test]
fn every_error_names_the_key_and_nothing_is_written() {
    for (path, content, fields, code, message) in [
        (
            "/a.yaml",
            "a: 1\n",
            "set: { b: 1 }, must_exist: true",
            1,
            "error: cannot edit `/a.yaml`: there is no key `b`\n  --> plan.yaml:3:",
        ),
        ("/a.json", "{\"a\": ", "set: { b: 1 }", 1, "error: cannot edit `/a.json`: "),
        ("/a.json", "{\"a\": 1}", "set: { a.b: 1 }", 1, "`b` is looked for in "),
        ("/a.toml", "a = 1\n", "set: { a: null }", 1, "error: cannot edit `/a.toml`: "),
        ("/a.ini", "[s]\nk=1\n", "set: { s.k: \"a\\nb\" }", 1, "error: cannot edit `/a.ini`: "),
        ("/a.xml", "<a><b/></a>", "set: { c.d: 1 }", 1, "error: cannot edit `/a.xml`: "),
        ("/a.conf", "x\n", "replace: { literal: y, with: z, must_match: true }", 1, "error: cannot edit `/a.conf`: "),
        ("/a.conf", "aaaa\n", "replace: { literal: aa, with: a }", 1, "error: cannot edit `/a.conf`: "),
        ("/a.conf", "# BEGIN m\n", "block: { marker: m, text: t }", 1, "error: cannot edit `/a.conf`: "),
        ("/a.conf", "x\n", "line: { text: t, after: nope }", 1, "error: cannot edit `/a.conf`: "),
        ("/a.conf", "x\n", "set: { a: 1 }", 3, "error: `set` and `unset` have no meaning for text"),
        ("/a.yaml", "a: 1\n", "line: { text: t }", 3, "error: `replace`, `line` and `block` are for text"),
        ("/a.yaml", "a: 1\n", "set: { \"a..b\": 1 }", 3, "error: cannot use the key `a..b`: a name is empty"),
        ("/a.yaml", "a: 1\n", "set: { a.b: 1 }, unset: [a]", 3, "error: `a.b` is set and, as `a`, unset"),
        ("/a.yaml", "a: 1\n", "format: yaml", 3, "error: `edit` needs `set`, `unset`, `replace`, `line` or `block`"),
        ("/a.conf", "x\n", "replace: { regex: \"(\", with: z }", 3, "error: not a regular expression"),
        (
            "/a.conf",
            "x\n",
            "replace: { with: z }",
            3,
            "error: `replace` needs either `regex` or `literal`, which is not empty",
        ),
        (
            "/a.conf",
            "x\n",
            "line: { text: t, after: x, before: y }",
            3,
            "error: both `after` and `before` say where the line goes",
        ),
    ] {
        let scene = Scene::with_plan(&format!("version: 1\nsteps:\n  - edit: {{ path: {path}, {fields} }}\n"));
        scene.file(path, content);
        let ran = scene.apply();
        assert_eq!(ran.code, code, "{fields}: {}", ran.stderr);
        ran.stderr_has(message);
        assert_eq!(scene.read(path), content, "{fields}");
        assert_eq!(scene.names("/"), [&path[1..], "plan.yaml"], "{fields}");
    }
}

#[test]
fn what_is_no_regular_file_is_named_with_the_remedy() {
    for (kind, remedy) in [
        ("a directory", "name a file in it"),
        ("a FIFO, a socket or a device", "only a regular file can be edited"),
        ("a symbolic link to `real/a.yaml`", "a link is never written through: name the file that it leads to"),
    ] {
        let scene = Scene::with_plan("version: 1\nsteps:\n  - edit: { path: /a.yaml, set: { a: 1 }, create: true }\n");
        match kind {
            "a directory" => drop(scene.directory("a.yaml")),
            _ if kind.contains("link") => drop(scene.link("real/a.yaml", "a.yaml")),
            _ => nix::unistd::mkfifo(&scene.path("a.yaml"), nix::sys::stat::Mode::S_IRWXU).unwrap(),
        }
        let wanted = format!(
            "error: cannot edit `/a.yaml`: it is {kind}
  --> plan.yaml:3:19  step 1 `edit`
   |
 3 |   - edit: {{ path: /a.yaml, set: {{ a: 1 }}, create: true }}
   |                   ^^^^^^^

hint: {remedy}
"
        );
        assert_eq!(scene.apply().code(6).stderr, wanted);
    }
}

/// The editor passes over what it has no need to understand, and yet nothing that is broken is edited around.
#[test]
fn broken_yaml_is_not_edited() {
    for (content, message, place) in [
        ("a: ]\n", "not valid YAML: misplaced bracket", "line 1 column 4 of the file"),
        ("a: [1\n", "the bracket is not closed", "line 1 column 4 of the file"),
        ("a: \"x\n", "the quote is not closed", "line 1 column 4 of the file"),
        ("b: 1\na: 'x\n", "the quote is not closed", "line 2 column 4 of the file"),
        ("b: 1\na: {b: 1]\n", "not valid YAML: ", "line 2 column "),
        ("a: @x\n", "not valid YAML: ", "line 1 column "),
        ("a: *x\n", "not valid YAML: ", "line 1 column "),
        ("a: [1, , 2]\n", "not valid YAML: ", "line 1 column "),
        ("a: \"\\q\"\n", "not valid YAML: ", "line 1 column "),
        ("a:\n  - x\n y: 1\n", "not valid YAML: ", "line 3 column "),
        ("a: |x\n  y\n", "not valid YAML: ", "line 1 column "),
    ] {
        for fields in ["set: { z: 1 }", "set: { a: 1 }", "unset: [z]", "set: { z: 1 }, must_exist: true"] {
            let scene = Scene::with_plan(&format!("version: 1\nsteps:\n  - edit: {{ path: /a.yaml, {fields} }}\n"));
            let ran = scene.file("a.yaml", content).apply().code(1);
            ran.stderr_has(&format!("error: cannot edit `/a.yaml`: {message}")).stderr_has(place);
            assert_eq!(scene.read("a.yaml"), content);
        }
    }
}

#[test]
fn a_planted_link_is_not_edited() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - edit: { path: /vol/a.yaml, set: { a: 2 } }\n");
    scene.file("victim", "a: 1\n").directory("vol").link("/victim", "vol/a.yaml");
    scene.apply().code(6).stderr_has("error: cannot edit `/vol/a.yaml`: it is a symbolic link to `/victim`");
    assert_eq!(scene.read("victim"), "a: 1\n");
}

#[test]
fn a_bind_mounted_file_is_edited_in_place() {
    let test = "a_bind_mounted_file_is_edited_in_place";
    if !root_or_skip(test) {
        return;
    }
    let scene = Scene::with_plan("version: 1\nsteps:\n  - edit: { path: /etc/a.yaml, set: { a: 2 } }\n");
    scene.file("real.yaml", "# kept\na: 1\n").file("etc/a.yaml", "");
    let before = std::fs::metadata(scene.path("real.yaml")).unwrap().ino();
    let script = format!(
        "mount --bind {0}/real.yaml {0}/etc/a.yaml && exec {1} apply plan.yaml",
        scene.directory.display(),
        crate::harness::binary().display()
    );
    let ran = Command::new("unshare")
        .args(["-m", "sh", "-c", &script])
        .current_dir(&scene.directory)
        .env("FITOUT_ROOT", &scene.directory)
        .output();
    let Ok(ran) = ran else { return skip(test, "unshare") };
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{stderr}");
    assert!(stderr.contains("`/etc/a.yaml` is a mount of its own and was written in place"), "{stderr}");
    assert_eq!(scene.read("real.yaml"), "# kept\na: 2\n");
    assert_eq!(std::fs::metadata(scene.path("real.yaml")).unwrap().ino(), before);
}

#[test]
fn values_come_typed_from_the_plan_and_literal_from_the_command_line() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { PORT: { type: integer }, PW: { secret: true } } }
steps:
  - edit: { path: /a.yaml, set: { port: \"{{env.PORT}}\", pw: \"{{env.PW}}\", text: \"p{{env.PORT}}\" } }
",
    );
    scene.file("a.yaml", "port: 1\npw: old-secret\n").env("PORT", "8080").env("PW", "x: #'\"\\n{{y}}");
    let ran = scene.run(&["show", "plan.yaml"]).code(10).lacks("x: #").lacks("old-secret");
    assert!(ran.stdout.contains("+port: 8080"), "{}", ran.stdout);
    scene.apply().code(0);
    let Some(mut python) = python("values_come_typed_from_the_plan_and_literal_from_the_command_line") else { return };
    let read = python
        .args(["-c", "import sys, json, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)"])
        .arg(scene.path("a.yaml"))
        .output()
        .unwrap();
    let value: serde_json::Value = serde_json::from_slice(&read.stdout).unwrap();
    assert_eq!(value, serde_json::json!({ "port": 8080, "pw": "x: #'\"\\n{{y}}", "text": "p8080" }));

    let scene = Scene::new();
    scene.file("c.json", "{}\n").file("d.conf", "a & b\n");
    scene.run(&["edit", "/c.json", "--set", "a.b=8080", "--set-json", "c=[1,null]", "--unset", "x"]).code(0);
    assert_eq!(
        scene.read("c.json"),
        "{\n  \"a\": {\n    \"b\": \"8080\"\n  },\n  \"c\": [\n    1,\n    null\n  ]\n}\n"
    );
    scene.run(&["edit", "/d.conf", "--replace", "a & b", "--with", "\\1 $1 &"]).code(0);
    assert_eq!(scene.read("d.conf"), "\\1 $1 &\n");
    scene.run(&["edit", "/d.conf", "--line", "x=1", "--matches", "^x="]).code(0);
    assert_eq!(scene.read("d.conf"), "\\1 $1 &\nx=1\n");
    scene.file("e.conf", "a a\n").run(&["edit", "/e.conf", "--replace", "a", "--with", "b", "--count", "1"]).code(0);
    scene.run(&["edit", "/e.conf", "--block", "m", "--text", "t", "--at", "beginning"]).code(0);
    assert_eq!(scene.read("e.conf"), "# BEGIN m\nt\n# END m\nb a\n");
    scene.run(&["edit", "/e.conf", "--block", "m", "--absent"]).code(0);
    assert_eq!(scene.read("e.conf"), "b a\n");
    scene.run(&["edit", "/c.json", "--set-json", "a={"]).code(2).stderr_has("error: the value of `a` is not JSON");
    scene.run(&["edit", "/c.json", "--set", "a"]).code(2).stderr_has("error: `a` is no `KEY=VALUE`");
    scene.run(&["edit", "/c.json", "--set-json", "a"]).code(2).stderr_has("error: `a` is no `KEY=JSON`");
    scene.run(&["render", "/a", "/b", "--values", "v"]).code(2).stderr_has("error: `v` is no `NAME=PATH`");
    scene.run(&["edit", "/c.json", "--set", "a..b=1"]).code(2).stderr_has("cannot use the key `a..b`");
}

#[test]
fn a_result_that_does_not_pass_is_not_published() {
    let scene = Scene::with_plan(
        "version: 1\nsteps:\n  - edit: { path: /a.json, set: { port: 70000 }, validate: { schema: /s.json } }\n",
    );
    scene.file("a.json", "{\"port\": 80}").file("s.json", "{\"properties\": {\"port\": {\"maximum\": 65535}}}");
    scene.apply().code(3).stderr_has("error: cannot use the edited `/a.json`: ");
    assert_eq!(scene.read("a.json"), "{\"port\": 80}");
}

#[test]
fn edits_at_once_lose_nothing() {
    let scene = Scene::new();
    scene.file("a.conf", "first\n").file("b.yaml", "a: 1\n");
    let start = |line: usize| {
        let text = format!("line {line}");
        let set = format!("k{line}=v");
        [
            scene.command(&["edit", "/a.conf", "--line", &text]).stderr(std::process::Stdio::null()).spawn().unwrap(),
            scene.command(&["edit", "/b.yaml", "--set", &set]).stderr(std::process::Stdio::null()).spawn().unwrap(),
            scene
                .command(&["edit", "/new.ini", "--create", "--set", &set])
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap(),
        ]
    };
    let children: Vec<_> = (0..12).flat_map(start).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let (text, yaml, ini) = (scene.read("a.conf"), scene.read("b.yaml"), scene.read("new.ini"));
    for line in 0..12 {
        assert!(text.contains(&format!("line {line}\n")), "{text}");
        assert!(yaml.contains(&format!("k{line}: v\n")), "{yaml}");
        assert!(ini.contains(&format!("k{line}")), "{ini}");
    }
    assert_eq!(scene.names("/"), ["a.conf", "b.yaml", "new.ini"]);
}

#[test]
fn a_killed_edit_leaves_the_old_or_the_new_file() {
    let scene = Scene::new();
    let old = format!("{}last: old\n", "key: { a: 1, b: [x, y] } # comment\n".repeat(60_000).replace("key", "k"));
    let old: String =
        old.lines().enumerate().map(|(at, line)| line.replacen("k:", &format!("k{at}:"), 1) + "\n").collect();
    let new = old.replace("last: old", "last: new");
    scene.directory("d");
    let mut killed = 0;
    for round in 0..20 {
        scene.file("d/big.yaml", &old);
        let mut child = scene
            .command(&["edit", "/d/big.yaml", "--set", "last=new"])
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(round * 12));
        killed += u32::from(child.try_wait().unwrap().is_none());
        let _ = child.kill();
        child.wait().unwrap();
        let content = scene.read("d/big.yaml");
        assert!(content == old || content == new, "half a file of {} bytes", content.len());
    }
    assert!(killed > 0, "every run had ended before it was killed");
    scene.run(&["edit", "/d/big.yaml", "--set", "last=new"]).code(0);
    assert_eq!(scene.read("d/big.yaml"), new);
    assert_eq!(scene.names("d"), ["big.yaml"]);
}

#[test]
fn what_is_typed_as_a_value_is_no_template() {
    let scene = Scene::new();
    scene.env("HOME", "/root").file("a.json", "{}\n").file("b.conf", "x\n").file("secret", "TOP");
    for value in ["a{{env.HOME}}b", "a{{b", "{{file \"/secret\"}}", "{{{{raw}}}}"] {
        scene.run(&["edit", "/a.json", "--set", &format!("v={value}"), "--set-json", "w=[\"{{env.HOME}}\"]"]).code(0);
        let read: serde_json::Value = serde_json::from_str(&scene.read("a.json")).unwrap();
        assert_eq!(read, serde_json::json!({ "v": value, "w": ["{{env.HOME}}"] }));
    }
    scene.run(&["edit", "/b.conf", "--line", "{{env.HOME}}"]).code(0);
    scene.run(&["edit", "/b.conf", "--replace", "x", "--with", "y{{env.HOME}}"]).code(0);
    assert_eq!(scene.read("b.conf"), "y{{env.HOME}}\n{{env.HOME}}\n");
}

#[test]
fn keys_with_brackets_and_several_elements_come_from_the_command_line() {
    let scene = Scene::new();
    scene.file("u.yaml", "users:\n  - name: app\n    shell: /bin/sh\nl: [a]\n");
    scene
        .run(&[
            "edit",
            "/u.yaml",
            "--set",
            "users[name=app].shell=/x=y",
            "--set",
            "l[+]=b",
            "--set",
            "l[+]=c",
            "--set",
            "l[+]=a",
        ])
        .code(0);
    assert_eq!(scene.read("u.yaml"), "users:\n  - name: app\n    shell: /x=y\nl: [a, b, c]\n");
    scene.run(&["edit", "/u.yaml", "--set", "l.pw=SECRETXYZ"]).code(1).stderr_has("--set l.pw=...").lacks("SECRETXYZ");
    scene
        .run(&["edit", "/u.yaml", "--unset", "l[0]"])
        .code(2)
        .stderr_has("error: `l[0]` names a place in a list, and each run would take the next one out")
        .stderr_has("hint: name the element by what it holds: `list[name=value]`");
    scene.file("c.conf", "# a\nb\n# c\n").run(&["edit", "/c.conf", "--matches", "^#", "--absent"]).code(0);
    assert_eq!(scene.read("c.conf"), "b\n");
}

#[test]
fn comments_in_json_stay_and_are_no_fault() {
    let scene = Scene::new();
    scene.file("tsconfig.json", "{\n  // why\n  \"a\": 1, /* b */\n}\n");
    scene.run(&["edit", "/tsconfig.json", "--set-json", "a=2"]).code(0);
    assert_eq!(scene.read("tsconfig.json"), "{\n  // why\n  \"a\": 2, /* b */\n}\n");
}

#[test]
fn what_a_helper_makes_of_a_secret_is_a_secret() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { URL: { secret: true } } }
steps:
  - edit:
      path: /new.yaml
      create: true
      set: { a: \"{{base64 (url_password env.URL)}}\", b: \"{{url_password env.URL}}\", c: \"{{sha256 env.URL}}\" }
  - edit: { path: /private.ini, set: { s.user: app }, unset: [s.password] }
",
    );
    scene
        .env("URL", "postgres://app:s%40cretpw@db/x")
        .file("private.ini", "[s]\npassword=old-secret\n")
        .mode("private.ini", 0o600);
    let ran = scene.run(&["show", "plan.yaml"]).code(10);
    assert!(ran.stdout.contains("+a: <redacted>"), "{}", ran.stdout);
    ran.lacks("c0Bjcm").lacks("s@cretpw").lacks("old-secret");
    scene.apply().code(0);
    assert!(scene.read("new.yaml").contains("b: s@cretpw\n"), "{}", scene.read("new.yaml"));
    assert!(scene.stat("new.yaml").ends_with(" 0600"));
}

#[test]
fn changes_of_text_that_contradict_each_other_are_refused() {
    for (fields, before, message) in [
        ("replace: { literal: a, with: b }, line: { text: a }", "x\n", "`replace` and `line` contradict each other"),
        (
            "line: [{ text: y }, { matches: \"^#\", absent: true }], block: { marker: m, text: t }",
            "x\n",
            "`line` number 2 and `block` contradict each other",
        ),
        (
            "replace: [{ literal: v2, with: v3 }, { literal: v1, with: v2 }]",
            "v1 v2\n",
            "`replace` number 1 and `replace` number 2 contradict each other",
        ),
        (
            "line: [{ text: k=1, matches: ^k= }, { text: k=2, matches: ^k= }]",
            "k=0\n",
            "`line` number 1 and `line` number 2 contradict each other",
        ),
        (
            "line: [{ text: x }, { text: x, absent: true }]",
            "y\n",
            "`line` number 1 and `line` number 2 contradict each other",
        ),
        (
            "replace: [{ literal: a, with: b }, { literal: b, with: a }]",
            "a\n",
            "`replace` number 1 and `replace` number 2 contradict each other",
        ),
    ] {
        let scene = Scene::with_plan(&format!("version: 1\nsteps:\n  - edit: {{ path: /a.conf, {fields} }}\n"));
        scene.file("a.conf", before);
        let ran = scene.apply().code(1).stderr_has("error: cannot edit `/a.conf`: ").stderr_has(message);
        ran.stderr_has("hint: ").stderr_has("--> plan.yaml:3:");
        assert_eq!(scene.read("a.conf"), before, "{fields}");
        scene.run(&["show", "plan.yaml"]).code(1).stderr_has(message);
    }
    // What comes to rest is no contradiction.
    for (fields, before, after) in [
        ("replace: [{ literal: v1, with: v2 }, { literal: v2, with: v3 }]", "v1 v2\n", "v3 v3\n"),
        ("replace: { literal: a, with: b }, line: { text: c, matches: \"^b\" }", "a\n", "c\n"),
    ] {
        let scene = Scene::with_plan(&format!("version: 1\nsteps:\n  - edit: {{ path: /a.conf, {fields} }}\n"));
        scene.file("a.conf", before).apply().code(0);
        assert_eq!(scene.read("a.conf"), after, "{fields}");
        scene.apply().code(0).stderr_has("unchanged");
    }
}

#[test]
fn keys_that_contradict_each_other_are_refused() {
    let list = "c:\n  - n: 1\n    v: 2\n";
    for (path, before, arguments, code, message) in [
        (
            "/a.json",
            "{}",
            &["--set", "a.b=1", "--set", "a=x"][..],
            2,
            "`set` of `a.b` and `set` of `a` contradict each other",
        ),
        (
            "/a.yaml",
            list,
            &["--set", "c[n=1].v=#a", "--set-json", "c[-1]=[1,2]"],
            1,
            "`set` of `c[n=1].v` and `set` of `c[-1]` contradict each other: the first changes, or fails at,",
        ),
        (
            "/a.toml",
            "",
            &["--set", "a=$1", "--unset", "a.b.c"],
            2,
            "`set` of `a` and `unset` of `a.b.c` contradict each other",
        ),
        (
            "/a.yaml",
            "x: 1\n",
            &["--unset", "a.b", "--set", "a={{x}}"],
            1,
            "`unset` of `a.b` and `set` of `a` contradict each other",
        ),
        (
            "/a.yaml",
            "x: 1\n",
            &["--set", "c[+]=x", "--set-json", "c[0]=[]"],
            1,
            "`set` of `c[+]` and `set` of `c[0]` contradict each other",
        ),
    ] {
        let scene = Scene::new();
        scene.file(path, before);
        let ran = scene.run(&[&["edit", path], arguments].concat()).code(code).stderr_has(message);
        ran.stderr_has("error: ").stderr_has("hint: ");
        assert_eq!(scene.read(path), before, "{arguments:?}");
    }
    for (path, fields, message) in [
        ("/a.json", "set: { a.b: 1, a: x }", "error: `set` of `a.b` and `set` of `a` contradict each other"),
        ("/a.toml", "set: { a: 1 }, unset: [a.b]", "error: `set` of `a` and `unset` of `a.b` contradict each other"),
        ("/a.yaml", "set: { a.b: 1, a: { b: 2 } }", "error: `set` of `a.b` and `set` of `a` contradict each other"),
    ] {
        let scene = Scene::with_plan(&format!("version: 1\nsteps:\n  - edit: {{ path: {path}, {fields} }}\n"));
        scene.run(&["check", "plan.yaml"]).code(3).stderr_has(message);
    }
    // What comes to rest is no contradiction.
    for (path, before, fields, after) in [
        ("/a.json", "{}", "set: { a: { x: 1 }, a.b: 2 }", "{\n  \"a\": {\n    \"x\": 1,\n    \"b\": 2\n  }\n}"),
        ("/a.properties", "a=1\n", "set: { a.b: 2 }, unset: [a]", "a.b=2\n"),
        ("/a.yaml", "a: 1\nb: 2\n", "set: { b: 3 }, unset: [a]", "b: 3\n"),
    ] {
        assert_eq!(edited(path, before, fields), after, "{fields}");
    }
}

#[test]
fn what_is_typed_wrong_is_marked_on_the_command_line() {
    for (arguments, wanted) in [
        (
            &["/a.yaml", "--set", "noeq"][..],
            "error: `noeq` is no `KEY=VALUE`
  --> command line:1:27
   |
 1 | fitout edit /a.yaml --set noeq
   |                           ^^^^
",
        ),
        (
            &[
                "/a.yaml",
                "--set",
                "a=SECRET",
                "--set-json",
                "b={",
                "--set-json",
                "c=[1e400]",
                "--set-json",
                "d=123456789012345678",
            ],
            "error: the value of `b` is not JSON: it ends too early
  --> command line:1:44
   |
 1 | fitout edit /a.yaml --set a=... --set-json b=... --set-json c=... --set-json d=...
   |                                            ^^^^^

hint: `--set` takes text as it is
error: the value of `c` is not JSON: number out of range at its column 6
  --> command line:1:61
   |
 1 | fitout edit /a.yaml --set a=... --set-json b=... --set-json c=... --set-json d=...
   |                                                             ^^^^^

hint: `--set` takes text as it is
",
        ),
        (
            &[
                "/a.conf",
                "--count",
                "2",
                "--replace",
                "a",
                "--with",
                "b",
                "--with",
                "c",
                "--block",
                "m",
                "--unless",
                "x",
            ],
            "error: `--count` stands without what it belongs to
  --> command line:1:21
   |
 1 | fitout edit /a.conf --count 2 --replace ... --with ... --with ... --block m --unless x
   |                     ^^^^^^^

hint: put it behind its `--replace` or `--replace-regex`
error: `--with` stands twice
  --> command line:1:56
   |
 1 | fitout edit /a.conf --count 2 --replace ... --with ... --with ... --block m --unless x
   |                                                        ^^^^^^

hint: put it behind its `--replace` or `--replace-regex`
error: `--unless` stands without what it belongs to
  --> command line:1:77
   |
 1 | fitout edit /a.conf --count 2 --replace ... --with ... --with ... --block m --unless x
   |                                                                             ^^^^^^^^

hint: put it behind its `--replace` or `--replace-regex`
",
        ),
    ] {
        let scene = Scene::new();
        scene.file("a.yaml", "x: 1\n").file("a.conf", "x\n");
        let ran = scene.run(&[&["edit"], arguments].concat()).code(2);
        assert_eq!(ran.stderr, wanted);
    }
    let scene = Scene::new();
    scene.run(&["run", "--env", "NAME", "--", "/bin/true"]).code(2).stderr_has("error: `NAME` is no `NAME=VALUE`");
    scene.run(&["fetch", "https://x/", "/x", "--header", "a"]).code(2).stderr_has(" https://x/ /x --header a\n");
}

#[test]
fn keys_are_set_in_the_order_in_which_they_were_typed() {
    let scene = Scene::new();
    scene.file("a.json", "{}\n").file("b.json", "{}\n");
    scene.run(&["edit", "/a.json", "--set-json", "a={\"x\":1}", "--set", "a.y=2", "--set-json", "b=3"]).code(0);
    assert_eq!(scene.read("a.json").replace([' ', '\n'], ""), "{\"a\":{\"x\":1,\"y\":\"2\"},\"b\":3}");
    let list = ["--set-json", "l[+]=[1,2]", "--set", "l[+]=x", "--set-json", "l[+]=[3]"];
    scene.run(&[&["edit", "/b.json"][..], &list].concat()).code(0);
    assert_eq!(scene.read("b.json").replace([' ', '\n'], ""), "{\"l\":[1,2,\"x\",3]}");
}

#[test]
fn keys_are_taken_out_in_the_order_in_which_they_were_typed() {
    let [set, unset] = [["--set", "l[-1].k=new"], ["--unset", "l[n=b]"]];
    for (arguments, wanted) in [
        ([unset, set].concat(), "{\"l\":[{\"n\":\"a\",\"k\":\"new\"}]}"),
        (
            [set, unset].concat(),
            "error: cannot edit `/a.json`: `set` of `l[-1].k` and `unset` of `l[n=b]` contradict each other: the first changes, or \
             fails at, at the next run what the second makes
  --> command line:1:27  step 1 `edit`
   |
 1 | fitout edit /a.json --set 'l[-1].k=...' --unset 'l[n=b]'
   |                           ^^^^^^^^^^^^^

hint: let only one of them write that place
",
        ),
    ] {
        let scene = Scene::new();
        scene.file("a.json", "{\"l\":[{\"n\":\"a\"},{\"n\":\"b\"}]}");
        let ran = scene.run(&[vec!["edit", "/a.json"], arguments].concat());
        let found = if ran.code == 0 { scene.read("a.json").replace([' ', '\n'], "") } else { ran.stderr };
        assert_eq!(found, wanted);
    }
    // In a plan the order is that of its lines, too.
    let before = "{\"l\":[{\"n\":\"a\"},{\"n\":\"b\"}]}";
    let after = edited("/a.json", before, "unset: [\"l[n=b]\"], set: { \"l[-1].k\": new }");
    assert_eq!(after.replace([' ', '\n'], ""), "{\"l\":[{\"n\":\"a\",\"k\":\"new\"}]}");
}

#[test]
fn a_key_that_stands_twice_is_not_edited() {
    for (path, content, fields, place) in [
        ("/a.json", "{\"a\": 1,\n \"a\": 2, \"b\": 3}", "set: { a: 4 }", "line 2 column 2 of the file"),
        ("/a.json", "{\"s\": {\"a\": 1, \"a\": 2}}", "set: { s.a: 4 }", "line 1 column 16 of the file"),
        ("/a.yaml", "s:\n  a: 1\n  a: 2\n", "set: { s.a: 4 }", "line 3 column 3 of the file"),
        ("/a.yaml", "a: {x: 1}\nb: 1\na: {x: 2}\n", "unset: [a.x]", "line 3 column 1 of the file"),
    ] {
        let scene = Scene::with_plan(&format!("version: 1\nsteps:\n  - edit: {{ path: {path}, {fields} }}\n"));
        let ran = scene.file(path, content).apply().code(1);
        ran.stderr_has(&format!("error: cannot edit `{path}`: the key stands twice")).stderr_has(place);
        assert_eq!(scene.read(path), content, "{fields}");
    }
    assert_eq!(edited("/a.yaml", "a: 1\nb: 1\na: 2\n", "unset: [a]"), "b: 1\n");
}
