//! Finds the raw files of a source: walks the raw folder once, and picks the
//! newest version of each year. What the files hold is left to the readers.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, printable};
use crate::pipeline::file_pattern::SourceFiles;

/// One raw file of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its name relative to the raw folder, with `/` between folders, control
    /// characters escaped.
    pub name: String,
    /// The year in its name.
    pub year: Option<i32>,
    /// The numbers of its version, from left to right.
    pub version: Vec<u64>,
}

/// Lists the files below the raw folder by their relative names, sorted.
///
/// Hidden files and folders are passed over (copies in progress are written as
/// such), and so are names that are not UTF-8, which no pattern can match.
/// Links are followed, but never in a circle.
///
/// # Errors
/// [`Error::RawInput`] where the folder is missing or a part of it cannot be
/// read.
pub fn list_files(raw_dir: &Path) -> Result<Vec<String>> {
    let found = raw_dir.metadata();
    if let Err(error) = &found
        && error.kind() != ErrorKind::NotFound
    {
        return Err(cannot_read(raw_dir, error));
    }
    if !found.is_ok_and(|found| found.is_dir()) {
        let message = "there is no such folder of raw files";
        return Err(Error::raw_input(raw_dir, message)
            .with_hint("give the folder of raw files with `--raw DIR`"));
    }
    let mut names = Vec::new();
    walk(raw_dir, "", &mut Vec::new(), &mut names)?;
    names.sort_unstable();
    Ok(names)
}

/// Picks the newest file of each year (of all, for a pattern without a year)
/// among `names`, as [`list_files`] gives them.
///
/// Provisional files, by their last version number, are left out unless
/// `takes_provisional`.
///
/// # Errors
/// [`Error::RawInput`] where two files claim to be the newest.
pub fn discover(
    raw_dir: &Path,
    names: &[String],
    files: &SourceFiles,
    provisional_versions: Option<(u64, u64)>,
    takes_provisional: bool,
) -> Result<BTreeMap<Option<i32>, RawFile>> {
    let is_provisional = |version: &[u64]| match (provisional_versions, version.last()) {
        (Some((first, last)), Some(number)) => (first..=last).contains(number),
        _ => false,
    };
    let mut candidates: BTreeMap<Option<i32>, Vec<RawFile>> = BTreeMap::new();
    for name in names {
        let Some(found) = files.matches(name) else { continue };
        if takes_provisional || !is_provisional(&found.version) {
            candidates.entry(found.year).or_default().push(RawFile {
                path: raw_dir.join(name),
                name: printable(name),
                year: found.year,
                version: found.version,
            });
        }
    }
    candidates
        .into_iter()
        .filter_map(|(year, files)| Some(newest(files).transpose()?.map(|file| (year, file))))
        .collect()
}

fn newest(files: Vec<RawFile>) -> Result<Option<RawFile>> {
    let mut newest: Option<RawFile> = None;
    let mut rival: Option<RawFile> = None;
    for file in files {
        match &newest {
            Some(known) if file.version < known.version => {}
            Some(known) if file.version == known.version => rival = Some(file),
            _ => (newest, rival) = (Some(file), None),
        }
    }
    let (Some(first), Some(second)) = (&newest, &rival) else { return Ok(newest) };
    let message = format!("{} claims to be the same version", second.name);
    Err(Error::raw_input(&first.path, message)
        .with_hint("leave one of the two in the raw folder, or make the study's `files` narrower"))
}

fn cannot_read(folder: &Path, error: &std::io::Error) -> Error {
    Error::raw_input(folder, format!("cannot be read: {error}"))
}

fn leads_nowhere(error: &std::io::Error) -> bool {
    let is_circle = rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP);
    is_circle || error.kind() == ErrorKind::NotFound
}

fn walk(
    folder: &Path,
    prefix: &str,
    above: &mut Vec<PathBuf>,
    names: &mut Vec<String>,
) -> Result<()> {
    let cannot = |error: std::io::Error| cannot_read(folder, &error);
    let real = folder.canonicalize().map_err(cannot)?;
    if above.contains(&real) {
        return Ok(());
    }
    above.push(real);
    for entry in folder.read_dir().map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        // A link that leads nowhere is no file; the study will miss it by name.
        let metadata = match path.metadata() {
            Ok(metadata) => metadata,
            Err(error) if leads_nowhere(&error) => continue,
            Err(error) => return Err(cannot_read(&path, &error)),
        };
        let relative = format!("{prefix}{name}");
        if metadata.is_dir() {
            walk(&path, &format!("{relative}/"), above, names)?;
        } else {
            names.push(relative);
        }
    }
    above.pop();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::file_pattern::FilePattern;
    use crate::pipeline::years::YearRange;

    fn files(pattern: &str) -> SourceFiles {
        SourceFiles::new(vec![(YearRange::ALL, FilePattern::parse(pattern).unwrap())]).unwrap()
    }

    fn found(pattern: &str, names: &[&str], provisional: Option<(u64, u64)>) -> Vec<String> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let newest =
            discover(Path::new("raw"), &names, &files(pattern), provisional, false).unwrap();
        newest.into_values().map(|file| file.name).collect()
    }

    #[test]
    fn the_newest_version_wins_as_a_number() {
        let names = ["BE2015TABV2.csv", "BE2015TABV125.csv", "BE2016TABV9.csv", "BE2016TABV10.csv"];
        assert_eq!(
            found("BE{year}TABV{version}*", &names, None),
            ["BE2015TABV125.csv", "BE2016TABV10.csv"]
        );
        let names = ["GBAPERSOON2019TABV3.csv", "GBAPERSOON2020TABV1.csv"];
        assert_eq!(
            found("GBAPERSOON{version}TABV{version}*", &names, None),
            ["GBAPERSOON2020TABV1.csv"]
        );
    }

    #[test]
    fn provisional_versions_are_left_out_unless_asked_for() {
        let names = ["S2016V3.csv", "S2016V011.csv", "S2017V12.csv"];
        assert_eq!(found("S{year}V{version}*", &names, Some((11, 123))), ["S2016V3.csv"]);
        let pattern = files("S{year}V{version}*");
        let names = names.map(str::to_owned);
        let all = discover(Path::new("raw"), &names, &pattern, Some((11, 123)), true).unwrap();
        assert_eq!(all[&Some(2016)].name, "S2016V011.csv");
        assert_eq!(all[&Some(2017)].version, [12]);
    }

    #[test]
    fn two_files_that_claim_one_version_are_an_error_that_names_both() {
        for names in [["S2016V2.csv", "S2016V2.csv.gz"], ["S2016V2.csv", "s2016v02.CSV"]] {
            let pattern = files("S{year}V{version}*");
            let owned = names.map(str::to_owned);
            let error = discover(Path::new("raw"), &owned, &pattern, None, false).unwrap_err();
            assert_eq!(error.exit_code(), 5);
            assert!(names.iter().all(|name| error.to_string().contains(name)), "{error}");
            assert!(error.hint().is_some());
        }
        // Older ones may be there as often as they like.
        let names = ["S2016V2.csv", "S2016V2.csv.gz", "S2016V3.csv"];
        assert_eq!(found("S{year}V{version}*", &names, None), ["S2016V3.csv"]);
    }

    #[test]
    fn the_walk_is_sorted_and_knows_no_hidden_files_and_no_circles() {
        let raw = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(raw.path().join("b/2016")).unwrap();
        for name in ["b/2016/x y.csv", "a.csv", ".a.csv.part", "b/z.csv"] {
            std::fs::write(raw.path().join(name), "").unwrap();
        }
        std::os::unix::fs::symlink(raw.path(), raw.path().join("b/again")).unwrap();
        assert_eq!(list_files(raw.path()).unwrap(), ["a.csv", "b/2016/x y.csv", "b/z.csv"]);
        let error = list_files(&raw.path().join("nowhere")).unwrap_err();
        assert!(matches!(error, Error::RawInput { .. }) && error.to_string().contains("nowhere"));
    }
}
