//! The patterns by which a source finds its files: `*`, `{year}`, `{part}`,
//! `{version}`, one for all years or one a vintage. Walking the folder is left to `ingest`.

use regex::{Captures, Regex};

use super::codebook::of_year;
use super::years::YearRange;

/// Where the files of a source lie: a pattern, or one for each vintage, as
/// deliveries change their names.
#[derive(Debug, Clone)]
pub struct SourceFiles(Vec<(YearRange, FilePattern)>);

impl SourceFiles {
    /// Takes patterns by vintage; the first range that has a year counts.
    ///
    /// # Errors
    /// A message for people where there are several and one tells no years apart,
    /// or where there is none.
    pub fn new(vintages: Vec<(YearRange, FilePattern)>) -> Result<Self, String> {
        if vintages.is_empty() {
            return Err("names no pattern".to_owned());
        }
        let yearless = vintages.iter().find(|(_, pattern)| !pattern.has_year());
        match yearless {
            Some((years, _)) if *years != YearRange::ALL => {
                Err(format!("the pattern of {years} needs `{{year}}`"))
            }
            _ => Ok(SourceFiles(vintages)),
        }
    }

    /// Compares a path relative to the raw folder with the pattern of its year.
    pub fn matches(&self, relative_path: &str) -> Option<FileMatch> {
        self.0.iter().find_map(|(_, pattern)| {
            let found = pattern.matches(relative_path)?;
            let own = of_year(&self.0, found.year)?;
            (own == pattern).then_some(found)
        })
    }

    /// Says whether the pattern that knows a path says how its name ends.
    pub fn says_ending(&self, relative_path: &str) -> bool {
        let knows = |pattern: &FilePattern| pattern.matches(relative_path).is_some();
        self.0.iter().any(|(_, pattern)| pattern.says_ending() && knows(pattern))
    }

    /// Says whether files may lie in a folder, given relative to the raw folder.
    pub fn may_reach(&self, folder: &str) -> bool {
        self.0.iter().any(|(_, pattern)| pattern.may_reach(folder))
    }

    /// Says whether they tell years apart.
    pub fn has_year(&self) -> bool {
        self.0.iter().all(|(_, pattern)| pattern.has_year())
    }

    /// The pattern of a year, or of a source without years.
    pub fn pattern(&self, year: Option<i32>) -> Option<&FilePattern> {
        of_year(&self.0, year)
    }
}

/// A pattern for file names relative to the raw folder, with `/` between folders.
///
/// `*` stands for any run of characters but `/`, `{year}` for four digits (the
/// same ones wherever it stands), `{part}` for letters, digits and hyphens (as
/// well), `{version}` for the longest run of digits.
/// Upper and lower case are the same; blanks are ordinary characters.
#[derive(Debug, Clone)]
pub struct FilePattern {
    text: String,
    /// Wants a year that is no part of a longer run of digits.
    lone_year: Regex,
    /// Takes any four digits for the year, where no lone ones fit.
    any_year: Regex,
    /// What each group is, from left to right.
    groups: Vec<Group>,
}

/// A year, and a part of it where a source delivers it in several files: of each
/// the newest version counts.
pub type YearPart = (Option<i32>, Option<String>);

/// What a file's name says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMatch {
    /// The year, where the pattern has one.
    pub year: Option<i32>,
    /// Which part of the year (or of all) it is, in lower case, where the pattern
    /// has parts.
    pub part: Option<String>,
    /// The numbers at `{version}`, from left to right.
    pub version: Vec<u64>,
}

impl FileMatch {
    /// Says whether its part is one of letters, digits and hyphens: what else
    /// stands there (`1 (copy)`) may be no part.
    pub fn has_plain_part(&self) -> bool {
        let is_plain = |letter: char| letter.is_alphanumeric() || letter == '-';
        self.part.as_ref().is_none_or(|part| part.chars().all(is_plain))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Year,
    Part,
    Version,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Literal(&'a str),
    AnyRun,
    Group(Group),
}

impl Token<'_> {
    fn group(&self) -> Option<Group> {
        match self {
            Token::Group(group) => Some(*group),
            _ => None,
        }
    }

    /// Nobody could say where it ends beside a part.
    fn is_open(&self) -> bool {
        matches!(self, Token::AnyRun | Token::Group(Group::Part | Group::Version))
    }
}

impl FilePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A message for people where the text is no pattern.
    pub fn parse(text: &str) -> Result<FilePattern, String> {
        let tokens = tokens(text)?;
        let is_part = |token: &Token<'_>| token.group() == Some(Group::Part);
        let is_blurred =
            |pair: &[Token<'_>]| pair.iter().any(is_part) && pair.iter().all(Token::is_open);
        if tokens.windows(2).any(is_blurred) {
            return Err("`{part}` needs a text or `{year}` between it and `*`, `{version}` or \
                        another `{part}`"
                .to_owned());
        }
        Ok(FilePattern {
            text: text.to_owned(),
            lone_year: regex_of(&tokens, true)?,
            any_year: regex_of(&tokens, false)?,
            groups: tokens.iter().filter_map(Token::group).collect(),
        })
    }

    /// Compares a path relative to the raw folder with the pattern.
    pub fn matches(&self, relative_path: &str) -> Option<FileMatch> {
        let path = relative_path.to_lowercase();
        [&self.lone_year, &self.any_year]
            .into_iter()
            .find_map(|regex| self.read_groups(&regex.captures(&path)?))
    }

    /// Says whether the pattern tells years apart.
    pub fn has_year(&self) -> bool {
        self.groups.contains(&Group::Year)
    }

    /// Says whether it ends in an ending of its own, as `.csv`.
    fn says_ending(&self) -> bool {
        let literal = self.text.rsplit(['*', '}', '/']).next().unwrap_or_default();
        literal.contains('.')
    }

    /// Compares a folder with the folders of the pattern.
    fn may_reach(&self, folder: &str) -> bool {
        let (mut folders, mut parts) = (folder.split('/'), self.text.split('/'));
        let is_known = |name: &str| {
            let part = parts.next().and_then(|part| FilePattern::parse(part).ok());
            part.is_some_and(|part| part.matches(name).is_some())
        };
        folders.all(is_known) && parts.next().is_some()
    }

    fn read_groups(&self, captures: &Captures<'_>) -> Option<FileMatch> {
        let mut found = FileMatch { year: None, part: None, version: Vec::new() };
        for (index, group) in self.groups.iter().enumerate() {
            let text = captures.get(index + 1)?.as_str();
            match group {
                // Absurdly long versions are all the newest, and so conflict.
                Group::Version => found.version.push(text.parse().unwrap_or(u64::MAX)),
                Group::Year => {
                    let year = text.parse().ok()?;
                    (*found.year.get_or_insert(year) == year).then_some(())?;
                }
                Group::Part => {
                    let part = found.part.get_or_insert_with(|| text.to_owned());
                    (part == text).then_some(())?;
                }
            }
        }
        Some(found)
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for FilePattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for FilePattern {}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, String> {
    if text.contains('\\') {
        return Err("folders are separated by `/`, not `\\`".to_owned());
    }
    if text.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err("must be a path inside the raw folder, as `folder/file{year}*`".to_owned());
    }
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(special) = rest.find(['*', '{', '}']) {
        let (literal, from_special) = rest.split_at(special);
        if !literal.is_empty() {
            tokens.push(Token::Literal(literal));
        }
        let known = [
            ("{year}", Token::Group(Group::Year)),
            ("{part}", Token::Group(Group::Part)),
            ("{version}", Token::Group(Group::Version)),
            ("*", Token::AnyRun),
        ];
        let found = known
            .into_iter()
            .find_map(|(name, token)| Some((token, from_special.strip_prefix(name)?)));
        let Some((token, behind)) = found else {
            return Err("only `{year}`, `{part}` and `{version}` may stand in braces".to_owned());
        };
        // Two stars in a row are one.
        if !(token == Token::AnyRun && tokens.last() == Some(&Token::AnyRun)) {
            tokens.push(token);
        }
        rest = behind;
    }
    if !rest.is_empty() {
        tokens.push(Token::Literal(rest));
    }
    Ok(tokens)
}

/// Builds the expression. A `*` beside a run of digits must not share in it:
/// otherwise `*{version}` could read version 5 out of `V125`.
fn regex_of(tokens: &[Token<'_>], has_lone_year: bool) -> Result<Regex, String> {
    let takes_digits = |token: Option<&Token<'_>>| match token.and_then(Token::group) {
        Some(Group::Version) => true,
        Some(Group::Year) => has_lone_year,
        Some(Group::Part) | None => false,
    };
    let mut expression = "^".to_owned();
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|left| tokens.get(left));
        match token {
            Token::Literal(text) => expression.push_str(&regex::escape(&text.to_lowercase())),
            Token::Group(Group::Year) => expression.push_str("([0-9]{4})"),
            Token::Group(Group::Part) => expression.push_str("([^/]+?)"),
            Token::Group(Group::Version) => expression.push_str("([0-9]+)"),
            Token::AnyRun => {
                let sides = (takes_digits(before), takes_digits(tokens.get(index + 1)));
                expression.push_str(match sides {
                    (false, false) => "[^/]*?",
                    (true, false) => "(?:[^/0-9][^/]*?)??",
                    (false, true) => "(?:[^/]*?[^/0-9])??",
                    (true, true) => "(?:[^/0-9](?:[^/]*?[^/0-9])??)??",
                });
            }
        }
    }
    expression.push('$');
    Regex::new(&expression).map_err(|_| "is too long".to_owned())
}

#[cfg(test)]
mod tests;
