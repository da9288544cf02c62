//! Archives made byte by byte, and by the programs that others make them with.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::harness::Scene;

/// A tar archive in the making.
#[derive(Clone, Default)]
pub(crate) struct Tar(Vec<u8>);

impl Tar {
    /// A header with this kind, and a content.
    pub(crate) fn entry(&mut self, kind: u8, name: &[u8], link: &[u8], mode: u32, content: &[u8]) -> &mut Self {
        self.header(kind, name, link, mode, content.len() as u64);
        self.0.extend(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub(crate) fn header(&mut self, kind: u8, name: &[u8], link: &[u8], mode: u32, size: u64) -> &mut Self {
        let mut block = [0; 512];
        block[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
        block[100..107].copy_from_slice(format!("{mode:07o}").as_bytes());
        block[108..115].copy_from_slice(b"0001747");
        block[116..123].copy_from_slice(b"0001747");
        block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
        block[136..147].copy_from_slice(b"00000000000");
        block[156] = kind;
        block[157..157 + link.len()].copy_from_slice(link);
        block[257..265].copy_from_slice(b"ustar\x0000");
        self.block(block)
    }

    /// A header as it is, with its checksum.
    pub(crate) fn block(&mut self, mut block: [u8; 512]) -> &mut Self {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        self.raw(&block)
    }

    pub(crate) fn file(&mut self, name: &str, content: &str) -> &mut Self {
        self.entry(b'0', name.as_bytes(), b"", 0o644, content.as_bytes())
    }

    pub(crate) fn directory(&mut self, name: &str) -> &mut Self {
        self.entry(b'5', name.as_bytes(), b"", 0o755, b"")
    }

    pub(crate) fn link(&mut self, name: &str, says: &str) -> &mut Self {
        self.entry(b'2', name.as_bytes(), says.as_bytes(), 0o777, b"")
    }

    pub(crate) fn hard_link(&mut self, name: &str, target: &str) -> &mut Self {
        self.entry(b'1', name.as_bytes(), target.as_bytes(), 0o644, b"")
    }

    /// An extended header with these records.
    pub(crate) fn pax(&mut self, kind: u8, records: &[(&str, &[u8])]) -> &mut Self {
        let mut content = Vec::new();
        for (key, value) in records {
            let rest = key.len() + value.len() + 3;
            let length = (rest..rest + 9).find(|length| rest + length.to_string().len() == *length).unwrap();
            content.extend(format!("{length} {key}=").as_bytes());
            content.extend(*value);
            content.push(b'\n');
        }
        self.entry(kind, b"PaxHeaders/x", b"", 0o644, &content)
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend(bytes);
        self
    }

    /// With the mark of the end.
    pub(crate) fn end(&self) -> Vec<u8> {
        [&self.0[..], &[0; 1024]].concat()
    }
}

/// What a compressor makes of it.
pub(crate) fn compressed(program: &str, arguments: &[&str], content: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; `tools/install test` installs it"));
    let mut input = child.stdin.take().unwrap();
    let content = content.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = input.write_all(&content);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "{program}");
    output.stdout
}

/// The compressions of tar, with what makes them.
pub(crate) const COMPRESSORS: [(&str, &str, &[&str]); 5] = [
    ("tar", "cat", &[]),
    ("tar.gz", "gzip", &["-c"]),
    ("tar.bz2", "bzip2", &["-c"]),
    ("tar.xz", "xz", &["-c"]),
    ("tar.zst", "zstd", &["-c", "-q", "--check"]),
];

/// Runs Python in the scene. It has `tarfile` and `zipfile`, which others make archives with.
pub(crate) fn python(scene: &Scene, script: &str) {
    let output = Command::new("python3").args(["-c", script]).current_dir(&scene.directory).output().unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// GNU tar in the scene.
pub(crate) fn gnu_tar(scene: &Scene, arguments: &[&str]) {
    let output = Command::new("tar").args(arguments).current_dir(&scene.directory).output().unwrap();
    assert!(output.status.success(), "{arguments:?}\n{}", String::from_utf8_lossy(&output.stderr));
}
