//! The plan on a chain of three slices, with what is known set by hand.

use std::collections::BTreeMap;

use super::ingredients::{Ingredients, own_fingerprint};
use super::*;

fn id(name: &str) -> SliceId {
    SliceId::new(name.parse().unwrap(), Some(2018))
}

fn made_from(value: &str) -> Ingredients {
    BTreeMap::from([("sql/a.sql".to_owned(), value.to_owned())])
}

/// raw.jobs → staging.jobs → core.jobs, nothing in the lake.
fn chain() -> Facts {
    let wanted = |name: &str, upstreams: Vec<SliceId>| WantedSlice {
        id: id(name),
        ingredients: made_from(name),
        upstreams,
    };
    let wanted = vec![
        wanted("raw.jobs", vec![]),
        wanted("staging.jobs", vec![id("raw.jobs")]),
        wanted("core.jobs", vec![id("staging.jobs")]),
    ];
    let selected = wanted.iter().map(|slice| slice.id.clone()).collect();
    Facts { wanted, selected, ..Facts::default() }
}

/// Puts the slice that the plan has ready into the lake, with this content.
fn make(facts: &mut Facts, name: &str, content: &str) {
    let drawn = plan(facts);
    let (_, key, _) = *drawn.ready().iter().find(|(slice, ..)| **slice == id(name)).unwrap();
    let key = key.to_owned();
    let wanted = facts.wanted.iter().find(|wanted| wanted.id == id(name)).unwrap().clone();
    let seen = |upstream: &SliceId| match drawn.state(upstream) {
        Some(State::UpToDate { content, .. }) => content.clone(),
        other => panic!("{other:?}"),
    };
    let upstreams = wanted
        .upstreams
        .iter()
        .map(|upstream| UpstreamContent { slice: upstream.clone(), content: seen(upstream) });
    let stored = StoredSlice {
        own: own_fingerprint(&wanted.ingredients),
        key: key.clone(),
        content: content.to_owned(),
        upstreams: upstreams.collect(),
        ingredients: wanted.ingredients,
    };
    facts.stored.entry(id(name)).or_default().push(stored);
    facts.current.insert(id(name), key);
}

fn made() -> Facts {
    let mut facts = chain();
    for name in ["raw.jobs", "staging.jobs", "core.jobs"] {
        make(&mut facts, name, name);
    }
    facts
}

fn change(facts: &mut Facts, name: &str) {
    let wanted = facts.wanted.iter_mut().find(|wanted| wanted.id == id(name)).unwrap();
    wanted.ingredients = made_from("changed");
}

/// One letter a slice: what the plan says of it.
fn letters(facts: &Facts) -> String {
    let letter = |(_, state): &(SliceId, State)| match state {
        State::Unselected => 'u',
        State::UpToDate { .. } => '=',
        State::TakenAsIs { .. } => 't',
        State::WillBeMade { .. } => 'W',
        State::MadeIfChanged { .. } => '?',
        State::Blocked { .. } => 'b',
        State::Failed => 'f',
    };
    plan(facts).lines.iter().map(letter).collect()
}

#[test]
fn an_empty_lake_needs_everything_and_a_full_one_nothing() {
    assert_eq!(letters(&chain()), "WWW");
    assert_eq!(letters(&made()), "===");
}

#[test]
fn equal_content_stops_the_wave_and_other_content_carries_it_on() {
    let mut facts = made();
    change(&mut facts, "raw.jobs");
    assert_eq!(letters(&facts), "W??");
    let mut same = facts.clone();
    make(&mut same, "raw.jobs", "raw.jobs");
    assert_eq!(letters(&same), "===");
    make(&mut facts, "raw.jobs", "other");
    assert_eq!(letters(&facts), "=W?");
    let drawn = plan(&facts);
    assert_eq!(drawn.ready()[0].2, "raw.jobs 2018 changed");
}

#[test]
fn a_change_of_its_own_is_certain_whatever_the_upstream_becomes() {
    let mut facts = made();
    change(&mut facts, "raw.jobs");
    change(&mut facts, "core.jobs");
    assert_eq!(letters(&facts), "W?W");
    assert_eq!(plan(&facts).ready().len(), 1);
}

#[test]
fn a_failure_blocks_what_stands_behind_it() {
    let mut facts = chain();
    facts.failed.insert(id("raw.jobs"));
    assert_eq!(letters(&facts), "fbb");
}

#[test]
fn a_selected_slice_brings_what_it_needs_unless_exactly_it_is_meant() {
    let mut facts = made();
    change(&mut facts, "raw.jobs");
    facts.selected = [id("staging.jobs")].into();
    assert_eq!(letters(&facts), "W?u");
    facts.is_exact = true;
    assert_eq!(letters(&facts), "t=t");
    facts.forced = facts.selected.clone();
    assert_eq!(letters(&facts), "tWt");
    let mut empty = chain();
    empty.selected = [id("staging.jobs")].into();
    empty.is_exact = true;
    assert_eq!(letters(&empty), "ubu");
}
