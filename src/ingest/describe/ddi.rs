//! Reads the layout of fixed width text from a codebook of the Data Documentation
//! Initiative (DDI Codebook, XML), as archives deliver it beside the data: names,
//! labels, places, implied decimals, meanings of codes.

use std::path::Path;

use roxmltree::{Document, Node, ParsingOptions};

use crate::error::{Error, IoContext, Result, printable};
use crate::lake::{CodeLabel, FileColumn, UserMissing};
use crate::pipeline::codebook::Position;
use crate::pipeline::toml_reader::DefinitionText;

/// A larger layout is none.
const MOST_BYTES: u64 = 64 << 20;
/// Parts of the text, which bounds the memory that it takes.
const MOST_NODES: u32 = 10_000_000;
const MOST_DECIMALS: u32 = 38;
const HINT: &str = "a layout is read from DDI Codebook (XML); those of SPSS (`data list`) and of \
                    SAS (`input`) are not";

/// A column as a layout has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LaidOut {
    /// What is said of it.
    pub(super) column: FileColumn,
    /// Where it stands.
    pub(super) position: Position,
    /// Decimals that are written without a mark.
    pub(super) implied_decimals: u8,
}

/// Reads the columns of a layout, in its order.
///
/// # Errors
/// [`Error::Definition`] with the line for what is no such layout, or one of
/// records that are not lines; [`Error::Io`].
pub(super) fn read_layout(path: &Path) -> Result<Vec<LaidOut>> {
    if path.metadata().at("read", path)?.len() > MOST_BYTES {
        let message = format!("{}: is too large for a layout", printable(path));
        return Err(Error::usage(message).with_hint(HINT));
    }
    let text = std::fs::read(path).at("read", path)?;
    let text = String::from_utf8(text).map_err(|_| {
        let message = format!("{}: the layout is not UTF-8", printable(path));
        Error::usage(message).with_hint(HINT)
    })?;
    let layout = DefinitionText { file: path.to_path_buf(), text };
    read_text(&layout)
}

fn read_text(layout: &DefinitionText) -> Result<Vec<LaidOut>> {
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&layout.text, options).map_err(|error| {
        let place = error.pos();
        let lines = layout.text.split_inclusive('\n').take(place.row.saturating_sub(1) as usize);
        let offset = lines.map(str::len).sum();
        match error {
            roxmltree::Error::DtdDetected => layout
                .mistake(offset, "the layout has a document type (`<!DOCTYPE`), which is not read")
                .with_hint("take it out of the layout"),
            _ => layout.mistake(offset, "the layout is not well-formed XML").with_hint(HINT),
        }
    })?;
    let root = document.root_element();
    if root.tag_name().name() != "codeBook" {
        return Err(mistake(layout, root, "the layout is not of DDI Codebook").with_hint(HINT));
    }
    let variables = root.descendants().filter(|node| is_named(*node, "var"));
    let mut columns = Vec::new();
    let mut files = None;
    for variable in variables {
        if *files.get_or_insert(variable.attribute("files")) != variable.attribute("files") {
            let message = "the layout has variables of several files; leave those of one";
            return Err(mistake(layout, variable, message));
        }
        columns.push(read_variable(layout, variable)?);
    }
    match columns.is_empty() {
        true => Err(mistake(layout, root, "the layout has no variables").with_hint(HINT)),
        false => Ok(columns),
    }
}

fn read_variable(layout: &DefinitionText, variable: Node<'_, '_>) -> Result<LaidOut> {
    let Some(name) = variable.attribute("name").filter(|name| !name.trim().is_empty()) else {
        return Err(mistake(layout, variable, "the variable has no `name`"));
    };
    let codes = || children(variable, "catgry").filter_map(code);
    let missing = codes().filter(|(_, is_missing)| *is_missing);
    let column = FileColumn {
        name: name.trim().to_owned(),
        label: children(variable, "labl").next().map(words).unwrap_or_default(),
        codes: codes().map(|(code, _)| code).filter(|code| !code.label.is_empty()).collect(),
        user_missing: missing.map(|(code, _)| UserMissing::Code { code: code.code }).collect(),
        ..FileColumn::default()
    };
    let decimals = number(layout, variable, "dcml")?.unwrap_or(0);
    let implied_decimals = u8::try_from(decimals).ok().filter(|_| decimals <= MOST_DECIMALS);
    let Some(implied_decimals) = implied_decimals else {
        return Err(mistake(layout, variable, "`dcml` is more than 38"));
    };
    Ok(LaidOut { column, position: read_place(layout, variable)?, implied_decimals })
}

/// The place of a variable; all of a record stands in one line.
fn read_place(layout: &DefinitionText, variable: Node<'_, '_>) -> Result<Position> {
    let mut places = children(variable, "location");
    let (Some(place), None) = (places.next(), places.next()) else {
        let message = "the variable must have one `location` in fixed width text";
        return Err(mistake(layout, variable, message));
    };
    if number(layout, place, "RecSegNo")?.is_some_and(|segment| segment != 1) {
        let message = "the variable stands in a further line of its record, which is not read";
        return Err(mistake(layout, place, message));
    }
    let (first, end) = (number(layout, place, "StartPos")?, number(layout, place, "EndPos")?);
    let width = number(layout, place, "width")?;
    let by_width = first.zip(width).and_then(|(first, width)| (first - 1).checked_add(width));
    match (first, end.or(by_width)) {
        (Some(first), Some(last))
            if first <= last && by_width.is_none_or(|by_width| by_width == last) =>
        {
            Ok(Position { first, last })
        }
        _ => {
            let message = "`StartPos` with `EndPos` or `width` must say where the variable stands";
            Err(mistake(layout, place, message))
        }
    }
}

/// A code with its meaning, and whether it means "no value".
fn code(category: Node<'_, '_>) -> Option<(CodeLabel, bool)> {
    let code = children(category, "catValu").next().map(words)?;
    let label = children(category, "labl").next().map(words).unwrap_or_default();
    let is_missing = category.attribute("missing").is_some_and(|said| said.starts_with(['Y', 'y']));
    Some((CodeLabel { code, label }, is_missing))
}

/// A number of an attribute, none where it is not given. Places count from one.
fn number(layout: &DefinitionText, node: Node<'_, '_>, name: &str) -> Result<Option<u32>> {
    let Some(text) = node.attribute(name) else { return Ok(None) };
    let least = u32::from(name != "dcml");
    let number = text.trim().parse().ok().filter(|number| *number >= least);
    let wrong =
        || mistake(layout, node, format!("`{name}` must be a whole number from {least} on"));
    number.map(Some).ok_or_else(wrong)
}

fn children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| is_named(*child, name))
}

/// Elements are known by their names in any version of DDI, whose namespaces differ.
fn is_named(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

/// All text of a node, its blanks and line ends as single blanks.
fn words(node: Node<'_, '_>) -> String {
    let text: String =
        node.descendants().filter(Node::is_text).filter_map(|part| part.text()).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn mistake(layout: &DefinitionText, node: Node<'_, '_>, message: impl Into<String>) -> Error {
    layout.mistake(node.range().start, message)
}
