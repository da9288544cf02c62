//! The `sed` commands of official images' start-up scripts, and the `edit` that takes the place of each: the same result on
//! a fresh file, and nothing changed by a second run.

use std::process::Command;

use crate::harness::{Scene, skip};

struct Row {
    name: &'static str,
    file: &'static str,
    content: &'static str,
    /// What the script does with `$F`, in the shell.
    script: &'static str,
    /// The fields of the `edit` step, and its verb's environment.
    edit: &'static str,
}

const ROWS: &[Row] = &[
    Row {
        name: "nginx listens on IPv6",
        file: "default.conf",
        content: "server {\n    listen       80;\n    server_name  localhost;\n}\n",
        script: r"sed -i -E 's,listen       80;,listen       80;\n    listen  [::]:80;,' $F",
        edit: r#"replace: { literal: "listen       80;", with: "listen       80;\n    listen  [::]:80;", must_match: true }"#,
    },
    Row {
        name: "nginx worker processes",
        file: "nginx.conf",
        content: "user  nginx;\nworker_processes  auto;\n\nerror_log  /var/log/nginx/error.log notice;\n",
        script: r"sed -i -r 's/^(worker_processes)(.*)$/# Commented out by tune\n#\1\2\n\1 4;/' $F",
        edit: r##"replace: { regex: "^(worker_processes)(.*)$", with: ["# Commented out by tune\n#", { group: 1 }, { group: 2 }, "\n", { group: 1 }, " 4;"], unless: "^# Commented out by tune", must_match: true }"##,
    },
    Row {
        name: "cassandra seeds",
        file: "cassandra.yaml",
        content: "cluster_name: 'Test Cluster'\nseed_provider:\n    # Addresses of hosts\n    - class_name: org.apache.cassandra.locator.SimpleSeedProvider\n      parameters:\n          # seeds is actually a comma-delimited list of addresses.\n          - seeds: \"127.0.0.1:7000\"\n\nlisten_address: localhost\n",
        script: r#"sed -ri 's/(- seeds:).*/\1 "10.0.0.1,10.0.0.2"/' $F"#,
        edit: r#"set: { "seed_provider[0].parameters[0].seeds": "10.0.0.1,10.0.0.2" }"#,
    },
    Row {
        name: "cassandra key that is commented out",
        file: "cassandra.yaml",
        content: "cluster_name: 'Test Cluster'\n# broadcast_address: 1.2.3.4\nlisten_address: localhost\n",
        script: r"sed -ri 's/^(# )?(broadcast_address:).*/\2 10.0.0.7/; s/^(# )?(listen_address:).*/\2 10.0.0.7/' $F",
        edit: r#"format: text, replace: [{ regex: "^(# )?(broadcast_address:).*", with: [{ group: 2 }, " 10.0.0.7"] }, { regex: "^(# )?(listen_address:).*", with: [{ group: 2 }, " 10.0.0.7"] }]"#,
    },
    Row {
        name: "zoo.cfg",
        file: "zoo.cfg",
        content: "dataDir=/data\ntickTime=2000\n",
        script: r"sed -i 's/^tickTime=.*/tickTime=3000/' $F; echo 'server.1=zoo1:2888:3888;2181' >> $F",
        edit: r#"line: [{ text: "tickTime=3000", matches: "^tickTime=" }, { text: "server.1=zoo1:2888:3888;2181" }]"#,
    },
    Row {
        name: "pg_hba.conf",
        file: "pg_hba.conf",
        content: "# TYPE  DATABASE        USER            ADDRESS                 METHOD\nlocal   all             all                                     trust\n",
        script: r"printf 'host all all all %s\n' scram-sha-256 >> $F",
        edit: r#"line: { text: "host all all all scram-sha-256" }"#,
    },
    Row {
        name: "phpmyadmin port",
        file: "ports.conf",
        content: "# comment\nListen 80\n\n<IfModule ssl_module>\n\tListen 443\n</IfModule>\n",
        script: r#"sed -i "/Listen 80/c\Listen 8080" $F"#,
        edit: r#"line: { text: "Listen 8080", matches: "^Listen 80$" }"#,
    },
    Row {
        name: "kafka listeners",
        file: "server.properties",
        content: "# The address\n#advertised.listeners=PLAINTEXT://your.host.name:9092\nlisteners=PLAINTEXT://:9092\nnum.partitions=1\n",
        script: r"sed -i 's|^#\?advertised.listeners=.*|advertised.listeners=PLAINTEXT://kafka-0:9092|; s|^listeners=.*|listeners=PLAINTEXT://0.0.0.0:9092|' $F",
        edit: r#"format: text, line: [{ text: "advertised.listeners=PLAINTEXT://kafka-0:9092", matches: "^#?advertised\\.listeners=" }, { text: "listeners=PLAINTEXT://0.0.0.0:9092", matches: "^listeners=" }]"#,
    },
    Row {
        name: "kafka host in every URL",
        file: "server.properties",
        content: "listeners=PLAINTEXT://kafka-0:9092,SSL://kafka-0:9093\n",
        script: r"sed -i -e 's|://[^:]*:|://0.0.0.0:|g' $F",
        edit: r#"format: text, replace: { regex: "://[^:]*:", with: "://0.0.0.0:" }"#,
    },
    Row {
        name: "wordpress salts",
        file: "wp-config.php",
        content: "define( 'AUTH_KEY',  'put your unique phrase here' );\ndefine( 'AUTH_SALT', 'put your unique phrase here' );\n",
        script: r"sed -i '0,/put your unique phrase here/s//a\&b/' $F; sed -i '0,/put your unique phrase here/s//c\\1d/' $F",
        edit: r#"replace: [{ literal: "put your unique phrase here", with: "a&b", count: 1 }, { literal: "put your unique phrase here", with: "c\\1d", count: 1 }]"#,
    },
    Row {
        name: "a placeholder of a static page",
        file: "main.js",
        content: "const api=\"__API_URL__\";fetch(\"__API_URL__/v1\")",
        script: r"sed -i 's^__API_URL__^https://api.example/x^g' $F",
        edit: r#"replace: { literal: __API_URL__, with: "https://api.example/x" }"#,
    },
    Row {
        name: "Windows line ends stay",
        file: "app.cfg",
        content: "a=1\r\nb=2\r\n",
        script: "sed -i 's/^b=2/b=3/' $F",
        edit: r#"replace: { regex: "^b=.*$", with: "b=3" }"#,
    },
];

#[test]
fn edits_do_what_sed_does_and_stop_there() {
    for row in ROWS {
        let scene =
            Scene::with_plan(&format!("version: 1\nsteps:\n  - edit: {{ path: /{}, {} }}\n", row.file, row.edit));
        scene.file(row.file, row.content).file("by-sed", row.content).mode(row.file, 0o640);
        let ran = Command::new("sh").args(["-c", row.script]).env("F", scene.path("by-sed")).output();
        let Ok(ran) = ran else { return skip("edits_do_what_sed_does_and_stop_there", "sh and sed") };
        assert!(ran.status.success(), "{}: {}", row.name, String::from_utf8_lossy(&ran.stderr));
        scene.apply().code(0).stderr_has("changed");
        assert_eq!(scene.read(row.file), scene.read("by-sed"), "{}", row.name);
        assert!(scene.stat(row.file).ends_with(" 0640"), "{}", row.name);
        for _ in 0..10 {
            let before = scene.identity(row.file);
            scene.apply().code(0).stderr_has("step 1 `edit`: unchanged");
            assert_eq!(scene.identity(row.file), before, "{}", row.name);
        }
    }
}

#[test]
fn no_value_is_replacement_syntax() {
    for hostile in ["&", "\\1", "$1", "${1}", "a/b", "a|b#c", "\\n", "'\"`", "%s", "[x]*", "é\u{1f600}"] {
        let plan = "version: 1
inputs: { env: { V: {} } }
steps:
  - edit: { path: /a.conf, replace: { literal: PLACE, with: \"{{env.V}}\" } }
  - edit: { path: /b.conf, replace: { regex: \"^(k)=.*$\", with: [{ group: 1 }, \"={{env.V}}\"] } }
";
        let scene = Scene::with_plan(plan);
        scene.file("a.conf", "x=PLACE\n").file("b.conf", "k=old\n").env("V", hostile);
        scene.apply().code(0);
        assert_eq!(scene.read("a.conf"), format!("x={hostile}\n"));
        assert_eq!(scene.read("b.conf"), format!("k={hostile}\n"));
        scene.apply().code(0).stderr_has("step 1 `edit`: unchanged").stderr_has("step 2 `edit`: unchanged");
    }
}
