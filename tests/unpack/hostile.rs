//! Archives that want to be somewhere else, to be something else, or to be everything.

use super::archives::{Tar, python};
use crate::harness::{Scene, root_or_skip};

/// Unpacks it, which has to fail with this text and to leave everything as it was.
#[track_caller]
fn refused(archive: &[u8], wanted: &str) {
    let scene = Scene::in_memory();
    scene.file("a", archive).file("victim", "untouched").directory("out");
    let before = (scene.identity("victim"), scene.identity("out"));
    let ran = scene.run(&["unpack", "/a", "/out"]).code(1);
    assert!(ran.stderr.starts_with(&format!("error: cannot unpack {wanted}\n")), "{wanted}\n{}", ran.stderr);
    assert_eq!((scene.identity("victim"), scene.identity("out")), before, "{wanted}");
    assert_eq!(scene.names(""), ["a", "out", "victim"]);
}

#[test]
fn names_that_leave_the_target_are_refused() {
    let long = "x/".repeat(2049) + "x";
    for (name, wanted) in [
        (&b"../victim"[..], "`../victim` of `/a`: its name holds `..`"),
        (b"a/../../victim", "`a/../../victim` of `/a`: its name holds `..`"),
        (b"a/..", "`a/..` of `/a`: its name holds `..`"),
        (b"./../victim", "`./../victim` of `/a`: its name holds `..`"),
        (b"/victim", "`/victim` of `/a`: its name is absolute"),
        (b"//victim", "`//victim` of `/a`: its name is absolute"),
        (b"", "`` of `/a`: its name is empty"),
        (b".", "`.` of `/a`: its name is that of the target"),
        (b"a\x1b[2J\n/../x", "`a\\u{1b}[2J\\n/../x` of `/a`: its name holds `..`"),
    ] {
        refused(&Tar::default().file("ok", "1").entry(b'0', name, b"", 0o644, b"x").end(), wanted);
        // The same through an extended header, and GNU's header for long names.
        if !name.is_empty() {
            refused(&Tar::default().file("ok", "1").pax(b'x', &[("path", name)]).file("b", "x").end(), wanted);
            let long = [name, b"\0"].concat();
            refused(&Tar::default().file("ok", "1").entry(b'L', b"long", b"", 0, &long).file("b", "x").end(), wanted);
        }
    }
    for (name, cause) in [
        (&b"a\0b"[..], "its name holds a NUL character"),
        (&[b'x'; 256], "a part of its name is longer than 255 bytes"),
        (long.as_bytes(), "its name is longer than 4096 bytes"),
    ] {
        let mut shown = String::from_utf8_lossy(name).replace('\0', "\\0");
        if shown.len() > 1000 {
            shown.replace_range(1000.., "...");
        }
        let archive = Tar::default().pax(b'x', &[("path", name)]).file("b", "x").end();
        refused(&archive, &format!("`{shown}` of `/a`: {cause}"));
    }
}

#[test]
fn what_is_no_file_directory_or_link_is_refused() {
    for (kind, what) in [
        (b'3', "a character device"),
        (b'4', "a block device"),
        (b'6', "a FIFO"),
        (b'S', "a sparse file"),
        (b'Q', "an entry of an unknown kind"),
    ] {
        let archive = Tar::default().file("ok", "1").entry(kind, b"it", b"", 0o666, b"").end();
        refused(&archive, &format!("`it` of `/a`: it is {what}"));
    }
    let sparse = Tar::default()
        .pax(b'x', &[("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0"), ("GNU.sparse.name", b"it")])
        .file("GNUSparseFile.0/it", "1\n0\n1\n")
        .end();
    refused(&sparse, "`it` of `/a`: it is a sparse file");
    let volume = Tar::default().entry(b'M', b"it", b"", 0, b"").end();
    refused(&volume, "`/a`: it is a part of an archive of several volumes");
}

#[test]
fn links_that_lead_outside_are_refused() {
    for (name, says, cause) in [
        ("l", "/etc/passwd", "the link is absolute: `/etc/passwd`"),
        ("l", "../victim", "the link leads outside: `../victim`"),
        ("d/l", "../../victim", "the link leads outside: `../../victim`"),
        ("d/l", "x/../../../victim", "the link holds `..` behind a name: `x/../../../victim`"),
        ("l", "", "the link says nothing: ``"),
    ] {
        let archive = Tar::default().file("ok", "1").link(name, says).end();
        refused(&archive, &format!("`{name}` of `/a`: {cause}"));
    }
    // Each of the two stays inside by its letters; together they would not.
    let chain = Tar::default().link("p/q/up", "../..").link("y", "p/q/up/../victim").end();
    refused(&chain, "`y` of `/a`: the link holds `..` behind a name: `p/q/up/../victim`");
    // Stripped, it stands one directory higher.
    let scene = Scene::new();
    scene.file("a", Tar::default().link("app/d/l", "../../x").end());
    scene.run(&["unpack", "/a", "/out"]).code(0);
    scene.run(&["unpack", "/a", "/two", "--strip-components", "1"]).code(1).stderr_has("the link leads outside");
}

#[test]
fn hard_links_lead_only_to_files_of_the_archive() {
    let none = |target: &str| format!("it is a hard link to `{target}`, which is no file before it in the archive");
    for (target, cause) in [
        ("../victim", "it is a hard link to `../victim`, and its name holds `..`".to_owned()),
        ("/victim", "it is a hard link to `/victim`, and its name is absolute".to_owned()),
        ("nothing", none("nothing")),
        ("h", none("h")),
        ("link", none("link")),
        ("d", none("d")),
        (".", "`.`, whose further name it is, is not unpacked".to_owned()),
        ("later", none("later")),
    ] {
        let mut tar = Tar::default();
        tar.file("ok", "1").link("link", "ok").directory("d").hard_link("h", target).file("later", "");
        refused(&tar.end(), &format!("`h` of `/a`: {cause}"));
    }
    let content = Tar::default().file("ok", "1").entry(b'1', b"h", b"ok", 0o644, b"content").end();
    refused(&content, "`/a`: a hard link in it has a content of its own");
    // A file that was there before is not of the archive.
    let scene = Scene::new();
    scene.file("a", Tar::default().hard_link("h", "secret").end()).file("out/secret", "s");
    scene.run(&["unpack", "/a", "/out"]).code(1).stderr_has("which is no file before it in the archive");
}

#[test]
fn nothing_is_unpacked_through_a_link() {
    let through = "`d` on the way to it is a symbolic link of the archive";
    let archive = Tar::default().link("d", "e").directory("e").file("d/x", "1").end();
    refused(&archive, &format!("`d/x` of `/a`: {through}"));
    // Also when the link comes last.
    let archive = Tar::default().file("d/x", "1").link("d", "e").end();
    refused(&archive, "`d` of `/a`: it is in the archive as a directory and as something else");
    let archive = Tar::default().file("f", "1").file("f/x", "1").end();
    refused(&archive, "`f/x` of `/a`: `f` on the way to it is a file of the archive");
    let archive = Tar::default().directory("d").file("d", "1").end();
    refused(&archive, "`d` of `/a`: it is in the archive as a directory and as something else");
    // A link that somebody planted: on the way it is refused, at the end it is replaced.
    let scene = Scene::new();
    scene.file("a", Tar::default().file("d/x", "1").file("leaf", "2").end()).file("outside/x", "untouched");
    scene.directory("out").link("../outside", "out/d").link("../outside/x", "out/leaf");
    scene
        .run(&["unpack", "/a", "/out"])
        .code(6)
        .stderr_has("cannot unpack to `/out/d`: a symbolic link is in its place");
    assert_eq!(scene.names("out"), ["d", "leaf"]);
    std::fs::remove_file(scene.path("out/d")).unwrap();
    scene.run(&["unpack", "/a", "/out"]).code(0).stderr_has("3 changed");
    assert_eq!((scene.read("outside/x"), scene.read("out/leaf")), ("untouched".into(), "2".into()));
    assert!(!scene.path("out/leaf").is_symlink());
    // Neither is the target itself one, nor something strange in the place of a file opened.
    scene.link("outside", "linked");
    scene.run(&["unpack", "/a", "/linked"]).code(6).stderr_has("`/linked`: a symbolic link is in its place");
    nix::unistd::mkfifo(&scene.path("fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    scene.file("b", Tar::default().file("fifo", "1").end());
    scene.run(&["unpack", "/b", "/"]).code(6).stderr_has("a FIFO, a socket or a device is in its place");
    scene
        .run(&["unpack", "/fifo", "/out"])
        .code(6)
        .stderr_has("cannot unpack `/fifo`: is a FIFO, a socket or a device");
}

#[test]
fn headers_that_two_programs_read_differently_are_refused() {
    for (archive, cause) in [
        (Tar::default().file("a", "1").raw(&[0; 512]).file("b", "2").end(), "`/a`: something follows its end"),
        (Tar::default().file("a", "1").raw(&[0; 1024]).file("b", "2").end(), "`/a`: something follows its end"),
        (Tar::default().entry(b'0', b"d/", b"", 0o755, b"1").end(), "`/a`: a directory in it has content"),
        (
            Tar::default().pax(b'g', &[("path", b"x")]).file("a", "1").end(),
            "`/a`: a global header in it gives every entry the same name or size",
        ),
        (
            Tar::default().entry(b'x', b"x", b"", 0, b"9 path=b").file("a", "1").end(),
            "`/a`: an extended header in it is damaged",
        ),
        (Tar::default().header(b'x', b"x", b"", 0, 2 << 20).end(), "`/a`: a header in it is longer than 1 MiB"),
        (b"Rar!\x1a\x07".repeat(100), "`/a`: it is none of tar, tar.gz, tar.bz2, tar.xz, tar.zst and zip"),
        (Vec::new(), "`/a`: it is none of tar, tar.gz, tar.bz2, tar.xz, tar.zst and zip"),
    ] {
        refused(&archive, cause);
    }
}

#[test]
fn hostile_zip_archives_are_refused() {
    let scene = Scene::new();
    // `NAME|ERROR` in a file beside each archive.
    python(
        &scene,
        r"
import struct, zipfile, io
def info(name, mode=0o100644, method=zipfile.ZIP_DEFLATED):
    i = zipfile.ZipInfo('x' * len(name)); i.external_attr = mode << 16; i.compress_type = method; i.create_system = 3
    return i
def make(name, content=b'content', mode=0o100644, change=lambda b: b, method=zipfile.ZIP_DEFLATED):
    b = io.BytesIO()
    with zipfile.ZipFile(b, 'w') as z: z.writestr(info(name, mode, method), content)
    # zipfile would mend some names.
    return change(bytearray(b.getvalue().replace(('x' * len(name)).encode(), name.encode())))
def at(signature, offset, value):
    def change(b):
        start = b.index(signature) + offset; b[start:start + len(value)] = value; return b
    return change
local, central, end = b'PK\3\4', b'PK\1\2', b'PK\5\6'
def both(l, c, value): return lambda b: at(central, c, value)(at(local, l, value)(b))
def overlap(b):
    # The directory lists the one entry twice.
    start = b.index(central); stop = b.index(end); record = bytes(b[start:stop])
    tail = bytearray(b[stop:]); tail[8:12] = struct.pack('<HH', 2, 2); tail[12:16] = struct.pack('<L', 2 * len(record))
    return b[:start] + record + record + tail
def quoted(b):
    # A second entry begins in the middle of the first one.
    start = b.index(central); stop = b.index(end); record = bytearray(b[start:stop]); record[42:46] = struct.pack('<L', 10)
    tail = bytearray(b[stop:]); tail[8:12] = struct.pack('<HH', 2, 2); tail[12:16] = struct.pack('<L', 2 * len(record))
    return b[:start] + b[start:stop] + record + tail
agree = '`/a`: what it says of an entry at its end and before the entry is not the same'
cases = [
    (make('../victim'), '`../victim` of `/a`: its name holds `..`'),
    (make('/victim'), '`/victim` of `/a`: its name is absolute'),
    (make('link', b'../victim', 0o120777), '`link` of `/a`: the link leads outside: `../victim`'),
    (make('link', b'/etc', 0o120777), '`link` of `/a`: the link is absolute: `/etc`'),
    (make('dev', b'', 0o020666), '`dev` of `/a`: it is a character device'),
    (make('pipe', b'', 0o010666), '`pipe` of `/a`: it is a FIFO'),
    (make('dir/', b'content'), '`/a`: a directory in it has content'),
    (make('a', change=both(6, 8, b'\1')), '`/a`: an entry in it is encrypted'),
    (make('a', change=both(6, 8, b'\x20')), '`/a`: an entry in it is a patch for another file'),
    (make('a', change=both(8, 10, b'\x0c')), '`/a`: an entry in it is compressed in another way than by deflate'),
    (make('a', change=at(local, 30, b'b')), agree),
    (make('a', change=at(local, 8, b'\0')), agree),
    (make('a', change=at(local, 14, b'\0\0\0\0')), agree),
    (make('a', change=at(local, 22, b'\1')), agree),
    (make('a', change=at(local, 6, b'\x08')), agree),
    (make('a', change=both(14, 16, b'\0\0\0\0')), '`a` of `/a`: the zip data is damaged: the checksum of a content is wrong'),
    (make('a', change=both(22, 24, b'\1')), '`a` of `/a`: the zip data is damaged: a content is longer than it should be'),
    (make('a', change=both(22, 24, b'\x08')), '`a` of `/a`: the zip data is damaged: a content does not have its length'),
    (make('a', change=both(18, 20, b'\x08')), '`a` of `/a`: the zip data is damaged: the compressed data of a content ends too early'),
    (make('a', method=0, change=both(22, 24, b'\1')), '`/a`: an entry in it that is not compressed has two sizes'),
    (make('a', change=overlap), '`/a`: entries in it overlap'),
    (make('a', content=bytes(range(200)), method=0, change=quoted), '`/a`: entries in it overlap'),
    (make('a', change=lambda b: b + b'junk'), '`/a`: the archive ends too early'),
    (make('a', change=lambda b: b[:30] + b'junk' + b[30:]), '`/a`: something stands before it or in it that is no entry'),
    (make('a', change=at(end, 8, b'\2\0\2\0')), '`/a`: its directory is damaged'),
    (make('a', change=at(end, 8, b'\0\0\0\0')), '`/a`: its directory is damaged'),
    (make('a', change=at(end, 4, b'\1')), '`/a`: it is a part of an archive of several files'),
    (make('a', change=at(end, 12, b'\xff\xff\xff\xff')), '`/a`: something stands before it or in it that is no entry'),
    (make('a', change=both(18, 20, b'\xff\xff\xff\xff')), '`/a`: its directory is damaged'),
]
for number, (archive, error) in enumerate(cases):
    open(f'{number:03}.zip', 'wb').write(archive); open(f'{number:03}.txt', 'w').write(error)
",
    );
    let mut cases = 0;
    while scene.exists(&format!("{cases:03}.zip")) {
        let archive = std::fs::read(scene.path(&format!("{cases:03}.zip"))).unwrap();
        refused(&archive, &scene.read(&format!("{cases:03}.txt")));
        cases += 1;
    }
    assert_eq!(cases, 29);
}

#[test]
fn a_bomb_is_refused_before_anything_is_written() {
    let scene = Scene::new();
    // Members of 64 MiB of zeros: ten gigabytes of them are ten megabytes.
    python(
        &scene,
        r"
import gzip
member = gzip.compress(bytes(64 << 20))
header = bytearray(512)
header[:4] = b'zero'; header[100:107] = b'0000644'; header[124:135] = b'%011o' % ((64 << 20) * 160); header[156] = 48
header[257:265] = b'ustar\x0000'; header[148:156] = b' ' * 8; header[148:155] = b'%06o\0' % sum(header)
open('zeros', 'wb').write(member * 160)
open('a', 'wb').write(gzip.compress(header) + member * 160 + gzip.compress(bytes(1024)))
open('four', 'wb').write(member * 4)
",
    );
    for (archive, place) in [("/zeros", "`/zeros`: the archive"), ("/a", "`zero` of `/a`: the archive")] {
        let ran = scene.run(&["unpack", archive, "/out"]).code(1);
        let wanted = format!("error: cannot unpack {place} becomes more than 200 times as large as it is\n");
        assert!(ran.stderr.starts_with(&wanted), "{}", ran.stderr);
        assert!(ran.stderr.contains("hint: say with `max_size` how large you expect it to be"), "{}", ran.stderr);
        scene
            .run(&["unpack", archive, "/out", "--max-size", "100MiB"])
            .code(1)
            .stderr_has("becomes larger than 104857600 bytes");
    }
    scene.run(&["unpack", "/zeros", "/out", "--max-size", "100 MB"]).code(2).stderr_has("not a number of bytes");
    // Who says how much there may be is believed.
    scene.run(&["unpack", "/four", "/out", "--max-size", "256MiB"]).code(0);
    let claims = Tar::default().header(b'0', b"big", b"", 0o644, (8 << 30) - 1).raw(b"little").end();
    scene.file("claims", claims);
    scene.run(&["unpack", "/claims", "/out2"]).code(1).stderr_has("`big` of `/claims`: the archive ends too early");
    scene
        .run(&["unpack", "/claims", "/out2", "--max-size", "1GiB"])
        .code(1)
        .stderr_has("cannot unpack `/claims`: the archive becomes larger than 1073741824 bytes");
    assert!(!scene.exists("out2"));
    // A name of two hundred directories counts as so many entries, and one of more than 256 is refused.
    let mut deep = Tar::default();
    for number in 0..30 {
        let name = format!("{number}{}", "/d".repeat(200));
        deep.pax(b'x', &[("path", name.as_bytes())]).file("x", "");
    }
    scene.file("deep", deep.end());
    scene.run(&["unpack", "/deep", "/out2", "--max-entries", "5000"]).code(1).stderr_has("more than 5000 entries");
    deep.pax(b'x', &[("path", "d/".repeat(257).as_bytes())]).file("x", "");
    scene.file("deep", deep.end());
    scene.run(&["unpack", "/deep", "/out2"]).code(1).stderr_has("its name has more than 256 parts");
    assert!(!scene.exists("out2"));
}

#[test]
fn a_zip_bomb_is_refused_by_what_it_says_of_itself() {
    let scene = Scene::new();
    python(
        &scene,
        r"
import zipfile
with zipfile.ZipFile('a', 'w', zipfile.ZIP_DEFLATED) as z:
    for n in range(4): z.writestr(f'zeros{n}', bytes(40 << 20))
",
    );
    scene.run(&["unpack", "/a", "/out"]).code(1).stderr_has("becomes more than 200 times as large as it is");
    scene.run(&["unpack", "/a", "/out", "--max-size", "160MiB", "--include", "zeros1"]).code(0);
    scene
        .run(&["unpack", "/a", "/out", "--max-size", "159MiB"])
        .code(1)
        .stderr_has("becomes larger than 166723584 bytes");
    scene.run(&["unpack", "/a", "/out", "--max-entries", "3"]).code(1).stderr_has("has more than 3 entries");
}

#[test]
fn an_absurd_window_is_refused() {
    let scene = Scene::new();
    python(
        &scene,
        r"
import lzma, struct, zlib
content = bytes(2048)
filters = [{'id': lzma.FILTER_LZMA2, 'dict_size': 512 << 20}]
open('xz', 'wb').write(lzma.compress(content, filters=filters))
# A frame with a window of 1 GiB and one raw block.
open('zst', 'wb').write(b'\x28\xb5\x2f\xfd' + b'\x00' + bytes([20 << 3]) + struct.pack('<L', 2048 << 3 | 1)[:3] + content)
open('zst128', 'wb').write(b'\x28\xb5\x2f\xfd' + b'\x00' + bytes([17 << 3]) + struct.pack('<L', 2048 << 3 | 1)[:3] + content)
",
    );
    for archive in ["/xz", "/zst"] {
        scene
            .run(&["unpack", archive, "/out"])
            .code(1)
            .stderr_has(&format!("cannot unpack `{archive}`: it needs more than 128 MiB of memory to be read"));
    }
    scene.run(&["unpack", "/zst128", "/out"]).code(0);
}

#[test]
fn the_top_of_the_target_and_a_mounted_volume_keep_their_mode() {
    if !root_or_skip("the_top_of_the_target_and_a_mounted_volume_keep_their_mode") {
        return;
    }
    let scene = Scene::new();
    scene.file("a", Tar::default().entry(b'5', b"./", b"", 0o777, b"").file("./f", "1").end());
    scene.directory("volume").mode("volume", 0o2770).owned("volume", 0, 1000);
    scene.run(&["unpack", "/a", "/volume"]).code(0);
    assert_eq!(scene.stat("volume"), "0:1000 2770");
}
