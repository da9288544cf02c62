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
    let deep = "${A:-".repeat(65) + &"}".repeat(65);
    for (text, offset, message, hint) in [
        ("a $X", 2, "unknown name `X`", "set it, or say what becomes of it: `unknown: empty`"),
        ("a ${X}", 2, "unknown name `X`", "set it, or say what becomes of it: `unknown: empty`"),
        ("${#X}", 0, "unknown name `X`", "set it, or say what becomes of it: `unknown: empty`"),
        ("${X%x}", 0, "unknown name `X`", "set it, or say what becomes of it: `unknown: empty`"),
        ("${E:-${X}}", 5, "unknown name `X`", "set it, or say what becomes of it: `unknown: empty`"),
        ("${E:?}", 0, "`E` is empty", ""),
        ("${X:?}", 0, "`X` is not set", ""),
        ("${E:?fill $it}", 0, "`E` is empty: fill $it", ""),
        ("${X?set $it}", 0, "`X` is not set: set $it", ""),
        (
            "a ${A:-x",
            2,
            "`${` is not closed",
            "leave the name out of the variables that are replaced if the text shall stay as it is",
        ),
        (&deep, 320, "expansions are nested more than 64 levels deep", ""),
    ] {
        let template = Template::parse(text, Forms::Posix, &Allowed::All);
        let problem = template.and_then(|template| template.render(&lookup, Unknown::Error)).unwrap_err();
        let told = (problem.offset, problem.message.as_str(), problem.hint.as_deref().unwrap_or_default());
        assert_eq!(told, (offset, message, hint), "{text}");
    }
}

#[test]
fn what_becomes_too_long_is_refused() {
    let value = "x".repeat(32 << 20);
    let text = "$A".repeat(9);
    let template = Template::parse(&text, Forms::Gnu, &Allowed::All).unwrap();
    let problem = template.render(&|_| Some(value.clone()), Unknown::Error).unwrap_err();
    assert_eq!((problem.offset, problem.message.as_str()), (16, "the text becomes longer than 256 MiB"));
}

#[test]
fn places_of_values() {
    let template = Template::parse("$A $B ${A}", Forms::Gnu, &Allowed::All).unwrap();
    assert_eq!(template.names().collect::<Vec<_>>(), [("A", 1), ("B", 4)]);
    let rendered = template.render(&lookup, Unknown::Error).unwrap();
    let places: Vec<_> = rendered.insertions.iter().map(|insertion| &rendered.text[insertion.range.clone()]).collect();
    assert_eq!(places, ["va/lu/e.x", "$A", "va/lu/e.x"]);
}
