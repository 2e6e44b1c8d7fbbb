//! honkvast
