//! All values in all places of a format.

use serde_json::json;

use super::place::{Format, Language, Place, VALUE};
use super::values;
use crate::harness::Scene;

/// Values that may be refused and are tried, for each place: each needs a run of its own.
const REFUSED: usize = 30;

/// The length from which on a value is given in a file of its own.
const LONG: usize = 500_000;

/// Runs of the program at the same time.
const THREADS: usize = 2;

/// The values for some places that are tried together.
type Batch<'a> = Vec<(&'a Place, Vec<String>)>;

/// Fails at the first value that neither comes back nor may be refused. The first place also takes a megabyte.
pub(super) fn hold(format: &Format<'_>) {
    let mut batch = Batch::new();
    let seed = values::seed();
    let random = values::random(seed, 300);
    for (index, place) in format.places.iter().enumerate() {
        let in_scope = |value: &String| !(place.out_of_scope)(value);
        let may_refuse = |value: &String| (place.may_refuse)(value);
        let (mut doubtful, mut sure): (Vec<_>, Vec<_>) =
            values::fixed().into_iter().filter(in_scope).partition(may_refuse);
        let (risky, safe): (Vec<_>, Vec<_>) = random.iter().cloned().filter(in_scope).partition(may_refuse);
        doubtful.extend(risky);
        let tried = values::sample(seed + index as u64, values::unique(doubtful), REFUSED);
        sure.extend(safe);
        sure.extend(accepted(format.language, place, &tried));
        batch.push((place, values::unique(sure)));
        let large = (index == 0).then(|| values::megabyte(|text| !(place.may_refuse)(text)));
        batch.extend(large.filter(|large| !(place.may_refuse)(large)).map(|large| (place, vec![large])));
    }
    if let Err(problem) = attempt(format, &batch) {
        for (place, values) in &batch {
            narrow(format, place, values);
        }
        panic!("{}: only all places together fail: {problem}", format.language.name);
    }
}

/// Those of the values that are not refused.
fn accepted(language: Language, place: &Place, values: &[String]) -> Vec<String> {
    let some = |values: &[String]| {
        let scene = single(language, place);
        let taken = |value: &&String| !is_refused(language, place, &scene, value);
        values.iter().filter(taken).cloned().collect::<Vec<_>>()
    };
    let part = values.len().div_ceil(THREADS).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = values.chunks(part).map(|part| scope.spawn(move || some(part))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// A scene with one place for one value.
fn single(language: Language, place: &Place) -> Scene {
    let name = language.name;
    let scene = Scene::with_plan(&format!(
        "version: 1
inputs: {{ values: {{ v: {{ file: /v.json }} }} }}
steps:
  - render: {{ source: /t.hbs, path: /out, escape: {name} }}
"
    ));
    scene.file("t.hbs", place.template("values.v"));
    scene
}

/// Whether the value is refused; if so, then in the right way.
fn is_refused(language: Language, place: &Place, scene: &Scene, value: &str) -> bool {
    scene.file("v.json", json!([value]).to_string());
    let ran = scene.apply();
    if ran.code == 0 {
        std::fs::remove_file(scene.path("out")).unwrap();
        return false;
    }
    let context = format!("{} {}: {value:?}\n{}", language.name, place.item, ran.stderr);
    assert_eq!(ran.code, 4, "{context}");
    assert!(!scene.exists("out"), "{context}");
    assert!(ran.stderr.starts_with("error: cannot render the template: "), "{context}");
    let places = marks(&place.template("values.v"));
    assert!(places.iter().any(|place| ran.stderr.contains(place)), "none of {places:?}: {context}");
    assert!(value.len() < 6 || place.item.contains(value) || !ran.stderr.contains(value), "shown: {context}");
    true
}

/// Where the value stands in the template, as a message shows it.
fn marks(template: &str) -> Vec<String> {
    template
        .match_indices(VALUE)
        .map(|(at, _)| {
            let before = &template[..at];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
            format!("--> /t.hbs:{line}:{column} ")
        })
        .collect()
}

/// Renders the values and reads them back.
fn attempt(format: &Format<'_>, batch: &Batch<'_>) -> Result<(), String> {
    let scene = Scene::new();
    let language = format.language;
    let (mut inputs, mut steps, mut files) = (String::new(), String::new(), Vec::new());
    for (index, (place, values)) in batch.iter().enumerate() {
        let by_name = language.file.map_or(format!("escape: {}", language.name), |_| "if_exists: replace".to_owned());
        let path = format!("/named/{index}/{}", language.file.unwrap_or("text"));
        steps += &format!("  - render: {{ source: /t/{index}, path: {path}, {by_name} }}\n");
        steps += &format!("  - render: {{ source: /t/{index}, path: /told/{index}, escape: {} }}\n", language.name);
        scene.file(&format!("t/{index}"), place.template(&format!("values.l{index}")));
        scene.directory(&format!("named/{index}")).directory("told");
        match &values[..] {
            // A file of values is at most as long as this one value.
            [large] if large.len() > LONG => {
                scene.file(&format!("v/{index}/0"), large);
                inputs += &format!("    l{index}: {{ directory: /v/{index} }}\n");
            }
            values => {
                scene.file(&format!("v/{index}.json"), json!(values).to_string());
                inputs += &format!("    l{index}: {{ file: /v/{index}.json }}\n");
            }
        }
        files.push(path);
    }
    scene.file("plan.yaml", format!("version: 1\ninputs:\n  values:\n{inputs}steps:\n{steps}"));
    let ran = scene.apply();
    if ran.code != 0 {
        return Err(ran.stderr);
    }
    for (index, file) in files.iter().enumerate() {
        assert!(scene.read(file) == scene.read(&format!("told/{index}")), "{file} differs from `escape:`");
    }
    let read = (format.read)(&scene, &files);
    assert_eq!(read.len(), batch.len());
    for ((place, values), read) in batch.iter().zip(read) {
        compare(place, values, &read.map_err(|error| format!("{}: {error}", place.item))?)?;
    }
    Ok(())
}

fn compare(place: &Place, values: &[String], read: &[String]) -> Result<(), String> {
    for (value, read) in values.iter().zip(read) {
        let wanted = place.read(value);
        if wanted != *read {
            let short = |text: &str| text.chars().take(200).collect::<String>();
            return Err(format!("{}: wanted {:?}, read {:?}", place.item, short(&wanted), short(read)));
        }
    }
    if values.len() == read.len() {
        return Ok(());
    }
    Err(format!("{}: {} values, but {} are read", place.item, values.len(), read.len()))
}

/// Fails at the value that does not come back.
fn narrow(format: &Format<'_>, place: &Place, values: &[String]) {
    let Err(problem) = attempt(format, &vec![(place, values.to_vec())]) else { return };
    if let [value] = values {
        let start: String = value.chars().take(200).collect();
        panic!("{} {}: {start:?}\n{problem}", format.language.name, place.item);
    }
    let (left, right) = values.split_at(values.len() / 2);
    narrow(format, place, left);
    narrow(format, place, right);
    panic!("{} {}: only values together fail: {problem}", format.language.name, place.item);
}
