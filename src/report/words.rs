//! Words on the page, in both languages at once: the reader's choice hides one.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::pipeline::labels::Words;

/// Text in Dutch and English. Its HTML is one text where they are the same,
/// and marked where one language has no words of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Template)]
#[template(path = "both.html")]
pub(super) struct Both {
    pub(super) nl: String,
    pub(super) en: String,
    /// The language whose words stand for the other, which has none.
    pub(super) only: Option<&'static str>,
}

impl HtmlSafe for Both {}

impl Both {
    /// Words as the study gives them.
    pub(super) fn of(words: &Words) -> Option<Self> {
        match (&words.nl, &words.en) {
            (Some(nl), Some(en)) => Some(both(nl, en)),
            (Some(nl), None) => Some(Both { only: Some("nl"), ..both(nl, nl) }),
            (None, Some(en)) => Some(Both { only: Some("en"), ..both(en, en) }),
            (None, None) => None,
        }
    }

    /// A name or code, which is the same in both.
    pub(super) fn same(text: &str) -> Self {
        both(text, text)
    }
}

/// Text in both languages.
pub(super) fn both(nl: &str, en: &str) -> Both {
    Both { nl: nl.to_owned(), en: en.to_owned(), only: None }
}

/// The same for text in SVG.
#[derive(Debug, Clone, Template)]
#[template(path = "both.svg")]
pub(super) struct Drawn(pub(super) Both);

impl HtmlSafe for Drawn {}
