use super::super::ownership::fixture::{apply, context, failure, observe};
use crate::root::tests::Scratch;
use crate::spec::MkdirSpec;

#[test]
fn a_directory_is_made_and_then_corrected() {
    let scratch = Scratch::new();
    scratch.file("file", "").directory("other").link("way", "other");
    let context = context(scratch.root());
    let plan = "{path: /a/b, owner: '1000:1001', mode: '0750'}";
    assert_eq!(observe::<MkdirSpec>(plan, &context).unwrap(), ["+ /a/b: directory, owner 1000:1001, mode 0750"]);
    assert!(!scratch.exists("a"));
    assert_eq!(apply::<MkdirSpec>(plan, &context).unwrap().unwrap().summary, "made");
    assert_eq!((scratch.attributes("a").as_str(), scratch.attributes("a/b").as_str()), ("0:0 0755", "1000:1001 0750"));
    scratch.mode("a/b", 0o2770).own("a/b", 0, 1001);
    let wanted = ["~ /a/b: owner 0:1001 -> 1000:1001, mode 2770 -> 0750"];
    assert_eq!(observe::<MkdirSpec>(plan, &context).unwrap(), wanted);
    assert_eq!(apply::<MkdirSpec>(plan, &context).unwrap().unwrap().summary, "owner or mode set");
    assert_eq!(apply::<MkdirSpec>("{path: /a/b}", &context).unwrap(), None);
    for (plan, wanted) in [
        ("{path: /file}", "cannot make directory `/file`: a file is in its place"),
        ("{path: /way}", "cannot make directory `/way`: a symbolic link is in its place"),
        ("{path: /file/below}", "cannot make directory `/file/below`: not a directory"),
    ] {
        assert_eq!(failure::<MkdirSpec>(plan, &context), wanted);
    }
}
