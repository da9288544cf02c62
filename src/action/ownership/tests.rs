use super::fixture::{context, spec};
use super::resolve;
use crate::document::Located;
use crate::root::tests::Scratch;
use crate::spec::Owner;

#[test]
fn names_are_looked_up_under_the_root() {
    let scratch = Scratch::new();
    scratch.file("etc/passwd", "postgres:x:70:71::/:\n").file("etc/group", "data:x:5:postgres\n");
    let context = context(scratch.root());
    for (text, wanted) in [
        ("postgres:data", Ok((Some(70), Some(5)))),
        ("postgres", Ok((Some(70), None))),
        (":data", Ok((None, Some(5)))),
        ("1000:1001", Ok((Some(1000), Some(1001)))),
        ("postgers", Err("unknown user `postgers` in `/etc/passwd`")),
        ("0:root", Err("unknown group `root` in `/etc/group`")),
    ] {
        let owner: Located<Owner> = spec(&format!("\"{text}\""));
        let found = resolve(Some(&owner), &context);
        let found = found.as_ref().map(|found| *found).map_err(ToString::to_string);
        assert_eq!(found, wanted.map_err(str::to_owned), "{text}");
    }
    let owner: Located<Owner> = spec("postgers");
    let failure = resolve(Some(&owner), &context).unwrap_err();
    assert_eq!(failure.details().hint.as_deref(), Some("did you mean `postgres`? Numbers always work"));
    assert!(failure.details().span.is_known());
}

#[test]
fn numbers_need_no_files() {
    let scratch = Scratch::new();
    scratch.directory("etc/passwd");
    let owner: Located<Owner> = spec("\"7:8\"");
    assert_eq!(resolve(Some(&owner), &context(scratch.root())).unwrap(), (Some(7), Some(8)));
    assert_eq!(resolve(None, &context(scratch.root())).unwrap(), (None, None));
}
