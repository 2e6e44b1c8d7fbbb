//! A study with its raw files in a workplace, and any number of *states*: a
//! lake and a release folder each, made from those same files.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::Value;

use crate::workplace::{Workplace, copy_folder, copy_folder_with_links, stderr};

/// Bytes by path below a folder.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Whether a first run that several tests start from was made.
type Ran = Arc<OnceLock<()>>;

/// A study and its raw files.
pub(crate) struct Chain {
    place: Workplace,
    study: String,
}

impl Chain {
    /// The study `techniek`, on invented files of 2016 to 2019.
    pub(crate) fn techniek(persons: u32, seed: u32) -> Self {
        let (persons, seed) = (persons.to_string(), seed.to_string());
        Chain::techniek_with(&["--persons", &persons, "--seed", &seed])
    }

    /// The study `techniek`, on files invented by these options of `synth`.
    pub(crate) fn techniek_with(options: &[&str]) -> Self {
        let place = Workplace::new();
        place.succeed(&[&["synth", "--out", "raw"], options].concat());
        Chain { place, study: "techniek".to_owned() }
    }

    /// The study `nlswork`, on a plain copy of its file.
    pub(crate) fn nlswork() -> Self {
        let place = Workplace::new();
        let packed = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/nlswork/nlswork.csv.gz");
        let packed = std::fs::File::open(packed).unwrap();
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(packed).read_to_end(&mut text).unwrap();
        std::fs::create_dir(place.path("raw")).unwrap();
        std::fs::write(place.path("raw/nlswork.csv"), text).unwrap();
        Chain { place, study: "nlswork".to_owned() }
    }

    /// From now on by a copy of the definition that lies in the workplace.
    pub(crate) fn with_own_definition(mut self) -> Self {
        for folder in ["pipelines", "sql"] {
            let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            copy_folder(&shipped, &self.path(folder));
        }
        self.study = format!("pipelines/{}.toml", self.study);
        self
    }

    /// By a definition of its own that is about these years.
    pub(crate) fn with_years(self, years: &str) -> Self {
        let chain = self.with_own_definition();
        let study = chain.path("pipelines/techniek.toml");
        let text = std::fs::read_to_string(&study).unwrap();
        assert!(text.contains("\"2016..2019\""));
        std::fs::write(&study, text.replace("\"2016..2019\"", &format!("\"{years}\""))).unwrap();
        chain
    }

    /// The study `techniek` by a definition of its own, run once as state `one`;
    /// a copy for each test of what the first that asks for it has made.
    pub(crate) fn that_ran(persons: u32, seed: u32) -> Self {
        Chain::that_ran_over("2016..2019", persons, seed)
    }

    /// The same over other years.
    pub(crate) fn that_ran_over(years: &str, persons: u32, seed: u32) -> Self {
        static RAN: Mutex<BTreeMap<String, Ran>> = Mutex::new(BTreeMap::new());
        let name = format!("ran_{years}_{persons}_{seed}");
        let ran = Arc::clone(RAN.lock().unwrap().entry(name.clone()).or_default());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        ran.get_or_init(|| {
            let (persons, seed) = (persons.to_string(), seed.to_string());
            let options = ["--years", years, "--persons", &persons, "--seed", &seed];
            let chain = Chain::techniek_with(&options).with_years(years);
            let made = chain.run("one");
            assert!(made.len() > 90, "{} slices", made.len());
            copy_folder_with_links(&chain.path(""), &folder);
        });
        let place = Workplace::new();
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            copy_folder_with_links(&entry.path(), &place.path(entry.file_name().to_str().unwrap()));
        }
        Chain { place, study: "pipelines/techniek.toml".to_owned() }
    }

    /// A path in the workplace.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.place.path(relative)
    }

    /// The program on a state.
    pub(crate) fn command(&self, state: &str, arguments: &[&str]) -> Command {
        let (lake, release) = (format!("{state}/lake"), format!("{state}/release"));
        let folders = ["--raw", "raw", "--lake", &lake, "--release", &release];
        let mut all = vec!["-p", &self.study];
        all.extend(folders);
        all.extend(arguments);
        self.place.honkvast(&all)
    }

    /// Runs the program on a state.
    pub(crate) fn output(&self, state: &str, arguments: &[&str]) -> Output {
        self.command(state, arguments).output().unwrap()
    }

    /// Runs the program on a state, which must succeed; its stdout.
    pub(crate) fn succeed(&self, state: &str, arguments: &[&str]) -> String {
        let output = self.output(state, arguments);
        assert!(output.status.success(), "{state} {arguments:?}:\n{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs the program on a state, which must end with this code; its stderr.
    pub(crate) fn fail(&self, state: &str, code: i32, arguments: &[&str]) -> String {
        let output = self.output(state, arguments);
        assert_eq!(output.status.code(), Some(code), "{state} {arguments:?}:\n{}", stderr(&output));
        stderr(&output)
    }

    /// What a command prints as JSON.
    pub(crate) fn json(&self, state: &str, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.succeed(state, arguments)).unwrap()
    }

    /// Runs all that is out of date; the slices made, in their order.
    pub(crate) fn run(&self, state: &str) -> Vec<String> {
        texts(&self.json(state, &["run", "--json"])["made"])
    }

    /// Events of one kind of the last run, from the ledger.
    pub(crate) fn events(&self, state: &str, kind: &str) -> Vec<Value> {
        let events = self.json(state, &["show", "last", "--json"]);
        let events = events.as_array().unwrap().iter();
        events.filter(|event| event["event"] == kind).cloned().collect()
    }

    /// The raw files, with the truth.
    pub(crate) fn raw(&self) -> Files {
        let mut files = Files::new();
        collect(&self.path("raw"), "", &mut files);
        files
    }

    /// The files of the current release.
    pub(crate) fn release(&self, state: &str) -> Files {
        resolved(&self.path(state).join("release/current"))
    }

    /// The files of the current snapshot of the lake.
    pub(crate) fn current(&self, state: &str) -> Files {
        resolved(&self.path(state).join("lake/current"))
    }

    /// Copies a state with its links, over what was there.
    pub(crate) fn copy_state(&self, from: &str, to: &str) {
        copy_folder_with_links(&self.path(from), &self.path(to));
    }
}

/// The files below what a link points at; none where there is no link.
pub(crate) fn resolved(link: &Path) -> Files {
    let mut files = Files::new();
    if let Ok(target) = std::fs::read_link(link) {
        collect(&link.parent().unwrap().join(target), "", &mut files);
    }
    files
}

fn collect(folder: &Path, below: &str, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else {
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

/// Fails naming the files in which two folders differ.
pub(crate) fn assert_same_files(one: &Files, other: &Files) {
    let names = one.keys().chain(other.keys());
    let different: Vec<&String> = names.filter(|name| one.get(*name) != other.get(*name)).collect();
    assert!(!one.is_empty(), "there are no files to compare");
    assert!(different.is_empty(), "these files differ: {different:?}");
}

/// A list of texts in JSON.
pub(crate) fn texts(list: &Value) -> Vec<String> {
    let text = |item: &Value| item.as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(text).collect()
}
