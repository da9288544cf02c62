//! Confinement under the seccomp profile and the capabilities that an engine gives.

use super::engine::Container;
use super::images::images;
use super::output;
use crate::confine::can_confine;
use crate::harness::{Scene, root_or_skip};

const PLAN: &str = "version: 1\nconfine: required\nsteps:\n  - render: { text: x, path: /config/app }\n  - run: { command: [/fitout, copy, /config/app, /config/by-program] }\n  - run: { command: [/fitout, copy, /config/app, /data/by-program] }\n    on_error: warn\nexec: { command: [/fitout, copy, /config/app, /data/by-application] }\n";

#[test]
fn steps_are_confined_in_a_container_and_the_application_is_not() {
    let test = "steps_are_confined_in_a_container_and_the_application_is_not";
    if !root_or_skip(test) || !can_confine(test) {
        return;
    }
    let Some(images) = images(test) else { return };
    for options in [
        "",
        "--read-only",
        "--user 10001:10001 --read-only --cap-drop ALL",
        "--user 10001:10001 --cap-drop ALL --security-opt no-new-privileges",
        "--cap-add SYS_ADMIN",
    ] {
        let scene = Scene::new();
        let mut arguments: Vec<String> = options.split_whitespace().map(Into::into).collect();
        for volume in ["config", "data"] {
            scene.directory(volume).owned(volume, 10001, 10001).mode(volume, 0o777);
            arguments.extend(["--volume".to_owned(), format!("{}:/{volume}", scene.path(volume).display())]);
        }
        arguments.extend([
            "--env".to_owned(),
            format!("FITOUT_PLAN_YAML={PLAN}"),
            images.fitout.clone(),
            "apply".to_owned(),
        ]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (_container, mut command) = Container::command(images.engine, &arguments);
        output(&mut command)
            .code(0)
            .stderr_has("confined: the program can write only in `/config`; more with `writes`");
        assert_eq!(scene.names("config"), ["app", "by-program"], "{options}");
        assert_eq!(scene.names("data"), ["by-application"], "{options}");
    }
}
