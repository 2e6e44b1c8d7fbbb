//! Releases that are not as they were written: what was done to their files,
//! and what the next run can do about it.

use std::io::ErrorKind;
use std::path::Path;

use super::folder::{SUMS_FILE, sum};
use super::release::is_plain;
use crate::durable::files;
use crate::durable::identity::{self, Former, Holds, IDENTITY_FILE};
use crate::error::{Error, IoContext, Result};
use crate::lake::RunId;
use crate::lake::{Damage, Remedy};

/// All damage of a release folder; none where there is no such folder.
///
/// # Errors
/// [`Error::Usage`] for the release of another study; [`Error::Io`].
pub fn inspect(release_dir: &Path, study: &str) -> Result<Vec<Damage>> {
    if !files::exists(release_dir)? {
        return Ok(Vec::new());
    }
    let root = release_dir.canonicalize().at("open", release_dir)?;
    let mut found = Vec::new();
    let (all, current) = (root.join("releases"), root.join("current"));
    let is_begun = files::is_there(&all) || files::is_there(&current);
    identity_of(&root, study, is_begun, &mut found)?;
    let mut add = |path: &Path, what: &str, remedy: Remedy| {
        found.push(Damage { path: path.to_path_buf(), what: what.to_owned(), remedy });
    };
    if files::is_there(&all) && !files::is_dir(&all) {
        add(&all, "something else is in place of a folder", Remedy::SetAside(vec![all.clone()]));
        return Ok(found);
    }
    let key = match std::fs::read_link(&current) {
        Ok(target) => match target.strip_prefix("releases") {
            Ok(key) => Some(all.join(key)),
            Err(_) => {
                add(&current, "it leads to no release", Remedy::NextRun);
                None
            }
        },
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if files::is_dir(&all) {
                add(&current, "it is gone, or no run came to make it", Remedy::NextRun);
            }
            None
        }
        Err(_) => {
            let remedy = Remedy::SetAside(vec![current.clone()]);
            add(&current, "something else is in place of a link", remedy);
            None
        }
    };
    if key.as_ref().is_some_and(|place| !files::is_there(place)) {
        add(&current, "it leads to no release", Remedy::NextRun);
    }
    for name in files::names_in(&all)? {
        let place = all.join(name);
        let is_current = key.as_ref() == Some(&place);
        if !files::is_dir(&place) {
            let remedy = Remedy::SetAside(vec![place.clone()]);
            add(&place, "something else is in place of a release", remedy);
            continue;
        }
        for what in damage(&place)? {
            // An earlier release is never made again.
            add(&place, &what, if is_current { Remedy::NextRun } else { Remedy::None });
        }
    }
    Ok(found)
}

fn identity_of(root: &Path, study: &str, is_begun: bool, found: &mut Vec<Damage>) -> Result<()> {
    let path = root.join(IDENTITY_FILE);
    let what = match identity::check(root, Holds::Release, study, || former(root)) {
        Err(Error::Damaged { message, .. }) => message,
        Err(error) => return Err(error),
        Ok(()) if !is_begun || files::size(&path)?.is_some() => return Ok(()),
        Ok(()) => "it is gone, or no file".to_owned(),
    };
    found.push(Damage { path, what, remedy: Remedy::Claim });
    Ok(())
}

/// Mends a damage as its remedy says. What is set aside stays in the folder,
/// under a hidden name.
///
/// # Errors
/// [`Error::Io`].
pub fn mend(release_dir: &Path, damage: &Damage, study: &str) -> Result<()> {
    let root = release_dir.canonicalize().at("open", release_dir)?;
    let aside = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        files::rename(path, &root.join(format!(".damaged-{name}-{}", RunId::now())))
    };
    match &damage.remedy {
        Remedy::SetAside(places) => places.iter().try_for_each(|place| aside(place)),
        Remedy::Claim => {
            if files::is_there(&damage.path) {
                aside(&damage.path)?;
            }
            identity::claim(&root, Holds::Release, study, || Former::Nameless)
        }
        _ => Ok(()),
    }
}

/// Refuses to mend the release folder of another study.
///
/// # Errors
/// [`Error::Usage`].
pub fn refuse_another(release_dir: &Path, study: &str) -> Result<()> {
    identity::refuse_another(release_dir, Holds::Release, study, || former(release_dir))
}

/// Refuses the release folder of another study.
///
/// # Errors
/// [`Error::Usage`].
pub fn check_owner(release_dir: &Path, study: &str) -> Result<()> {
    identity::check(release_dir, Holds::Release, study, || former(release_dir))
}

/// Whose releases a version made that knew no identities.
pub(super) fn former(release_dir: &Path) -> Former {
    let description = release_dir.join("current/release.json");
    let found: Option<serde_json::Value> = files::read_json(&description).ok().flatten();
    let study = found.and_then(|found| Some(found.get("study")?.as_str()?.to_owned()));
    study.map_or(Former::None, Former::Of)
}

/// The files of a release that are not as they were written.
pub(super) fn damage(place: &Path) -> Result<Vec<String>> {
    let Some(sums) = read_if_there(&place.join(SUMS_FILE))? else {
        return Ok(vec![format!("{SUMS_FILE} is gone")]);
    };
    let mut damage = Vec::new();
    for line in String::from_utf8_lossy(&sums).lines() {
        let Some((hash, name)) = line.split_once("  ").filter(|(_, name)| is_plain(name)) else {
            return Ok(vec![format!("{SUMS_FILE} was edited")]);
        };
        match read_if_there(&place.join(name))? {
            None => damage.push(format!("{name} is gone")),
            Some(content) if sum(&content) != hash => damage.push(format!("{name} was edited")),
            Some(_) => {}
        }
    }
    if !String::from_utf8_lossy(&sums).contains("  release.json\n") {
        damage.push(format!("{SUMS_FILE} was edited"));
    }
    Ok(damage)
}

/// Reads a file; none where there is none, or something else, be it a link.
fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    match files::size(path)? {
        None => Ok(None),
        Some(_) => std::fs::read(path).at("read", path).map(Some),
    }
}
