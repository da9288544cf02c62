//! The file layer where the kernel refuses: old kernels, mounts, full disks, read-only file systems.

use crate::harness::{Scene, root_or_skip, skip};
use std::process::Command;

const PLAN: &str = "version: 1\nsteps:\n  - render: { source: /cm/app.hbs, path: /out/app, mode: \"0600\" }\n  - copy: { source: /cm/app.hbs, path: /out/copy }\n";

fn scene() -> Scene {
    let scene = Scene::with_plan(PLAN);
    scene
        .file("cm/..v1/app.hbs", "new")
        .link("..v1", "cm/..data")
        .link("..data/app.hbs", "cm/app.hbs")
        .directory("out");
    scene
}

fn strace() -> bool {
    Command::new("strace").arg("-V").output().is_ok_and(|output| output.status.success())
}

#[test]
fn without_openat2_everything_works_the_same() {
    if !strace() {
        skip("without_openat2_everything_works_the_same", "strace");
        return;
    }
    for error in ["ENOSYS", "EPERM"] {
        let scene = scene();
        let options = ["-o", "/dev/null", "-e", "trace=openat2", "-e", &format!("inject=openat2:error={error}")];
        let output = scene.traced(&options, &["apply", "plan.yaml"]).output().unwrap();
        assert!(output.status.success(), "{error}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!((scene.read("out/app"), scene.read("out/copy")), ("new".into(), "new".into()), "{error}");
        assert!(scene.stat("out/app").ends_with(" 0600"));
    }
}

/// Runs shell words in a mount namespace of their own, where mounts vanish with the last process.
pub(crate) fn in_mount_namespace(scene: &Scene, script: &str) -> std::process::Output {
    let plain = scene.command(&[]);
    Command::new("unshare")
        .args(["-m", "/bin/sh", "-e", "-c", script, "sh"])
        .arg(plain.get_program())
        .current_dir(&scene.directory)
        .env("FITOUT_ROOT", &scene.directory)
        .output()
        .unwrap()
}

#[test]
fn a_bind_mounted_file_is_written_in_place_and_that_is_said() {
    if !root_or_skip("a_bind_mounted_file_is_written_in_place_and_that_is_said") {
        return;
    }
    let scene = scene();
    scene.file("mounted", "old").file("out/app", "");
    let output = in_mount_namespace(&scene, "mount --bind mounted out/app; \"$1\" apply plan.yaml; cat out/app");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "new");
    assert!(stderr.contains("fitout: warn: `/out/app` is a mount of its own and was written in place"), "{stderr}");
    assert_eq!(scene.read("mounted"), "new");
    assert_eq!(scene.names("out"), ["app", "copy"]);
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    if !root_or_skip("a_full_disk_leaves_the_old_file") {
        return;
    }
    let scene = Scene::with_plan("version: 1\nsteps:\n  - render: { source: /big.hbs, path: /out/app }\n");
    scene.file("big.hbs", "x".repeat(400_000)).directory("out");
    let script = "mount -t tmpfs -o size=128k none out; echo old > out/app; \"$1\" apply plan.yaml || echo code $?; cat out/app; ls -A out";
    let output = in_mount_namespace(&scene, script);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "code 6\nold\napp\n");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("error: cannot write `/out/app`: no space left on device"), "{stderr}");
}

#[test]
fn a_read_only_file_system_fails_with_the_remedy_and_a_right_one_passes() {
    if !root_or_skip("a_read_only_file_system_fails_with_the_remedy_and_a_right_one_passes") {
        return;
    }
    let scene = scene();
    let script = "mount --bind out out; mount -o remount,ro,bind out; \"$1\" apply plan.yaml || echo code $?";
    let output = in_mount_namespace(&scene, script);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "code 6\n");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("error: cannot write `/out/app`: read-only file system"), "{stderr}");
    assert!(stderr.contains("EROFS") && stderr.contains("hint: mount an emptyDir volume at `/out`"), "{stderr}");
    scene.apply().code(0);
    let output = in_mount_namespace(&scene, script);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "",
        "nothing has to change: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_binary_is_static_and_runs_in_an_empty_root() {
    let output = Command::new("file").arg("-L").arg(crate::harness::binary()).output();
    if let Ok(output) = output {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("static") && !text.contains("interpreter"), "{text}");
    } else {
        skip("the_binary_is_static_and_runs_in_an_empty_root", "file");
    }
    if !root_or_skip("the_binary_is_static_and_runs_in_an_empty_root") {
        return;
    }
    let scene = Scene::new();
    std::fs::copy(crate::harness::binary(), scene.path("fitout")).unwrap();
    scene.mode("fitout", 0o755);
    let output = Command::new("chroot")
        .arg(&scene.directory)
        .args(["/fitout", "apply"])
        .env_clear()
        .env("FITOUT_PLAN_YAML", "version: 1\nsteps:\n  - render: { text: \"{{facts.uid}}\", path: /made }\nexec: { command: [/fitout, --version] }\n")
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("fitout "));
    assert_eq!(scene.read("made"), "0");
}
