//! "Did you mean": the known word nearest to a mistyped one.
//! Promises a suggestion only when it is near enough to be meant.
//! Leaves the sentence around it to the caller.

/// The nearest of `known` words to `given`, when at most a third of its letters (and at least one) would change.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given: String = given
        .chars()
        .take(64)
        .collect::<String>()
        .to_lowercase()
        .replace('-', "_");
    known
        .into_iter()
        .map(|word| {
            (
                distance(&given, &word.to_lowercase().replace('-', "_")),
                word,
            )
        })
        .filter(|(distance, word)| *distance <= (word.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Levenshtein's distance, one row at a time.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.chars().enumerate() {
        let mut diagonal = above;
        let mut before = above + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(&right) {
            let cost = diagonal + usize::from(letter != *other);
            diagonal = *cell;
            *cell = cost.min(diagonal + 1).min(before + 1);
            before = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = above + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_the_word_that_was_meant() {
        let known = ["max_length", "min_length", "pattern", "form-only", "poll"];
        for (given, meant) in [
            ("max_lenght", Some("max_length")),
            ("patern", Some("pattern")),
            ("form_only", Some("form-only")),
            ("Pol", Some("poll")),
            ("wheel", None),
            ("", None),
        ] {
            assert_eq!(nearest(given, known), meant, "for `{given}`");
        }
    }
}
