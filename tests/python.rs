//! Python with the libraries that give independent answers.

use std::process::Command;

/// The Python to call, where it has these modules. Says so where it has not,
/// and fails where that must not be.
pub(crate) fn python_with(modules: &str) -> Option<String> {
    let python = std::env::var("HONKVAST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_them = Command::new(&python).args(["-c", &format!("import {modules}")]).output();
    if has_them.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let missing = format!("not compared: `{python}` has no {modules}");
    assert!(std::env::var_os("HONKVAST_REQUIRE_PYTHON").is_none(), "{missing}");
    eprintln!("{missing}; `pip install` it, or name a Python in HONKVAST_PYTHON");
    None
}
