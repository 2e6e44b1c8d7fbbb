//! The patterns by which a source finds its files: `*`, `{year}`, `{version}`,
//! one for all years or one a vintage. Walking the folder is left to `ingest`.

use regex::{Captures, Regex};

use super::codebook::of_year;
use super::years::YearRange;

/// How names of packed files end.
pub const PACKED_ENDINGS: [&str; 2] = [".gz", ".zst"];

/// What a name says of a file's packing: its ending in lower case, none for a
/// plain file.
pub fn packed_ending(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    PACKED_ENDINGS.into_iter().find(|ending| name.ends_with(ending))
}

/// How names of files end whose packing is not read, with its name.
const UNREAD_ENDINGS: [(&str, &str); 10] = [
    (".bz2", "bzip2"),
    (".xz", "xz"),
    (".zip", "zip"),
    (".7z", "7z"),
    (".rar", "rar"),
    (".lz4", "lz4"),
    (".z", "compress"),
    (".tar", "tar"),
    (".tar.gz", "tar"),
    (".tgz", "tar"),
];

/// The packing that a name tells of and that is not read.
pub fn unread_packing(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let found = UNREAD_ENDINGS.into_iter().find(|(ending, _)| name.ends_with(ending));
    found.map(|(_, packing)| packing)
}

/// What to say of a packing that is not read, and what to do about it.
pub fn say_unread(packing: &str) -> (String, &'static str) {
    let message = format!("is packed with {packing}, which is not read");
    (message, "unpack it, or pack it with gzip or zstd")
}

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
/// same ones wherever it stands), `{version}` for the longest run of digits.
/// Upper and lower case are the same; blanks are ordinary characters.
#[derive(Debug, Clone)]
pub struct FilePattern {
    text: String,
    /// Wants a year that is no part of a longer run of digits.
    lone_year: Regex,
    /// Takes any four digits for the year, where no lone ones fit.
    any_year: Regex,
    /// What each group of digits is, from left to right.
    groups: Vec<Digits>,
}

/// What a file's name says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMatch {
    /// The year, where the pattern has one.
    pub year: Option<i32>,
    /// The numbers at `{version}`, from left to right.
    pub version: Vec<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digits {
    Year,
    Version,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Literal(&'a str),
    AnyRun,
    Group(Digits),
}

impl Token<'_> {
    fn digits(&self) -> Option<Digits> {
        match self {
            Token::Group(digits) => Some(*digits),
            _ => None,
        }
    }
}

impl FilePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A message for people where the text is no pattern.
    pub fn parse(text: &str) -> Result<FilePattern, String> {
        let tokens = tokens(text)?;
        Ok(FilePattern {
            text: text.to_owned(),
            lone_year: regex_of(&tokens, true)?,
            any_year: regex_of(&tokens, false)?,
            groups: tokens.iter().filter_map(Token::digits).collect(),
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
        self.groups.contains(&Digits::Year)
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
        let mut found = FileMatch { year: None, version: Vec::new() };
        for (index, digits) in self.groups.iter().enumerate() {
            let text = captures.get(index + 1)?.as_str();
            match digits {
                // Absurdly long versions are all the newest, and so conflict.
                Digits::Version => found.version.push(text.parse().unwrap_or(u64::MAX)),
                Digits::Year => {
                    let year = text.parse().ok()?;
                    if found.year.is_some_and(|known| known != year) {
                        return None;
                    }
                    found.year = Some(year);
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
            ("{year}", Token::Group(Digits::Year)),
            ("{version}", Token::Group(Digits::Version)),
            ("*", Token::AnyRun),
        ];
        let found = known
            .into_iter()
            .find_map(|(name, token)| Some((token, from_special.strip_prefix(name)?)));
        let Some((token, behind)) = found else {
            return Err("only `{year}` and `{version}` may stand in braces".to_owned());
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
    let takes_digits = |token: Option<&Token<'_>>| match token.and_then(Token::digits) {
        Some(Digits::Version) => true,
        Some(Digits::Year) => has_lone_year,
        None => false,
    };
    let mut expression = "^".to_owned();
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|left| tokens.get(left));
        match token {
            Token::Literal(text) => expression.push_str(&regex::escape(&text.to_lowercase())),
            Token::Group(Digits::Year) => expression.push_str("([0-9]{4})"),
            Token::Group(Digits::Version) => expression.push_str("([0-9]+)"),
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
mod tests {
    use super::*;

    fn matched(pattern: &str, path: &str) -> Option<(Option<i32>, Vec<u64>)> {
        let found = FilePattern::parse(pattern).unwrap().matches(path)?;
        Some((found.year, found.version))
    }

    #[test]
    fn versions_are_numbers_and_the_longest_run_of_digits() {
        let pattern = "be{year}tabv{version}*";
        assert_eq!(matched(pattern, "BE2014TABV2.csv"), Some((Some(2014), vec![2])));
        assert_eq!(matched(pattern, "BE2015TABV125.csv.gz"), Some((Some(2015), vec![125])));
        assert_eq!(matched(pattern, "BE2015TABV.csv"), None);
        assert_eq!(matched("*{version}.csv", "SPOLIS125.csv"), Some((None, vec![125])));
        assert_eq!(
            matched("P{version}TABV{version}*", "p2020tabv3.csv"),
            Some((None, vec![2020, 3]))
        );
        assert_eq!(matched("a{version}", "a99999999999999999999999"), Some((None, vec![u64::MAX])));
    }

    #[test]
    fn irregular_names_of_old_vintages_match() {
        let pattern = "spolis/{year}/SPOLISBUS*{year}*V{version}*";
        let found = Some((Some(2014), vec![1]));
        assert_eq!(matched(pattern, "spolis/2014/SPOLISBUS 2014V1.csv"), found);
        assert_eq!(matched(pattern, "Spolis/2014/SPOLISBUS2014V1.csv"), found);
        assert_eq!(
            matched("*{year}*V{version}*", "140707 BETAB 2006V1.csv"),
            Some((Some(2006), vec![1]))
        );
        assert_eq!(
            matched("SPOLIS{year}*V{version}.csv", "SPOLIS201612V4.csv"),
            Some((Some(2016), vec![4]))
        );
    }

    #[test]
    fn years_must_agree_and_stars_stay_in_their_folder() {
        assert_eq!(matched("{year}/x{year}.csv", "2016/x2017.csv"), None);
        assert_eq!(matched("*.csv", "folder/x.csv"), None);
        assert_eq!(matched("a.csv", "axcsv"), None);
        assert_eq!(matched("**.csv", "x.csv"), Some((None, vec![])));
    }

    #[test]
    fn each_vintage_has_files_of_its_own_pattern_only() {
        let vintages = [
            ("..2009", "POLIS/POLISBUS{year}V{version}*"),
            ("2010..", "SPOLIS/{year}/SPOLISBUS*{year}*V{version}*"),
        ];
        let parsed = vintages
            .map(|(years, text)| (years.parse().unwrap(), FilePattern::parse(text).unwrap()));
        let files = SourceFiles::new(parsed.to_vec()).unwrap();
        let year = |path: &str| files.matches(path).and_then(|found| found.year);
        assert_eq!(year("Polis/POLISBUS2009V2.csv"), Some(2009));
        assert_eq!(year("Spolis/2014/SPOLISBUS 2014V1.csv"), Some(2014));
        assert_eq!(year("Polis/POLISBUS2010V2.csv"), None, "that year is delivered otherwise");
        assert_eq!(year("Spolis/2009/SPOLISBUS2009V1.csv"), None);
        assert_eq!(files.pattern(Some(2012)).unwrap().as_str(), vintages[1].1);
        let yearless = vec![("..2009".parse().unwrap(), FilePattern::parse("a*").unwrap())];
        assert_eq!(SourceFiles::new(yearless).unwrap_err(), "the pattern of ..2009 needs `{year}`");
    }

    #[test]
    fn a_pattern_reaches_into_its_own_folders_only() {
        let pattern = FilePattern::parse("SPOLIS*/{year}/x{year}V{version}*").unwrap();
        for folder in ["spolisbus", "SPOLISBUS/2016"] {
            assert!(pattern.may_reach(folder), "{folder}");
        }
        for folder in ["lost+found", "SPOLISBUS/old", "SPOLISBUS/2016/x2016V1", "a/2016"] {
            assert!(!pattern.may_reach(folder), "{folder}");
        }
        assert!(!FilePattern::parse("x*").unwrap().may_reach("x"));
    }

    #[test]
    fn a_pattern_may_say_how_names_end() {
        let says = |text: &str| FilePattern::parse(text).unwrap().says_ending();
        assert!(says("panel.csv") && says("x{year}.tab") && says("x*.csv.gz"));
        assert!(!says("x{year}.*") && !says("x.csv*") && !says("a.b/x{year}") && !says("x"));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["", "/a", "a//b", "../a", "a\\b", "{jaar}.csv", "{year", "year}"] {
            assert!(FilePattern::parse(text).is_err(), "{text}");
        }
    }
}
