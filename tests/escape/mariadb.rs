//! SQL of `MySQL`, read by `MariaDB`. It runs without a network: its bootstrap mode takes statements from its input.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::place::{Format, Language, Place, Read};
use super::sql::{block_comment, has_nul, line_comment, unhex};
use super::trial::hold;
use crate::harness::{Scene, skip};

const PROGRAM: &str = "/usr/sbin/mariadbd";

/// Stands behind each statement. No value holds it.
const NEXT: &str = "\n~~~ next statement ~~~\n";

/// Bootstrap mode takes no longer statements.
fn is_long(value: &str) -> bool {
    value.len() > 5000
}

/// What the statements of each file put into the table `read`. They are handed over as hexadecimal digits, so that nothing but the
/// server's own parser looks into them.
fn read(scene: &Scene, files: &[String]) -> Read {
    let output = scene.path("read");
    let mut input = String::from("CREATE DATABASE d;\nUSE d;\nSET NAMES utf8mb4;\n");
    for (index, file) in files.iter().enumerate() {
        input += "CREATE TABLE `read` (n int AUTO_INCREMENT PRIMARY KEY, v longtext CHARACTER SET utf8mb4);\n";
        for statement in scene.read(file).split_terminator(NEXT) {
            let digits: String = statement.bytes().map(|byte| format!("{byte:02x}")).collect();
            input += &format!("EXECUTE IMMEDIATE CONVERT(0x{digits} USING utf8mb4);\n");
        }
        let output = output.display();
        input += &format!("SELECT HEX(v) FROM `read` ORDER BY n INTO OUTFILE '{output}{index}';\nDROP TABLE `read`;\n");
    }
    scene.directory("data");
    let mut server = Command::new(PROGRAM)
        .args(["--no-defaults", "--bootstrap", "--skip-innodb", "--default-storage-engine=Aria", "--secure-file-priv="])
        .args(nix::unistd::geteuid().is_root().then_some("--user=root"))
        .arg(format!("--datadir={}", scene.path("data").display()))
        .current_dir(&scene.directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = server.stdin.take().unwrap();
    let written = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let result = server.wait_with_output().unwrap();
    // A server that has found an error reads no further.
    _ = written.join().unwrap();
    let error = || String::from_utf8_lossy(&result.stderr).into_owned();
    let text = |index: usize| std::fs::read_to_string(format!("{}{index}", output.display())).map_err(|_| error());
    (0..files.len()).map(|index| text(index).and_then(|text| unhex(&text))).collect()
}

#[test]
fn every_value_comes_back_from_mariadb() {
    if !Path::new(PROGRAM).exists() {
        return skip("every_value_comes_back_from_mariadb", "MariaDB");
    }
    let places = [
        ("('{{this}}')", "{{this}}"),
        ("({{this}})", "{{this}}"),
        ("(\"{{this}}\")", "{{this}}"),
        ("(CONCAT({{this}}, '{{this}}', \"{{this}}\"))", "{{this}}{{this}}{{this}}"),
        ("('http://{{this}}:{{this}}/x')", "http://{{this}}:{{this}}/x"),
        ("('it''s \\'{{this}}\\n')", "it's '{{this}}\n"),
        ("('x') # {{this}}", "x"),
        ("('x') -- {{this}}", "x"),
        ("('x' /* {{this}} */)", "x"),
    ];
    let place = |(value, wanted): (&str, &'static str)| {
        let item: &'static str = format!("INSERT INTO `read` (v) VALUES {value}{NEXT}").leak();
        let may_refuse = match value {
            value if value.contains("/*") => block_comment,
            value if value.starts_with("('x')") => line_comment,
            _ => has_nul,
        };
        Place::new("", item, "").wanted(wanted).refuses(may_refuse).leaves_out(is_long)
    };
    let places = places.into_iter().map(place).collect();
    hold(&Format { language: Language { name: "mysql", file: None }, places, read: Box::new(read) });
}
