//! The words that the application is started with, made of those that were typed.

mod files;
mod flags;
mod words;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use self::flags::Flag;
use self::words::split;
use crate::failure::{Failure, Kind};
use crate::process::Environment;
use crate::root::Root;
use crate::spec::{ArgumentsSpec, FlagValue, NamePatterns};
use crate::template::Pattern;

/// The words with the program in front, where they are only its arguments.
pub(crate) fn whole_command(words: &[OsString], spec: &ArgumentsSpec) -> Vec<OsString> {
    let (Some(program), Some(first)) = (spec.programs.first(), words.first()) else { return words.to_vec() };
    let first = first.as_bytes();
    let is_argument = first.starts_with(b"-") || spec.suffixes.iter().any(|suffix| first.ends_with(suffix.as_bytes()));
    let front = is_argument.then(|| OsString::from(&program.value));
    front.into_iter().chain(words.iter().cloned()).collect()
}

/// Whether the steps of the plan are not for this whole command.
pub(crate) fn skips_steps(command: &[OsString], spec: &ArgumentsSpec) -> bool {
    if !is_ours(command, spec) {
        return spec.skip_steps_if.other_program.value;
    }
    let arguments = command.iter().skip(1).take_while(|word| *word != "--");
    arguments.into_iter().any(|word| spec.skip_steps_if.flags.iter().any(|flag| word == flag.as_str()))
}

/// The whole command with what is put behind it, taken away, and set.
pub(crate) fn complete_command(
    mut command: Vec<OsString>,
    spec: &ArgumentsSpec,
    environment: &Environment,
    root: &Root,
) -> Result<Vec<OsString>, Failure> {
    if command.is_empty() || !is_ours(&command, spec) {
        return Ok(command);
    }
    command.extend(words_of(&spec.append_from, environment)?);
    for name in &spec.remove {
        Flag::new(name).remove(&mut command);
    }
    for (name, value) in &spec.set.0 {
        match value {
            FlagValue::None => Flag::new(name).add(&mut command),
            FlagValue::Unset => {}
            FlagValue::Text(value) => Flag::new(name).set(&mut command, value),
        }
    }
    for (name, source) in &spec.for_each_file.0 {
        let found = files::find(root, source.value.as_path());
        let found = found.map_err(|error| error.cannot("read", &source.value).at(source.span))?;
        for path in found {
            Flag::new(name).append(&mut command, path.as_os_str());
        }
    }
    Ok(command)
}

/// The words of these variables, variable by variable.
pub(crate) fn words_of(names: &NamePatterns, environment: &Environment) -> Result<Vec<OsString>, Failure> {
    let mut words = Vec::new();
    for pattern in &names.0 {
        let glob = Pattern::new(pattern.value.as_str());
        for (name, value) in environment.iter().filter(|(name, _)| glob.matches(&name.to_string_lossy())) {
            words.extend(split(value.as_bytes()).map_err(|problem| {
                let message = format!("cannot take arguments from `{}`: {problem}", name.display());
                Failure::new(Kind::Input, message).at(pattern.span)
            })?);
        }
    }
    Ok(words)
}

/// Whether the command is one of the programs that the plan is for, in whatever directory.
fn is_ours(command: &[OsString], spec: &ArgumentsSpec) -> bool {
    let name = |word: &OsStr| Path::new(word).file_name().map(OsStr::to_owned);
    let typed = command.first().and_then(|word| name(word));
    spec.programs.is_empty() || spec.programs.iter().any(|known| name(OsStr::new(&known.value)) == typed)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use super::{complete_command, skips_steps, whole_command};
    use crate::document::{parse, read};
    use crate::failure::Source;
    use crate::process::Environment;
    use crate::root::Root;
    use crate::spec::ArgumentsSpec;

    fn spec(text: &str) -> ArgumentsSpec {
        let node = parse(&Source::new("arguments", text)).unwrap();
        read::<ArgumentsSpec>(&node).value.unwrap()
    }

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    fn line(words: &[OsString]) -> String {
        words.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_program_is_put_in_front_of_its_arguments() {
        let spec = spec(
            "programs: [server, /opt/serverd]\nsuffixes: [.conf]\nskip_steps_if: { other_program: true, flags: [--help, -V] }\n",
        );
        for (typed, whole, skips) in [
            ("-c x", "server -c x", false),
            ("--help", "server --help", true),
            ("/etc/my.conf --port 1", "server /etc/my.conf --port 1", false),
            ("server -V", "server -V", true),
            ("/usr/bin/server", "/usr/bin/server", false),
            ("serverd -x", "serverd -x", false),
            ("server -- --help", "server -- --help", false),
            ("sh -c true", "sh -c true", true),
            ("", "", true),
        ] {
            let command = whole_command(&words(typed), &spec);
            assert_eq!(line(&command), whole, "{typed}");
            assert_eq!(skips_steps(&command, &spec), skips, "{typed}");
        }
    }

    #[test]
    fn flags_are_appended_removed_and_set_for_the_program_alone() {
        let spec = spec(
            "programs: [server]\nappend_from: [MORE]\nremove: [--daemon, \"--log=\"]\nset: { --port=: 80, --quiet: true, --bind: \"::\" }\n",
        );
        let environment: Environment =
            [("MORE", r#"--name 'a b' "" --log=/x"#)].iter().map(|(name, value)| (name.into(), value.into())).collect();
        let root = Root::open(Path::new("/")).unwrap();
        let complete = |typed: &str| complete_command(words(typed), &spec, &environment, &root).unwrap();
        let wanted = ["server", "--name", "a b", "", "--port=80", "--quiet", "--bind", "::"].map(OsString::from);
        assert_eq!(complete("server --daemon --log /y"), wanted);
        assert_eq!(line(&complete("sh --daemon")), "sh --daemon");
        assert!(complete("").is_empty());
        let open: Environment = [("MORE".into(), "'open".into())].into_iter().collect();
        let failure = complete_command(words("server"), &spec, &open, &root).unwrap_err();
        assert_eq!(failure.to_string(), "cannot take arguments from `MORE`: a quote is not closed");
    }
}
