//! Formats, paths, URLs, versions, units and times.

use serde_json::{Value, json};

use super::super::yaml;
use super::{assert_errors, assert_results};

#[test]
fn formats_quote_what_would_be_read_as_something_else() {
    assert_results(&[
        (
            "yaml (list \"no\" \"1\" \"1e3\" \"a: b\" \"- a\" \"\" \" a\" \"a #b\" \"~\" \"null\" \"a b\" \"/etc/x\" \"0x1f\" \"2026-01-02\" \"*a\" \"a\\nb\")",
            "- \"no\"\n- \"1\"\n- \"1e3\"\n- \"a: b\"\n- \"- a\"\n- \"\"\n- \" a\"\n- \"a #b\"\n- \"~\"\n- \"null\"\n- a b\n- /etc/x\n- \"0x1f\"\n- \"2026-01-02\"\n- \"*a\"\n- \"a\\nb\"",
        ),
        (
            "yaml (object a=(list (object b=1 c=2) (list 1 2)) d=(object) e=(list) f=null)",
            "a:\n  - b: 1\n    c: 2\n  - - 1\n    - 2\nd: {}\ne: []\nf: null",
        ),
        ("yaml 1E300", "1.0e+300"),
        ("yaml \"x\"", "x"),
        (
            "toml (object a=1 t=(object u=(object v=\"x\") w=(list 1 \"y\")) r=(list (object n=1) (object n=2)))",
            "a = 1\n\n[[r]]\nn = 1\n\n[[r]]\nn = 2\n\n[t]\nw = [1, \"y\"]\n\n[t.u]\nv = \"x\"",
        ),
        ("toml (list (object a=1) 2)", "[{ a = 1 }, 2]"),
        ("toml (object \"a b\" 1)", "\"a b\" = 1"),
        ("url_encode \"ä&=\"", "%C3%A4%26%3D"),
        ("url_decode \"%c3%A4\"", "ä"),
        ("base64 (repeat \"a\" 4)", "YWFhYQ=="),
    ]);
    assert_errors(&[
        ("base64_decode \"%%\"", "`base64_decode`: parameter 1 is not Base64"),
        ("base64_decode \"/w==\"", "`base64_decode`: the result is not UTF-8 text"),
        ("url_decode \"%f\"", "`url_decode`: parameter 1 is not percent-encoded"),
        ("json_parse \"{\"", "`json_parse`: parameter 1 is not valid JSON, at line 1 column 1"),
    ]);
}

#[test]
fn yaml_comes_back_as_it_was() {
    let hostile: String =
        (0..=0x2ff).filter_map(char::from_u32).chain(['\u{2028}', '\u{feff}', '\u{10ffff}']).collect();
    let value =
        json!({ hostile.as_str(): [hostile.as_str(), {"yes": "no", "x": [[], {}, [null, 1.5, -3]]}], "é": 1e30 });
    let read: Value = serde_saphyr::from_str(&yaml::write(&value)).unwrap();
    assert_eq!(read, value);
}

#[test]
fn paths_urls_versions_units_and_times() {
    assert_results(&[
        ("basename \"/\"", "/"),
        ("basename \"a/b/\"", "b"),
        ("dirname \"a\"", "."),
        ("dirname \"/a\"", "/"),
        ("dirname \"/a/b/\"", "/a"),
        ("extension \".bashrc\"", ""),
        ("clean_path \"../a/../../b\"", "../../b"),
        ("clean_path \"/../a\"", "/a"),
        ("clean_path \"\"", "."),
        ("url_host \"redis://[::1]:6379/0\"", "::1"),
        ("url_port \"redis://[::1]:6379/0\"", "6379"),
        ("url_password \"a://u:p:@q@h/\"", "p:@q"),
        ("type_of (url_user \"http://h\")", "null"),
        ("url_path \"http://h\"", ""),
        ("url_query \"http://h?a=1&b=x+y%2F\" \"b\"", "x y/"),
        ("type_of (url_query \"http://h\" \"b\")", "null"),
        ("url_path \"sqlite:///data/app.db\"", "/data/app.db"),
        ("semver \"1.2.3-rc.1\" \">=1.2\"", "false"),
        ("semver \"1.2.3-rc.2\" \">=1.2.3-rc.1\"", "true"),
        ("semver \"1.2.9\" \"1.2\"", "true"),
        ("semver \"1.3.0\" \">1.2\"", "true"),
        ("semver \"1.2.9\" \">1.2\"", "false"),
        ("semver \"1.2.9\" \"<=1.2\"", "true"),
        ("semver \"0.0.4\" \"^0.0.3\"", "false"),
        ("semver \"0.9.0\" \"^0\"", "true"),
        ("semver \"1.9.0\" \"^1.2\"", "true"),
        ("semver \"1.3.0\" \"~1.2.3\"", "false"),
        ("semver \"1.9.0\" \"~1\"", "true"),
        ("semver \"1.2.3+build.01\" \"=1.2.3, !=1.2.4\"", "true"),
        ("semver_compare \"1.0.0-alpha.1\" \"1.0.0-alpha.beta\"", "-1"),
        ("semver_compare \"1.0.0-rc\" \"1.0.0\"", "-1"),
        ("semver_compare \"1.0\" \"v1.0.0\"", "0"),
        ("seconds \"1500ms\"", "1.5"),
        ("bytes \"1k\"", "1000"),
        ("bytes \"12\"", "12"),
        ("bytes \"2GiB\"", "2147483648"),
        ("human_bytes 1023", "1023 B"),
        ("human_bytes 1048575", "1 MiB"),
        ("human_bytes 18446744073709551615", "16 EiB"),
        ("date 951782400 \"%F %j %b\"", "2000-02-29 060 Feb"),
        ("date -1 \"%F %T\"", "1969-12-31 23:59:59"),
        ("unix \"2000-02-29T00:00:00.5-00:30\"", "951784200"),
    ]);
    assert_errors(&[
        (
            "url_host \"localhost:80\"",
            "`url_host`: parameter 1 is not a URL with one host: SCHEME://USER:PASSWORD@HOST:PORT/PATH",
        ),
        (
            "url_host \"a://b,c/\"",
            "`url_host`: parameter 1 is not a URL with one host: SCHEME://USER:PASSWORD@HOST:PORT/PATH",
        ),
        ("url_password \"a://u:%zz@h\"", "`url_password`: the password is not percent-encoded"),
        ("semver \"1.02.3\" \"1\"", "`semver`: parameter 1 is not a version such as `1.2.3`"),
        ("semver \">1\" \"1.2.3\"", "`semver`: parameter 1 is not a version such as `1.2.3`"),
        ("semver \"1.2.3\" \">> 1\"", "`semver`: parameter 2 is not a range such as `>=1.2, <2`"),
        ("seconds \"5\"", "`seconds`: parameter 1 is not a duration with a unit, such as `30s`"),
        ("bytes \"5Q\"", "`bytes`: parameter 1 is not a size, such as `512Mi`"),
        ("date 0 \"%\"", "`date`: the format has a `%` that means nothing"),
        ("date 999999999999999 \"%F\"", "`date`: the time is not in the years 0 to 9999"),
        ("unix \"2026-02-30T00:00:00Z\"", "`unix`: parameter 1 is not a time such as `2026-01-02T03:04:05Z`"),
    ]);
}
