//! The same people give the same tables, whatever their files are written and
//! packed as.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use honkvast::pipeline::codebook::{Codebook, ColumnType, Format};
use honkvast::pipeline::toml_reader::read_from_disk;

use crate::chain::{Chain, assert_same_files, resolved};
use crate::raw_form::{Form, Packing};
use crate::tiny_study::{STUDY_FILE, TinyStudy};

#[test]
fn a_study_gives_the_same_release_in_every_form_and_encoding() {
    let mut releases = Vec::new();
    for form in Form::all() {
        for encoding in ["utf-8", "latin-1"] {
            let study = TinyStudy::new();
            form.write_good_years(&study, encoding);
            study.succeed(&["run"]);
            let raw = "select * from raw.jobs order by person_id";
            let raw = study.succeed(&["sql", raw, "--format", "csv"]);
            assert!(raw.contains("P001,Zoë,11,2020-02-02"), "{raw}");
            releases.push((raw, resolved(&study.place.path("release/current"))));
        }
    }
    for (raw, release) in &releases {
        assert_eq!(raw, &releases[0].0);
        assert_same_files(release, &releases[0].1);
    }
}

#[test]
fn the_whole_study_gives_the_same_release_from_packed_and_from_fixed_width_files() {
    let chain = Chain::techniek(1500, 4).with_own_definition();
    chain.succeed("delimited", &["run"]);
    let files = raw_files(&chain.path("raw"));
    pack(&files, Packing::Zstd);
    chain.succeed("zstd", &["run"]);
    assert_same_files(&chain.release("zstd"), &chain.release("delimited"));
    let files = unpack(&raw_files(&chain.path("raw")));
    write_as_fixed_width(&chain, &files);
    chain.succeed("fixed", &["run"]);
    assert_same_files(&chain.release("fixed"), &chain.release("delimited"));
    pack(&files, Packing::Gzip);
    chain.succeed("fixed-gzip", &["run"]);
    assert_same_files(&chain.release("fixed-gzip"), &chain.release("delimited"));
}

/// Files of all sources, without the planted truth beside them.
fn raw_files(raw: &Path) -> Vec<PathBuf> {
    let below = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> =
        below(raw).into_iter().filter(|path| path.is_dir() && !path.ends_with("truth")).collect();
    while let Some(folder) = folders.pop() {
        let (inner, found): (Vec<_>, Vec<_>) =
            below(&folder).into_iter().partition(|path| path.is_dir());
        folders.extend(inner);
        files.extend(found);
    }
    files.sort();
    files
}

/// Packs files in their place.
fn pack(files: &[PathBuf], packing: Packing) {
    for path in files {
        let packed = packing.pack(&std::fs::read(path).unwrap());
        std::fs::write(format!("{}{}", path.display(), packing.ending()), packed).unwrap();
        std::fs::remove_file(path).unwrap();
    }
}

/// Unpacks `.zst` files in their place.
fn unpack(files: &[PathBuf]) -> Vec<PathBuf> {
    let unpack = |path: &PathBuf| {
        let plain = path.with_extension("");
        let packed = std::fs::read(path).unwrap();
        std::fs::write(&plain, zstd::decode_all(packed.as_slice()).unwrap()).unwrap();
        std::fs::remove_file(path).unwrap();
        plain
    };
    files.iter().map(unpack).collect()
}

/// Writes all files of each codebook as fixed width text, and the codebook too.
fn write_as_fixed_width(chain: &Chain, files: &[PathBuf]) {
    let mut by_codebook: BTreeMap<String, Vec<&PathBuf>> = BTreeMap::new();
    for file in files {
        let below = file.strip_prefix(chain.path("raw")).unwrap();
        let source = below.components().next().unwrap().as_os_str().to_str().unwrap();
        by_codebook.entry(source.to_lowercase()).or_default().push(file);
    }
    assert_eq!(by_codebook.len(), 10, "{:?}", by_codebook.keys());
    for (source, files) in by_codebook {
        let path = chain.path(&format!("pipelines/codebooks/{source}.toml"));
        let definition = read_from_disk(&path).unwrap();
        let codebook = Codebook::read(&definition).unwrap();
        let tables: Vec<_> = files.iter().map(|file| wanted_fields(file, &codebook)).collect();
        let width = |column: usize| {
            let fields = tables.iter().flatten().map(|record| record[column].len());
            fields.max().unwrap_or(0).max(1)
        };
        let widths: Vec<usize> = (0..codebook.columns.len()).map(width).collect();
        for (file, table) in files.iter().zip(&tables) {
            std::fs::write(file, fixed_text(table, &widths)).unwrap();
        }
        std::fs::write(&path, fixed_codebook(&definition.text, &codebook, &widths)).unwrap();
    }
}

/// The codebook's columns of each record, decimals without their mark.
fn wanted_fields(file: &Path, codebook: &Codebook) -> Vec<Vec<Vec<u8>>> {
    let text = std::fs::read(file).unwrap();
    let mut lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let delimiter = delimiter_of(codebook);
    let split = |line: &[u8]| unquoted_fields(line, delimiter);
    let names = split(lines.next().unwrap());
    let name = file.file_name().unwrap().to_str().unwrap();
    let year = name.find("20").and_then(|at| name.get(at..at + 4)?.parse().ok());
    let places: Vec<usize> = codebook
        .columns
        .iter()
        .map(|column| {
            let header = column.header(year).unwrap().to_lowercase().into_bytes();
            names.iter().position(|name| name.to_ascii_lowercase() == header).unwrap()
        })
        .collect();
    let field = |record: &[Vec<u8>], column: usize| {
        let kept = &codebook.columns[column];
        let text = record[places[column]].clone();
        match kept.kind {
            ColumnType::Decimal { scale, .. } if !is_code(&text, &kept.missing) => {
                without_mark(text, usize::from(scale))
            }
            _ => text,
        }
    };
    lines
        .map(split)
        .map(|record| (0..places.len()).map(|column| field(&record, column)).collect())
        .collect()
}

fn delimiter_of(codebook: &Codebook) -> u8 {
    let Format::Delimited(format) = &codebook.format else {
        unreachable!("the study's files are delimited");
    };
    format.delimiter
}

fn unquoted_fields(line: &[u8], delimiter: u8) -> Vec<Vec<u8>> {
    let mut fields = vec![Vec::new()];
    let mut is_quoted = false;
    for byte in line.strip_suffix(b"\r").unwrap_or(line) {
        match *byte {
            b'"' => is_quoted = !is_quoted,
            byte if byte == delimiter && !is_quoted => fields.push(Vec::new()),
            byte => fields.last_mut().unwrap().push(byte),
        }
    }
    fields
}

fn is_code(text: &[u8], codes: &[String]) -> bool {
    codes.iter().any(|code| code.as_bytes() == text)
}

/// `1,5` as `150` where there are two decimals; more of them keep their mark.
fn without_mark(text: Vec<u8>, scale: usize) -> Vec<u8> {
    let mark = text.iter().position(|byte| *byte == b',').unwrap_or(text.len());
    let decimals = text.get(mark + 1..).unwrap_or_default();
    if text.is_empty() || decimals.len() > scale {
        return text;
    }
    let zeros = vec![b'0'; scale - decimals.len()];
    [&text[..mark], decimals, &zeros].concat()
}

/// A hash stands between the columns: who takes a character too many fails.
fn fixed_text(table: &[Vec<Vec<u8>>], widths: &[usize]) -> Vec<u8> {
    let mut text = Vec::new();
    for record in table {
        for (field, width) in record.iter().zip(widths) {
            text.extend_from_slice(field);
            text.extend(std::iter::repeat_n(b' ', width - field.len()));
            text.push(b'#');
        }
        text.push(b'\n');
    }
    text
}

/// The codebook with another format, and positions for headers.
fn fixed_codebook(text: &str, codebook: &Codebook, widths: &[usize]) -> String {
    let record: usize = widths.iter().map(|width| width + 1).sum();
    let mut lines = Vec::new();
    let (mut column, mut start) = (0, 1);
    for line in text.lines() {
        let key = line.split('=').next().unwrap().trim();
        match key {
            "kind" => lines.push(format!("kind = \"fixed\"\nwidth = {record}")),
            "delimiter" | "header" => {}
            "name" => {
                let end = start + widths[column] - 1;
                lines.push(format!("{line}\nposition = \"{start}-{end}\""));
                if let ColumnType::Decimal { scale, .. } = codebook.columns[column].kind
                    && scale > 0
                {
                    lines.push(format!("implied_decimals = {scale}"));
                }
                start = end + 2;
                column += 1;
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

#[test]
fn each_vintage_is_found_under_its_own_name() {
    let study = TinyStudy::new();
    study.write_raw();
    study.succeed(&["run"]);
    let plain = resolved(&study.place.path("release/current"));
    let text = std::fs::read_to_string(study.place.path(STUDY_FILE)).unwrap();
    let line = text.lines().find(|line| line.starts_with("files")).unwrap();
    let vintages = r#"{ "..2020" = "Polis/*JOBS{year}V{version}*", "2021.." = "Spolis/{year}/jobs*{year}*V{version}*" }"#;
    study.replace(STUDY_FILE, line, &format!("files = {vintages}"));
    for (old, new) in [
        ("jobs2020V1.csv", "Polis/140707 JOBS2020V1.csv"),
        ("jobs2021V1.csv", "Spolis/2021/Jobs 2021V1.csv"),
    ] {
        let (old, new) = (format!("raw/{old}"), study.place.path(&format!("raw/{new}")));
        std::fs::create_dir_all(new.parent().unwrap()).unwrap();
        std::fs::rename(study.place.path(&old), &new).unwrap();
    }
    // What stands under the name of the other vintage is not its file.
    study.write("raw/Polis/JOBS2021V9.csv", "not of this vintage");
    study.succeed(&["run", "--force"]);
    assert_same_files(&plain, &resolved(&study.place.path("release/current")));
    std::fs::remove_file(study.place.path("raw/Spolis/2021/Jobs 2021V1.csv")).unwrap();
    let said = study.fail(5, &["run", "--force"]);
    assert!(said.contains("for Spolis/{year}/jobs*{year}*V{version}*"), "{said}");
}
