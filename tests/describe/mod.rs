//! `honkvast describe`: its drafts for invented and real files are codebooks
//! under which every record is kept.

mod printed;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU8;

use honkvast::ingest::{RawFile, Request, Search, discover, list_entries, read};
use honkvast::pipeline::codebook::{Codebook, ColumnType};
use honkvast::pipeline::files::DefinitionFiles;
use honkvast::pipeline::study_reader::read_study;
use honkvast::pipeline::toml_reader::DefinitionText;

use crate::workplace::Workplace;

fn codebook(text: String) -> Codebook {
    Codebook::read(&DefinitionText { file: "draft.toml".into(), text }).unwrap()
}

/// Reads a file by a codebook that must keep every record; how many those are.
fn kept(path: &Path, codebook: &Codebook) -> u64 {
    let name = path.display().to_string();
    let file =
        RawFile { path: path.to_path_buf(), name, year: None, part: None, version: Vec::new() };
    let stop = AtomicU8::new(0);
    let request = Request { file: &file, codebook, threads: 2, stop: &stop };
    let outcome = read(&request, &mut |_| Ok(()), &mut |_| Ok(())).unwrap();
    assert_eq!(outcome.counts.rejected, 0, "{}: {:?}", path.display(), outcome.rules);
    outcome.counts.kept
}

fn shown(kind: &ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "text",
        ColumnType::Integer => "integer",
        ColumnType::Decimal { .. } => "decimal",
        ColumnType::Date => "date",
        ColumnType::Boolean { .. } => "boolean",
    }
}

#[test]
fn drafts_of_the_invented_files_keep_every_record_and_have_the_shipped_types() {
    let place = Workplace::new();
    place.succeed(&["synth", "--persons", "4000", "--seed", "7", "--out", "raw"]);
    let files = DefinitionFiles::find("techniek", Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let study = read_study(&files).unwrap();
    let raw = place.path("raw");
    let entries = list_entries(&raw).unwrap();
    let mut others: BTreeMap<String, String> = BTreeMap::new();
    for (source, shipped) in &study.sources {
        let search = Search::of_all(&shipped.files, shipped.codebook.format.endings());
        let found = discover(&raw, &entries, &search).unwrap();
        for file in found.newest.values().flatten() {
            let path = file.path.to_str().unwrap();
            let draft = codebook(place.succeed(&["describe", path]));
            let lines = std::fs::read(path).unwrap().iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(kept(&file.path, &draft), lines as u64 - 1, "{path}");
            for column in &shipped.codebook.columns {
                let header = column.header(file.year).unwrap().to_lowercase();
                let is_it = |known: &&honkvast::pipeline::codebook::Column| {
                    known.header(None).unwrap().to_lowercase() == header
                };
                let drafted = draft.columns.iter().find(is_it).unwrap();
                let (here, there) = (shown(&drafted.kind), shown(&column.kind));
                if here != there {
                    others.insert(
                        format!("{source}.{}", column.name),
                        format!("{here}, shipped {there}"),
                    );
                }
            }
        }
    }
    let others: String = others.iter().map(|(name, kinds)| format!("{name}: {kinds}\n")).collect();
    // Codes of digits, flags, and what happens to be whole: for people to say.
    insta::assert_snapshot!(others, @"
    activity.secm: integer, shipped text
    activity.xkoppelbijstandsecm: integer, shipped boolean
    activity.xkoppeldgasecm: integer, shipped boolean
    activity.xkoppelmeewerkendsecm: integer, shipped boolean
    activity.xkoppelovactiefsecm: integer, shipped boolean
    activity.xkoppelpensioensecm: integer, shipped boolean
    activity.xkoppelscholstudsecm: integer, shipped boolean
    activity.xkoppelsocvoorzovsecm: integer, shipped boolean
    activity.xkoppelwerkluitksecm: integer, shipped boolean
    activity.xkoppelwerknsecm: integer, shipped boolean
    activity.xkoppelzelfstsecm: integer, shipped boolean
    activity.xkoppelziekteaosecm: integer, shipped boolean
    education.oplnivsoiagg4hb: integer, shipped text
    employer_events.eventtype: integer, shipped text
    jobs.sbaandagen: integer, shipped decimal
    jobs.scaosector: integer, shipped text
    jobs.spolisdienstverband: integer, shipped text
    jobs.sreguliereuren: integer, shipped decimal
    jobs.ssoortbaan: integer, shipped text
    jobs.ssrtiv: integer, shipped text
    jobs.stijdvaktype: integer, shipped text
    jobs.swekarbduurklasse: integer, shipped text
    movements.gbasoortmigratie: integer, shipped text
    persons.gbageboortelandnl: integer, shipped text
    persons.gbageboortemaand: text, shipped integer
    persons.gbageneratie: integer, shipped text
    persons.gbageslacht: integer, shipped text
    persons.gbaherkomstland: integer, shipped text
    survey.ebbaflbbint: integer, shipped text
    survey.ebbpb1poswrkflexzzp1: integer, shipped text
    survey.ebbtw1isco2008v: integer, shipped text
    ");
}

#[test]
fn drafts_of_spss_files_keep_every_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/sav");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("not drafted: {} is not there", folder.display());
        return;
    };
    let place = Workplace::new();
    let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    let savs = paths.iter().filter(|path| path.to_string_lossy().ends_with("sav"));
    let mut cases = BTreeMap::new();
    for path in savs {
        let draft = codebook(place.succeed(&["describe", path.to_str().unwrap()]));
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        cases.insert(name, (kept(path, &draft), draft.columns.len() as u64));
    }
    let reference = std::fs::read_to_string(folder.join("reference.json")).unwrap();
    let reference: serde_json::Value = serde_json::from_str(&reference).unwrap();
    for (name, (rows, columns)) in cases {
        let said = &reference[&name];
        assert_eq!(
            (said["rows"].as_u64(), said["columns"].as_u64()),
            (Some(rows), Some(columns)),
            "{name}"
        );
    }
}

#[test]
fn the_draft_of_a_real_file_has_its_codes_and_types() {
    let place = Workplace::new();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/nlswork/nlswork.csv.gz");
    let text = place.succeed(&["describe", file.to_str().unwrap()]);
    assert_eq!(kept(&file, &codebook(text.clone())), 28_534);
    insta::assert_snapshot!(text, @r#"
    # Drafted from 28534 records of nlswork.csv.gz: a guess to correct.
    # Codes stand here with the records that have them, no other values.
    title = "nlswork.csv.gz"

    [format]
    kind = "delimited"
    delimiter = ","
    encoding = "utf-8"
    decimal = "."

    [[columns]]
    name = "idcode"
    label = ""
    type = "integer"

    [[columns]]
    name = "year"
    label = ""
    type = "integer"
    # codes: 88 (2272), 77 (2171), 87 (2164), 75 (2141), 82 (2085), 85 (2085), 83 (1987), 73 (1981), 78 (1964), 71 (1851), 80 (1847), 72 (1693), 70 (1686), 68 (1375), 69 (1232)

    [[columns]]
    name = "birth_yr"
    label = ""
    type = "integer"
    # codes: 49 (3095), 47 (3040), 48 (3017), 51 (2765), 52 (2722), 50 (2718), 46 (2707), 45 (2311), 44 (2095), 53 (1935), 43 (1522), 42 (574), other codes (33 together)

    [[columns]]
    name = "age"
    label = ""
    type = "integer"
    # codes: 24 (1636), 23 (1604), 25 (1566), 22 (1458), 26 (1414), 21 (1317), 27 (1317), 35 (1264), 29 (1251), 28 (1250), 33 (1245), 31 (1202), 34 (1168), 30 (1161), 20 (1141), 32 (1112), 36 (1111), 19 (972), 37 (956), 38 (868), 39 (770), 40 (577), 18 (557), 41 (519), 42 (346), 43 (297), 44 (215), 17 (104), 45 (79), 16 (27), other codes and blank (30 together)

    [[columns]]
    name = "race"
    label = ""
    type = "text"
    # codes: White (20180), Black (8051), Other (303)

    [[columns]]
    name = "msp"
    label = ""
    type = "integer"
    # blank: 16 records
    # codes: 1 (17194), 0 (11324)
    # 0 and 1 alone: perhaps a boolean

    [[columns]]
    name = "nev_mar"
    label = ""
    type = "integer"
    # blank: 16 records
    # codes: 0 (21968), 1 (6550)
    # 0 and 1 alone: perhaps a boolean

    [[columns]]
    name = "grade"
    label = ""
    type = "integer"
    # codes: 12 (14252), 16 (2681), 11 (1781), 14 (1751), 13 (1734), 10 (1518), 15 (950), 18 (921), 9 (889), 17 (851), 8 (671), 7 (262), 6 (161), 5 (41), 4 (36), 0 (21), other codes and blank (14 together)

    [[columns]]
    name = "collgrad"
    label = ""
    type = "integer"
    # codes: 0 (23739), 1 (4795)
    # 0 and 1 alone: perhaps a boolean

    [[columns]]
    name = "not_smsa"
    label = ""
    type = "integer"
    # codes: 0 (20469), other codes and blank (8065 together)
    # 0 and 1 alone: perhaps a boolean

    [[columns]]
    name = "c_city"
    label = ""
    type = "integer"
    # codes: 0 (18336), other codes and blank (10198 together)
    # 0 and 1 alone: perhaps a boolean

    [[columns]]
    name = "south"
    label = ""
    type = "integer"
    # codes: 0 (16843), other codes and blank (11691 together)
    # 0 and 1 alone: perhaps a boolean

    [[columns]]
    name = "ind_code"
    label = ""
    type = "integer"
    # blank: 341 records
    # codes: 11 (8480), 4 (5845), 6 (4952), 7 (2427), 12 (1748), 9 (1712), 5 (1420), 8 (849), 3 (252), 1 (241), 10 (215), 2 (52)

    [[columns]]
    name = "occ_code"
    label = ""
    type = "integer"
    # blank: 121 records
    # codes: 3 (10974), 6 (4309), 8 (4300), 1 (3008), 13 (1645), 2 (1494), 4 (1323), 7 (571), 5 (438), 11 (194), 10 (144), other codes (13 together)

    [[columns]]
    name = "union"
    label = ""
    type = "integer"
    # blank: 9296 records
    # codes: 0 (14728), 1 (4510)
    # 0 and 1 alone: perhaps a boolean

    [[columns]]
    name = "wks_ue"
    label = ""
    type = "integer"
    # blank: 5704 records
    # codes: 0 (17394), 2 (704), 1 (659), 4 (582), 3 (447), 8 (307), 6 (253), 12 (241), 5 (207), 10 (172), 9 (137), 13 (134), 7 (131), 26 (117), 16 (98), 20 (89), 18 (78), 11 (72), 17 (71), 15 (69), 22 (65), 14 (59), 32 (50), 30 (41), 28 (40), 27 (37), 24 (36), 25 (36), 52 (34), 35 (33), 40 (32), 21 (31), 36 (31), 19 (29), 29 (26), 33 (23), 44 (23), 34 (21), 31 (20), 48 (19), 42 (18), 46 (18), 50 (18), 37 (17), 23 (15), 38 (14), 39 (13), 47 (12), 43 (10), other codes (47 together)

    [[columns]]
    name = "ttl_exp"
    label = ""
    type = "decimal(13,9)"

    [[columns]]
    name = "tenure"
    label = ""
    type = "decimal(13,9)"
    # blank: 433 records

    [[columns]]
    name = "hours"
    label = ""
    type = "integer"
    # blank: 67 records
    # codes: 40 (15368), 35 (1698), 38 (1333), 20 (996), 30 (923), 45 (861), 50 (662), 25 (490), 48 (487), 32 (442), 24 (427), 15 (361), 37 (330), 36 (305), 16 (298), 10 (247), 8 (206), 60 (205), 42 (200), 12 (192), 43 (160), 44 (152), 18 (142), 28 (140), 55 (129), 39 (127), 33 (96), 4 (85), 6 (83), 5 (81), 3 (74), 22 (69), 23 (64), 34 (64), 21 (62), 26 (59), 56 (59), 27 (57), 14 (54), 46 (51), 2 (49), 7 (46), 9 (41), 13 (36), 17 (35), 41 (35), 70 (33), 54 (32), 47 (31), 52 (28), 29 (27), 31 (24), 49 (22), 65 (22), 19 (18), 11 (17), 80 (17), 1 (13), 53 (13), other codes (89 together)

    [[columns]]
    name = "wks_work"
    label = ""
    type = "integer"
    # blank: 703 records

    [[columns]]
    name = "ln_wage"
    label = ""
    type = "decimal(13,10)"
    "#);
}
