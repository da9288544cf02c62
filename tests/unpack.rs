//! `unpack`: what archives of every kind become, and what is done to those that are damaged or hostile.

pub(crate) mod archives;
mod damage;
mod hostile;
mod interference;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::harness::{Scene, root_or_skip};
use archives::{COMPRESSORS, Tar, compressed, gnu_tar, python};

/// What is in a tree: kind, mode, path, and content or target; sorted.
fn tree(scene: &Scene, inner: &str) -> Vec<String> {
    fn walk(directory: &std::path::Path, prefix: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(directory).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = format!("{prefix}{}", entry.file_name().as_bytes().escape_ascii());
            let metadata = path.symlink_metadata().unwrap();
            let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777;
            if metadata.is_symlink() {
                found.push(format!("{name} -> {}", path.read_link().unwrap().display()));
            } else if metadata.is_dir() {
                found.push(format!("{name}/ {mode:04o}"));
                walk(&path, &format!("{name}/"), found);
            } else {
                let content = std::fs::read(&path).unwrap();
                found.push(format!("{name} {mode:04o} {}", content.escape_ascii()));
            }
        }
    }
    let mut found = Vec::new();
    walk(&scene.path(inner), "", &mut found);
    found.sort();
    found
}

fn sample() -> Tar {
    let mut tar = Tar::default();
    tar.directory("./")
        .entry(b'5', b"./bin/", b"", 0o750, b"")
        .entry(b'0', b"./bin/tool", b"", 0o755, b"#!")
        .file("./etc/conf.d/a.conf", "a")
        .link("./etc/link", "conf.d/a.conf")
        .hard_link("./etc/again", "./etc/conf.d/a.conf")
        .entry(b'5', b"./empty", b"", 0o500, b"");
    tar
}

const SAMPLE: [&str; 7] = [
    "bin/ 0750",
    "bin/tool 0755 #!",
    "empty/ 0500",
    "etc/ 0755",
    "etc/again 0644 a",
    "etc/conf.d/ 0755",
    "etc/conf.d/a.conf 0644 a",
];

#[test]
fn each_format_is_told_by_its_content_and_comes_to_rest() {
    let whole = sample().end();
    for (format, program, arguments) in COMPRESSORS {
        // Two streams, one behind the other, as parallel compressors write them.
        let (one, two) = whole.split_at(1111);
        let parts = [compressed(program, arguments, one), compressed(program, arguments, two)].concat();
        for bytes in [compressed(program, arguments, &whole), parts] {
            let scene = Scene::with_plan("version: 1\nsteps:\n  - unpack: { archive: /a, path: /out }\n");
            scene.file("a", bytes);
            let show = scene.run(&["show", "plan.yaml"]).code(10);
            assert!(show.stdout.contains("/out/etc/link") && !scene.exists("out"), "{}", show.stdout);
            scene.apply().code(0);
            let mut wanted: Vec<String> = SAMPLE.iter().map(ToString::to_string).collect();
            wanted.push("etc/link -> conf.d/a.conf".to_owned());
            wanted.sort();
            assert_eq!(tree(&scene, "out"), wanted, "{format}");
            assert_eq!(scene.identity("out/etc/again").0, scene.identity("out/etc/conf.d/a.conf").0);
            let before =
                ["out/bin/tool", "out/etc/link", "out/etc/again", "out/empty"].map(|path| scene.identity(path));
            scene.apply().code(0).stderr_has(": unchanged");
            scene.run(&["show", "plan.yaml"]).code(0);
            let after = ["out/bin/tool", "out/etc/link", "out/etc/again", "out/empty"].map(|path| scene.identity(path));
            assert_eq!(before, after, "{format}");
        }
    }
}

#[test]
fn only_what_differs_is_written() {
    let scene = Scene::with_plan("version: 1\nsteps:\n  - unpack: { archive: /a.tar, path: /out }\n");
    scene.file("a.tar", sample().end());
    scene.apply().code(0);
    let same = scene.identity("out/bin/tool");
    scene.file("out/etc/conf.d/a.conf", "b").mode("out/empty", 0o755).file("out/mine", "kept");
    std::fs::remove_file(scene.path("out/etc/link")).unwrap();
    let shown = scene.run(&["show", "plan.yaml"]).code(10).stdout;
    for line in [
        "~ /out/empty  mode 0755 -> 0500",
        "~ /out/etc/conf.d/a.conf  content of 1 bytes -> 1 bytes",
        "~ /out/etc/again  hard link to /out/etc/conf.d/a.conf",
        "+ /out/etc/link  link -> conf.d/a.conf",
    ] {
        assert!(shown.contains(line), "{line} is not in {shown}");
    }
    scene.apply().code(0).stderr_has("changed, 4 changed, 7 entries read");
    assert_eq!((scene.read("out/etc/again"), scene.read("out/mine")), ("a".into(), "kept".into()));
    assert_eq!(scene.identity("out/bin/tool"), same);
    scene.apply().code(0).stderr_has(": unchanged");
}

#[test]
fn zip_archives_of_python_are_read() {
    let scene = Scene::new();
    python(
        &scene,
        r"
import io, zipfile
def info(name, mode, method=zipfile.ZIP_DEFLATED):
    i = zipfile.ZipInfo(name); i.external_attr = mode << 16 | 1; i.compress_type = method; i.create_system = 3
    return i
class Unseekable(io.RawIOBase):
    def __init__(self, f): self.f = f
    def writable(self): return True
    def write(self, b): return self.f.write(b)
for name, target in (('plain.zip', open('plain.zip', 'wb')), ('stream.zip', Unseekable(open('stream.zip', 'wb')))):
    with zipfile.ZipFile(target, 'w') as z:
        z.writestr(info('bin/', 0o40750), '')
        z.writestr(info('bin/tool', 0o100755), 'x' * 100000)
        z.writestr(info('stored', 0o104711, zipfile.ZIP_STORED), 'y')
        z.writestr(info('link', 0o120777), 'bin/tool')
        z.writestr(info('nomode', 0), '')
        with z.open(info('wide', 0o100600), 'w', force_zip64=True) as f: f.write(b'w')
        z.comment = b'a comment'
",
    );
    for name in ["plain.zip", "stream.zip"] {
        scene.run(&["unpack", &format!("/{name}"), "/out"]).code(0);
        let found = tree(&scene, "out");
        let found: Vec<_> = found.iter().map(|line| line.replace(&"x".repeat(100_000), "long")).collect();
        let wanted =
            ["bin/ 0750", "bin/tool 0755 long", "link -> bin/tool", "nomode 0644 ", "stored 0711 y", "wide 0600 w"];
        assert_eq!(found, wanted, "{name}");
        scene.run(&["unpack", &format!("/{name}"), "/out"]).code(0).stderr_has(": unchanged");
        std::fs::remove_dir_all(scene.path("out")).unwrap();
    }
}

#[test]
fn the_formats_of_gnu_tar_are_read_with_names_of_any_bytes() {
    let (long, longest) = ("l".repeat(60), "x".repeat(255));
    let strange = OsStr::from_bytes(b"new\nline \xff\xfe'\"\\ \x1b[31m");
    // What each of them can write: names of more than 100 bytes, and names and links of any length.
    for (format, some, any) in [
        ("v7", false, false),
        ("ustar", true, false),
        ("oldgnu", true, true),
        ("gnu", true, true),
        ("posix", true, true),
    ] {
        let scene = Scene::new();
        scene.file("src/plain", "1").link("plain", "src/link").mode("src/plain", 0o640).directory("src/empty");
        std::fs::write(scene.path("src").join(strange), "3").unwrap();
        if some {
            scene.file(&format!("src/{long}/{long}/{long}/deep"), "2");
        }
        if any {
            scene.file(&format!("src/{longest}"), "4").link(&format!("{longest}/{longest}"), "src/longlink");
            scene.file(&format!("src/{long}/{longest}/{longest}"), "5");
        }
        gnu_tar(&scene, &["-cf", "a.tar", &format!("--format={format}"), "-C", "src", "."]);
        scene.run(&["unpack", "/a.tar", "/out"]).code(0).lacks("\x1b");
        assert_eq!(tree(&scene, "out"), tree(&scene, "src"), "{format}");
        scene.run(&["unpack", "/a.tar", "/out"]).code(0).stderr_has(": unchanged");
    }
}

#[test]
fn entries_are_chosen_and_renamed() {
    let scene = Scene::new();
    let mut tar = Tar::default();
    tar.directory("app-1.0/").file("app-1.0/bin/app", "b").file("app-1.0/doc/a.txt", "t").file("app-1.0/doc/b.md", "m");
    tar.hard_link("app-1.0/bin/same", "app-1.0/bin/app").link("app-1.0/up", "doc");
    tar.entry(b'6', b"app-1.0/pipe", b"", 0o644, b"");
    scene.file("a.tar", tar.end());
    let run = |arguments: &[&str]| {
        let _ = std::fs::remove_dir_all(scene.path("out"));
        scene.run(&[&["unpack", "/a.tar", "/out"], arguments].concat())
    };
    run(&[]).code(1).stderr_has("error: cannot unpack `app-1.0/pipe` of `/a.tar`: it is a FIFO\n");
    run(&["--exclude", "pipe", "--strip-components", "1"]).code(0);
    assert_eq!(scene.names("out"), ["bin", "doc", "up"]);
    assert_eq!(scene.identity("out/bin/same").0, scene.identity("out/bin/app").0);
    run(&["--strip-components", "1", "--include", "doc", "--exclude", "*.md"]).code(0);
    assert_eq!(tree(&scene, "out"), ["doc/ 0755", "doc/a.txt 0644 t"]);
    run(&["--strip-components", "2", "--include", "*.txt"]).code(0);
    assert_eq!(tree(&scene, "out"), ["a.txt 0644 t"]);
    run(&["--include", "bin/same", "--strip-components", "1"]).code(1).stderr_has(
        "cannot unpack `app-1.0/bin/same` of `/a.tar`: `app-1.0/bin/app`, whose further name it is, is not unpacked",
    );
    for arguments in [&["--strip-components", "9"][..], &["--include", "nothing"]] {
        run(arguments)
            .code(1)
            .stderr_has("cannot unpack `/a.tar`: none of its 7 entries is left")
            .stderr_has("hint: look at `strip_components`, `include` and `exclude`");
        assert!(!scene.exists("out"));
    }
}

#[test]
fn owners_and_modes_are_those_of_the_plan_or_harmless() {
    if !root_or_skip("owners_and_modes_are_those_of_the_plan_or_harmless") {
        return;
    }
    let scene = Scene::new();
    let mut tar = Tar::default();
    tar.entry(b'5', b"d", b"", 0o7755, b"").entry(b'0', b"d/tool", b"", 0o6755, b"x").link("d/link", "tool");
    scene.file("a.tar", tar.end());
    scene.run(&["unpack", "/a.tar", "/out"]).code(0);
    // The archive says 999:999 and setuid.
    assert_eq!(["out", "out/d", "out/d/tool"].map(|path| scene.stat(path)), ["0:0 0755", "0:0 1755", "0:0 0755"]);
    let owned = ["--owner", "1000:1001", "--file-mode", "0640", "--directory-mode", "2750"];
    let arguments = [&["unpack", "/a.tar", "/out"], &owned[..]].concat();
    scene.run(&arguments).code(0);
    let paths = ["out", "out/d", "out/d/tool", "out/d/link"];
    let wanted = ["1000:1001 2750", "1000:1001 2750", "1000:1001 0640", "1000:1001 0777"];
    assert_eq!(paths.map(|path| scene.stat(path)), wanted);
    scene.run(&arguments).code(0).stderr_has(": unchanged");
    // Also when the first entry, which is the target itself, is taken off, and when it was there.
    for (target, strip) in [("/stripped", "1"), ("/volume-of-root", "1"), ("/whole", "0")] {
        let inner = &target[1..];
        if target == "/volume-of-root" {
            scene.directory(inner);
        }
        for outcome in [": changed", ": unchanged"] {
            let arguments = [&["unpack", "/a.tar", target, "--strip-components", strip], &owned[..]].concat();
            scene.run(&arguments).code(0).stderr_has(outcome);
            assert_eq!(scene.stat(inner), "1000:1001 2750", "{target}");
        }
    }
    // New directories in one with setgid inherit it, as the kernel does it.
    scene.directory("volume").owned("volume", 0, 2000).mode("volume", 0o2775);
    for outcome in ["3 changed", ": unchanged"] {
        scene.run(&["unpack", "/a.tar", "/volume"]).code(0).stderr_has(outcome);
        let found = ["volume", "volume/d", "volume/d/tool"].map(|path| scene.stat(path));
        assert_eq!(found, ["0:2000 2775", "0:2000 3755", "0:2000 0755"]);
    }
}

#[test]
fn what_exists_is_treated_as_the_plan_says() {
    let scene = Scene::new();
    let mut tar = Tar::default();
    tar.file("a", "new").file("b", "same").directory("d");
    scene.file("a.tar", tar.end()).file("out/a", "old").file("out/b", "same");
    let run = |policy: &str| scene.run(&["unpack", "/a.tar", "/out", "--if-exists", policy]);
    run("fail").code(6).stderr_has("error: cannot unpack to `/out/a`: it exists");
    assert!(!scene.exists("out/d"));
    run("keep").code(0);
    assert_eq!((scene.read("out/a").as_str(), scene.exists("out/d")), ("old", true));
    run("keep").code(0).stderr_has(": unchanged");
    let before = scene.identity("out/b");
    run("update").code(0);
    assert_eq!((scene.read("out/a").as_str(), scene.identity("out/b")), ("new", before));
    run("replace").code(0).stderr_has("2 changed");
    assert_ne!(scene.identity("out/b").0, before.0);
    scene.file("a.tar", Tar::default().file("out", "x").end());
    scene.run(&["unpack", "/a.tar", "/"]).code(6).stderr_has("cannot unpack to `/out`: a directory is in its place");
}

#[test]
fn the_checksum_is_that_of_the_archive() {
    let scene = Scene::new();
    scene.file("a.tar", sample().end());
    let wrong = "0".repeat(64);
    let ran = scene.run(&["unpack", "/a.tar", "/out", "--sha256", &wrong]).code(1);
    let found = ran.stderr.split("its checksum is ").nth(1).unwrap()[..64].to_owned();
    assert!(!scene.exists("out"));
    scene.run(&["unpack", "/a.tar", "/out", "--sha256", &found.to_uppercase()]).code(0);
    scene
        .run(&["unpack", "/a.tar", "/out", "--sha256", "abc"])
        .code(2)
        .stderr_has("not a checksum of 64 hexadecimal digits");
}

#[test]
fn an_entry_that_comes_twice_counts_the_last_time() {
    let scene = Scene::new();
    let mut tar = Tar::default();
    tar.file("a", "one").file("b", "x").file("a", "two").directory("d").entry(b'5', b"d", b"", 0o700, b"");
    scene.file("a.tar", tar.end());
    for outcome in ["changed, 4 changed", ": unchanged"] {
        scene.run(&["unpack", "/a.tar", "/out"]).code(0).stderr_has(outcome);
        assert_eq!(tree(&scene, "out"), ["a 0644 two", "b 0644 x", "d/ 0700"]);
    }
    tar.hard_link("c", "a").file("a", "three");
    scene.file("a.tar", tar.end());
    scene.run(&["unpack", "/a.tar", "/out"]).code(1).stderr_has(
        "cannot unpack `a` of `/a.tar`: it is in the archive twice, and a hard link leads to the first one",
    );
}

#[test]
fn an_archive_without_entries_makes_an_empty_directory() {
    let scene = Scene::new();
    python(&scene, "import zipfile; zipfile.ZipFile('a.zip', 'w').close()");
    scene.file("a.tar", Tar::default().end());
    for (archive, target) in [("/a.zip", "/zip"), ("/a.tar", "/tar")] {
        scene.run(&["unpack", archive, target]).code(0);
        assert_eq!(scene.names(target), [""; 0]);
        scene.run(&["unpack", archive, target]).code(0).stderr_has(": unchanged");
    }
}

/// More files than wait for the disk together, in more directories, and hard links to those that have no name yet.
#[test]
fn hard_links_lead_to_files_that_wait_for_the_disk() {
    let scene = Scene::in_memory();
    let mut tar = Tar::default();
    for number in 0..300 {
        tar.file(&format!("d{number}/f"), &number.to_string());
        tar.hard_link(&format!("h{number}/once"), &format!("d{number}/f"));
        tar.hard_link(&format!("twice{number}"), &format!("h{number}/once")).link(&format!("d{number}/l"), "f");
    }
    scene.file("a.tar", tar.end()).file("out/twice7", "another").file("out/d8/f", "another");
    scene.run(&["unpack", "/a.tar", "/out"]).code(0);
    for number in 0..300 {
        let [file, once, twice] =
            [format!("out/d{number}/f"), format!("out/h{number}/once"), format!("out/twice{number}")];
        assert_eq!(scene.read(&file), number.to_string());
        assert_eq!(
            (scene.identity(&once).0, scene.identity(&twice).0),
            (scene.identity(&file).0, scene.identity(&file).0)
        );
        assert_eq!(scene.names(&format!("out/d{number}")), ["f", "l"]);
    }
    scene.run(&["unpack", "/a.tar", "/out"]).code(0).stderr_has(": unchanged");
}

#[test]
fn ten_thousand_entries() {
    let scene = Scene::in_memory();
    let mut tar = Tar::default();
    for number in 0..10_000 {
        tar.file(&format!("d{}/f{number}", number % 50), &number.to_string());
    }
    scene.file("a.tar", tar.end());
    scene.run(&["unpack", "/a.tar", "/out", "--max-entries", "10000"]).code(1).stderr_has("more than 10000 entries");
    scene.file("plan.yaml", "version: 1\nsteps:\n  - unpack: { archive: /a.tar, path: /out }\n");
    let shown = scene.run(&["show", "plan.yaml"]).code(10);
    assert_eq!(shown.stdout.matches("\n  + /out").count(), 20, "{}", shown.stdout);
    assert!(shown.stdout.contains("\n  ~ \u{2026} and 10031 more  unpacked or changed"), "{}", shown.stdout);
    scene.run(&["unpack", "/a.tar", "/out"]).code(0).stderr_has("10051 changed, 10000 entries read");
    assert_eq!((scene.names("out").len(), scene.names("out/d7").len()), (50, 200));
    assert_eq!(scene.read("out/d49/f9999"), "9999");
    scene.run(&["unpack", "/a.tar", "/out"]).code(0).stderr_has(": unchanged");
}
