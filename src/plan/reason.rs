//! Why a slice will be made, in a person's words: what differs from the slice
//! that is current, or from the last one made.

use super::ingredients::{Ingredients, OUTPUT_VERSION_NAME};
use super::{Facts, StoredSlice, UpstreamContent, WantedSlice};

/// The reason for making a slice. `contents` are those of its upstreams, where
/// all are known.
pub fn reason(
    facts: &Facts,
    wanted: &WantedSlice,
    contents: Option<&[UpstreamContent]>,
    is_forced: bool,
) -> String {
    if is_forced {
        return "forced".to_owned();
    }
    let Some(before) = before(facts, wanted) else { return "missing".to_owned() };
    let mut reasons = ingredient_reasons(&wanted.ingredients, &before.ingredients);
    for upstream in contents.unwrap_or_default() {
        let seen = before.upstreams.iter().find(|seen| seen.slice == upstream.slice);
        match seen {
            Some(seen) if seen.content == upstream.content => {}
            Some(_) => reasons.push(format!("{} changed", upstream.slice)),
            None => reasons.push(format!("{} is new", upstream.slice)),
        }
    }
    for seen in &before.upstreams {
        if contents.is_some() && !wanted.upstreams.contains(&seen.slice) {
            reasons.push(format!("{} is no longer read", seen.slice));
        }
    }
    match reasons.as_slice() {
        [] => "missing".to_owned(),
        [first] => first.clone(),
        [first, second] => format!("{first}; {second}"),
        [first, second, rest @ ..] => format!("{first}; {second}; and {} more", rest.len()),
    }
}

/// The slice to compare with: the current one, else the last that is stored.
fn before<'a>(facts: &'a Facts, wanted: &WantedSlice) -> Option<&'a StoredSlice> {
    let stored = facts.stored.get(&wanted.id)?;
    let current = facts.current.get(&wanted.id);
    let current = stored.iter().find(|slice| Some(&slice.key) == current);
    current.or_else(|| stored.last())
}

fn ingredient_reasons(now: &Ingredients, before: &Ingredients) -> Vec<String> {
    let mut reasons = Vec::new();
    for (name, value) in now {
        match before.get(name) {
            Some(old) if old == value => {}
            old => reasons.push(changed(name, value, old.is_none())),
        }
    }
    // A file in place of another one was told already.
    let is_file = |name: &str| name.starts_with("file ");
    let has_new_file = now.keys().any(|name| is_file(name) && !before.contains_key(name));
    let is_replaced = |name: &String| is_file(name) && has_new_file;
    let gone = before.keys().filter(|name| !now.contains_key(*name) && !is_replaced(name));
    reasons.extend(gone.map(|name| format!("{name} is gone")));
    reasons
}

fn changed(name: &str, value: &str, is_new: bool) -> String {
    if let Some(file) = name.strip_prefix("file ") {
        return if is_new { format!("new file {file}") } else { format!("file {file} changed") };
    }
    match name.split_once(' ') {
        Some(("parameter", parameter)) => format!("parameter {parameter} is now {value}"),
        _ if name == OUTPUT_VERSION_NAME => "honkvast makes other output now".to_owned(),
        _ if is_new => format!("{name} is new"),
        _ => format!("{name} changed"),
    }
}
