#![allow(clippy::disallowed_methods, reason = "the tests look at what the file layer did")]

use super::super::ownership::fixture::{apply, context, failure, observe};
use crate::root::tests::Scratch;
use crate::spec::LinkSpec;

#[test]
fn a_link_is_made_replaced_and_left_alone() {
    let scratch = Scratch::new();
    scratch.file("file", "").directory("directory");
    let context = context(scratch.root());
    let make = |target: &str| format!("{{target: {target}, path: /link, owner: '1000:1000'}}");
    assert_eq!(observe::<LinkSpec>(&make("one"), &context).unwrap(), ["+ /link: -> one"]);
    apply::<LinkSpec>(&make("one"), &context).unwrap().unwrap();
    assert_eq!(scratch.attributes("link"), "1000:1000 0777");
    scratch.own("link", 0, 1000);
    assert_eq!(
        observe::<LinkSpec>(&make("/two"), &context).unwrap(),
        ["~ /link: -> /two instead of one, owner 0:1000 -> 1000:1000"]
    );
    apply::<LinkSpec>(&make("/two"), &context).unwrap().unwrap();
    assert_eq!(std::fs::read_link(scratch.path("link")).unwrap().to_str(), Some("/two"));
    assert_eq!(apply::<LinkSpec>(&make("/two"), &context).unwrap(), None);
    for (path, wanted) in [
        ("/file", "cannot make link `/file`: a file is in its place"),
        ("/directory", "cannot make link `/directory`: a directory is in its place"),
        ("/missing/link", "cannot make link `/missing/link`: no such file or directory"),
    ] {
        assert_eq!(failure::<LinkSpec>(&format!("{{target: x, path: {path}}}"), &context), wanted);
    }
}
