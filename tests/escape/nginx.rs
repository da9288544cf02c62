//! nginx, which answers with the values.

use super::place::{Format, Language, Place};
use super::reader::{documents, error_or, texts};
use super::trial::hold;
use crate::harness::{Scene, python, skip};

/// nginx has no escape for `$`, and a word has to fit into its buffer.
fn never(value: &str) -> bool {
    value.contains(['$', '\0']) || value.len() > 2000
}

fn comment(value: &str) -> bool {
    value.contains(['\n', '\0'])
}

/// What would lengthen the name of a variable before it.
fn name(value: &str) -> bool {
    never(value) || value.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
}

const HEAD: &str = "error_log stderr crit; pid pid; daemon off; master_process off; events {}
http {
    access_log off; default_type text/plain; client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp;
    uwsgi_temp_path tmp; scgi_temp_path tmp;
";

fn program() -> Option<&'static str> {
    ["/usr/sbin/nginx", "/usr/bin/nginx"].into_iter().find(|program| std::path::Path::new(program).exists())
}

#[test]
fn every_value_comes_back_from_nginx() {
    let test = "every_value_comes_back_from_nginx";
    let Some(program) = program() else { return skip(test, "nginx") };
    if python(test).is_none() {
        return;
    }
    let read = Box::new(move |scene: &Scene, files: &[String]| {
        let mut configuration = HEAD.to_owned();
        for (index, file) in files.iter().enumerate() {
            let file = scene.path(file);
            configuration += &format!("    server {{ listen unix:{index}.socket; include {}; }}\n", file.display());
        }
        let place = scene.directory.to_str().unwrap();
        configuration = configuration.replace("unix:", &format!("unix:{place}/"));
        scene.directory("tmp").file("nginx.conf", configuration + "}\n");
        let arguments = [program.to_owned(), format!("{place}/"), "nginx.conf".to_owned(), files.len().to_string()];
        let documents = documents(test, "read_nginx.py", &arguments).unwrap();
        documents.iter().map(|document| error_or(document, texts)).collect()
    });
    let item = |item| Place::new("set $u u;\n", item, "").refuses(never);
    let places = vec![
        item("location = /{{{@index}}} { return 200 \"{{this}}\"; }\n"),
        item("location = /{{{@index}}} { return 200 '{{this}}'; }\n"),
        item("location = /{{{@index}}} { return 200 {{this}}; }\n"),
        item("location = /{{{@index}}} { return 200 http://{{this}}:{{this}}/x; }\n")
            .wanted("http://{{this}}:{{this}}/x"),
        item("location = /{{{@index}}} { return 200 \"\\\"{{this}}\\\\{{this}}\"; }\n").wanted("\"{{this}}\\{{this}}"),
        item("location = /{{{@index}}} { return 200 \"{{this}}$u{{this}}\"; }\n")
            .wanted("{{this}}u{{this}}")
            .refuses(name),
        item("location = /{{{@index}}} { return 200 {{this}}${u}{{this}}; }\n").wanted("{{this}}u{{this}}"),
        item("location = /{{{@index}}} { set $v {{this}}; return 200 $v; }\n"),
        item("location = /{{{@index}}} { if ($u != \"u{{this}}x\") { return 200 \"{{this}}\"; } }\n"),
        item("location = /{{{@index}}} { return 200 x; } # {{this}}\n").wanted("x").refuses(comment),
    ];
    hold(&Format { language: Language { name: "nginx", file: Some("nginx.conf") }, places, read });
}
