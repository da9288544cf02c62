//! Whatever is rendered without the library means what it means to the library: result, and error with its place.

use super::super::{Data, Declared};
use super::tests::data;
use super::{Language, Partials, Template};
use crate::failure::{Failure, Source};

/// Pieces of templates, put together at random.
const PIECES: [&str; 44] = [
    "text ",
    "\n",
    "  ",
    "{",
    "}",
    "é\u{1f600}",
    "\\",
    "\\n",
    "\"",
    "# ",
    "a: ",
    "$",
    "\r\n",
    "{{env.PORT}}",
    "{{ env.NAME }}",
    "{{env.ON}}",
    "{{{env.NAME}}}",
    "{{&env.NAME}}",
    "{{env.NONE}}",
    "{{env.LIST}}",
    "{{env.NOPE}}",
    "{{env}}",
    "{{values.site.title}}",
    "{{values.site}}",
    "{{values.site.nope}}",
    "{{facts.cpus}}",
    "{{env.LIST.0}}",
    "{{upper env.NAME}}",
    "\n{{#if env.ON}}\n",
    "{{else}}",
    "\n{{/if}}\n",
    "{{! note }}",
    "\n{{!-- {{env.A}} --}}\n",
    "{{~env.PORT}}",
    "{{env.PORT~}}",
    "{{@root.env.PORT}}",
    "{{this.env.PORT}}",
    "{{env.[PORT]}}",
    "{{env.length}}",
    "{{default env.NONE 1}}",
    "{{env.this}}",
    "{{env.else}}",
    "{{#with values.site}}{{title}}{{env.PORT}}{{/with}}",
    "{{nope}}",
];

/// Numbers that look random, always the same.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

fn described(failure: &Failure) -> String {
    let details = failure.details();
    format!("{}:{} {failure} {:?}", details.span.line, details.span.column, details.hint)
}

fn rendered(template: &Result<Template, Failure>, language: Language, data: &Data) -> Result<String, String> {
    let template = template.as_ref().map_err(described)?;
    template.render(data, language, &Partials::default()).map_err(|failure| described(&failure))
}

fn compare(text: &str) -> bool {
    let source = Source::new("t", text);
    let fast = Template::parse(&source);
    let whole = fast.as_ref().map_or_else(|failure| Err(failure.clone()), Template::whole);
    if fast.is_err() {
        // What cannot be parsed in stretches cannot be parsed as a whole either.
        let refused = super::parse_whole(&source).err().map(|failure| described(&failure));
        assert_eq!(fast.as_ref().err().map(described), refused, "{text}");
    }
    let declared = Declared { env: vec!["PORT".to_owned(), "NAME".to_owned()], ..Declared::default() };
    let mut right = false;
    for language in [Language::None, Language::Json, Language::Yaml, Language::Sh] {
        let (found, wanted) = (rendered(&fast, language, &data()), rendered(&whole, language, &data()));
        right |= found.is_ok();
        assert_eq!(found, wanted, "{language:?} {text}");
    }
    if let (Ok(fast), Ok(whole)) = (&fast, &whole) {
        let found = |template: &Template| {
            template.check(&declared, &Partials::default()).iter().map(described).collect::<Vec<_>>()
        };
        assert_eq!(found(fast), found(whole), "{text}");
    }
    right
}

#[test]
fn plain_stretches_mean_what_they_mean_to_the_library() {
    let mut numbers = Numbers(7);
    let filler = "filler {{env.PORT}} of {{env.NAME}}\n".repeat(130);
    let mut right = 0;
    for round in 0..400 {
        let text: String = (0..=numbers.below(7)).map(|_| PIECES[numbers.below(PIECES.len())]).collect();
        right += usize::from(compare(&text));
        // Only a long text is cut.
        if round % 20 == 0 {
            right += usize::from(compare(&format!("{filler}{text}\n{filler}")));
            right += usize::from(compare(&format!("{text}{filler}{text}")));
        }
    }
    assert!(right > 50, "only {right} were right");
}
