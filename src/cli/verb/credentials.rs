//! Steps that make who the application is and what it proves it with.

use super::attributes;
use crate::cli::args::{AccountArguments, GenerateArguments, TrustArguments};
use crate::cli::line::Line;

pub(super) fn account(arguments: &AccountArguments) -> Line {
    let mut line = Line::new("account");
    line.positional("user", &arguments.user);
    line.number("uid", arguments.uid.map(u64::from));
    line.number("gid", arguments.gid.map(u64::from));
    for (field, value) in [
        ("home", &arguments.home),
        ("shell", &arguments.shell),
        ("passwd", &arguments.passwd),
        ("group", &arguments.group),
    ] {
        line.flag(field, value.as_ref());
    }
    line.switch("replace", arguments.replace);
    line
}

pub(super) fn generate(arguments: &GenerateArguments) -> Line {
    let mut line = Line::new("generate");
    line.positional("kind", &arguments.kind);
    line.positional("path", &arguments.path);
    line.number("length", arguments.length.map(u64::from));
    line.list("names", Some("--names"), &arguments.names);
    for (field, value) in [
        ("alphabet", &arguments.alphabet),
        ("characters", &arguments.characters),
        ("algorithm", &arguments.algorithm),
        ("common_name", &arguments.common_name),
        ("valid_for", &arguments.valid_for),
        ("renew_before", &arguments.renew_before),
        ("key_path", &arguments.key_path),
        ("key_mode", &arguments.key_mode),
    ] {
        line.flag(field, value.as_ref());
    }
    attributes(&mut line, &arguments.attributes);
    line
}

pub(super) fn trust(arguments: &TrustArguments) -> Line {
    let mut line = Line::new("trust");
    line.positional("path", &arguments.path);
    line.list("add", Some("--add"), &arguments.add);
    line.flag("base", arguments.base.as_ref());
    line.flag("format", arguments.format.as_ref());
    line.wrapped("password", "from_env", "--password-env", arguments.password_env.as_ref());
    line.wrapped("password", "from_file", "--password-file", arguments.password_file.as_ref());
    attributes(&mut line, &arguments.attributes);
    line
}
