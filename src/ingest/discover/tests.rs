//! Which files of a raw folder are taken.

use super::*;
use crate::pipeline::file_pattern::FilePattern;
use crate::pipeline::years::YearRange;

fn files(pattern: &str) -> SourceFiles {
    SourceFiles::new(vec![(YearRange::ALL, FilePattern::parse(pattern).unwrap())]).unwrap()
}

fn search(files: &SourceFiles) -> Search<'_> {
    Search { takes_provisional: false, ..Search::of_all(files, &[".csv", ".txt"]) }
}

fn entries(names: &[&str]) -> Vec<Entry> {
    let kind = EntryKind::File(Some(SystemTime::UNIX_EPOCH));
    names.iter().map(|name| Entry { name: (*name).to_owned(), kind: kind.clone() }).collect()
}

fn found(pattern: &str, names: &[&str], provisional: Option<(u64, u64)>) -> Vec<String> {
    let files = files(pattern);
    let search = Search { provisional_versions: provisional, ..search(&files) };
    let found = discover(Path::new("raw"), &entries(names), &search).unwrap();
    found.newest.into_values().flatten().map(|file| file.name).collect()
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
    let search = search(&pattern);
    let search =
        Search { provisional_versions: Some((11, 123)), takes_provisional: true, ..search };
    let all = discover(Path::new("raw"), &entries(&names), &search).unwrap().newest;
    assert_eq!(all[&Some(2016)][0].name, "S2016V011.csv");
    assert_eq!(all[&Some(2017)][0].version, [12]);
}

#[test]
fn two_files_that_claim_one_version_are_an_error_that_names_both() {
    for names in [["S2016V2.csv", "S2016V2.csv.gz"], ["S2016V2.csv", "s2016v02.CSV"]] {
        let pattern = files("S{year}V{version}*");
        let both = entries(&names);
        let error = discover(Path::new("raw"), &both, &search(&pattern)).unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert!(names.iter().all(|name| error.to_string().contains(name)), "{error}");
        assert!(error.hint().is_some());
    }
    // Older ones may be there as often as they like.
    let names = ["S2016V2.csv", "S2016V2.csv.gz", "S2016V3.csv"];
    assert_eq!(found("S{year}V{version}*", &names, None), ["S2016V3.csv"]);
}

#[test]
fn what_is_still_being_delivered_is_passed_over_by_its_name() {
    let names = [
        "S2016V3.csv.filepart",
        "S2016V3.csv.part",
        "S2016V4.csv.tmp",
        "S2016V4.csv.crdownload",
        "S2016V4.csv.swp",
        "S2016V4.csv~",
        "S2016V4",
        "S2016V4.csv.gz.part",
        "S2016V4.csv.bz2",
        "S2016V4.gz",
        "S2016V4.sav",
        "S2016V2.CSV.Gz",
        "S2015V1.Txt",
        "~$S2016V5.csv",
    ];
    let pattern = files("*S{year}V{version}*");
    let found = discover(Path::new("raw"), &entries(&names), &search(&pattern)).unwrap();
    let taken: Vec<String> = found.newest.into_values().flatten().map(|file| file.name).collect();
    assert_eq!(taken, ["S2015V1.Txt", "S2016V2.CSV.Gz"]);
    assert_eq!(found.passed_over.len(), 12);
    let reason = |at: usize| found.passed_over[at].reason.as_str();
    assert_eq!(reason(0), "does not end in .csv, .txt, nor so with .gz or .zst");
    assert_eq!(reason(11), "is the lock of a program that has a file open");
    // A pattern that says its ending is taken at its word.
    let said = files("S{year}V{version}.tab");
    let found = discover(Path::new("raw"), &entries(&["S2016V1.tab"]), &search(&said)).unwrap();
    assert_eq!(found.newest.len(), 1);
}

#[test]
fn young_files_are_left_to_the_next_run() {
    let pattern = files("S{year}V{version}*");
    let now = SystemTime::now();
    let aged = |name: &str, changed| {
        let kind = EntryKind::File(Some(changed));
        Entry { name: name.to_owned(), kind }
    };
    let (minute, second) = (Duration::from_secs(60), Duration::from_secs(1));
    let all = [
        aged("S2016V1.csv", now - minute),
        aged("S2016V2.csv", now - minute + second),
        aged("S2016V3.csv", now + second),
    ];
    let search = Search { settle: minute, now, ..search(&pattern) };
    let found = discover(Path::new("raw"), &all, &search).unwrap();
    assert_eq!(found.newest[&Some(2016)][0].name, "S2016V1.csv");
    assert_eq!(found.passed_over.len(), 2);
    let all_settled = Search { settle: Duration::ZERO, ..search };
    let found = discover(Path::new("raw"), &all, &all_settled).unwrap();
    assert_eq!(found.newest[&Some(2016)][0].name, "S2016V3.csv");
}

#[test]
fn what_is_no_file_under_the_name_of_one_is_an_error() {
    let pattern = files("spolis/S{year}V{version}*");
    let discover = |name: &str, kind: EntryKind| {
        let entry = Entry { name: name.to_owned(), kind };
        discover(Path::new("raw"), &[entry], &search(&pattern)).map(|found| found.passed_over)
    };
    let name = "spolis/S2016V1.csv";
    for (kind, said) in [
        (EntryKind::Folder, "raw/spolis/S2016V1.csv: is a folder, and its name that of a file"),
        (EntryKind::Other("a pipe"), "is a pipe, and its name that of a file"),
        (EntryKind::Unreadable("cannot be read: x".to_owned()), "csv: cannot be read: x"),
    ] {
        let error = discover(name, kind).unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert!(error.to_string().ends_with(said), "{error}");
    }
    let hidden = || EntryKind::Unreadable("cannot be read: x".to_owned());
    assert!(discover("spolis", hidden()).is_err(), "files may lie in it");
    for (name, kind) in [
        ("lost+found", hidden()),
        ("spolis/other", hidden()),
        ("spolis/pipe", EntryKind::Other("a pipe")),
        ("spolis/S2016V1", EntryKind::Folder),
    ] {
        assert_eq!(discover(name, kind).unwrap(), [], "{name}");
    }
}

#[test]
fn each_part_of_a_year_has_its_newest_version() {
    let names = [
        "PNADC_042016_3.txt",
        "PNADC_012016_1.txt",
        "PNADC_012016_12.txt",
        "PNADC_022016_2.txt.gz",
        "PNADC_012017_1.txt",
        "PNADC_01 copy2017_1.txt",
        "PNADC_02_old2017_1.txt",
    ];
    let pattern = files("PNADC_{part}{year}_{version}.*");
    let found = discover(Path::new("raw"), &entries(&names), &search(&pattern)).unwrap();
    let names = |year| found.newest[&Some(year)].iter().map(|file| file.name.as_str());
    let wanted = ["PNADC_012016_12.txt", "PNADC_022016_2.txt.gz", "PNADC_042016_3.txt"];
    assert_eq!(names(2016).collect::<Vec<_>>(), wanted);
    assert_eq!(names(2017).collect::<Vec<_>>(), ["PNADC_012017_1.txt"]);
    assert_eq!(found.passed_over.len(), 2, "what is no part is told, not counted twice");
    let same = entries(&["PNADC_012016_1.txt", "PNADC_012016_1.txt.gz"]);
    assert!(discover(Path::new("raw"), &same, &search(&pattern)).is_err());
}

#[test]
fn a_year_waits_for_a_part_that_is_there_and_not_taken() {
    let pattern = files("lfs{year}q{part}.*");
    let discover = |names: &[&str]| discover(Path::new("raw"), &entries(names), &search(&pattern));
    for name in ["lfs2016q2.csv.part", "lfs2016q2.csv.zip"] {
        let error = discover(&["lfs2016q1.csv", name]).unwrap_err();
        assert_eq!(error.exit_code(), 5);
        let said = error.to_string();
        assert!(said.starts_with(&format!("raw/{name}: ")), "{said}");
        assert!(said.ends_with("and no other file is this part of its year"), "{said}");
        // The year as a whole may still come, and another file may be the part.
        assert_eq!(discover(&["lfs2015q1.csv", name]).unwrap().newest.len(), 1);
        let taken = discover(&["lfs2016q1.csv", "lfs2016q2.csv", name]).unwrap();
        assert_eq!(taken.newest[&Some(2016)].len(), 2);
    }
}
