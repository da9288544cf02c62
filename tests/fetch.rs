//! Downloads, from a server of the test that does what real ones do on bad days.

mod bounds;
mod faults;
mod files;
mod headers;
mod proxies;
mod redirects;
mod secure;
mod signals;
mod unpacked;

use sha2::{Digest, Sha256, Sha512};

use crate::harness::Scene;

/// The digits of SHA-256.
pub(crate) fn sha256(content: impl AsRef<[u8]>) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn sha512(content: impl AsRef<[u8]>) -> String {
    Sha512::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes that repeat nowhere near.
pub(crate) fn bytes(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u8::try_from(state >> 56).unwrap()
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// A scene with one `fetch` step to `/out/file`, that does not wait long between tries.
pub(crate) fn fetching(url: &str, fields: &str) -> Scene {
    let scene = Scene::with_plan(&plan(url, fields));
    scene.directory("out");
    scene
}

pub(crate) fn plan(url: &str, fields: &str) -> String {
    format!("version: 1\nsteps:\n  - fetch: {{ url: \"{url}\", path: /out/file, interval: 10ms{fields} }}\n")
}
