//! A value changes nothing but itself: what is read is what was read with a harmless value, apart from that value.

use serde_json::{Value, json};

use super::nginx::answers;
use super::reader::documents;
use crate::harness::Scene;
use crate::postgres::Server;

const HARMLESS: &str = "harmless";

/// What breaks out of its place where nothing is escaped, in one format or another.
const PAYLOADS: [&str; 30] = [
    "x\", \"admin\": true, \"y\": \"",
    "x\"}, {\"admin\": true",
    "x\nadmin: true",
    "x\n    admin: true",
    "x, admin: true",
    "x}, {admin: true}",
    "x', admin: true, y: '",
    "&a [*a, *a]",
    "!!python/object/apply:os.system [id]",
    "x\"\nadmin = true\n[other]\ny = \"",
    "x'''\nadmin = true",
    "x\n[other]\nadmin = true",
    "x\\\nadmin = true",
    "x\r\nadmin=true",
    "x\nK1=owned",
    "x'\nK1=owned #",
    "$(touch owned)",
    "`touch owned`",
    "x; touch owned",
    "x\"; touch owned; \"",
    "x'; touch owned; '",
    "x\nEOF\ntouch owned\n",
    "</v><admin/><v>",
    "\"><admin/><v a=\"",
    "]]><admin/><![CDATA[",
    "&xxe;",
    "\"; } location = /1 { return 200 owned; } #",
    "'; DROP TABLE users; --",
    "\\'; DROP TABLE users; --",
    "x'); DROP TABLE users; SELECT ('",
];

/// Renders the template, in which `@` is the value, with the harmless value and with each payload that is not refused. Returns
/// the scene, the values and the files.
fn render(format: &str, template: &str) -> (Scene, Vec<&'static str>, Vec<String>) {
    let scene = Scene::new();
    scene.file("t.hbs", template.replace('@', "{{values.v.[0]}}"));
    let (mut values, mut files) = (Vec::new(), Vec::new());
    for (index, value) in [HARMLESS].into_iter().chain(PAYLOADS).enumerate() {
        let path = format!("/out{index}");
        scene.file("v.json", json!([value]).to_string()).file(
            "plan.yaml",
            format!("version: 1\ninputs: {{ values: {{ v: {{ file: /v.json }} }} }}\nsteps:\n  - render: {{ source: /t.hbs, path: {path}, escape: {format} }}\n"),
        );
        let ran = scene.apply();
        if ran.code == 0 {
            values.push(value);
            files.push(path);
        } else {
            assert_eq!(ran.code, 4, "{format}: {value:?}: {}", ran.stderr);
        }
    }
    assert!(values.len() >= 10, "{format}: only {values:?} are taken");
    (scene, values, files)
}

fn replaced(document: &Value, value: &str) -> Value {
    match document {
        Value::String(text) => Value::String(text.replace(HARMLESS, value)),
        Value::Array(list) => list.iter().map(|item| replaced(item, value)).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, item)| (key.replace(HARMLESS, value), replaced(item, value))).collect()
        }
        other => other.clone(),
    }
}

/// Holds what was read for each value against what was read for the harmless one.
fn hold(format: &str, values: &[&str], documents: &[Value]) {
    assert_eq!(values.len(), documents.len());
    let (harmless, others) = documents.split_first().unwrap();
    assert!(harmless.get("error").is_none() && harmless.to_string().contains(HARMLESS), "{format}: {harmless}");
    for (value, document) in values[1..].iter().zip(others) {
        assert_eq!(*document, replaced(harmless, value), "{format}: {value:?}");
    }
}

#[test]
fn a_value_changes_nothing_but_itself() {
    let test = "a_value_changes_nothing_but_itself";
    for (format, script, template) in [
        ("json", "read_json.py", "{\"user\": {\"name\": \"@\", \"admin\": false}, \"list\": [1, @, null], @: 2}\n"),
        ("yaml", "read_yaml.py", "user:\n  name: @\n  q: \"@\"\n  s: '@'\n  admin: false\nlist: [@, 2]\n@: 3\n"),
        ("yaml", "read_yaml.py", "user:\n  text: |\n    a\n    @\n    b\n  admin: false\n"),
        (
            "toml",
            "read_toml.py",
            "[user]\nname = \"@\"\nl = '@'\nb = @\nm = '''@'''\nadmin = false\n[t.\"@\"]\nx = 1\n",
        ),
        ("ini", "read_ini.py", "[user]\nname = x@\nurl = http://@/\nadmin = false\n[other]\na = b\n"),
        ("properties", "read_properties.py", "user = @\n@ = 1\nadmin = false\n"),
        ("env", "read_env.py", "K0=@\nK1=kept\nK2=\"@\"\nK3='@'\n"),
        ("xml", "read_xml.py", "<r><v a=\"@\" b='@'>@</v><![CDATA[@]]><admin>false</admin></r>\n"),
        ("sh", "read_sh.py", "set -- @ \"@\" '@' a@b\nprintf '%s\\0' \"$@\" end\n"),
        ("sh", "read_sh.py", "cat <<EOT\n@\nEOT\nprintf '\\0end\\0'\n"),
    ] {
        let template = if format == "sh" {
            template.replace("\"$@\"", "\"$1\" \"$2\" \"$3\" \"$4\"")
        } else {
            template.to_owned()
        };
        let (scene, values, files) = render(format, &template);
        let paths: Vec<String> = files.iter().map(|file| scene.path(file).to_str().unwrap().to_owned()).collect();
        let Some(documents) = documents(test, script, &paths) else { return };
        hold(format, &values, &documents);
        assert!(!std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("owned").exists(), "{format}");
    }
}

#[test]
fn a_value_changes_nothing_but_itself_in_nginx() {
    let Some(answers) = answers("a_value_changes_nothing_but_itself_in_nginx") else { return };
    let template =
        "location = /0 { return 200 \"@\"; }\nlocation = /1 { return 200 @; }\nlocation = /2 { return 200 'a@'; }\n";
    let (scene, values, files) = render("nginx", template);
    hold("nginx", &values, &answers(&scene, &files));
}

#[test]
fn a_value_changes_nothing_but_itself_in_postgresql() {
    let Some(server) = Server::start("a_value_changes_nothing_but_itself_in_postgresql") else { return };
    server.wait();
    let template = "CREATE TABLE users (name text, admin bool);
INSERT INTO users VALUES ('@', false), (@, false), (E'@', false), ($a$@$a$, false);
SELECT json_agg(users) FROM users /* @ */;
DROP TABLE users;
";
    let (scene, values, files) = render("sql", template);
    let read = |file: &String| serde_json::from_str(&server.run_file(&scene.path(file)).unwrap()).unwrap();
    hold("sql", &values, &files.iter().map(read).collect::<Vec<Value>>());
}
