//! What is said of a column: its type, missing and special codes, codes with
//! counts, and what looks suspicious. Nothing here tells a small count or a
//! value that few records have.

use serde::Serialize;

use super::ddi::LaidOut;
use super::profile::{DAY_FORMATS, Marked, Profile};

/// Codes shown of a column at most.
const SHOWN_CODES: usize = 100;
/// A longer code may be an identifier.
const SHORT_CODE: usize = 5;
/// Numbers with so many digits more than nearly all others are far out.
const FAR_DIGITS: usize = 3;
/// Digits that a decimal gets beside those that were seen.
const HEADROOM_DIGITS: usize = 2;
const SPECIAL_DAYS: [&str; 3] = ["88888888", "99999999", "20790606"];

/// A count, where it may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Count {
    /// So many.
    Exactly(u64),
    /// Some, but fewer than the threshold.
    Few {
        /// The threshold.
        fewer_than: u64,
    },
}

/// A code with the records that have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeCount {
    /// The code.
    pub code: String,
    /// Its meaning, where the file says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Records that have it; at least the threshold.
    pub count: u64,
}

/// Something that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suspicion {
    /// What it is.
    pub kind: &'static str,
    /// Values that are so.
    pub count: u64,
}

/// Where a column stands in a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PlaceFound {
    /// Characters of fixed width text, as `2-10`.
    Characters(String),
    /// The number of a field of delimited text.
    Field(u32),
}

/// One column of a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ColumnDescription {
    /// A name for the raw table.
    pub name: String,
    /// The name in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The place in a record, where the file does not name its columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<PlaceFound>,
    /// The meaning, where the file says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The type as a codebook writes it.
    #[serde(rename = "type")]
    pub kind: String,
    /// How days are written, where not as eight digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_format: Option<&'static str>,
    /// Decimals that are written without a mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implied_decimals: Option<u8>,
    /// Records without a value; none where that would tell a small count.
    pub blank: Option<Count>,
    /// Runs of dashes and points that stand for no value.
    pub missing: Vec<String>,
    /// Special codes of dates.
    pub special: Vec<String>,
    /// Codes that at least the threshold of records have, the most frequent
    /// first; none for columns with many values.
    pub codes: Vec<CodeCount>,
    /// Records with other codes, together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_codes: Option<u64>,
    /// What else a person may want to know.
    pub notes: Vec<String>,
    /// What looks suspicious.
    pub suspicious: Vec<Suspicion>,
}

/// The decimal mark of a file: the one that more columns with decimals have.
pub(super) fn decimal_mark<'a>(profiles: impl Iterator<Item = &'a Profile>) -> u8 {
    let mut commas = 0i64;
    for profile in profiles {
        commas += profile.comma.count.cmp(&profile.point.count) as i64;
    }
    if commas > 0 { b',' } else { b'.' }
}

/// Describes a column by its profile; `mark` is the file's decimal mark. Only a
/// codebook of text says how days are written.
pub(super) fn describe(
    profile: &Profile,
    mark: u8,
    threshold: u64,
    is_text: bool,
) -> ColumnDescription {
    let mut column = ColumnDescription { kind: "text".to_owned(), ..Default::default() };
    let shown = codes(profile, threshold);
    column.blank = match &shown {
        Some(shown) => shown.blank.map(Count::Exactly),
        None => count(profile.blank, profile.records, threshold),
    };
    suspect(profile, &mut column);
    let mut kind = kind(profile, mark);
    if kind == "text" && is_text {
        take_written_days(profile, &mut kind, &mut column);
    }
    if kind != "text" {
        let dashes = profile.dashes.iter().flatten();
        column.missing = dashes.map(|(code, _)| code.clone()).collect();
    }
    if kind == "date" {
        let days = SPECIAL_DAYS.iter().zip(profile.special_days);
        column.special =
            days.filter(|(_, count)| *count > 0).map(|(code, _)| (*code).to_owned()).collect();
    }
    note(profile, &kind, shown.is_some(), threshold, &mut column);
    if let Some(shown) = shown {
        column.codes = shown.codes;
        column.other_codes = shown.other;
    }
    column.kind = kind;
    column
}

/// Takes the decimals that a layout says are written without a mark.
pub(super) fn imply_decimals(
    column: &mut ColumnDescription,
    profile: &Profile,
    laid_out: &LaidOut,
) {
    let (decimals, position) = (laid_out.implied_decimals, laid_out.position);
    if decimals == 0 {
        return;
    }
    let has_marks = profile.comma.count + profile.point.count > 0;
    let Some(dashes) = profile.dashes.as_ref().filter(|_| !has_marks && profile.text == 0) else {
        column.notes.push(format!("the layout says {decimals} implied decimals"));
        return;
    };
    let digits = (position.last - position.first + 1).clamp(u32::from(decimals), 38);
    column.kind = format!("decimal({digits},{decimals})");
    column.implied_decimals = Some(decimals);
    column.missing = dashes.keys().cloned().collect();
    column.special.clear();
}

/// Days in one form throughout are days; where two forms fit all of them, a person
/// has to say which it is.
fn take_written_days(profile: &Profile, kind: &mut String, column: &mut ColumnDescription) {
    let values = profile.records - profile.blank - profile.dash_count;
    let fits = |(_, count): &(&&'static str, &u64)| values > 0 && **count == values;
    let forms = DAY_FORMATS.iter().zip(&profile.written_days).filter(fits);
    let forms: Vec<&'static str> = forms.map(|(form, _)| *form).collect();
    match forms.as_slice() {
        [] => {}
        [form] if profile.dashes.is_some() => {
            *kind = "date".to_owned();
            column.date_format = Some(form);
            column.notes.push("days that are not written as eight digits".to_owned());
        }
        forms => {
            let forms = forms.join("\" or \"");
            column.notes.push(format!("days: `type = \"date\"` with `format = \"{forms}\"`"));
        }
    }
}

fn count(part: u64, all: u64, threshold: u64) -> Option<Count> {
    match (part, all - part) {
        (0, _) | (_, 0) => Some(Count::Exactly(part)),
        (part, _) if part < threshold => Some(Count::Few { fewer_than: threshold }),
        (_, rest) if rest < threshold => None,
        (part, _) => Some(Count::Exactly(part)),
    }
}

/// The narrowest type that all values fit; zeros in front make a code.
fn kind(profile: &Profile, mark: u8) -> String {
    let text = "text".to_owned();
    let (own, other) = match mark {
        b',' => (profile.comma, profile.point),
        _ => (profile.point, profile.comma),
    };
    let special = profile.special_days[0] + profile.special_days[1];
    let is_text = profile.text + other.count > 0 || profile.dashes.is_none();
    let whole = profile.whole + profile.day + special;
    if is_text || whole + own.count == 0 {
        return text;
    }
    if profile.day > 0 && profile.whole + own.count == 0 {
        return "date".to_owned();
    }
    if profile.leading_zeros > 0 {
        return text;
    }
    let eight = if profile.day + special > 0 { 8 } else { 0 };
    let digits = profile.lengths.keys().chain(profile.nines.keys()).max().copied();
    let digits = digits.unwrap_or(0).max(eight);
    match own.count {
        0 if digits <= 18 => "integer".to_owned(),
        0 => text,
        _ => decimal(own, digits).unwrap_or(text),
    }
}

fn decimal(marked: Marked, whole_digits: usize) -> Option<String> {
    let needed = marked.whole_digits.max(whole_digits).max(1) + marked.decimals;
    let precision = (needed + HEADROOM_DIGITS).min(38);
    (needed <= 38).then(|| format!("decimal({precision},{})", marked.decimals))
}

/// What may be told of a column with few distinct values.
struct Codes {
    codes: Vec<CodeCount>,
    /// Records without a value; none where they are among the others.
    blank: Option<u64>,
    other: Option<u64>,
}

/// Codes with counts of at least the threshold. Others are summed, and so that
/// no count below the threshold follows from the sum: where they are one kind
/// alone or few records, the next smallest shown goes to them, and so on.
/// Records without a value count as one more code.
fn codes(profile: &Profile, threshold: u64) -> Option<Codes> {
    let found = profile.codes.as_ref().filter(|codes| may_be_shown(profile, codes, threshold))?;
    let mut kinds: Vec<(u64, Option<&str>)> =
        found.iter().map(|(code, count)| (*count, Some(code.as_str()))).collect();
    if profile.blank > 0 {
        kinds.push((profile.blank, None));
    }
    kinds.sort_unstable_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(&right.1)));
    let mut shown = kinds.iter().take_while(|(count, _)| *count >= threshold).count();
    let others = |shown: usize| kinds.get(shown..).unwrap_or_default();
    let sum = |shown: usize| others(shown).iter().map(|(count, _)| count).sum::<u64>();
    while shown > 0
        && !others(shown).is_empty()
        && (others(shown).len() < 2 || sum(shown) < threshold)
    {
        shown -= 1;
    }
    let told = kinds.get(..shown).unwrap_or_default();
    let code = |(count, code): &(u64, Option<&str>)| {
        Some(CodeCount { code: (*code)?.to_owned(), label: None, count: *count })
    };
    let blank = match profile.blank {
        0 => Some(0),
        blank => told.iter().any(|(_, code)| code.is_none()).then_some(blank),
    };
    let other = (!others(shown).is_empty()).then(|| sum(shown));
    Some(Codes { codes: told.iter().filter_map(code).collect(), blank, other })
}

/// A column shows its codes where they are few, and each stands for many
/// records: short ones for the threshold on average, longer ones for three times
/// as many, and those with many digits, which may be identifiers of persons with
/// many records each, for a hundred times.
fn may_be_shown(
    profile: &Profile,
    codes: &std::collections::HashMap<String, u64>,
    threshold: u64,
) -> bool {
    let digits = |code: &String| code.bytes().filter(u8::is_ascii_digit).count();
    let has_many_digits = codes
        .keys()
        .any(|code| digits(code) > SHORT_CODE && !SPECIAL_DAYS.contains(&code.as_str()));
    let is_long = codes.keys().any(|code| code.chars().count() > SHORT_CODE);
    let factor = match (has_many_digits, is_long) {
        (true, _) => 100,
        (false, true) => 3,
        (false, false) => 1,
    };
    let values = profile.records - profile.blank;
    let kinds = codes.len() as u64;
    (1..=SHOWN_CODES).contains(&codes.len()) && values >= kinds * threshold.max(1) * factor
}

fn note(
    profile: &Profile,
    kind: &str,
    has_codes: bool,
    threshold: u64,
    column: &mut ColumnDescription,
) {
    let notes = &mut column.notes;
    if profile.records == profile.blank {
        notes.push("no record has a value".to_owned());
    }
    if profile.leading_zeros > 0 && profile.text == 0 {
        notes.push("digits with zeros in front: a code".to_owned());
    }
    let is_flag = |codes: &std::collections::HashMap<String, u64>| {
        codes.keys().all(|code| code == "0" || code == "1") && codes.len() == 2
    };
    if has_codes && profile.codes.as_ref().is_some_and(is_flag) {
        notes.push("0 and 1 alone: perhaps a boolean".to_owned());
    }
    if has_codes {
        return;
    }
    let told = |part: u64| match count(part, profile.records, threshold) {
        Some(Count::Exactly(count)) => format!("{count} records"),
        Some(Count::Few { .. }) => format!("fewer than {threshold} records"),
        None => "nearly all records".to_owned(),
    };
    if profile.dash_count > 0 {
        notes.push(format!("dashes or points alone: {}; no value?", told(profile.dash_count)));
    }
    let most = profile.lengths.keys().max().copied().unwrap_or(0);
    for (digits, nines) in &profile.nines {
        if kind == "integer" && *digits >= most && *digits > 1 {
            let code = "9".repeat(*digits);
            notes.push(format!("{code}: {}; no value?", told(*nines)));
        }
    }
    for (code, days) in SPECIAL_DAYS.iter().zip(profile.special_days) {
        if days > 0 && profile.day > 0 {
            notes.push(format!("{code}: {}", told(days)));
        }
    }
}

fn suspect(profile: &Profile, column: &mut ColumnDescription) {
    let values = profile.records - profile.blank - profile.dash_count;
    let numbers = profile.whole + profile.day + profile.comma.count + profile.point.count;
    let is_rest = |part: u64, of: u64| part > 0 && part * 20 <= of;
    let kinds = [
        ("impossible dates", profile.impossible_days, profile.day >= profile.impossible_days),
        ("the other decimal mark", profile.comma.count.min(profile.point.count), true),
        ("marks of thousands", profile.grouped, true),
        ("text among numbers", profile.text, is_rest(profile.text, values) && numbers > 0),
        ("numbers far out of the rest", far_out(profile), true),
        ("numbers with an exponent, which are read as text alone", profile.exponents, true),
        ("control characters", profile.control, true),
        ("quotes inside values", profile.quoted, true),
        ("blanks around values, which are no part of them", profile.padded, true),
    ];
    let found = kinds.into_iter().filter(|(_, count, is_so)| *is_so && *count > 0);
    column.suspicious = found.map(|(kind, count, _)| Suspicion { kind, count }).collect();
}

/// Whole numbers with many digits more than all but one in two hundred.
fn far_out(profile: &Profile) -> u64 {
    let all: u64 = profile.lengths.values().sum();
    if all < 100 || profile.leading_zeros > 0 || profile.text > 0 {
        return 0;
    }
    let mut left = all;
    let usual = profile.lengths.iter().find(|(_, count)| {
        left -= **count;
        left * 200 <= all
    });
    let Some((usual, _)) = usual else { return 0 };
    profile
        .lengths
        .iter()
        .filter(|(digits, _)| **digits >= usual + FAR_DIGITS)
        .map(|(_, n)| n)
        .sum()
}
