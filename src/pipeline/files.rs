//! The files of a definition: on disk, or embedded in the binary for the
//! studies shipped with it. All files of one study come from one of the two.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};

use super::names::{is_identifier, suggestion};
use super::toml_reader::DefinitionText;
use crate::error::{Error, IoContext, Result, printable};

static PIPELINES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/pipelines");
static SQL: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sql");

/// Where the files of a study are read from.
#[derive(Debug, Clone)]
pub struct DefinitionFiles {
    root: Root,
    study: String,
    /// Hashes of the files that were read, by their names.
    read: RefCell<BTreeMap<PathBuf, blake3::Hash>>,
}

/// Where a definition came from, and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The folder of `pipelines/` and `sql/`; none where it is in the binary.
    pub folder: Option<PathBuf>,
    /// 32 hex digits of the names and contents of all its files.
    pub hash: String,
}

#[derive(Debug, Clone)]
enum Root {
    /// The folder that holds `pipelines/` and `sql/`, and the study's file.
    Disk(PathBuf),
    Embedded,
}

impl DefinitionFiles {
    /// Finds a study by name (`techniek`: `pipelines/techniek.toml` below
    /// `folder`, else embedded) or by the path of its file.
    ///
    /// # Errors
    /// [`Error::Usage`] where there is no such study, with the nearest name.
    pub fn find(study: &str, folder: &Path) -> Result<Self> {
        if study.ends_with(".toml") {
            return Self::at_path(Path::new(study));
        }
        if !is_identifier(study) {
            let message = format!("`{study}` is neither a study's name nor a path to a .toml file");
            return Err(Error::usage(message));
        }
        if is_file(&folder.join("pipelines").join(format!("{study}.toml")))? {
            return Ok(Self::below(Root::Disk(folder.to_path_buf()), study));
        }
        if PIPELINES.get_file(format!("{study}.toml")).is_some() {
            return Ok(Self::below(Root::Embedded, study));
        }
        let shipped = shipped_studies();
        let error = Error::usage(format!("there is no study `{study}`"));
        Err(error.with_hint(match suggestion(study, shipped.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("studies shipped: {}; or give a path", shipped.join(", ")),
        }))
    }

    fn below(root: Root, study: &str) -> Self {
        DefinitionFiles { root, study: study.to_owned(), read: RefCell::default() }
    }

    fn at_path(path: &Path) -> Result<Self> {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let absolute = std::path::absolute(path).at("find", path)?;
        let root = absolute.parent().and_then(Path::parent);
        match root {
            Some(root) if is_file(path)? => {
                let in_pipelines = absolute.parent().is_some_and(|dir| dir.ends_with("pipelines"));
                if !in_pipelines {
                    let message =
                        format!("{} does not lie in a folder `pipelines`", printable(path));
                    return Err(Error::usage(message).with_hint(
                        "a study is <folder>/pipelines/<study>.toml with <folder>/sql/<study>/",
                    ));
                }
                Ok(Self::below(Root::Disk(root.to_path_buf()), stem))
            }
            _ => Err(Error::usage(format!("there is no file {}", printable(path)))),
        }
    }

    /// The study's name by its file.
    pub fn study(&self) -> &str {
        &self.study
    }

    /// The folder of the study's file, where it is on disk.
    pub fn pipelines_folder(&self) -> Option<PathBuf> {
        match &self.root {
            Root::Disk(root) => Some(root.join("pipelines")),
            Root::Embedded => None,
        }
    }

    /// Where the files come from that were read so far, and their hash.
    ///
    /// # Errors
    /// [`Error::Io`] where the folder cannot be found.
    pub fn origin(&self) -> Result<Origin> {
        let mut hasher = blake3::Hasher::new();
        for (file, hash) in self.read.borrow().iter() {
            hasher.update(file.as_os_str().as_encoded_bytes()).update(b"\0");
            hasher.update(hash.as_bytes());
        }
        let folder = match &self.root {
            Root::Disk(folder) => Some(folder.canonicalize().at("find", folder)?),
            Root::Embedded => None,
        };
        let hash = hasher.finalize().to_hex().chars().take(32).collect();
        Ok(Origin { folder, hash })
    }

    /// Reads `pipelines/<relative>`; none where there is no such file.
    ///
    /// # Errors
    /// The system's answer, or a file that is not UTF-8.
    pub fn pipelines_file(&self, relative: &str) -> Result<Option<DefinitionText>> {
        self.read(Path::new("pipelines"), relative, &PIPELINES)
    }

    /// Reads `sql/<study>/<relative>`, which [`Self::sql_files`] named.
    ///
    /// # Errors
    /// The system's answer, or a file that is not UTF-8.
    pub fn sql_file(&self, relative: &str) -> Result<Option<DefinitionText>> {
        self.read(Path::new("sql"), &format!("{}/{relative}", self.study), &SQL)
    }

    fn read(
        &self,
        top: &Path,
        relative: &str,
        embedded: &Dir<'_>,
    ) -> Result<Option<DefinitionText>> {
        let file = top.join(relative);
        let bytes = match &self.root {
            Root::Embedded => embedded.get_file(relative).map(|file| file.contents().to_vec()),
            Root::Disk(root) => match std::fs::read(root.join(&file)) {
                Ok(bytes) => Some(bytes),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => return Err(error).at("read", &root.join(&file)),
            },
        };
        if let Some(bytes) = &bytes {
            self.read.borrow_mut().insert(file.clone(), blake3::hash(bytes));
        }
        let text = |bytes: Vec<u8>| {
            String::from_utf8(bytes).map_err(|error| {
                let valid = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
                DefinitionText { file: file.clone(), text }.mistake(valid, "is not UTF-8")
            })
        };
        let text = bytes.map(text).transpose()?;
        Ok(text.map(|text| DefinitionText { file: file.clone(), text }))
    }

    /// All files below `sql/<study>/` with their paths there, sorted; what
    /// editors leave beside them is passed over.
    ///
    /// # Errors
    /// The system's answer.
    pub fn sql_files(&self) -> Result<Vec<String>> {
        let mut files = Vec::new();
        match &self.root {
            Root::Disk(root) => {
                let top = root.join("sql").join(&self.study);
                if top.try_exists().at("look for", &top)? {
                    list_disk(&top, "", &mut files)?;
                }
            }
            Root::Embedded => {
                if let Some(folder) = SQL.get_dir(&self.study) {
                    list_embedded(folder, Path::new(&self.study), &mut files);
                }
            }
        }
        files.sort();
        Ok(files)
    }
}

/// Says whether there is a file of this name; what cannot be told is no absence.
fn is_file(path: &Path) -> Result<bool> {
    match path.metadata() {
        Ok(found) => Ok(found.is_file()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(false)
        }
        Err(error) => Err(error).at("look for", path),
    }
}

/// Says whether a name is one that editors, merges and file managers give to
/// what they leave beside a file: `.jobs.sql.swp`, `#jobs.sql#`, `jobs.sql~`.
fn is_leftover(name: &str) -> bool {
    let is_of_kind = |kind: &str| ["bak", "orig", "rej", "swo", "swp", "tmp"].contains(&kind);
    name.starts_with(['.', '#'])
        || name.ends_with('~')
        // Vim tries with it whether it can write to a folder.
        || name == "4913"
        || name.rsplit_once('.').is_some_and(|(_, kind)| is_of_kind(kind))
}

/// Names of the studies in the binary.
pub fn shipped_studies() -> Vec<String> {
    let stem = |file: &include_dir::File<'_>| {
        let path = file.path();
        let is_study = path.extension().is_some_and(|extension| extension == "toml");
        is_study.then(|| path.file_stem().map(|stem| stem.to_string_lossy().into_owned())).flatten()
    };
    PIPELINES.files().filter_map(stem).collect()
}

fn list_disk(folder: &Path, prefix: &str, files: &mut Vec<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder).at("list", folder)? {
        let entry = entry.at("list", folder)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_leftover(&name) {
            continue;
        }
        let name = format!("{prefix}{name}");
        if entry.path().is_dir() {
            list_disk(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push(name);
        }
    }
    Ok(())
}

fn list_embedded(folder: &Dir<'_>, top: &Path, files: &mut Vec<String>) {
    let relative =
        |path: &Path| path.strip_prefix(top).ok().map(|p| p.to_string_lossy().into_owned());
    files.extend(folder.files().filter_map(|file| relative(file.path())));
    folder.dirs().for_each(|inner| list_embedded(inner, top, files));
}
