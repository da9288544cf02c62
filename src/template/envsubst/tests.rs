use super::{Allowed, Forms, Template, Unknown};

fn lookup(name: &str) -> Option<String> {
    let value = match name {
        "A" => "va/lu/e.x",
        "B" => "$A",
        "E" => "",
        _ => return None,
    };
    Some(value.to_owned())
}

fn rendered(text: &str, forms: Forms, allowed: &Allowed, unknown: Unknown) -> Result<String, (usize, String)> {
    Template::parse(text, forms, allowed)
        .and_then(|template| template.render(&lookup, unknown))
        .map(|rendered| rendered.text)
        .map_err(|problem| (problem.offset, problem.message))
}

#[test]
fn gnu() {
    for (text, wanted) in [
        ("$A ${A}", "va/lu/e.x va/lu/e.x"),
        ("$$B $1 ${ ${1} $ ${", "$$A $1 ${ ${1} $ ${"),
        ("${E:-$B} ${${B}}", "${E:-$A} ${$A}"),
        ("$AB|$X|${X}|$é", "|||$é"),
    ] {
        assert_eq!(rendered(text, Forms::Gnu, &Allowed::All, Unknown::Empty).as_deref(), Ok(wanted), "{text}");
    }
}

#[test]
fn posix() {
    for (text, wanted) in [
        ("${E:-x$B} ${E-x} ${X-} ${X:-a\\}b}", "x$A   a}b"),
        ("${X:=y${X:-n}} $X ${X=z}", "yn yn yn"),
        ("${A:+a}${E:+b}${E+c}${X+d}", "ac"),
        ("${#A} ${#E}", "9 0"),
        ("${A#*/} ${A##*/} ${A%/*} ${A%%/*}", "lu/e.x e.x va/lu va"),
        ("${A%.?} ${A#[!a-u]} ${A%\\*} ${A#${A%/*}}", "va/lu/e a/lu/e.x va/lu/e.x /e.x"),
        ("${A:3} ${A/x/y} ${A", "${A:3} ${A/x/y} ${A"),
    ] {
        assert_eq!(rendered(text, Forms::Posix, &Allowed::All, Unknown::Error).as_deref(), Ok(wanted), "{text}");
    }
}

#[test]
fn problems() {
    for (text, offset, message) in [
        ("a $X", 2, "unknown name `X`"),
        ("${E:-${X}}", 5, "unknown name `X`"),
        ("${E:?}", 0, "`E` is empty"),
        ("${X?set $it}", 0, "`X` is not set: set $it"),
        ("a ${A:-x", 2, "`${` is not closed"),
    ] {
        let found = rendered(text, Forms::Posix, &Allowed::All, Unknown::Error);
        assert_eq!(found, Err((offset, message.to_owned())), "{text}");
    }
    let deep = "${A:-".repeat(65) + &"}".repeat(65);
    assert!(Template::parse(&deep, Forms::Posix, &Allowed::All).is_err());
}

#[test]
fn places_of_values() {
    let template = Template::parse("$A $B ${A}", Forms::Gnu, &Allowed::All).unwrap();
    assert_eq!(template.names().collect::<Vec<_>>(), [("A", 1), ("B", 4)]);
    let rendered = template.render(&lookup, Unknown::Error).unwrap();
    let places: Vec<_> = rendered.insertions.iter().map(|insertion| &rendered.text[insertion.range.clone()]).collect();
    assert_eq!(places, ["va/lu/e.x", "$A", "va/lu/e.x"]);
}
