//! Archives that are cut off or damaged: what is left says so, and nothing is written.

use super::archives::{COMPRESSORS, Tar, compressed, python};
use crate::harness::Scene;

fn archive() -> Vec<u8> {
    let mut tar = Tar::default();
    let content: String = (0..300).map(|number| format!("{}\n", number * number % 1009)).collect();
    tar.file("a", "1").pax(b'x', &[("path", b"bb")]).file("b", &content).directory("d").file("d/c", "3");
    tar.end()
}

#[test]
fn a_tar_that_is_cut_at_any_block_is_refused() {
    let scene = Scene::in_memory();
    let whole = archive();
    for length in (0..whole.len()).step_by(512) {
        scene.file("a", &whole[..length]);
        let ran = scene.run(&["unpack", "/a", "/out"]);
        // Some write only one block of zeros at the end; everything is there then.
        let complete = length == whole.len() - 512;
        assert_eq!(ran.code, i32::from(!complete), "{length}: {}", ran.stderr);
        assert!(
            complete || length == 0 || ran.stderr.contains("the archive ends too early"),
            "{length}: {}",
            ran.stderr
        );
        assert_eq!(scene.exists("out"), complete, "{length}");
    }
}

#[test]
fn what_is_said_of_a_cut_archive_names_the_entry() {
    let scene = Scene::in_memory();
    let whole = archive();
    for (length, wanted, note) in [
        (512, "error: cannot unpack `a` of `/a`: the archive ends too early\n", None),
        (1024, "error: cannot unpack `/a`: the archive ends too early\n", Some("   = behind entry 1, `a`\n")),
        (3000, "error: cannot unpack `bb` of `/a`: the archive ends too early\n", None),
        (
            whole.len() - 1024,
            "error: cannot unpack `/a`: the archive ends too early\n",
            Some("   = behind entry 4, `d/c`\n"),
        ),
    ] {
        scene.file("a", &whole[..length]);
        let ran = scene.run(&["unpack", "/a", "/out"]).code(1);
        assert!(ran.stderr.starts_with(wanted), "{length}: {}", ran.stderr);
        assert!(note.is_none_or(|note| ran.stderr.contains(note)), "{length}: {}", ran.stderr);
        assert!(ran.stderr.contains("hint: get the archive once more, and give its `sha256`"), "{}", ran.stderr);
    }
}

#[test]
fn every_compressed_archive_that_is_cut_or_damaged_is_refused() {
    let scene = Scene::in_memory();
    let whole = archive();
    scene.file("a.tar", &whole);
    python(
        &scene,
        r"
import tarfile, zipfile
with zipfile.ZipFile('a.zip', 'w', zipfile.ZIP_DEFLATED) as z:
    for e in tarfile.open('a.tar'): z.writestr(e.name + '/' * e.isdir(), tarfile.open('a.tar').extractfile(e).read() if e.isfile() else '')
",
    );
    scene.run(&["unpack", "/a.tar", "/wanted"]).code(0);
    // A zip has no checksum of its modes.
    let tree = |path: &str| -> Vec<String> {
        let lines = super::tree(&scene, path).into_iter();
        lines.map(|line| line.split(' ').filter(|word| !word.starts_with('0') || word.len() != 4).collect()).collect()
    };
    let wanted = tree("wanted");
    let zip = std::fs::read(scene.path("a.zip")).unwrap();
    let mut archives: Vec<_> = COMPRESSORS[1..]
        .iter()
        .map(|(format, program, arguments)| (*format, compressed(program, arguments, &whole)))
        .collect();
    archives.push(("zip", zip));
    for (format, bytes) in archives {
        let mut damaged = Vec::new();
        for at in (0..bytes.len()).step_by(bytes.len() / 20) {
            damaged.push((format!("{format} cut at {at}"), bytes[..at].to_vec()));
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            damaged.push((format!("{format} flipped at {at}"), flipped));
        }
        damaged.push((format!("{format} cut at the end"), bytes[..bytes.len() - 1].to_vec()));
        damaged.push((format!("{format} followed"), [&bytes[..], b"junk"].concat()));
        for (what, bytes) in damaged {
            scene.file("a", &bytes);
            let _ = std::fs::remove_dir_all(scene.path("out"));
            let ran = scene.run(&["unpack", "/a", "/out"]);
            // Some bits mean nothing: the time in a header of gzip.
            if ran.code == 0 && what.contains("flipped") {
                assert!(tree("out") == wanted, "{what}: {:?}", super::tree(&scene, "out"));
            } else {
                assert_eq!((ran.code, scene.exists("out")), (1, false), "{what}: {}", ran.stderr);
            }
        }
    }
}

#[test]
fn zeros_behind_a_gzip_archive_are_a_tape_s() {
    let scene = Scene::in_memory();
    let bytes = compressed("gzip", &["-c"], &archive());
    scene.file("a", [&bytes[..], &vec![0; 100_000]].concat());
    scene.run(&["unpack", "/a", "/out"]).code(0);
    scene.file("a", [&bytes[..], &[0; 10], b"x"].concat());
    scene.run(&["unpack", "/a", "/out2"]).code(1).stderr_has("cannot unpack `/a`: the");
}
