//! The files of a definition: on disk, or embedded in the binary for the
//! studies shipped with it. All files of one study come from one of the two.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

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
            return Ok(Self { root: Root::Disk(folder.to_path_buf()), study: study.to_owned() });
        }
        if PIPELINES.get_file(format!("{study}.toml")).is_some() {
            return Ok(Self { root: Root::Embedded, study: study.to_owned() });
        }
        let shipped = shipped_studies();
        let error = Error::usage(format!("there is no study `{study}`"));
        Err(error.with_hint(match suggestion(study, shipped.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("studies shipped: {}; or give a path", shipped.join(", ")),
        }))
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
                Ok(Self { root: Root::Disk(root.to_path_buf()), study: stem.to_owned() })
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

    /// All files below `sql/<study>/` with their paths there, sorted.
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
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
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
