//! What patterns match, and which are none.

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
    assert_eq!(matched("P{version}TABV{version}*", "p2020tabv3.csv"), Some((None, vec![2020, 3])));
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
fn parts_of_a_year_are_told_apart() {
    let part = |pattern: &str, path: &str| {
        let found = FilePattern::parse(pattern).unwrap().matches(path)?;
        Some((found.part.clone()?, found.year, found.version.clone(), found.has_plain_part()))
    };
    let plain = |name: &str, year, version: &[u64]| {
        Some((name.to_owned(), Some(year), version.to_vec(), true))
    };
    let quarters = "PNADC_{part}{year}_{version}.txt";
    assert_eq!(part(quarters, "PNADC_012016_20190729.txt"), plain("01", 2016, &[20_190_729]));
    assert_eq!(part(quarters, "PNADC_042016.txt"), None);
    let provinces = "{year}/{part}/LFS_{part}_V{version}*";
    let path = "2016/Noord-Holland/LFS_noord-holland_V12.csv";
    assert_eq!(part(provinces, path), plain("noord-holland", 2016, &[12]));
    assert_eq!(part(provinces, "2016/Zeeland/LFS_Drenthe_V1.csv"), None);
    assert_eq!(
        part("x{year}{part}V{version}.*", "x2016OverijsselV2.csv"),
        plain("overijssel", 2016, &[2])
    );
    let (copy, .., is_plain) = part("x{year}q{part}.csv", "x2016q1 (copy).csv").unwrap();
    assert_eq!((copy.as_str(), is_plain), ("1 (copy)", false));
    for text in ["x{part}*", "*{part}.csv", "x{part}{version}", "{version}{part}", "{part}{part}"] {
        assert!(FilePattern::parse(text).unwrap_err().starts_with("`{part}` needs"), "{text}");
    }
    assert!(FilePattern::parse("x{year}{part}.csv").is_ok(), "a year has four digits");
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
    let parsed =
        vintages.map(|(years, text)| (years.parse().unwrap(), FilePattern::parse(text).unwrap()));
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
