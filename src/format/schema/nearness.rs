//! Which of the names that would have been right is the nearest.

/// The candidate that was likely meant.
pub(super) fn nearest<'a>(wrong: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong: Vec<char> = wrong.chars().take(LONGEST + 1).collect();
    let near = candidates.filter_map(|candidate| {
        let letters: Vec<char> = candidate.chars().take(LONGEST + 1).collect();
        let allowed = letters.len() / 3;
        let is_comparable = letters.len().abs_diff(wrong.len()) <= allowed && letters.len().max(wrong.len()) <= LONGEST;
        let distance = is_comparable.then(|| distance(&wrong, &letters))?;
        (distance <= allowed).then_some((distance, candidate))
    });
    near.min().map(|(_, candidate)| candidate)
}

/// Characters of a name; what is longer is nobody's typing error.
const LONGEST: usize = 64;

/// How many letters have to be changed, added, left out or swapped with their neighbour; case does not count.
fn distance(left: &[char], right: &[char]) -> usize {
    let same = |left: &char, right: &char| left.eq_ignore_ascii_case(right);
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, letter) in left.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let at = |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX / 2);
            let changed = at(&last, column) + usize::from(!same(letter, other));
            let mut least = changed.min(at(&last, column + 1) + 1).min(at(&line, column) + 1);
            if let (Some(row_before), Some(column_before)) = (row.checked_sub(1), column.checked_sub(1))
                && let (Some(above), Some(beside)) = (left.get(row_before), right.get(column_before))
                && same(above, other)
                && same(letter, beside)
            {
                least = least.min(at(&before_last, column_before) + 1);
            }
            line.push(least);
        }
        before_last = std::mem::replace(&mut last, line);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn names_only_what_is_near() {
        let keys = ["source", "path", "owner", "mode"];
        for (wrong, wanted) in [
            ("onwer", Some("owner")),
            ("Mode", Some("mode")),
            ("src", None),
            ("pth", Some("path")),
            ("modes", Some("mode")),
            ("completely different", None),
            ("", None),
        ] {
            assert_eq!(nearest(wrong, keys.into_iter()), wanted, "{wrong}");
        }
    }
}
