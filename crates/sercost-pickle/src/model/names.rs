//! Names that were mistyped.

/// The one of `known` that `name` was probably meant to be: up to a third of its letters may be wrong, and one in the
/// shortest names. `None` where none is near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&name, &candidate.to_lowercase()), candidate))
        .filter(|&(distance, candidate)| distance <= (candidate.len() / 3).max(1))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_nothing_far() {
        assert_eq!(nearest("jsno", ["json", "bson"]), Some("json"));
        assert_eq!(nearest("PIPE", ["unix", "pipe"]), Some("pipe"));
        assert_eq!(nearest("carrier-pigeon", ["unix", "pipe"]), None);
    }
}
