//! The kind of the text of a cell, and the type of a column by its cells.
//!
//! A column is numbers or booleans only if every cell of it is one, or is missing: empty, or one of [`MARKS`]. What
//! is more than the plain spelling of JSON (`True`, `.5`, `+1`, `1,5`, blanks around a number, marks) is counted, so
//! that the notes can say how often it was met. What identifiers look like stays text: leading zeros, integers over 64
//! bits, and the plus sign of a telephone number.

/// The marks that programs and people write where a value is missing. They count as such in columns of numbers or
/// booleans only.
pub(super) const MARKS: &[&str] = &[
    "NA", "N/A", "n/a", "na", "NULL", "null", "Null", "None", "NaN", "nan", "NAN", "-NaN", "-nan", "<NA>", "#N/A",
    "#NA", "\\N", "-", "--", "?", ".",
];

/// The words for true and false, and whether they are what JSON has.
const WORDS: [(&str, &str); 6] =
    [("true", "false"), ("True", "False"), ("TRUE", "FALSE"), ("yes", "no"), ("Yes", "No"), ("YES", "NO")];

/// An integer of so many digits behind a plus sign is a telephone number.
const PHONE_DIGITS: usize = 7;

/// The kind of the cells of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Cells {
    /// Nothing: every cell is empty.
    #[default]
    Empty,
    Ints,
    Floats,
    /// Floats with decimal commas.
    Commas,
    Bools,
    Texts,
}

/// The kind of one cell by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// An integer of at most 64 bits.
    Int(Spelling),
    /// Any other finite number.
    Float(Spelling),
    /// `nan`, `inf`: a number of floating point that JSON does not have.
    Special,
    /// A number with a decimal comma; `sure` where the comma cannot part thousands.
    Comma {
        sure: bool,
    },
    /// One of [`WORDS`], and whether it is the first of the pair.
    Word(usize, bool),
    Text,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spelling {
    /// With a plus sign.
    pub plus: bool,
    /// With no digit before or after the point.
    pub bare_point: bool,
}

/// Without the blanks around it.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// The kind of `text`, which has no blanks around it.
pub(super) fn cell(text: &str) -> Cell {
    let Some(&first) = text.as_bytes().first() else { return Cell::Text };
    if first.is_ascii_alphabetic() {
        for (at, (yes, no)) in WORDS.iter().enumerate() {
            if text == *yes || text == *no {
                return Cell::Word(at, text == *yes);
            }
        }
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if ["nan", "inf", "infinity"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        return Cell::Special;
    }
    let plus = first == b'+';
    let whole = digits(unsigned);
    let rest = &unsigned[whole..];
    // `007` and `-007.5` are codes.
    if whole > 1 && unsigned.starts_with('0') {
        return Cell::Text;
    }
    if rest.is_empty() {
        return integer(text, plus, whole);
    }
    if whole > 0 && rest.contains(',') {
        return decimal_comma(unsigned).map_or(Cell::Text, |sure| Cell::Comma { sure });
    }
    let Some(bare_point) = fraction_and_exponent(whole, rest) else { return Cell::Text };
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Cell::Float(Spelling { plus, bare_point }),
        _ => Cell::Text,
    }
}

/// The number of digits that `text` begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The kind of a sign and `whole` digits.
fn integer(text: &str, plus: bool, whole: usize) -> Cell {
    if whole == 0 || (plus && whole >= PHONE_DIGITS) {
        return Cell::Text;
    }
    let spelling = Spelling { plus, bare_point: false };
    // An integer has no negative zero.
    if text == "-0" {
        return Cell::Float(spelling);
    }
    let fits = text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok();
    if fits { Cell::Int(spelling) } else { Cell::Text }
}

/// Whether what follows `whole` digits makes a float, and if so whether its point lacks a digit.
fn fraction_and_exponent(whole: usize, rest: &str) -> Option<bool> {
    let mut rest = rest;
    let mut bare_point = false;
    if let Some(fraction) = rest.strip_prefix('.') {
        let places = digits(fraction);
        if whole == 0 && places == 0 {
            return None;
        }
        bare_point = whole == 0 || places == 0;
        rest = &fraction[places..];
    } else if whole == 0 {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        return (!exponent.is_empty() && digits(exponent) == exponent.len()).then_some(bare_point);
    }
    rest.is_empty().then_some(bare_point)
}

/// Whether an unsigned number has a decimal comma for sure; none if it has none at all. `1,5`, `0,125`, `1234,567` and
/// `1.234,56` have one, `1,234` may be twelve hundred and more, and `1,234,567` has only thousands.
fn decimal_comma(unsigned: &str) -> Option<bool> {
    let (before, after) = unsigned.split_once(',')?;
    let places = digits(after);
    if places == 0 || places < after.len() {
        return None;
    }
    let mut groups = before.split('.');
    let head = groups.next().unwrap_or("");
    let grouped = groups.clone().next().is_some();
    if head.is_empty() || digits(head) != head.len() || (head.len() > 1 && head.starts_with('0')) {
        return None;
    }
    if grouped && (head.len() > 3 || groups.any(|group| group.len() != 3 || digits(group) != 3)) {
        return None;
    }
    Some(grouped || places != 3 || head.len() > 3 || head == "0")
}

/// What a text might stand for that is no number or boolean here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// A number with commas between its thousands: `1,234,567.50`.
    Thousands,
    /// A number with a sign for its unit: `12.5%`, `$3`, `-€5`.
    Unit,
    /// One of two words: `t` and `f`, `Y` and `N`, `on` and `off`.
    Switch,
}

/// All hints, in the order of their counts.
pub(super) const HINTS: [Hint; 3] = [Hint::Thousands, Hint::Unit, Hint::Switch];

const SWITCHES: [&str; 6] = ["t", "f", "y", "n", "on", "off"];

/// The hint that a text is something else.
fn hint(text: &str) -> Option<Hint> {
    if SWITCHES.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        return Some(Hint::Switch);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let currencies = ['$', '€', '£', '¥'];
    let bare = unsigned.strip_prefix(currencies).or_else(|| unsigned.strip_suffix('%'));
    let bare = bare.or_else(|| unsigned.strip_suffix(currencies)).map(trimmed);
    let number = bare.unwrap_or(unsigned);
    let is_plain = || matches!(cell(number), Cell::Int(_) | Cell::Float(_) | Cell::Comma { .. });
    match bare {
        Some(_) if is_plain() || has_thousands(number) => Some(Hint::Unit),
        None if has_thousands(number) => Some(Hint::Thousands),
        _ => None,
    }
}

/// Whether an unsigned number has commas between its thousands, and a decimal point or none.
fn has_thousands(unsigned: &str) -> bool {
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let mut groups = whole.split(',');
    let head = groups.next().unwrap_or("");
    let are_groups = groups.clone().next().is_some() && groups.all(|group| group.len() == 3 && digits(group) == 3);
    let is_fraction = digits(fraction) == fraction.len() && !fraction.is_empty();
    (1..=3).contains(&head.len()) && digits(head) == head.len() && are_groups && is_fraction
}

/// Whether the point of a float is where one that parts thousands would be: `1.234`, `-12.500`.
fn may_part_thousands(text: &str) -> bool {
    let Some((head, group)) = text.strip_prefix(['-', '+']).unwrap_or(text).split_once('.') else { return false };
    (1..=3).contains(&head.len()) && !head.starts_with('0') && group.len() == 3 && digits(group) == 3
}

/// The number that a cell with a decimal comma stands for.
pub(super) fn parse_comma(text: &str) -> Option<f64> {
    let plain: String = text.chars().filter(|&c| c != '.').map(|c| if c == ',' { '.' } else { c }).collect();
    plain.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Whether `text` is one of [`MARKS`].
pub(super) fn mark(text: &str) -> Option<usize> {
    // Most cells are longer, and none of the marks begins with a digit.
    if text.len() > 4 || text.as_bytes().first().is_none_or(u8::is_ascii_digit) {
        return None;
    }
    MARKS.iter().position(|mark| *mark == text)
}

/// The kinds of the cells of a column, counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub ints: u64,
    pub floats: u64,
    /// Among both, those with a plus sign, and those without a digit before or after the point.
    pub plus: u64,
    pub bare_points: u64,
    /// Among the floats, those whose point could part thousands: `1.234`.
    pub groups: u64,
    /// `inf` and, where it is not a mark, `nan`.
    specials: u64,
    pub commas: u64,
    sure_commas: u64,
    words: [u64; WORDS.len()],
    pub texts: u64,
    /// How many of the texts give each of [`HINTS`], until one gives none.
    hints: [u64; HINTS.len()],
    /// How often each of [`MARKS`] occurs.
    marks: Vec<u64>,
    /// The number of cells that are not text and have blanks around them; and of such texts.
    pub padded: u64,
    pub padded_texts: u64,
    /// Cells of nothing but blanks.
    pub blank: u64,
}

impl Tally {
    pub(super) fn add(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let bare = trimmed(text);
        let padded = u64::from(bare.len() < text.len());
        if bare.is_empty() {
            self.blank += 1;
            return;
        }
        if let Some(mark) = mark(bare) {
            self.marks.resize(MARKS.len(), 0);
            self.marks[mark] += 1;
            self.padded += padded;
            return;
        }
        // Once a column is text and nothing else, the question need not be asked again.
        let kind = if self.texts > self.all_hinted() { Cell::Text } else { cell(bare) };
        match kind {
            Cell::Int(spelling) | Cell::Float(spelling) => {
                *if matches!(kind, Cell::Int(_)) { &mut self.ints } else { &mut self.floats } += 1;
                self.plus += u64::from(spelling.plus);
                self.bare_points += u64::from(spelling.bare_point);
                self.groups += u64::from(matches!(kind, Cell::Float(_)) && may_part_thousands(bare));
            }
            Cell::Special => self.specials += 1,
            Cell::Comma { sure } => {
                self.commas += 1;
                self.sure_commas += u64::from(sure);
            }
            Cell::Word(pair, _) => self.words[pair] += 1,
            Cell::Text => {
                if self.texts == self.all_hinted()
                    && let Some(hint) = hint(bare)
                {
                    self.hints[hint as usize] += 1;
                }
                self.texts += 1;
                self.padded_texts += padded;
                return;
            }
        }
        self.padded += padded;
    }

    /// The kind of the column. Decimal commas make floats where the comma does not part the cells.
    pub(super) fn decide(&self, comma_is_free: bool) -> Cells {
        let numbers = self.ints + self.floats + self.specials;
        let words = self.words.iter().filter(|&&count| count > 0).count();
        if self.texts > 0 {
            return Cells::Texts;
        }
        match (numbers > 0, self.commas > 0, words) {
            (true, false, 0) if self.ints > 0 && self.floats + self.specials == 0 => Cells::Ints,
            (true, false, 0) => Cells::Floats,
            (_, true, 0) if comma_is_free && self.sure_commas > 0 && self.floats + self.specials == 0 => Cells::Commas,
            (false, false, 1) => Cells::Bools,
            (false, false, 0) if self.nans() > 0 && self.nans() == self.marked() && self.blank == 0 => Cells::Floats,
            (false, false, 0) if self.marked() + self.blank == 0 => Cells::Empty,
            _ => Cells::Texts,
        }
    }

    /// Whether all points of a column of floats could part thousands.
    pub(super) fn has_only_groups(&self) -> bool {
        self.groups > 0 && self.groups == self.floats
    }

    /// Whether `nan` is a missing value: where it stands beside numbers. A column of nothing else holds floats.
    pub(super) fn nan_is_missing(&self) -> bool {
        self.ints + self.floats + self.commas > 0
    }

    /// How many of the texts give the hint, where all of them give one.
    pub(super) fn hinted(&self, hint: Hint) -> u64 {
        if self.texts == self.all_hinted() { self.hints[hint as usize] } else { 0 }
    }

    fn all_hinted(&self) -> u64 {
        self.hints.iter().sum()
    }

    /// The marks, how often each occurs.
    pub(super) fn marks(&self) -> impl Iterator<Item = (&'static str, u64)> {
        MARKS.iter().copied().zip(self.marks.iter().copied()).filter(|(_, count)| *count > 0)
    }

    fn marked(&self) -> u64 {
        self.marks.iter().sum()
    }

    fn nans(&self) -> u64 {
        self.marks().filter(|(mark, _)| mark.to_ascii_lowercase().ends_with("nan")).map(|(_, count)| count).sum()
    }

    /// The words of a column of booleans and their number, if they are not those of JSON.
    pub(super) fn other_words(&self) -> Option<((&'static str, &'static str), u64)> {
        let at = (1..WORDS.len()).find(|&at| self.words[at] > 0)?;
        Some((WORDS[at], self.words[at]))
    }

    /// The number of cells that are words for true and false.
    pub(super) fn word_cells(&self) -> u64 {
        self.words.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_what_people_take_them_for() {
        const PLAIN: Spelling = Spelling { plus: false, bare_point: false };
        for (text, expected) in [
            ("0", Cell::Int(PLAIN)),
            ("-17", Cell::Int(PLAIN)),
            ("18446744073709551615", Cell::Int(PLAIN)),
            ("18446744073709551616", Cell::Text),
            ("-0", Cell::Float(PLAIN)),
            ("1.50", Cell::Float(PLAIN)),
            ("1e5", Cell::Float(PLAIN)),
            ("1e400", Cell::Text),
            ("1e", Cell::Text),
            (".5", Cell::Float(Spelling { bare_point: true, ..PLAIN })),
            ("-.5e-3", Cell::Float(Spelling { bare_point: true, ..PLAIN })),
            ("5.", Cell::Float(Spelling { bare_point: true, ..PLAIN })),
            ("5.e3", Cell::Float(Spelling { bare_point: true, ..PLAIN })),
            ("+1", Cell::Int(Spelling { plus: true, ..PLAIN })),
            ("+.5", Cell::Float(Spelling { plus: true, bare_point: true })),
            ("+491761234567", Cell::Text),
            ("007", Cell::Text),
            ("00.5", Cell::Text),
            ("1.2.3", Cell::Text),
            (".", Cell::Text),
            ("+", Cell::Text),
            ("-inf", Cell::Special),
            ("1,5", Cell::Comma { sure: true }),
            ("-0,125", Cell::Comma { sure: true }),
            ("1.234,5", Cell::Comma { sure: true }),
            ("1,234", Cell::Comma { sure: false }),
            ("1,234,567", Cell::Text),
            ("12.34,5", Cell::Text),
            ("007,5", Cell::Text),
            ("1,", Cell::Text),
            ("True", Cell::Word(1, true)),
            ("NO", Cell::Word(5, false)),
            ("tRUE", Cell::Text),
            ("2024-05-01", Cell::Text),
        ] {
            assert_eq!(cell(text), expected, "{text}");
        }
        assert_eq!(parse_comma("-1.234,5"), Some(-1234.5));
    }

    #[test]
    fn texts_hint_at_what_else_they_might_be() {
        for (text, expected) in [
            ("1,234,567.50", Some(Hint::Thousands)),
            ("-1,234,567", Some(Hint::Thousands)),
            ("12,34", None),
            ("12.5%", Some(Hint::Unit)),
            ("$1,234.5", Some(Hint::Unit)),
            ("-€5", Some(Hint::Unit)),
            ("5 €", Some(Hint::Unit)),
            ("Y", Some(Hint::Switch)),
            ("off", Some(Hint::Switch)),
            ("$HOME", None),
            ("x", None),
        ] {
            assert_eq!(hint(text), expected, "{text}");
        }
        let hinted = |cells: &[&str]| {
            let mut tally = Tally::default();
            cells.iter().for_each(|cell| tally.add(cell));
            HINTS.map(|hint| tally.hinted(hint))
        };
        assert_eq!(hinted(&["1,234,567.5", "12", "1,000,000"]), [2, 0, 0]);
        assert_eq!(hinted(&["t", "f", "t", "maybe"]), [0, 0, 0]);
    }

    #[test]
    fn marks_are_short_and_begin_with_no_digit() {
        for text in MARKS {
            assert_eq!(mark(text).map(|at| MARKS[at]), Some(*text));
        }
    }

    fn decided(cells: &[&str]) -> Cells {
        let mut tally = Tally::default();
        cells.iter().for_each(|cell| tally.add(cell));
        tally.decide(true)
    }

    #[test]
    fn columns_are_what_all_their_cells_are() {
        assert_eq!(decided(&["", ""]), Cells::Empty);
        assert_eq!(decided(&["1", "", "NA", " 2 "]), Cells::Ints);
        assert_eq!(decided(&["1", "nan"]), Cells::Ints);
        assert_eq!(decided(&["nan", "inf"]), Cells::Floats);
        assert_eq!(decided(&["nan"]), Cells::Floats);
        assert_eq!(decided(&["nan", "NA"]), Cells::Texts);
        assert_eq!(decided(&["NA", "NA"]), Cells::Texts);
        assert_eq!(decided(&["1", "True"]), Cells::Texts);
        assert_eq!(decided(&["True", "false"]), Cells::Texts);
        assert_eq!(decided(&["yes", "-", "no"]), Cells::Bools);
        assert_eq!(decided(&["1,5", "2", "1,250"]), Cells::Commas);
        assert_eq!(decided(&["1,250", "2,500"]), Cells::Texts);
        assert_eq!(decided(&["1,5", "2.5"]), Cells::Texts);
        assert_eq!(decided(&["1", "x"]), Cells::Texts);
    }
}
