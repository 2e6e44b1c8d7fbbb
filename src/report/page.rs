//! The page as a whole.

use std::collections::BTreeSet;

use askama::Template;

use super::bars::unwritten;
use super::figure::{FigureView, declared, view};
use super::made::{Made, made};
use super::release::Release;
use super::words::{Both, both};
use crate::error::Result;
use crate::pipeline::report::Figure;

/// Raised when the page of the same release becomes another one.
pub const REPORT_VERSION: u32 = 1;

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    key: String,
    is_candidate: bool,
    study: String,
    title: Both,
    words: Option<Both>,
    disclosure: String,
    sections: Vec<SectionView>,
    made: Made,
}

/// A section with figures.
struct SectionView {
    id: String,
    title: Both,
    words: Option<Both>,
    figures: Vec<FigureView>,
}

/// The page of a release.
///
/// # Errors
/// [`crate::Error::Internal`] where a template fails.
pub fn page(release: &Release) -> Result<String> {
    let about = &release.about;
    let mut sections = Vec::new();
    let mut shown = BTreeSet::new();
    for section in &about.report.sections {
        let number = sections.len() + 1;
        let mut figures = Vec::new();
        for figure in &section.figures {
            let Some(table) = release.tables.get(&figure.table) else { continue };
            shown.insert(&figure.table);
            let id = format!("figure-{number}-{}", figures.len() + 1);
            figures.push(view(release, table, figure, id, is_bare(figure))?);
        }
        if figures.is_empty() {
            continue;
        }
        sections.push(SectionView {
            id: format!("section-{number}"),
            title: Both::of(&section.title).unwrap_or_default(),
            words: Both::of(&section.words),
            figures,
        });
    }
    let mut figures = Vec::new();
    for (name, table) in release.tables.iter().filter(|(name, _)| !shown.contains(name)) {
        let figure = declared(table, &about.report.shares);
        figures.push(view(release, table, &figure, format!("table-{name}"), true)?);
    }
    if !figures.is_empty() {
        let title = match sections.is_empty() {
            true => both("Tabellen", "Tables"),
            false => both("Andere tabellen", "Other tables"),
        };
        sections.push(SectionView { id: "tables".to_owned(), title, words: None, figures });
    }
    let page = Page {
        key: release.key.clone(),
        is_candidate: release.is_candidate,
        study: about.study.clone(),
        title: Both::of(&about.report.title).unwrap_or_else(|| Both::same(&about.title)),
        words: Both::of(&about.report.words),
        disclosure: about.disclosure.clone(),
        sections,
        made: made(release),
    };
    page.render().map_err(unwritten)
}

/// A figure that names nothing but its table.
fn is_bare(figure: &Figure) -> bool {
    figure.rows.is_empty() && figure.values.is_empty() && figure.statements.is_empty()
}
