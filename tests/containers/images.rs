//! The images: Fitout's own, from scratch, and the calculator's, with a Python and without a shell.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use super::engine::{Container, Engine, engine, has_program};
use super::output;
use crate::harness::{Scene, binary, skip};

static IMAGES: OnceLock<Images> = OnceLock::new();

/// The images of this run.
pub(super) struct Images {
    pub(super) engine: &'static Engine,
    pub(super) fitout: String,
    /// Kept for the next run: it is built of the same files.
    pub(super) calculator: &'static str,
    built: [String; 2],
    _keeper: Child,
}

/// Removes the image when its standard input closes, that is when the run ends.
pub(super) fn keeper(engine: &'static Engine, image: &str) -> Child {
    engine
        .command("sh")
        .args(["-c", "cat > /dev/null; exec docker rmi --force \"$0\"", image])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // An interrupt from the keyboard ends the run, and only through it the keeper.
        .process_group(0)
        .spawn()
        .unwrap()
}

/// The images, built once, or a skipped test.
pub(super) fn images(test: &str) -> Option<&'static Images> {
    let engine = engine(test)?;
    if !has_program("dpkg-query") {
        skip(test, "Debian's packages, of which the images are made");
        return None;
    }
    Some(IMAGES.get_or_init(|| Images::build(engine)))
}

impl Images {
    fn build(engine: &'static Engine) -> Self {
        let fitout = format!("fitout:test-{}", std::process::id());
        let calculator = "calculator:test";
        let keeper = keeper(engine, &fitout);
        let own = output(engine.command("image/build").arg(binary()).arg(&fitout)).code(0);
        let python = output(engine.command("examples/images/python/build").arg(calculator)).code(0);
        Self { engine, fitout, calculator, built: [own.stdout, python.stdout], _keeper: keeper }
    }

    /// Every entry of an image's layers: permissions as `ls` shows them, and path.
    pub(super) fn entries(&self, image: &str) -> Vec<(String, String)> {
        let scene = Scene::new();
        let tar =
            |arguments: &[&str], file: &Path| output(Command::new("tar").args(arguments).arg(file)).code(0).stdout;
        let saved = scene.path("saved.tar");
        output(self.engine.docker(&["save", "--output"]).arg(&saved).arg(image)).code(0);
        let target = scene.directory("saved").path("saved").display().to_string();
        tar(&["--extract", "--directory", &target, "--file"], &saved);
        let manifest: serde_json::Value = serde_json::from_str(&scene.read("saved/manifest.json")).unwrap();
        let layers = manifest[0]["Layers"].as_array().unwrap();
        let listed = layers
            .iter()
            .map(|layer| tar(&["--list", "--verbose", "--file"], &scene.path("saved").join(layer.as_str().unwrap())));
        let mut entries = Vec::new();
        for line in listed.collect::<String>().lines() {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let path = fields[5].trim_start_matches("./").trim_end_matches('/');
            entries.push((fields[0].to_owned(), format!("/{path}")));
        }
        entries
    }

    /// The files of an image that can be executed.
    pub(super) fn executables(&self, image: &str) -> Vec<String> {
        let entries = self.entries(image).into_iter();
        let files = entries.filter(|(mode, _)| mode.starts_with('-') && mode.contains(['x', 's', 't']));
        files.map(|(_, path)| path).collect()
    }
}

#[test]
fn the_image_holds_one_static_program_and_prints_its_size() {
    let Some(images) = images("the_image_holds_one_static_program_and_prints_its_size") else { return };
    let size = images.engine.inspect("image", "{{.Size}}", &images.fitout);
    let last = images.built[0].lines().last().unwrap();
    assert_eq!(last, format!("{} {size} bytes", images.fitout));
    assert_eq!(images.executables(&images.fitout), ["/fitout"]);
    let entries = images.entries(&images.fitout);
    let files: Vec<&str> =
        entries.iter().filter(|(mode, _)| !mode.starts_with('d')).map(|(_, path)| path.as_str()).collect();
    assert_eq!(files, ["/etc/ssl/certs/ca-certificates.crt", "/fitout"]);
    assert_eq!(images.engine.inspect("image", "{{.Config.User}}", &images.fitout), "65532:65532");
    assert_eq!(images.engine.inspect("image", "{{json .Config.Entrypoint}}", &images.fitout), r#"["/fitout"]"#);

    // That it runs shows that it needs no loader: there is none.
    let (_container, mut command) = Container::command(images.engine, &["--read-only", &images.fitout, "--version"]);
    assert!(output(&mut command).code(0).stdout.starts_with("fitout "));
    let header = output(Command::new("readelf").arg("--program-headers").arg(binary())).code(0);
    assert!(!header.stdout.contains("INTERP"), "{}", header.stdout);
}

#[test]
fn the_python_image_has_no_shell() {
    let Some(images) = images("the_python_image_has_no_shell") else { return };
    let executables = images.executables(images.calculator);
    assert!(
        matches!(&executables[..], [python, loader] | [loader, python]
            if python.starts_with("/usr/bin/python3.") && loader.contains("/ld-linux")),
        "{executables:?}"
    );
    let shells = ["sh", "bash", "dash", "ash", "rbash", "zsh", "busybox", "toybox", "env"];
    for (mode, path) in images.entries(images.calculator) {
        let name = path.rsplit('/').next().unwrap();
        assert!(!shells.contains(&name), "{mode} {path}");
    }
    for shell in ["/bin/sh", "/bin/bash", "/bin/busybox"] {
        let arguments = ["--entrypoint", shell, images.calculator];
        let (_container, mut command) = Container::command(images.engine, &arguments);
        output(&mut command).code(127);
    }
    assert!(images.built[1].contains(" bytes"), "{}", images.built[1]);
}
