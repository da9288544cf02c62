//! Numbers and booleans stay what they are in formats that know them, and texts that look like them stay texts.

use serde_json::{Value, json};

use super::reader::documents;
use crate::harness::Scene;

const PLAN: &str = "version: 1
inputs:
  env:
    PORT: { type: integer }
    RATE: { type: number }
    TLS: { type: boolean }
    TEXT: {}
  values: { v: { file: /v.json } }
steps:
  - render: { source: /t.hbs, path: /out.SUFFIX }
";

fn values() -> Value {
    json!({
        "typed": [0, 8080, -3, 1.5, -0.25, 1e300, 9_007_199_254_740_993_i64, i64::MIN, true, false],
        "texts": ["0", "8080", "-3", "1.5", "1e300", "true", "false", "null", "~", "yes", "0x1f", "0o7", "1_000", "nan", "inf", "",
                  "2001-12-14", "12:30", "-", "[]", "{}", "+1", ".5"],
    })
}

#[test]
fn numbers_stay_numbers_and_texts_stay_texts() {
    let test = "numbers_stay_numbers_and_texts_stay_texts";
    for (suffix, script, template) in [
        (
            "json",
            "read_json.py",
            "{\"env\": [{{env.PORT}}, {{env.RATE}}, {{env.TLS}}, {{env.TEXT}}, \"{{env.PORT}}\"],\n\"typed\": [TYPED],\n\"texts\": [TEXTS]}",
        ),
        (
            "yaml",
            "read_yaml.py",
            "env: [{{env.PORT}}, {{env.RATE}}, {{env.TLS}}, {{env.TEXT}}, \"{{env.PORT}}\"]\ntyped: [TYPED]\ntexts: [TEXTS]\n",
        ),
        (
            "toml",
            "read_toml.py",
            "env = [{{env.PORT}}, {{env.RATE}}, {{env.TLS}}, {{env.TEXT}}, '{{env.PORT}}']\ntyped = [TYPED]\ntexts = [TEXTS]\n",
        ),
    ] {
        let item = |list: &str| {
            format!("{{{{#each values.v.{list}}}}}{{{{#unless @first}}}}, {{{{/unless}}}}{{{{this}}}}{{{{/each}}}}")
        };
        let scene = Scene::with_plan(&PLAN.replace("SUFFIX", suffix));
        scene.file("t.hbs", template.replace("TYPED", &item("typed")).replace("TEXTS", &item("texts")));
        scene.file("v.json", values().to_string());
        scene.env("PORT", "8080").env("RATE", "0.5").env("TLS", "true").env("TEXT", "8080");
        scene.apply().code(0);
        let path = scene.path(&format!("out.{suffix}"));
        let Some(documents) = documents(test, script, &[path.to_str().unwrap().to_owned()]) else { return };
        let read = &documents[0];
        assert_eq!(read["env"], json!([8080, 0.5, true, "8080", "8080"]), "{suffix}");
        assert_eq!(read["typed"], values()["typed"], "{suffix}");
        assert_eq!(read["texts"], values()["texts"], "{suffix}");
    }
}
