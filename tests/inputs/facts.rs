//! Facts that need the program itself.

use crate::harness::Scene;

const PLAN: &str = "version: 1
inputs: { env: { WORD: { default: w } } }
steps:
  - render: { text: '{{len facts.arguments}}{{#each facts.arguments}} <{{this}}>{{/each}}', path: /out }
";

#[test]
fn arguments_are_those_of_the_command_that_is_handed_over_to() {
    let scene = Scene::with_plan(PLAN);
    scene.apply().code(0);
    assert_eq!(scene.read("out"), "0");
    scene.run(&["apply", "plan.yaml", "--", "/bin/true", "-x", "a b"]).code(0);
    assert_eq!(scene.read("out"), "3 </bin/true> <-x> <a b>");
    scene.file("plan.yaml", format!("{PLAN}exec: {{ command: [/bin/true, \"{{{{env.WORD}}}}\"] }}\n"));
    scene.apply().code(0);
    assert_eq!(scene.read("out"), "2 </bin/true> <w>");
    scene.run(&["apply", "plan.yaml", "--", "/bin/true"]).code(0);
    assert_eq!(scene.read("out"), "1 </bin/true>");
    // A condition counts them in the same way.
    let plan = "version: 1
steps:
  - { when: { argument: 1, equals: \"-x\" }, render: { text: '{{lookup facts.arguments 1}}', path: /one } }
";
    scene.file("plan.yaml", plan).run(&["apply", "plan.yaml", "--", "/bin/true", "-x"]).code(0);
    assert_eq!(scene.read("one"), "-x");
}

#[test]
fn addresses_and_name_servers_are_lists_of_text() {
    let scene = Scene::with_plan(
        "version: 1
steps:
  - render: { text: '{{{json facts.addresses}}} {{{json facts.nameservers}}} {{{json facts.ordinal}}}', path: /out }
",
    );
    scene.apply().code(0);
    let out = scene.read("out");
    let mut parts = out.split(' ');
    for _ in 0..2 {
        let list: Vec<String> = serde_json::from_str(parts.next().unwrap()).unwrap();
        assert!(list.iter().all(|address| address.contains(['.', ':'])), "{out}");
    }
}
