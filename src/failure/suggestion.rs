//! "Did you mean": the nearest of the names that would have been right.

/// The candidate nearest to `wrong`, if it is near enough to be what was meant.
pub(crate) fn did_you_mean<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wrong = wrong.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wrong, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn suggests_only_what_is_near() {
        let keys = ["source", "path", "owner", "mode"];
        for (wrong, wanted) in [
            ("onwer", Some("did you mean `owner`?")),
            ("Mode", Some("did you mean `mode`?")),
            ("src", None),
            ("pth", Some("did you mean `path`?")),
            ("completely different", None),
            ("", None),
            ("A", None),
        ] {
            assert_eq!(did_you_mean(wrong, keys).as_deref(), wanted, "{wrong}");
        }
    }
}
