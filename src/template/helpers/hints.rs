//! What helps who calls a helper that is not there: the name here of what other template tools call otherwise.

use super::table::{entries, entry};
use crate::failure::did_you_mean;

/// Names of gomplate, Sprig, Helm, confd, consul-template and Jinja, and the helper that does the same here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("toUpper", "upper"),
    ("toLower", "lower"),
    ("uppercase", "upper"),
    ("lowercase", "lower"),
    ("capitalize", "title"),
    ("trimSpace", "trim"),
    ("strip", "trim"),
    ("trimAll", "trim"),
    ("trimPrefix", "trim_prefix"),
    ("trimSuffix", "trim_suffix"),
    ("trimLeft", "trim_start"),
    ("trimRight", "trim_end"),
    ("lstrip", "trim_start"),
    ("rstrip", "trim_end"),
    ("replaceAll", "replace"),
    ("splitList", "split"),
    ("splitN", "split"),
    ("strings", "lines"),
    ("substr", "substring"),
    ("trunc", "truncate"),
    ("hasPrefix", "starts_with"),
    ("hasSuffix", "ends_with"),
    ("startsWith", "starts_with"),
    ("endsWith", "ends_with"),
    ("squote", "shell_quote"),
    ("shellQuote", "shell_quote"),
    ("cat", "concatenate"),
    ("print", "concatenate"),
    ("join_all", "join"),
    ("padLeft", "pad_start"),
    ("padRight", "pad_end"),
    ("toString", "concatenate"),
    ("string", "concatenate"),
    ("b64enc", "base64"),
    ("b64dec", "base64_decode"),
    ("base64Encode", "base64"),
    ("base64Decode", "base64_decode"),
    ("base64_encode", "base64"),
    ("toBase64", "base64"),
    ("fromBase64", "base64_decode"),
    ("toJson", "json"),
    ("toJSON", "json"),
    ("toJSONPretty", "json_pretty"),
    ("toPrettyJson", "json_pretty"),
    ("mustToJson", "json"),
    ("fromJson", "json_parse"),
    ("parseJSON", "json_parse"),
    ("jsonArray", "json_parse"),
    ("toYaml", "yaml"),
    ("toYAML", "yaml"),
    ("toToml", "toml"),
    ("toTOML", "toml"),
    ("urlquery", "url_encode"),
    ("urlEncode", "url_encode"),
    ("urlDecode", "url_decode"),
    ("sha256sum", "sha256"),
    ("sha256Hex", "sha256"),
    ("sha512sum", "sha512"),
    ("md5sum", "md5"),
    ("hmac", "hmac_sha256"),
    ("regexMatch", "regex_match"),
    ("regexFind", "regex_find"),
    ("regexFindAll", "regex_find_all"),
    ("regexReplaceAll", "regex_rewrite"),
    ("regexReplaceAllLiteral", "regex_replace"),
    ("replaceRE", "regex_rewrite"),
    ("base", "basename"),
    ("dir", "dirname"),
    ("ext", "extension"),
    ("clean", "clean_path"),
    ("readFile", "file"),
    ("fileContents", "file"),
    ("include", "file"),
    ("urlParse", "url_host"),
    ("parseURL", "url_host"),
    ("append", "concat"),
    ("prepend", "concat"),
    ("push", "concat"),
    ("uniq", "unique"),
    ("has", "includes"),
    ("in", "includes"),
    ("initial", "slice"),
    ("sortAlpha", "sort"),
    ("sort_by", "sort"),
    ("seq_list", "seq"),
    ("until", "seq"),
    ("untilStep", "seq"),
    ("range", "each"),
    ("forEach", "each"),
    ("length", "len"),
    ("size", "len"),
    ("count", "len"),
    ("dict", "object"),
    ("map", "object"),
    ("hash", "object"),
    ("hasKey", "has_key"),
    ("haskey", "has_key"),
    ("index", "lookup"),
    ("dig", "lookup"),
    ("pluck_all", "pluck"),
    ("mergeOverwrite", "merge"),
    ("unset", "omit"),
    ("subtract", "sub"),
    ("multiply", "mul"),
    ("divide", "div"),
    ("modulo", "mod"),
    ("plus", "add"),
    ("minus", "sub"),
    ("add1", "add"),
    ("int64", "int"),
    ("atoi", "int"),
    ("toInt", "int"),
    ("toNumber", "number"),
    ("float64", "number"),
    ("parseInt", "int"),
    ("toBool", "boolean"),
    ("parseBool", "boolean"),
    ("bool", "boolean"),
    ("kindOf", "type_of"),
    ("typeOf", "type_of"),
    ("typeIs", "type_of"),
    ("ge", "gte"),
    ("le", "lte"),
    ("neq", "ne"),
    ("equals", "eq"),
    ("equal", "eq"),
    ("ifelse", "ternary"),
    ("iif", "ternary"),
    ("cond", "ternary"),
    ("semverCompare", "semver"),
    ("dateInZone", "date"),
    ("unixEpoch", "unix"),
    ("htmlDate", "date"),
    ("durationSeconds", "seconds"),
    ("humanize", "human_bytes"),
    ("error", "fail"),
    ("panic", "fail"),
    ("throw", "fail"),
    ("assert", "required"),
    ("exists", "has_key"),
    ("empty", "not"),
    ("toProperties", "each"),
    ("datetime", "now"),
];

/// Names that no helper has, with the way that leads there.
const OTHER_WAYS: &[(&[&str], &str)] = &[
    (
        &["env", "getenv", "getEnv", "Getenv", "expandenv", "envOrKey", "mustEnv"],
        "write `env.NAME`, and declare the variable under `inputs`",
    ),
    (
        &[
            "getv",
            "gets",
            "getvs",
            "getall",
            "key",
            "keyOrDefault",
            "ls",
            "lsdir",
            "datasource",
            "ds",
            "secret",
            "vault",
        ],
        "declare a file or directory under `inputs: values:`, and write `values.NAME`",
    ),
    (
        &[
            "random",
            "uuid",
            "uuidv4",
            "uuid4",
            "genPassword",
            "randAlphaNum",
            "randAlpha",
            "randNumeric",
            "randAscii",
            "randBytes",
            "genPrivateKey",
            "genSelfSignedCert",
            "genCA",
            "password",
        ],
        "what is random would differ in every run: the step `generate` makes it once and keeps it in a file",
    ),
    (&["exec", "shell", "command", "cmd"], "templates run nothing: the step `run` captures what a program prints"),
    (&["bcrypt", "htpasswd"], "it would differ in every run: let the step `run` make it once"),
    (
        &["lookupIP", "lookupSRV", "getHostByName", "httpGet", "fetch"],
        "templates reach no network: the step `fetch` downloads a file, `wait` waits for a name",
    ),
    (&["hostname", "cpus", "memory", "uid", "gid"], "write it as a fact, for instance `facts.hostname`"),
    (&["template", "partial", "tpl", "define", "block"], "a template stands alone: `file` inserts the text of a file"),
    (&["set", "assign", "let"], "`{{#with (helper ...) as |name|}}` gives a value a name"),
    (&["log", "debug", "dump"], "templates print nothing but their result: `fail` shows a message"),
    (&["range_end", "end", "endif", "endfor"], "a block ends with its name: `{{/if}}`, `{{/each}}`"),
];

/// How to write what was meant.
pub(in crate::template) fn hint(wrong: &str) -> Option<String> {
    let way = OTHER_WAYS.iter().find(|(names, _)| names.contains(&wrong)).map(|(_, way)| (*way).to_owned());
    let elsewhere =
        || ELSEWHERE.iter().find(|(name, _)| *name == wrong).map(|(_, here)| format!("write `{}`", usage(here)));
    way.or_else(elsewhere).or_else(|| {
        let snake = snake(wrong);
        if entry(&snake).is_some() { Some(format!("write `{}`", usage(&snake))) } else { near(wrong) }
    })
}

fn near(wrong: &str) -> Option<String> {
    did_you_mean(wrong, entries().map(|entry| entry.name))
}

fn usage(name: &str) -> String {
    let parameters = entry(name).map_or("", |entry| entry.parameters);
    format!("{name} {parameters}").trim_end().to_owned()
}

/// `trimSuffix`, `strings.TrimSuffix` and `trim-suffix` as `trim_suffix`.
fn snake(name: &str) -> String {
    let name = name.rsplit('.').next().unwrap_or(name);
    let mut result = String::with_capacity(name.len() + 4);
    for (index, character) in name.chars().enumerate() {
        if character.is_ascii_uppercase() && index > 0 {
            result.push('_');
        }
        result.push(if character == '-' { '_' } else { character.to_ascii_lowercase() });
    }
    result
}

#[cfg(test)]
mod tests {
    use super::{ELSEWHERE, OTHER_WAYS, hint};
    use crate::template::helpers::is_helper;

    #[test]
    fn every_hint_leads_to_a_helper_that_is_there_from_a_name_that_is_not() {
        for (wrong, here) in ELSEWHERE {
            assert!(!is_helper(wrong), "{wrong} is a helper");
            assert!(is_helper(here), "{here} is no helper");
        }
        for wrong in OTHER_WAYS.iter().flat_map(|(names, _)| names.iter()) {
            assert!(!is_helper(wrong), "{wrong} is a helper");
        }
    }

    #[test]
    fn names_of_other_tools_lead_to_ours() {
        for (wrong, wanted) in [
            ("toUpper", "write `upper TEXT`"),
            ("b64enc", "write `base64 TEXT`"),
            ("urlHost", "write `url_host URL`"),
            ("strings.TrimSuffix", "write `trim_suffix TEXT SUFFIX`"),
            ("uper", "did you mean `upper`?"),
            ("getenv", "write `env.NAME`, and declare the variable under `inputs`"),
        ] {
            assert_eq!(hint(wrong).as_deref(), Some(wanted), "{wrong}");
        }
        assert_eq!(hint("nothing-like-it"), None);
    }
}
