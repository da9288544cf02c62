//! `account`: entries in `passwd` and `group`.

use std::os::unix::fs::MetadataExt as _;
use std::process::Stdio;

use crate::files::in_mount_namespace;
use crate::harness::{Scene, root_or_skip};

const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\n# kept\nbroken line\nnode:x:1000:1000:,,,:/home/node:/bin/sh\n";
const GROUP: &str = "root:x:0:\nstaff:x:50:node,other\n";

fn scene() -> Scene {
    let scene = Scene::new();
    scene.file("etc/passwd", PASSWD).file("etc/group", GROUP).mode("etc/passwd", 0o664);
    scene
}

#[test]
fn an_entry_is_added_once_and_everything_else_stays() {
    let scene = scene();
    let arguments = ["account", "app", "--uid", "1234", "--gid", "5678", "--home", "/data"];
    scene.run(&arguments).code(0).stderr_has("changed, 2 files written");
    assert_eq!(scene.read("etc/passwd"), format!("{PASSWD}app:x:1234:5678::/data:/sbin/nologin\n"));
    assert_eq!(scene.read("etc/group"), format!("{GROUP}app:x:5678:\n"));
    assert!(scene.stat("etc/passwd").ends_with(" 0664"));
    let before = (scene.identity("etc/passwd"), scene.identity("etc/group"));
    scene.run(&arguments).code(0).stderr_has(": unchanged");
    assert_eq!((scene.identity("etc/passwd"), scene.identity("etc/group")), before);
    assert_eq!(scene.names("etc"), ["group", "passwd"]);
    scene.run(&["own", "/etc/group", "--owner", "app:app"]).code(if nix::unistd::geteuid().is_root() { 0 } else { 6 });
}

#[test]
fn an_entry_s_fields_are_mended_only_where_the_plan_names_them() {
    let scene = scene();
    scene.run(&["account", "node", "--uid", "1000", "--gid", "0"]).code(0).stderr_has("1 file written");
    let mended = PASSWD.replace("1000:1000:,,,", "1000:0:,,,");
    assert_eq!(scene.read("etc/passwd"), mended);
    scene.run(&["account", "node", "--uid", "1000", "--gid", "0", "--shell", "/none"]).code(0);
    assert_eq!(
        scene.read("etc/passwd"),
        mended.replace("/bin/sh\n# kept", "\t").replace("/bin/sh", "/none").replace('\t', "/bin/sh\n# kept")
    );
    assert_eq!(scene.read("etc/group"), GROUP);
}

#[test]
fn missing_files_are_made_and_the_present_user_is_the_default() {
    let scene = Scene::new();
    scene.directory("etc");
    scene.run(&["account", "app"]).code(0);
    let (uid, gid) = (nix::unistd::geteuid(), nix::unistd::getegid());
    assert_eq!(scene.read("etc/passwd"), format!("app:x:{uid}:{gid}::/:/sbin/nologin\n"));
    assert_eq!(scene.read("etc/group"), format!("app:x:{gid}:\n"));
    assert!(scene.stat("etc/passwd").ends_with(" 0644") && scene.stat("etc/group").ends_with(" 0644"));
    let plan = "version: 1\nsteps: [{ account: { user: app, uid: '{{facts.uid}}', gid: '{{facts.gid}}', home: / } }]\n";
    scene.file("plan.yaml", plan);
    scene.apply().code(0).stderr_has(": unchanged");
    let elsewhere = Scene::new();
    elsewhere.directory("nss");
    let ran = elsewhere.run(&["account", "app", "--passwd", "/nss/p", "--group", "/nss/g", "--uid", "7", "--gid", "8"]);
    ran.code(0);
    assert_eq!(elsewhere.read("nss/p"), "app:x:7:8::/:/sbin/nologin\n");
    elsewhere.run(&["account", "app"]).code(6).stderr_has("cannot lock the directory of `/etc/group`: no such file");
}

#[test]
fn a_number_keeps_its_name_and_a_name_its_number_unless_it_is_replaced() {
    let scene = scene();
    let ran = scene.run(&["account", "app", "--uid", "1000", "--gid", "0"]).code(0);
    ran.stderr_has("user 1000 is `node` in `/etc/passwd` already, and is not made `app`").stderr_has(": unchanged");
    let ran = scene.run(&["account", "node", "--uid", "7", "--gid", "0"]).code(1);
    let ran = ran.stderr_has("cannot make user `node` with number 7: in `/etc/passwd` it has number 1000");
    ran.stderr_has("hint: choose another `user`, or give the entry this number with `replace: true`");
    scene.run(&["account", "staff", "--uid", "7", "--gid", "7"]).code(1).stderr_has("cannot make group `staff`");
    assert_eq!((scene.read("etc/passwd").as_str(), scene.read("etc/group").as_str()), (PASSWD, GROUP));
    scene.run(&["account", "node", "--uid", "7", "--gid", "0", "--replace"]).code(0);
    assert_eq!(scene.read("etc/passwd"), PASSWD.replace("node:x:1000:1000", "node:x:7:0"));
    let ran = scene.run(&["account", "root", "--uid", "8", "--gid", "0", "--replace"]).code(1);
    ran.stderr_has("that of number 0 is never replaced");
}

#[test]
fn what_an_entry_cannot_hold_is_refused() {
    let scene = scene();
    for arguments in [
        ["app:x:0:0", "--home", "/"],
        ["a\nroot2:x:0:0::/:/bin/sh", "--home", "/"],
        ["app", "--home", "/a:b"],
        ["app", "--home", "/a\nb"],
        ["app", "--shell", "sh"],
        ["", "--home", "/"],
        ["app", "--uid", "4294967295"],
    ] {
        scene.run(&[&["account"], &arguments[..]].concat()).code(2);
    }
    let plan =
        "version: 1\ninputs: { env: { NAME: {} } }\nsteps: [{ account: { user: '{{env.NAME}}', uid: 5, gid: 0 } }]\n";
    scene.file("plan.yaml", plan).env("NAME", "x:x:0:0::/:/bin/sh\n");
    scene.apply().code(4).stderr_has("not the name of a user");
    assert_eq!(scene.read("etc/passwd"), PASSWD);
}

#[test]
fn show_tells_the_entry_and_no_password() {
    let scene = scene();
    scene.file("etc/passwd", "app:$6$hash:9:9::/:/bin/sh\n");
    let plan = "version: 1\nsteps: [{ account: { user: app, uid: 5, gid: 0, replace: true } }]\n";
    scene.file("plan.yaml", plan);
    let ran = scene.run(&["show", "plan.yaml"]).code(10).lacks("hash");
    assert!(ran.stdout.contains("~ /etc/passwd  entry `app:x:5:0::/:/bin/sh`"), "{}", ran.stdout);
    scene.apply().code(0).lacks("hash");
    assert_eq!(scene.read("etc/passwd"), "app:$6$hash:5:0::/:/bin/sh\n");
}

#[test]
fn strange_files_in_the_place_of_passwd_are_refused() {
    let scene = scene();
    std::fs::remove_file(scene.path("etc/passwd")).unwrap();
    nix::unistd::mkfifo(&scene.path("etc/passwd"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    scene.run(&["account", "app", "--uid", "5"]).code(6).stderr_has("cannot edit `/etc/passwd`: it is a FIFO");
    std::fs::remove_file(scene.path("etc/passwd")).unwrap();
    scene.link("/shared/passwd", "etc/passwd");
    scene.run(&["account", "app", "--uid", "5"]).code(6).stderr_has("it is a symbolic link");
}

#[test]
fn accounts_made_at_once_are_all_there() {
    let scene = scene();
    let runs: Vec<_> = (0..20)
        .map(|number| {
            let (name, id) = (format!("app{number}"), (2000 + number).to_string());
            let mut command = scene.command(&["account", &name, "--uid", &id, "--gid", &id]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    for number in 0..20 {
        let id = 2000 + number;
        assert!(scene.read("etc/passwd").contains(&format!("\napp{number}:x:{id}:{id}::/:/sbin/nologin\n")));
        assert!(scene.read("etc/group").contains(&format!("\napp{number}:x:{id}:\n")));
    }
    assert!(scene.read("etc/passwd").starts_with(PASSWD));
}

/// Images for any user: `passwd` is writable for group 0, and `/etc` is not.
#[test]
fn a_user_who_may_write_only_the_file_gets_his_entry_in_place() {
    if !root_or_skip("a_user_who_may_write_only_the_file_gets_his_entry_in_place") {
        return;
    }
    let scene = scene();
    scene.mode("etc", 0o755).mode("etc/group", 0o664);
    let inode = scene.path("etc/passwd").metadata().unwrap().ino();
    let arguments = ["--reuid=1000650000", "--regid=0", "--clear-groups"];
    let mut command = std::process::Command::new("setpriv");
    let binary = crate::harness::binary();
    command.args(arguments).arg(binary).args(["account", "default", "--home", "/home"]);
    let output =
        command.env_clear().env("FITOUT_ROOT", &scene.directory).env("PATH", "/usr/bin:/bin").output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains("`/etc/passwd` cannot be replaced and was written in place"), "{stderr}");
    assert_eq!(scene.read("etc/passwd"), format!("{PASSWD}default:x:1000650000:0::/home:/sbin/nologin\n"));
    assert_eq!(scene.path("etc/passwd").metadata().unwrap().ino(), inode);
    assert_eq!(scene.read("etc/group"), GROUP);
}

#[test]
fn a_mounted_passwd_is_written_in_place() {
    if !root_or_skip("a_mounted_passwd_is_written_in_place") {
        return;
    }
    let scene = scene();
    scene.file("mounted", PASSWD);
    let script = "mount --bind mounted etc/passwd; \"$1\" account app --uid 5 --gid 50; cat etc/passwd";
    let output = in_mount_namespace(&scene, script);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{PASSWD}app:x:5:50::/:/sbin/nologin\n"), "{stderr}");
    assert!(stderr.contains("`/etc/passwd` cannot be replaced and was written in place"), "{stderr}");
    assert_eq!(scene.read("mounted"), format!("{PASSWD}app:x:5:50::/:/sbin/nologin\n"));
    assert_eq!(scene.names("etc"), ["group", "passwd"]);
}
