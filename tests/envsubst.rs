//! `engine: envsubst`: the same bytes as GNU envsubst in what both know, the shell's forms beyond, and nginx's templates as its
//! own script renders them.

use std::fmt::Write as _;
use std::process::Command;

use crate::harness::{Scene, skip};

const VARIABLES: [(&str, &str); 6] =
    [("A", "one"), ("B", "two words"), ("LONG_NAME1", "x$A${B}\\"), ("_U", ""), ("E", "é\u{1f600}"), ("Q", "'\"`")];

/// Random text out of what means something to envsubst, always the same for a seed.
fn random_text(seed: &mut u64, length: usize) -> String {
    const PIECES: [&str; 26] = [
        "$",
        "{",
        "}",
        "A",
        "B",
        "LONG_NAME1",
        "_U",
        "E",
        "NOPE",
        "$A",
        "${B}",
        "${NOPE}",
        "${A",
        "$$",
        "${}",
        "\\",
        " ",
        "\n",
        "1",
        "$1",
        "${A:-x}",
        "é",
        "#",
        "$LONG_NAME1x",
        "${LONG_NAME1}x",
        "'",
    ];
    let mut text = String::new();
    for _ in 0..length {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        text.push_str(PIECES[usize::try_from(*seed % PIECES.len() as u64).unwrap()]);
    }
    text
}

#[test]
fn random_texts_come_out_as_from_gnu_envsubst() {
    let test = "random_texts_come_out_as_from_gnu_envsubst";
    let seed = std::env::var("FITOUT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_121_u64);
    eprintln!("FITOUT_SEED={seed}");
    let mut state = seed;
    // One file holds many texts, as one process for each would take minutes.
    for (variables, format) in [(None, None), (Some("[A, LONG_NAME1]"), Some("$A ${LONG_NAME1}"))] {
        let mut whole = String::new();
        for _ in 0..4000 {
            let _ = writeln!(whole, "{}\u{1}", random_text(&mut state, 12));
        }
        let fields = variables.map(|names| format!(", variables: {names}")).unwrap_or_default();
        let scene = Scene::with_plan(&format!(
            "version: 1
inputs: {{ env: {{ A: {{}}, B: {{}}, LONG_NAME1: {{}}, _U: {{ required: false }}, E: {{}}, Q: {{}} }} }}
steps:
  - render: {{ source: /t, path: /out, engine: envsubst, forms: gnu, unknown: empty{fields} }}
"
        ));
        scene.file("t", &whole);
        for (name, value) in VARIABLES {
            scene.env(name, value);
        }
        scene.apply().code(0);
        let mut command = Command::new("envsubst");
        command.args(format).env_clear().env("PATH", std::env::var_os("PATH").unwrap()).envs(VARIABLES);
        let Ok(gnu) = command.stdin(std::fs::File::open(scene.path("t")).unwrap()).output() else {
            return skip(test, "envsubst of gettext-base");
        };
        let (ours, theirs) = (scene.read("out"), String::from_utf8(gnu.stdout).unwrap());
        for ((ours, theirs), text) in ours.split('\u{1}').zip(theirs.split('\u{1}')).zip(whole.split('\u{1}')) {
            assert_eq!(ours, theirs, "of {text:?} with {format:?}");
        }
        assert_eq!(ours, theirs);
    }
}

#[test]
fn the_forms_of_the_shell() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { SET: { default: a.tar.gz }, UNSET: { required: false }, P: { default: \"*.gz\" } } }
steps:
  - render: { source: /t, path: /out, engine: envsubst }
",
    );
    for (text, wanted) in [
        ("$SET ${SET} $SETx", None),
        ("$SET-${SET}", Some("a.tar.gz-a.tar.gz")),
        ("${UNSET:-default} ${UNSET-d}", Some("default d")),
        ("${UNSET:-${SET:-x}} ${SET:-y}", Some("a.tar.gz a.tar.gz")),
        ("${UNSET:=made} ${UNSET}", Some("made made")),
        ("${SET:+yes} ${UNSET:+no}|", Some("yes |")),
        ("${#SET}", Some("8")),
        ("${SET#*.} ${SET##*.} ${SET%.*} ${SET%%.*}", Some("tar.gz gz a.tar a")),
        ("$$ $1 ${1} $", Some("$$ $1 ${1} $")),
        ("no variables\n", Some("no variables\n")),
    ] {
        scene.file("t", text);
        let ran = scene.apply();
        match wanted {
            Some(wanted) => {
                assert_eq!(ran.code, 0, "{text}: {}", ran.stderr);
                assert_eq!(scene.read("out"), wanted, "{text}");
            }
            None => assert_eq!(ran.code, 4, "{text}: {}", ran.stderr),
        }
    }
}

#[test]
fn names_that_are_unknown_are_errors_or_kept_or_empty() {
    for (fields, code, wanted) in [
        ("", 4, ""),
        (", unknown: keep", 0, "v $NOPE ${NOPE} $host"),
        (", unknown: empty", 0, "v   "),
        (", variables: [A]", 0, "v $NOPE ${NOPE} $host"),
        (", variables: \"^[A-Z]$\"", 0, "v $NOPE ${NOPE} $host"),
    ] {
        let scene = Scene::with_plan(&format!(
            "version: 1\ninputs: {{ env: {{ A: {{ default: v }} }} }}\nsteps:\n  - render: {{ source: /t, path: /out, engine: envsubst{fields} }}\n"
        ));
        scene.file("t", "$A $NOPE ${NOPE} $host");
        let ran = scene.apply().code(code);
        if code == 0 {
            assert_eq!(scene.read("out"), wanted, "{fields}");
            scene.run(&["check", "plan.yaml"]).code(0);
        } else {
            ran.stderr_has("error: cannot render the template: unknown name `NOPE`\n  --> /t:1:4");
            scene
                .run(&["check", "plan.yaml"])
                .code(3)
                .stderr_has("error: unknown name `NOPE`\n  --> /t:1:5")
                .stderr_has("error: unknown name `host`\n  --> /t:1:19");
            assert!(!scene.exists("out"));
        }
    }
}

#[test]
fn every_error_of_envsubst_has_its_place() {
    for (text, code, message) in [
        ("ok\n${A:?why}", 4, "error: cannot render the template: "),
        ("x ${A:-y", 3, "error: cannot parse the template: `${` is not closed"),
        ("${A:-${A:-x}", 3, "error: cannot parse the template: `${` is not closed"),
    ] {
        let scene = Scene::with_plan(
            "version: 1\ninputs: { env: { A: { required: false } } }\nsteps:\n  - render: { source: /t, path: /out, engine: envsubst }\n",
        );
        scene.file("t", text);
        scene.apply().code(code).stderr_has(message).stderr_has("  --> /t:");
        assert!(!scene.exists("out"), "{text}");
    }
    for (fields, message) in [
        ("engine: envsubst, partials: /p", "error: `partials` have no meaning for envsubst"),
        ("variables: [A]", "error: `variables` have no meaning for Handlebars"),
        ("engine: envsubst, variables: \"(\"", "error: not a regular expression"),
    ] {
        let plan = format!("version: 1\nsteps:\n  - render: {{ text: x, path: /a, {fields} }}\n");
        Scene::with_plan(&plan).run(&["check", "plan.yaml"]).code(3).stderr_has(message);
    }
}

#[test]
fn values_can_be_escaped_and_secrets_are_masked() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { PW: { secret: true } } }
steps:
  - render: { text: \"{\\\"pw\\\": \\\"$PW\\\"}\", path: /a.json, engine: envsubst, escape: json }
",
    );
    scene.env("PW", "a\"b$PW");
    scene.run(&["show", "plan.yaml"]).code(10).lacks("a\"b").lacks("a\\\"b");
    scene.apply().code(0);
    assert_eq!(scene.read("a.json"), "{\"pw\": \"a\\\"b$PW\"}");
    assert!(scene.stat("a.json").ends_with(" 0600"));
}

/// What the script `20-envsubst-on-templates.sh` of the nginx image does, in its own words.
const NGINX_SCRIPT: &str = r#"
defined_envs=$(printf '${%s} ' $(awk "END { for (name in ENVIRON) { print ( name ~ /${NGINX_ENVSUBST_FILTER:-}/ ) ? name : \"\" } }" < /dev/null ))
find templates -follow -type f -name "*.template" -print | while read -r template; do
  relative_path="${template#templates/}"
  output_path="conf.d/${relative_path%.template}"
  subdir=$(dirname "$relative_path")
  mkdir -p "conf.d/$subdir"
  envsubst "$defined_envs" < "$template" > "$output_path"
done
"#;

#[test]
fn the_templates_of_nginx_are_rendered_as_by_its_script() {
    let test = "the_templates_of_nginx_are_rendered_as_by_its_script";
    for filter in ["", "^NGINX_"] {
        let scene = Scene::with_plan(
            "version: 1
inputs: { env: { \"*\": {}, NGINX_ENVSUBST_FILTER: { required: false } } }
steps:
  - render:
      source: /templates
      path: /out
      engine: envsubst
      forms: gnu
      unknown: keep
      variables: \"{{default env.NGINX_ENVSUBST_FILTER ''}}\"
      strip_suffix: .template
      include: [\"*.template\"]
",
        );
        scene.env("NGINX_HOST", "example.org").env("NGINX_PORT", "8080").env("OTHER", "o").env("EMPTY", "");
        scene.env("NGINX_ENVSUBST_FILTER", filter);
        scene
            .file("templates/default.conf.template", "server {\n  listen ${NGINX_PORT};\n  server_name $NGINX_HOST $OTHER;\n  proxy_set_header Host $host;\n  a ${EMPTY} ${NGINX_NOPE:-x} $NOPE;\n}\n")
            .file("templates/sub/deep/x.conf.template", "$NGINX_HOST\n")
            .file("templates/notes.txt", "$NGINX_HOST")
            .directory("templates/empty")
            .file("script", NGINX_SCRIPT);
        let ran = Command::new("sh")
            .arg("script")
            .current_dir(&scene.directory)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .envs([("NGINX_HOST", "example.org"), ("NGINX_PORT", "8080"), ("OTHER", "o"), ("EMPTY", "")])
            .env("NGINX_ENVSUBST_FILTER", filter)
            .output()
            .unwrap();
        if !ran.status.success() || !scene.exists("conf.d/default.conf") {
            return skip(test, "sh, awk, find and envsubst");
        }
        scene.apply().code(0).stderr_has("2 of 2 files written");
        for file in ["default.conf", "sub/deep/x.conf"] {
            assert_eq!(scene.read(&format!("out/{file}")), scene.read(&format!("conf.d/{file}")), "{filter} {file}");
        }
        assert_eq!(scene.names("out"), scene.names("conf.d"));
        scene.apply().code(0).stderr_has("unchanged");
    }
}

#[test]
fn a_value_that_cannot_be_escaped_is_told_at_its_place() {
    let scene = Scene::with_plan(
        "version: 1
inputs: { env: { A: { default: x }, B: { default: y } } }
steps:
  - render: { source: /t, path: /out, engine: envsubst, escape: json }
",
    );
    scene.file("t", "{\n  \"a\": \"$A\",\n  \"b\": 1${B}\n}\n");
    scene.apply().code(4).stderr_has("error: cannot render the template: ").stderr_has("  --> /t:3:9");
}
