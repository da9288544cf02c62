//! What steps say when they cannot be done, word for word: place, line, mark, notes and hint.

mod edit;
mod edit_fields;
mod programs;
mod render;
mod render_fields;

use crate::harness::Scene;

/// The step, the files that are there, the exit code, and all of standard error.
type Case = (&'static str, &'static [(&'static str, &'static str)], i32, &'static str);

#[track_caller]
fn says(verb: &str, cases: &[Case]) {
    let mut others = Vec::new();
    for (row, &(step, files, code, wanted)) in cases.iter().enumerate() {
        let scene = Scene::with_plan(&format!("version: 1\nsteps:\n  - {step}\n"));
        for (path, content) in files {
            scene.file(path, content);
        }
        let ran = scene.run(&[verb, "plan.yaml"]);
        if (ran.code, ran.stderr.trim_end()) != (code, wanted) {
            others.push(format!("row {row}: ({step:?}, &{files:?}, {}, {:?}),", ran.code, ran.stderr.trim_end()));
        }
        for (path, content) in files {
            assert_eq!(scene.read(path), *content, "{step}");
        }
    }
    assert!(others.is_empty(), "told otherwise:\n{}", others.join("\n"));
}
